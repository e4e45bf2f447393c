"""A question about voices that only their vendor can answer: which fit a description, or how one
says a sentence. A search costs nothing; a spoken sentence a cent or two, so it is written down
before it is sent, and one whose answer was lost is told and never sent again by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.pacing import spoken_s
from domain.pricing import CENT_MICRO_USD

SPEECH_MICRO_USD_PER_S = 667  # developers.heygen.com/docs/pricing: Speech, Starfish, $0.000667
SLOWEST = 2.0  # how many times longer than reckoned a voice may speak
SPEAK_LEASE_S = 120.0  # longer than the one call may take


class QuestionState(StrEnum):
    """Where it is."""

    ASKED = "asked"
    SPEAKING = "speaking"
    ANSWERED = "answered"


class Unspoken(StrEnum):
    """Why a sentence may not be spoken: nothing was sent."""

    PAUSED = "paused"
    SILENT = "silent"  # Slack refuses our token: nobody could be told
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceQuestion:
    """One question. `voice_id` is who shall say `say`; without it voices are searched that fit
    `wanted`. Money is in micro-dollars."""

    id: str
    team_id: str
    channel: str
    requester: str
    wanted: str = ""
    say: str | None = None
    voice_id: str | None = None
    voice_name: str | None = None
    state: QuestionState = QuestionState.ASKED
    version: int = 0
    due_at: float | None
    key: str | None = None
    month: str | None = None
    reserved_micro_usd: int = 0
    billed_micro_usd: int | None = None

    @property
    def is_search(self) -> bool:
        """Whether voices are looked for."""
        return self.voice_id is None


def speech_micro_usd(say: str) -> int:
    """The most that a spoken sentence costs, in whole cents."""
    return _cents(spoken_s(say) * SLOWEST)


def speaking(before: VoiceQuestion, *, key: str, month: str, now: float) -> VoiceQuestion:
    """About to be spoken, with its money."""
    return replace(
        before,
        state=QuestionState.SPEAKING,
        version=before.version + 1,
        key=key,
        month=month,
        reserved_micro_usd=speech_micro_usd(before.say or ""),
        due_at=now + SPEAK_LEASE_S,
    )


def answered(
    before: VoiceQuestion, *, spoke_s: float | None = None, is_lost: bool = False
) -> VoiceQuestion:
    """Over. `spoke_s` is what is paid for; where the answer `is_lost` its money stays reserved."""
    kept = before.reserved_micro_usd if is_lost else 0
    return replace(
        before,
        state=QuestionState.ANSWERED,
        version=before.version + 1,
        due_at=None,
        reserved_micro_usd=kept,
        billed_micro_usd=None if spoke_s is None else _cents(spoke_s),
    )


def _cents(seconds: float) -> int:
    micro = int(-(-seconds * SPEECH_MICRO_USD_PER_S // 1))
    return max(1, -(-micro // CENT_MICRO_USD)) * CENT_MICRO_USD
