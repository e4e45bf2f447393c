"""The gateways against the sandbox's vendors: each happy path, and each fault."""

from __future__ import annotations

import asyncio
import hashlib
import io
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Intent,
    NotSent,
    Progress,
    Rejected,
    Remote,
    Rendering,
    Submission,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.offer import GatewayName
from domain.ports import Gateway, UploadFailed
from gateways import FalAccount, HeyGenAccount, build, private_hosts, result_hosts
from gateways.download import Download, DownloadBroken, Downloading, Downloads, LinkExpired
from gateways.heygen import ApiVersion
from gateways.http import Http
from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from tests.integration.gateway_servers import WallClock, intent

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACE_S = 0.15
OFFERS = {GatewayName.HEYGEN: "veo_3_1@heygen", GatewayName.FAL: "seedance_2_0@fal"}
BOTH = pytest.mark.parametrize("name", list(OFFERS))


@dataclass
class World:
    """Both vendors, and our gateways to them."""

    vendors: Vendors
    faults: Faults
    http: Http
    accounts: tuple[HeyGenAccount, FalAccount]
    gateways: dict[GatewayName, Gateway]

    async def submit(self, name: GatewayName, **clip: Any) -> Submission:
        return await self.gateways[name].submit(self.intent(name, **clip), timeout_s=2)

    def intent(self, name: GatewayName, **clip: Any) -> Intent:
        if name is GatewayName.FAL:
            clip = {"duration_s": 5, "resolution": "720p", "sound": True, **clip}
        return intent(OFFERS[name], **clip)

    async def accepted(self, name: GatewayName, **clip: Any) -> Remote:
        submission = await self.submit(name, **clip)
        assert isinstance(submission, Accepted)
        return Remote(submission.remote_id, submission.handle, self.intent(name).offer)

    async def until_over(self, remote: Remote) -> list[Progress]:
        seen: list[Progress] = []
        async with asyncio.timeout(10):
            while not seen or not isinstance(seen[-1], Finished | Ended):
                seen.append(await self.gateways[remote.offer.gateway].check(remote))
                await asyncio.sleep(0.02)
        return seen

    async def download(self, name: GatewayName, url: str) -> tuple[Download, bytes]:
        hosts = result_hosts(*self.accounts)[name]
        async with Downloads(self.http).fetch(url, hosts=hosts) as download:
            if not isinstance(download, Downloading):
                return download, b""
            return download, b"".join([chunk async for chunk in download.chunks])

    def arm(self, target: str, kind: str, *, times: int = 1, **params: Any) -> None:
        self.faults.arm(Fault(target, kind, times=times, params=params))

    def paid(self) -> int:
        return len(self.vendors.ledger())


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started() -> AsyncIterator[World]:
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=PACE_S)
    at = vendors.addresses
    accounts = (
        HeyGenAccount(
            api_key=at["heygen_api_key"],
            api_url=at["heygen_api_url"],
            upload_url=at["heygen_upload_url"],
        ),
        FalAccount(
            key=at["fal_key"],
            queue_url=at["fal_queue_url"],
            rest_url=at["fal_rest_url"],
            cdn_url=at["fal_cdn_url"],
        ),
    )
    http = Http(WallClock(), private_hosts=private_hosts(*accounts))
    yield World(vendors, faults, http, accounts, build(http, *accounts))
    await http.aclose()
    await vendors.close()


@pytest.fixture
def world(started: World) -> World:
    """The vendors as if they had just been started."""
    started.faults.clear()
    started.vendors.reset()
    return started


def _picture() -> bytes:
    sketch = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(sketch, "PNG")
    return sketch.getvalue()


@BOTH
async def test_a_clip_from_submit_to_bytes(world: World, name: GatewayName) -> None:
    seen = await world.until_over(await world.accepted(name))

    finished = seen[-1]
    assert isinstance(finished, Finished)
    assert all(isinstance(progress, Waiting | Rendering) for progress in seen[:-1])
    download, content = await world.download(name, finished.video_url)
    assert isinstance(download, Downloading)
    assert download.media_type == "video/mp4"
    assert content[4:8] == b"ftyp"
    assert world.paid() == 1


async def test_heygen_keeps_its_ids_and_fal_its_seed(world: World) -> None:
    heygen = (await world.until_over(await world.accepted(GatewayName.HEYGEN)))[-1]
    fal = (await world.until_over(await world.accepted(GatewayName.FAL, seed=4711)))[-1]

    assert isinstance(heygen, Finished)
    assert isinstance(fal, Finished)
    assert (heygen.asset_id or "").startswith("asset-")
    assert (heygen.remote_video_id or "").startswith("video-")
    assert fal.seed == 4711


@BOTH
async def test_uploaded_pictures_reach_the_render(world: World, name: GatewayName) -> None:
    picture = _picture()
    link = await world.gateways[name].upload(picture, "image/png", "fox.png")
    asked = replace(world.intent(name), links={"reference_image": link, "tail_image": link})
    submission = await world.gateways[name].submit(asked, timeout_s=2)

    assert isinstance(submission, Accepted)
    images = world.vendors.ledger()[0]["images"]
    assert [image["sha256"] for image in images] == [hashlib.sha256(picture).hexdigest()] * 2


async def test_heygens_legacy_upload(world: World) -> None:
    account = replace(world.accounts[0], version=ApiVersion.V2)
    gateway = build(world.http, account)[GatewayName.HEYGEN]

    assert (await gateway.upload(_picture(), "image/png", "fox.png")).startswith("http")


async def test_fal_takes_the_other_road_where_its_cdn_is_broken(world: World) -> None:
    world.arm("fal:upload", "status", status=503)
    link = await world.gateways[GatewayName.FAL].upload(_picture(), "image/png", "fox.png")
    asked = replace(world.intent(GatewayName.FAL), links={"reference_image": link})

    assert isinstance(await world.gateways[GatewayName.FAL].submit(asked, timeout_s=2), Accepted)
    assert world.vendors.ledger()[0]["images"]


async def test_what_fal_is_told_beside_the_input(world: World) -> None:
    asked = replace(world.intent(GatewayName.FAL), wished=True)
    await world.gateways[GatewayName.FAL].submit(asked, timeout_s=2)
    await world.submit(GatewayName.FAL)
    wished, free = (entry["headers"] for entry in world.vendors.ledger())

    assert wished["x-app-fal-disable-fallback"] == "true"
    assert "259200" in wished["x-fal-object-lifecycle-preference"]
    assert "x-app-fal-disable-fallback" not in free


@BOTH
@pytest.mark.parametrize(
    ("kind", "params", "paid"),
    [
        ("reset_before", {}, 0),
        ("close_after_read", {}, 0),
        ("reset_after", {}, 1),
        ("garbage", {}, 1),
        ("hang", {}, 1),
        ("status_after", {"status": 500}, 1),
        ("status_after", {"status": 502}, 1),
        ("status", {"status": 409}, 0),
        ("status", {"status": 503}, 0),
    ],
)
async def test_a_submit_whose_fate_is_not_known_is_uncertain(
    world: World, name: GatewayName, kind: str, params: dict[str, Any], paid: int
) -> None:
    world.arm(f"{name}:submit", kind, **params)
    submission = await world.gateways[name].submit(world.intent(name), timeout_s=0.5)

    assert isinstance(submission, Uncertain)
    assert world.paid() == paid


@BOTH
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureClass.BAD_INPUT),
        (401, FailureClass.CONFIG),
        (402, FailureClass.CREDITS),
        (404, FailureClass.GONE),
        (405, FailureClass.GONE),
        (410, FailureClass.GONE),
        (413, FailureClass.BAD_INPUT),
        (422, FailureClass.BAD_INPUT),
    ],
)
async def test_a_submit_that_is_refused_is_rejected(
    world: World, name: GatewayName, status: int, kind: FailureClass
) -> None:
    world.arm(f"{name}:submit", "status", status=status)
    submission = await world.submit(name)

    assert isinstance(submission, Rejected)
    assert submission.failure.kind is kind
    assert submission.failure.billed is False
    assert world.paid() == 0


async def test_a_locked_account_is_config_at_heygen_and_credits_at_fal(world: World) -> None:
    kinds = []
    for name in OFFERS:
        world.arm(f"{name}:submit", "status", status=403)
        submission = await world.submit(name)
        assert isinstance(submission, Rejected)
        kinds.append(submission.failure.kind)

    assert kinds == [FailureClass.CONFIG, FailureClass.CREDITS]


@BOTH
async def test_a_full_vendor_says_when(world: World, name: GatewayName) -> None:
    world.arm(f"{name}:submit", "rate_limited", retry_after_s=7)
    submission = await world.submit(name)

    assert isinstance(submission, Rejected)
    assert (submission.failure.kind, submission.retry_after_s) == (FailureClass.RATE, 7)
    world.arm(f"{name}:check", "rate_limited", retry_after_s=8)
    progress = await world.gateways[name].check(await world.accepted(name))
    assert isinstance(progress, Unreadable)
    assert progress.retry_after_s == 8


@BOTH
async def test_a_slow_answer_is_waited_for(world: World, name: GatewayName) -> None:
    world.arm(f"{name}:submit", "slow", seconds=0.3)

    assert isinstance(await world.submit(name), Accepted)


@BOTH
async def test_a_vendor_that_is_not_there(world: World, name: GatewayName) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    accounts = (
        HeyGenAccount(api_key="k", api_url=url, upload_url=url),
        FalAccount(key="k", queue_url=url, rest_url=url, cdn_url=url),
    )
    gateway = build(world.http, *accounts)[name]

    assert isinstance(await gateway.submit(world.intent(name), timeout_s=2), NotSent)
    assert isinstance(await gateway.check(Remote("r-1", {}, world.intent(name).offer)), Unreadable)
    with pytest.raises(UploadFailed) as failed:
        await gateway.upload(_picture(), "image/png", "fox.png")
    assert not failed.value.final


@BOTH
@pytest.mark.parametrize(
    ("kind", "params"),
    [
        *(("status", {"status": status}) for status in (401, 403, 404, 429, 500, 503)),
        *((kind, {}) for kind in ("reset_before", "close_after_read", "garbage")),
    ],
)
async def test_a_failed_check_says_nothing_about_the_render(
    world: World, name: GatewayName, kind: str, params: dict[str, Any]
) -> None:
    remote = await world.accepted(name)
    # aiohttp asks once more by itself where a connection broke: a GET may be repeated.
    world.arm(f"{name}:check", kind, times=1 if kind in {"status", "garbage"} else 2, **params)

    expected = Unreadable if params.get("status") != 404 or name is GatewayName.FAL else Unknown
    assert isinstance(await world.gateways[name].check(remote), expected)
    assert isinstance((await world.until_over(remote))[-1], Finished)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 502, 503, 504])
async def test_a_failed_result_call_does_not_end_a_paid_render(world: World, status: int) -> None:
    remote = await world.accepted(GatewayName.FAL)
    world.arm("fal:result", "status", status=status)
    seen = await world.until_over(remote)

    assert any(isinstance(progress, Unreadable) for progress in seen)
    assert isinstance(seen[-1], Finished)


@BOTH
async def test_an_unknown_word_is_still_running(world: World, name: GatewayName) -> None:
    remote = await world.accepted(name)
    world.arm(f"{name}:check", "unknown_status", word="Hibernating")

    assert await world.gateways[name].check(remote) == Rendering()


@BOTH
async def test_refused_content(world: World, name: GatewayName) -> None:
    world.arm(f"{name}:check", "refuse")
    ended = (await world.until_over(await world.accepted(name)))[-1]

    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.REFUSED_CONTENT
    assert ended.failure.field == "prompt"


@BOTH
async def test_a_render_that_broke(world: World, name: GatewayName) -> None:
    world.arm(f"{name}:check", "fail", code="internal_error", message="the camera fell over")
    ended = (await world.until_over(await world.accepted(name)))[-1]

    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.TRANSIENT
    # HeyGen publishes nowhere what its workflow endpoint bills.
    assert ended.failure.billed is (None if name is GatewayName.HEYGEN else False)
    assert "the camera fell over" in ended.failure.detail


@BOTH
async def test_an_id_nobody_knows(world: World, name: GatewayName) -> None:
    remote = Remote("00000000-0000-4000-8000-000000000000", {}, world.intent(name).offer)

    assert await world.gateways[name].check(remote) == Unknown()


async def test_cancelling(world: World) -> None:
    heygen = await world.accepted(GatewayName.HEYGEN)
    fal = await world.accepted(GatewayName.FAL)
    gateway = world.gateways[GatewayName.FAL]

    assert await world.gateways[GatewayName.HEYGEN].cancel(heygen) is Cancellation.NOT_OFFERED
    assert await gateway.cancel(fal) is Cancellation.REQUESTED
    ended = (await world.until_over(fal))[-1]
    assert isinstance(ended, Ended)
    assert ended.failure.kind is FailureClass.STOPPED
    assert await gateway.cancel(fal) is Cancellation.TOO_LATE
    world.arm("fal:cancel", "reset_before", times=2)
    assert await gateway.cancel(fal) is Cancellation.UNREADABLE


async def test_the_place_in_fals_queue_is_told(world: World) -> None:
    remotes = [await world.accepted(GatewayName.FAL) for _ in range(5)]
    seen = await world.gateways[GatewayName.FAL].check(remotes[-1])

    assert isinstance(seen, Waiting)
    assert seen.position is not None
    assert seen.position > 0


async def test_an_input_fal_does_not_know_is_named(world: World) -> None:
    ended = (await world.until_over(await world.accepted(GatewayName.FAL, duration_s=99)))[-1]

    assert isinstance(ended, Ended)
    assert (ended.failure.kind, ended.failure.field) == (FailureClass.BAD_INPUT, "duration_s")


@BOTH
async def test_an_expired_link_is_mended_by_a_fresh_check(world: World, name: GatewayName) -> None:
    remote = await world.accepted(name)
    finished = (await world.until_over(remote))[-1]
    assert isinstance(finished, Finished)
    world.arm(f"{name}:file", "expired_link")

    assert await world.download(name, finished.video_url) == (LinkExpired(403), b"")
    again = await world.gateways[name].check(remote)
    assert isinstance(again, Finished)
    assert isinstance((await world.download(name, again.video_url))[0], Downloading)


@BOTH
async def test_a_file_that_breaks_off(world: World, name: GatewayName) -> None:
    finished = (await world.until_over(await world.accepted(name)))[-1]
    assert isinstance(finished, Finished)
    world.arm(f"{name}:file", "reset_after")

    with pytest.raises(DownloadBroken):
        await world.download(name, finished.video_url)
    assert (await world.download(name, finished.video_url))[1][4:8] == b"ftyp"
