"""What must hold when any story ends, seen from outside: S2 to S4, S10, S12 of the invariants."""

from __future__ import annotations

import json
from typing import Any

from domain.execution import TOLD, UNPAID, State
from domain.ports import Transaction
from domain.shot import OutcomeKind
from domain.spoken import QUESTION
from storage.likenesses import find_likeness
from storage.rows import execution_from, outcome_from
from tests.scenarios.messages import mark_of
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage

QUIET_WITHIN_S = 60.0  # an edit that Slack refuses is given up after half a minute
WORDS = {
    OutcomeKind.SUCCEEDED: ("Done",),
    OutcomeKind.FAILED: ("Not made", "Needs an answer"),
    OutcomeKind.CANCELLED: ("Cancelled",),
    OutcomeKind.EXPIRED: ("Expired",),
    OutcomeKind.LATE: ("Late",),
    OutcomeKind.UNCERTAIN: ("Uncertain", "Checking"),
}
BAD_NOTES = ("NOT BUILT", "LOST", "REFUSED", "ERRORS MUST NAME", "INVALID VIEW", "unknown_method")
LOUD = ("error", "critical")


async def falls(stage: Stage) -> None:
    """Whatever still waits is cancelled, everything is told, and then the books must balance."""
    await _cancel_what_waits(stage)
    await stage.until(lambda: _is_quiet(stage), "everything is told", within_s=QUIET_WITHIN_S)
    executions, outcomes = await stage.read(_executions), await stage.read(_outcomes)
    ledger = await stage.ledger()
    _check_outcomes(executions, outcomes)
    _check_payments([*executions, *await stage.read(_faces)], ledger)
    await _check_messages(stage, executions, outcomes)
    await stage.read(_check_money)
    await _check_traffic(stage)


def check_log(stage: Stage) -> None:
    """Nothing broke that the story did not break, and no secret was written down."""
    surprising = [
        line
        for line in map(json.loads, stage.bot.log.splitlines())
        if (line.get("level") in LOUD or "exception" in line)
        and line.get("event") not in stage.expected_errors
    ]
    assert not surprising, surprising
    for secret in stage.bot.settings.secrets():
        assert secret not in stage.bot.log


async def _cancel_what_waits(stage: Stage) -> None:
    """A story may end while something waits for a yes or for room: its owner calls it off."""
    for number, channel in await stage.read(_waiting_shots):
        await stage.ada.types(f"/video cancel V-{number}", in_=channel)


async def _is_quiet(stage: Stage) -> bool:
    """Nothing runs, nothing is to be said, nothing is to be edited."""
    return bool(await stage.read(_quiet))


def _quiet(db: Transaction) -> bool:
    states = ", ".join(f"'{state}'" for state in TOLD)
    row = db.execute(
        "SELECT (SELECT COUNT(*) FROM execution WHERE state NOT IN"
        f" ({states}))"
        " + (SELECT COUNT(*) FROM outbox WHERE state IN ('todo', 'sending', 'unknown'))"
        " + (SELECT COUNT(*) FROM message WHERE dirty = 1 AND ts IS NOT NULL AND urgent = 1)"
        " + (SELECT COUNT(*) FROM likeness WHERE due_at IS NOT NULL)"
        " + (SELECT COUNT(*) FROM voice_question WHERE due_at IS NOT NULL) AS open"
    ).one()
    return row is not None and row["open"] == 0


def _waiting_shots(db: Transaction) -> list[tuple[int, str]]:
    states = ", ".join(f"'{state}'" for state in UNPAID)
    rows = db.execute(
        "SELECT DISTINCT shot.number, shot.channel FROM shot"
        " JOIN execution ON execution.shot_id = shot.id"
        f" WHERE execution.state IN ({states})"
    ).all()
    return [(row["number"], row["channel"]) for row in rows]


def _executions(db: Transaction) -> list[Any]:
    rows = db.execute("SELECT * FROM execution ORDER BY created_at").all()
    return [execution_from(row) for row in rows]


def _faces(db: Transaction) -> list[Any]:
    """Own avatars are paid for like executions; a cloned voice costs nothing."""
    rows = db.execute("SELECT id FROM likeness WHERE kind = 'face'").all()
    return [find_likeness(db, row["id"]) for row in rows]


def _outcomes(db: Transaction) -> dict[str, Any]:
    rows = db.execute("SELECT * FROM outcome").all()
    return {row["request_id"]: outcome_from(row) for row in rows}


def _check_outcomes(executions: list[Any], outcomes: dict[str, Any]) -> None:
    """S3: exactly one outcome a request, and it is what its execution came to."""
    states = {execution.request_id: execution.state for execution in executions}
    assert outcomes.keys() == states.keys()
    for request_id, outcome in outcomes.items():
        assert outcome.kind == states[request_id].value, (request_id, outcome, states[request_id])


def _check_payments(executions: list[Any], ledger: list[Json]) -> None:
    """S4: one payment a request at most. A submission without an answer may have been accepted,
    and then it is one that an execution in doubt accounts for."""
    ids = [entry["id"] for entry in ledger]
    known = [execution.remote_id for execution in executions if execution.remote_id]
    assert len(set(known)) == len(known)
    asked = {execution.remote_id for execution in executions if _made_nothing_yet(execution)}
    assert set(known) - asked <= set(ids), "an execution has an id that no vendor accepted"
    in_doubt = [e for e in executions if e.submitted_at is not None and e.remote_id is None]
    assert len(set(ids) - set(known)) <= len(in_doubt), (ids, known)
    keys = [entry["key"] for entry in ledger if entry["key"]]
    assert len(set(keys)) == len(keys), "one intent was accepted twice"


def _made_nothing_yet(execution: Any) -> bool:
    """An agent's session that began with a question is accepted, and not paid for."""
    return execution.failure is not None and execution.failure.field == QUESTION


async def _check_messages(stage: Stage, executions: list[Any], outcomes: dict[str, Any]) -> None:
    """S3: exactly one take message a request, and it says the outcome; one card a shot; one file
    in the thread for each that was made."""
    takes, cards = await stage.posts("post_take"), await stage.posts("post_card")
    unposted = await stage.read(_unposted)
    for execution in executions:
        mine = [m for m in takes if mark_of(m).startswith(f"take:{execution.request_id}/")]
        if execution.request_id in unposted:
            assert not mine
            assert execution.submitted_at is None, "paid for something that nobody was told of"
            continue
        assert len(mine) == 1, [m["text"] for m in mine]
        assert mine[0]["text"].startswith(WORDS[outcomes[execution.request_id].kind]), mine[0]
    for shot_id in {execution.shot_id for execution in executions}:
        its = [card for card in cards if mark_of(card).startswith(f"card:{shot_id}/")]
        assert len(its) <= 1, [card["text"] for card in its]
    await _check_files(stage, executions)


async def _check_files(stage: Stage, executions: list[Any]) -> None:
    """Each video that is shown is shown once, and so are its preview and its captions."""
    state = await stage.control.look("state")
    shown = [
        file["id"]
        for messages in state["messages"].values()
        for message in messages
        if message.get("bot_id") and message.get("subtype") != "thread_broadcast"
        for file in message.get("files") or []
    ]
    made, previews = await stage.read(_shown_files), await stage.read(_previews)
    assert sorted(shown) == sorted([*made, *previews]), (shown, made, previews)
    succeeded = [e for e in executions if e.state is State.SUCCEEDED]
    assert len(made) <= sum(getattr(e.work, "results", 1) for e in succeeded)


def _shown_files(db: Transaction) -> list[str]:
    rows = db.execute("SELECT slack_file_id FROM video WHERE slack_file_ts IS NOT NULL").all()
    return [row["slack_file_id"] for row in rows]


def _previews(db: Transaction) -> list[str]:
    rows = db.execute(
        "SELECT slack_ref FROM outbox WHERE kind IN ('preview', 'captions') AND state = 'sent'"
    ).all()
    return [row["slack_ref"] for row in rows]


def _unposted(db: Transaction) -> set[str]:
    """Requests whose take message never came to be."""
    rows = db.execute("SELECT request_id FROM message WHERE kind = 'take' AND ts IS NULL").all()
    return {row["request_id"] for row in rows}


def _check_money(db: Transaction) -> None:
    """S10: the month's row is the sum over its executions and own avatars."""
    for row in db.execute("SELECT * FROM budget").all():
        sums = db.execute(
            "SELECT COALESCE(SUM(reserved_micro_usd), 0) AS reserved,"
            " COALESCE(SUM(billed_micro_usd), 0) AS spent FROM"
            " (SELECT reserved_micro_usd, billed_micro_usd FROM execution"
            " WHERE team_id = :team AND month = :month UNION ALL"
            " SELECT reserved_micro_usd, billed_micro_usd FROM likeness"
            " WHERE team_id = :team AND month = :month UNION ALL"
            " SELECT reserved_micro_usd, billed_micro_usd FROM voice_question"
            " WHERE team_id = :team AND month = :month) AS paid",
            {"team": row["team_id"], "month": row["month"]},
        ).one()
        assert sums is not None
        assert row["reserved_micro_usd"] == sums["reserved"]
        assert row["spent_micro_usd"] == sums["spent"]


async def _check_traffic(stage: Stage) -> None:
    """Slack was asked only what it has, and nothing that it sent was lost."""
    traffic = (await stage.control.look("traffic"))["traffic"]
    notes = [entry["note"] for entry in traffic if entry["note"]]
    bad = [note for note in notes if any(word in note for word in BAD_NOTES)]
    assert not bad, bad
