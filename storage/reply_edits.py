"""A reply that was edited or deleted: its take changes or ends while its undo window is open."""

from __future__ import annotations

from domain.catalog import GatewayName
from domain.errors import RequestError
from domain.execution import UNPAID, Execution, Moment
from domain.ports import Transaction
from domain.reply import Chatter
from domain.request import Clip, Image, Request, Work
from storage.executions import execution_of, request_cancel
from storage.instructions import Ignored, Merged, Reply, keep_instruction, read_in_place
from storage.requests import revise
from storage.rows import request_from
from storage.shots import shot_by_thread


def edit_reply(
    db: Transaction, reply: Reply, *, gateways: frozenset[GatewayName]
) -> Merged | Ignored:
    """A reply was edited, or deleted (no words, no image): its open take changes or ends."""
    row = db.execute(
        "SELECT request.* FROM instruction JOIN request ON request.id = instruction.request_id"
        " WHERE instruction.team_id = :team AND instruction.channel = :channel"
        " AND instruction.ts = :ts",
        {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
    ).one()
    if row is None:
        return Ignored("not an instruction")
    request = request_from(row)
    execution = execution_of(db, request.id)
    if execution is None or execution.state not in UNPAID or reply.at >= request.undo_until:
        return Ignored("its take has begun")
    if reply.words or reply.image:
        keep_instruction(db, reply, request.id)
    else:
        db.execute(
            "DELETE FROM instruction WHERE team_id = :team AND channel = :channel AND ts = :ts",
            {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
        )
    return _refold(db, request, execution, reply, gateways)


def _refold(
    db: Transaction,
    request: Request,
    execution: Execution,
    reply: Reply,
    gateways: frozenset[GatewayName],
) -> Merged:
    """The take again from its parent and the replies that are left; cancelled where none is."""
    shot = shot_by_thread(db, reply.team_id, reply.channel, reply.thread_ts)
    parent = _request(db, request.parent_id)
    rows = db.execute(
        "SELECT words, image FROM instruction WHERE request_id = :request ORDER BY ts",
        {"request": request.id},
    ).all()
    work: Work = parent.work if parent else request.work
    changed: tuple[str, ...] = ()
    for row in rows:
        assert isinstance(work, Clip)
        assert shot is not None
        image = Image.model_validate_json(row["image"]) if row["image"] else None
        reading = read_in_place(
            reply.model_copy(update={"words": row["words"], "image": image}), work, shot
        )
        if not isinstance(reading, Chatter):
            work, changed = reading.work, (*changed, *reading.changed)
    if not changed:
        request_cancel(db, request.id, Moment(now=reply.at))
        return Merged(request.id)
    again = request.model_copy(update={"work": work, "changed": changed})
    try:
        revise(db, again, execution, gateways=gateways, now=reply.at)
    except RequestError:
        request_cancel(db, request.id, Moment(now=reply.at))
    return Merged(request.id)


def _request(db: Transaction, request_id: str | None) -> Request | None:
    row = db.execute("SELECT * FROM request WHERE id = :id", {"id": request_id}).one()
    return request_from(row) if row else None
