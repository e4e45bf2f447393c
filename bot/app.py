"""The composition root: the only place where objects are made and loops are started.

    Slack ─▶ handlers ─▶ storage ◀─ engine ─▶ gateways
      ▲                    │
      └──── notifier ◀─────┘          uploader: finished files into their threads

If a loop dies, the process dies (exit 70): the database is enough to go on.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

import gateways
import handlers
from bot import ears
from bot.engine.courier import Courier
from bot.engine.engine import Engine
from bot.engine.prepare import Preparation
from bot.engine.steps import Limits, Steps
from bot.exits import Exit
from bot.measures import Measures
from bot.notifier.edits import Edits, House
from bot.notifier.effects import Effects
from bot.notifier.held import HeldReplies
from bot.notifier.notices import Notices
from bot.notifier.notifier import Notifier
from bot.notifier.response_urls import ResponseUrls
from bot.notifier.uploader import Uploader
from bot.people import Identity, identify, owners
from bot.ports import Ports, accounts, real_ports
from bot.settings import Settings
from bot.wakeup import Wakeup
from gateways.download import Downloads
from handlers.dependencies import Dependencies

STOP_LIMIT_S = 29  # whatever hangs, the process is gone after this

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Dailies:
    """The whole bot, put together and not yet running."""

    bolt: AsyncApp
    engine: Engine
    notifier: Notifier
    uploader: Uploader

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that runs for as long as the process does."""
        return [self.engine.run(), self.notifier.run(), self.uploader.run()]

    def stop(self) -> None:
        """Begin nothing more."""
        self.engine.stop()
        self.notifier.stop()
        self.uploader.stop()


async def run(settings: Settings) -> int:
    """The bot until the process is told to stop; the exit status. Raises `DatabaseHeld` and
    `DatabaseRefused`."""
    async with real_ports(settings) as ports:
        return await serve(settings, ports, _told_to_stop())


async def serve(settings: Settings, ports: Ports, told: asyncio.Event) -> int:
    """The bot on these ports until `told`; the exit status."""
    try:
        identity = await identify(ports.slack_client)
    except SlackApiError as refused:
        log.error("Slack refuses SLACK_BOT_TOKEN", code=refused.response.get("error"))
        return Exit.CONFIG
    admins = frozenset(settings.dailies_admins) or await owners(ports.slack_client)
    dailies = build(settings, ports, identity, admins)
    log.info("running", team=identity.team_id, bot=identity.bot_name)
    return await _until(told, dailies, settings, ports)


def build(settings: Settings, ports: Ports, identity: Identity, admins: frozenset[str]) -> Dailies:
    """Put everything together. Opens nothing, starts nothing."""
    engine_bell, notifier_bell, uploader_bell = (Wakeup(ports.clock) for _ in range(3))

    def wake() -> None:
        for bell in (engine_bell, notifier_bell, uploader_bell):
            bell.ring()

    owner = ports.ids.new("process")
    response_urls = ResponseUrls(ports.clock)
    steps = _steps(settings, ports)
    bolt = _bolt(ports, identity)
    handlers.register(bolt, _dependencies(settings, ports, identity, admins, response_urls, wake))
    shared: dict[str, Any] = {"database": ports.database, "clock": ports.clock, "owner": owner}
    return Dailies(
        bolt=bolt,
        engine=Engine(steps=steps, wakeup=engine_bell, wake=wake, **shared),
        notifier=_notifier(settings, ports, identity, admins, response_urls)(
            wakeup=notifier_bell, wake=wake, **shared
        ),
        uploader=Uploader(
            slack=ports.slack,
            media=ports.media,
            ids=ports.ids,
            wakeup=uploader_bell,
            wake=wake,
            **shared,
        ),
    )


def _steps(settings: Settings, ports: Ports) -> Steps:
    keys = accounts(settings)
    return Steps(
        database=ports.database,
        gateways=gateways.build(ports.http, *keys),
        preparation=Preparation(
            slack=ports.slack,
            media=ports.media,
            probe=ports.probe,
            database=ports.database,
            clock=ports.clock,
        ),
        courier=Courier(
            Downloads(ports.http),
            media=ports.media,
            probe=ports.probe,
            clock=ports.clock,
            ids=ports.ids,
            hosts=gateways.result_hosts(*keys, listed=settings.dailies_media_hosts),
        ),
        media=ports.media,
        clock=ports.clock,
        ids=ports.ids,
        limits=Limits(
            budget_micro_usd=settings.monthly_budget_micro_usd,
            timezone=settings.dailies_timezone,
            min_free_bytes=settings.dailies_min_free_bytes,
            fallback_check_s=settings.dailies_check_interval_s,
        ),
    )


def _bolt(ports: Ports, identity: Identity) -> AsyncApp:
    """Bolt: listeners commit before the ack, and authorisation asks nobody."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_token=ports.slack_client.token,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
        )

    return AsyncApp(
        client=ports.slack_client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
    )


def _dependencies(
    settings: Settings,
    ports: Ports,
    identity: Identity,
    admins: frozenset[str],
    response_urls: ResponseUrls,
    wake: Callable[[], None],
) -> Dependencies:
    return Dependencies(
        database=ports.database,
        clock=ports.clock,
        ids=ports.ids,
        gateways=frozenset(account.gateway for account in accounts(settings)),
        admins=admins,
        channels=settings.dailies_channels,
        budget_micro_usd=settings.monthly_budget_micro_usd,
        timezone=settings.dailies_timezone,
        response_urls=response_urls,
        slack=ports.slack,
        wake=wake,
        bot_user_id=identity.bot_user_id,
        bot_name=identity.bot_name,
    )


def _notifier(
    settings: Settings,
    ports: Ports,
    identity: Identity,
    admins: frozenset[str],
    response_urls: ResponseUrls,
) -> Callable[..., Notifier]:
    """A notifier without its bells."""
    edits = Edits(
        slack=ports.slack,
        database=ports.database,
        measures=Measures(
            ports.database, ports.clock, fallback_check_s=settings.dailies_check_interval_s
        ),
        clock=ports.clock,
        ids=ports.ids,
        house=House(settings.monthly_budget_micro_usd, settings.dailies_timezone),
    )
    effects = Effects(
        slack=ports.slack,
        database=ports.database,
        edits=edits,
        notices=Notices(
            slack=ports.slack,
            database=ports.database,
            response_urls=response_urls,
            admins=sorted(admins),
            bot_name=identity.bot_name,
        ),
        held=HeldReplies(
            ports.database,
            ports.clock,
            ports.ids,
            gateways=frozenset(account.gateway for account in accounts(settings)),
        ),
        clock=ports.clock,
        ids=ports.ids,
    )

    def ready(**bells: Any) -> Notifier:
        return Notifier(effects=effects, edits=edits, **bells)

    return ready


def _told_to_stop() -> asyncio.Event:
    """Set by a signal, which also sets the alarm: whatever hangs, the process ends."""
    told = asyncio.Event()

    def tell() -> None:
        told.set()
        signal.alarm(STOP_LIMIT_S)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    return told


async def _until(told: asyncio.Event, dailies: Dailies, settings: Settings, ports: Ports) -> int:
    """Run everything; told to stop it ends in order, a loop that ends by itself ends the rest."""
    async with ears.listening(dailies.bolt, settings, ports) as hearing:
        tasks = [asyncio.create_task(each) for each in (*dailies.loops(), hearing)]
        stopping = asyncio.create_task(told.wait())
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if not told.is_set():
            stopping.cancel()
            return await _died(tasks)
        log.info("stopping")
    dailies.stop()
    tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Exit.OK


async def _died(tasks: list[asyncio.Task[None]]) -> int:
    """Say which loop died of what; what is left is cut off, the database is enough to go on."""
    for task in tasks:
        if task.done():
            log.error("a loop died", loop=task.get_name(), exc_info=task.exception())
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Exit.LOOP_DIED
