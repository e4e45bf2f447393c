"""A turn that ended and could not be written down gives its claim back: else what storage did not
take for a moment waits until its lease lapses, eleven to fifteen minutes for a file.

Each is fenced by what its claim had written, so a row that somebody else has taken meanwhile, or
that is due already, is not touched.
"""

from __future__ import annotations

from domain.effect import FILES
from domain.execution import Execution
from domain.likeness import Likeness
from domain.ports import Transaction
from domain.voice_question import VoiceQuestion
from storage.lanes import EditDue, EffectDue, release_lane


def give_back_execution(db: Transaction, claimed: Execution, *, owner: str, until: float) -> bool:
    """Due again at `until`, unless its step was written after all; False where it was not ours any
    more."""
    given = db.execute(
        "UPDATE execution SET due_at = :until, owner = NULL"
        " WHERE id = :id AND version = :fence AND owner = :owner AND due_at = :lease",
        {
            "id": claimed.id,
            "fence": claimed.version,
            "owner": owner,
            "lease": claimed.due_at,
            "until": until,
        },
    )
    return given.changed == 1


def give_back_effect(db: Transaction, due: EffectDue, *, now: float, until: float) -> bool:
    """It may have happened: it is looked for at `until`, and its lane goes on."""
    given = db.execute(
        "UPDATE outbox SET state = 'unknown', owner = NULL, due_at = :until"
        " WHERE subject_id = :subject AND version = :version AND kind = :kind"
        " AND state = 'sending' AND tries = :tries",
        {
            "subject": due.subject_id,
            "version": due.version,
            "kind": due.kind.value,
            "tries": due.tries,
            "until": until,
        },
    )
    if given.changed == 1 and due.kind not in FILES:
        release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)
    return given.changed == 1


def give_back_edit(db: Transaction, due: EditDue, *, owner: str, now: float, until: float) -> bool:
    """An edit may be repeated without harm: again at `until`."""
    mine = db.execute(
        "SELECT 1 AS one FROM lane WHERE team_id = :team AND channel = :channel"
        " AND owner = :owner AND lease_until = :lease",
        {
            "team": due.team_id,
            "channel": due.channel,
            "owner": owner,
            "lease": due.lease_until,
        },
    ).one()
    if mine is None:
        return False
    db.execute(
        "UPDATE message SET edit_due_at = :until WHERE id = :id AND dirty = 1",
        {"id": due.message_id, "until": until},
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)
    return True


def give_back_likeness(db: Transaction, due: Likeness, *, until: float) -> bool:
    """Due again at `until`, unless its step was written after all."""
    given = db.execute(
        "UPDATE likeness SET due_at = :until"
        " WHERE id = :id AND version = :fence AND due_at = :lease",
        {"id": due.id, "fence": due.version, "lease": due.due_at, "until": until},
    )
    return given.changed == 1


def give_back_question(db: Transaction, due: VoiceQuestion, *, until: float) -> bool:
    """Due again at `until`, unless its answer was written after all, or it is being spoken."""
    given = db.execute(
        "UPDATE voice_question SET due_at = :until"
        " WHERE id = :id AND version = :fence AND due_at = :lease",
        {"id": due.id, "fence": due.version, "lease": due.due_at, "until": until},
    )
    return given.changed == 1
