"""What our own executions say of an offer: how often it worked and how long it took, the newest
counting most. Without history, or once it is old, what is generally known of the model counts.

A refusal of our account (no credit, a wrong key) is no matter of one offer: its whole gateway is
left alone for a while, until a submit that was sent after the refusal has made something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median

from domain.errors import OF_THE_ACCOUNT, FailureClass
from domain.offer import GatewayName

HALF_LIFE_S = 2 * 86_400.0  # what is older says less and less: vendors change
PER_SAMPLE = 0.9  # and each new execution counts more than the one before it
DURATIONS_KEPT = 30
PRIOR_WEIGHT = 2.0  # what is generally known counts as much as so many executions of ours
ACCOUNT_RESTS_S = 15 * 60.0  # then the next submit finds out whether somebody mended it


@dataclass(frozen=True, slots=True)
class Prior:
    """What is generally known: how often it works, and how many seconds it usually takes."""

    success: float = 0.92
    seconds: float = 180.0


# Reported times: fal_runware.md 2.1 (Seedance 4 to 7 minutes), seed 000 (LTX "fastest", workflows
# up to five minutes), heygen.md 7 (five to ten times the length of what is spoken).
PRIORS: Mapping[str, Prior] = {
    "seedance_2_0": Prior(seconds=330.0),
    "seedance_2_0_fast": Prior(seconds=150.0),
    "ltx_distilled": Prior(seconds=25.0),
    "veo_3_1_fast": Prior(seconds=90.0),
    "veo3_fast": Prior(seconds=90.0),
    "heygen_agent": Prior(seconds=600.0),
    "heygen_avatar": Prior(seconds=400.0),
    "heygen_translation": Prior(seconds=900.0),
}
UNKNOWN = Prior()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An offer's record at `at` (Unix seconds). Successes and failures are weights, not counts.

    `refused` is how our account was refused there last; `proved_at` is when the newest of those
    submits was sent that made a video.
    """

    offer: str
    successes: float = 0.0
    failures: float = 0.0
    durations_s: tuple[float, ...] = ()
    at: float = 0.0
    last_failure: str | None = None
    last_failure_at: float | None = None
    refused: FailureClass | None = None
    refused_at: float | None = None
    proved_at: float | None = None

    def worked(self, seconds: float, now: float) -> Record:
        """After one more success that took `seconds`."""
        aged = self._aged(now)
        kept = (*self.durations_s, seconds)[-DURATIONS_KEPT:]
        proved_at = max(now - seconds, self.proved_at or 0.0)
        return replace(aged, successes=aged.successes + 1, durations_s=kept, proved_at=proved_at)

    def failed(self, kind: FailureClass, now: float) -> Record:
        """After one more failure that is the gateway's. That it refuses our account says nothing
        of how often the offer works."""
        aged = replace(self._aged(now), last_failure=kind.value, last_failure_at=now)
        if kind in OF_THE_ACCOUNT:
            return replace(aged, refused=kind, refused_at=now)
        return replace(aged, failures=aged.failures + 1)

    def success(self, prior: Prior, now: float) -> float:
        """How likely the next one works, 0–1."""
        age = _age(now - self.at)
        good, bad = self.successes * age, self.failures * age
        return (good + prior.success * PRIOR_WEIGHT) / (good + bad + PRIOR_WEIGHT)

    def seconds(self, prior: Prior) -> float:
        """How long the next one takes: between the prior and the median of ours."""
        count = len(self.durations_s)
        if count == 0:
            return prior.seconds
        ours = median(self.durations_s[-10:])
        return (ours * count + prior.seconds * PRIOR_WEIGHT) / (count + PRIOR_WEIGHT)

    def _aged(self, now: float) -> Record:
        age = _age(now - self.at) * PER_SAMPLE
        return replace(self, successes=self.successes * age, failures=self.failures * age, at=now)


def refusing_accounts(records: Iterable[Record], now: float) -> Mapping[GatewayName, FailureClass]:
    """The gateways that refused our account a while ago, and for what: all their offers rest."""
    latest: dict[str, Record] = {}
    proved_at: dict[str, float] = {}
    for record in records:
        where = record.offer.partition("@")[2]
        proved_at[where] = max(proved_at.get(where, 0.0), record.proved_at or 0.0)
        before = latest.get(where)
        if (record.refused_at or 0.0) > ((before.refused_at or 0.0) if before else 0.0):
            latest[where] = record
    return {
        GatewayName(where): record.refused
        for where, record in latest.items()
        if record.refused is not None
        and (record.refused_at or 0.0) > max(proved_at[where], now - ACCOUNT_RESTS_S)
    }


def _age(seconds: float) -> float:
    return float(0.5 ** (max(0.0, seconds) / HALF_LIFE_S))
