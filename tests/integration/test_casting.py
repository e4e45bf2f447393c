"""Lists of avatars and voices: read page by page over HTTP, kept, searched, and cast from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.casting import ASKED_AGAIN_S, REFRESH_S, CastingLists
from domain.cast import resolve_spoken
from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.catalog import CATALOG
from domain.errors import RequestError
from domain.offer import GatewayName, Offer
from domain.ports import Casting, CastingUnread, Database
from domain.spoken import Agent, Avatar, Kind, Scene, Template, Translation, Voice
from domain.spoken_lines import filling_of
from gateways.heygen_catalog import HeyGenCatalog
from storage.castings import (
    CastingList,
    Entry,
    entry_row,
    find_entry,
    lists_read_at,
    read_castings,
    replace_list,
    search_list,
)
from storage.database import SqliteDatabase
from storage.preferences import write_preference
from tests.integration.heygen_account import LOOK, Account, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEAM, CHANNEL = "T1", "C1"
NOW = 1_800_000_000.0


class Clock:
    """A clock that moves when it is told to; sleeping takes no time."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


class Lists:
    """An account whose lists a test decides, and that counts how often each is read."""

    def __init__(self, *looks: Look) -> None:
        self.here: list[Look] = list(looks)
        self.voices_here = [VoiceOffer(id="v1", name="Tom", language="English", gender="male")]
        self.is_away = False
        self.reads = 0

    async def looks(self) -> AsyncIterator[Look]:
        self.reads += 1
        for look in self.here:
            yield look
        if self.is_away:
            raise CastingUnread("HTTP 502")

    async def voices(self) -> AsyncIterator[VoiceOffer]:
        for voice in self.voices_here:
            yield voice

    async def languages(self) -> AsyncIterator[Language]:
        yield Language(name="German")

    async def templates(self) -> AsyncIterator[TemplateOffer]:
        nothing: tuple[TemplateOffer, ...] = ()
        for each in nothing:
            yield each

    async def styles(self) -> AsyncIterator[AgentStyle]:
        yield AgentStyle(id="s1", name="Film Noir")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def account() -> AsyncIterator[Account]:
    async with opened() as account:
        yield account


@pytest_asyncio.fixture(loop_scope="module")
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened_here:
        yield opened_here


async def test_the_vendors_lists_are_kept_whole_and_searched_by_words(
    account: Account, database: Database
) -> None:
    await _lists(database, _catalog(account), Clock()).refresh()

    kept = await database.run(lists_read_at, TEAM)
    assert set(kept) == set(CastingList)
    found = await database.run(search_list, TEAM, Look, "sofa abig", limit=10)
    assert [look.name for look in found] == ["Abigail Sofa Side"]
    everybody = await database.run(search_list, TEAM, Look, "", limit=1_000)
    assert len(everybody) > 100, "more than two pages"
    germans = await database.run(search_list, TEAM, VoiceOffer, "german male", limit=100)
    assert germans
    assert {(one.language, one.gender) for one in germans} == {("German", "male")}
    chinese = await database.run(search_list, TEAM, Language, "mandarin", limit=10)
    assert "Chinese (Mandarin, Simplified)" in [one.name for one in chinese]
    templates = await database.run(search_list, TEAM, TemplateOffer, "product", limit=10)
    assert {variable.type for variable in templates[0].variables} >= {"text", "image"}
    assert await database.run(find_entry, TEAM, Look, LOOK)


async def test_what_is_named_is_cast_and_what_is_not_is_filled_in(
    account: Account, database: Database
) -> None:
    await _lists(database, _catalog(account), Clock()).refresh()

    cast = await _cast(database, _avatar(avatar="abigail SOFA side"))
    look: Any = await database.run(find_entry, TEAM, Look, cast.scenes[0].avatar)
    assert look.name == "Abigail Sofa Side"
    assert cast.scenes[0].voice.name == look.default_voice_id
    usual = await _cast(database, _avatar())
    assert usual.scenes[0].avatar
    assert usual.scenes[0].voice.name
    with pytest.raises(RequestError, match="Did you mean Abigail") as refused:
        await _cast(database, _avatar(avatar="Abigial Sofa Side"))
    assert refused.value.field == "avatar"
    assert refused.value.suggestion == '/video --avatar "Abigail Sofa Side" --script "Hello"'
    with pytest.raises(RequestError, match="There is no language"):
        await _cast(database, Translation(language="Klingon", source_request_id="r1"))
    styled = await _cast(database, Agent(prompt="tides"))
    assert styled.avatar is None, "an agent casts by itself"


async def test_the_channels_avatar_stands_where_nobody_is_named(database: Database) -> None:
    await _kept(database, Look(id="a1", name="Anna", default_voice_id="v1"), _boss())
    assert (await _cast(database, _avatar())).scenes[0].avatar == "a1"

    await database.run(write_preference, TEAM, CHANNEL, "avatar", "The Boss")

    assert (await _cast(database, _avatar())).scenes[0].avatar == "own"
    assert (await _cast(database, Agent(prompt="tides"))).avatar == "own"


async def test_nobody_who_works_here_is_cast_unasked(database: Database) -> None:
    await _kept(database, _boss())
    with pytest.raises(RequestError, match="No avatar is known here yet"):
        await _cast(database, _avatar())


async def test_a_pause_needs_a_voice_that_keeps_it(database: Database) -> None:
    await _kept(database, Look(id="a1", name="Anna", default_voice_id="v1"))
    voices = [
        VoiceOffer(id="v1", name="Tom", language="English"),
        VoiceOffer(id="v2", name="Calm Eva", language="English", supports_pause=True),
    ]
    await _written(database, CastingList.VOICES, *voices)
    paused = _avatar("Hello [pause 2s] there")
    with pytest.raises(RequestError, match="such as Calm Eva") as refused:
        await _cast(database, paused)
    assert refused.value.suggestion == '/video --script "Hello there"'

    eva = _avatar("Hello [pause 2s] there", voice=Voice(name="calm eva"))
    assert (await _cast(database, eva)).scenes[0].script == 'Hello <break time="2s"/> there'


async def test_a_template_says_what_type_each_variable_is(
    account: Account, database: Database
) -> None:
    await _lists(database, _catalog(account), Clock()).refresh()
    asked = Template(
        template="product launch",
        variables={
            "headline": filling_of("5"),
            "picture": filling_of("https://example.com/p.png"),
            "presenter": filling_of("Abigail Sofa Side"),
        },
    )

    cast = await _cast(database, asked)

    assert {name: one.type for name, one in cast.variables.items()} == {
        "headline": "text",
        "audience": "text",
        "picture": "image",
        "presenter": "character",
    }
    assert cast.variables["presenter"].name != "Abigail Sofa Side", "an id"
    assert cast.variables["audience"].text == "everybody", "as it stands in the template"
    odd = asked.model_copy(update={"variables": {"headlin": filling_of("x")}})
    with pytest.raises(RequestError, match="has no variable “headlin”"):
        await _cast(database, odd)


async def test_an_outage_keeps_the_list_and_a_half_read_one_counts_for_nothing(
    database: Database,
) -> None:
    source, clock = Lists(Look(id="a1", name="Anna")), Clock()
    lists = _lists(database, source, clock)
    await lists.refresh()
    source.here, source.is_away = [Look(id="a2", name="Ben")], True
    clock.at += REFRESH_S

    await lists.refresh()

    assert await _names(database) == ["Anna"]
    source.is_away = False
    await lists.refresh()
    assert await _names(database) == ["Ben"]
    source.here = []
    clock.at += REFRESH_S
    await lists.refresh()
    assert await _names(database) == ["Ben"], "an account without avatars is a vendor that broke"


async def test_it_is_read_again_when_it_is_old_or_asked_for_and_not_more_often(
    database: Database,
) -> None:
    source, clock = Lists(Look(id="a1", name="Anna")), Clock()
    lists = _lists(database, source, clock)
    running = asyncio.create_task(lists.run())
    await _until(lambda: source.reads == 1)
    lists.ask()
    await asyncio.sleep(0.05)
    assert source.reads == 1, "so soon after the last time it waits"

    clock.at += ASKED_AGAIN_S
    lists.ask()

    await _until(lambda: source.reads == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_list_that_was_never_read_takes_what_was_typed_as_an_id(
    database: Database,
) -> None:
    cast = await _cast(database, _avatar(avatar="josh_lite3", voice=Voice(name="abc")))
    assert (cast.scenes[0].avatar, cast.scenes[0].voice.name) == ("josh_lite3", "abc")


def _lists(database: Database, source: Casting, clock: Clock) -> CastingLists:
    return CastingLists(
        source, gateway=GatewayName.HEYGEN, team_id=TEAM, database=database, clock=clock
    )


def _catalog(account: Account) -> HeyGenCatalog:
    at = account.settings
    return HeyGenCatalog(
        account.http, api_key=at.api_key, api_url=at.api_url, upload_url=at.upload_url
    )


def _avatar(script: str = "Hello", **said: Any) -> Avatar:
    return Avatar(scenes=(Scene(script=script, **said),))


def _boss() -> Look:
    return Look(id="own", name="The Boss", default_voice_id="v1", is_own=True)


async def _kept(database: Database, *looks: Look) -> None:
    await _written(database, CastingList.LOOKS, *looks)


async def _written(database: Database, name: CastingList, *entries: Entry) -> None:
    rows = [entry_row(entry) for entry in entries]
    await database.run(replace_list, TEAM, name, rows, gateway=GatewayName.HEYGEN, now=NOW)


async def _cast(database: Database, work: Any) -> Any:
    castings = await database.run(read_castings, TEAM, CHANNEL, work)
    return resolve_spoken(work, _offer(work.kind), castings)


def _offer(kind: Kind) -> Offer:
    return next(offer for offer in CATALOG if offer.kind is kind)


async def _names(database: Database) -> list[str]:
    return [look.name for look in await database.run(search_list, TEAM, Look, "", limit=10)]


async def _until(holds: Any) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)
