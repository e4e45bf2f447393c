"""People who have an avatar or a voice of their own made, and who listen to voices: through a
message's shortcut and its form, and through `/video voices`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from domain.likeness import LikenessKind
from handlers import ids
from tests.simulation.own import Wish
from tests.simulation.people import FIRST_WORD_AT_S, TYPES_AGAIN_S, TYPES_AT_MOST, Person
from tests.simulation.plan import RECORDED, TALKED, Plot, Story
from tests.simulation.slack_world import BOT_ID, Said
from tests.simulation.talkers import Talker
from tests.simulation.vendor_heygen import LOOK

if TYPE_CHECKING:
    from tests.simulation.world import World

RECORDED_VOICE = "recorded voice"  # what a take with one says instead of words
RECORDED_S, LONG_S = 12.0, 180.0
_KINDS: Mapping[Plot, LikenessKind] = {
    Plot.FACE: LikenessKind.FACE,
    Plot.VOICE: LikenessKind.VOICE,
}
_SHORTCUTS = {LikenessKind.FACE: ids.MAKE_AVATAR, LikenessKind.VOICE: ids.CLONE_VOICE}


def whoever(world: World, story: Story) -> Person:
    """The person of a story."""
    if story.plot in RECORDED:
        return Speaker(world, story)
    if story.plot in TALKED:
        return Talker(world, story)
    return (Sitter if story.plot in (*_KINDS, Plot.VOICES) else Person)(world, story)


class Sitter(Person):
    """Somebody who sits for it, or listens."""

    async def lives(self) -> None:
        """The story, from its first word to its last."""
        await self.waits(FIRST_WORD_AT_S + self._story.at)
        if self._story.plot is Plot.VOICES:
            await self._listens()
        else:
            await self._sits(_KINDS[self._story.plot])

    async def _sits(self, kind: LikenessKind) -> None:
        """Choose the shortcut until its form is there; fill it in; send it until it is taken."""
        slack = self._world.slack
        is_face = kind is LikenessKind.FACE
        file = (
            slack.post_picture()
            if is_face
            else slack.post_recording("me.m4a", RECORDED_S, token=self.token)
        )
        shown = {"id": file.id, "name": file.name, "mimetype": file.media_type}
        for _ in range(TYPES_AT_MOST):
            view = await self._opens(_SHORTCUTS[kind], shown)
            if view is not None:
                break
            await self._pause(TYPES_AGAIN_S)
        else:
            return
        await self._pause(5.0)
        view_id = self._world.name("V")
        key, name = f"view:{self.team}:{view_id}", f"Anna {self.token}"
        body = self._filled_in(view, view_id, name)
        self._world.own.wished(Wish(key=key, kind=kind, name=name, user=self.user))
        for _ in range(TYPES_AT_MOST):
            if await self._delivered(body, key, retries=()):
                return
            await self._pause(TYPES_AGAIN_S)

    async def _opens(self, shortcut: str, file: Mapping[str, Any]) -> dict[str, Any] | None:
        trigger, ts = self._trigger(), self._world.name("17900")
        body = {
            "type": "message_action",
            "callback_id": shortcut,
            "team": {"id": self.team},
            "user": {"id": self.user},
            "channel": {"id": self.channel},
            "message": {"ts": ts, "files": [file]},
            "message_ts": ts,
            "action_ts": ts,
            "trigger_id": trigger,
        }
        await self._delivered(body, f"cut:{self.team}:{ts}:{self.user}", retries=())
        return self._world.slack.opened.get(trigger)

    def _filled_in(self, view: Mapping[str, Any], view_id: str, name: str) -> dict[str, Any]:
        yes = {"selected_options": [{"value": "yes"}]}
        values = {ids.NAME: {ids.NAME: {"value": name}}, ids.CONSENT: {ids.CONSENT: yes}}
        sent = {
            "id": view_id,
            "type": "modal",
            "callback_id": view["callback_id"],
            "private_metadata": view["private_metadata"],
            "state": {"values": values},
        }
        return {
            "type": "view_submission",
            "team": {"id": self.team},
            "user": {"id": self.user},
            "view": sent,
            "trigger_id": self._trigger(),
        }

    async def _listens(self) -> None:
        """Ask which voices fit, with a sentence; let the first one say it."""
        sentence = f"hello {self.token}"
        await self._types(f"voices warm and calm --say {sentence}")
        seen = await self._sees(lambda: next((said for said, _ in self._offers(sentence)), None))
        if seen is None:
            return
        await self._pause(1.0)
        for said, value in list(self._offers(sentence))[:1]:
            await self._says_it(said, value, sentence)

    def _offers(self, sentence: str) -> Iterator[tuple[Said, str]]:
        """Every *Say it* of that sentence that was shown to this person alone."""
        for user, blocks in self._world.slack.shown_alone:
            for block in blocks if user == self.user else ():
                button = block.get("accessory") or {}
                asked = json.loads(button["value"]) if button.get("action_id") == ids.SAY else {}
                if asked.get("say") == sentence:
                    yield Said(self.channel, "0", None, BOT_ID, "", blocks), button["value"]

    async def _says_it(self, said: Said, value: str, sentence: str) -> None:
        action_ts = self._world.name("17900")
        body = {
            "type": "block_actions",
            "team": {"id": self.team},
            "user": {"id": self.user},
            "channel": {"id": self.channel},
            "container": {"type": "message", "message_ts": said.ts, "is_ephemeral": True},
            "actions": [
                {"action_ts": action_ts, "block_id": "b", "action_id": ids.SAY, "value": value}
            ],
            "trigger_id": self._trigger(),
        }
        key = f"act:{self.team}:{action_ts}:{said.ts}:{self.user}"
        self._world.own.wished(Wish(key=key, kind=None, name=sentence, user=self.user))
        await self._delivered(body, key, retries=())


class Speaker(Person):
    """Somebody who posts what an avatar shall say, and says yes to its price."""

    async def lives(self) -> None:
        """The story, from its first word to its last."""
        await self.waits(FIRST_WORD_AT_S + self._story.at)
        is_long = self._story.plot is Plot.LONG_RECORDING
        self._mine = RECORDED_VOICE
        length_s = LONG_S if is_long else RECORDED_S
        file = self._world.slack.post_recording(
            f"{self.token} says.m4a", length_s, token=self.token
        )
        said = self._world.slack.say(self.channel, self.user, f"<@UBOT> --avatar {LOOK}")
        key = f"msg:{self.team}:{self.channel}:{said.ts}"
        self._world.checker.typed(key, self.token, said.text)
        shown = {"id": file.id, "name": file.name, "mimetype": file.media_type}
        sized = {**shown, "size": file.size_bytes}
        await self._event(said, {"files": [sized], "subtype": "file_share"})
        if is_long:
            await self._presses(ids.CONFIRM)
