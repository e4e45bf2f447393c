"""HeyGen's Video Agent: a session is begun by an idea and, in a conversation, goes on by messages.
Nothing keeps a session or a message from being paid twice. Each makes a video under a name of its
own, which the session tells late or never, or asks something and makes nothing; a session may be
lost while its video is finished, and takes one message at a time.
Wire: `sandbox/vendors/heygen_v3_agents.py`, heygen-cli `gen/video-agent.go`."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.simulation.concern import current_execution
from tests.simulation.facts import EPOCH
from tests.simulation.ledger import Accepted, Order, said
from tests.simulation.plan import Ending
from tests.simulation.vendor_heygen import AGENTS, HOST

if TYPE_CHECKING:
    from tests.simulation.vendors import Vendors
    from tests.simulation.world import World

STYLES = f"{AGENTS}/styles"
TAG = re.compile(r"\bdl-[0-9a-f]{16}\b")
TITLE_CHARS, MESSAGES_SHOWN = 80, 40
STOPS_WITHIN_S = (0.5, 3.0)
NEARLY_DONE_S = 4.0  # what is so far is finished although it was told to stop, and paid for
NEW_S = 60.0
NEVER_NAMED_SHARE, LOST_SHARE, CLOSED_SHARE, TAGGED_TITLE_SHARE = 0.15, 0.12, 0.3, 0.5
LOST_AFTER_S = (1.0, 60.0)
NEVER = float("inf")
ASKS = "Who is this for? <!channel> <@UEVIL> {}"
# What only an answer about a video can say; of a session there are two such words.
_OF_A_VIDEO = frozenset(
    f"check.{word}" for word in ("no_link", "nasty_error", "flapping", "evil_link")
)
_OF_A_SESSION = frozenset({"check.not_found", "check.unknown_word"})


@dataclass(slots=True, kw_only=True)
class Turn:
    """What was said to a session, and what came of it: a video, or a question."""

    text: str
    entry: Accepted
    video_id: str

    @property
    def asks(self) -> str:
        """The name of its question; empty where it makes a video."""
        return f"ask{self.entry.remote_id[3:]}" if self.entry.ending is Ending.ASKS else ""


@dataclass(slots=True, kw_only=True)
class Session:
    """One session. `named_after` is the share of a render after which it tells its video; `lost_at`
    when its own id is forgotten; `is_closed_by_a_stop`: then it takes no further message."""

    id: str
    chat: bool
    prompt: str
    title: str
    at: float
    orientation: str | None
    callback_url: str | None
    named_after: float
    lost_at: float
    is_closed_by_a_stop: bool
    is_stopped: bool = False
    turns: list[Turn] = field(default_factory=list)


class Agents:
    """The sessions of the account, and their answers."""

    def __init__(self, world: World, vendors: Vendors) -> None:
        self._world = world
        self._vendors = vendors
        self._draw = random.Random(f"agents {world.plan.seed}")
        self.sessions: dict[str, Session] = {}
        self.refused: set[str] = set()  # executions whose message no session took

    def takes(self, request: httpx.Request) -> bool:
        """Whether a call is about sessions."""
        path = request.url.path
        return request.url.host == HOST and path.startswith(AGENTS) and path != STYLES

    def could(self, kind: str, request: httpx.Request) -> bool:
        """Whether a fault of that kind would change what this request is answered."""
        if kind == "submit.in_flight" or kind in _OF_A_VIDEO:
            return False
        if kind not in _OF_A_SESSION:
            return True
        session = self._looked_at(request)
        is_new = session is not None and self._now() - session.at <= NEW_S
        return session is not None and (is_new or kind != "check.not_found")

    def not_known(self) -> httpx.Response:
        """A session that it does not know, or no more."""
        error = {"code": "resource_not_found", "message": "Session not found."}
        return said(404, {"error": error})

    def odd(self, request: httpx.Request) -> httpx.Response:
        """A status word of no document."""
        session = self._looked_at(request)
        assert session is not None
        return said(200, {"data": self._told(session, word="pondering")})

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What it answers, having done what was asked."""
        name, _, what = request.url.path.removeprefix(AGENTS).strip("/").partition("/")
        if not name:
            return self._begin(request) if request.method == "POST" else self._listed()
        session = self.sessions.get(name)
        if request.method == "POST" and not what:
            return self._hear(request, session)
        if session is None:
            return self.not_known()
        match what:
            case "stop":
                return self._stop(session)
            case "videos":
                return self._videos(session)
            case _ if self.is_lost(session):
                return self.not_known()
            case _:
                return said(200, {"data": self._told(session, word=self._word(session))})

    def heard_by(self, execution_id: str) -> Session | None:
        """The session that heard an execution's words, if one did."""
        for session in self.sessions.values():
            if any(turn.entry.execution_id == execution_id for turn in session.turns):
                return session
        return None

    def is_lost(self, session: Session) -> bool:
        """Whether nobody can ask for it any more."""
        return self._now() >= session.lost_at

    def _begin(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        prompt = str(body["prompt"])
        url = body.get("callback_url")
        order = Order(prompt=prompt, endpoint=AGENTS, body=body, callback_url=url)
        self._world.checker.submit_on_wire(order, request, current_execution())
        if (full := self._vendors.refused_for_room(HOST)) is not None:
            return full
        turn, draw = self._turn(order, prompt), self._draw
        is_tagged, is_named = (
            draw.random() < TAGGED_TITLE_SHARE,
            draw.random() > NEVER_NAMED_SHARE,
        )
        named_after, lost_after_s = draw.random(), draw.uniform(*LOST_AFTER_S)
        session = Session(
            id=turn.entry.remote_id,
            chat=body.get("mode") == "chat",
            prompt=prompt,
            title=" ".join(prompt.split()) if is_tagged else prompt.splitlines()[0][:TITLE_CHARS],
            at=self._now(),
            orientation=body.get("orientation"),
            callback_url=url,
            named_after=named_after if is_named else NEVER,
            lost_at=self._now() + lost_after_s if draw.random() < LOST_SHARE else NEVER,
            is_closed_by_a_stop=draw.random() < CLOSED_SHARE,
            turns=[turn],
        )
        self.sessions[session.id] = session
        return said(200, {"data": {"session_id": session.id, "status": "thinking"}})

    def _hear(self, request: httpx.Request, session: Session | None) -> httpx.Response:
        """The next message: an answer to what it asked, or what to change."""
        body = json.loads(request.content)
        order = Order(
            prompt=f"{session.prompt if session is not None else ''}\n{body['message']}",
            endpoint=request.url.path,
            body={"orientation": session.orientation if session is not None else None, **body},
            callback_url=session.callback_url if session is not None else None,
        )
        execution_id = current_execution()
        self._world.checker.submit_on_wire(order, request, execution_id)
        if (full := self._vendors.refused_for_room(HOST)) is not None:
            return full
        if session is None or self.is_lost(session):
            self.refused.add(execution_id or "")
            return self.not_known()
        if not session.chat or (session.is_stopped and session.is_closed_by_a_stop):
            self.refused.add(execution_id or "")
            words = "This session takes no messages."
            error = {"code": "invalid_parameter", "message": words, "param": "session_id"}
            return said(400, {"error": error})
        if not self._vendors.is_over(session.turns[-1].entry):
            words = "The session is still working on the last message."
            return said(409, {"error": {"code": "conflict", "message": words}})
        turn = self._turn(order, str(body["message"]))
        session.turns.append(turn)
        return said(200, {"data": {"session_id": session.id, "run_id": turn.entry.remote_id}})

    def _turn(self, order: Order, text: str) -> Turn:
        """A payment, or a question. Its video has a name of its own; and where the answer is lost,
        we call it by its session and its tag."""
        entry = self._vendors.accept_session(order, current_execution() or "")
        video_id, tag = f"av-{entry.remote_id[3:]}", TAG.search(text)
        found_as = f"{order.endpoint.rpartition('/')[2]}:{tag[0]}" if tag else video_id
        self._vendors.also_known_as(entry, (video_id, found_as))
        return Turn(text=text, entry=entry, video_id=video_id)

    def _stop(self, session: Session) -> httpx.Response:
        """At the next checkpoint."""
        entry, now = session.turns[-1].entry, self._now()
        session.is_stopped = entry.asked_to_stop = True
        asks = entry.ending is Ending.ASKS
        if asks or entry.ending is Ending.NEVER or entry.done_at > now + NEARLY_DONE_S:
            entry.cancelled = True
            entry.ending = entry.ending if asks else Ending.FAILED
            entry.done_at = min(entry.done_at, now + self._draw.uniform(*STOPS_WITHIN_S))
        return said(200, {"data": {"session_id": session.id}})

    def _listed(self) -> httpx.Response:
        rows = [
            {
                "session_id": session.id,
                "title": session.title,
                "status": self._word(session),
                "created_at": int(EPOCH + session.at),
                "video_id": self._video_id(session),
            }
            for session in reversed(self.sessions.values())
        ]
        return said(200, {"data": rows, "has_more": False})

    def _videos(self, session: Session) -> httpx.Response:
        """Each as its own address tells it, newest first."""
        made = [turn for turn in reversed(session.turns) if not turn.asks]
        rows = [self._vendors.video(turn.entry, turn.video_id) for turn in made]
        return said(200, {"data": rows, "has_more": False})

    def _told(self, session: Session, *, word: str) -> dict[str, Any]:
        return {
            "session_id": session.id,
            "status": word,
            "progress": 100 if word == "completed" else 40,
            "title": session.title,
            "video_id": self._video_id(session),
            "created_at": int(EPOCH + session.at),
            "messages": self._messages(session, word)[:MESSAGES_SHOWN],
        }

    def _messages(self, session: Session, word: str) -> list[dict[str, Any]]:
        """The newest first."""
        rows: list[dict[str, Any]] = []
        for turn in session.turns:
            rows.append({"role": "user", "type": "text", "content": turn.text})
            if turn.asks and self._vendors.is_over(turn.entry):
                asked = ASKS.format(turn.asks)
                rows.append({"role": "model", "type": "text", "content": asked})
        if word == "completed":
            rows.append({"role": "model", "type": "resource", "content": "Your video is ready."})
        return rows[::-1]

    def _word(self, session: Session) -> str:
        entry = session.turns[-1].entry
        if not self._vendors.is_over(entry):
            return "generating"
        if entry.cancelled:
            return "waiting_for_input" if session.chat else "failed"
        match entry.ending:
            case Ending.ASKS:
                return "waiting_for_input"
            case Ending.FAILED:
                return "failed"
            case _:
                return "completed"

    def _video_id(self, session: Session) -> str | None:
        turn = session.turns[-1]
        span_s = max(turn.entry.done_at - turn.entry.at, 0.1)
        is_named = (self._now() - turn.entry.at) / span_s >= session.named_after
        return turn.video_id if is_named and not turn.asks else None

    def _looked_at(self, request: httpx.Request) -> Session | None:
        """The session that a look is about."""
        name = request.url.path.removeprefix(AGENTS).strip("/")
        return self.sessions.get(name) if request.method == "GET" else None

    def _now(self) -> float:
        return self._world.loop.time()
