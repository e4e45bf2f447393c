"""What people must have heard in the end, read in Slack's own ledger: the video in its thread, or a
word to its requester about that very request. What the bot says that it sent counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.simulation import results

if TYPE_CHECKING:
    from tests.simulation.world import World

TAKES = (
    "SELECT request.id, request.requester, request.take, request.channel, request.shot_id,"
    " shot.number, execution.id AS execution_id, execution.state, execution.remote_id FROM request"
    " JOIN shot ON shot.id = request.shot_id"
    " JOIN execution ON execution.request_id = request.id"
    f" WHERE execution.id = {results.LATEST} ORDER BY request.id"
)
_SLACKS = ("slack.", "raise", "cancel")  # what can keep a file from its thread for good


def about(take: dict[str, Any]) -> re.Pattern[str]:
    """What names a take: its own label, or that of its shot alone."""
    return re.compile(rf"\bV-{take['number']}(?! take )\b(?!\d)|\b{label(take)}\b")


def label(take: dict[str, Any]) -> str:
    """`V-3 take 2`."""
    return f"V-{take['number']} take {take['take']}"


def directly(world: World, take: dict[str, Any]) -> bool:
    """Whether its requester was written to about this take, alone."""
    user, named = take["requester"], about(take)
    said = [m for m in world.slack.messages.values() if m.channel == f"D{user}"]
    told = [text for message in said for _, text in message.texts]
    told += [whisper.text for whisper in world.slack.whispers if whisper.user == user]
    return any(named.search(text) for text in told)


def videos(world: World) -> None:
    """S3: every result of every take that succeeded is in Slack; where Slack did not let it be
    there, its requester knows."""
    shown = _shown(world)
    excused = any(kind.startswith(_SLACKS) for kind in world.faults.struck)
    for take in world.rows(TAKES):
        if take["state"] != "succeeded":
            continue
        missing = [name for name in _made(world, take) if not shown[name]]
        if missing and not (excused and directly(world, take)):
            said = f"{label(take)} succeeded; {' '.join(missing)} is not in Slack, nobody was told"
            world.checker.breach("S3", said)


def _shown(world: World) -> Counter[str]:
    """The results that people see, by name."""
    files = world.slack.files
    seen = [m.file_id for m in world.slack.messages.values() if m.file_id and not m.deleted]
    return Counter(results.name_of(files[file_id].content or b"") for file_id in seen)


def _made(world: World, take: dict[str, Any]) -> list[str]:
    """What the vendor made of it; where an answer was spoiled, what was kept of that."""
    entry = world.vendors.by_id(take["remote_id"])
    if entry is None:
        return []
    if not results.is_spoiled(world):
        return [entry.name(number) for number in range(1, entry.made + 1)]
    kept = "SELECT number FROM video WHERE execution_id = ? ORDER BY number"
    numbers = [row["number"] for row in world.rows(kept, take["execution_id"])]
    return [entry.name(number) for number in numbers or (1,)]
