"""The people of a kill run: they type commands and replies at moments of their own, and remember
what Slack told them. What was acked is promised; everything is counted against it in the end."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from sandbox.vendors.heygen_catalog import SEED_AVATAR_ID, SEED_VOICE_ID
from tests.kill.stage import Json, Stage

PLACES = (
    ("ada", "general"),
    ("ben", "launch-film"),
    ("ada", "secret-launch"),
    ("ben", "general"),
    ("ada", "dm-ada"),
)
AVATAR = f" --avatar {SEED_AVATAR_ID} --voice {SEED_VOICE_ID}"
# What nobody keeps from being paid twice (HeyGen's workflows, fal), and what is: at Runware
# by our id, an avatar's video by a key.
MODELS = ("", " --model veo_3_1", " --model kling_v2", " --model seedance_2_0_mini", AVATAR)
ACTIONS = (0, 0, 1, 1, 1)  # in a life
REPLY_SHARE = 0.25
EAGER_SHARE = 0.35  # who replies as soon as the card is there, before the bot knows its `ts`
CARD_POLL_S = 0.02
CARD_TIMEOUT_S = 6.0
FRESH_CARDS = 3
TRAFFIC_POLL_S = 0.4
STARTED = re.compile(r"\*V-\d+ take 1\* starts")

# Answers that take a while, as they do in life: the moment in which a thing has happened and
# nobody has written it down yet becomes as long as it is there.
SLOW = (
    *("heygen:submit", "fal:submit", "slack:chat.postMessage", "slack:upload"),
    *("slack:files.completeUploadExternal", "slack:chat.update", "slack:files.info"),
)
SLOW_MAX_S = 0.6


@dataclass(frozen=True)
class Command:
    """One `/video …` and how Slack took it."""

    prompt: str
    channel: str
    ack: Json

    @property
    def words(self) -> str:
        """What the person was told at once."""
        body = self.ack["body"]
        return str(body.get("text", "")) if isinstance(body, dict) else str(body or "")

    @property
    def accepted(self) -> bool:
        """Acked, and the ack says that it was started."""
        return self.ack["error"] is None and bool(STARTED.match(self.words))

    @property
    def refused(self) -> bool:
        """Acked with anything else."""
        return self.ack["error"] is None and not self.accepted


@dataclass(frozen=True)
class Reply:
    """One reply in a thread."""

    channel: str
    ts: str
    words: str


@dataclass
class People:
    """They act while the bot lives, and a little when it does not."""

    stage: Stage
    rng: random.Random
    commands: list[Command] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    _acting: set[asyncio.Task[None]] = field(default_factory=set)
    _scene: int = 0
    _spoken: set[str] = field(default_factory=set)  # scripts: night makes no other words of them

    def act_within(self, span_s: float) -> None:
        """Do a few things, or none, at random moments from now until a little after `span_s`."""
        for _ in range(self.rng.choice(ACTIONS)):
            self._soon(self._act(self.rng.uniform(0, span_s * 1.1)))
        self._soon(self._slow_down())

    async def finish(self) -> None:
        """Wait until everything is sent and answered."""
        await asyncio.gather(*self._acting)

    def stop(self) -> None:
        """Say nothing more."""
        for task in self._acting:
            task.cancel()

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    async def _act(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if self.commands and self.rng.random() < REPLY_SHARE:
            await self._reply()
        else:
            await self._command()

    async def _command(self) -> None:
        user, channel = self.rng.choice(PLACES)
        prompt = f"a fox in snow, scene {self._next_scene()}"
        model, is_eager = self.rng.choice(MODELS), self.rng.random() < EAGER_SHARE
        text = f"{prompt}{model}"
        if model == AVATAR:
            self._spoken.add(f"“{prompt}”")
            is_eager = False
        if is_eager:
            await self.stage.fault("slack:chat.postMessage", "slow", seconds=SLOW_MAX_S)
        ack = await self.stage.command(text, user=user, channel=channel)
        self.commands.append(Command(prompt, channel, ack))
        if is_eager and (card := await self._card(channel, f"“{prompt}”")):
            await self._say(user, channel, card)

    async def _reply(self) -> None:
        """In one of the newest threads, by whoever may have opened it."""
        user, channel = self.rng.choice(PLACES)
        shown = [card for card in await self._cards(channel) if self._is_shown(card)]
        if cards := shown[-FRESH_CARDS:]:
            await self._say(user, channel, self.rng.choice(cards))

    def _is_shown(self, card: Json) -> bool:
        return not any(prompt in card["text"] for prompt in self._spoken)

    async def _say(self, user: str, channel: str, card: Json) -> None:
        words = f"make it scene {self._next_scene()} at night"
        answer = await self.stage.control(
            "reply", user=user, channel=channel, thread_ts=card["ts"], text=words
        )
        self.replies.append(Reply(channel, answer["ts"], words))

    async def _cards(self, channel: str) -> list[Json]:
        messages = await self.stage.look(f"messages?channel={self.stage.channel(channel)}")
        return [message for message in messages if mark_of(message).startswith("card:")]

    async def _card(self, channel: str, prompt: str) -> Json | None:
        """The card of a shot, as soon as it is there."""
        for _ in range(round(CARD_TIMEOUT_S / CARD_POLL_S)):
            for card in await self._cards(channel):
                if prompt in card["text"]:
                    return card
            await asyncio.sleep(CARD_POLL_S)
        return None

    async def _slow_down(self) -> None:
        seconds = self.rng.uniform(0.05, SLOW_MAX_S)
        await self.stage.fault(self.rng.choice(SLOW), "slow", seconds=seconds)

    def _next_scene(self) -> int:
        self._scene += 1
        return self._scene


@dataclass
class Wire:
    """Every request that the sandbox saw, kept whole though its own memory is bounded."""

    stage: Stage
    entries: list[Json] = field(default_factory=list)

    async def run(self) -> None:
        """Follow the traffic until cancelled."""
        while True:
            await self.catch_up()
            await asyncio.sleep(TRAFFIC_POLL_S)

    async def catch_up(self) -> None:
        """Fetch what is new."""
        since = self.entries[-1]["n"] if self.entries else 0
        self.entries += await self.stage.look(f"traffic?since={since}")

    def event_acks(self, ts: str) -> list[bool]:
        """How the deliveries of one message went, in order."""
        return [
            entry["status"] == 200
            for entry in self.entries
            if entry["path"] == "/events/message" and entry["about"] == ts
        ]

    def first_work(self, since: float, before: float) -> float | None:
        """When the bot first did something for somebody within a span of time, in Unix seconds."""
        times = (entry["at"] for entry in self.entries if _is_work(entry))
        return next((at for at in times if since <= at < before), None)


def mark_of(message: Json) -> str:
    """What a message of the bot's carries so that it is found again; empty without one."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("mark", ""))


def _is_work(entry: Json) -> bool:
    """A call that serves a request: not the bot's own hello."""
    if entry["direction"] != "in":
        return False
    path = entry["path"]
    slack = path.startswith(("/api/chat.", "/api/files.", "/api/conversations.", "/upload"))
    return entry["peer"] in ("heygen", "fal", "runware") or slack
