"""Sixty real kills, half of them over each transport; and a counter that is known to count."""

from __future__ import annotations

import copy
import secrets
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.kill.__main__ import RESUME_LIMIT_S, figures
from tests.kill.count import World, count
from tests.kill.people import mark_of
from tests.kill.run import kill_run
from tests.kill.stage import Json

KILLS = 30

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_random_kills_lose_nothing_and_pay_nothing_twice(
    transport: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = secrets.randbelow(10**9)
    report = await kill_run(times=KILLS, transport=transport, seed=seed)
    told = figures(report)
    with capsys.disabled():
        sys.stdout.write(f"\nkill run: {told}\n")
    assert report.violations == [], f"seed {seed}, kept at {report.kept_at}"
    assert told["commands_accepted"] >= 2, told
    assert told["payments"] >= 2, told
    assert told["resumed_samples"] >= 2, told
    assert told["resumed_p99_s"] <= RESUME_LIMIT_S, told
    assert report.world is not None
    _counter_counts(report.world)


def _counter_counts(world: World) -> None:
    """Each thing that may go wrong, done to a world in which nothing did, is noticed."""
    assert count(world).violations == []
    for spoil in _WRONGS:
        spoilt = replace(
            world,
            rows=copy.deepcopy(world.rows),
            messages=copy.deepcopy(world.messages),
            ledger=copy.deepcopy(world.ledger),
        )
        spoil(spoilt)
        assert count(spoilt).violations, f"{spoil.__name__} was not noticed"


def a_request_is_lost(world: World) -> None:
    accepted = next(command for command in world.commands if command.accepted)
    world.rows["request"] = [r for r in world.rows["request"] if accepted.prompt not in r["work"]]


def a_request_is_doubled(world: World) -> None:
    first = next(r for r in world.rows["request"] if r["source"] == "command")
    world.rows["request"].append({**first, "id": "request_again"})
    for table in ("execution", "outcome", "message"):
        twins = [r for r in world.rows[table] if r["request_id"] == first["id"]]
        world.rows[table] += [{**r, "request_id": "request_again"} for r in twins]


def a_submit_is_paid_twice(world: World) -> None:
    assert isinstance(world.ledger, list)
    world.ledger.append({**world.ledger[0], "id": "another"})


def nobody_asked_for_a_payment(world: World) -> None:
    assert isinstance(world.ledger, list)
    stranger = {"input": {"prompt": "nobody's"}}
    world.ledger.append({**world.ledger[0], "id": "another", "input": stranger})


def an_outcome_is_missing(world: World) -> None:
    world.rows["outcome"].pop()


def an_outcome_is_another(world: World) -> None:
    world.rows["outcome"][0]["kind"] = "cancelled"


def a_message_says_something_else(world: World) -> None:
    _take_message(world)["text"] = "Rendering · V-1 take 1"


def a_take_message_is_doubled(world: World) -> None:
    message = _take_message(world)
    _place_of(world, message).append({**message, "ts": "1.000001"})


def a_take_message_is_lost(world: World) -> None:
    message = _take_message(world)
    _place_of(world, message).remove(message)


def a_file_is_doubled(world: World) -> None:
    message = _file_message(world)
    _place_of(world, message).append({**message, "ts": "1.000001"})


def a_file_is_lost(world: World) -> None:
    message = _file_message(world)
    _place_of(world, message).remove(message)


def a_card_is_doubled(world: World) -> None:
    message = _first(world, lambda m: mark_of(m).startswith("card:"))
    _place_of(world, message).append({**message, "ts": "1.000001"})


def a_broadcast_is_lost(world: World) -> None:
    message = _first(world, lambda m: mark_of(m).endswith("/broadcast"))
    _place_of(world, message).remove(message)


def something_is_not_told(world: World) -> None:
    world.rows["outbox"][0]["state"] = "unknown"


_WRONGS: tuple[Callable[[World], None], ...] = (
    *(a_request_is_lost, a_request_is_doubled, a_submit_is_paid_twice),
    *(nobody_asked_for_a_payment, an_outcome_is_missing, an_outcome_is_another),
    *(a_message_says_something_else, a_take_message_is_doubled, a_take_message_is_lost),
    *(a_file_is_doubled, a_file_is_lost, a_card_is_doubled, a_broadcast_is_lost),
    something_is_not_told,
)


def _take_message(world: World) -> Json:
    return _first(world, lambda m: mark_of(m).startswith("take:"))


def _file_message(world: World) -> Json:
    return _first(world, lambda m: bool(m.get("bot_id") and m.get("files")))


def _first(world: World, fits: Callable[[Json], bool]) -> Json:
    return next(m for messages in world.messages.values() for m in messages if fits(m))


def _place_of(world: World, message: Json) -> list[Json]:
    return next(messages for messages in world.messages.values() if message in messages)
