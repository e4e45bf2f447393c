"""One life of the bot's process: the product's own composition root, from start to kill -9.

A crash is what `kill -9` leaves: the bytes of the database and its log at that moment, and nothing
of memory. Whatever the dead process would still do is refused or never runs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.app import serve
from bot.exits import Exit
from bot.settings import Settings
from bot.webhooks import Webhooks
from tests.simulation.loop import LIFE, Mortal
from tests.simulation.ports import open_ports

if TYPE_CHECKING:
    from tests.simulation.world import World


class Killed(BaseException):
    """The process is dead; no product code may catch this."""


class Process(Mortal):
    """The bot on simulated ports."""

    def __init__(self, world: World, settings: Settings) -> None:
        super().__init__()
        self.started_at = world.loop.time()
        self.told = asyncio.Event()
        self.told_at: float | None = None
        self.slept_before_s = 0.0  # when it was told to stop
        self.bolt: AsyncApp | None = None
        self.hooks: web.Application | None = None
        self.exit: Exit | int | None = None
        self._world = world
        self._settings = settings
        self._stack = contextlib.AsyncExitStack()

    @property
    def is_up(self) -> bool:
        """Whether Slack can reach it."""
        return self.bolt is not None and not self.dead and self.exit is None

    def begin(self) -> None:
        """Start it."""
        self._spawn(self._run(), name="process")

    def deliver(self, body: dict[str, Any]) -> asyncio.Future[BoltResponse]:
        """Hand it something of Slack's; the future is its ack, if one ever leaves."""
        assert self.bolt is not None
        answered = self._world.loop.create_future()
        self._spawn(self._answer(self.bolt, body, answered), name="delivery")
        return answered

    def told_by_vendor(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> asyncio.Future[int]:
        """A vendor calls; the future is the status of the answer, if one ever leaves."""
        answered = self._world.loop.create_future()
        if self.hooks is not None:
            self._spawn(self._hear(self.hooks, (path, headers, body), answered), name="hook")
        return answered

    def tell(self) -> None:
        """SIGTERM."""
        self.told_at, self.slept_before_s = self._world.loop.time(), self._world.slept_s
        self.told.set()

    def die(self) -> None:
        """`kill -9`, now."""
        self._world.loop.bury(self, self)
        self._world.died()

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        context = copy_context()
        context.run(LIFE.set, self)
        task = self._world.loop.create_task(work, name=name, context=context)
        task.add_done_callback(_look, context=Context())

    async def _run(self) -> None:
        """As `bot.app.run`: open the ports, serve, close them."""
        try:
            async with open_ports(self._world, self._settings) as ports:
                self.exit = await serve(self._settings, ports, self.told)
        except (Killed, GeneratorExit):
            raise
        except BaseException as error:
            if self.dead:
                raise
            self._world.ended_by(self, error)
            raise
        self._world.ended(self)

    async def _answer(
        self, bolt: AsyncApp, body: dict[str, Any], answered: asyncio.Future[BoltResponse]
    ) -> None:
        request = AsyncBoltRequest(mode="socket_mode", body=body)
        response = await bolt.async_dispatch(request)
        await self._world.cross("ack:send")
        if not answered.done():
            answered.set_result(response)

    async def _hear(
        self,
        app: web.Application,
        delivery: tuple[str, Mapping[str, str], bytes],
        answered: asyncio.Future[int],
    ) -> None:
        path, headers, body = delivery
        request = make_mocked_request("POST", path, headers=headers, app=app)
        request._read_bytes = body
        match = await app.router.resolve(request)
        request._match_info = match
        try:
            answer = await match.handler(request)
        except web.HTTPException as refused:
            answer = refused
        await self._world.cross("hook:answer")
        if not answered.done():
            answered.set_result(answer.status)


@contextlib.contextmanager
def without_sockets() -> Iterator[None]:
    """In place of the web server and the socket: Slack reaches the process through its Bolt."""
    with patch("bot.ears.listening", _listening):
        yield


@contextlib.asynccontextmanager
async def _listening(
    bolt: AsyncApp, _: object, webhooks: Webhooks | None
) -> AsyncIterator[Coroutine[Any, Any, None]]:
    process = LIFE.get()
    assert isinstance(process, Process)
    process.bolt = bolt
    if webhooks is not None:
        process.hooks = web.Application()
        webhooks.add_routes(process.hooks)
    try:
        yield _for_ever()
    finally:
        process.bolt = None


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _look(task: asyncio.Task[Any]) -> None:
    """A delivery that broke has no answer; that is all Slack sees of it."""
    if not task.cancelled():
        task.exception()
