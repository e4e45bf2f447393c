"""`/v3/video-agents`: an idea becomes a video, at once (`generate`) or in conversation (`chat`).

Source: heygen-cli's embedded OpenAPI, July 2026 (`gen/video-agent.go`). A session and its video are
two things: the session learns its `video_id` late, and may be lost while the video is finished.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from pydantic import Field

from sandbox.vendors.heygen_assets import AssetInput, image_entry
from sandbox.vendors.heygen_catalog import styles
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import PER_SECOND_USD, Order
from sandbox.vendors.heygen_switches import NEVER
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    body_of,
    only_query,
    paged,
    read,
    word_in,
)
from sandbox.vendors.jobs import State
from sandbox.vendors.render import Wish

AGENTS = "/v3/video-agents"
FILES_MAX = 20
MESSAGES_SHOWN = 40
TITLE_CHARS = 80
USUAL_S = 30.0
FIVE_MINUTES_S = 300.0
THINKING_UNTIL, REVIEWING_UNTIL = 0.15, 0.25  # of a render; only a chat is reviewed
QUESTIONS = ("Who is this for, and how should it sound?", "Anything that must be on screen?")
RATIOS = {"landscape": "16:9", "portrait": "9:16"}
FILE_KINDS = ("image", "video", "audio", "pdf")
TAGS = ("cinematic", "retro-tech", "iconic-artist", "pop-culture", "handmade", "print")


class NewSession(Body):
    """`POST /v3/video-agents`."""

    prompt: str = Field(min_length=1, max_length=10_000)
    mode: Literal["generate", "chat"] = "generate"
    avatar_id: str | None = None
    voice_id: str | None = None
    style_id: str | None = None
    brand_kit_id: str | None = None
    orientation: Literal["landscape", "portrait"] | None = None
    files: list[AssetInput] | None = Field(None, max_length=FILES_MAX)
    callback_url: str | None = None
    callback_id: str | None = None
    incognito_mode: bool = False


class NewMessage(Body):
    """`POST /v3/video-agents/{session_id}`."""

    message: str = Field(min_length=1, max_length=10_000)
    avatar_id: str | None = None
    voice_id: str | None = None
    brand_kit_id: str | None = None
    files: list[AssetInput] | None = Field(None, max_length=FILES_MAX)


@dataclass
class Session:
    """One session. `runs` are its paid renders, oldest first."""

    id: str
    asked: NewSession
    given: Json
    key: str | None
    questions_left: int
    at: float = field(default_factory=time.time)
    title: str = ""
    messages: list[Json] = field(default_factory=list)
    runs: list[Order] = field(default_factory=list)
    stopped: bool = False
    lost: bool = False
    hides_video: bool = False

    def say(self, role: str, content: str, *, kind: str = "text") -> None:
        """Add a message of the conversation."""
        at = int(time.time())
        self.messages.append(
            {"role": role, "type": kind, "content": content, "created_at": at, "resource_ids": None}
        )


class Agents:
    """The sessions of one account."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sessions: dict[str, Session] = {}

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post(AGENTS, self._create)
        app.router.add_get(AGENTS, self._list)
        app.router.add_get(AGENTS + "/styles", self._list_styles)
        app.router.add_get(AGENTS + "/{session_id}", self._show)
        app.router.add_post(AGENTS + "/{session_id}", self._continue)
        app.router.add_post(AGENTS + "/{session_id}/stop", self._stop)
        app.router.add_get(AGENTS + "/{session_id}/videos", self._list_videos)
        app.router.add_get(AGENTS + "/{session_id}/resources/{resource_id}", self._show_resource)

    def clear(self) -> None:
        """Forget the sessions; the account forgets the orders."""
        self._sessions.clear()

    async def _create(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        known = dict(given)
        if self._house.switches["agent_fields"] == "older":
            known.pop("auto_proceed", None)
        asked = read(NewSession, known)
        self._need_valid(asked)
        chat = asked.mode == "chat"
        session = Session(
            id=secrets.token_hex(16),
            asked=asked,
            given=given,
            key=request.headers.get("Idempotency-Key"),
            questions_left=self._house.switches["agent_questions"] if chat else 0,
            title=asked.prompt.splitlines()[0][:TITLE_CHARS],
        )
        session.say("user", asked.prompt)
        if session.questions_left == 0:
            self._run(session, asked.prompt, given, files=asked.files)
        self._sessions[session.id] = session
        self._strike(session)
        word = self._house.unknown_word("heygen:submit")
        early = self._house.switches["agent_video_id_at"] == 0 and not session.hides_video
        return answered(
            {
                "session_id": session.id,
                "status": word or ("generating" if session.runs else "thinking"),
                "video_id": session.runs[-1].video_id if early and session.runs else None,
                "created_at": int(session.at),
            }
        )

    async def _continue(self, request: web.Request) -> web.Response:
        """The next message of a chat: an answer to a question, or what to change."""
        session, given = self._mine(request), await body_of(request)
        asked = read(NewMessage, given)
        if session.lost:
            raise RefusedError(404, "Session not found.", code="resource_not_found")
        if session.asked.mode != "chat":
            raise RefusedError(400, "This session is not in chat mode.", param="session_id")
        if session.runs and not session.runs[-1].over:
            raise RefusedError(409, "The session is still working on the last message.")
        self._need_look_and_voice(asked.avatar_id, asked.voice_id)
        session.say("user", asked.message)
        session.questions_left = max(0, session.questions_left - 1)
        session.stopped = False
        run_id = secrets.token_hex(12)
        if session.questions_left == 0:
            prompt = f"{session.asked.prompt} – {asked.message}"
            self._run(session, prompt, given, files=asked.files, run_id=run_id)
        return answered({"session_id": session.id, "run_id": run_id, "title": session.title})

    async def _stop(self, request: web.Request) -> web.Response:
        """Stops at the next checkpoint: what is nearly done is finished, and paid for."""
        session = self._mine(request)
        session.stopped = True
        if session.runs:
            self._house.ledger.account.cancel(session.runs[-1])
        return answered({"session_id": session.id})

    async def _list(self, request: web.Request) -> web.Response:
        only_query(request, "limit", "token")
        rows = [
            {
                "session_id": session.id,
                "title": session.title,
                "status": self._word(session),
                "created_at": int(session.at),
                "video_id": self._video_id(session),
            }
            for session in reversed(self._sessions.values())
        ]
        return paged(request, rows, limit_max=100)

    async def _show(self, request: web.Request) -> web.Response:
        session = self._mine(request)
        if session.lost:
            raise RefusedError(404, "Session not found.", code="resource_not_found")
        if session.runs:
            self._house.ledger.account.strike(session.runs[-1], "heygen:check")
        word = self._house.unknown_word("heygen:check") or self._word(session)
        messages = [*session.messages, *self._closing(session, word)]
        return answered(
            {
                "session_id": session.id,
                "status": word,
                "progress": self._progress(session),
                "title": session.title,
                "video_id": self._video_id(session),
                "created_at": int(session.at),
                "messages": messages[::-1][:MESSAGES_SHOWN],
            }
        )

    async def _list_videos(self, request: web.Request) -> web.Response:
        house = self._house
        runs = [order for order in reversed(self._mine(request).runs) if not order.deleted]
        return paged(
            request, [house.video(order, house.word(order)) for order in runs], limit_max=100
        )

    async def _show_resource(self, request: web.Request) -> web.Response:
        session, wanted = self._mine(request), request.match_info["resource_id"]
        order = next((run for run in session.runs if run.video_id == wanted), None)
        if order is None:
            raise RefusedError(404, code="resource_not_found")
        url = self._house.films.link(order)
        return answered({"resource_id": wanted, "type": "video", "url": url})

    async def _list_styles(self, request: web.Request) -> web.Response:
        tag = word_in(request, "tag", words=TAGS)
        face = self._house.films.face_url
        rows = [
            {
                **style,
                "thumbnail_url": face(f"{style['style_id']}.jpg"),
                "preview_video_url": face(f"{style['style_id']}.mp4"),
            }
            for style in styles()
            if not tag or tag in style["tags"]
        ]
        return paged(request, rows, limit_max=100)

    def _need_valid(self, asked: NewSession) -> None:
        if asked.callback_id is not None and asked.callback_url is None:
            raise RefusedError(400, "callback_id needs callback_url.", param="callback_id")
        if asked.style_id not in (None, *(style["style_id"] for style in styles())):
            message = "Style not found."
            raise RefusedError(404, message, param="style_id", code="resource_not_found")
        self._need_look_and_voice(asked.avatar_id, asked.voice_id)

    def _need_look_and_voice(self, avatar_id: str | None, voice_id: str | None) -> None:
        if avatar_id is not None:
            self._house.look(avatar_id, "avatar_id")
        if voice_id is not None:
            self._house.voice(voice_id, "voice_id")

    def _strike(self, session: Session) -> None:
        """Faults of a session: it never names its video, or is not found again."""
        faults = self._house.faults
        session.hides_video = faults.take("heygen:submit", "no_video_id") is not None
        session.lost = faults.take("heygen:submit", "session_lost") is not None

    def _run(
        self,
        session: Session,
        prompt: str,
        given: Json,
        *,
        files: list[AssetInput] | None,
        run_id: str | None = None,
    ) -> None:
        """Begin a paid render: the session's own, or with `run_id` a message's. Errors:
        RefusedError."""
        images, picture = [], None
        for place, one in enumerate(files or ()):
            file = self._house.assets.given(one, f"files.{place}", *FILE_KINDS)
            if file is not None:
                images.append(image_entry(f"files.{place}", file))
                if picture is None and file.content_type.startswith("image/"):
                    picture = file.body
        seconds = seconds_in(prompt)
        order = Order(
            gateway="heygen",
            id=run_id or session.id,
            endpoint=f"{AGENTS}/{session.id}" if run_id else AGENTS,
            input=given,
            wish=Wish(
                prompt=prompt,
                model="video agent",
                aspect_ratio=RATIOS[session.asked.orientation or "landscape"],
                duration_s=seconds,
                sound=True,
                image=picture,
                quick=self._house.quick,
            ),
            key=None if run_id else session.key,
            images=images,
            kind="agent",
            video_id=secrets.token_hex(16),
            title=session.title,
            text=prompt,
            usd=round(seconds * PER_SECOND_USD["agent"], 4),
            callback_url=session.asked.callback_url,
            callback_id=session.asked.callback_id,
            session_id=session.id,
        )
        self._house.accept(order)
        session.runs.append(order)

    def _mine(self, request: web.Request) -> Session:
        session = self._sessions.get(request.match_info["session_id"])
        if session is None:
            raise RefusedError(404, "Session not found.", code="resource_not_found")
        return session

    def _word(self, session: Session) -> str:
        """`thinking | waiting_for_input | reviewing | generating | completed | failed`."""
        chat = session.asked.mode == "chat"
        if not session.runs or session.questions_left > 0:
            return "waiting_for_input"
        order = session.runs[-1]
        done = self._house.ledger.account.progress(order)
        match order.state:
            case State.COMPLETED:
                return "completed"
            case State.CANCELLED if chat:
                return "waiting_for_input"
            case State.FAILED | State.CANCELLED:
                return "failed"
            case _ if done < THINKING_UNTIL:
                return "thinking"
            case _ if done < REVIEWING_UNTIL and chat:
                return "reviewing"
            case _:
                return "generating"

    def _progress(self, session: Session) -> int:
        if not session.runs:
            return 0
        order = session.runs[-1]
        done = self._house.ledger.account.progress(order)
        return 100 if order.state is State.COMPLETED else min(97, round(done * 100))

    def _video_id(self, session: Session) -> str | None:
        at = self._house.switches["agent_video_id_at"]
        if not session.runs or session.hides_video or at >= NEVER:
            return None
        order = session.runs[-1]
        known = order.over or self._house.ledger.account.progress(order) >= at
        return order.video_id if known else None

    def _closing(self, session: Session, word: str) -> list[Json]:
        """What the agent said last: its question, its film, or why there is none."""
        at, content, kind, ids = int(time.time()), "", "text", None
        if word == "waiting_for_input" and session.questions_left > 0:
            content = QUESTIONS[session.questions_left % len(QUESTIONS)]
        elif word == "completed":
            content, kind, ids = "Your video is ready.", "resource", [session.runs[-1].video_id]
        elif word == "failed" and session.runs:
            order = session.runs[-1]
            content = "Stopped." if session.stopped else ""
            content = order.fate.message if order.fate else content
            kind = "error"
        if not content:
            return []
        message = {"role": "model", "type": kind, "content": content, "created_at": at}
        return [{**message, "resource_ids": ids}]


def seconds_in(prompt: str) -> float:
    """The length a prompt asks for: v3 has no field for it."""
    found = re.search(r"(\d+)[\s-]*(?:s|sec|secs|seconds?)\b", prompt, re.IGNORECASE)
    return min(float(found[1]), FIVE_MINUTES_S) if found else USUAL_S
