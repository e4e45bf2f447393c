"""HeyGen as its documents describe it: v3, the v1 and v2 of the seeds, uploads, its CDN.

One account behind three hosts. Each part has a module and its sources (`heygen_*.py`); here is what
all requests share: the key, the sunset of v1 and v2, idempotency, the envelope of a refusal.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors.callbacks import Callbacks
from sandbox.vendors.heygen_assets import Assets
from sandbox.vendors.heygen_catalog import Catalog
from sandbox.vendors.heygen_films import Films
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_keys import Keys, pause
from sandbox.vendors.heygen_ledger import Ledger
from sandbox.vendors.heygen_legacy import Legacy
from sandbox.vendors.heygen_legacy_catalog import LegacyCatalog
from sandbox.vendors.heygen_making import Making
from sandbox.vendors.heygen_switches import SWITCHES
from sandbox.vendors.heygen_templates import Templates
from sandbox.vendors.heygen_v3_agents import Agents
from sandbox.vendors.heygen_v3_catalog import Looks, Voices
from sandbox.vendors.heygen_v3_translations import Translations
from sandbox.vendors.heygen_v3_videos import Videos
from sandbox.vendors.heygen_webhooks import Webhooks
from sandbox.vendors.heygen_wire import (
    API_KEY,
    SHAPES_V3,
    RefusedError,
    answered,
    envelope,
    has_key,
)
from sandbox.vendors.heygen_workflows import Workflows
from sandbox.vendors.jobs import Account, Job, Studio
from sandbox.vendors.switches import Switches
from sandbox.vendors.wire import FAULT, Handler, Port, Wire

SUNSET = "Sat, 31 Oct 2026 00:00:00 GMT"
WARNING = {
    "message": "This endpoint is Legacy and will be removed on 2026-10-31.",
    "v3_endpoint": "POST /v3/videos",
    "docs_url": "https://developers.heygen.com/endpoint-version-comparison",
    "sunset_date": "2026-10-31",
}
BODY_ERROR = "Something went wrong. Please try again."
# The fault target of a request: the first line that fits.
TARGETS = tuple(
    (method, re.compile(pattern), f"heygen:{target}")
    for method, pattern, target in (
        ("POST", r"/v1/workflows/executions", "submit"),
        ("POST", r"/v3/(videos|videos/batches|video-agents|video-translations)", "submit"),
        ("POST", r"/v3/(video-agents|templates)/[^/]+", "submit"),
        ("POST", r"/v2/(video|video/av4|template/[^/]+)/generate|/v2/video_translate", "submit"),
        ("POST", r"/v1/(video\.webm|video_agent/generate)", "submit"),
        ("POST", r"/v3/video-agents/[^/]+/stop", "cancel"),
        ("DELETE", r"/v3/(videos|video-translations)/[^/]+|/v1/video\.delete", "cancel"),
        ("GET", r"/v3/video-agents/styles|/v3/video-translations/languages", "catalog"),
        ("GET", r"/v2/video_translate/target_languages", "catalog"),
        ("GET", r"/v3/(videos|video-agents|video-translations)|/v3/webhooks/events", "history"),
        ("GET", r"/v3/video-agents/[^/]+/videos|/v1/video\.list", "history"),
        ("GET", r"/v1/workflows/executions/.+", "check"),
        ("GET", r"/v3/(videos|video-agents|video-translations)/.+", "check"),
        ("GET", r"/v1/video_status\.get|/v2/(videos|video_translate)/.+", "check"),
        ("POST", r"/v3/assets(/.+)?|/v1/(asset|talking_photo)", "upload"),
        ("PUT", r"/direct/.+", "upload"),
        ("GET", r"/video/.+", "file"),
        ("GET", r"/v3/users/me|/v2/user/remaining_quota|/v1/user/me", "account"),
        ("POST", r"/v3/avatars|/v3/voices/clone|/v2/photo_avatar/.+", "training"),
        ("POST", r"/v3/voices(/speech)?", "catalog"),
        ("GET", r"/v3/(avatars|voices|templates)(/.+)?", "catalog"),
        ("GET", r"/v2/(avatar|voices|template).*|/v1/(talking_photo|brand_voice).*", "catalog"),
        ("POST", r"/v3/webhooks/.+|/v1/webhook/.+", "endpoints"),
        ("GET", r"/v3/webhooks/.+|/v1/webhook/.+", "endpoints"),
        ("DELETE", r"/v3/webhooks/.+|/v1/webhook/.+", "endpoints"),
        ("PATCH", r"/v3/webhooks/.+|/v1/webhook/.+", "endpoints"),
        ("POST", r"/v3/avatars/[^/]+/consent", "training"),
        ("GET", r"/v2/photo_avatar/.+", "training"),
        ("DELETE", r"/v3/(assets|avatars|voices)/.+|/v2/talking_photo/.+", "upkeep"),
        ("PATCH", r"/v3/(avatars|video-translations)/.+", "upkeep"),
        ("GET", r"/v3/assets(/.+)?", "upkeep"),
        ("POST", r"/v1/video/share", "upkeep"),
        ("GET", r"/(avatar|voice|image|media)/.+", "preview"),
    )
)


def target_of(request: web.Request) -> str | None:
    """The fault target of a request to any of HeyGen's three hosts."""
    for method, pattern, target in TARGETS:
        if request.method == method and pattern.fullmatch(request.path):
            return target
    return None


class HeyGen:
    """HeyGen while it serves."""

    def __init__(
        self, studio: Studio, faults: Faults, traffic: Traffic, *, pace_s: float, quick: bool
    ) -> None:
        self.switches = Switches(SWITCHES)
        self.account = Account(studio, faults, pace_s=pace_s)
        self.callbacks = Callbacks(
            "heygen", faults, traffic, origin=lambda: str(self.switches["webhook_origin"])
        )
        self._api, self._upload, self._cdn = Port(), Port(), Port()
        self._wire = Wire("heygen", target_of, envelope, faults, traffic)
        self._keys = Keys(self.switches)
        films = Films(self._wire, self.switches, studio, cdn_url=self._cdn.url)
        webhooks = Webhooks(self._wire, films, self.switches, callbacks=self.callbacks)
        self._house = House(
            ledger=Ledger(self.account, self.switches),
            films=films,
            assets=Assets(films, self.switches),
            catalog=Catalog(),
            webhooks=webhooks,
            switches=self.switches,
            faults=faults,
            quick=quick,
        )
        self._house.catalog.clear()
        films.show(self._house.ledger.by_id)
        self._making = Making(self._house, pace_s=pace_s)
        self._videos, self._agents = Videos(self._house), Agents(self._house)
        self._older = LegacyCatalog(self._house, self._making, pace_s=pace_s)
        self.account.subscribe(webhooks.ended)
        self.account.subscribe(self._videos.ended)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the hosts are, and the key."""
        return {
            "heygen_api_url": self._api.url,
            "heygen_upload_url": self._upload.url,
            "heygen_api_key": API_KEY,
        }

    def jobs(self) -> list[Job]:
        """Every accepted submission."""
        return [*self.account.jobs(), *self._making.bills]

    async def serve(self) -> None:
        """Begin to answer."""
        await self._api.serve(self._api_app())
        await self._upload.serve(self._upload_app())
        await self._cdn.serve(self._cdn_app())

    def clear(self) -> None:
        """Forget jobs, files, links, catalogs of its own, webhooks, keys and switches."""
        self.account.clear()
        house = self._house
        house.films.files.clear()
        for part in (house.ledger, house.assets, house.catalog, house.webhooks):
            part.clear()
        for one in (self._making, self._videos, self._agents, self._older, self._keys):
            one.clear()
        self.switches.reset()

    async def close(self) -> None:
        """Stop."""
        self._making.clear()
        await self.account.close()
        await self.callbacks.close()
        for port in (self._api, self._upload, self._cdn):
            await port.close()

    def _api_app(self) -> web.Application:
        """api.heygen.com."""
        app = self._guarded_app()
        house = self._house
        parts = (
            *(Workflows(house), self._videos, self._agents, Translations(house)),
            *(Templates(house), Looks(house, self._making), Voices(house, self._making)),
            *(Legacy(house), house.webhooks),
        )
        for part in parts:
            part.add_routes(app)
        house.assets.add_api_routes(app)
        self._older.add_api_routes(app)
        app.router.add_get("/v3/users/me", self._show_account)
        return app

    def _upload_app(self) -> web.Application:
        """upload.heygen.com."""
        app = self._guarded_app()
        self._house.assets.add_upload_routes(app)
        self._older.add_upload_routes(app)
        return app

    def _cdn_app(self) -> web.Application:
        """files.heygen.ai: films behind signed links that end, uploads and previews in the open."""
        app = self._wire.app()
        self._house.films.add_routes(app)
        self._house.assets.add_cdn_routes(app)
        return app

    def _guarded_app(self) -> web.Application:
        app = self._wire.app()
        app.middlewares.insert(1, self._speak)
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _speak(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Faults strike in the words of v3: say them in the dialect of the path."""
        answer = await handler(request)
        struck = request.get(FAULT)
        if struck is None or answer.status < 400 or request.path.startswith(SHAPES_V3):
            return answer
        if answer.content_type != "application/json":
            return answer
        spoken = RefusedError(answer.status).answer(request.path)
        if "Retry-After" in answer.headers:
            spoken.headers["Retry-After"] = answer.headers["Retry-After"]
        return spoken

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The key first, then the answer, errors in HeyGen's envelope."""
        sunset = self._sunset(request)
        try:
            if not has_key(request):
                raise RefusedError(401)
            if sunset == "gone_410":
                raise RefusedError(410)
            if sunset == "missing_404":
                raise RefusedError(404)
            answer = await self._keys.once(request, self._timed(handler))
        except RefusedError as refused:
            answer = self._refusal(refused, request.path)
        if sunset == "warned" and isinstance(answer, web.Response):
            _warn(answer)
        return answer

    def _timed(self, handler: Handler) -> Handler:
        """The handler, its submissions as slow to answer as the switch says, or lying in a 200."""

        async def timed(request: web.Request) -> web.StreamResponse:
            target = target_of(request) or ""
            fault = self._house.faults.take(target, "error_200")
            if fault is not None:
                code = str(fault.params.get("code", "internal_error"))
                message = str(fault.params.get("message", BODY_ERROR))
                lying = RefusedError(500, message, code=code).answer(request.path)
                lying.set_status(200)
                return lying
            answer = await handler(request)
            if target == "heygen:submit":
                await pause(self.switches["submit_takes_s"])
            return answer

        return timed

    def _refusal(self, refused: RefusedError, path: str) -> web.Response:
        if refused.status == 400 and refused.code == "invalid_parameter":
            refused.status = self.switches["validation_status"]
        if path.startswith("/v2/") and self.switches["legacy_error_text"]:
            bare = {"data": None, "error": refused.message}
            return web.json_response(bare, status=refused.status)
        answer = refused.answer(path, listed=self.switches["validation_errors"])
        if refused.status == 429:
            answer.headers["Retry-After"] = "5"
        return answer

    def _sunset(self, request: web.Request) -> str:
        """What is left of the endpoint: `off` (nothing changed), `warned`, or gone."""
        if request.path in ("/v1/asset", "/v1/talking_photo"):
            return str(self.switches["sunset_uploads"])
        if request.path.startswith("/v1/workflows/"):
            return str(self.switches["sunset_workflows"])
        if request.path.startswith(("/v1/", "/v2/")):
            return str(self.switches["sunset_legacy"])
        return "off"

    async def _show_account(self, _: web.Request) -> web.Response:
        """`GET /v3/users/me`: exactly one billing block is filled (heygen-cli)."""
        left, billing = self._house.ledger.balance_usd(), self.switches["billing"]
        reload = {"enabled": False, "threshold_usd": None, "amount_usd": None}
        left_over: dict[str, Any] = {
            "premium_credits": {"remaining": round(left), "resets_at": None}
        }
        left_over["add_on_credits"] = {"remaining": 0, "resets_at": None}
        caps = {"spending_cap_usd": None, "spending_current_usd": None}
        blocks: dict[str, Any] = {
            "wallet": {"currency": "usd", "remaining_balance": left, "auto_reload": reload},
            "subscription": {"plan": self.switches["plan"], "credits": left_over},
            "usage_based": {**caps, "remaining_credits": left, "included_credits": None},
        }
        person = {"username": "sandbox", "email": "sandbox@example.test"}
        names = {"first_name": "Sandbox", "last_name": "Account", "billing_type": billing}
        shown = {name: block if name == billing else None for name, block in blocks.items()}
        return answered({**person, **names, **shown})


def _warn(answer: web.Response) -> None:
    """What v1 and v2 said before their end: two headers, and a block beside `data`."""
    answer.headers["Deprecation"] = "true"
    answer.headers["Sunset"] = SUNSET
    if answer.content_type == "application/json" and isinstance(answer.body, bytes):
        body = json.loads(answer.body)
        answer.body = json.dumps({**body, "warning": WARNING}).encode()
