"""Every state of a take, built from domain nouns: for the tests of the views, and for eyes.

`python -m tests.unit.views_gallery` prints each state's messages as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from domain.errors import Failure, FailureClass
from domain.events import Hold
from domain.execution import Execution, State
from domain.gateway import Finished
from domain.message import Message
from domain.request import Clip, Request, Source
from domain.schedule import Durations
from domain.shape import AspectRatio, Image, Resolution
from domain.shot import Outcome, OutcomeKind, Page, Shot, Take, Video
from handlers.views.announcements import broadcast, file_comment, ping
from handlers.views.card import render_card
from handlers.views.take_message import render_take

T0 = 1_794_000_000.0  # a moment in November 2026
PROMPT = "A red fox runs through snow"
CLIP = Clip(
    prompt=PROMPT,
    model="seedance_2_0",
    aspect_ratio=AspectRatio.TALL,
    duration_s=5,
    resolution=Resolution.P720,
    sound=True,
)
USUAL = Durations(samples=20, p50_s=120.0, p90_s=240.0)
FOX_IMAGE = Image(slack_file_id="F0FOX", name="fox.png", width_px=720, height_px=1280)

STOPPED = Failure(kind=FailureClass.STOPPED)


def refused(field: str | None) -> Failure:
    """The vendor will not make it; it bills nothing."""
    return Failure(kind=FailureClass.REFUSED_CONTENT, field=field, detail="vendor's own words")


_SENT: dict[str, Any] = {
    "confirmed": True,
    "submitted_at": T0 + 5,
    "remote_id": "req_abc",
    "deadline_at": T0 + 1_205,
    "reserved_micro_usd": 1_520_000,
}
_ENDED: dict[str, Any] = _SENT | {"ended_at": T0 + 173}
_BILLED: dict[str, Any] = _ENDED | {
    "state": State.SUCCEEDED,
    "billed_micro_usd": 1_520_000,
    "reserved_micro_usd": 0,
    "result": Finished(video_url="https://v.example/x.mp4", seed=7, billed_micro_usd=1_520_000),
}

# What differs from a take that was just asked for.
STATES: Mapping[str, dict[str, Any]] = {
    "starting": {"state": State.QUEUED, "hold": Hold.UNDO},
    "preparing": {"state": State.PREPARING},
    **{
        f"held_{hold.value}": {"state": State.QUEUED, "hold": hold, "due_at": T0 + 60}
        for hold in Hold
    },
    "asking": {"state": State.QUEUED, "confirmed": False, "estimate_micro_usd": 6_000_000},
    "submitting": _SENT | {"state": State.SUBMITTING},
    "waiting_there": _SENT | {"state": State.RUNNING, "queue_position": 3},
    "running": _SENT | {"state": State.RUNNING},
    "half_done": _SENT | {"state": State.RUNNING, "fraction": 0.57},
    "cancelling": _SENT | {"state": State.RUNNING, "cancel_requested_at": T0 + 30},
    "fetching": _SENT | {"state": State.FETCHING},
    "late": _SENT | {"state": State.LATE},
    "late_limited": _SENT
    | {"state": State.LATE, "failure": Failure(kind=FailureClass.UNFETCHED, billed=None)},
    "late_cancelled": _SENT | {"state": State.LATE, "cancel_requested_at": T0 + 30},
    "uncertain": _ENDED
    | {
        "state": State.UNCERTAIN,
        "failure": Failure(kind=FailureClass.UNCERTAIN, billed=None),
        "due_at": T0 + 600,
    },
    "uncertain_for_good": _ENDED
    | {"state": State.UNCERTAIN, "failure": Failure(kind=FailureClass.UNCERTAIN, billed=None)},
    "done": _BILLED,
    "done_calculated": _BILLED | {"result": Finished(video_url="https://v.example/x.mp4")},
    "done_cost_unknown": _BILLED
    | {"billed_micro_usd": None, "reserved_micro_usd": 4_000_000, "is_ceiling": True},
    **{
        f"failed_{kind.value}": _ENDED
        | {
            "state": State.FAILED,
            "failure": Failure(kind=kind, detail="vendor's own words"),
            "billed_micro_usd": 0,
            "reserved_micro_usd": 0,
        }
        for kind in FailureClass
    },
    "failed_image": _ENDED
    | {"state": State.FAILED, "failure": refused("reference_image"), "billed_micro_usd": 0},
    "failed_unbilled_unknown": _ENDED
    | {"state": State.FAILED, "failure": Failure(kind=FailureClass.TRANSIENT, billed=None)},
    "failed_before": {"state": State.FAILED, "failure": Failure(kind=FailureClass.TRANSIENT)},
    "cancelled_free": {"state": State.CANCELLED, "failure": STOPPED, "billed_micro_usd": 0},
    "cancelled_there": _ENDED | {"state": State.CANCELLED, "failure": None},
    "cancelled_made": _BILLED | {"state": State.CANCELLED},
    "expired": _ENDED
    | {
        "state": State.EXPIRED,
        "failure": Failure(kind=FailureClass.TRANSIENT, billed=None),
    },
    "expired_made": _ENDED
    | {"state": State.EXPIRED, "failure": Failure(kind=FailureClass.TRANSIENT, billed=True)},
}


def clip_of(prompt: str = PROMPT, **changes: Any) -> Clip:
    """The clip of the gallery with another prompt or other settings."""
    return CLIP.model_copy(update={"prompt": prompt, **changes})


def take_in(
    state: str, *, number: int = 1, clip: Clip = CLIP, changed: tuple[str, ...] = ()
) -> Take:
    """A take in one of `STATES`."""
    fields = STATES[state]
    request = Request(
        id=f"req_{number}",
        team_id="T1",
        channel="C1",
        shot_id="shot_1",
        take=number,
        requester="U0ANA",
        source=Source.COMMAND,
        work=clip,
        parent_id=f"req_{number - 1}" if number > 1 else None,
        changed=changed,
        created_at=T0,
        undo_until=T0 + 5,
    )
    execution = _execution(request, clip, fields)
    ended = fields.get("state") in {State.SUCCEEDED, State.FAILED}
    return Take(
        request=request,
        execution=execution,
        sentence="Seedance 2.0 at fal, the default for the keys that are set, about $1.52.",
        outcome=Outcome(kind=OutcomeKind(execution.state.value), at=T0 + 173) if ended else None,
        videos=(_video(request),) if execution.state is State.SUCCEEDED else (),
        message_ts="1794000000.000200",
    )


def page_of(*takes: Take, approved: str | None = None) -> Page:
    """A shot with these takes."""
    shot = Shot(
        id="shot_1",
        team_id="T1",
        number=142,
        channel="C1",
        requester="U0ANA",
        created_at=T0,
        approved=approved,
        approved_by="U0BEA" if approved else None,
        card_ts="1794000000.000100",
    )
    return Page(shot=shot, takes=takes)


def _execution(request: Request, clip: Clip, fields: Mapping[str, Any]) -> Execution:
    usual: dict[str, Any] = {
        "id": f"exe_{request.take}",
        "request_id": request.id,
        "shot_id": request.shot_id,
        "team_id": request.team_id,
        "channel": request.channel,
        "requester": request.requester,
        "offer": "seedance_2_0@fal",
        "work": clip,
        "due_at": None,
        "created_at": T0,
        "not_before": T0 + 5,
        "estimate_micro_usd": 1_520_000,
        "is_ceiling": False,
        "month": "2026-11",
    }
    return Execution(**(usual | dict(fields)))


def _video(request: Request) -> Video:
    return Video(
        id=f"vid_{request.take}",
        team_id="T1",
        execution_id=f"exe_{request.take}",
        request_id=request.id,
        media_key="videos/x.mp4",
        thumbnail_key="videos/x.jpg",
        sha256="ab" * 32,
        size_bytes=1_234_567,
        duration_s=5.04,
        width_px=720,
        height_px=1280,
        has_sound=True,
        created_at=T0 + 170,
        slack_file_id="F0VID",
        slack_file_ts="1794000173.000300",
    )


def main() -> None:
    """Print the gallery."""
    for name in STATES:
        take = take_in(name)
        page = page_of(take)
        messages = {
            "card": render_card(page, now=T0 + 75),
            "take": render_take(page, take, now=T0 + 75, durations=USUAL),
            "ping": ping(page, take),
        }
        if name == "done":
            messages["broadcast"] = broadcast(page, take)
            messages["file"] = Message(file_comment(page, take, take.videos[0]))
        for what, message in messages.items():
            shown = {"state": name, "what": what, "text": message.text, "blocks": message.blocks}
            sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
