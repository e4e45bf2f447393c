"""The people: they type, reply, press and change their minds, and Slack delivers it as it does.

A slash command and a press are delivered once, an event up to four times where no ack comes; any
of them may come twice. People see only what is in Slack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from slack_bolt.response import BoltResponse

from handlers import ids
from tests.simulation.canaries import URL_SECRET
from tests.simulation.concern import Named, in_delivery
from tests.simulation.plan import AVATAR, SHOWS_SOMEBODY, TAKES_A_PICTURE, Plot, Story
from tests.simulation.presses import Press
from tests.simulation.replies import ASPECT, EDITED, PICTURE, WORDS
from tests.simulation.slack_world import (
    ADMIN,
    BOT_ID,
    BOT_USER,
    TEAMS,
    Said,
    channel_of,
    person_of,
    team_of,
)
from tests.simulation.vendor_heygen import LOOK, VOICE

if TYPE_CHECKING:
    from tests.simulation.world import World

ACK_LIMIT_S = 3.0
RETRIES_AFTER_S = (0.5, 60.0, 300.0)
PATIENCE_S = 150.0
LOOK_S = 2.0
CHATTER = "lol nice one, see you at lunch"
# As Slack sends what people typed as text, and as it sends what they picked.
BAD_WORDS = (
    "&lt;!channel&gt; &lt;@UEVIL&gt; &lt;https://evil.example|click&gt;"
    " <!channel> <@UEVIL> <https://evil.example|click>"
)
MISTYPED = f"a fox --aspct 9:16 {BAD_WORDS}"  # refused, with what could be meant
FIDGETS, FIDGETS_EVERY_S = 24, 2.5
DISORDERS, DISORDERS_EVERY_S = 2, 12.0
FIRST_WORD_AT_S = 2.0
TYPES_AGAIN_S = 8.0
TYPES_AT_MOST = 4


class Person:
    """One person in one channel, in one story."""

    def __init__(self, world: World, story: Story) -> None:
        self._world = world
        self._story = story
        self.team = TEAMS[story.team]
        self.user = person_of(story.team, story.person)
        told = story if story.joins is None else world.plan.stories[story.joins]
        self.channel = channel_of(told.team, told.number % world.plan.channels)
        self.token = f"k{told.number}x{told.team}"
        shown = story.plot is Plot.PICTURE and story.model in (AVATAR, SHOWS_SOMEBODY)
        self._model = TAKES_A_PICTURE if shown else story.model
        self._is_impatient = story.person == 1  # taps twice
        self._mine = self.token  # in the text of whatever this story makes

    async def lives(self) -> None:
        """The story, from its first word to its last."""
        story = self._story
        await asyncio.sleep(FIRST_WORD_AT_S + story.at)
        if story.joins is not None:
            pass  # somebody else has begun
        elif story.plot in (Plot.MENTION, Plot.PICTURE):
            await self._mentions(picture=story.plot is Plot.PICTURE)
        else:
            await self._types(self._prompt())
        match story.plot:
            case Plot.PLAIN | Plot.MENTION | Plot.TRANSPARENT:
                return
            case Plot.SAME_AGAIN:
                await self._pause(4.0)
                await self._types(self._prompt())
            case Plot.CANCEL_COMMAND:
                await self._pause(12.0)
                await self._types("cancel")
            case _:
                card = await self._sees(self._card)
                if card is not None:
                    await self._goes_on(card)

    async def _goes_on(self, card: Said) -> None:
        match self._story.plot:
            case Plot.REPLY:
                await self._pause(6.0)
                await self._replies(card, ASPECT)
            case Plot.BURST:
                await self._pause(6.0)
                await self._replies(card, ASPECT)
                await self._pause(2.0)
                await self._replies(card, WORDS)
            case Plot.EDIT | Plot.DELETE:
                await self._pause(6.0)
                said = await self._replies(card, WORDS)
                await self._pause(3.0)
                await self._changes(card, said, gone=self._story.plot is Plot.DELETE)
            case Plot.CHATTER:
                await self._replies(card, CHATTER)
                for words in ("status", "show V-1", "usage", MISTYPED):
                    await self._command(words, user=self.user)
            case Plot.FIDGET:
                await self._fidgets(card)
            case Plot.DISORDER:
                for _ in range(DISORDERS):
                    await self._confuses(card)
                    await self._pause(DISORDERS_EVERY_S)
            case Plot.PICTURE:
                await self._pause(3.0)
                await self._replies(card, PICTURE, picture=True)
            case Plot.CANCEL:
                await self._pause(10.0)
                await self._presses(ids.CANCEL, twice=True)
            case Plot.VARIATION:
                await self._presses(ids.VARIATION, twice=self._is_impatient)
                await self._presses(ids.DETAILS)
            case Plot.APPROVE:
                await self._presses(ids.APPROVE, twice=True)
            case Plot.RETRY:
                await self._presses(ids.TRY_AGAIN, twice=self._is_impatient)
            case _:
                await self._presses(ids.CONFIRM)  # its price, or that of going on elsewhere

    async def _fidgets(self, card: Said) -> None:
        """Say something every few seconds, until the fault that is aimed at has struck."""
        focus = self._world.plan.focus
        for _ in range(FIDGETS):
            if self._world.healed_at or (focus and self._world.faults.struck[focus[0]]):
                return
            await self._replies(card, CHATTER)
            await self._pause(FIDGETS_EVERY_S)

    async def _confuses(self, card: Said) -> None:
        """Two replies, one of them edited and taken back, which Slack brings in any order."""
        if self._world.faults.healed:
            return
        first = self._says(card, WORDS)
        second = self._says(card, ASPECT)
        before = first.text
        deeds = [
            self._event(first, {}),
            self._event(second, {}),
            self._changes(card, first, gone=False, text=before),
            self._changes(card, first, gone=True, text=before),
        ]
        self._world.people.shuffle(deeds)
        self._world.faults.noted("in.disorder", Named(frozenset({card.ts})))
        together = self._world.people.random() < 0.5
        if together:
            await asyncio.gather(*deeds)
            return
        for deed in deeds:
            await deed
            await self._pause(0.5)

    async def calls_off(self, shot_numbers: list[int]) -> None:
        """Cancel what waits for a yes or for room, as an admin may."""
        for number in shot_numbers:
            await self._command(f"cancel V-{number}", user=ADMIN)

    async def cancels_everything(self) -> None:
        """Press every Cancel there is, now."""
        for said in list(self._buttons(ids.CANCEL)):
            await self._press(said[0], said[1], ids.CANCEL)

    def can_cancel(self) -> bool:
        """Whether there is a Cancel to press."""
        return next(self._buttons(ids.CANCEL), None) is not None

    async def lets_in(self, request_id: str) -> None:
        """Invite the bot, and press *Start now* where it asked for that."""
        button = {"action_id": ids.START_NOW, "value": request_id}
        said = Said(f"D{self.user}", "0.1", None, BOT_ID, "", [{"elements": [button]}])
        await self._press(said, request_id, ids.START_NOW)

    def _prompt(self) -> str:
        model = "sora_v2_pro" if self._story.plot is Plot.CONFIRM else self._model
        return f"a fox {self.token} {BAD_WORDS} {self._flags(model)}"

    def _flags(self, model: str) -> str:
        """Who or what makes it: an avatar speaks the words, anything else shows them. Who speaks
        or is shown does not start from a picture."""
        if model == AVATAR:
            more = " --transparent" if self._story.plot is Plot.TRANSPARENT else ""
            return f"--avatar {LOOK} --voice {VOICE}{more}"
        shows = f" --avatar {LOOK}" if model == SHOWS_SOMEBODY else ""
        several = f" --results {self._story.results}" if self._story.results > 1 else ""
        return f"--model {model}{shows}{several}"

    async def waits(self, seconds: float) -> None:
        """So long exactly."""
        await asyncio.sleep(seconds)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._story.pace * self._world.people.uniform(0.5, 1.5))

    async def _sees(self, look: Callable[[], Said | None]) -> Said | None:
        """Wait until something is there; people give up after a while."""
        until = self._world.loop.time() + PATIENCE_S
        while self._world.loop.time() < until:
            found = look()
            if found is not None or self._world.is_quiet():
                return found
            await asyncio.sleep(LOOK_S * self._story.pace)
        return None

    def _card(self) -> Said | None:
        for said in self._world.slack.beginning("card:", self.channel):
            if self.token in said.text:
                return said
        return None

    async def _types(self, text: str) -> None:
        """Slack says so where a command is not answered; then people type it again."""
        starts = text.startswith("a fox")
        for _ in range(TYPES_AT_MOST):
            if await self._command(text, user=self.user, starts=starts):
                return
            await self._pause(TYPES_AGAIN_S)

    async def _command(self, text: str, *, user: str, starts: bool = False) -> bool:
        trigger = self._trigger()
        body = {
            "command": ids.VIDEO_COMMAND,
            "text": text,
            "team_id": self.team,
            "channel_id": self.channel,
            "channel_name": "general",
            "user_id": user,
            "trigger_id": trigger,
            "response_url": f"https://hooks.slack.com/commands/{URL_SECRET}/{user}",
        }
        key = f"cmd:{self.team}:{trigger}"
        if starts:
            self._world.checker.typed(key, self.token, text)
        if text.startswith("cancel"):
            number = text.partition("V-")[2]
            whose = user, self.channel, int(number) if number else None
            self._world.checker.wishes.presses.cancels(key, *whose)
        return await self._delivered(body, key, retries=())

    def _trigger(self) -> str:
        """A click's own name, which opens at most one modal, for whoever clicked."""
        trigger = self._world.name("trigger")
        self._world.slack.triggers[trigger] = self.team
        return trigger

    async def _mentions(self, *, picture: bool) -> None:
        words = f"<@UBOT> a fox {self.token} in snow {self._flags(self._model)}"
        said = self._world.slack.say(self.channel, self.user, words)
        key = f"msg:{self.team}:{self.channel}:{said.ts}"
        self._world.checker.typed(key, self.token, said.text)
        await self._event(said, self._picture() if picture else {})

    def _picture(self) -> dict[str, Any]:
        """What a message says of the picture that hangs on it."""
        file = self._world.slack.post_picture()
        shown = {"id": file.id, "name": file.name, "mimetype": "image/png"}
        return {"files": [shown], "subtype": "file_share"}

    async def _replies(self, card: Said, text: str, *, picture: bool = False) -> Said:
        said = self._says(card, text)
        await self._event(said, self._picture() if picture else {})
        return said

    def _says(self, card: Said, text: str) -> Said:
        said = self._world.slack.say(self.channel, self.user, text, thread_ts=card.ts)
        key = f"msg:{self.team}:{self.channel}:{said.ts}"
        self._world.checker.replied(key, self.channel, card.ts)
        wishes = self._world.checker.wishes
        if text != CHATTER:
            wishes.replied[key] = self.token
        if text != CHATTER and self._model != AVATAR:
            wishes.replies.said(key, self.user, (self.channel, card.ts), text)
        return said

    async def _changes(
        self, card: Said, said: Said, *, gone: bool, text: str | None = None
    ) -> None:
        """Slack brings an edit as `message_changed` and a deletion as `message_deleted`."""
        words = said.text if text is None else text
        replies = self._world.checker.wishes.replies.of
        if (reply := replies.get(f"msg:{self.team}:{self.channel}:{said.ts}")) is not None:
            reply.gone, reply.edited = reply.gone or gone, reply.edited or not gone
        before = {"user": self.user, "ts": said.ts, "thread_ts": card.ts, "text": words}
        outer: dict[str, Any] = {"type": "message", "channel": self.channel, "ts": said.ts}
        if gone:
            said.deleted = True
            outer |= {"subtype": "message_deleted", "previous_message": before}
        else:
            after = before | {"text": EDITED}
            outer |= {"subtype": "message_changed", "message": after, "previous_message": before}
        await self._callback(outer, f"edit:{said.ts}")

    async def _event(self, said: Said, more: dict[str, Any]) -> None:
        event = {
            "type": "message",
            "channel": self.channel,
            "channel_type": "channel",
            "user": self.user,
            "ts": said.ts,
            "text": said.text,
            **({"thread_ts": said.thread_ts} if said.thread_ts else {}),
            **more,
        }
        await self._callback(event, f"msg:{self.team}:{self.channel}:{said.ts}")

    async def _callback(self, event: dict[str, Any], key: str) -> None:
        body = {
            "type": "event_callback",
            "team_id": self.team,
            "event_id": self._world.name("Ev"),
            "event": event,
        }
        await self._delivered(body, key, retries=RETRIES_AFTER_S)

    async def _presses(self, action_id: str, *, twice: bool = False) -> None:
        """Wait for a button and press it; impatient people press it twice."""
        seen = await self._sees(lambda: next((said for said, _ in self._buttons(action_id)), None))
        if seen is None:
            return
        await self._pause(1.0)
        for said, value in list(self._buttons(action_id))[:1]:
            await self._press(said, value, action_id)
            if twice:
                await self._press(said, value, action_id)

    def _buttons(self, action_id: str) -> Iterator[tuple[Said, str]]:
        """Every such button on a take of this story, with its value."""
        for said in self._world.slack.beginning("take:", self.channel):
            if self._mine in said.text:
                for value in _values(said.blocks, action_id):
                    yield said, value

    async def _press(self, said: Said, value: str, action_id: str) -> None:
        action_ts, trigger = self._world.name("17900"), self._trigger()
        chosen = {"action_id": ids.MORE, "selected_option": {"value": f"{action_id}:{value}"}}
        plain = {"action_id": action_id, "value": value}
        in_menu = not any(v == value for v in _values(said.blocks, action_id, menus=False))
        body = {
            "type": "block_actions",
            "team": {"id": self.team},
            "user": {"id": self.user},
            "channel": {"id": self.channel},
            "container": {"type": "message", "message_ts": said.ts, "channel_id": self.channel},
            "message": {"ts": said.ts, "thread_ts": said.thread_ts},
            "actions": [
                {"action_ts": action_ts, "block_id": "b", **(chosen if in_menu else plain)}
            ],
            "trigger_id": trigger,
        }
        if action_id == ids.CONFIRM:
            self._world.checker.said_yes.add(value)
        key = f"act:{self.team}:{action_ts}:{said.ts}:{self.user}"
        self._world.checker.wishes.presses.of[key] = Press(
            key=key,
            token=self.token,
            user=self.user,
            action=action_id,
            value=value,
            trigger=trigger,
        )
        await self._delivered(body, key, retries=())

    async def _delivered(
        self, body: dict[str, Any], key: str, *, retries: tuple[float, ...]
    ) -> bool:
        """Slack brings it, again where it brings it again; whether it was taken."""
        world = self._world
        if world.faults.strikes("in.late", about=in_delivery(world, body, key)):
            await asyncio.sleep(world.faults.between(0.0, 20.0))
        doubled = world.faults.draws("in.duplicate", about=in_delivery(world, body, key))
        for wait_s in (0.0, *retries):
            await asyncio.sleep(wait_s)
            tries = [self._once(body, key) for _ in range(2 if doubled else 1)]
            acks = await asyncio.gather(*tries)
            if doubled and all(ack is not None for ack in acks):
                world.faults.noted("in.duplicate", in_delivery(world, body, key))
            if any(ack is not None and ack.status == 200 for ack in acks):
                return True
        return False

    async def _once(self, body: dict[str, Any], key: str) -> BoltResponse | None:
        process = self._world.process
        if process is None or not process.is_up:
            return None
        self._world.checker.wishes.delivered(key)
        answered = process.deliver(body)
        answered.add_done_callback(lambda done: self._world.checker.acked(key, done.result()))
        await asyncio.wait([answered], timeout=ACK_LIMIT_S)
        about = in_delivery(self._world, body, key)
        if not answered.done() or self._world.faults.strikes("in.ack_lost", about=about):
            return None
        return answered.result()


async def echoed(world: World, said: Said) -> None:
    """Slack brings our own messages to us as it brings everybody's."""
    process = world.process
    if process is None or not process.is_up or said.channel.startswith("D"):
        return
    event = {
        "type": "message",
        "channel": said.channel,
        "channel_type": "channel",
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "ts": said.ts,
        "text": said.text,
        **({"thread_ts": said.thread_ts} if said.thread_ts else {}),
    }
    body = {
        "type": "event_callback",
        "team_id": team_of(said.channel),
        "event_id": world.name("Ev"),
        "event": event,
    }
    process.deliver(body)
    world.faults.noted("in.echo", Named(frozenset({said.ts, str(said.thread_ts)})))


def _values(blocks: list[dict[str, Any]], action_id: str, *, menus: bool = True) -> Iterator[str]:
    for block in blocks:
        for element in block.get("elements") or ():
            if element.get("action_id") == action_id and "value" in element:
                yield str(element["value"])
            for option in (element.get("options") or ()) if menus else ():
                name, _, value = str(option["value"]).partition(":")
                if name == action_id:
                    yield value
