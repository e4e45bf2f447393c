"""What each reply in a thread must come to: a take of its own, a part of the open one, or a word to
whoever wrote it. It is looked for among the takes, and in what the vendors were asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.rows import WORK

if TYPE_CHECKING:
    from domain.request import Work
    from tests.simulation.ledger import Order
    from tests.simulation.world import World

ASPECT, WORDS, EDITED = "--aspect 9:16", "at night, slower", "--aspect 1:1"
PICTURE = "start from this image"
UNDO_S = 10.0  # a further reply within this time joins the take of the one before
_AS_SENT = ("picture.png", "asset_1", "9f0dd1f4")  # how each vendor has a picture in an order


@dataclass(slots=True, kw_only=True)
class Reply:
    """One reply that asks for something, where its author stands. `edited` and `gone`: what Slack
    was to bring of it later. `known_at`: when it was delivered to a bot that knew its card."""

    key: str
    user: str
    channel: str
    thread_ts: str
    text: str
    said_at: float
    edited: bool = False
    gone: bool = False
    known: bool = False
    acked_at: float | None = None


class Replies:
    """Every reply that asks for a take, by its delivery key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.of: dict[str, Reply] = {}

    def said(self, key: str, user: str, place: tuple[str, str], text: str) -> None:
        """Somebody writes one, in a channel and the thread of a card."""
        channel, thread_ts = place
        now = self._world.loop.time()
        self.of[key] = Reply(
            key=key, user=user, channel=channel, thread_ts=thread_ts, text=text, said_at=now
        )

    def delivered(self, key: str) -> None:
        """Slack brings it. Whether the bot can know whose thread it is."""
        reply = self.of.get(key)
        if reply is not None and reply.acked_at is None:
            reply.known = bool(self._card(reply))

    def acked(self, key: str) -> None:
        """It will not be brought again: now it is the bot's to do."""
        reply = self.of.get(key)
        if reply is not None and reply.acked_at is None:
            reply.acked_at = self._world.loop.time()

    def hold(self) -> None:
        """Check all of them, when all is quiet."""
        for reply in self.of.values():
            owed = reply.acked_at is not None and reply.known and not reply.gone
            if owed and not self._world.forgot(reply.acked_at or 0.0) and not self._heard(reply):
                self._take_of(reply)

    def _take_of(self, reply: Reply) -> None:
        wanted = (reply.text, EDITED) if reply.edited else (reply.text,)
        takes = list(self._takes(reply))
        for asked in wanted:
            having = [take for take, work in takes if asks_for(work, asked)]
            if having:
                self._ordered(reply, asked, having)
                return
        said = (
            f"the reply {reply.text!r} ({reply.key}) came to no take, and its author heard nothing"
        )
        self._world.checker.breach("S1", said)

    def _ordered(self, reply: Reply, asked: str, takes: list[str]) -> None:
        """What was paid for a take that has a reply in it was ordered with it."""
        for take in takes:
            rows = self._world.rows("SELECT id FROM execution WHERE request_id = ?", take)
            for entry in (e for row in rows for e in self._world.vendors.paid_for(row["id"])):
                if not is_in(entry.order, asked):
                    said = f"{entry.remote_id} was ordered without {asked!r} ({reply.key})"
                    self._world.checker.breach("S8", said)

    def _takes(self, reply: Reply) -> Iterator[tuple[str, Work]]:
        for card in self._card(reply):
            for row in self._world.rows(
                "SELECT id, work FROM request WHERE shot_id = ? AND take > 1", card["shot_id"]
            ):
                yield row["id"], WORK.validate_json(row["work"])

    def _card(self, reply: Reply) -> list[dict[str, Any]]:
        known = "SELECT shot_id FROM message WHERE channel = ? AND ts = ? AND kind = 'card'"
        return self._world.rows(known, reply.channel, reply.thread_ts)

    def _heard(self, reply: Reply) -> bool:
        """Whether its author was told, alone, after it, what becomes of it: there, or directly."""
        slack = self._world.slack
        directly = slack.messages.values()
        return any(
            (whisper.channel, whisper.user) == (reply.channel, reply.user)
            and whisper.at >= reply.said_at
            for whisper in slack.whispers
        ) or any(
            said.channel == f"D{reply.user}" and said.texts[0][0] >= reply.said_at
            for said in directly
            if said.texts
        )


def asks_for(work: Work, asked: str) -> bool:
    """Whether a take has in it what a reply asked for."""
    match asked:
        case "--aspect 9:16" | "--aspect 1:1":
            ratio = getattr(work, "aspect_ratio", None)
            return ratio is not None and ratio.value == asked.split()[1]
        case "at night, slower":
            return "at night" in work.said
        case _:
            return bool(work.media)


def is_in(order: Order, asked: str) -> bool:
    """Whether a vendor was asked for it."""
    body = json.dumps(order.body)
    match asked:
        case "--aspect 9:16" | "--aspect 1:1":
            ratio = asked.split()[1]
            wide, high = order.body.get("width"), order.body.get("height")
            of_pixels = wide is not None and (wide < high if ratio == "9:16" else wide == high)
            is_tall = ratio == "9:16" and '"orientation": "portrait"' in body
            return of_pixels or is_tall or f'"{ratio}"' in body
        case "at night, slower":
            return "at night" in order.prompt
        case _:
            return any(picture in body for picture in _AS_SENT)
