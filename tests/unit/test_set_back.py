"""No schedule puts anything further ahead than its limit, so that bringing forward harms none."""

from __future__ import annotations

import pytest

from bot.engine.steps import SUBMIT_LEASE_S
from bot.slack_answers import RETRY_AFTER_MAX_S as SLACK_RETRY_AFTER_MAX_S
from domain import (
    effect,
    holding,
    likeness,
    schedule,
    submitting,
    voice_question,
    watching,
)
from domain.preferences import Preferences
from gateways.classify import RETRY_AFTER_MAX_S
from handlers.views.take_buttons import SHARE_PATIENCE_S
from storage import executions, intents, lanes, likenesses, silence, voice_questions


def _longest_undo_s() -> float:
    limits = [
        bound.le
        for name, field in Preferences.model_fields.items()
        if name.startswith("undo_")
        for bound in field.metadata
        if hasattr(bound, "le")
    ]
    assert len(limits) == 3
    return float(max(limits))


@pytest.mark.parametrize(
    ("limit_s", "put_ahead_s"),
    [
        (schedule.START_AHEAD_MAX_S, [_longest_undo_s(), executions.CLAIM_LEASE_S]),
        (
            schedule.WORK_AHEAD_MAX_S,
            [
                executions.CLAIM_LEASE_S,
                executions.TRANSFER_LEASE_S,
                SUBMIT_LEASE_S,
                RETRY_AFTER_MAX_S,
                schedule.CHECK_MAX_S,
                schedule.BACKOFF_MAX_S,
                submitting.LOOK_MAX_S,
                watching.UNKNOWN_RECHECK_S,
                watching.REFUSED_RECHECK_S,
                intents.HOLD_RECHECK_S,
                intents.DISK_RECHECK_S,
                intents.BUDGET_RECHECK_S,
                silence.SILENCE_RECHECK_S,
                lanes.LANE_LEASE_S,
                likenesses.TURN_S,
                likenesses.PAUSED_S,
                likeness.SUBMIT_LEASE_S,
                likeness.CHECK_MAX_S,
                voice_questions.TURN_S,
                voice_question.SPEAK_LEASE_S,
            ],
        ),
        (
            schedule.LATE_AHEAD_MAX_S,
            [schedule.LATE_CHECK_MAX_S, RETRY_AFTER_MAX_S, watching.LIMITED_RECHECK_S],
        ),
        (
            schedule.TELL_AHEAD_MAX_S,
            [
                SLACK_RETRY_AFTER_MAX_S,
                lanes.FILE_LEASE_S,
                lanes.LANE_LEASE_S,
                executions.TRANSFER_LEASE_S,
                effect.AWAY_MAX_S * 1.25,
                schedule.BACKOFF_MAX_S,
                SHARE_PATIENCE_S,
            ],
        ),
        (schedule.PERSON_AHEAD_MAX_S, [holding.HOLD_LIMIT_S, effect.BLOCKED_KEPT_S]),
    ],
)
def test_every_wait_fits_into_its_limit(limit_s: float, put_ahead_s: list[float]) -> None:
    assert max(put_ahead_s) <= limit_s
