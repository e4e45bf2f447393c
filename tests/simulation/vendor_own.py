"""HeyGen, as far as an account makes something for itself: an avatar of a picture, which costs a
dollar and is kept from being paid twice by its key for a day; a voice of a recording, which costs
nothing and has no key; and a sentence spoken at once, which costs a cent and has none either.
Wire: `sandbox/vendors/heygen*.py`, heygen-cli `gen/avatar.go` and `gen/voice.go`."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import httpx

from tests.simulation.ledger import said
from tests.simulation.plan import Ending
from tests.simulation.vendor_heygen import FILES, HOST, LISTS

if TYPE_CHECKING:
    from tests.simulation.world import World

MAKES_IN_S = (3.0, 40.0)
KEY_LIFE_S = 24 * 3_600.0
BUSY_S = (5.0, 40.0)
SPOKEN_S = 3.0


class Making(StrEnum):
    """What is made, by its address."""

    FACE = "/v3/avatars"
    VOICE = "/v3/voices/clone"
    SPEECH = "/v3/voices/speech"


# What only an answer about a render can say.
_OF_A_RENDER = frozenset(
    f"check.{word}"
    for word in ("unknown_word", "not_found", "no_link", "nasty_error", "flapping", "evil_link")
)
_LIST, _OWN = {Making.FACE: "/v3/avatars/looks", Making.VOICE: "/v3/voices"}, "private"
_ASKED_AS = {Making.FACE: "ownership", Making.VOICE: "type"}


@dataclass(slots=True, kw_only=True)
class Made:
    """Something that was accepted. `name` is what people called it, or what is said."""

    making: Making
    id: str
    name: str
    key: str | None
    at: float
    ready_at: float
    is_broken: bool
    busy_until: float = 0.0


class Own:
    """The ledger of all that, and its answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._draw = random.Random(f"own {world.plan.seed}")
        self.ledger: list[Made] = []

    def takes(self, request: httpx.Request) -> bool:
        """Whether a call is about what the account makes for itself."""
        if request.url.host != HOST:
            return False
        known = self._making(request) or self._asked(request)
        return known is not None or self._is_search(request)

    def could(self, kind: str, request: httpx.Request) -> bool:
        """Whether a fault of that kind would change what this request is answered."""
        if kind == "submit.in_flight":
            return self._making(request) is Making.FACE  # nothing else has a key
        return kind not in _OF_A_RENDER

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What it answers, having done what was asked."""
        making = self._making(request)
        if self._is_search(request):
            return said(200, {"data": {"voices": LISTS[_LIST[Making.VOICE]]}})
        if making is None:
            return self._told(request)
        name, key = _name(making, json.loads(request.content)), _key(request)
        self._world.own.on_wire(making, name, key)
        before = self._before(making, key)
        if before is None:
            return self._taken(self._accept(making, name, key))
        self._world.note("known", before.id)
        if self._now() < before.busy_until:
            words = "a request with this key is in progress"
            return said(409, {"error": {"code": "request_in_progress", "message": words}})
        return self._taken(before)

    def is_busy(self) -> None:
        """It has not yet done with the newest."""
        for made in self.ledger[-1:]:
            made.busy_until = self._now() + self._world.faults.between(*BUSY_S)

    def _accept(self, making: Making, name: str, key: str | None) -> Made:
        made = Made(
            making=making,
            id=f"{making.name.lower()}-{self._draw.getrandbits(64):016x}",
            name=name,
            key=key,
            at=self._now(),
            ready_at=self._now() + self._draw.uniform(*MAKES_IN_S),
            is_broken=self._draw.choice(self._world.plan.endings) is Ending.FAILED,
        )
        self.ledger.append(made)
        self._world.note("paid", f"{made.id} {name}")
        return made

    def _before(self, making: Making, key: str | None) -> Made | None:
        """Only avatars have a key that is kept."""
        if making is not Making.FACE or key is None:
            return None
        young = (made for made in self.ledger if self._now() < made.at + KEY_LIFE_S)
        return next((made for made in young if made.key == key), None)

    def _taken(self, made: Made) -> httpx.Response:
        match made.making:
            case Making.FACE:
                return said(200, {"data": {"avatar_item": {"id": made.id}}})
            case Making.VOICE:
                return said(200, {"data": {"voice_clone_id": made.id}})
            case Making.SPEECH:
                url = f"https://{FILES}/{made.id}.mp3"
                return said(200, {"data": {"audio_url": url, "duration": SPOKEN_S}})

    def _told(self, request: httpx.Request) -> httpx.Response:
        """How one is, or the list with all of them."""
        asked = self._asked(request)
        if isinstance(asked, Made):
            return said(200, {"data": self._row(asked)})
        assert asked is not None
        rows = [self._row(made) for made in self.ledger if made.making is asked]
        return said(200, {"data": [*rows, *LISTS[_LIST[asked]]], "has_more": False})

    def _row(self, made: Made) -> dict[str, Any]:
        name = "voice_id" if made.making is Making.VOICE else "id"
        row: dict[str, Any] = {name: made.id, "name": made.name, "status": "processing"}
        if self._now() < made.ready_at:
            return row
        if made.is_broken:
            no_use = "no face, or no voice, in it"
            wrong = {"failure_message": no_use, "error": {"message": no_use}}
            return row | {"status": "failed", **wrong}
        shown = {"preview_image_url": f"https://{FILES}/{made.id}.jpg"}
        return row | shown | {"status": "complete", "image_width": 512, "image_height": 512}

    def _making(self, request: httpx.Request) -> Making | None:
        if request.method != "POST":
            return None
        return next((making for making in Making if making == request.url.path), None)

    def _is_search(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path == _LIST[Making.VOICE]

    def _asked(self, request: httpx.Request) -> Made | Making | None:
        """One of its own, by its id, or the list of them, once there are any."""
        if request.method != "GET" or not self.ledger:
            return None
        for making, path in _LIST.items():
            if request.url.path == path and request.url.params.get(_ASKED_AS[making]) == _OWN:
                return making
        name = request.url.path.rpartition("/")[2]
        return next((made for made in self.ledger if made.id == name), None)

    def _now(self) -> float:
        return self._world.loop.time()


def _name(making: Making, body: Mapping[str, Any]) -> str:
    named = {Making.FACE: "name", Making.VOICE: "voice_name", Making.SPEECH: "text"}
    return str(body[named[making]])


def _key(request: httpx.Request) -> str | None:
    key: str | None = request.headers.get("idempotency-key")
    return key
