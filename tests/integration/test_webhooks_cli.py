"""`python -m bot webhooks` against the sandbox's HeyGen, with somebody at our address."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from bot import web
from bot.callbacks import Callbacks
from bot.exits import Exit
from bot.settings import Settings
from bot.webhooks import Webhooks
from bot.webhooks_cli import ENDPOINTS_PATH, EVENTS, OLD_LIST_PATH, register
from domain.offer import GatewayName
from gateways.heygen_hooks import ids_in
from gateways.hooks import Unsigned
from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from storage.database import SqliteDatabase
from tests.integration.gateway_servers import WallClock

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@dataclass
class World:
    vendors: Vendors
    settings: Settings

    async def endpoints(self, path: str = ENDPOINTS_PATH) -> list[tuple[str, list[str] | None]]:
        """What HeyGen has on its list."""
        at = self.vendors.addresses
        async with aiohttp.ClientSession(headers={"X-Api-Key": at["heygen_api_key"]}) as http:
            answer = await http.get(at["heygen_api_url"] + path)
            return [(each["url"], each["events"]) for each in (await answer.json())["data"]]


@pytest.fixture(params=["OPTIONS", "GET"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """HeyGen looks for us by one method or the other: sources differ in which."""
    vendors = await start(Faults(), Traffic(), pace_s=0.1)
    vendors.heygen.switches.set("webhook_probe", request.param)
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        registry = CollectorRegistry()
        ours = Webhooks(
            callbacks=Callbacks("", bytes(32)),
            hooks={GatewayName.HEYGEN: Unsigned(ids_in)},
            events=None,
            database=database,
            clock=WallClock(),
            wake=lambda: None,
            registry=registry,
        )
        app = web.build(
            web.Doors(now=time.time, registry=registry, ready={}, further=ours.add_routes)
        )
        async with web.serving(app, "127.0.0.1", 0) as port:
            yield World(
                vendors,
                Settings(
                    slack_bot_token="xoxb-1-2-abc",
                    slack_app_token="xapp-1-A-2-abc",
                    heygen_api_key=vendors.addresses["heygen_api_key"],
                    heygen_api_url=vendors.addresses["heygen_api_url"],
                    public_url=f"http://127.0.0.1:{port}/",
                    encryption_key=KEY,
                ),
            )
    await vendors.close()


async def test_our_address_is_registered_and_its_secret_printed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await register(world.settings) == Exit.OK

    printed = capsys.readouterr()
    assert printed.out.startswith("HEYGEN_WEBHOOK_SECRET=whsec_")
    assert str(world.settings.public_url).rstrip("/") in printed.err
    ((url, events),) = await world.endpoints()
    assert url == f"{str(world.settings.public_url).rstrip('/')}/webhooks/heygen"
    assert events == list(EVENTS)


async def test_again_it_gets_a_new_secret_and_no_second_endpoint(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await register(world.settings)
    first = capsys.readouterr().out
    assert await register(world.settings, may_rotate=True) == Exit.OK

    second = capsys.readouterr()
    assert second.out.startswith("HEYGEN_WEBHOOK_SECRET=whsec_")
    assert second.out != first
    assert "new one" in second.err
    assert len(await world.endpoints()) == 1


async def test_the_older_api_has_one_endpoint_however_often_it_is_registered(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    older = world.settings.model_copy(update={"heygen_api_version": "v2"})
    secrets = []
    for _ in range(2):
        assert await register(older, may_rotate=True) == Exit.OK
        secrets.append(capsys.readouterr().out)

    assert all(told.startswith("HEYGEN_WEBHOOK_SECRET=whsec_") for told in secrets)
    assert len(set(secrets)) == 2
    ((url, events),) = await world.endpoints(OLD_LIST_PATH)
    assert url == f"{str(world.settings.public_url).rstrip('/')}/webhooks/heygen"
    assert events == list(EVENTS)
    assert await world.endpoints() == []


@pytest.mark.parametrize("version", ["v3", "v2"])
async def test_the_secret_of_a_running_bot_is_renewed_only_where_that_is_asked_for(
    world: World, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    settings = world.settings.model_copy(update={"heygen_api_version": version})
    await register(settings)
    secret = capsys.readouterr().out.strip().partition("=")[2]

    assert await register(settings) == Exit.REFUSED
    lost = capsys.readouterr()
    kept = settings.model_copy(update={"heygen_webhook_secret": SecretStr(secret)})
    assert await register(kept) == Exit.OK

    assert (lost.out, capsys.readouterr().out) == ("", "")
    assert "--rotate" in lost.err
    path = ENDPOINTS_PATH if version == "v3" else OLD_LIST_PATH
    assert len(await world.endpoints(path)) == 1


@pytest.mark.parametrize("version", ["v3", "v2"])
async def test_where_the_list_cannot_be_read_nothing_is_made(
    world: World, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    settings = world.settings.model_copy(update={"heygen_api_version": version})
    wrong = settings.model_copy(update={"heygen_api_key": SecretStr("sk-wrong-wrong-wrong")})

    assert await register(wrong, may_rotate=True) == Exit.REFUSED
    assert "list of endpoints could not be read: HTTP 401" in capsys.readouterr().err
    assert await world.endpoints() == []


async def test_the_list_is_read_to_its_end(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(world.settings.public_url).rstrip("/")
    await register(world.settings)
    hooks = world.vendors.heygen._house.webhooks
    ((number, ours),) = hooks._endpoints.items()
    others = {f"e{n}": replace(ours, id=f"e{n}", url=f"{home}/{n}") for n in range(150)}
    hooks._endpoints = {**others, number: ours}

    assert await register(world.settings, may_rotate=True) == Exit.OK
    assert "new one" in capsys.readouterr().err
    assert len(hooks._endpoints) == 151


async def test_where_the_older_api_takes_no_new_one_the_one_before_stays(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    older = world.settings.model_copy(update={"heygen_api_version": "v2"})
    await register(older)
    elsewhere = older.model_copy(update={"public_url": "http://127.0.0.1:9"})

    assert await register(elsewhere) == Exit.REFUSED
    assert "Does the bot run there?" in capsys.readouterr().err
    assert len(await world.endpoints(OLD_LIST_PATH)) == 1


async def test_where_nobody_is_there_it_says_so(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = world.settings.model_copy(update={"public_url": "http://127.0.0.1:9"})

    assert await register(elsewhere) == Exit.REFUSED
    assert "Does the bot run there?" in capsys.readouterr().err


async def test_without_an_address_nothing_is_registered(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = world.settings.model_copy(update={"public_url": None})

    assert await register(nowhere) == Exit.CONFIG
    assert "PUBLIC_URL" in capsys.readouterr().err
    assert await world.endpoints() == []
