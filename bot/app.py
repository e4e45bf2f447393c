"""The composition root: the only place where objects are made and loops are started.

    Slack ─▶ handlers ─▶ storage ◀─ engine ─▶ gateways
      ▲                    │
      └──── notifier ◀─────┘          uploader: finished files into their threads

If a loop dies, the process dies (exit 70): the database is enough to go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

import gateways
import handlers
from bot import ears, supervision, telling
from bot.callbacks import callbacks_of
from bot.casting import CastingLists, lists_of
from bot.engine.carrying import forget_copies
from bot.engine.courier import Courier
from bot.engine.engine import Engine
from bot.engine.prepare import Preparation
from bot.engine.steps import Limits, Steps
from bot.exits import Exit
from bot.likenesses import Likenesses, likenesses_of
from bot.metrics import Metrics
from bot.notifier.notifier import Notifier
from bot.notifier.response_urls import ResponseUrls
from bot.notifier.uploader import Uploader
from bot.parts import Parts
from bot.people import Identity, identify, owners
from bot.ports import Ports, accounts, real_ports
from bot.settings import Settings
from bot.silence import Silence
from bot.slack_answers import Unwelcome
from bot.voices import Voices, voices_of
from bot.wakeup import Bells
from bot.webhooks import Webhooks, webhooks_of
from domain.message import SlackUnanswered
from domain.offers.heygen import ONLY_V2, ONLY_V3
from domain.standing import Reach
from gateways.download import Downloads
from handlers.dependencies import Dependencies
from storage.in_time import InTime

ENDLESS = frozenset({"ears", "metrics", "lists", "silence"})  # loops with nothing to finish
LISTENER_LIMIT_S = 2.4  # Slack waits three seconds for an ack

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Dailies:
    """The whole bot, put together and not yet running."""

    bolt: AsyncApp
    engine: Engine
    notifier: Notifier
    uploader: Uploader
    steps: Steps
    parts: Parts
    webhooks: Webhooks | None
    lists: CastingLists | None
    likenesses: Likenesses | None
    voices: Voices | None

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Everything that runs for as long as the process does, by name."""
        return {
            "engine": self.engine.run(),
            "notifier": self.notifier.run(),
            "uploader": self.uploader.run(),
            "metrics": self.parts.metrics.run(self.steps.breakers),
            "silence": self.parts.silence.run(),
            **({"lists": self.lists.run()} if self.lists is not None else {}),
            **({"likenesses": self.likenesses.run()} if self.likenesses is not None else {}),
            **({"voices": self.voices.run()} if self.voices is not None else {}),
        }

    def stop(self) -> None:
        """Begin nothing more."""
        self.engine.stop()
        self.notifier.stop()
        self.uploader.stop()
        for loop in (self.likenesses, self.voices):
            if loop is not None:
                loop.stop()


def _nobody_waits() -> None:
    """What is called where nobody asked to be told, or there is nothing to ask for."""


async def run(settings: Settings, ready: Callable[[], None] = _nobody_waits) -> int:
    """The bot until the process is told to stop; the exit status. `ready` is called once it can
    be spoken to. Raises `DatabaseHeld` and `DatabaseRefused`."""
    log.info("starting")
    async with real_ports(settings) as ports:
        log.info("open")
        with supervision.stoppable() as told:
            return await serve(settings, ports, told, ready)


async def serve(
    settings: Settings,
    ports: Ports,
    told: asyncio.Event,
    ready: Callable[[], None] = _nobody_waits,
) -> int:
    """The bot on these ports until `told`; the exit status."""
    async with AsyncExitStack() as listening:
        try:
            begun = await supervision.unless(told, _begin(settings, ports, listening))
        except Unwelcome as unwelcome:
            log.error(f"Slack refuses {unwelcome.setting}", code=unwelcome.code)
            return Exit.CONFIG
        except SlackUnanswered as unanswered:
            log.error("Slack does not answer", reason=unanswered.reason)
            return Exit.NO_SLACK
        if begun is None:
            return Exit.OK
        dailies, loops = begun
        ready()
        status = await supervision.until_over(told, loops)
        dailies.stop()  # first: nothing is begun while Slack is told goodbye
        finishing = asyncio.create_task(
            supervision.finish(loops, endless=ENDLESS),
            name="finish",
        )
    await finishing
    return status


async def _begin(
    settings: Settings, ports: Ports, listening: AsyncExitStack
) -> tuple[Dailies, supervision.Loops]:
    """Say hello to Slack, put everything together, listen, and run."""
    identity = await identify(ports.slack_client)
    admins = frozenset(settings.dailies_admins) or await owners(ports.slack_client)
    dailies = build(settings, ports, identity, admins)
    await forget_copies(ports.media)
    log.info("running", team=identity.team_id, bot=identity.bot_name)
    ears_open = ears.listening(dailies.bolt, dailies.parts, dailies.webhooks)
    hearing = await listening.enter_async_context(ears_open)
    return dailies, supervision.start({**dailies.loops(), "ears": hearing})


def build(settings: Settings, ports: Ports, identity: Identity, admins: frozenset[str]) -> Dailies:
    """Put everything together. Opens nothing, starts nothing."""
    parts = _parts(settings, ports, identity, admins)
    lists, preparation = lists_of(parts), _preparation(parts)
    recast = lists.ask if lists is not None else _nobody_waits
    steps, likenesses = _steps(parts, preparation), likenesses_of(parts, preparation, recast)
    return Dailies(
        bolt=_bolt(parts, _dependencies(parts, steps.reach, recast, likenesses is not None)),
        engine=Engine(
            steps=steps,
            database=ports.database,
            clock=ports.clock,
            wakeup=parts.bells.engine,
            wake=parts.bells.ring,
            owner=parts.owner,
        ),
        notifier=telling.notifier(parts, steps.reach),
        uploader=telling.uploader(parts),
        steps=steps,
        parts=parts,
        webhooks=webhooks_of(parts),
        lists=lists,
        likenesses=likenesses,
        voices=voices_of(parts),
    )


def _parts(settings: Settings, ports: Ports, identity: Identity, admins: frozenset[str]) -> Parts:
    bells = Bells(ports.clock)
    return Parts(
        settings=settings,
        ports=ports,
        identity=identity,
        admins=admins,
        keys=accounts(settings),
        bells=bells,
        response_urls=ResponseUrls(ports.clock),
        metrics=Metrics(ports.database, ports.clock),
        silence=Silence(
            ports.slack_client,
            database=ports.database,
            clock=ports.clock,
            wake=bells.ring,
        ),
        owner=ports.ids.new("process"),
    )


def _bolt(parts: Parts, dependencies: Dependencies) -> AsyncApp:
    """Bolt with our listeners: they commit before the ack, and authorisation asks nobody."""
    identity, client = parts.identity, parts.ports.slack_client

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_token=client.token,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
        )

    bolt = AsyncApp(
        name="dailies",  # else it reads the source of everybody who called it, to find one
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
    )
    handlers.register(bolt, dependencies)
    return bolt


def _dependencies(
    parts: Parts, reach: Callable[[], Reach], recast: Callable[[], None], makes_likenesses: bool
) -> Dependencies:
    return Dependencies(
        database=InTime(parts.ports.database, limit_s=LISTENER_LIMIT_S),
        clock=parts.ports.clock,
        ids=parts.ports.ids,
        reach=reach,
        admins=parts.admins,
        channels=parts.settings.dailies_channels,
        budget_micro_usd=parts.settings.monthly_budget_micro_usd,
        timezone=parts.settings.dailies_timezone,
        response_urls=parts.response_urls,
        slack=parts.ports.slack,
        wake=parts.bells.ring,
        recast=recast,
        silenced=parts.silence.fell,
        makes_likenesses=makes_likenesses,
        bot_user_id=parts.identity.bot_user_id,
        bot_name=parts.identity.bot_name,
    )


def _preparation(parts: Parts) -> Preparation:
    ports = parts.ports
    return Preparation(
        slack=ports.slack,
        media=ports.media,
        probe=ports.probe,
        database=ports.database,
        clock=ports.clock,
        silence=parts.silence,
    )


def _steps(parts: Parts, preparation: Preparation) -> Steps:
    settings, ports = parts.settings, parts.ports
    return Steps(
        database=ports.database,
        gateways=gateways.build(ports.http, *parts.keys),
        preparation=preparation,
        courier=_courier(parts),
        media=ports.media,
        clock=ports.clock,
        ids=ports.ids,
        limits=Limits(
            budget_micro_usd=settings.monthly_budget_micro_usd,
            timezone=settings.dailies_timezone,
            min_free_bytes=settings.dailies_min_free_bytes,
            fallback_check_s=settings.dailies_check_interval_s,
            roads_off=ONLY_V2 if settings.heygen_api_version == "v3" else ONLY_V3,
            heygen_plan=settings.heygen_plan,
        ),
        metrics=parts.metrics,
        callbacks=callbacks_of(parts.settings),
    )


def _courier(parts: Parts) -> Courier:
    return Courier(
        Downloads(parts.ports.http),
        media=parts.ports.media,
        probe=parts.ports.probe,
        clock=parts.ports.clock,
        ids=parts.ports.ids,
        hosts=gateways.result_hosts(*parts.keys, listed=parts.settings.dailies_media_hosts),
    )
