"""The vendors: what they accepted and must be paid for. Their ledger outlives every crash.

HeyGen's workflow endpoint and fal's queue, as their documents have them (see `gateways/`): neither
honours a key, so each accepted POST is a payment.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.simulation.canaries import FAL_KEY, HEYGEN_KEY
from tests.simulation.concern import current_execution
from tests.simulation.facts import VIDEO_MAGIC
from tests.simulation.plan import Ending

if TYPE_CHECKING:
    from tests.simulation.world import World

HEYGEN, HEYGEN_UPLOAD = "api.heygen.com", "upload.heygen.com"
FAL, FAL_REST, FAL_CDN = "queue.fal.run", "rest.fal.ai", "v3.fal.media"
HEYGEN_FILES = "files2.heygen.ai"
LINK_LIFE_S = 40.0
RENDER_S = (4.0, 25.0)
LATE_S = (21 * 60.0, 30 * 60.0)
NASTY = "<!channel> <@UEVIL> {} " + "very " * 200 + "bad"


@dataclass(slots=True)
class Accepted:
    """One submission that a vendor accepted: a payment."""

    vendor: str
    remote_id: str
    execution_id: str
    key: str | None
    prompt: str
    at: float
    done_at: float
    ending: Ending
    cancelled: bool = False
    flaps: int = 0  # answers that take back what was said


class Vendors:
    """Both vendors and the hosts of their files."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self._world = world
        self._draw = draw
        self.ledger: list[Accepted] = []
        self._by_id: dict[str, Accepted] = {}
        self._by_execution: defaultdict[str, list[Accepted]] = defaultdict(list)

    def answer(self, request: httpx.Request, wire: str) -> httpx.Response:
        """What a vendor answers, having done what was asked."""
        host, path = request.url.host, request.url.path
        if wire == "submit":
            self._world.checker.submit_on_wire(request, current_execution())
            return self._accept(host, request)
        if wire == "download":
            return self._file(request)
        match host:
            case "api.heygen.com":
                return self._heygen(request, path)
            case "queue.fal.run":
                return self._fal(request, path)
            case _:
                return self._upload(host, path)

    def not_known(self, request: httpx.Request) -> httpx.Response:
        """A vendor does not know a new id yet; of an old one it always knows."""
        found = self._found(request.url.path)
        if found is None or self._now() - found.at > 60.0 or request.method != "GET":
            return httpx.Response(503, content=b"<html>")
        if found.vendor == HEYGEN:
            return _json(200, {"data": {"status": "not_found"}})
        return _json(404, {"status": "NOT_FOUND"})

    def odd(self, request: httpx.Request, kind: str) -> httpx.Response:
        """Words that no document has, and `completed` without a link."""
        if "/requests/" in request.url.path:
            word = "COMPLETED" if kind == "no_link" else "PONDERING"
            return _json(200, {"status": word} if "status" in request.url.path else {"seed": 1})
        word = "completed" if kind == "no_link" else "pondering"
        return _json(200, {"data": {"status": word, "output": {}}})

    def hangs(self, host: str) -> bool:
        """Whether a host takes what is sent to it and says nothing."""
        world = self._world
        if world.plan.hangs and host.endswith(world.plan.hangs) and not world.faults.healed:
            world.faults.noted("vendor.hangs")
            return True
        return world.faults.strikes("vendor.hangs") is not None

    def nasty(self, request: httpx.Request) -> httpx.Response:
        """It broke while it was rendered, and says so with markup and our own key."""
        entry = self._found(request.url.path)
        if entry is None or request.method != "GET":
            return httpx.Response(503, content=b"<html>")
        words = NASTY.format(HEYGEN_KEY if entry.vendor == HEYGEN else FAL_KEY)
        entry.ending, entry.done_at = Ending.FAILED, self._now()
        if entry.vendor == HEYGEN:
            failed = {"status": "failed", "error": {"message": words}}
            return _json(200, {"data": failed})
        if request.url.path.endswith("/status"):
            return _json(200, {"status": "COMPLETED"})
        problem = {"loc": ["body"], "msg": words, "type": "internal_server_error"}
        return _json(500, {"detail": [problem]})

    def flapping(self, request: httpx.Request) -> httpx.Response:
        """It is done, its link is dead, and at the next looks it is under way, and then broken."""
        entry = self._found(request.url.path)
        if entry is None or request.method != "GET":
            return httpx.Response(503, content=b"<html>")
        entry.flaps, entry.ending, entry.done_at = 2, Ending.FAILED, self._now()
        if entry.vendor == HEYGEN:
            output = {"video": {"video_url": self._dead_link(HEYGEN_FILES, entry)}}
            return _json(200, {"data": {"status": "completed", "output": output}})
        if request.url.path.endswith("/status"):
            return _json(200, {"status": "COMPLETED"})
        return _json(200, {"video": {"url": self._dead_link(FAL_CDN, entry)}, "seed": 7})

    def with_anothers_id(self, answer: httpx.Response) -> httpx.Response:
        """An answer that carries the id of an older submission."""
        body = json.loads(answer.content)
        mine = self.ledger[-1]
        bound = {row["remote_id"] for row in self._world.rows("SELECT remote_id FROM execution")}
        known = [e for e in self.ledger if e.vendor == mine.vendor and e.remote_id in bound]
        if not known:
            return answer
        others = known[0]
        text = json.dumps(body).replace(mine.remote_id, others.remote_id)
        return httpx.Response(answer.status_code, content=text.encode())

    def paid_for(self, execution_id: str) -> list[Accepted]:
        """What was accepted for one execution."""
        return self._by_execution[execution_id]

    def by_id(self, remote_id: str) -> Accepted | None:
        """What is known under an id."""
        return self._by_id.get(remote_id)

    def _now(self) -> float:
        return self._world.loop.time()

    def _accept(self, host: str, request: httpx.Request) -> httpx.Response:
        if self._is_full(host):
            self._world.faults.noted("submit.full")
            error = {"code": "rate_limit_exceeded", "message": "too many at once"}
            return _json(429, {"error": error, "detail": "too many at once"})
        body = json.loads(request.content)
        prompt = str(body.get("prompt") or body["input"]["prompt"])
        entry = Accepted(
            vendor=host,
            remote_id=f"{'ex' if host == HEYGEN else 'fr'}-{self._draw.getrandbits(64):016x}",
            execution_id=current_execution() or "",
            key=request.headers.get("idempotency-key"),
            prompt=prompt,
            at=self._now(),
            done_at=0.0,
            ending=self._ending(),
        )
        span = LATE_S if entry.ending is Ending.LATE else RENDER_S
        entry.done_at = self._now() + self._draw.uniform(*span)
        self.ledger.append(entry)
        self._by_id[entry.remote_id] = entry
        self._by_execution[entry.execution_id].append(entry)
        self._world.note("paid", f"{entry.remote_id} {entry.execution_id}")
        if host == HEYGEN:
            return _json(200, {"code": 100, "data": {"execution_id": entry.remote_id}})
        base = f"https://{FAL}{_app_path(request.url.path)}/requests/{entry.remote_id}"
        return _json(
            200,
            {
                "request_id": entry.remote_id,
                "status_url": f"{base}/status",
                "response_url": base,
                "cancel_url": f"{base}/cancel",
                "queue_position": 1,
            },
        )

    def _ending(self) -> Ending:
        plan = self._world.plan
        if plan.in_turn:
            return plan.endings[min(len(self.ledger), len(plan.endings) - 1)]
        return self._draw.choice(plan.endings)

    def _is_full(self, host: str) -> bool:
        room = self._world.plan.room
        if not room or self._world.faults.healed:
            return False
        return sum(e.vendor == host and not self._is_over(e) for e in self.ledger) >= room

    def _found(self, path: str) -> Accepted | None:
        return next((self._by_id[part] for part in path.split("/") if part in self._by_id), None)

    def _is_over(self, entry: Accepted) -> bool:
        return entry.ending is not Ending.NEVER and self._now() >= entry.done_at

    def _says_over(self, entry: Accepted) -> bool:
        """What it answers, which may take back what it said before."""
        if entry.flaps:
            entry.flaps -= 1
            return False
        return self._is_over(entry)

    def _heygen(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.method == "POST":
            return self._upload(HEYGEN, path)
        entry = self._found(path)
        if entry is None:
            return _json(200, {"data": {"status": "not_found"}})
        if not self._says_over(entry):
            return _json(200, {"data": {"status": "running", "output": None}})
        if entry.ending is Ending.FAILED:
            failed = {"status": "failed", "error": {"message": "internal error"}}
            return _json(200, {"data": failed})
        output = {"video": {"video_url": self._link(HEYGEN_FILES, entry), "video_id": "v"}}
        return _json(200, {"data": {"status": "completed", "output": output}})

    def _fal(self, request: httpx.Request, path: str) -> httpx.Response:
        entry = self._found(path)
        if entry is None:
            return _json(404, {"status": "NOT_FOUND"})
        over = self._says_over(entry)
        if request.method == "PUT":
            if over:
                return _json(400, {"status": "ALREADY_COMPLETED"})
            entry.cancelled = self._draw.random() < 0.5  # a signal only
            entry.done_at = min(entry.done_at, self._now() + 3.0)
            return _json(202, {"status": "CANCELLATION_REQUESTED"})
        if path.endswith("/status"):
            if not over:
                return _json(202, {"status": "IN_PROGRESS"})
            return _json(200, {"status": "COMPLETED"})
        if not over:
            return _json(400, {"detail": "Request is still in progress"})
        if entry.cancelled:
            return _json(499, {"detail": "cancelled", "error_type": "client_cancelled"})
        if entry.ending is Ending.FAILED:
            problem = {"loc": ["body"], "msg": "broke", "type": "internal_server_error"}
            return _json(500, {"detail": [problem]})
        return _json(200, {"video": {"url": self._link(FAL_CDN, entry)}, "seed": 7})

    def _link(self, host: str, entry: Accepted) -> str:
        """A fresh link at every check; it lives for a while."""
        return f"https://{host}/{entry.remote_id}.mp4?until={self._now() + LINK_LIFE_S:.3f}"

    def _dead_link(self, host: str, entry: Accepted) -> str:
        return f"https://{host}/{entry.remote_id}.mp4?until=0"

    def _file(self, request: httpx.Request) -> httpx.Response:
        entry = self._by_id.get(request.url.path.strip("/").removesuffix(".mp4"))
        until = float(request.url.params.get("until", "0"))
        if entry is None or self._now() > until:
            return httpx.Response(403, content=b"expired")
        content = VIDEO_MAGIC + entry.remote_id.encode() + b" " * 64
        return httpx.Response(200, headers={"content-type": "video/mp4"}, content=content)

    def _upload(self, host: str, path: str) -> httpx.Response:
        if self._world.faults.strikes("upload.broken"):
            return httpx.Response(502, content=b"<html>")
        if host == FAL_REST and path.endswith("/token"):
            return _json(200, {"token": "t", "token_type": "Bearer"})
        if host == FAL_CDN:
            return _json(200, {"access_url": f"https://{FAL_CDN}/files/picture.png"})
        if host == FAL_REST:
            place = f"https://{FAL_CDN}/put/picture.png"
            return _json(200, {"upload_url": place, "file_url": place})
        return _json(200, {"data": {"url": f"https://{HEYGEN_FILES}/asset/picture.png"}})


def _app_path(path: str) -> str:
    return "/" + "/".join(path.strip("/").split("/")[:2])


def _json(status: int, body: dict[str, Any]) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return httpx.Response(status, headers=headers, content=json.dumps(body).encode())
