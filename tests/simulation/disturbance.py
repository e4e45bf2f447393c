"""For how long at most what struck can have kept the bot from something: limits are widened by it,
and are not dropped."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.steps import SUBMIT_LEASE_S

# What was claimed and could not be written down is given back a second later, and due again soon
# after that: half a minute later at the sixth time in a row, which nobody sees of few.
NOT_WRITTEN_S = 10.0
DELAYS_S: Mapping[str, float] = {
    "db.slow": 10.0,
    **dict.fromkeys(("db.locked", "db.full", "db.io", "db.unsure"), NOT_WRITTEN_S),
    # A step that is cut off after its intent may be on the wire until its lease has lapsed.
    "cancel": SUBMIT_LEASE_S + 10.0,
    "slack.slow": 15.0,
    "slack.rate": 35.0,
    "slack.timeout_after": 60.0,
}
OTHERS_S = 60.0  # a lost call is tried again after some time, a bug in a step too
# What vendors do is no reason to be silent; and what is delivered is no hindrance.
_HINDERS = ("db.", "slack.", "clock.", "media.", "cancel", "raise", "vendor.hangs")


def delay_s(struck: Mapping[str, int], before: Mapping[str, int] | None = None) -> float:
    """Seconds, for what struck since `before`."""
    return sum(
        DELAYS_S.get(kind, OTHERS_S) * (times - (before or {}).get(kind, 0))
        for kind, times in struck.items()
        if kind.startswith(_HINDERS)
    )
