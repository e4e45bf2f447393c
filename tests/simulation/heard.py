"""What people must have heard in the end, read in Slack's own ledger: the video in its thread, or a
word to its requester about that very request. What the bot says that it sent counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.simulation import results

if TYPE_CHECKING:
    from tests.simulation.world import World

TAKES = (
    "SELECT request.id, request.requester, request.take, request.channel, request.shot_id,"
    " shot.number, execution.id AS execution_id, execution.state, execution.remote_id,"
    " execution.cancel_requested_at FROM request"
    " JOIN shot ON shot.id = request.shot_id"
    " JOIN execution ON execution.request_id = request.id"
    f" WHERE execution.id = {results.LATEST} ORDER BY request.id"
)
# How a line in the thread says each end, and how the card begins.
PINGS: Mapping[str, tuple[str, ...]] = {
    "failed": ("was not made", "needs an answer"),
    "expired": ("has expired",),
    "late": ("is late",),
    "uncertain": ("may have been charged",),
}
CARDS: Mapping[str, tuple[str, ...]] = {
    "succeeded": ("Done", "Approved"),
    "failed": ("Not made", "Needs an answer"),
    "cancelled": ("Cancelled",),
    "expired": ("Expired",),
    "late": ("Late",),
    "uncertain": ("Uncertain", "Checking"),
}
# What a channel says no to for good. Words that belong there are then said to their person alone.
FOR_GOOD = (
    *("slack.no_channel", "slack.not_in_channel", "slack.archived", "slack.restricted"),
    *("slack.blocks", "slack.too_long"),
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


def words(world: World) -> None:
    """S3: every end is on its card and in a line to whoever waited, and the channel hears of the
    first video; where Slack did not let it be said, its requester was written to about it."""
    takes = world.rows(TAKES)
    newest = {take["shot_id"]: take for take in sorted(takes, key=lambda take: int(take["take"]))}
    for take in takes:
        _ping(world, take)
        if take["id"] == newest[take["shot_id"]]["id"]:
            _card(world, take)
    shown = _shown(world)
    for shot_id, take in newest.items():
        ours = [each for each in takes if each["shot_id"] == shot_id]
        if any(shown[name] for each in ours for name in _names(world, each)):
            _broadcast(world, take)


def _card(world: World, take: dict[str, Any]) -> None:
    """The one message that everybody in the channel sees tells how it ended."""
    if _is_taken_away(world, take):
        return
    cards = world.slack.of(f"card:{take['shot_id']}")
    if any(card.text.startswith(CARDS.get(take["state"], ())) for card in cards):
        return
    if any(card.stuck is not None for card in cards):
        return  # it can't be edited any more, and there is one card a shot
    excused = not cards or _is_closed(world)
    if not (excused and directly(world, take)):
        says = [card.text[:40] for card in cards]
        world.checker.breach("S3", f"{label(take)} is {take['state']}; its card says {says}")


def _ping(world: World, take: dict[str, Any]) -> None:
    """What ended without a video is said to whoever waits for it, and so is each bad news on the
    way there that the take's message ever had."""
    lines = _lines(world, take)
    news = _bad_news(world, take)
    known = not (bad := PINGS.get(take["state"])) or any(w in line for line in lines for w in bad)
    if (known and len(lines) >= len(news)) or directly(world, take):
        return
    what = f"{label(take)} is {take['state']}, and its requester was told {len(lines)} of {news}"
    world.checker.breach("S3", what)


def _lines(world: World, take: dict[str, Any]) -> list[str]:
    """What was said to its requester about a take in its channel, but for its file and messages."""
    who, named = f"<@{take['requester']}>", about(take)
    return [
        message.text
        for message in world.slack.messages.values()
        if message.channel == take["channel"]
        and (message.mark or "").endswith("/ping")
        and who in message.text
        and named.search(message.text)
    ]


def _bad_news(world: World, take: dict[str, Any]) -> list[str]:
    """Which ends without a video its message showed, one after the other."""
    shown = [text for m in world.slack.of(f"take:{take['id']}") for _, text in m.texts]
    return [end for end in PINGS if any(text.startswith(CARDS[end]) for text in shown)]


def _broadcast(world: World, take: dict[str, Any]) -> None:
    """The channel hears of a shot's first video."""
    told = [
        message
        for message in world.slack.messages.values()
        if message.channel == take["channel"]
        and message.broadcast
        and re.search(rf"\bV-{take['number']} take \d+ is (done|approved)", message.text)
    ]
    if not told and not _is_closed(world) and not _is_taken_away(world, take):
        said = f"V-{take['number']} has a video, and its channel never heard of it"
        world.checker.breach("S3", said)


def _is_taken_away(world: World, take: dict[str, Any]) -> bool:
    """Whether somebody deleted the card, and with it the place where its thread was."""
    return any(card.deleted for card in world.slack.of(f"card:{take['shot_id']}"))


def _is_closed(world: World) -> bool:
    """Whether Slack said no in a channel."""
    return any(world.faults.struck[kind] for kind in FOR_GOOD)


def _names(world: World, take: dict[str, Any]) -> list[str]:
    return _made(world, take) if take["state"] == "succeeded" else []


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
