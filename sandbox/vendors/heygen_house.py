"""What every part of HeyGen's API works with, and the questions they all ask."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox.faults import Faults
from sandbox.vendors.heygen_assets import Assets
from sandbox.vendors.heygen_catalog import Catalog, Look, Voice
from sandbox.vendors.heygen_films import Films
from sandbox.vendors.heygen_ledger import Ledger, Order
from sandbox.vendors.heygen_webhooks import VIDEO_PAGE, Webhooks
from sandbox.vendors.heygen_wire import Json, RefusedError
from sandbox.vendors.jobs import State
from sandbox.vendors.switches import Switches

PENDING_UNTIL = 0.3  # of a render, while a video is `pending`
NO_ACCESS = "Avatar not found or you don't have access to it."


@dataclass(frozen=True)
class House:
    """One account's HeyGen. `quick`: films are small and coarse."""

    ledger: Ledger
    films: Films
    assets: Assets
    catalog: Catalog
    webhooks: Webhooks
    switches: Switches
    faults: Faults
    quick: bool

    def accept(self, *orders: Order, queued: bool = False) -> None:
        """Take orders into the ledger. Errors: RefusedError 402, 429."""
        self.ledger.accept(*orders, queued=queued)
        for order in orders:
            self.webhooks.accepted(order)

    def look(self, avatar_id: str, param: str) -> Look:
        """A finished look. Errors: RefusedError; a group's id is a 400 of its own."""
        look = self.catalog.looks.get(avatar_id)
        if look is None:
            if avatar_id in self.catalog.group_names:
                raise RefusedError(400, NO_ACCESS, param=param)
            raise RefusedError(404, NO_ACCESS, param=param, code="avatar_not_found")
        if look.ready_at > time.time() or look.failure:
            message = "The avatar is not ready."
            raise RefusedError(400, message, param=param, code="resource_not_ready")
        return look

    def voice(self, voice_id: str, param: str) -> Voice:
        """A finished voice. Errors: RefusedError 404 `voice_not_found`, 400 not ready."""
        voice = self.catalog.voices.get(voice_id)
        if voice is None:
            raise RefusedError(404, "Voice not found.", param=param, code="voice_not_found")
        if voice.ready_at > time.time():
            message = "The voice is not ready."
            raise RefusedError(400, message, param=param, code="resource_not_ready")
        return voice

    def checked(self, order: Order) -> str:
        """The v3 status word after a check that faults may strike."""
        self.ledger.account.strike(order, "heygen:check")
        return self.unknown_word("heygen:check") or self.word(order)

    def word(self, order: Order) -> str:
        """The v3 status word of a video."""
        match order.state:
            case State.COMPLETED:
                return "completed"
            case State.FAILED | State.CANCELLED:
                return "failed"
            case _ if self.ledger.account.progress(order) < PENDING_UNTIL:
                return "pending"
            case _:
                return "processing"

    def unknown_word(self, target: str) -> str | None:
        """A status word nobody knows, if that fault is armed."""
        fault = self.faults.take(target, "unknown_status")
        return None if fault is None else str(fault.params.get("word", "hibernating"))

    def video(self, order: Order, word: str) -> Json:
        """The v3 Video object. A `no_url` fault leaves the film's address out."""
        bare = word == "completed" and self.faults.take("heygen:check", "no_url") is not None
        fate = order.fate if word == "failed" else None
        films = self.films
        captioned = order.burned and not bare
        return {
            "id": order.video_id,
            "title": order.title,
            "status": word,
            "created_at": int(order.at),
            "completed_at": int(order.ended_at) if order.ended_at else None,
            "duration": films.duration_s(order),
            "video_url": None if bare else films.link(order),
            "captioned_video_url": films.link(order, "captioned.mp4") if captioned else None,
            "subtitle_url": films.link(order, "srt") if order.captions else None,
            "thumbnail_url": films.link(order, "jpg"),
            "gif_url": films.link(order, "gif") if order.gif else None,
            "video_page_url": VIDEO_PAGE + order.video_id,
            "folder_id": order.folder_id,
            "output_language": order.language,
            "failure_code": fate.code if fate else None,
            "failure_message": (fate.message or None) if fate else None,
        }
