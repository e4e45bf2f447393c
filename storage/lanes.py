"""Lanes: what is to be told in one Slack channel, in order and at its pace.

A lane is claimed, not a message, so that order and one message a second hold across processes.
In a lane: new messages first, then outcomes, then words about them, progress last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.effect import FILES, Effect, Sending, Telling
from domain.ports import Transaction
from storage.messages import RESULT, Phase

TELL_TIMEOUT_S = 45.0  # one turn in a lane, however many calls it takes
LANE_LEASE_S = 60.0
FILE_LEASE_S = 900.0
REST_S = 1.0
EDITS_PER_MINUTE = 45  # chat.update is Tier 3 (50 a minute a workspace); outcomes need a reserve
EDIT_WINDOW_S = 60.0
PROGRESS_EDITS_SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDue:
    """A one-time effect whose turn has come. `doubtful`: it may have happened already, not before
    `intent_at`, which is Slack's time; None where that was not known."""

    subject_id: str
    version: int
    kind: Effect
    team_id: str
    channel: str
    shot_id: str
    request_id: str | None
    payload: Mapping[str, Any]
    tries: int
    refusals: int
    slack_ref: str | None
    created_at: float
    intent_at: float | None
    doubtful: bool

    @property
    def telling(self) -> Telling:
        """What its next verdict depends on."""
        return Telling(
            kind=self.kind,
            in_channel=not self.channel.startswith("D"),
            created_at=self.created_at,
            tries=self.tries,
            refusals=self.refusals,
        )

    @property
    def result(self) -> int:
        """Which result of its take a file is, from 1."""
        return int(self.payload.get(RESULT, 1))

    @property
    def mark(self) -> str:
        """What the message carries as metadata, so that it is found again."""
        return f"{self.subject_id}/{self.version}/{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDue:
    """A message that no longer shows the truth. Its lane is ours until `lease_until`."""

    message_id: str
    team_id: str
    channel: str
    shot_id: str
    request_id: str | None
    ts: str
    digest: str | None
    revision: int
    urgent: bool
    tries: int
    lease_until: float


def claim_lane(
    db: Transaction, *, now: float, owner: str, slack_now: float | None = None
) -> EffectDue | EditDue | None:
    """Take the most overdue lane and the first thing to tell in it; None where nothing is due.
    `slack_now` is Slack's own time, where it is known."""
    while True:
        lane = db.execute(
            "UPDATE lane SET owner = :owner, lease_until = :lease WHERE (team_id, channel) IN"
            " (SELECT team_id, channel FROM lane WHERE due_at <= :now AND next_send_at <= :now"
            " AND (owner IS NULL OR lease_until <= :now)"
            " AND team_id NOT IN (SELECT team_id FROM silence) ORDER BY due_at LIMIT 1 /*SKIP*/)"
            " RETURNING team_id, channel",
            {"now": now, "owner": owner, "lease": now + LANE_LEASE_S},
        ).one()
        if lane is None:
            return None
        place = {"team": lane["team_id"], "channel": lane["channel"], "now": now}
        due = (
            _effect(db, place, Phase.BEGINNING, owner, slack_now)
            or _edit(db, place, urgent=True)
            or _effect(db, place, Phase.WORDS, owner, slack_now)
            or _edit(db, place, urgent=False)
        )
        if due is not None:
            return due
        rested = now + REST_S  # due, but it cannot go yet: no edit is left in this minute
        release_lane(db, lane["team_id"], lane["channel"], now=now, next_send_at=rested)


def release_lane(
    db: Transaction, team_id: str, channel: str, *, now: float, next_send_at: float
) -> None:
    """Give a lane back; its next turn is at its next due thing, not before `next_send_at`."""
    place = {"team": team_id, "channel": channel}
    row = db.execute(
        "SELECT MIN(at) AS at FROM ("
        "SELECT MIN(due_at) AS at FROM outbox WHERE team_id = :team AND channel = :channel"
        " AND state IN ('todo', 'unknown', 'sending') AND phase <> 'file'"
        " AND (in_thread = 0 OR EXISTS (SELECT 1 FROM message WHERE"
        " message.shot_id = outbox.shot_id AND message.kind = 'card' AND message.ts IS NOT NULL))"
        " UNION ALL SELECT MIN(edit_due_at) AS at FROM message WHERE team_id = :team"
        " AND channel = :channel AND dirty = 1 AND ts IS NOT NULL) AS things",
        place,
    ).one()
    db.execute(
        "UPDATE lane SET owner = NULL, lease_until = NULL, due_at = :due, next_send_at = :next"
        " WHERE team_id = :team AND channel = :channel",
        place | {"due": row["at"] if row else None, "next": next_send_at},
    )


def next_lane_at(db: Transaction) -> float | None:
    """When a lane has something to do next. (One that is taken may not be let go before it may
    send: where the clock was set back, its lease was brought forward and that was not.)"""
    row = db.execute(
        "SELECT MIN(CASE WHEN owner IS NOT NULL AND lease_until > at THEN lease_until ELSE at END)"
        " AS at FROM (SELECT owner, lease_until,"
        " CASE WHEN due_at > next_send_at THEN due_at ELSE next_send_at END AS at"
        " FROM lane WHERE due_at IS NOT NULL AND team_id NOT IN (SELECT team_id FROM silence))"
        " AS busy"
    ).one()
    return row["at"] if row else None


def release_lanes(db: Transaction, *, now: float, owner: str) -> None:
    """At start, as the only process: nothing that another owner had begun is still going on."""
    mine = {"now": now, "owner": owner}
    db.execute(
        "UPDATE outbox SET due_at = :now, owner = NULL"
        " WHERE state = 'sending' AND (owner IS NULL OR owner <> :owner)",
        mine,
    )
    db.execute(
        "UPDATE lane SET owner = NULL, lease_until = NULL, due_at = :now"
        " WHERE owner IS NOT NULL AND owner <> :owner OR EXISTS (SELECT 1 FROM outbox"
        " WHERE outbox.team_id = lane.team_id AND outbox.channel = lane.channel"
        " AND outbox.state = 'sending')",
        mine,
    )


def _effect(
    db: Transaction, place: dict[str, Any], phase: Phase, owner: str, slack_now: float | None
) -> EffectDue | None:
    """The first due effect of a phase, its intent written down. One in a thread waits for it."""
    chosen = db.execute(
        "SELECT subject_id, version, kind, state FROM outbox WHERE team_id = :team"
        " AND channel = :channel AND phase = :phase AND state IN ('todo', 'unknown', 'sending')"
        " AND due_at <= :now AND (in_thread = 0 OR EXISTS (SELECT 1 FROM message"
        " WHERE message.shot_id = outbox.shot_id AND message.kind = 'card'"
        " AND message.ts IS NOT NULL)) ORDER BY created_at, version LIMIT 1",
        place | {"phase": phase.value},
    ).one()
    if chosen is None:
        return None
    return _begin(db, chosen, now=place["now"], owner=owner, slack_now=slack_now)


def claim_file(
    db: Transaction, *, now: float, owner: str, previews: bool = True
) -> EffectDue | None:
    """The next file to stream into a thread, a preview only if `previews`. Files do not hold their
    lane while they move."""
    chosen = db.execute(
        "SELECT subject_id, version, kind, state FROM outbox WHERE phase = 'file'"
        " AND state IN ('todo', 'unknown', 'sending') AND due_at <= :now"
        " AND team_id NOT IN (SELECT team_id FROM silence)"
        " AND (kind <> 'preview' OR :previews = 1)"
        " AND EXISTS (SELECT 1 FROM message WHERE message.shot_id = outbox.shot_id"
        " AND message.kind = 'card' AND message.ts IS NOT NULL) ORDER BY due_at LIMIT 1 /*SKIP*/",
        {"now": now, "previews": int(previews)},
    ).one()
    return None if chosen is None else _begin(db, chosen, now=now, owner=owner)


def next_file_at(db: Transaction, *, previews: bool = True) -> float | None:
    """When a file is due next; previews count only if `previews`. One that waits for its thread is
    not due: its card rings the bell."""
    row = db.execute(
        "SELECT MIN(due_at) AS at FROM outbox WHERE phase = 'file'"
        " AND state IN ('todo', 'unknown', 'sending') AND (kind <> 'preview' OR :previews = 1)"
        " AND team_id NOT IN (SELECT team_id FROM silence)"
        " AND EXISTS (SELECT 1 FROM message WHERE message.shot_id = outbox.shot_id"
        " AND message.kind = 'card' AND message.ts IS NOT NULL)",
        {"previews": int(previews)},
    ).one()
    return row["at"] if row else None


def _begin(
    db: Transaction,
    chosen: Mapping[str, Any],
    *,
    now: float,
    owner: str,
    slack_now: float | None = None,
) -> EffectDue:
    """Write down that an effect is about to happen. When it first began stays written; a turn
    whose lease lapsed leaves a doubt."""
    row = db.execute(
        "UPDATE outbox SET state = 'sending', owner = :owner, due_at = :lease, tries = tries + 1,"
        " intent_at = CASE WHEN tries = 0 THEN :slack_now ELSE intent_at END"
        " WHERE subject_id = :subject"
        " AND version = :version AND kind = :kind RETURNING *",
        {
            "slack_now": slack_now,
            "owner": owner,
            "lease": now + (FILE_LEASE_S if chosen["kind"] in FILES else LANE_LEASE_S),
            "subject": chosen["subject_id"],
            "version": chosen["version"],
            "kind": chosen["kind"],
        },
    ).one()
    assert row is not None
    return effect_due(row, before=Sending(chosen["state"]))


def effect_due(row: Mapping[str, Any], *, before: Sending) -> EffectDue:
    """A row of the outbox; `before` is where it was when its turn came."""
    return EffectDue(
        subject_id=row["subject_id"],
        version=row["version"],
        kind=Effect(row["kind"]),
        team_id=row["team_id"],
        channel=row["channel"],
        shot_id=row["shot_id"],
        request_id=row["request_id"],
        payload=json.loads(row["payload"]),
        tries=row["tries"],
        refusals=row["refusals"],
        slack_ref=row["slack_ref"],
        created_at=row["created_at"],
        intent_at=row["intent_at"],
        doubtful=before is not Sending.TODO,
    )


def _edit(db: Transaction, place: dict[str, Any], *, urgent: bool) -> EditDue | None:
    """The most overdue edit, if the workspace has one left in this minute."""
    row = db.execute(
        "SELECT * FROM message WHERE team_id = :team AND channel = :channel AND dirty = 1"
        " AND ts IS NOT NULL AND edit_due_at <= :now AND urgent = :urgent"
        " ORDER BY edit_due_at LIMIT 1",
        place | {"urgent": int(urgent)},
    ).one()
    if row is None or not _spend_edit(db, place["team"], place["now"], urgent=urgent):
        return None
    return EditDue(
        message_id=row["id"],
        team_id=row["team_id"],
        channel=row["channel"],
        shot_id=row["shot_id"],
        request_id=row["request_id"],
        ts=row["ts"],
        digest=row["digest"],
        revision=row["revision"],
        urgent=bool(row["urgent"]),
        tries=row["edit_tries"],
        lease_until=place["now"] + LANE_LEASE_S,
    )


def _spend_edit(db: Transaction, team_id: str, now: float, *, urgent: bool) -> bool:
    """One edit of the workspace's minute. Progress may not use what outcomes will need."""
    db.execute(
        "UPDATE workspace SET edits = 0, edit_window_at = :now WHERE team_id = :team"
        " AND edit_window_at <= :ended",
        {"team": team_id, "now": now, "ended": now - EDIT_WINDOW_S},
    )
    allowed = EDITS_PER_MINUTE if urgent else int(EDITS_PER_MINUTE * PROGRESS_EDITS_SHARE)
    return (
        db.execute(
            "UPDATE workspace SET edits = edits + 1 WHERE team_id = :team AND edits < :allowed",
            {"team": team_id, "allowed": allowed},
        ).changed
        == 1
    )
