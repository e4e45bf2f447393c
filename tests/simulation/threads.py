"""What threads show: each its own videos, each once, and after a transparent one a preview that
everybody's Slack can play (S8, E7)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation import results
from tests.simulation.facts import PREVIEW_MAGIC
from tests.simulation.ledger import ORDINAL
from tests.simulation.plan import Plot
from tests.simulation.wishes import TOKEN

if TYPE_CHECKING:
    from tests.simulation.world import World


def hold(world: World) -> None:
    """Everything that is in a thread belongs there. Where it was shown, and that it was, may be
    forgotten with a restore (F9)."""
    if world.restored_at is not None:
        return
    shown: Counter[str] = Counter()
    previewed: Counter[str] = Counter()
    for said in world.slack.messages.values():
        if said.file_id is None or said.deleted:
            continue
        content = world.slack.files[said.file_id].content or b""
        name = results.name_of(content.removeprefix(PREVIEW_MAGIC))
        (previewed if content.startswith(PREVIEW_MAGIC) else shown)[name] += 1
        _belongs(world, said.channel, said.thread_ts, name.partition(ORDINAL)[0])
    for name, times in (*shown.items(), *previewed.items()):
        if times > 1:
            world.checker.breach("E7", f"the video {name} is shown {times} times")
    results.shown(world, shown)
    _previews(world, shown, previewed)


def _belongs(world: World, channel: str, thread_ts: str | None, remote_id: str) -> None:
    entry = world.vendors.by_id(remote_id)
    names = (remote_id, *(entry.names if entry is not None else ()))
    rows = world.rows(
        "SELECT execution.id, message.ts, message.channel FROM execution JOIN message ON"
        " message.shot_id = execution.shot_id AND message.kind = 'card'"
        f" WHERE execution.remote_id IN ({', '.join('?' * len(names))})",
        *names,
    )
    if [(row["channel"], row["ts"]) for row in rows] != [(channel, thread_ts)]:
        world.checker.breach("S8", f"the video {remote_id} is shown in {channel} {thread_ts}")
    owners = {e.execution_id for e in world.vendors.ledger if e.remote_id == remote_id}
    if {row["id"] for row in rows} != owners:
        world.checker.breach("S8", f"the video {remote_id} belongs to {owners}")


def _previews(world: World, shown: Counter[str], previewed: Counter[str]) -> None:
    """A transparent video that is shown is previewed too, and no other is."""
    stories = world.plan.stories
    clear = {f"k{s.number}x{s.team}" for s in stories if s.plot is Plot.TRANSPARENT}
    for name in shown.keys() | previewed.keys():
        entry = world.vendors.by_id(name)
        token = TOKEN.search(entry.prompt) if entry is not None else None
        asked = token is not None and token[0] in clear
        missing = world.checker.is_undisturbed() and previewed[name] < asked
        if previewed[name] > asked or missing:
            world.checker.breach(
                "PREVIEW", f"{name} has {previewed[name]} previews, asked: {asked}"
            )
