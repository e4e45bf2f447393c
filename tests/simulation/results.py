"""What a request came to in the end: one execution counts, the last; those before it cost
nothing (S2, S4, S10), and each result that was made is a file of its own (S3, S8)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from domain.errors import Failure
from domain.execution import State
from domain.spoken import CONTINUES
from tests.simulation.facts import VIDEO_MAGIC
from tests.simulation.ledger import Accepted, content_of

if TYPE_CHECKING:
    from tests.simulation.spy import Change
    from tests.simulation.world import World

# `execution_1a`, then `execution_1a-2`: the newest name of a request is its latest execution.
LATEST = "(SELECT MAX(id) FROM execution AS newest WHERE newest.request_id = request.id)"
EXECUTIONS_MAX = 3
# What is the gateway's own doing. What it refuses, or may charge for, goes nowhere else.
_THEIRS = frozenset({"config", "credits", "rate", "transient", "gone", "drift"})
_SPOIL = ("download.", "media.", "clock.", "check.")


def bound(world: World, change: Change) -> None:
    """S8: an execution is bound to what a vendor accepted for it, and to nothing else."""
    entry = world.vendors.by_id(change.new["remote_id"])
    if entry is None or entry.execution_id != change.id:
        said = f"{change.id} is bound to {change.new['remote_id']}, not its own"
        world.checker.breach("S8", said)


def paid_once(world: World, executions: Sequence[dict[str, Any]]) -> None:
    """S4: of all executions of a request at most one costs money."""
    of_request: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(executions, key=lambda row: str(row["id"])):
        of_request[row["request_id"]].append(row)
    for request_id, rows in of_request.items():
        if len(rows) > EXECUTIONS_MAX:
            world.checker.breach("S2", f"{request_id} has {len(rows)} executions")
        for row in rows[:-1]:
            _cost_nothing(world, row)
        for row in rows[1:]:
            _was_wanted(world, rows[0], row)
        paid = [entry for row in rows for entry in world.vendors.paid_for(row["id"])]
        billed = [e for e in paid if not e.is_unbilled and not world.forgot(e.at)]
        if len(billed) > 1:
            names = " and ".join(f"{e.remote_id} at {e.vendor}" for e in billed)
            world.checker.breach("S4", f"{request_id} is paid {len(billed)} times: {names}")


def _was_wanted(world: World, first: dict[str, Any], row: dict[str, Any]) -> None:
    """Who asked for a model by its name is asked before another one is paid."""
    another = _model(row) != _model(first) and first["wished"]
    said_yes = any(row["request_id"] in value for value in world.checker.said_yes)
    if another and row["submitted_at"] is not None and not said_yes:
        world.checker.breach("ASK", f"{row['id']} is another model, paid without a yes")


def _model(row: dict[str, Any]) -> str:
    return str(row["offer"]).partition("@")[0]


def _cost_nothing(world: World, row: dict[str, Any]) -> None:
    """An execution after which another was begun has failed, by the vendor's doing, and is free."""
    failure = Failure.model_validate_json(row["failure"]) if row["failure"] else None
    theirs = failure is not None and (failure.kind in _THEIRS or failure.field == CONTINUES)
    free = theirs and failure is not None and failure.billed is False
    if row["state"] != State.FAILED or not free:
        why = failure.kind if failure else "nothing"
        world.checker.breach("S4", f"{row['id']} is {row['state']} of {why} and was rerouted")
    if row["reserved_micro_usd"] or row["billed_micro_usd"]:
        world.checker.breach("S10", f"{row['id']} was rerouted and still counts for money")
    for entry in world.vendors.paid_for(row["id"]):
        if not entry.is_unbilled and not world.forgot(entry.at):
            world.checker.breach("S4", f"{row['id']} was rerouted, {entry.remote_id} is paid")


def hold(world: World) -> None:
    """S8: each video that is kept is the result it says, and no two share a file."""
    keys: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for row in world.rows(
        "SELECT video.execution_id, video.number, video.media_key, execution.remote_id FROM video"
        " JOIN execution ON execution.id = video.execution_id ORDER BY video.id"
    ):
        keys[row["media_key"]] += 1
        counts[row["execution_id"]] += 1
        entry = world.vendors.by_id(row["remote_id"])
        if entry is not None and world.media.get(row["media_key"]) not in _contents(entry):
            world.checker.breach("S8", f"{row['media_key']} is not what {entry.remote_id} made")
    for key, times in keys.items():
        if times > 1:
            world.checker.breach("S8", f"{times} videos share the file {key}")
    _all_of_them(world, counts)


def _all_of_them(world: World, counts: Counter[str]) -> None:
    """Nothing that was made and paid is left behind, where nothing spoiled it."""
    if is_spoiled(world):
        return
    for row in world.rows("SELECT id, remote_id FROM execution WHERE state = 'succeeded'"):
        entry = world.vendors.by_id(row["remote_id"])
        if entry is not None and counts[row["id"]] != entry.made:
            said = f"{row['id']} has {counts[row['id']]} videos, {entry.made} were made"
            world.checker.breach("S3", said)


def is_spoiled(world: World) -> bool:
    """Whether something kept an answer or a result from being read as it was."""
    return any(kind.startswith(_SPOIL) for kind in world.faults.struck)


def name_of(content: bytes) -> str:
    """The result that a file is."""
    return content.removeprefix(VIDEO_MAGIC).decode().strip()


def _contents(entry: Accepted) -> set[bytes]:
    return {content_of(entry.name(number)) for number in range(1, entry.order.results + 1)}


def shown(world: World, names: Counter[str]) -> None:
    """S3: what is said to be in its thread is there."""
    for row in world.rows(
        "SELECT execution.id, execution.remote_id, outbox.payload FROM execution JOIN outbox ON"
        " (outbox.subject_id = execution.id OR outbox.subject_id LIKE execution.id || '#%')"
        " AND outbox.kind = 'file' AND outbox.state = 'sent'"
    ):
        number = int(json.loads(row["payload"] or "{}").get("result", 1))
        entry = world.vendors.by_id(row["remote_id"])
        name = entry.name(number) if entry is not None else row["remote_id"]
        if names[name] == 0:
            world.checker.breach("S3", f"{name} of {row['id']} is said to be shown and is not")
