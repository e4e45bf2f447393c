"""The sandbox's HeyGen webhooks: registered, probed, signed over raw bytes, retried, remembered."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.sandbox_heygen import (
    SPOKEN,
    Customer,
    Delivery,
    Receiver,
    customer,
    error_of,
    png,
    receiving,
)

ENDPOINTS = "/v3/webhooks/endpoints"


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async with customer() as one:
        yield one


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


def signed(delivery: Delivery, secret: str) -> bool:
    """Whether the signature is that of these very bytes."""
    ours = hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(ours, delivery.headers.get("Heygen-Signature", ""))


def story(delivery: Delivery) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(delivery.body)
    return told


async def test_a_finished_video_is_told_signed_over_the_raw_bytes(
    ada: Customer, receiver: Receiver
) -> None:
    endpoint = await ada.made(ENDPOINTS, {"url": receiver.url, "events": None})
    assert receiver.probes == ["OPTIONS"]
    assert (endpoint["status"], endpoint["secret"][:6]) == ("enabled", "whsec_")

    video_id = await ada.video()
    delivery = (await receiver.until(1))[0]

    assert signed(delivery, endpoint["secret"])
    assert delivery.headers["Heygen-Timestamp"].isdecimal()
    told = story(delivery)
    assert told["event_type"] == "avatar_video.success"
    assert told["event_id"] == delivery.headers["Heygen-Event-Id"]
    assert told["event_data"]["video_id"] == video_id
    assert (await ada.http.get(told["event_data"]["url"])).status_code == 200


async def test_only_events_asked_for_come_and_a_failure_says_why(
    ada: Customer, receiver: Receiver
) -> None:
    await ada.made(ENDPOINTS, {"url": receiver.url, "events": ["avatar_video.fail"]})

    await ada.finished(f"/v3/videos/{await ada.video()}")
    video_id = await ada.video(script="[refuse]", callback_id="take-2")

    told = story((await receiver.until(1))[0])
    assert told["event_type"] == "avatar_video.fail"
    assert told["event_data"]["video_id"] == video_id
    assert "policy" in told["event_data"]["msg"]
    assert told["event_data"]["callback_id"] == "take-2"


async def test_a_callback_url_is_told_without_a_signature(
    ada: Customer, receiver: Receiver
) -> None:
    await ada.video(callback_url=receiver.url, callback_id="take-1")

    delivery = (await receiver.until(1))[0]

    assert "Heygen-Signature" not in delivery.headers
    assert story(delivery)["event_data"]["callback_id"] == "take-1"


async def test_an_agent_and_each_translation_are_told(ada: Customer, receiver: Receiver) -> None:
    body = {"prompt": "tea", "callback_url": receiver.url, "callback_id": "V-1"}
    session = await ada.made("/v3/video-agents", body)
    agent = story((await receiver.until(1))[0])
    video = {"type": "url", "url": "https://example.com/a.mp4"}
    languages = {"video": video, "output_languages": ["French", "German"]}
    done = await ada.made("/v3/video-translations", {**languages, "callback_url": receiver.url})
    translated = [story(one)["event_data"] for one in (await receiver.until(3))[1:]]

    assert agent["event_type"] == "video_agent.success"
    assert agent["callback_id"] == "V-1"
    assert agent["event_data"]["session_id"] == session["session_id"]
    assert agent["event_data"]["video_url"]
    assert {one["video_translate_id"] for one in translated} == set(done["video_translation_ids"])
    assert {one["output_language"] for one in translated} == {"French", "German"}


async def test_a_refused_delivery_is_tried_again_with_the_same_event_id(
    ada: Customer, receiver: Receiver
) -> None:
    receiver.statuses = [500, 503]
    await ada.made(ENDPOINTS, {"url": receiver.url})
    await ada.video()

    tries = await receiver.until(3)

    ids = {one.headers["Heygen-Event-Id"] for one in tries}
    assert len(ids) == 1
    assert len({one.body for one in tries}) == 1


@pytest.mark.parametrize("kind", ["forged", "unsigned", "stale", "duplicate", "early", "lost"])
async def test_deliveries_go_wrong_as_they_are_told(
    ada: Customer, receiver: Receiver, kind: str
) -> None:
    endpoint = await ada.made(ENDPOINTS, {"url": receiver.url})
    ada.breaks("webhook", kind)
    if kind == "early":
        ada.breaks("submit", "late", seconds=1)

    video_id = await ada.video()

    match kind:
        case "forged":
            wrong, right = (await receiver.until(2))[:2]
            assert not signed(wrong, endpoint["secret"])
            assert signed(right, endpoint["secret"])
        case "unsigned":
            assert "Heygen-Signature" not in (await receiver.until(1))[0].headers
        case "stale":
            old, new = (await receiver.until(2))[:2]
            ages = [int(one.headers["Heygen-Timestamp"]) for one in (old, new)]
            assert ages[1] - ages[0] > 300
            assert signed(old, endpoint["secret"])
        case "duplicate":
            one, two = (await receiver.until(2))[:2]
            assert one.headers["Heygen-Event-Id"] == two.headers["Heygen-Event-Id"]
        case "early":
            told = story((await receiver.until(1))[0])
            assert told["event_type"] == "avatar_video.success"
            assert (await ada.shown(f"/v3/videos/{video_id}"))["status"] != "completed"
        case _:
            await ada.finished(f"/v3/videos/{video_id}")
            assert await ada.told(2) == ["probe", "fault: lost"]
            assert receiver.got == []


async def test_what_was_lost_is_in_the_history(ada: Customer, receiver: Receiver) -> None:
    await ada.made(ENDPOINTS, {"url": receiver.url})
    ada.breaks("webhook", "lost")
    lost = await ada.video()
    await ada.finished(f"/v3/videos/{lost}")
    await ada.finished(f"/v3/videos/{await ada.video(script='[refuse]')}")

    events = await ada.all_pages("/v3/webhooks/events", limit=1)
    mine = await ada.shown("/v3/webhooks/events", entity_id=lost)
    failed = await ada.shown("/v3/webhooks/events", event_type="avatar_video.fail")

    assert [event["event_type"][-7:] for event in events] == ["eo.fail", "success"]
    assert [event["event_data"]["video_id"] for event in mine] == [lost]
    assert len(failed) == 1


async def test_a_delivery_is_replayed_byte_for_byte(ada: Customer, receiver: Receiver) -> None:
    await ada.made(ENDPOINTS, {"url": receiver.url})
    await ada.video()
    await receiver.until(1)

    assert await ada.callbacks.again() == 200

    first, again = receiver.got
    assert first.body == again.body
    assert first.headers["Heygen-Signature"] == again.headers["Heygen-Signature"]


async def test_a_rotated_secret_is_the_only_one(ada: Customer, receiver: Receiver) -> None:
    endpoint = await ada.made(ENDPOINTS, {"url": receiver.url})
    rotated = await ada.made(f"{ENDPOINTS}/{endpoint['endpoint_id']}/rotate-secret", {})
    await ada.video()

    delivery = (await receiver.until(1))[0]
    assert signed(delivery, rotated["secret"])
    assert not signed(delivery, endpoint["secret"])


async def test_endpoints_are_listed_changed_and_deleted_without_their_secret(
    ada: Customer, receiver: Receiver
) -> None:
    endpoint = await ada.made(ENDPOINTS, {"url": receiver.url})
    path = f"{ENDPOINTS}/{endpoint['endpoint_id']}"

    listed = await ada.shown(ENDPOINTS)
    assert [("secret" in one, one["events"]) for one in listed] == [(False, None)]
    changed = await ada.sent("PATCH", path, json={"events": ["video_agent.success"]})
    assert changed.json()["data"]["events"] == ["video_agent.success"]
    assert (await ada.sent("DELETE", path)).status_code == 200
    assert (await ada.sent("DELETE", path)).status_code == 404
    types = await ada.shown("/v3/webhooks/event-types")
    assert {"avatar_video.success", "video_agent.fail"} <= {one["event_type"] for one in types}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"url": "http://example.com/hook"}, "url"),
        ({"url": "hook"}, "url"),
        ({"events": ["nope"]}, "events"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_an_endpoint_is_strict(
    ada: Customer, receiver: Receiver, body: dict[str, Any], param: str
) -> None:
    answer = await ada.post(ENDPOINTS, {"url": receiver.url, **body})
    assert (answer.status_code, error_of(answer)["param"]) == (400, param)


async def test_an_endpoint_that_refuses_the_probe_is_refused(
    ada: Customer, receiver: Receiver
) -> None:
    receiver.probe_status = 405
    answer = await ada.post(ENDPOINTS, {"url": receiver.url})
    assert error_of(answer)["param"] == "url"

    ada.switches.set("webhook_probe", "none")
    assert (await ada.post(ENDPOINTS, {"url": receiver.url})).status_code == 200
    receiver.probe_status = 200
    ada.switches.set("webhook_probe", "GET")
    await ada.made(ENDPOINTS, {"url": receiver.url})
    assert receiver.probes == ["OPTIONS", "GET"]


async def test_a_public_address_is_reached_at_the_origin_it_is_given(
    ada: Customer, receiver: Receiver
) -> None:
    ada.switches.set("webhook_origin", receiver.url.removesuffix("/hooks/heygen"))
    ada.switches.set("webhook_secret_field", "signing_secret")
    endpoint = await ada.made(ENDPOINTS, {"url": "https://bot.example.com/webhooks/heygen/t1"})
    await ada.video()

    delivery = (await receiver.until(1))[0]
    assert delivery.path == "/webhooks/heygen/t1"
    assert signed(delivery, endpoint["signing_secret"])


async def test_nothing_leaves_this_machine(ada: Customer) -> None:
    video_id = await ada.video(callback_url="https://bot.example.com/hook")
    await ada.finished(f"/v3/videos/{video_id}")

    assert [note[:8] for note in await ada.told(1)] == ["not sent"]


async def test_the_older_endpoints_sign_with_another_header(
    ada: Customer, receiver: Receiver
) -> None:
    body = {"url": receiver.url, "events": ["avatar_video.success"]}
    endpoint = await ada.made("/v1/webhook/endpoint.add", body)
    await ada.video()

    delivery = (await receiver.until(1))[0]
    ours = hmac.new(endpoint["secret"].encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["Signature"] == ours
    assert "Heygen-Signature" not in delivery.headers
    listed = await ada.shown("/v1/webhook/endpoint.list")
    assert [one["endpoint_id"] for one in listed] == [endpoint["endpoint_id"]]
    await ada.sent(
        "PATCH",
        "/v1/webhook/endpoint.update",
        json={"endpoint_id": endpoint["endpoint_id"], "events": ["avatar_video.fail"]},
    )
    gone = {"endpoint_id": endpoint["endpoint_id"]}
    assert (await ada.sent("DELETE", "/v1/webhook/endpoint.delete", params=gone)).is_success
    assert "video_agent.success" in await ada.shown("/v1/webhook/webhook.list")


async def test_a_batch_a_new_avatar_and_strays_are_told(ada: Customer, receiver: Receiver) -> None:
    await ada.made(ENDPOINTS, {"url": receiver.url, "events": ["batch.finished"]})
    await ada.made("/v3/videos/batches", {"videos": [SPOKEN, SPOKEN], "title": "Two"})
    told = story((await receiver.until(1))[0])
    assert told["event_type"] == "batch.finished"

    await ada.made(ENDPOINTS, {"url": receiver.url, "events": ["photo_avatar_generation.success"]})
    asset = await ada.asset(png())
    file = {"type": "asset_id", "asset_id": asset["asset_id"]}
    made = await ada.made("/v3/avatars", {"type": "photo", "name": "Me", "file": file})
    told = story((await receiver.until(2))[1])
    assert told["event_data"]["avatar_id"] == made["avatar_item"]["id"]

    ada.switches.set("unsubscribed_events", True)
    ada.switches.set("event_shape", "event")
    await ada.video()
    assert story((await receiver.until(3))[2])["event"] == "live_avatar.success"
