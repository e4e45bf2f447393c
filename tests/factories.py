"""Builders of nouns: each with everything that a test does not care about already said."""

from __future__ import annotations

from typing import Any

from domain.execution import Execution, State
from domain.request import Clip
from domain.shot import Shot

NOW = 1_800_000_000.0


def clip(**said: Any) -> Clip:
    """A clip; a fox in snow unless said otherwise."""
    return Clip(**{"prompt": "a fox in snow"} | said)


def execution(**said: Any) -> Execution:
    """A queued execution of Veo 3.1 at HeyGen, ready to go."""
    usual: dict[str, Any] = {
        "id": "execution_1",
        "request_id": "request_1",
        "shot_id": "shot_1",
        "team_id": "T1",
        "channel": "C1",
        "requester": "U1",
        "offer": "veo_3_1@heygen",
        "work": clip(model="veo_3_1", aspect_ratio="16:9"),
        "state": State.QUEUED,
        "due_at": NOW,
        "created_at": NOW,
        "not_before": NOW,
        "estimate_micro_usd": 4_000_000,
        "is_ceiling": True,
    }
    return Execution(**usual | said)


def shot(**said: Any) -> Shot:
    """V-1 in C1."""
    usual: dict[str, Any] = {
        "id": "shot_1",
        "team_id": "T1",
        "number": 1,
        "channel": "C1",
        "requester": "U1",
        "created_at": NOW,
    }
    return Shot(**usual | said)
