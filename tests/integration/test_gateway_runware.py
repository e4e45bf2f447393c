"""Runware's gateway against the sandbox's Runware, over real HTTP."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import av
import pytest
import pytest_asyncio

from domain.catalog import offer_named
from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    NotSent,
    Rejected,
    Remote,
    Rendering,
    Uncertain,
    Unknown,
    Unreadable,
)
from domain.ports import UploadFailed
from domain.shape import Media
from domain.spoken import Agent
from gateways import RunwareAccount, private_hosts
from gateways.download import Downloading, LinkExpired
from gateways.http import Http
from gateways.runware_wire import Delivery
from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import start
from tests.integration.gateway_servers import WallClock
from tests.integration.sandbox_runware import AGENT, PACE_S, SEEDANCE, UNKNOWN, World, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started() -> AsyncIterator[World]:
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=PACE_S)
    at = vendors.addresses
    account = RunwareAccount(api_key=at["runware_api_key"], api_url=at["runware_api_url"])
    http = Http(WallClock(), private_hosts=private_hosts(account))
    yield World(vendors, faults, http, account)
    await http.aclose()
    await vendors.close()


@pytest.fixture
def world(started: World) -> World:
    """Runware as if it had just been started."""
    started.faults.clear()
    started.vendors.reset()
    return started


async def test_a_clip_from_submit_to_bytes(world: World) -> None:
    seen = await world.until_over(await world.accepted(world.intent()))

    finished = seen[-1]
    assert isinstance(finished, Finished)
    assert any(isinstance(progress, Rendering) for progress in seen)
    assert finished.billed_micro_usd == 1_212_000  # 0.303 a second, four of them
    assert finished.seed is not None
    assert finished.further == ()
    download, body = await world.download(finished.video_url)
    assert isinstance(download, Downloading)
    with av.open(io.BytesIO(body)) as film:
        assert film.streams.video[0].width < film.streams.video[0].height
    (paid,) = world.ledger()
    assert (paid["gateway"], paid["endpoint"]) == ("runware", "bytedance:seedance@2.0")


async def test_reset_after_acceptance_is_found_and_paid_once(world: World) -> None:
    intent = world.intent()
    world.arm("runware:submit", "reset_after")

    assert isinstance(await world.submit(intent), Uncertain)
    found = await world.gateway().look_up(intent, timeout_s=2)

    assert found == Accepted(intent.key, {"results": "1"})
    assert [paid["id"] for paid in world.ledger()] == [intent.key]


async def test_the_same_task_again_is_a_conflict_and_so_accepted(world: World) -> None:
    intent = world.intent()
    await world.accepted(intent)

    again = await world.submit(intent)

    assert again == Accepted(intent.key, {"results": "1"})
    assert len(world.ledger()) == 1


@pytest.mark.parametrize("unknown", ["taskFailedOrNotFound", "empty"])
async def test_what_never_arrived_is_sent_by_the_look_up_and_paid_once(
    world: World, unknown: str
) -> None:
    world.turn("unknown_task", unknown)
    intent = world.intent()
    world.arm("runware:submit", "close_after_read")

    assert isinstance(await world.submit(intent), Uncertain)
    assert world.ledger() == []
    first = await world.gateway().look_up(intent, timeout_s=2)
    second = await world.gateway().look_up(intent, timeout_s=2)

    assert isinstance(first, Accepted)
    assert first == second
    assert len(world.ledger()) == 1


async def test_a_look_up_that_is_not_answered_sends_nothing(world: World) -> None:
    intent = world.intent()
    world.arm("runware:check", "status", status=503)

    assert isinstance(await world.gateway().look_up(intent, timeout_s=2), Uncertain)
    assert world.ledger() == []


@pytest.mark.parametrize("unknown", ["taskFailedOrNotFound", "empty"])
async def test_the_answer_of_a_conflict_may_be_lost_too(world: World, unknown: str) -> None:
    """Accepted, lost, unknown to the poll, sent again, lost again: still one payment."""
    intent = world.intent()
    world.turn("unknown_task", unknown)
    world.turn("polled_after_s", 60.0)
    world.arm("runware:submit", "reset_after", times=2)

    assert isinstance(await world.submit(intent), Uncertain)
    assert isinstance(await world.gateway().look_up(intent, timeout_s=2), Uncertain)
    assert isinstance(await world.gateway().look_up(intent, timeout_s=2), Accepted)
    assert len(world.ledger()) == 1


async def test_three_results_come_together_and_are_paid_together(world: World) -> None:
    finished = await world.ending(world.intent(results=3))

    assert isinstance(finished, Finished)
    assert len(finished.further) == 2
    assert finished.failures == ()
    links = {finished.video_url, *(each.video_url for each in finished.further)}
    seeds = {finished.seed, *(each.seed for each in finished.further)}
    assert len(links) == len(seeds) == 3
    assert finished.billed_micro_usd == 3_636_000
    (paid,) = world.ledger()
    assert paid["results"] == ["completed"] * 3


@pytest.mark.parametrize("shape", ["errors", "item"])
async def test_two_of_three_results_are_a_success_of_two(world: World, shape: str) -> None:
    world.turn("error_shape", shape)
    world.arm("runware:submit", "fail", code="timeoutProvider", message="too slow")

    finished = await world.ending(world.intent(results=3))

    assert isinstance(finished, Finished)
    assert len(finished.further) == 1
    assert [failure.kind for failure in finished.failures] == [FailureClass.TRANSIENT]
    assert finished.billed_micro_usd == 2_424_000


@pytest.mark.parametrize(
    "word", ["contentPolicyViolation", "DataInspectionFailed", "providerRefused"]
)
async def test_all_results_refused_is_refused(world: World, word: str) -> None:
    world.turn("refusal_code", word)
    ended = await world.ending(world.intent(prompt="[refuse] a fox", results=2))

    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.REFUSED_CONTENT
    assert world.ledger()[0]["usd"] == 0


@pytest.mark.parametrize("shape", ["errors", "item"])
async def test_one_error_for_three_results_ends_the_task_at_once(world: World, shape: str) -> None:
    world.turn("whole_failure", "once")
    world.turn("error_shape", shape)
    world.arm("runware:submit", "fail", times=3, code="timeoutProvider", message="too slow")

    ended = await world.ending(world.intent(results=3))

    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.TRANSIENT
    assert world.ledger()[0]["results"] == ["failed"] * 3


@pytest.mark.parametrize("status", [200, 400])
async def test_a_failed_task_ends_whatever_the_status_of_its_poll(
    world: World, status: int
) -> None:
    world.turn("poll_error_status", status)
    world.arm("runware:submit", "fail", code="inferenceError", message="broken")

    ended = await world.ending(world.intent())

    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.TRANSIENT
    assert "inferenceError" in ended.failure.detail


@pytest.mark.parametrize("cost", ["zero", "missing"])
async def test_a_cost_that_is_not_told_is_not_believed(world: World, cost: str) -> None:
    world.turn("cost", cost)

    finished = await world.ending(world.intent())

    assert isinstance(finished, Finished)
    assert finished.billed_micro_usd is None


async def test_what_the_operator_chose_is_in_the_task(world: World) -> None:
    delivery = Delivery(
        quality=80, ttl_s=3_600, safety="fast", upload_endpoint="https://bucket.example/put?sig=1"
    )
    intent = world.intent(
        results=2, file_format="webm", callback_url="https://bot.example/webhooks/runware/t"
    )

    await world.accepted(intent, delivery=delivery)

    task = world.ledger()[0]["input"]
    assert task == {
        "taskType": "videoInference",
        "taskUUID": intent.key,
        "model": "bytedance:seedance@2.0",
        "positivePrompt": "a fox in snow",
        "width": 496,
        "height": 864,
        "duration": 4,
        "settings": {"audio": True},
        "numberResults": 2,
        "outputType": "URL",
        "outputFormat": "WEBM",
        "outputQuality": 80,
        "deliveryMethod": "async",
        "includeCost": True,
        "safety": {"checkContent": True, "mode": "fast"},
        "ttl": 3_600,
        "uploadEndpoint": "https://bucket.example/put?sig=1",
        "webhookURL": "https://bot.example/webhooks/runware/t",
    }


@pytest.mark.parametrize("container", ["webm", "mov"])
async def test_a_result_comes_in_the_container_that_was_asked(world: World, container: str) -> None:
    finished = await world.ending(world.intent(file_format=container))

    assert isinstance(finished, Finished)
    download, body = await world.download(finished.video_url)
    assert isinstance(download, Downloading)
    with av.open(io.BytesIO(body)) as film:
        assert container in film.format.name.split(",") or "matroska" in film.format.name


async def test_a_link_dies_with_its_ttl(world: World) -> None:
    remote = await world.accepted(world.intent(), delivery=Delivery(ttl_s=60))
    finished = (await world.until_over(remote))[-1]
    assert isinstance(finished, Finished)
    world.arm("runware:file", "expired_link")

    download, _ = await world.download(finished.video_url)
    fresh = await world.gateway().check(remote)

    assert isinstance(download, LinkExpired)
    assert isinstance(fresh, Finished)
    assert isinstance((await world.download(fresh.video_url))[0], Downloading)


async def test_frames_are_uploaded_and_used(world: World) -> None:
    first = await world.gateway().upload(picture(), "image/png", "first.png")
    last = await world.gateway().upload(picture(), "image/png", "last.png")

    ending = await world.ending(world.intent(links={"reference_image": first, "tail_image": last}))

    assert first != last
    assert isinstance(ending, Finished)
    (paid,) = world.ledger()
    assert paid["input"]["inputs"] == {
        "frameImages": [{"image": first, "frame": "first"}, {"image": last, "frame": "last"}]
    }
    assert len(paid["images"]) == 2


async def test_an_upload_that_is_refused_is_final(world: World) -> None:
    with pytest.raises(UploadFailed) as failed:
        await world.gateway(api_key="wrongRunwareKey0000000000").upload(picture(), "image/png", "x")
    assert failed.value.final
    assert failed.value.failure.kind is FailureClass.CONFIG

    world.arm("runware:upload", "status", status=503)
    with pytest.raises(UploadFailed) as broken:
        await world.gateway().upload(picture(), "image/png", "x")
    assert not broken.value.final


async def test_an_agent_makes_a_video_of_an_idea(world: World) -> None:
    shape = {"duration_s": 30, "aspect_ratio": "16:9", "resolution": "1080p"}
    idea = Agent.model_validate({"prompt": "our quarter", "avatar": "Ava_public", **shape})

    finished = await world.ending(world.intent(AGENT, idea))

    assert isinstance(finished, Finished)
    assert finished.seed is None
    assert finished.billed_micro_usd == 1_500_000
    task = world.ledger()[0]["input"]
    assert task["inputs"] == {"avatar": "Ava_public"}
    assert (task["width"], task["height"], task["duration"]) == (1920, 1080, 30)


async def test_an_agent_takes_a_picture_or_an_avatar(world: World) -> None:
    link = await world.gateway().upload(picture(), "image/png", "me.png")
    shown = Agent(prompt="me", files=(Media(slack_file_id="F1"),), duration_s=10)

    await world.accepted(world.intent(AGENT, shown, links={"files.0": link}))
    both = await world.submit(
        world.intent(AGENT, shown.model_copy(update={"avatar": "Ava"}), links={"files.0": link})
    )

    assert world.ledger()[0]["input"]["inputs"] == {"image": link}
    assert isinstance(both, Rejected)
    assert both.failure.field == "files"
    assert len(world.ledger()) == 1


@pytest.mark.parametrize(
    "offer",
    [
        "seedance_2_0_fast@runware",
        "seedance_2_0_mini@runware",
        "kling_v3@runware",
        "kling_v3_pro@runware",
        "veo_3_1@runware",
        "veo_3_1_fast@runware",
        "veo_3_1_lite@runware",
        "minimax_hailuo_02@runware",
        "minimax@runware",
        "minimax_fast@runware",
        "runway_gen4_turbo@runware",
        "runway_gen4_5@runware",
        "ltx_2_3@runware",
        "ltx_2_3_fast@runware",
        "wan_2_6@runware",
        "wan_2_7@runware",
    ],
)
async def test_every_offer_says_only_what_its_schema_has(world: World, offer: str) -> None:
    """The sandbox refuses an unknown parameter, a wrong length and a wrong size by name."""
    limits = offer_named(offer).limits
    link = await world.gateway().upload(picture(), "image/png", "first.png")
    widest: dict[str, Any] = {
        "aspect_ratio": next(iter(limits.aspect_ratios), None),
        "resolution": next(iter(reversed(limits.resolutions)), None),
        "duration_s": max(limits.durations_s),
        "seed": 7 if limits.seed else None,
        "sound": True if limits.sound else None,
    }
    links = {"reference_image": link} if limits.reference_image else {}

    assert isinstance(await world.submit(world.intent(offer, links=links, **widest)), Accepted)
    if not limits.needs_image:
        shortest = widest | {"duration_s": min(limits.durations_s), "results": 4}
        assert isinstance(await world.submit(world.intent(offer, **shortest)), Accepted)


async def test_a_wrong_key_no_money_and_too_many_are_told_apart(world: World) -> None:
    wrong = await world.submit(world.intent(), api_key="wrongRunwareKey0000000000")
    world.turn("balance_usd", 0.01)
    poor = await world.submit(world.intent())
    world.vendors.reset()
    world.turn("concurrency", 1)
    await world.accepted(world.intent())
    crowded = await world.submit(world.intent())

    kinds = [each.failure.kind for each in (wrong, poor, crowded) if isinstance(each, Rejected)]
    assert kinds == [FailureClass.CONFIG, FailureClass.CREDITS, FailureClass.RATE]
    assert len(world.ledger()) == 1


async def test_a_field_that_is_refused_is_named_as_we_name_it(world: World) -> None:
    refused = await world.submit(world.intent(duration_s=99))

    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.BAD_INPUT
    assert refused.failure.field == "duration_s"
    assert world.ledger() == []


async def test_a_model_that_is_gone_is_gone(world: World) -> None:
    offer = offer_named(SEEDANCE)
    stale = replace(world.intent(), offer=replace(offer, endpoint="openai:3@1"))

    refused = await world.submit(stale)

    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.GONE


@pytest.mark.parametrize(
    ("kind", "params", "paid"),
    [
        ("status", {"status": 500}, 0),
        ("status_after", {"status": 502}, 1),
        ("garbage", {}, 1),
        ("reset_after", {}, 1),
        ("close_after_read", {}, 0),
    ],
)
async def test_whatever_happens_to_a_submit_is_one_payment_after_a_look(
    world: World, kind: str, params: dict[str, int], paid: int
) -> None:
    intent = world.intent()
    world.arm("runware:submit", kind, **params)

    assert isinstance(await world.submit(intent), Uncertain)
    assert len(world.ledger()) == paid
    assert isinstance(await world.gateway().look_up(intent, timeout_s=2), Accepted)
    assert len(world.ledger()) == 1


async def test_nothing_listens_is_not_sent(world: World) -> None:
    assert isinstance(await world.submit(world.intent(), api_url="http://127.0.0.1:9/v1"), NotSent)


async def test_a_check_that_fails_says_nothing_of_the_render(world: World) -> None:
    remote = await world.accepted(world.intent())
    for kind, params in (("status", {"status": 503}), ("status", {"status": 401}), ("garbage", {})):
        world.arm("runware:check", kind, **params)
        assert isinstance(await world.gateway().check(remote), Unreadable)
    world.arm("runware:check", "unknown_status", word="hibernating")
    assert isinstance(await world.gateway().check(remote), Rendering)


async def test_an_id_nobody_knows(world: World) -> None:
    remote = Remote(UNKNOWN, {"results": "1"}, offer_named(SEEDANCE))

    assert isinstance(await world.gateway().check(remote), Unknown)
    world.turn("unknown_task", "empty")
    assert isinstance(await world.gateway().check(remote), Rendering)


async def test_there_is_no_cancel(world: World) -> None:
    remote = await world.accepted(world.intent())
    assert await world.gateway().cancel(remote) is Cancellation.NOT_OFFERED
