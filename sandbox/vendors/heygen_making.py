"""Avatars and voices being made: they take a while, and events tell of their end."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace

from aiohttp import web

from sandbox.vendors.heygen_catalog import LANGUAGES, SEED_VOICE_ID, Look, Voice
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import AVATAR_USD, Order
from sandbox.vendors.heygen_wire import Json, RefusedError
from sandbox.vendors.jobs import State
from sandbox.vendors.render import Wish

UNHEARD = "We could not hear one voice in this recording."
FAILED = "We could not find a face in this picture."
GENERATED = {"photo_avatar": "photo_avatar_generation", "digital_twin": "instant_avatar"}


class Making:
    """What this account is having made. An armed `fail` on `heygen:training` ends one as failed."""

    def __init__(self, house: House, *, pace_s: float) -> None:
        self._house, self._pace_s = house, pace_s
        self._tasks: set[asyncio.Task[None]] = set()
        self.bills: list[Order] = []

    def clear(self) -> None:
        """Nothing more is told of what is being made, and nothing was paid."""
        self.bills.clear()
        for task in self._tasks:
            task.cancel()

    def look(self, name: str, type_: str, group_id: str | None, *, bill: Order | None) -> Look:
        """A private look that will be ready later. Errors: RefusedError 402."""
        house = self._house
        if bill is not None and house.ledger.balance_usd() < bill.usd:
            raise RefusedError(402)
        group = group_id or secrets.token_hex(16)
        fault = house.faults.take("heygen:training", "fail")
        look = Look(
            id=secrets.token_hex(16),
            name=name,
            group_id=group,
            avatar_type=type_,
            gender="female",
            default_voice_id=SEED_VOICE_ID,
            orientation="portrait",
            matting=type_ == "digital_twin",
            private=True,
            ready_at=time.time() + self._takes_s(),
            created_at=int(time.time()),
        )
        house.catalog.looks[look.id] = look
        house.catalog.group_names.setdefault(group, name)
        message = None if fault is None else str(fault.params.get("message", FAILED))
        if bill is not None:
            bill.id = look.id
            self.bills.append(bill)
        self._later(look, message, bill)
        return look

    def voice(self, name: str, language: str | None) -> Voice:
        """A cloned voice that will be ready later, or never."""
        fault = self._house.faults.take("heygen:training", "fail")
        tag = (language or "en").lower()
        named = [one for one, tags in LANGUAGES.items() if tags[0].startswith(tag)]
        voice = Voice(
            voice_id=secrets.token_hex(16),
            name=name,
            language=named[0] if named else "English",
            gender="female",
            locale=LANGUAGES[named[0] if named else "English"][0],
            engine="starfish",
            support_pause=True,
            support_locale=False,
            private=True,
            ready_at=time.time() + self._takes_s(),
            created_at=int(time.time()),
            failure=None if fault is None else str(fault.params.get("message", UNHEARD)),
        )
        self._house.catalog.voices[voice.voice_id] = voice
        return voice

    def renamed(self, look: Look, name: str) -> Look:
        """The same look under another name."""
        self._house.catalog.looks[look.id] = changed = replace(look, name=name)
        return changed

    def _takes_s(self) -> float:
        set_s: float = self._house.switches["training_s"]
        return self._pace_s if set_s < 0 else set_s

    def _later(self, look: Look, failure: str | None, bill: Order | None) -> None:
        task = asyncio.get_running_loop().create_task(self._make(look, failure, bill))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, look: Look, failure: str | None, bill: Order | None) -> None:
        await asyncio.sleep(look.ready_at - time.time())
        house = self._house
        if bill is not None:
            bill.state, bill.ended_at = State.FAILED if failure else State.COMPLETED, time.time()
            house.ledger.pay(0.0 if failure else bill.usd)
        present = house.catalog.looks.get(look.id)
        if present is None:
            return
        if failure:
            house.catalog.looks[look.id] = replace(present, failure=failure)
        story = {"avatar_id": look.id, "group_id": look.group_id, "name": present.name}
        end = "fail" if failure else "success"
        more = {"msg": failure} if failure else {}
        house.webhooks.tell(
            f"{GENERATED[look.avatar_type]}.{end}", {**story, **more}, about=look.id
        )


def bill_of(request: web.Request, given: Json, images: list[Json]) -> Order:
    """What a new avatar costs, as the ledger will show it; its id comes with the look."""
    return Order(
        gateway="heygen",
        id="",
        endpoint=request.path,
        input=given,
        wish=Wish("", "avatar"),
        key=request.headers.get("Idempotency-Key"),
        images=images,
        kind="avatar",
        usd=AVATAR_USD,
    )
