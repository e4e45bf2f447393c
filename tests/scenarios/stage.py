"""A stage for whole stories: people, shots and takes, the real bot, a local Slack and vendors.

Everything is done and seen through the control API, as people do and see it; the bot's own rows
are read only to know which message belongs to which take. Waiting is looking again, with a limit.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from domain.ports import Transaction
from domain.shot import Page, Take
from storage.preferences import WORKSPACE, write_preference
from storage.shots import read_page, shot_by_number
from tests.scenarios.bot import AnyBot, Bot
from tests.scenarios.messages import choice_of, labels_of, mark_of
from tests.scenarios.sandbox import Control, Json

PATIENCE_S = 20.0
LOOK_S = 0.05

T = TypeVar("T")
_TAKE = re.compile(r"\bV-(\d+) take (\d+)\b")


@dataclass
class Stage:
    """One story's world. `expected_errors` are the log events that the story provokes."""

    control: Control
    bot: AnyBot
    expected_errors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ada, self.ben, self.cleo = (Person(self, name) for name in ("ada", "ben", "cleo"))

    @property
    def team_id(self) -> str:
        """The workspace."""
        return str(self.control.greeting["team_id"])

    def shot(self, number: int = 1) -> ShotOnStage:
        """The shot that people call `V-<number>`."""
        return ShotOnStage(self, number)

    def take(self, number: int = 1, *, shot: int = 1) -> TakeOnStage:
        """One take of a shot."""
        return TakeOnStage(self, shot, number)

    async def prefers(self, **settings: Any) -> None:
        """The workspace chooses."""
        for name, value in settings.items():
            await self.read(write_preference, self.team_id, WORKSPACE, name, value)

    async def breaks(self, target: str, kind: str, *, times: int = 1, **params: Any) -> None:
        """Something goes wrong `times` times; `after` lets so many calls pass first."""
        after = params.pop("after", 0)
        await self.control.do(
            "fault", target=target, kind=kind, times=times, after=after, params=params
        )

    async def skips(self, seconds: float) -> None:
        """So much time passes for the bot. A command that changes nothing wakes its loops."""
        assert isinstance(self.bot, Bot), "another process has a clock of its own"
        self.bot.clock.skipped_s += seconds
        await self.ada.types("/video resume")

    async def delivers_event_again(self, ts: str, *, times: int = 1) -> None:
        """Slack sends the event of one message once more, as a retry."""

        async def look() -> list[str] | None:
            events = await self._events_sent()
            return events if ts in events else None

        events = await self.until(look, f"the event of {ts} is acked")
        index = events.index(ts)
        await self.control.do("deliver_again", kind="event", index=index, times=times, retry=True)

    async def _events_sent(self) -> list[str]:
        """The events that Slack has sent, each by its own ts, in the order of their sending."""
        return sorted(
            str(entry["about"])
            for entry in (await self.control.look("traffic"))["traffic"]
            if entry["direction"] == "out"
            and entry["path"].startswith("/events/")
            and not entry["path"].endswith("/again")
            and not str(entry["note"]).startswith("retry")
        )

    async def ledger(self) -> list[Json]:
        """Every submission that a vendor accepted, and so is paid for."""
        return list((await self.control.look("ledger"))["ledger"])

    async def paid(self) -> int:
        """How many submissions the vendors accepted."""
        return len(await self.ledger())

    async def messages(self, channel: str) -> list[Json]:
        """What is in a channel now, threads flat."""
        return list((await self.control.look("messages", channel=channel))["messages"])

    async def posts(self, kind: str) -> list[Json]:
        """Our messages of one kind (`post_card`, `post_take`, `ping`, `broadcast`), everywhere."""
        state = await self.control.look("state")
        return [
            message | {"channel": channel}
            for channel, messages in state["messages"].items()
            for message in messages
            if mark_of(message).endswith(f"/{kind}")
        ]

    async def has_posted(self, kind: str, count: int) -> list[Json]:
        """Our messages of one kind, once there are so many."""

        async def look() -> list[Json] | None:
            posts = await self.posts(kind)
            return posts if len(posts) == count else None

        return await self.until(look, f"{count} times {kind}")

    async def calls(self, path: str, *, status: int | None = None) -> list[Json]:
        """The traffic to one address so far, by the end of its path."""
        traffic = (await self.control.look("traffic"))["traffic"]
        return [
            entry
            for entry in traffic
            if entry["path"].endswith(path) and status in (None, entry["status"])
        ]

    async def read(self, verb: Callable[..., T], *arguments: Any) -> T:
        """One verb on the bot's database."""
        return await self.bot.read(verb, *arguments)

    async def restarts(self) -> None:
        """The bot is stopped in order and started again."""
        assert await self.bot.stop() == 0
        await self.bot.start()

    async def crashes(self) -> None:
        """Everything the bot does is cut off where it is, and it is started again."""
        await self.bot.crash()
        await self.bot.start()

    async def until(
        self,
        look: Callable[[], Awaitable[T | None]],
        what: str,
        *,
        within_s: float = PATIENCE_S,
    ) -> T:
        """What `look` finds, as soon as it finds it. Fails after `within_s` with what there is."""
        ends_at = time.monotonic() + within_s
        while not (found := await look()):
            if time.monotonic() > ends_at:
                raise AssertionError(f"not within {within_s:g} s: {what}\n{await self.told()}")
            await asyncio.sleep(LOOK_S)
        return found

    async def never(
        self, look: Callable[[], Awaitable[Any]], what: str, *, within_s: float
    ) -> None:
        """Nothing is found for as long as it could still come."""
        ends_at = time.monotonic() + within_s
        while time.monotonic() < ends_at:
            found = await look()
            assert not found, f"{what}: {found}\n{await self.told()}"
            await asyncio.sleep(LOOK_S)

    async def told(self) -> str:
        """All that can be read now, for a failing story."""
        state = await self.control.look("state")
        names = {channel["id"]: channel["name"] for channel in state["channels"]}
        lines = [
            f"  #{names.get(channel, channel)} {message['ts']} {message.get('text', '')[:160]!r}"
            for channel, messages in state["messages"].items()
            for message in messages
        ]
        whispers = [
            f"  (to {each['user']}) {each['message'].get('text', '')[:160]!r}"
            for each in state["ephemerals"]
        ]
        rows = await self.read(_executions) if self.bot.is_running else []
        return "\n".join(["messages:", *lines, *whispers, "executions:", *rows])


@dataclass(frozen=True)
class Person:
    """Somebody in the workspace. Ada owns it."""

    stage: Stage
    name: str

    @property
    def id(self) -> str:
        """Slack's name for them."""
        return str(self.stage.control.greeting["users"][self.name])

    async def types(self, line: str, *, in_: str = "general") -> str:
        """A slash command; what only they read in answer."""
        answer = await self.stage.control.do("command", user=self.name, channel=in_, text=line)
        ack = answer["ack"]
        assert ack["error"] is None, ack
        body = ack["body"] or {}
        return str(body if isinstance(body, str) else body.get("text", ""))

    async def says(self, text: str, *, in_: str = "general", image: bytes | None = None) -> str:
        """A message; its `ts`."""
        files = await self._shares(image)
        answer = await self.stage.control.do(
            "message", user=self.name, channel=in_, text=text, files=files
        )
        return str(answer["ts"])

    async def mentions_dailies(self, text: str, **more: Any) -> str:
        """A message that begins with our name."""
        return await self.says(f"<@{self.stage.control.greeting['bot_user']}> {text}", **more)

    async def replies(
        self, text: str, *, to: ShotOnStage | None = None, image: bytes | None = None
    ) -> str:
        """A reply in a shot's thread (the first one's); its `ts`."""
        shot = to or self.stage.shot()
        card = await shot.card()
        answer = await self.stage.control.do(
            "reply",
            user=self.name,
            channel=card["channel"],
            thread_ts=card["ts"],
            text=text,
            files=await self._shares(image),
        )
        return str(answer["ts"])

    async def edits(self, ts: str, text: str, *, in_: str = "general") -> None:
        """Other words for what they wrote."""
        await self.stage.control.do("edit", user=self.name, channel=in_, ts=ts, text=text)

    async def deletes(self, ts: str, *, in_: str = "general") -> None:
        """They take it back."""
        await self.stage.control.do("delete", user=self.name, channel=in_, ts=ts)

    async def animates(self, ts: str, *, in_: str = "general") -> None:
        """The shortcut *Animate this image* on somebody's message."""
        answer = await self.stage.control.do(
            "shortcut", user=self.name, callback_id="animate_image", channel=in_, ts=ts
        )
        assert answer["ack"]["error"] is None, answer

    async def presses(self, label: str, *, on: Json) -> Json:
        """The button, or the line of the ⋯ menu, whose label begins so."""
        chosen = choice_of(on, label)
        assert chosen is not None, f"no {label!r} among {labels_of(on)}"
        answer = await self.stage.control.do(
            "click", user=self.name, channel=on["channel"], ts=on["ts"], **chosen
        )
        assert answer["ack"]["error"] is None, answer
        return answer

    async def has_form(self) -> Json:
        """The form that is open on their screen."""

        async def look() -> Json | None:
            views = (await self.stage.control.look("state"))["views"]
            return next(iter(reversed(views.get(self.id) or [])), None)

        return await self.stage.until(look, f"a form for {self.name}")

    async def submits(self, form: Json, **values: Any) -> Json:
        """They fill in a form and send it."""
        return await self.stage.control.do(
            "submit_view",
            user=self.name,
            view_id=form["id"],
            values={name: {name: value} for name, value in values.items()},
        )

    async def is_told(self, words: str, *, within_s: float = PATIENCE_S) -> Json:
        """What only they can read, with these words in it: whispers, and their DM with us."""

        async def look() -> Json | None:
            return next((each for each in await self.hears() if words in each["text"]), None)

        return await self.stage.until(look, f"{self.name} is told {words!r}", within_s=within_s)

    async def hears(self) -> list[Json]:
        """Everything that only they can read, oldest first."""
        state = await self.stage.control.look("state")
        whispers = [
            each["message"] | {"channel": each["channel"]}
            for each in state["ephemerals"]
            if each["user"] == self.id
        ]
        direct = self.stage.control.greeting["channels"][f"dm-{self.name}"]
        from_us = [
            message | {"channel": direct}
            for message in state["messages"][direct]
            if message.get("bot_id")
        ]
        return [each for each in (*whispers, *from_us) if each.get("text")]

    async def _shares(self, image: bytes | None) -> list[str]:
        if image is None:
            return []
        return [await self.stage.control.upload(self.name, "picture.png", image)]


@dataclass(frozen=True)
class ShotOnStage:
    """A shot by its number: its card, and how it is written down."""

    stage: Stage
    number: int

    async def card(self) -> Json:
        """Its one channel message."""

        async def look() -> Json | None:
            page = await self.find()
            cards = await self.stage.posts("post_card")
            label = f"V-{self.number} "
            found = [card for card in cards if f"{label}·" in card["text"]]
            return found[0] if found and page and page.shot.card_ts else None

        return await self.stage.until(look, f"the card of V-{self.number}")

    async def reads(self, word: str, *, within_s: float = PATIENCE_S) -> Json:
        """Its card, once its text begins with `word`."""

        async def look() -> Json | None:
            card = await self.card()
            return card if card["text"].startswith(word) else None

        return await self.stage.until(look, f"the card says {word!r}", within_s=within_s)

    async def find(self) -> Page | None:
        """How it is written down now."""
        return await self.stage.read(_page, self.stage.team_id, self.number)

    async def page(self) -> Page:
        """How it is written down, once it is."""
        return await self.stage.until(self.find, f"V-{self.number}")


@dataclass(frozen=True)
class TakeOnStage:
    """A take by its number: its message in the thread, and what became of it."""

    stage: Stage
    shot: int
    number: int

    @property
    def name(self) -> str:
        """As its message names it."""
        return f"V-{self.shot} take {self.number}"

    async def messages(self) -> list[Json]:
        """Its messages; more than one would be a bug."""
        posts = await self.stage.posts("post_take")
        return [post for post in posts if _name_in(post) == (self.shot, self.number)]

    async def message(self) -> Json | None:
        """Its message, if it is posted."""
        return next(iter(await self.messages()), None)

    async def reads(self, words: str, *, within_s: float = PATIENCE_S) -> Json:
        """Its message, once it contains `words`; a state word stands at the beginning."""

        async def look() -> Json | None:
            message = await self.message()
            return message if message and words in message["text"] else None

        what = f"{self.name} reads {words!r}"
        return await self.stage.until(look, what, within_s=within_s)

    async def is_done(self, *, within_s: float = PATIENCE_S) -> Json:
        """Its message, once it is made and its file shows in the thread."""
        await self.reads("Done", within_s=within_s)

        async def look() -> Json | None:
            message = await self.message()
            return message if message and await self.files() else None

        return await self.stage.until(look, f"{self.name} shows its file", within_s=within_s)

    async def files(self) -> list[Json]:
        """The videos of this take that the thread shows."""
        channel = (await self.stage.shot(self.shot).card())["channel"]
        return [
            file
            for message in await self.stage.messages(channel)
            if message.get("thread_ts")
            for file in message.get("files") or []
            if file["name"].startswith(f"V-{self.shot}_take{self.number}_")
            or file["name"] == f"V-{self.shot}_take{self.number}.mp4"
        ]

    async def find(self) -> Take | None:
        """How it is written down now."""
        page = await self.stage.shot(self.shot).find()
        takes = page.takes if page else ()
        return next((take for take in takes if take.request.take == self.number), None)

    async def written(self) -> Take:
        """How it is written down, once it is."""
        return await self.stage.until(self.find, f"{self.name} is written down")

    async def is_(self, state: str, *, within_s: float = PATIENCE_S) -> Take:
        """How it is written down, once its execution is in this state."""

        async def look() -> Take | None:
            take = await self.find()
            return take if take and take.execution.state == state else None

        return await self.stage.until(look, f"{self.name} is {state}", within_s=within_s)

    async def is_held(self, hold: str, *, within_s: float = PATIENCE_S) -> Take:
        """How it is written down, once it waits for this reason."""

        async def look() -> Take | None:
            take = await self.find()
            return take if take and take.execution.hold == hold else None

        return await self.stage.until(look, f"{self.name} waits: {hold}", within_s=within_s)

    async def entries(self) -> list[Json]:
        """What was paid for it: its entries in the vendors' ledger, by the vendor's own id."""
        take = await self.find()
        remote_id = take.execution.remote_id if take else None
        return [entry for entry in await self.stage.ledger() if entry["id"] == remote_id]


def _name_in(message: Json) -> tuple[int, int] | None:
    found = _TAKE.search(message["text"])
    return (int(found[1]), int(found[2])) if found else None


def _page(db: Transaction, team_id: str, number: int) -> Page | None:
    shot = shot_by_number(db, team_id, number)
    return read_page(db, shot.id) if shot else None


def _executions(db: Transaction) -> list[str]:
    rows = db.execute(
        "SELECT request.take, execution.* FROM execution"
        " JOIN request ON request.id = execution.request_id ORDER BY execution.created_at"
    ).all()
    shown = ("take", "offer", "state", "hold", "due_at", "attempt", "remote_id", "failure")
    return ["  " + " ".join(f"{name}={row[name]}" for name in shown) for row in rows]
