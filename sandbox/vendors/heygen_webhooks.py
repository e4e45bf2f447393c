"""HeyGen's webhooks: endpoints of v3 and v1, events, signatures over the raw bytes, history.

Sources: heygen-cli's embedded OpenAPI (endpoints, event types, events), docs.heygen.com (v1
endpoints, header `Signature`, the OPTIONS probe within a second), developers.heygen.com webhooks
(`Heygen-Signature`, `-Timestamp`, `-Event-Id`; the timestamp is not part of what is signed).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from pydantic import Field

from sandbox.vendors.callbacks import Callback, Callbacks, local_url
from sandbox.vendors.heygen_films import Films
from sandbox.vendors.heygen_ledger import Order
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    answered_v1,
    body_of,
    only_query,
    paged,
    read,
    word_in,
)
from sandbox.vendors.jobs import Job, State
from sandbox.vendors.switches import Switches
from sandbox.vendors.wire import Wire

STALE_S = 600
_ENDING = (
    *("avatar_video", "avatar_video_gif", "avatar_video_caption", "video_agent"),
    *("video_translate", "instant_avatar", "photo_avatar_generation", "photo_avatar_train"),
    *("photo_avatar_add_motion", "proofread_creation", "live_avatar", "hyperframes_video"),
    "ai_clipping",
)
EVENT_TYPES = (
    *(f"{what}.{end}" for what in _ENDING for end in ("success", "fail")),
    *("personalized_video", "batch.finished", "video_translate.preflight.validation_failed"),
    "video_translate.preflight.download_failed",
)
UNSUBSCRIBED = "live_avatar.success"
SHARE_PAGE = "https://app.heygen.com/share/"
VIDEO_PAGE = "https://app.heygen.com/videos/"


class NewEndpoint(Body):
    """`POST /v3/webhooks/endpoints`, and v1's `endpoint.add`."""

    url: str
    events: list[str] | None = None
    entity_id: str | None = None


class ChangedEndpoint(Body):
    """`PATCH /v3/webhooks/endpoints/{id}`: events are replaced whole."""

    url: str | None = None
    events: list[str] | None = None


class ChangedEndpointV1(ChangedEndpoint):
    """`PATCH /v1/webhook/endpoint.update`."""

    endpoint_id: str = Field(min_length=1)


@dataclass
class Endpoint:
    """Somebody's address for events. `events` None = all of them."""

    id: str
    url: str
    events: list[str] | None
    secret: str
    entity_id: str | None
    version: Literal["v3", "v1"]
    created_at: float

    def wants(self, event: Event) -> bool:
        """Whether this event is to be sent here."""
        scoped = self.entity_id is None or self.entity_id in event.data.values()
        return scoped and (self.events is None or event.type in self.events)


@dataclass(frozen=True)
class Event:
    """Something that happened. `about` is the order (or avatar) it happened to."""

    id: str
    type: str
    data: Json
    at: float
    about: str
    top: Json

    def shown(self) -> Json:
        """As the history lists it."""
        at = datetime.fromtimestamp(self.at, UTC).isoformat()
        return {
            "event_id": self.id,
            "event_type": self.type,
            "event_data": self.data,
            "created_at": at,
        }


class Webhooks:
    """Endpoints, events and their deliveries of one account."""

    def __init__(
        self, wire: Wire, films: Films, switches: Switches, *, callbacks: Callbacks
    ) -> None:
        self._wire, self._films, self._switches = wire, films, switches
        self._callbacks = callbacks
        self._endpoints: dict[str, Endpoint] = {}
        self._events: list[Event] = []

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com, v3 and v1."""
        v3 = "/v3/webhooks/endpoints"
        app.router.add_post(v3, self._create)
        app.router.add_get(v3, self._list)
        app.router.add_patch(v3 + "/{endpoint_id}", self._change)
        app.router.add_delete(v3 + "/{endpoint_id}", self._delete)
        app.router.add_post(v3 + "/{endpoint_id}/rotate-secret", self._rotate)
        app.router.add_get("/v3/webhooks/event-types", self._list_types)
        app.router.add_get("/v3/webhooks/events", self._list_events)
        app.router.add_get("/v1/webhook/webhook.list", self._list_types_v1)
        app.router.add_get("/v1/webhook/endpoint.list", self._list_v1)
        app.router.add_post("/v1/webhook/endpoint.add", self._add_v1)
        app.router.add_patch("/v1/webhook/endpoint.update", self._update_v1)
        app.router.add_delete("/v1/webhook/endpoint.delete", self._delete_v1)

    def clear(self) -> None:
        """Forget endpoints and events, stop delivering."""
        self._endpoints.clear()
        self._events.clear()
        self._callbacks.clear()

    def accepted(self, order: Order) -> None:
        """An armed `early` sends success while the work still runs."""
        if self._wire.faults.take("heygen:webhook", "early") is not None:
            self._tell_of(order, early=True)

    def ended(self, job: Job) -> None:
        """Tell of an order that came to its end; stopped and deleted ones are not told of."""
        told = isinstance(job, Order) and job.kind not in ("workflow", "avatar")
        if told and isinstance(job, Order) and job.state is not State.CANCELLED:
            self._tell_of(job, early=False)

    def tell(
        self, type_: str, data: Json, *, about: str, url: str | None = None, **top: Any
    ) -> None:
        """Send an event to every endpoint that wants it, and to a callback `url`."""
        event = Event(str(uuid.uuid4()), type_, data, time.time(), about, top)
        self._events.append(event)
        endpoints = list(self._endpoints.values())
        for endpoint in endpoints:
            if endpoint.wants(event):
                self._send(event, endpoint.url, endpoint)
        if url:
            signs = self._switches["callback_signed"] and endpoints
            self._send(event, url, endpoints[0] if signs else None)

    def _tell_of(self, order: Order, *, early: bool) -> None:
        won = early or order.state is State.COMPLETED
        type_, data = self._story(order, won)
        top: Json = {}
        if order.kind == "agent" and self._switches["agent_callback_id"] == "top":
            top = {"callback_id": order.callback_id}
        else:
            data["callback_id"] = order.callback_id
        self.tell(type_, data, about=order.id, url=order.callback_url, **top)
        if won and order.captions and not early:
            caption = {"video_id": order.video_id, "url": self._films.link(order, "srt")}
            self.tell("avatar_video_caption.success", caption, about=order.id)
        if self._switches["unsubscribed_events"]:
            stray = Event(str(uuid.uuid4()), UNSUBSCRIBED, {}, time.time(), order.id, {})
            for one in self._endpoints.values():
                self._send(stray, one.url, one)

    def _story(self, order: Order, won: bool) -> tuple[str, Json]:
        """The event type and its data (docs.heygen.com using-heygens-webhook-events)."""
        end = "success" if won else "fail"
        url = self._films.link(order)
        msg = order.fate.message if order.fate else "Video generation failed."
        match order.kind:
            case "agent":
                ids = {"session_id": order.session_id, "video_id": order.video_id}
                return f"video_agent.{end}", ids | ({"video_url": url} if won else {"msg": msg})
            case "translation":
                ids = {"video_translate_id": order.id, "output_language": order.language}
                return f"video_translate.{end}", ids | ({"url": url} if won else {"msg": msg})
            case _:
                data: Json = {"video_id": order.video_id}
                if not won:
                    return "avatar_video.fail", data | {"msg": msg}
                gif = self._films.link(order, "gif") if order.gif or order.legacy else None
                pages = {
                    "video_page_url": VIDEO_PAGE + order.video_id,
                    "video_share_page_url": SHARE_PAGE + order.video_id,
                }
                more = {"url": url, "gif_download_url": gif, "folder_id": order.folder_id}
                return "avatar_video.success", data | more | pages

    def _payload(self, event: Event) -> Json:
        word = self._switches["event_shape"]
        shown = event.shown()
        return {word: shown.pop("event_type"), **shown, **event.top}

    def _send(self, event: Event, url: str, signer: Endpoint | None) -> None:
        body = json.dumps(self._payload(event)).encode()

        def seal(kind: str) -> Mapping[str, str]:
            """Headers made anew at each attempt; `kind` is the fault that strikes it, if any."""
            headers = {"Content-Type": "application/json"}
            if signer is None or kind == "unsigned":
                return headers
            key = secrets.token_hex(16) if kind == "forged" else signer.secret
            signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            if signer.version == "v1":
                return headers | {"Signature": signature}
            at = int(time.time()) - (STALE_S if kind == "stale" else 0)
            marks = {"Heygen-Timestamp": str(at), "Heygen-Event-Id": event.id}
            return headers | marks | {"Heygen-Signature": signature}

        self._callbacks.send(Callback(event.about, url, body, seal))

    async def _create(self, request: web.Request) -> web.Response:
        endpoint = await self._new(await body_of(request), "v3")
        word = self._switches["webhook_secret_field"]
        return answered({**_shown(endpoint), word: endpoint.secret})

    async def _list(self, request: web.Request) -> web.Response:
        return paged(request, [_shown(one) for one in self._of("v3")], limit_max=100)

    async def _change(self, request: web.Request) -> web.Response:
        endpoint = self._mine(request.match_info["endpoint_id"])
        await self._apply(endpoint, read(ChangedEndpoint, await body_of(request)))
        return answered(_shown(endpoint))

    async def _delete(self, request: web.Request) -> web.Response:
        self._endpoints.pop(self._mine(request.match_info["endpoint_id"]).id)
        return answered({})

    async def _rotate(self, request: web.Request) -> web.Response:
        endpoint = self._mine(request.match_info["endpoint_id"])
        endpoint.secret = _new_secret()
        word = self._switches["webhook_secret_field"]
        return answered({"endpoint_id": endpoint.id, word: endpoint.secret})

    async def _list_types(self, _: web.Request) -> web.Response:
        rows = [{"event_type": one, "description": f"Sent at {one}."} for one in EVENT_TYPES]
        return answered(rows, has_more=False, next_token=None)

    async def _list_events(self, request: web.Request) -> web.Response:
        only_query(request, "event_type", "entity_id", "limit", "token")
        type_, entity = (
            word_in(request, "event_type", words=EVENT_TYPES),
            request.query.get("entity_id"),
        )
        rows = [
            event.shown()
            for event in reversed(self._events)
            if type_ in ("", event.type) and (not entity or entity in event.data.values())
        ]
        return paged(request, rows, limit_max=100)

    async def _list_types_v1(self, _: web.Request) -> web.Response:
        return answered_v1(list(EVENT_TYPES))

    async def _list_v1(self, _: web.Request) -> web.Response:
        return answered_v1([_shown_v1(one) for one in self._of("v1")])

    async def _add_v1(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        endpoint = await self._new(given, "v1")
        return answered_v1({**_shown_v1(endpoint), "secret": endpoint.secret})

    async def _update_v1(self, request: web.Request) -> web.Response:
        changed = read(ChangedEndpointV1, await body_of(request))
        endpoint = self._mine(changed.endpoint_id)
        await self._apply(endpoint, changed)
        return answered_v1(_shown_v1(endpoint))

    async def _delete_v1(self, request: web.Request) -> web.Response:
        self._endpoints.pop(self._mine(request.query.get("endpoint_id", "")).id)
        return answered_v1(None)

    async def _new(self, given: Json, version: Literal["v3", "v1"]) -> Endpoint:
        asked = read(NewEndpoint, given)
        await self._need_reachable(asked.url)
        _need_types(asked.events)
        endpoint = Endpoint(
            id=secrets.token_hex(12),
            url=asked.url,
            events=asked.events,
            secret=_new_secret(),
            entity_id=asked.entity_id,
            version=version,
            created_at=time.time(),
        )
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    async def _apply(self, endpoint: Endpoint, changed: ChangedEndpoint) -> None:
        _need_types(changed.events)
        if changed.url is not None:
            await self._need_reachable(changed.url)
            endpoint.url = changed.url
        if "events" in changed.model_fields_set:
            endpoint.events = changed.events

    async def _need_reachable(self, url: str) -> None:
        """An https address that answers the probe in time; loopback http is the sandbox's own."""
        there = local_url(url, self._switches["webhook_origin"])
        parts = urlsplit(url)
        if parts.hostname is None or not (parts.scheme == "https" or there == url):
            raise RefusedError(400, "url must be a public https address.", param="url")
        method = self._switches["webhook_probe"]
        if method == "none" or there is None:
            return
        status = await self._probed(method, there)
        self._wire.traffic.record(
            "out", "heygen", method, urlsplit(there).path, status=status, note="probe"
        )
        if status is None or status >= 400:
            raise RefusedError(400, "The webhook endpoint did not answer the probe.", param="url")

    async def _probed(self, method: str, url: str) -> int | None:
        limit = aiohttp.ClientTimeout(total=self._switches["webhook_probe_s"])
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as http,
                http.request(method, url, allow_redirects=False) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _of(self, version: str) -> list[Endpoint]:
        return [one for one in self._endpoints.values() if one.version == version]

    def _mine(self, endpoint_id: str) -> Endpoint:
        if (endpoint := self._endpoints.get(endpoint_id)) is None:
            raise RefusedError(404, "Webhook endpoint not found.", code="resource_not_found")
        return endpoint


def _shown(endpoint: Endpoint) -> Json:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events,
        "status": "enabled",
        "created_at": datetime.fromtimestamp(endpoint.created_at, UTC).isoformat(),
    }


def _shown_v1(endpoint: Endpoint) -> Json:
    shown = _shown(endpoint)
    return {name: shown[name] for name in ("endpoint_id", "url", "events", "status")}


def _need_types(events: list[str] | None) -> None:
    if unknown := sorted(set(events or ()) - set(EVENT_TYPES)):
        raise RefusedError(400, f"Unknown event type {unknown[0]}.", param="events")


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(24)}"
