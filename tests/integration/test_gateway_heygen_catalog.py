"""HeyGen's lists, and what an account makes for itself, against the sandbox over real HTTP."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from PIL import Image as Picture

from domain.casting import Look, VoiceOffer
from domain.errors import Failure, FailureClass
from domain.gateway import AUDIO_URL, DURATION_S, Accepted, Rejected
from domain.ports import CastingUnread
from domain.spoken import Avatar
from gateways import castings
from gateways.classify import Answer
from gateways.heygen import ApiVersion, HeyGen
from gateways.heygen_account import Left, left_over
from gateways.heygen_catalog import DETAILS_MAX, HeyGenCatalog
from gateways.http import Body
from sandbox.faults import Fault
from tests.integration.heygen_account import AVATAR, LOOK, SCENE, V2, VOICE, Account, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

T = TypeVar("T")
BOTH = pytest.mark.parametrize("version", list(ApiVersion))


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


def _catalog(account: Account, version: ApiVersion = ApiVersion.V3) -> HeyGenCatalog:
    at = account.settings
    return HeyGenCatalog(
        account.http,
        api_key=at.api_key,
        api_url=at.api_url,
        upload_url=at.upload_url,
        version=version,
    )


async def _all(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


async def _until_made(ask: Any) -> Any:
    async with asyncio.timeout(10):
        while (made := await ask()) is None:
            await asyncio.sleep(0.02)
    return made


def _photo() -> bytes:
    sketch = io.BytesIO()
    Picture.new("RGB", (320, 240), "teal").save(sketch, "PNG")
    return sketch.getvalue()


@BOTH
async def test_every_look_is_listed_once_with_its_voice(
    account: Account, version: ApiVersion
) -> None:
    looks = await _all(_catalog(account, version).looks())

    assert len({look.id for look in looks}) == len(looks) == 146
    josh = next(look for look in looks if look.id == LOOK)
    assert (josh.name, josh.gender, josh.default_voice_id) == ("Josh Lite Front", "male", VOICE)
    assert josh.preview_url is not None
    assert not josh.is_own
    assert any(look.default_voice_id is None for look in looks)
    if version is ApiVersion.V3:
        assert (josh.orientation, josh.engines) == ("landscape", ("avatar_iv", "avatar_iii"))


@BOTH
async def test_every_voice_is_listed_once(account: Account, version: ApiVersion) -> None:
    voices = await _all(_catalog(account, version).voices())

    assert len({voice.id for voice in voices}) == len(voices) > 300
    paul = next(voice for voice in voices if voice.id == VOICE)
    assert (paul.name, paul.language, paul.gender) == ("Paul - Natural", "English", "male")
    assert paul.supports_pause
    assert {voice.supports_pause for voice in voices} == {True, False}
    assert any(voice.preview_url is None for voice in voices)


@BOTH
async def test_languages_are_names(account: Account, version: ApiVersion) -> None:
    languages = [each.name for each in await _all(_catalog(account, version).languages())]

    assert "German" in languages
    assert "Spanish (Spain)" in languages


@BOTH
async def test_templates_come_with_their_variables(account: Account, version: ApiVersion) -> None:
    templates = await _all(_catalog(account, version).templates())

    assert len(templates) == 14
    first = templates[0]
    assert first.name == "Product Launch"
    assert {variable.name: variable.type for variable in first.variables} == {
        "headline": "text",
        "audience": "text",
        "picture": "image",
        "footage": "video",
        "music": "audio",
        "presenter": "character",
        "narrator": "voice",
    }
    assert first.variables[0].default == "Something new"


@BOTH
@pytest.mark.parametrize("status", [404, 500])
async def test_a_template_that_cannot_be_read_hides_no_other(
    account: Account, version: ApiVersion, status: int
) -> None:
    broken = Fault("heygen:catalog", "status", after=3, params={"status": status})
    account.faults.arm(broken)  # the list is the first call
    assert len(await _all(_catalog(account, version).templates())) == 13

    account.faults.arm(
        Fault("heygen:catalog", "status", times=14, after=1, params={"status": status})
    )
    with pytest.raises(CastingUnread):
        await _all(_catalog(account, version).templates())


async def test_styles(account: Account) -> None:
    assert len(await _all(_catalog(account).styles())) == 24
    assert await _all(_catalog(account, ApiVersion.V2).styles()) == []


async def test_voices_are_searched_by_meaning(account: Account) -> None:
    found = await _catalog(account).voice_search("a calm german woman", gender="female")

    assert 0 < len(found) <= 3
    assert {voice.gender for voice in found} == {"female"}


@pytest.mark.parametrize("kind", ["status", "garbage"])
async def test_a_list_that_breaks_in_the_middle_is_unread(account: Account, kind: str) -> None:
    listing = _catalog(account).looks()
    for _ in range(30):
        await anext(listing)
    account.arm("catalog", kind, **({"status": 503} if kind == "status" else {}))

    with pytest.raises(CastingUnread):
        await _all(listing)


async def test_only_heygen_has_lists(account: Account) -> None:
    assert list(castings(account.http, account.settings)) == [HeyGen.name]


# ── what an account makes for itself ──────────────────────────────────────────────────────────


async def test_an_avatar_of_a_photo_speaks_once_it_is_ready(account: Account) -> None:
    catalog = _catalog(account)
    made = await catalog.create_photo_avatar(_photo(), "image/png", name="Ada", key="ada-1")
    assert isinstance(made, Accepted)
    assert made == await catalog.create_photo_avatar(_photo(), "image/png", name="Ada", key="ada-1")
    assert await catalog.own_look(made.remote_id) is None
    assert made.remote_id not in {look.id for look in await _all(catalog.looks())}

    look = await _until_made(lambda: catalog.own_look(made.remote_id))
    assert isinstance(look, Look)
    assert (look.name, look.is_own) == ("Ada", True)
    assert (await _all(catalog.looks()))[0] == look
    scene = SCENE.model_copy(update={"avatar": look.id})
    await account.finished(await account.accepted(account.intent(AVATAR, Avatar(scenes=(scene,)))))


async def test_a_photo_without_a_face_says_so(account: Account) -> None:
    catalog = _catalog(account)
    account.arm("training", "fail")
    made = await catalog.create_photo_avatar(_photo(), "image/png", name="Nobody", key="no-1")
    assert isinstance(made, Accepted)
    failed = await _until_made(lambda: catalog.own_look(made.remote_id))

    assert isinstance(failed, Failure)
    assert "face" in failed.detail


async def test_an_avatar_costs_money(account: Account) -> None:
    account.switch("wallet_usd", 0.0)
    made = await _catalog(account).create_photo_avatar(_photo(), "image/png", name="A", key="a")

    assert isinstance(made, Rejected)
    assert made.failure.kind is FailureClass.CREDITS


async def test_a_cloned_voice_and_a_sample_of_it(account: Account) -> None:
    catalog = _catalog(account)
    preview = next(v for v in await _all(catalog.voices()) if v.preview_url).preview_url
    recording = await account.downloaded(str(preview))
    made = await catalog.clone_voice(recording, "audio/mpeg", name="Ada", key="v-1")
    assert isinstance(made, Accepted)

    voice = await _until_made(lambda: catalog.own_voice(made.remote_id))
    assert isinstance(voice, VoiceOffer)
    sample = await catalog.speak("Hello there.", voice.id, key="s-1", speed=1.5)
    assert isinstance(sample, Accepted)
    assert float(sample.handle[DURATION_S]) > 0
    assert len(await account.downloaded(sample.handle[AUDIO_URL])) > 100
    refused = await catalog.speak("Hello there.", VOICE, key="s-2")
    assert isinstance(refused, Rejected)


async def test_a_talking_photo_is_named_like_an_avatar(account: Account) -> None:
    headers = {"X-Api-Key": account.settings.api_key}
    wire = account.http.bind(account.settings.upload_url, headers=headers)
    await wire.read("POST", "/v1/talking_photo", body=Body(_photo(), {"content-type": "image/png"}))
    look = (await _all(_catalog(account, ApiVersion.V2).looks()))[0]
    assert look.id.startswith("talking_photo:")
    scene = SCENE.model_copy(update={"avatar": look.id})
    await account.finished(await account.accepted(account.intent(V2[0], Avatar(scenes=(scene,)))))


# ── what is left ──────────────────────────────────────────────────────────────────────────────


async def test_v2_tells_an_avatars_own_voice_in_its_details(account: Account) -> None:
    listed = {look.id: look for look in await _all(_catalog(account, ApiVersion.V2).looks())}
    account.switch("legacy_voice_in", "details")

    detailed = {look.id: look for look in await _all(_catalog(account, ApiVersion.V2).looks())}

    assert list(detailed) == list(listed)
    asked = list(listed)[:DETAILS_MAX]
    assert {id_: detailed[id_] for id_ in asked} == {id_: listed[id_] for id_ in asked}
    assert any(detailed[id_].default_voice_id for id_ in asked)
    assert not any(detailed[id_].default_voice_id for id_ in list(listed)[DETAILS_MAX:])


async def test_details_that_cannot_be_had_leave_an_avatar_without_a_voice(
    account: Account,
) -> None:
    account.switch("legacy_voice_in", "details")
    account.faults.arm(Fault("heygen:catalog", "garbage", times=99, after=1))

    looks = await _all(_catalog(account, ApiVersion.V2).looks())

    assert len(looks) > DETAILS_MAX
    assert not any(look.default_voice_id for look in looks)


@pytest.mark.parametrize(
    ("path", "billing", "words"),
    [
        ("/v3/users/me", "wallet", "$93.20"),
        ("/v3/users/me", "subscription", "93 credits (enterprise plan)"),
        ("/v3/users/me", "usage_based", "93 credits"),
        ("/v2/user/remaining_quota", "wallet", "93 credits"),
    ],
)
async def test_what_is_left(account: Account, path: str, billing: str, words: str) -> None:
    account.switch("wallet_usd", 93.2)
    account.switch("billing", billing)
    headers = {"X-Api-Key": account.settings.api_key}
    answer = await account.http.bind(account.settings.api_url, headers=headers).read("GET", path)

    assert isinstance(answer, Answer)
    assert left_over(answer) == Left(words, is_nothing=False)
    account.switch("wallet_usd", 0.0)
    broke = await account.http.bind(account.settings.api_url, headers=headers).read("GET", path)
    assert isinstance(broke, Answer)
    left = left_over(broke)
    assert left is not None
    assert left.is_nothing
