"""The same database for those who must answer soon: Slack waits three seconds for an ack.

Behind another program's lock a verb may wait longer than that. It would then be committed after
the person was shown an error, so what has not begun in time is withdrawn: nothing was written, and
that is what the person is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from domain.errors import StorageUnavailable
from domain.ports import Database, Transaction
from storage.errors import TRY_LATER

T = TypeVar("T")


class InTime:
    """`domain.ports.Database` whose verbs begin within `limit_s` or not at all."""

    def __init__(self, database: Database, *, limit_s: float) -> None:
        self._database = database
        self._limit_s = limit_s

    async def run(self, verb: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """As `Database.run`; raises `StorageUnavailable` also where it would begin too late."""
        turn = _Turn(verb)
        running: asyncio.Future[T] = asyncio.ensure_future(
            self._database.run(turn, *args, **kwargs)
        )
        await asyncio.wait({running}, timeout=self._limit_s)
        if not running.done() and turn.withdraw():
            running.add_done_callback(_forget)
            raise StorageUnavailable(f"The database is too slow right now. {TRY_LATER}")
        return await running


class _Turn:
    """A verb that can be withdrawn until it has begun. There is one token, and whoever takes it
    decides; a deque gives it to one thread only (docs.python.org, collections.deque)."""

    def __init__(self, verb: Callable[..., Any]) -> None:
        self._verb = verb
        self._token = deque([True])
        self._begun = False

    def __call__(self, db: Transaction, *args: Any, **kwargs: Any) -> Any:
        """On the database's thread; again where its batch is undone."""
        if not self._begun and not self._take():
            raise StorageUnavailable("withdrawn")
        self._begun = True
        return self._verb(db, *args, **kwargs)

    def withdraw(self) -> bool:
        """Whether it will never begin now."""
        return self._take()

    def _take(self) -> bool:
        try:
            return self._token.pop()
        except IndexError:
            return False


def _forget(running: asyncio.Future[Any]) -> None:
    """What was withdrawn has failed, as it should."""
    if not running.cancelled():
        running.exception()
