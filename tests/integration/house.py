"""The real bot without its engine, in front of a local Slack: people knock, and states are set.

The composition root, a real database file, Bolt over Slack's sockets and the notifier all run;
nothing is submitted, so that a test can put a take into exactly the state it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot import app
from bot.people import identify, owners
from bot.ports import Ports, real_ports
from bot.settings import Settings
from domain.events import Event, Intended, Prepared
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted
from domain.ports import Transaction
from domain.shot import Page, Take
from storage.executions import execution_of
from storage.intents import Caps, intend
from storage.preferences import WORKSPACE, write_preference
from storage.recording import record
from storage.shots import read_page, shot_by_number
from tests.integration.sandbox_slack import Bot, LocalSlack, local_slack, over_sockets

PATIENCE_S = 5.0
LOOK_S = 0.01
STOP_TIMEOUT_S = 10.0

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """One workspace with the bot in it."""

    slack: LocalSlack
    ports: Ports
    dailies: app.Dailies

    @property
    def team_id(self) -> str:
        """The workspace."""
        return str(self.slack.greeting["team_id"])

    async def read(self, verb: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """One verb on the bot's database."""
        return await self.ports.database.run(verb, *arguments, **named)

    async def prefers(self, **settings: Any) -> None:
        """The workspace chooses."""
        for name, value in settings.items():
            await self.read(write_preference, self.team_id, WORKSPACE, name, value)

    async def types(self, user: str, line: str, *, in_: str = "general") -> str:
        """A slash command; what only this person reads in answer."""
        answer = await self.slack.control("command", user=user, channel=in_, text=line)
        assert answer["ack"]["error"] is None, answer
        return str((answer["ack"]["body"] or {}).get("text", ""))

    async def presses(self, user: str, action_id: str, on: Json, *, value: str = "") -> Json:
        """A button on a message or an ephemeral one."""
        more = {"value": value} if value else {}
        answer = await self.slack.control(
            "click", user=user, channel=on["channel"], ts=on["ts"], action_id=action_id, **more
        )
        assert answer["ack"]["error"] is None, answer
        return answer

    async def replies(self, user: str, text: str, *, to: int = 1) -> str:
        """A reply in a shot's thread; its `ts`."""
        page = await self.page(to)
        answer = await self.slack.control(
            "reply",
            user=user,
            channel=page.shot.channel,
            thread_ts=page.shot.card_ts,
            text=text,
        )
        return str(answer["ts"])

    async def starts(self, user: str, line: str, *, in_: str = "general") -> Json:
        """A take that is asked for and posted; its message."""
        await self.types(user, line, in_=in_)
        page = await self.page(await self.read(_newest_number, self.team_id))
        return await self.message(page.latest)

    async def message(self, take: Take) -> Json:
        """A take's message in its thread."""

        async def look() -> Json | None:
            posted = (await self.take(take.request.id)).message_ts
            found = [one for one in self.slack.messages(channel) if one["ts"] == posted]
            return found[0] | {"channel": channel} if found else None

        channel = take.request.channel
        return await until(look, "the take's message")

    async def whispered(self, user: str, words: str) -> Json:
        """What only this person reads, once it has these words."""

        async def look() -> Json | None:
            told = self.slack.whispers(user)
            return next((one for one in told if words in str(one)), None)

        return await until(look, f"{user} is told {words!r}")

    async def form(self, user: str) -> Json:
        """The form that is open on somebody's screen."""

        async def look() -> Json | None:
            stacks = (await self.slack.look("state"))["views"]
            return next(reversed(stacks.get(self.slack.user(user), [])), None)

        return await until(look, f"a form for {user}")

    async def submits(self, user: str, form: Json, **values: Any) -> Json:
        """Somebody fills in a form and sends it."""
        return await self.slack.control(
            "submit_view",
            user=user,
            view_id=form.get("view", form)["id"],
            values={name: {name: value} for name, value in values.items()},
        )

    async def page(self, number: int = 1) -> Page:
        """A shot, once its card is posted."""

        async def look() -> Page | None:
            page = await self.read(_page, self.team_id, number)
            return page if page and page.shot.card_ts else None

        return await until(look, f"V-{number}")

    async def take(self, request_id: str) -> Take:
        """One take, as it is written down."""
        return await self.read(_take, request_id)

    async def happens(self, request_id: str, event: Event) -> Execution:
        """An event of the engine's, recorded."""
        return await self.read(_advance, request_id, event, self.ports.clock.now())

    async def submitted(self, request_id: str, remote_id: str | None = None) -> Execution:
        """The take is on the wire, or with a remote id at its gateway."""
        now = self.ports.clock.now() + 3_600
        sent = await self.read(_submit, request_id, now)
        if remote_id is None:
            return sent
        return await self.happens(request_id, Accepted(remote_id))


@asynccontextmanager
async def open_house(folder: Path, **settings: Any) -> AsyncIterator[House]:
    """A local Slack and the bot in it, engine off."""
    async with local_slack(strict_rates=False) as slack, moved_in(slack, folder, **settings) as it:
        yield it


@asynccontextmanager
async def moved_in(slack: LocalSlack, folder: Path, **settings: Any) -> AsyncIterator[House]:
    """One life of the bot in a local Slack; another may follow on the same files."""
    given = _settings(slack, folder, **settings)
    async with real_ports(given) as ports:
        identity = await identify(ports.slack_client)
        admins = await owners(ports.slack_client)
        dailies = app.build(given, ports, identity, admins)
        async with over_sockets(slack, Bot(dailies.bolt)):
            notifier = asyncio.create_task(dailies.notifier.run(), name="notifier")
            yield House(slack, ports, dailies)
            assert not notifier.done(), notifier
            dailies.stop()
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await notifier


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """What `look` finds, as soon as it does."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while not (found := await look()):
                await asyncio.sleep(LOOK_S)
        except asyncio.CancelledError:
            raise AssertionError(f"never came: {what}") from None
        return found


def _settings(slack: LocalSlack, folder: Path, **said: Any) -> Settings:
    names = ("slack_bot_token", "slack_app_token", "slack_api_url")
    usual = {
        **{name: slack.greeting[name] for name in names},
        "heygen_api_key": "heygen-key",
        "fal_key": "id:secret",
        "database_url": f"sqlite:///{folder / 'dailies.sqlite3'}",
        "media_url": (folder / "media").as_uri(),
    }
    return Settings(**usual | said)


def _newest_number(db: Transaction, team_id: str) -> int:
    row = db.execute(
        "SELECT MAX(number) AS number FROM shot WHERE team_id = :team", {"team": team_id}
    ).one()
    assert row is not None
    return int(row["number"])


def _page(db: Transaction, team_id: str, number: int) -> Page | None:
    shot = shot_by_number(db, team_id, number)
    return read_page(db, shot.id) if shot else None


def _take(db: Transaction, request_id: str) -> Take:
    row = db.execute("SELECT shot_id FROM request WHERE id = :id", {"id": request_id}).one()
    assert row is not None
    return read_page(db, row["shot_id"]).take(request_id)


def _advance(db: Transaction, request_id: str, event: Event, now: float) -> Execution:
    before = execution_of(db, request_id)
    assert before is not None
    at = Moment(now=now)
    after = advance(before, event, at)
    assert record(db, before, after, at)
    return after


def _submit(db: Transaction, request_id: str, now: float) -> Execution:
    before = execution_of(db, request_id)
    assert before is not None
    if before.state is State.PREPARING:
        before = _advance(db, request_id, Prepared(), now)
    intended = Intended(key=f"key_{before.id}", lease_until=now + 130, month="2027-01")
    sent = intend(db, before, intended, Moment(now=now), Caps(budget_micro_usd=200_000_000))
    assert sent is not None, "it may not go"
    return sent
