"""The vendors: what they accepted and must be paid for. Their ledger outlives every crash.

HeyGen's workflow endpoint honours nothing, its v3 videos a key; fal can be looked through after;
Runware's tasks have an id of ours. How each speaks stands in a module of its own.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import httpx

from tests.simulation import surfaces, vendor_fal, vendor_heygen, vendor_runware
from tests.simulation.concern import current_execution
from tests.simulation.hooks import Hooks
from tests.simulation.ledger import (
    LINK_LIFE_S,
    ORDINAL,
    VIDEO_S,
    Accepted,
    Order,
    Standing,
    content_of,
    link,
    no_backend,
    said,
)
from tests.simulation.plan import Ending
from tests.simulation.results import name_of
from tests.simulation.vendor_agents import Agents
from tests.simulation.vendor_fal import Fal
from tests.simulation.vendor_heygen import HeyGen
from tests.simulation.vendor_own import Own
from tests.simulation.vendor_runware import Runware

if TYPE_CHECKING:
    from tests.simulation.world import World

House = HeyGen | Fal | Runware
RENDER_S = (4.0, 25.0)
LATE_S = (21 * 60.0, 30 * 60.0)
LATE_SPOKEN_S = (31 * 60.0, 40 * 60.0)
KEY_LIFE_S = 24 * 3_600.0
BUSY_S = (5.0, 40.0)
NEW_S = 60.0  # so long an id may be too new to be known
NASTY = "<!channel> <@UEVIL> {} " + "very " * 200 + "bad"


class Vendors:
    """All vendors and the hosts of their files."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self._world = world
        self._draw = draw
        self.ledger: list[Accepted] = []
        self.heygen, self.fal, self.runware = HeyGen(), Fal(draw), Runware()
        self.fal.ledger = self.ledger
        self.own, self.agents = Own(world), Agents(world, self)
        self.hooks = Hooks(world, self)
        self._by_id: dict[str, Accepted] = {}
        self._by_key: dict[tuple[str, str], Accepted] = {}
        self._by_execution: defaultdict[str, list[Accepted]] = defaultdict(list)

    def answer(self, request: httpx.Request, wire: str) -> httpx.Response:
        """What a vendor answers, having done what was asked."""
        if self.own.takes(request):
            return self.own.answer(request)
        if self.agents.takes(request):
            return self.agents.answer(request)
        house = self.house(request.url.host)
        if wire == "submit":
            return self._submitted(house, request)
        if wire == "download":
            return self._file(request)
        entry = self._found(request)
        if entry is not None:
            return self._asked(house, request, entry)
        if self._world.plan.no_history and request.url.host == vendor_fal.API:
            return said(403, {"detail": "This key is not allowed to do that."})
        other = house.other(request)
        if other is not None:
            return other
        if self._world.faults.strikes("upload.broken"):
            return httpx.Response(502, content=b"<html>")
        return house.stored(request)

    def house(self, host: str) -> House:
        """Whose host it is."""
        if host.endswith(("heygen.com", "heygen.ai")):
            return self.heygen
        return self.runware if host.endswith("runware.ai") else self.fal

    def not_known(self, request: httpx.Request) -> httpx.Response:
        """A vendor does not know a new id yet; of an old one it always knows."""
        if self.agents.takes(request):
            return self.agents.not_known()
        found = self._found(request)
        is_old = found is None or self._now() - found.at > NEW_S
        if is_old or request.method not in ("GET", self._question(request)):
            return no_backend()
        return self.house(request.url.host).not_known(request)

    def odd(self, request: httpx.Request, kind: str) -> httpx.Response:
        """Words that no document has, and `completed` without a link."""
        if self.agents.takes(request):
            return self.agents.odd(request)
        entry = self._found(request)
        if entry is None:
            return no_backend()
        return self.house(request.url.host).odd(request, entry, kind)

    def hangs(self, host: str) -> bool:
        """Whether a host takes what is sent to it and says nothing."""
        world = self._world
        if world.plan.hangs and host.endswith(world.plan.hangs) and not world.faults.healed:
            world.faults.noted("vendor.hangs")
            return True
        return world.faults.strikes("vendor.hangs") is not None

    def could(self, kind: str, request: httpx.Request) -> bool:
        """Whether a fault of that kind would change what this request is answered."""
        if self.own.takes(request):
            return self.own.could(kind, request)
        if self.agents.takes(request):
            return self.agents.could(kind, request)
        house, entry = self.house(request.url.host), self._found(request)
        match kind:
            case "check.not_found":
                is_question = request.method in ("GET", self._question(request))
                return entry is not None and is_question and self._now() - entry.at <= NEW_S
            case "check.unknown_word" | "check.no_link" | "check.nasty_error" | "check.flapping":
                return entry is not None and request.method != "PUT"
            case "check.evil_link":
                done = entry is not None and entry.ending is Ending.DONE
                return done and request.method != "PUT"
            case "submit.in_flight":
                return house.order(request).key is not None
            case _:
                return True

    def nasty(self, request: httpx.Request) -> httpx.Response:
        """It broke while it was rendered, and says so with markup and our own key."""
        entry = self._found(request)
        if entry is None or request.method == "PUT":
            return no_backend()
        secrets = {
            vendor_heygen.HOST: vendor_heygen.SECRET,
            vendor_fal.HOST: vendor_fal.SECRET,
            vendor_runware.HOST: vendor_runware.SECRET,
        }
        entry.ending, entry.done_at = Ending.FAILED, self._now()
        words = NASTY.format(secrets[entry.vendor])
        return self.house(entry.vendor).stands(request, Standing(entry, True, words=words))

    def flapping(self, request: httpx.Request) -> httpx.Response:
        """It is done, its link is dead, and at the next looks it is under way, and then broken."""
        entry = self._found(request)
        if entry is None or request.method == "PUT":
            return no_backend()
        entry.flaps, entry.ending, entry.done_at = 2, Ending.FAILED, self._now()
        dead = link(self.house(entry.vendor).files, entry.remote_id, 0.0)
        links = (dead,) * entry.order.results
        return self.house(entry.vendor).stands(request, Standing(entry, True, links))

    def evil(self, request: httpx.Request) -> httpx.Response:
        """It is done, and its link leads where nobody has anything to fetch."""
        entry = self._found(request)
        if entry is None or request.method == "PUT" or entry.ending is not Ending.DONE:
            return no_backend()
        entry.done_at = min(entry.done_at, self._now())
        choice = int(self._world.faults.between(0, len(surfaces.EVIL_LINKS)))
        house = self.house(entry.vendor)
        evil = surfaces.EVIL_LINKS[choice].format(files=house.files)
        return house.stands(request, Standing(entry, True, (evil,) * entry.order.results))

    def with_anothers_id(self, answer: httpx.Response) -> httpx.Response:
        """An answer that carries the id of an older submission; as it is where there is none."""
        if not self.ledger or answer.status_code != 200:
            return answer
        body = json.loads(answer.content)
        mine = self.ledger[-1]
        bound = {row["remote_id"] for row in self._world.rows("SELECT remote_id FROM execution")}
        bound -= {mine.remote_id}
        known = [e for e in self.ledger if e.vendor == mine.vendor and e.remote_id in bound]
        if not known:
            return answer
        text = json.dumps(body).replace(mine.remote_id, known[0].remote_id)
        return httpx.Response(answer.status_code, content=text.encode())

    def is_busy(self, execution_id: str | None) -> None:
        """The vendor has not yet done with the newest submit of an execution."""
        if execution_id is None:
            self.own.is_busy()
        for entry in self._by_execution[execution_id or ""][-1:]:
            entry.busy_until = self._now() + self._world.faults.between(*BUSY_S)

    def paid_for(self, execution_id: str) -> list[Accepted]:
        """What was accepted for one execution."""
        return self._by_execution[execution_id]

    def by_id(self, remote_id: str) -> Accepted | None:
        """What is known under an id."""
        return self._by_id.get(remote_id)

    def also_known_as(self, entry: Accepted, names: tuple[str, ...]) -> None:
        """Further names of what was accepted."""
        entry.names += names
        self._by_id |= dict.fromkeys(names, entry)

    def length_s(self, video: bytes) -> float:
        """How long a video is that was made: as long as the recording that it speaks."""
        entry = self.by_id(name_of(video).partition(ORDINAL)[0])
        spoken_s = entry.order.spoken_s if entry is not None else None
        return VIDEO_S if spoken_s is None else spoken_s

    def _now(self) -> float:
        return self._world.loop.time()

    def _question(self, request: httpx.Request) -> str:
        return "POST" if request.url.host == vendor_runware.HOST else "GET"

    def _submitted(self, house: House, request: httpx.Request) -> httpx.Response:
        order, execution_id = house.order(request), current_execution()
        self._world.checker.submit_on_wire(order, request, execution_id)
        before = self._by_key.get((house.host, order.key)) if order.key is not None else None
        if before is not None and self._now() < before.at + KEY_LIFE_S:
            self._world.faults.noted("submit.replayed", execution_id)
            self._world.note("known", f"{before.remote_id} {execution_id}")
            return house.known(before, busy=self._now() < before.busy_until)
        if (full := self.refused_for_room(house.host)) is not None:
            return full
        return house.taken(self._accept(house, order, execution_id or ""))

    def refused_for_room(self, host: str) -> httpx.Response | None:
        """A vendor that makes as many at once as it makes says no to one more."""
        if not self._is_full(host):
            return None
        self._world.faults.noted("submit.full", current_execution())
        return _full()

    def accept_session(self, order: Order, execution_id: str) -> Accepted:
        """An agent begins to work on what was said to it."""
        return self._accept(self.heygen, order, execution_id)

    def video(self, entry: Accepted, video_id: str) -> dict[str, Any]:
        """A video of an agent's, as a list of them tells it."""
        request = httpx.Request("GET", f"https://{entry.vendor}{vendor_heygen.VIDEOS}/{video_id}")
        told: dict[str, Any] = json.loads(self._asked(self.heygen, request, entry).content)["data"]
        return {"id": video_id, **told}

    def _accept(self, house: House, order: Order, execution_id: str) -> Accepted:
        entry = Accepted(
            vendor=house.host,
            remote_id=house.new_id(order, self._draw),
            execution_id=execution_id,
            key=order.key,
            prompt=order.prompt,
            at=self._now(),
            done_at=0.0,
            ending=self._ending(order),
            order=order,
        )
        is_long = "script" in order.body or order.endpoint.startswith(vendor_heygen.AGENTS)
        late = LATE_SPOKEN_S if is_long else LATE_S
        span = late if entry.ending is Ending.LATE else RENDER_S
        entry.done_at = self._now() + self._draw.uniform(*span)
        self.ledger.append(entry)
        self._by_id[entry.remote_id] = entry
        self._by_execution[entry.execution_id].append(entry)
        if order.key is not None:
            self._by_key[house.host, order.key] = entry
        self._world.note("paid", f"{entry.remote_id} {entry.execution_id}")
        if order.callback_url is not None:
            self.hooks.begin(entry)
        return entry

    def _ending(self, order: Order) -> Ending:
        plan = self._world.plan
        if plan.in_turn:
            ending = plan.endings[min(len(self.ledger), len(plan.endings) - 1)]
        else:
            ending = self._draw.choice(plan.endings)
        is_agents = order.endpoint.startswith(vendor_heygen.AGENTS)
        return Ending.DONE if ending is Ending.ASKS and not is_agents else ending

    def _is_full(self, host: str) -> bool:
        room = self._world.plan.room
        if not room or self._world.faults.healed:
            return False
        return sum(e.vendor == host and not self.is_over(e) for e in self.ledger) >= room

    def _found(self, request: httpx.Request) -> Accepted | None:
        ids = self.house(request.url.host).asked_about(request)
        return next((self._by_id[name] for name in ids if name in self._by_id), None)

    def is_over(self, entry: Accepted) -> bool:
        """Whether it has ended at the vendor."""
        return entry.ending is not Ending.NEVER and self._now() >= entry.done_at

    def _says_over(self, entry: Accepted) -> bool:
        """What it answers, which may take back what it said before."""
        if entry.flaps:
            entry.flaps -= 1
            return False
        return self.is_over(entry)

    def _asked(self, house: House, request: httpx.Request, entry: Accepted) -> httpx.Response:
        over = self._says_over(entry)
        entry.asked_to_stop = entry.asked_to_stop or request.method == "PUT"
        if request.method == "PUT" and over:
            return said(400, {"status": "ALREADY_COMPLETED"})
        stopped = house.stop(request, entry)
        if stopped is not None:
            entry.done_at = min(entry.done_at, self._now() + vendor_fal.STOPS_WITHIN_S)
            return stopped
        until = self._now() + LINK_LIFE_S
        made = 0 if entry.is_unbilled else entry.made
        links = tuple(link(house.files, entry.name(n), until) for n in range(1, made + 1))
        return house.stands(request, Standing(entry, over, links if over else ()))

    def _file(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.strip("/").removesuffix(".mp4")
        entry = self._by_id.get(name.partition("~")[0])
        until = float(request.url.params.get("until", "0"))
        if entry is None or self._now() > until:
            return httpx.Response(403, content=b"expired")
        headers = {"content-type": "video/mp4"}
        return httpx.Response(200, headers=headers, content=content_of(name))


def _full() -> httpx.Response:
    """Too many at once, in every vendor's envelope: each reads its own."""
    words = "too many at once"
    error = {"code": "rate_limit_exceeded", "message": words}
    wrong = {"code": "rateLimitExceeded", "message": words}
    return said(429, {"error": error, "detail": words, "errors": [wrong]})
