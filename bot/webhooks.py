"""`/webhooks/{gateway}/{token}`: vendors tell that something has ended, and we go and look.

A delivery is a hint: it makes a check due now and changes nothing by itself. Its token is checked
before its body is read; a forged, an unknown and a stale one get the same answer. Nothing of a
body or a token is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

import gateways
from bot.callbacks import WEBHOOKS_PATH, Callbacks, callbacks_of
from bot.parts import Parts
from bot.web import body_of
from domain.errors import StorageUnavailable
from domain.offer import GatewayName
from domain.ports import Clock, Database, Transaction
from gateways.heygen_hooks import HeyGenEvents
from gateways.hooks import Delivery, Disbelief, Hooks, Told
from storage.hints import Heard, Hint, hear, hear_of
from storage.in_time import InTime

EVENTS_PATH = f"{WEBHOOKS_PATH}/{GatewayName.HEYGEN}"
RETRY_AFTER_S = 5
HEARD_WITHIN_S = 5.0  # HeyGen waits 10 s for an answer, fal 15 s

log = structlog.get_logger(__name__)


class Webhooks:
    """The addresses that vendors call. `events` reads those of HeyGen's registered endpoint."""

    def __init__(
        self,
        *,
        callbacks: Callbacks,
        hooks: Mapping[GatewayName, Hooks],
        events: HeyGenEvents | None,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        registry: CollectorRegistry,
    ) -> None:
        self._callbacks = callbacks
        self._hooks = hooks
        self._events = events
        self._database = database
        self._clock = clock
        self._wake = wake
        self._heard = Counter(
            "dailies_webhooks",
            "Deliveries of vendors, by what became of them.",
            ["gateway", "outcome"],
            registry=registry,
        )

    def add_routes(self, app: web.Application) -> None:
        """HeyGen looks whether somebody is there by OPTIONS or GET (docs.heygen.com; sources
        differ in which), and wants 200 within a second."""
        for gateway in self._hooks:
            path = f"{WEBHOOKS_PATH}/{gateway}/{{token}}"
            app.router.add_post(path, partial(self._told, gateway))
            app.router.add_get(path, _is_there)
            app.router.add_route("OPTIONS", path, _is_there)
        if self._events is not None:
            app.router.add_post(EVENTS_PATH, self._told_of_all)
        if GatewayName.HEYGEN in self._hooks:
            app.router.add_get(EVENTS_PATH, _is_there)
            app.router.add_route("OPTIONS", EVENTS_PATH, _is_there)

    async def _told(self, gateway: GatewayName, request: web.Request) -> web.Response:
        """A delivery about one attempt."""
        ours = self._callbacks.read(gateway, request.match_info["token"])
        if ours is None:
            return self._answered(gateway, "forged", _not_found())
        told = await self._hooks[gateway].read(await _delivery(request))
        if isinstance(told, Disbelief):
            return self._disbelieved(gateway, told)
        execution_id, attempt = ours
        hint = Hint(
            execution_id=execution_id,
            attempt=attempt,
            event=told.event,
            remote_ids=told.remote_ids,
            is_signed=told.is_signed,
        )
        heard = await self._hear(partial(hear, hint=hint, gateway=gateway, now=self._clock.now()))
        if heard in {Heard.DUE, Heard.EARLY}:
            log.info("webhook", gateway=gateway.value, execution=execution_id, heard=heard.value)
        return self._as_heard(gateway, heard)

    async def _told_of_all(self, request: web.Request) -> web.Response:
        """A delivery about anything in HeyGen's account; what is not ours is passed over."""
        assert self._events is not None
        told = self._events.read(await _delivery(request), self._clock.now())
        if isinstance(told, Disbelief):
            return self._disbelieved(GatewayName.HEYGEN, told)
        heard = await self._hear(partial(_hear_of, told=told, now=self._clock.now()))
        if heard is Heard.UNKNOWN:
            return self._answered(GatewayName.HEYGEN, "others", _taken())
        return self._as_heard(GatewayName.HEYGEN, heard)

    async def _hear(self, verb: Callable[..., Heard]) -> Heard | None:
        """What the database makes of it; None where it cannot be asked now."""
        try:
            heard = await self._database.run(verb)
        except StorageUnavailable:
            return None
        if heard is Heard.DUE:
            self._wake()
        return heard

    def _as_heard(self, gateway: GatewayName, heard: Heard | None) -> web.Response:
        match heard:
            case Heard.DUE | Heard.REPEATED:
                answer = _taken()
            case Heard.UNKNOWN:
                answer = _not_found()
            case Heard.EARLY | None:
                answer = _later()
        return self._answered(gateway, "storage" if heard is None else heard.value, answer)

    def _disbelieved(self, gateway: GatewayName, doubt: Disbelief) -> web.Response:
        if doubt is Disbelief.NO_KEYS:
            return self._answered(gateway, doubt.value, _later())
        log.warning("a webhook was refused", gateway=gateway.value, reason=doubt.value)
        refused = web.json_response({"error": "not signed by the vendor"}, status=401)
        return self._answered(gateway, doubt.value, refused)

    def _answered(self, gateway: GatewayName, outcome: str, answer: web.Response) -> web.Response:
        self._heard.labels(gateway.value, outcome).inc()
        return answer


def webhooks_of(parts: Parts) -> Webhooks | None:
    """The addresses of this installation, where it has a public one."""
    callbacks = callbacks_of(parts.settings)
    if callbacks is None:
        return None
    secret = parts.settings.heygen_webhook_secret
    return Webhooks(
        callbacks=callbacks,
        hooks=gateways.hooks(parts.ports.http, *parts.keys),
        events=None if secret is None else HeyGenEvents(secret.get_secret_value()),
        database=InTime(parts.ports.database, limit_s=HEARD_WITHIN_S),
        clock=parts.ports.clock,
        wake=parts.bells.ring,
        registry=parts.metrics.registry,
    )


async def _delivery(request: web.Request) -> Delivery:
    headers = {name.lower(): request.headers.getall(name) for name in request.headers}
    return Delivery(headers, await body_of(request))


def _hear_of(db: Transaction, *, told: Told, now: float) -> Heard:
    return hear_of(db, GatewayName.HEYGEN, told.remote_ids, event=told.event, now=now)


async def _is_there(_request: web.Request) -> web.Response:
    return _taken()


def _taken() -> web.Response:
    return web.json_response({"ok": True})


def _not_found() -> web.Response:
    return web.json_response({"error": "Not Found"}, status=404)


def _later() -> web.Response:
    """Not 2xx, so that it is delivered again."""
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return web.json_response({"error": "not now"}, status=503, headers=headers)
