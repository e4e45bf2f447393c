"""What HeyGen accepted for money: each order once, within credit, concurrency and the day's limit.

Prices are developers.heygen.com/docs/pricing as last seen (they move); failed and cancelled work
is not charged, and a `test` costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.vendors.heygen_wire import RefusedError
from sandbox.vendors.jobs import Account, Failure, Job, State, refusal
from sandbox.vendors.switches import Switches

PER_SECOND_USD = {
    "agent": 0.0333,
    "photo": 0.05,
    "photo 4k": 0.0667,
    "avatar": 0.0667,
    "avatar 4k": 0.0833,
    "avatar_iii photo": 0.0433,
    "avatar_iii photo 4k": 0.0433,
    "avatar_iii avatar": 0.0167,
    "avatar_iii avatar 4k": 0.02,
    "template": 0.0667,
    "translation_audio": 0.0167,
    "translation_speed": 0.0333,
    "translation_precision": 0.0667,
}
CINEMATIC_USD = 7.0
WORKFLOW_USD = 0.50  # the sandbox's own invention: HeyGen publishes no price for workflows
AVATAR_USD = 1.0
WORDS_A_SECOND = 150 / 60
SHORTEST_SPEECH_S = 1.0
DAY_S = 24 * 3600
BUSY_RETRY_S = 5
LATE_CREDIT = Failure("MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "Insufficient credit")

Kind = Literal["workflow", "video", "agent", "translation", "avatar"]
TOGETHER = ("video", "agent", "translation")  # share the concurrency limit (docs usage-limits)


@dataclass
class Order(Job):
    """An accepted submission. `video_id` is what checks ask for where it is not the `id`."""

    kind: Kind = "video"
    video_id: str = ""
    title: str | None = None
    text: str = ""
    folder_id: str | None = None
    callback_url: str | None = None
    callback_id: str | None = None
    language: str | None = None
    captions: bool = False
    burned: bool = False
    gif: bool = False
    legacy: bool = False
    deleted: bool = False
    session_id: str | None = None
    batch_id: str | None = None


def speech_s(text: str, speed: float = 1.0) -> float:
    """How long a script takes to say: 150 words a minute (HeyGen's prompt guide)."""
    return max(SHORTEST_SPEECH_S, len(text.split()) / WORDS_A_SECOND / speed)


def speaking_usd(
    seconds: float, *, photo: bool, engine: str = "avatar_iv", resolution: str | None = None
) -> float:
    """What a spoken video of this length costs: by who is seen, the engine and the size. The page
    of prices names none for v1 and v2 of their own, so they cost the same."""
    parts = (
        "avatar_iii" if engine == "avatar_iii" else "",
        "photo" if photo else "avatar",
        "4k" if resolution == "4k" else "",
    )
    return round(seconds * PER_SECOND_USD[" ".join(filter(None, parts))], 4)


class Ledger:
    """Every order of one account, and what is left to spend. Sums are kept, not counted anew."""

    def __init__(self, account: Account, switches: Switches) -> None:
        self.account = account
        self._switches = switches
        self._by_video: dict[str, Order] = {}
        self._together: set[str] = set()
        self._paid_usd = self._held_usd = 0.0
        account.subscribe(self._ended)

    def orders(self, *kinds: Kind) -> list[Order]:
        """Orders of these kinds (all, if none is named), oldest first, deleted ones left out."""
        return [
            order
            for order in self._all()
            if not order.deleted and (not kinds or order.kind in kinds)
        ]

    def by_id(self, order_id: str) -> Order | None:
        """The order of this id, deleted or not: films outlive what listed them."""
        job = self.account.find(order_id)
        return job if isinstance(job, Order) else None

    def video(self, video_id: str) -> Order | None:
        """The order whose film has this id."""
        order = self._by_video.get(video_id)
        return None if order is None or order.deleted else order

    def accept(self, *orders: Order, queued: bool = False) -> None:
        """Take all of them or none; `queued` ones need no room. Errors: RefusedError 402, 429."""
        if not queued:
            self._need_room(orders)
        broke = self.balance_usd() - self._held_usd <= 0
        if broke and self._switches["credit_check"] == "submit":
            raise RefusedError(402)
        for order in orders:
            order.video_id = order.video_id or order.id
            if "[refuse]" in f"{order.wish.prompt} {order.text}".lower():
                order.fate = refusal()
            elif broke:
                order.fate = LATE_CREDIT
            self._by_video[order.video_id] = order
            self._held_usd += order.usd
            if order.kind in TOGETHER:
                self._together.add(order.id)
            self.account.accept(order)

    def balance_usd(self) -> float:
        """What the wallet holds: finished work is paid for, failed and stopped work is not."""
        held: float = self._switches["wallet_usd"]
        return round(held - self._paid_usd, 4)

    def pay(self, usd: float) -> None:
        """Take off what is paid beside the account's jobs: an avatar that was made."""
        self._paid_usd += usd

    def clear(self) -> None:
        """Forget what was paid and what runs; the account forgets the orders."""
        self._by_video.clear()
        self._together.clear()
        self._paid_usd = self._held_usd = 0.0

    def _ended(self, job: Job) -> None:
        self._together.discard(job.id)
        self._held_usd -= job.usd
        if job.state is State.COMPLETED:
            self._paid_usd += job.usd

    def _need_room(self, orders: Sequence[Order]) -> None:
        asked = sum(order.kind in TOGETHER for order in orders)
        if asked and len(self._together) + asked > self._switches["concurrent_jobs"]:
            message = "You have reached your concurrent video limit."
            raise RefusedError(429, message, code="rate_limit_exceeded")
        daily, since = self._switches["daily_videos"], time.time() - DAY_S
        if daily and asked:
            today = sum(order.at > since and order.kind in TOGETHER for order in self._all())
            if today + asked > daily:
                message = f"Trial accounts may make {daily} videos a day."
                raise RefusedError(429, message, code="quota_exceeded")

    def _all(self) -> list[Order]:
        return [job for job in self.account.jobs() if isinstance(job, Order)]
