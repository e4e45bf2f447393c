"""HeyGen's roads against the sandbox over real HTTP: from submit to bytes, and what goes wrong."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import av
import pytest
import pytest_asyncio
from PIL import Image as Picture

from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Rejected,
    Rendering,
    Uncertain,
    Unknown,
    Unreadable,
)
from domain.shape import Image, Media
from domain.spoken import Agent, Avatar, Background, Captions, Scene, Translation
from tests.integration.heygen_account import (
    AGENT,
    AVATAR,
    CINEMATIC,
    KEYED,
    LOOK,
    SCENE,
    TEMPLATE,
    TRANSLATION,
    V2,
    V3,
    WEBM,
    Account,
    opened,
    remote_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started() -> AsyncIterator[Account]:
    async with opened() as account:
        yield account


@pytest.fixture
def account(started: Account) -> Account:
    """HeyGen as if it had just been started."""
    started.faults.clear()
    started.vendors.reset()
    return started


def _png() -> bytes:
    sketch = io.BytesIO()
    Picture.new("RGB", (320, 240), "teal").save(sketch, "PNG")
    return sketch.getvalue()


# ── every road, from submit to bytes ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("offer", [*V3, *V2])
async def test_each_road_from_submit_to_bytes(account: Account, offer: str) -> None:
    intent = account.intent(offer)
    finished = await account.finished(await account.accepted(intent))

    content = await account.downloaded(finished.video_url)
    with av.open(io.BytesIO(content)) as film:
        assert film.streams.video
    assert content[:4] == b"\x1a\x45\xdf\xa3" if offer == WEBM else content[4:8] == b"ftyp"
    (entry,) = account.ledger()
    assert entry["endpoint"].startswith(intent.offer.road)


async def test_v3_transparency_is_a_webm(account: Account) -> None:
    work = Avatar(scenes=(SCENE,), transparent=True)
    finished = await account.finished(await account.accepted(account.intent(AVATAR, work)))

    assert (await account.downloaded(finished.video_url))[:4] == b"\x1a\x45\xdf\xa3"


@pytest.mark.parametrize("offer", [AVATAR, V2[0]])
async def test_fifty_scenes_are_one_video(account: Account, offer: str) -> None:
    work = Avatar(scenes=(SCENE,) * 50, title="All of it")
    await account.finished(await account.accepted(account.intent(offer, work)))
    (entry,) = account.ledger()

    assert len(entry["input"].get("scenes") or entry["input"]["video_inputs"]) == 50


async def test_scenes_with_pictures_recordings_and_silence(account: Account) -> None:
    picture = await account.gateway.upload(_png(), "image/png", "fox.png")
    photo = Image(slack_file_id="F1")
    recorded = Scene(avatar=LOOK, recording=Media(url="https://example.com/voice.mp3"))
    ground = Background(image=Image(slack_file_id="F2"))
    scenes = (
        Scene(photo=photo, silence_s=4),
        SCENE.model_copy(update={"photo": photo, "avatar": None}),
        recorded,
        SCENE.model_copy(update={"background": ground}),
        Scene(footage=Media(url="https://example.com/film.mp4")),
    )
    places = ("scenes.0.photo", "scenes.1.photo", "scenes.3.background")
    intent = account.intent(AVATAR, Avatar(scenes=scenes), links=dict.fromkeys(places, picture))
    await account.finished(await account.accepted(intent))

    assert len(account.ledger()[0]["images"]) == 3


@pytest.mark.parametrize(
    ("captions", "is_burned"), [(Captions.FILE, False), (Captions.BURNED_IN, True)]
)
@pytest.mark.parametrize("offer", [AVATAR, V2[0]])
async def test_captions_come_as_a_file_or_in_the_picture(
    account: Account, offer: str, captions: Captions, is_burned: bool
) -> None:
    work = Avatar(scenes=(SCENE,), captions=captions)
    finished = await account.finished(await account.accepted(account.intent(offer, work)))

    assert ("captioned" in finished.video_url) is is_burned
    assert finished.subtitle_url is not None
    assert b"Hello there" in await account.downloaded(finished.subtitle_url)


async def test_a_translation_brings_its_captions(account: Account) -> None:
    source = Media(url="https://example.com/film.mp4")
    work = Translation(language="Spanish (Spain)", source=source, captions=True, mode="precision")
    finished = await account.finished(await account.accepted(account.intent(TRANSLATION, work)))

    assert finished.subtitle_url is not None
    assert account.ledger()[0]["input"]["output_languages"] == ["Spanish (Spain)"]


async def test_what_a_vendor_may_call_back_is_told(account: Account) -> None:
    for offer in (AVATAR, AGENT, TRANSLATION, TEMPLATE, V2[0], V2[2]):
        await account.accepted(account.intent(offer, callback_url="https://bot.example/hook"))

    told = [entry["input"] for entry in account.ledger()]
    assert {one["callback_url"] for one in told} == {"https://bot.example/hook"}
    assert len({one["callback_id"] for one in told}) == len(told)


# ── one payment, whatever is lost ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("offer", KEYED)
@pytest.mark.parametrize("kind", ["hang", "reset_after", "garbage", "status_after"])
async def test_a_lost_answer_is_asked_for_with_the_same_key_and_paid_once(
    account: Account, offer: str, kind: str
) -> None:
    intent = account.intent(offer)
    account.arm("submit", kind, **({"status": 502} if kind == "status_after" else {}))

    assert isinstance(await account.submit(intent, timeout_s=0.4), Uncertain)
    again = await account.gateway.look_up(intent, timeout_s=2)
    assert isinstance(again, Accepted)
    assert again == await account.gateway.look_up(intent, timeout_s=2)
    assert len(account.ledger()) == 1
    assert isinstance(await account.finished(remote_of(intent, again)), Finished)


async def test_a_submit_that_is_still_in_flight_stays_a_doubt(account: Account) -> None:
    intent = account.intent(AVATAR)
    account.switch("submit_takes_s", 0.6)
    first = asyncio.create_task(account.submit(intent))
    await asyncio.sleep(0.2)

    doubted = await account.gateway.look_up(intent, timeout_s=2)
    assert isinstance(doubted, Uncertain)
    assert "request_in_progress" in doubted.reason
    assert isinstance(await first, Accepted)
    assert len(account.ledger()) == 1


@pytest.mark.parametrize("offer", V2)
async def test_the_older_roads_cannot_be_asked(account: Account, offer: str) -> None:
    intent = account.intent(offer)
    account.arm("submit", "reset_after")

    assert isinstance(await account.submit(intent), Uncertain)
    assert isinstance(await account.gateway.look_up(intent, timeout_s=2), Uncertain)
    assert len(account.ledger()) == 1


@pytest.mark.parametrize("offer", [AVATAR, AGENT, V2[0]])
async def test_an_error_in_a_200_is_no_acceptance(account: Account, offer: str) -> None:
    account.arm("submit", "error_200")
    assert isinstance(await account.submit(account.intent(offer)), Uncertain)
    account.arm("submit", "error_200", code="content_policy_violation", message="Not this prompt.")
    refused = await account.submit(account.intent(offer))

    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.REFUSED_CONTENT
    assert account.ledger() == []


# ── what is refused ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"avatar": "nobody"}, "avatar"), ({"voice": {"name": "no-voice"}}, "voice")],
)
@pytest.mark.parametrize("offer", [AVATAR, V2[0]])
async def test_what_is_not_there_is_a_wrong_input_and_no_road_that_is_gone(
    account: Account, offer: str, changed: dict[str, Any], field: str
) -> None:
    scene = Scene.model_validate({**SCENE.model_dump(), **changed})
    refused = await account.submit(account.intent(offer, Avatar(scenes=(scene,))))

    assert isinstance(refused, Rejected)
    assert (refused.failure.kind, refused.failure.field) == (FailureClass.BAD_INPUT, field)


@pytest.mark.parametrize("changed", [{"avatar": "nobody"}, {"voice": {"name": "no-voice"}}])
async def test_what_is_not_there_may_be_said_in_a_bare_sentence(
    account: Account, changed: dict[str, Any]
) -> None:
    account.switch("legacy_error_text", True)
    scene = Scene.model_validate({**SCENE.model_dump(), **changed})
    refused = await account.submit(account.intent(V2[0], Avatar(scenes=(scene,))))

    assert isinstance(refused, Rejected)
    assert refused.failure.kind is not FailureClass.GONE
    account.switch("sunset_legacy", "missing_404")
    refused = await account.submit(account.intent(V2[0]))
    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.GONE


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("listed", [False, True])
async def test_a_field_that_is_wrong_is_named(account: Account, status: int, listed: bool) -> None:
    account.switch("validation_status", status)
    account.switch("validation_errors", listed)
    voice = SCENE.voice.model_copy(update={"engine": {"engine_type": "fish"}})
    scene = SCENE.model_copy(update={"voice": voice})
    refused = await account.submit(account.intent(AVATAR, Avatar(scenes=(scene,))))

    assert isinstance(refused, Rejected)
    assert (refused.failure.kind, refused.failure.field) == (FailureClass.BAD_INPUT, "voice_engine")


async def test_a_template_that_is_not_there(account: Account) -> None:
    work = account.work(TEMPLATE).model_copy(update={"template": "no-such"})
    for offer in (TEMPLATE, V2[4]):
        refused = await account.submit(account.intent(offer, work))
        assert isinstance(refused, Rejected)
        assert refused.failure.kind is FailureClass.BAD_INPUT


@pytest.mark.parametrize("state", ["gone_410", "missing_404"])
@pytest.mark.parametrize("offer", V2)
async def test_a_sunset_road_is_gone(account: Account, offer: str, state: str) -> None:
    account.switch("sunset_legacy", state)
    refused = await account.submit(account.intent(offer))

    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.GONE


@pytest.mark.parametrize("status", [404, 405, 410])
@pytest.mark.parametrize("offer", V3)
async def test_a_v3_road_can_be_gone_too(account: Account, offer: str, status: int) -> None:
    account.arm("submit", "status", status=status)
    intent = account.intent(offer)
    refused = await account.submit(intent)

    # What names an avatar, a template or a file may be told of that one with a bare `not_found`.
    is_input = status == 404 and offer != AGENT
    assert isinstance(refused, Rejected)
    assert refused.failure.kind is (FailureClass.BAD_INPUT if is_input else FailureClass.GONE)


async def test_a_full_account_says_when(account: Account) -> None:
    account.switch("concurrent_jobs", 1)
    await account.accepted(account.intent(AVATAR))
    refused = await account.submit(account.intent(AGENT))

    assert isinstance(refused, Rejected)
    assert (refused.failure.kind, refused.retry_after_s) == (FailureClass.RATE, 5)


@pytest.mark.parametrize(("check", "kind"), [("submit", Rejected), ("late", Ended)])
async def test_an_empty_account(account: Account, check: str, kind: type[Rejected | Ended]) -> None:
    account.switch("wallet_usd", 0.0)
    account.switch("credit_check", check)
    intent = account.intent(AVATAR)
    answer: Any = await account.submit(intent)
    if isinstance(answer, Accepted):
        answer = (await account.until_over(remote_of(intent, answer)))[-1]

    assert isinstance(answer, kind)
    assert answer.failure.kind is FailureClass.CREDITS


async def test_what_no_wire_can_say_is_refused_before_it_is_sent(account: Account) -> None:
    silent = Scene(avatar=LOOK, silence_s=3)
    intent = account.intent(AVATAR, Avatar(scenes=(silent,)))
    refused = await account.submit(intent)
    assert isinstance(refused, Rejected)
    assert refused.failure.field == "silence"

    unlinked = replace(account.intent(TRANSLATION), links={})
    refused = await account.submit(unlinked)
    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.OURS
    assert account.ledger() == []


async def test_the_end_of_a_road_is_told_once(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = account.gateway
    with caplog.at_level(logging.WARNING, logger="gateways.heygen_calls"):
        for offer in (V2[0], V2[0], V2[2], AVATAR):
            await gateway.submit(account.intent(offer), timeout_s=2)

    told = [line.getMessage() for line in caplog.records]
    assert len(told) == 2
    assert "/v2/video/generate" in told[0]
    assert "2026-10-31" in told[0]
    assert "/v1/video_agent/generate" in told[1]


# ── checks ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("offer", [*V3, *V2])
async def test_completed_without_a_link_is_asked_again(account: Account, offer: str) -> None:
    remote = await account.accepted(account.intent(offer))
    account.arm("check", "no_url")
    seen = await account.until_over(remote)

    assert isinstance(seen[-1], Finished)
    assert not any(isinstance(progress, Ended) for progress in seen)


@pytest.mark.parametrize("offer", [*V3, *V2])
async def test_a_render_that_broke_says_why(account: Account, offer: str) -> None:
    remote = await account.accepted(account.intent(offer))
    account.arm("check", "fail", message="the camera fell over")
    ended = (await account.until_over(remote))[-1]

    assert isinstance(ended, Ended)
    assert "the camera fell over" in ended.failure.detail
    # v1 and v2 have a number for it; a reason that nobody knows may hide a refusal.
    is_known = ended.failure.kind is FailureClass.BAD_INPUT
    assert ended.failure.billed is (False if is_known else None)


@pytest.mark.parametrize("offer", [*V3, *V2])
async def test_a_failed_check_ends_nothing(account: Account, offer: str) -> None:
    remote = await account.accepted(account.intent(offer))
    for status in (401, 429, 500, 503):
        account.arm("check", "status", status=status)
        assert isinstance(await account.gateway.check(remote), Unreadable)
    account.arm("check", "unknown_status", word="Hibernating")

    assert isinstance(await account.gateway.check(remote), Rendering)
    assert isinstance((await account.until_over(remote))[-1], Finished)


@pytest.mark.parametrize("offer", [*V3, *V2])
async def test_an_id_nobody_knows(account: Account, offer: str) -> None:
    remote = replace(await account.accepted(account.intent(offer)), remote_id="f" * 32, handle={})

    assert await account.gateway.check(remote) == Unknown()


# ── cancelling ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("offer", [AVATAR, TRANSLATION, TEMPLATE])
async def test_what_has_not_begun_is_deleted_and_what_has_is_left_alone(
    account: Account, offer: str
) -> None:
    waiting = await account.accepted(account.intent(offer))
    gateway = account.gateway
    assert await gateway.cancel(waiting) is Cancellation.REQUESTED
    ended = await gateway.check(waiting)
    assert isinstance(ended, Ended)
    assert (ended.failure.kind, ended.failure.billed) == (FailureClass.STOPPED, False)
    assert await account.gateway.check(waiting) == Unknown(), "a process that forgot it"

    done = await account.accepted(account.intent(offer))
    await account.finished(done)
    assert await account.gateway.cancel(done) is Cancellation.TOO_LATE
    assert isinstance(await account.gateway.check(done), Finished)
    account.arm("check", "status", status=500)
    assert await account.gateway.cancel(done) is Cancellation.UNREADABLE


@pytest.mark.parametrize("offer", V2)
async def test_the_older_roads_have_no_cancel(account: Account, offer: str) -> None:
    remote = await account.accepted(account.intent(offer))

    assert await account.gateway.cancel(remote) is Cancellation.NOT_OFFERED


# ── files ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_large_file_goes_directly(account: Account) -> None:
    film = await account.finished(await account.accepted(account.intent(AVATAR)))
    content = await account.downloaded(film.video_url)
    large = content + b"\0" * (33 * 1024 * 1024)
    link = await account.gateway.upload(large, "video/mp4", "film.mp4")
    work = Translation(language="German", source=Media(slack_file_id="F1"))
    await account.finished(
        await account.accepted(account.intent(TRANSLATION, work, links={"source": link}))
    )

    (image,) = account.ledger()[1]["images"]
    assert image["bytes"] == len(large)


async def test_an_agents_files_are_sent_by_id_on_both_roads(account: Account) -> None:
    link = await account.gateway.upload(_png(), "image/png", "fox.png")
    work = Agent(prompt="A film about this", files=(Media(slack_file_id="F1"),))
    for offer in (AGENT, V2[2]):
        await account.accepted(account.intent(offer, work, links={"files.0": link}))

    assert all(len(entry["images"]) == 1 for entry in account.ledger())


async def test_pictures_guide_a_cinematic_clip(account: Account) -> None:
    link = await account.gateway.upload(_png(), "image/png", "fox.png")
    picture = Image(slack_file_id="F1")
    work = account.work(CINEMATIC).model_copy(update={"references": (picture, picture)})
    places = {"references.0": link, "references.1": link}
    await account.accepted(account.intent(CINEMATIC, work, links=places))

    assert len(account.ledger()[0]["images"]) == 2
