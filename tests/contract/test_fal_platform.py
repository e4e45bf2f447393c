"""fal's webhooks, platform API and account, as its documents describe them.

The verification below is written from fal's page, not from the product: if both agree with the
sandbox, they agree with each other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any

import fal_client
import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sandbox.faults import Fault
from tests.contract.conftest import Bench, Delivery, Receiver

TEXT = "bytedance/seedance-2.0/fast/text-to-video"
FOX = {"prompt": "a fox in snow", "duration": "4", "seed": 42}
POLL_S = 0.02
LEEWAY_S = 300


async def verified(bench: Bench, got: Delivery) -> bool:
    """Whether a delivery is fal's: any key of the JWKS, the raw body, a fresh timestamp."""
    head = {name.lower(): value for name, value in got.headers.items()}
    stamp = head["x-fal-webhook-timestamp"]
    if abs(time.time() - int(stamp)) > LEEWAY_S:
        return False
    words = [head["x-fal-webhook-request-id"], head["x-fal-webhook-user-id"], stamp]
    message = "\n".join([*words, hashlib.sha256(got.body).hexdigest()]).encode()
    async with httpx.AsyncClient() as http:
        keys = (await http.get(bench.vendors.addresses["fal_jwks_url"])).json()["keys"]
    for key in keys:
        assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
        raw = base64.urlsafe_b64decode(key["x"] + "=" * (-len(key["x"]) % 4))
        try:
            signature = bytes.fromhex(head["x-fal-webhook-signature"])
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False


async def submitted(bench: Bench, receiver: Receiver, **more: Any) -> str:
    handle = await bench.client.submit(
        TEXT, {**FOX, **more}, webhook_url=f"{receiver.url}/hook?t=1"
    )
    return str(handle.request_id)


async def test_a_webhook_is_signed_and_has_the_result(bench: Bench, receiver: Receiver) -> None:
    request_id = await submitted(bench, receiver)

    (got,) = await receiver.deliveries(1)

    body = json.loads(got.body)
    assert (got.method, got.path) == ("POST", "/hook?t=1")
    assert (body["request_id"], body["gateway_request_id"]) == (request_id, request_id)
    assert (body["status"], body["payload"]["seed"]) == ("OK", 42)
    assert body["payload"] == await bench.client.result(TEXT, request_id)
    user = bench.vendors.addresses["fal_webhook_user_id"]
    assert got.headers["X-Fal-Webhook-User-Id"] == user
    assert len(got.headers["X-Fal-Webhook-Signature"]) == 128
    assert await verified(bench, got)
    got.body += b" "
    assert not await verified(bench, got)


async def test_a_failure_is_told_with_its_detail(bench: Bench, receiver: Receiver) -> None:
    await submitted(bench, receiver, prompt="[refuse]")

    (got,) = await receiver.deliveries(1)

    body = json.loads(got.body)
    assert (body["status"], body["error"]) == ("ERROR", "Invalid status code: 422")
    assert body["payload"]["detail"][0]["type"] == "content_policy_violation"
    assert await verified(bench, got)


async def test_it_is_sent_again_until_somebody_says_yes(bench: Bench, receiver: Receiver) -> None:
    receiver.statuses = [500, 404]
    await submitted(bench, receiver)

    got = await receiver.deliveries(3)

    assert len({delivery.body for delivery in got}) == 1
    assert all([await verified(bench, delivery) for delivery in got])


@pytest.mark.parametrize(("kind", "good"), [("forged", [False, True]), ("stale", [False, True])])
async def test_a_forged_and_a_stale_one(
    bench: Bench, receiver: Receiver, kind: str, good: list[bool]
) -> None:
    bench.faults.arm(Fault("fal:webhook", kind))
    await submitted(bench, receiver)

    got = await receiver.deliveries(2)

    assert [await verified(bench, delivery) for delivery in got] == good


async def test_a_key_that_was_rotated_is_found_by_asking_again(
    bench: Bench, receiver: Receiver
) -> None:
    async with httpx.AsyncClient() as http:
        before = (await http.get(bench.vendors.addresses["fal_jwks_url"])).json()
        bench.faults.arm(Fault("fal:webhook", "rotated"))
        await submitted(bench, receiver)
        (got,) = await receiver.deliveries(1)
        after = (await http.get(bench.vendors.addresses["fal_jwks_url"])).json()

    assert before["keys"] != after["keys"]
    assert await verified(bench, got)


async def test_a_duplicate_an_early_and_a_replayed_one(bench: Bench, receiver: Receiver) -> None:
    bench.faults.arm(Fault("fal:webhook", "early"))
    bench.faults.arm(Fault("fal:webhook", "duplicate"))

    request_id = await submitted(bench, receiver)

    assert len(receiver.got) == 2  # both were there before the submission was answered
    assert await bench.vendors.fal.callbacks.again() == 200
    got = await receiver.deliveries(3)
    assert {json.loads(delivery.body)["request_id"] for delivery in got} == {request_id}
    assert got[2].headers["X-Fal-Webhook-Signature"] == got[1].headers["X-Fal-Webhook-Signature"]


async def test_an_early_one_that_nobody_knows_yet_is_sent_again(
    bench: Bench, receiver: Receiver
) -> None:
    """A product that has no such request id says no, and must hear of it again."""
    bench.faults.arm(Fault("fal:webhook", "early"))
    receiver.statuses = [404]

    await submitted(bench, receiver)

    assert len(receiver.got) == 1  # the submission was not held up by the repetition
    assert len({got.body for got in await receiver.deliveries(2)}) == 1


async def test_a_payload_may_be_missing(bench: Bench, receiver: Receiver) -> None:
    bench.faults.arm(Fault("fal:webhook", "payload_error"))
    await submitted(bench, receiver)

    body = json.loads((await receiver.deliveries(1))[0].body)
    assert (body["status"], body["payload"]) == ("OK", None)
    assert "payload_error" in body


async def test_a_public_address_is_only_reached_where_a_switch_leads(
    bench: Bench, receiver: Receiver
) -> None:
    handle = await bench.client.submit(TEXT, FOX, webhook_url="https://bot.example/hooks/1?t=x")
    await handle.get(interval=POLL_S)
    assert receiver.got == []

    bench.vendors.fal.switches.set("webhook_origin", receiver.url)
    await bench.client.submit(TEXT, FOX, webhook_url="https://bot.example/hooks/2?t=x")
    assert (await receiver.deliveries(1))[0].path == "/hooks/2?t=x"


class Platform:
    """api.fal.ai with a key."""

    def __init__(self, bench: Bench, key: str | None = None) -> None:
        at = bench.vendors.addresses
        headers = {"Authorization": f"Key {key or at['fal_key']}"}
        self.http = httpx.AsyncClient(base_url=at["fal_api_url"], headers=headers)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(path, params=params)


async def test_history_has_ended_requests_with_their_inputs(bench: Bench) -> None:
    before = datetime.now(UTC).isoformat()
    first = await bench.client.submit(TEXT, FOX)
    await first.get(interval=POLL_S)
    refused = await bench.client.submit(TEXT, {**FOX, "prompt": "[refuse]"})
    with pytest.raises(fal_client.FalClientHTTPError):
        await refused.get(interval=POLL_S)
    bench.faults.arm(Fault("fal:submit", "stuck"))
    await bench.client.submit(TEXT, FOX)
    path, api = "/models/requests/by-endpoint", Platform(bench)

    plain = (await api.get(path, endpoint_id=TEXT, start=before)).json()
    full = (await api.get(path, endpoint_id=TEXT, start=before, expand="payloads")).json()
    good = (await api.get(path, endpoint_id=TEXT, status="success")).json()
    page = (await api.get(path, endpoint_id=TEXT, limit=1)).json()
    rest = (await api.get(path, endpoint_id=TEXT, limit=1, cursor=page["next_cursor"])).json()

    ids = [refused.request_id, first.request_id]
    assert [item["request_id"] for item in plain["items"]] == ids
    assert "json_input" not in plain["items"][0]
    assert [item["status_code"] for item in plain["items"]] == [422, 200]
    assert full["items"][1]["json_input"] == FOX
    assert full["items"][1]["json_output"]["seed"] == 42
    assert datetime.fromisoformat(full["items"][1]["sent_at"]).tzinfo
    assert [item["request_id"] for item in good["items"]] == ids[1:]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert rest["items"][0]["request_id"] == first.request_id
    bench.vendors.fal.switches.set("history", "all")
    assert len((await api.get(path, endpoint_id=TEXT)).json()["items"]) == 3
    bench.vendors.fal.switches.set("history", "forbidden")
    assert (await api.get(path, endpoint_id=TEXT)).status_code == 403
    assert (await Platform(bench, "wrong").get(path, endpoint_id=TEXT)).status_code == 401


async def test_what_was_not_to_be_kept_is_not_told(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, FOX, headers={"X-Fal-Store-IO": "0"})
    await handle.get(interval=POLL_S)
    query = {"endpoint_id": TEXT, "expand": "payloads"}
    answer = await Platform(bench).get("/models/requests/by-endpoint", **query)

    assert "json_input" not in answer.json()["items"][0]


async def test_deleted_payloads_take_the_film_with_them(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, FOX)
    url = (await handle.get(interval=POLL_S))["video"]["url"]
    api = Platform(bench)

    assert (await api.http.get(url)).status_code == 200
    gone = await api.http.delete(f"/models/requests/{handle.request_id}/payloads")
    assert gone.status_code == 200
    assert (await api.http.get(url)).status_code == 404


async def test_a_film_ends_when_its_life_was_to_end(bench: Bench) -> None:
    life = {"X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 1}'}
    handle = await bench.client.submit(TEXT, FOX, headers=life)
    url = (await handle.get(interval=POLL_S))["video"]["url"]
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).status_code == 200
        ends = time.time() + 5
        while (await http.get(url)).status_code == 200:
            assert time.time() < ends


async def test_prices(bench: Bench) -> None:
    api = Platform(bench)
    answer = await api.get("/models/pricing", endpoint_id=[TEXT, "fal-ai/veo3"])

    assert answer.json()["prices"] == [
        {"endpoint_id": TEXT, "unit_price": 0.242, "unit": "seconds", "currency": "USD"},
        {"endpoint_id": "fal-ai/veo3", "unit_price": 0.2, "unit": "seconds", "currency": "USD"},
    ]
    assert (await api.get("/models/pricing", endpoint_id="fal-ai/veo9")).status_code == 404
    assert (await api.get("/models/pricing", endpoint_id=["a"] * 51)).status_code == 400


async def test_the_balance_falls_and_an_empty_one_locks_the_account(bench: Bench) -> None:
    api, credits_ = Platform(bench), {"expand": "credits"}
    bench.vendors.fal.switches.set("balance_usd", 1.0)
    handle = await bench.client.submit(TEXT, {**FOX, "duration": "5"})
    await handle.get(interval=POLL_S)

    left = (await api.get("/account/billing", **credits_)).json()["credits"]
    assert left == {"current_balance": pytest.approx(1 - 5 * 0.24192, abs=1e-3), "currency": "USD"}
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await bench.client.submit(TEXT, FOX)
    assert raised.value.status_code == 403
    assert "Exhausted balance" in str(raised.value.message)
    assert len(bench.vendors.ledger()) == 1
    bench.vendors.fal.switches.set("billing", "forbidden")
    assert (await api.get("/account/billing", **credits_)).status_code == 403


@pytest.mark.parametrize(("word", "usd"), [("free", 0.0), ("billed", 4 * 0.24192)])
async def test_a_refusal_may_be_billed(bench: Bench, word: str, usd: float) -> None:
    bench.vendors.fal.switches.set("refusals", word)
    handle = await bench.client.submit(TEXT, {**FOX, "prompt": "[refuse]"})
    with pytest.raises(fal_client.FalClientHTTPError):
        await handle.get(interval=POLL_S)
    answer = await Platform(bench).get("/account/billing", expand="credits")

    left = answer.json()["credits"]["current_balance"]
    assert left == pytest.approx(1000 - usd, abs=1e-3)


@pytest.mark.parametrize("promised", [True, False])
async def test_fals_own_fallback_is_told_and_can_be_forbidden(bench: Bench, promised: bool) -> None:
    other = "fal-ai/kling-video/v3/pro/text-to-video"
    bench.vendors.fal.switches.set("served_from", other)
    headers = {"x-app-fal-disable-fallback": "true"} if promised else {}
    handle = await bench.client.submit(TEXT, FOX, headers=headers)
    await handle.get(interval=POLL_S)

    key = {"Authorization": f"Key {bench.vendors.addresses['fal_key']}"}
    async with httpx.AsyncClient(headers=key) as http:
        answer = await http.get(handle.response_url)
    assert answer.headers["X-Fal-Served-From"] == (TEXT if promised else other)


@pytest.mark.parametrize("code", [200, 202])
async def test_pending_is_200_or_202_and_a_response_url_may_have_a_suffix(
    bench: Bench, code: int
) -> None:
    bench.vendors.fal.switches.set("pending_status", code)
    bench.vendors.fal.switches.set("follow_ups", "docs")
    handle = await bench.client.submit(TEXT, FOX)

    assert handle.response_url.endswith("/response")
    assert isinstance(await handle.status(), fal_client.Queued | fal_client.InProgress)
    assert (await handle.get(interval=POLL_S))["seed"] == 42
