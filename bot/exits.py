"""Exit statuses, in the words of sysexits.h, so that a supervisor knows what to do."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Why the process ended."""

    OK = 0
    NOT_WELL = 1  # doctor found something to mend
    REFUSED = 2  # the command line, or a line that cannot be understood
    LOOP_DIED = 70  # EX_SOFTWARE: start again, the database is enough to go on
    NO_SLACK = 69  # EX_UNAVAILABLE: Slack does not answer; start again in a while
    HELD = 75  # EX_TEMPFAIL: another process has the database; try again later
    CONFIG = 78  # EX_CONFIG: starting again changes nothing until somebody mends it
    INTERRUPTED = 130  # 128 + SIGINT
