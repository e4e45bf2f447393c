"""`doctor`: look at everything the bot needs, and give one fix a line.

It writes no row, posts nothing and pays nothing. Slack is asked who we are and what we may do, each
vendor whether the key is good and what is left, by reads; `--no-probe` leaves the vendors alone.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

from bot.doctor_local import (
    look_at_database,
    look_at_media,
    look_at_port,
    look_at_program,
    look_at_silence,
)
from bot.doctor_slack import look_at_slack
from bot.doctor_vendors import look_at_vendors
from bot.exits import Exit
from bot.findings import Finding, State, as_table, mend, ok
from bot.settings import BadSettings, Settings, load
from bot.slack import open_session


async def run(*, probes_vendors: bool) -> Exit:
    """Print the table; 1 where something keeps the bot from working."""
    findings = list(look_at_program())
    try:
        settings = load()
    except BadSettings as error:
        findings += [mend("settings", problem, "") for problem in error.problems]
    else:
        findings += await _examine(settings, probes_vendors=probes_vendors)
    sys.stdout.write(as_table(findings) + "\n")
    to_mend = sum(finding.state is State.MEND for finding in findings)
    sys.stdout.write(f"\n{_verdict(to_mend)}\n")
    return Exit.NOT_WELL if to_mend else Exit.OK


def versions() -> list[dict[str, str]]:
    """As the Slack CLI's doctor hook wants them (slackapi/python-slack-hooks, hooks/doctor.py)."""
    names = ("slack-bolt", "slack-sdk", "aiohttp")
    found = [{"name": name, "current": version(name)} for name in names]
    return [{"name": "python", "current": platform.python_version()}, *found]


async def _examine(settings: Settings, *, probes_vendors: bool) -> list[Finding]:
    async with open_session() as session:
        slack = await look_at_slack(settings, session)
    return [
        ok("settings", "complete"),
        *slack,
        *look_at_silence(settings),
        look_at_port(settings),
        *look_at_database(settings),
        await look_at_media(settings),
        *await look_at_vendors(settings, probes=probes_vendors),
    ]


def _verdict(to_mend: int) -> str:
    match to_mend:
        case 0:
            return "Ready: bin/run (in the container: python -m bot run)"
        case 1:
            return "One thing to mend."
        case _:
            return f"{to_mend} things to mend."
