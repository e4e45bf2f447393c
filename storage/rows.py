"""Rows to nouns and back. The only place that knows how a noun is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from domain.errors import Failure
from domain.events import Hold
from domain.execution import Execution, State
from domain.gateway import Finished
from domain.request import Request, Source, Work
from domain.shot import Outcome, OutcomeKind, Shot, Video

Row = Mapping[str, Any]

WORK: TypeAdapter[Work] = TypeAdapter(Work)
FINISHED = TypeAdapter(Finished)

_EXECUTION_FIELDS = tuple(field.name for field in fields(Execution))
_VIDEO_FIELDS = tuple(field.name for field in fields(Video))
_EXECUTION_NAMES = (*_EXECUTION_FIELDS, "gateway")
_EXECUTION_COLUMNS = ", ".join(_EXECUTION_NAMES)
_EXECUTION_VALUES = ", ".join(f":{name}" for name in _EXECUTION_NAMES)
_EXECUTION_ASSIGNMENTS = ", ".join(f"{name} = :{name}" for name in _EXECUTION_NAMES)
_VIDEO_COLUMNS = ", ".join(_VIDEO_FIELDS)
_VIDEO_VALUES = ", ".join(f":{name}" for name in _VIDEO_FIELDS)

# Built from our own field names, never from anything that came from outside.
INSERT_EXECUTION = f"INSERT INTO execution ({_EXECUTION_COLUMNS}) VALUES ({_EXECUTION_VALUES})"  # noqa: S608 - own names
UPDATE_EXECUTION = f"UPDATE execution SET {_EXECUTION_ASSIGNMENTS}, owner = NULL WHERE id = :id AND version = :fence"  # noqa: S608, E501 - own names
INSERT_VIDEO = f"INSERT INTO video ({_VIDEO_COLUMNS}) VALUES ({_VIDEO_VALUES})"  # noqa: S608 - own names


def execution_row(execution: Execution) -> dict[str, Any]:
    """An execution as statement parameters."""
    row: dict[str, Any] = {name: getattr(execution, name) for name in _EXECUTION_FIELDS}
    return row | {
        "work": execution.work.model_dump_json(exclude_none=True),
        "links": json.dumps(dict(execution.links), sort_keys=True),
        "gateway": execution.gateway.value,
        "wished": int(execution.wished),
        "cancel_sent": int(execution.cancel_sent),
        "confirmed": int(execution.confirmed),
        "is_ceiling": int(execution.is_ceiling),
        "state": execution.state.value,
        "hold": execution.hold.value if execution.hold else None,
        "handle": json.dumps(dict(execution.handle), sort_keys=True),
        "result": FINISHED.dump_json(execution.result).decode() if execution.result else None,
        "failure": execution.failure.model_dump_json() if execution.failure else None,
    }


def execution_from(row: Row) -> Execution:
    """The execution of one row."""
    values = {name: row[name] for name in _EXECUTION_FIELDS}
    return Execution(
        **values
        | {
            "work": WORK.validate_json(row["work"]),
            "wished": bool(row["wished"]),
            "cancel_sent": bool(row["cancel_sent"]),
            "confirmed": bool(row["confirmed"]),
            "is_ceiling": bool(row["is_ceiling"]),
            "state": State(row["state"]),
            "hold": Hold(row["hold"]) if row["hold"] else None,
            "links": json.loads(row["links"]),
            "handle": json.loads(row["handle"]),
            "result": FINISHED.validate_json(row["result"]) if row["result"] else None,
            "failure": failure_from(row["failure"]),
        }
    )


def failure_from(written: str | None) -> Failure | None:
    """Why an execution made nothing, as its row has it."""
    return Failure.model_validate_json(written) if written else None


def request_row(request: Request) -> dict[str, Any]:
    """A request as statement parameters."""
    return {
        "id": request.id,
        "team_id": request.team_id,
        "channel": request.channel,
        "shot_id": request.shot_id,
        "take": request.take,
        "requester": request.requester,
        "source": request.source.value,
        "work": request.work.model_dump_json(exclude_defaults=False),
        "parent_id": request.parent_id,
        "changed": json.dumps(request.changed),
        "created_at": request.created_at,
        "undo_until": request.undo_until,
        "confirmed": int(request.confirmed),
    }


def request_from(row: Row) -> Request:
    """The request of one row."""
    return Request(
        id=row["id"],
        team_id=row["team_id"],
        channel=row["channel"],
        shot_id=row["shot_id"],
        take=row["take"],
        requester=row["requester"],
        source=Source(row["source"]),
        work=WORK.validate_json(row["work"]),
        parent_id=row["parent_id"],
        changed=tuple(json.loads(row["changed"])),
        created_at=row["created_at"],
        undo_until=row["undo_until"],
        confirmed=bool(row["confirmed"]),
    )


def shot_from(row: Row) -> Shot:
    """The shot of one row, which carries its card's `ts` as `card_ts`."""
    return Shot(
        id=row["id"],
        team_id=row["team_id"],
        number=row["number"],
        channel=row["channel"],
        requester=row["requester"],
        created_at=row["created_at"],
        approved=row["approved"],
        approved_by=row["approved_by"],
        card_ts=row["card_ts"],
    )


def outcome_from(row: Row) -> Outcome:
    """The outcome of one row."""
    return Outcome(kind=OutcomeKind(row["kind"]), at=row["at"], revised_at=row["revised_at"])


def video_row(video: Video) -> dict[str, Any]:
    """A video as statement parameters."""
    return {name: getattr(video, name) for name in _VIDEO_FIELDS} | {
        "has_sound": int(video.has_sound)
    }


def video_from(row: Row) -> Video:
    """The video of one row."""
    values = {name: row[name] for name in _VIDEO_FIELDS}
    return Video(**values | {"has_sound": bool(row["has_sound"])})
