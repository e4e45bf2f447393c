"""The ports of one process in one place: a simulation replaces these and runs the rest as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import RandomIds, SystemClock, WorkerThreads
from bot.probe import MediaProbe
from bot.settings import Settings
from bot.slack import SlackApi, open_session, web_client
from domain.ports import Clock, Database, Ids, MediaStore, Probe, Slack, Threads
from gateways import Account, FalAccount, HeyGenAccount, RunwareAccount, private_hosts
from gateways.heygen import ApiVersion
from gateways.http import Http
from gateways.runware_wire import Delivery
from storage.database import SqliteDatabase
from storage.media import open_media
from storage.sqlite_file import sqlite_path


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Everything that is not computation. `slack_client` is Bolt's; `slack` is everybody else's."""

    clock: Clock
    ids: Ids
    threads: Threads
    database: Database
    media: MediaStore
    probe: Probe
    http: Http
    slack: Slack
    slack_client: AsyncWebClient
    slack_session: aiohttp.ClientSession


@asynccontextmanager
async def real_ports(settings: Settings) -> AsyncIterator[Ports]:
    """The ports of production, opened and closed in order. Raises `DatabaseRefused`,
    `DatabaseHeld` or ValueError before anything else is opened."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            await SqliteDatabase.open(database_path(settings))
        )
        threads = WorkerThreads()
        stack.callback(threads.close)
        clock = SystemClock()
        media = open_media(settings.media_url, threads)
        await media.remove_unfinished()
        listed = settings.dailies_media_hosts
        http = Http(clock, private_hosts=private_hosts(*accounts(settings), listed=listed))
        stack.push_async_callback(http.aclose)
        session = await stack.enter_async_context(open_session())
        client = web_client(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session
        )
        yield Ports(
            clock=clock,
            ids=RandomIds(),
            threads=threads,
            database=database,
            media=media,
            probe=MediaProbe(threads),
            http=http,
            slack=SlackApi(client, session, clock),
            slack_client=client,
            slack_session=session,
        )


def database_path(settings: Settings) -> Path:
    """The file behind `DATABASE_URL`."""
    return sqlite_path(settings.database_url)


def accounts(settings: Settings) -> tuple[Account, ...]:
    """The vendor accounts whose key is set."""
    found: list[Account] = []
    if settings.heygen_api_key is not None:
        found.append(
            HeyGenAccount(
                api_key=settings.heygen_api_key.get_secret_value(),
                api_url=settings.heygen_api_url,
                upload_url=settings.heygen_upload_url,
                version=ApiVersion(settings.heygen_api_version),
            )
        )
    if settings.fal_key is not None:
        found.append(
            FalAccount(
                key=settings.fal_key.get_secret_value(),
                queue_url=settings.fal_queue_url,
                rest_url=settings.fal_rest_url,
                cdn_url=settings.fal_cdn_url,
                api_url=settings.fal_api_url,
                jwks_url=settings.fal_jwks_url,
                webhook_user_id=settings.fal_webhook_user_id,
            )
        )
    if settings.runware_api_key is not None:
        found.append(_runware(settings, settings.runware_api_key))
    return tuple(found)


def _runware(settings: Settings, key: SecretStr) -> RunwareAccount:
    endpoint = settings.runware_upload_endpoint
    return RunwareAccount(
        api_key=key.get_secret_value(),
        api_url=settings.runware_api_url,
        delivery=Delivery(
            quality=settings.runware_output_quality,
            ttl_s=settings.runware_ttl_s,
            safety=settings.runware_safety,
            upload_endpoint=None if endpoint is None else endpoint.get_secret_value(),
        ),
    )
