"""api.fal.ai/v1: prices, request history, balance and payload deletion.

fal.ai/docs/platform-apis/v1 (models/pricing, models/requests/by-endpoint, account/billing, meta);
the fields of a history item are those third-party readers of it use.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.vendors.fal_errors import answer, envelope, failure_of
from sandbox.vendors.fal_models import ENDPOINTS
from sandbox.vendors.house import House
from sandbox.vendors.jobs import Account, Job, State
from sandbox.vendors.switches import Switches

PRICED_MAX = 50
PAGE_ITEMS = 50
PAGE_ITEMS_MAX = 100
ADMIN_LOCK = "User is locked. Reason: Admin lock. Please contact support@fal.ai"
LISTED = {"success": State.COMPLETED, "error": State.FAILED, "user_error": State.FAILED}


class FalPlatform:
    """The platform API around one account. `output` is the result of a completed job."""

    def __init__(
        self,
        house: House,
        *,
        api_key: str,
        output: Callable[[Job], dict[str, Any]],
        forget: Callable[[str], None],
    ) -> None:
        self._wire = house.wire
        self._account = house.account
        self._switches = house.switches
        self._api_key = api_key
        self._output = output
        self._forget = forget

    def app(self) -> web.Application:
        """api.fal.ai, `/v1`."""
        app = self._wire.app()
        app.router.add_get("/v1/models/pricing", self._pricing)
        app.router.add_get("/v1/models/requests/by-endpoint", self._history)
        app.router.add_delete("/v1/models/requests/{request_id}/payloads", self._delete)
        app.router.add_get("/v1/account/billing", self._billing)
        app.router.add_get("/v1/meta", self._meta)
        return app

    async def _pricing(self, request: web.Request) -> web.Response:
        if not self._has_key(request):
            return envelope(401)
        asked = _listed(request, "endpoint_id")
        if len(asked) > PRICED_MAX:
            return _refusal(400, f"At most {PRICED_MAX} endpoint ids")
        if unknown := [name for name in asked if name not in ENDPOINTS]:
            return _refusal(404, f"Endpoint not found: {unknown[0]}")
        prices = [
            {
                "endpoint_id": name,
                "unit_price": ENDPOINTS[name].unit_usd,
                "unit": ENDPOINTS[name].unit,
                "currency": "USD",
            }
            for name in asked or list(ENDPOINTS)[:PRICED_MAX]
        ]
        return answer({"prices": prices, "next_cursor": None, "has_more": False})

    async def _history(self, request: web.Request) -> web.Response:
        """Newest first, by cursor; payloads only where asked for and where they were kept."""
        if not self._has_key(request):
            return envelope(401)
        if self._switches["history"] == "forbidden":
            return _refusal(403, "This key may not read request history")
        asked = _listed(request, "endpoint_id")
        if not asked:
            return _refusal(400, "endpoint_id is required")
        try:
            since, until = _moment(request, "start"), _moment(request, "end")
            limit = min(int(request.query.get("limit", PAGE_ITEMS)), PAGE_ITEMS_MAX)
            skipped = int(request.query.get("cursor") or 0)
        except ValueError as wrong:
            return _refusal(400, str(wrong))
        word = request.query.get("status")
        found = [
            job
            for job in sorted(self._account.jobs(), key=lambda job: -job.at)
            if job.endpoint in asked
            and (job.over or self._switches["history"] == "all")
            and (since is None or job.at >= since)
            and (until is None or job.at <= until)
            and (word is None or job.state is LISTED.get(word))
        ]
        expand = "payloads" in _listed(request, "expand")
        items = [self._item(job, expand=expand) for job in found[skipped : skipped + limit]]
        more = len(found) > skipped + limit
        cursor = str(skipped + limit) if more else None
        return answer({"items": items, "next_cursor": cursor, "has_more": more})

    def _item(self, job: Job, *, expand: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "request_id": job.id,
            "endpoint_id": job.endpoint,
            "sent_at": _iso(job.at),
            "started_at": _iso(job.started_at),
            "ended_at": _iso(job.ended_at),
            "status_code": None,
            "duration": None,
        }
        if job.over:
            shown["status_code"] = 200 if job.state is State.COMPLETED else failure_of(job)[1]
            shown["duration"] = round((job.ended_at or job.at) - (job.started_at or job.at), 3)
        if expand and job.headers.get("x-fal-store-io") != "0":
            shown["json_input"] = job.input
            done = job.state is State.COMPLETED
            shown["json_output"] = self._output(job) if done else None
        return shown

    async def _delete(self, request: web.Request) -> web.Response:
        """Removes the output files of a request, not its inputs."""
        if not self._has_key(request):
            return envelope(401)
        job = self._account.find(request.match_info["request_id"])
        if job is None:
            return envelope(404)
        self._forget(job.id)
        return answer({"cdn_delete_results": []})

    async def _billing(self, request: web.Request) -> web.Response:
        if not self._has_key(request):
            return envelope(401)
        if self._switches["billing"] == "forbidden":
            return _refusal(403, "An admin key is required")
        shown: dict[str, Any] = {"username": "sandbox"}
        if "credits" in _listed(request, "expand"):
            left = round(balance_usd(self._account, self._switches), 4)
            shown["credits"] = {"current_balance": left, "currency": "USD"}
        return answer(shown)

    async def _meta(self, _request: web.Request) -> web.Response:
        return answer({"webhook_ip_ranges": ["127.0.0.0/8"]})

    def _has_key(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "") == f"Key {self._api_key}"


def balance_usd(account: Account, switches: Switches) -> float:
    """What is left: a job is paid unless it failed or was cancelled."""
    spent = sum(job.usd for job in account.jobs() if _is_paid(job, switches))
    return float(switches["balance_usd"]) - spent


def lock_of(account: Account, switches: Switches) -> web.Response | None:
    """How a locked account is refused: without money, or by a lock that outlives a payment."""
    if balance_usd(account, switches) <= 0:
        return envelope(int(switches["locked_status"]))
    return answer({"detail": ADMIN_LOCK}, 403) if switches["admin_lock"] else None


def _is_paid(job: Job, switches: Switches) -> bool:
    """fal never bills its own 5xx; a refusal may have cost a runner's time (docs.fal.ai faq)."""
    match job.state:
        case State.FAILED:
            worked = failure_of(job)[1] == 422 and job.usd > 0
            return worked and switches["refusals"] == "billed"
        case State.CANCELLED:
            return False
        case _:
            return True


def _listed(request: web.Request, name: str) -> list[str]:
    """A repeated parameter, or one with commas."""
    given = request.query.getall(name, [])
    return [word for text in given for word in text.split(",") if word]


def _moment(request: web.Request, name: str) -> float | None:
    """An ISO 8601 time or date as Unix seconds. Errors: ValueError."""
    text = request.query.get(name)
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


def _refusal(status: int, message: str) -> web.Response:
    kinds = {400: "validation_error", 403: "authorization_error", 404: "not_found"}
    return answer({"error": {"type": kinds[status], "message": message}}, status)
