"""What a workspace and a channel may choose for themselves, and what holds where they did not."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.money import micro_usd
from domain.request import Source
from domain.shape import AspectRatio


class ChannelNotice(StrEnum):
    """When the channel itself hears of a finished video."""

    FIRST = "first"
    EVERY = "every"
    NONE = "none"


class Preferences(BaseModel):
    """Workspace settings with a channel's own laid over them. Durations in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    undo_command_s: float = Field(default=5.0, ge=0, le=60)
    undo_reply_s: float = Field(default=10.0, ge=0, le=60)
    undo_reply_max_s: float = Field(default=30.0, ge=0, le=120)
    confirm_above_micro_usd: int = Field(default=micro_usd("5.00"), ge=0)
    approve_above_micro_usd: int = Field(default=micro_usd("25.00"), ge=0)
    person_slots: int = Field(default=3, ge=1, le=100)
    workspace_slots: int = Field(default=8, ge=1, le=1_000)
    person_waiting: int = Field(default=100, ge=1, le=10_000)
    workspace_waiting: int = Field(default=500, ge=1, le=100_000)
    channel_notice: ChannelNotice = ChannelNotice.FIRST
    fallback: bool = True
    fallback_rise_share: float = Field(default=0.20, ge=0, le=1)
    fallback_rise_micro_usd: int = Field(default=micro_usd("1.00"), ge=0)
    model: str | None = None
    aspect_ratio: AspectRatio | None = None
    duration_s: int | None = None
    avatar: str | None = None

    def undo_s(self, source: Source) -> float:
        """How long a request may be taken back before anything is paid."""
        match source:
            case Source.FORM | Source.BUTTON:
                return 0.0
            case Source.REPLY:
                return self.undo_reply_s
            case Source.COMMAND | Source.MENTION | Source.SHORTCUT:
                return self.undo_command_s
