"""What our own executions say of an offer: how often it worked and how long it took, the newest
counting most. Without history, or once it is old, what is generally known of the model counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

HALF_LIFE_S = 2 * 86_400.0  # what is older says less and less: vendors change
PER_SAMPLE = 0.9  # and each new execution counts more than the one before it
DURATIONS_KEPT = 30
PRIOR_WEIGHT = 2.0  # what is generally known counts as much as so many executions of ours
OUT_OF_CREDIT_S = 15 * 60.0


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
    """An offer's record at `at` (Unix seconds). Successes and failures are weights, not counts."""

    offer: str
    successes: float = 0.0
    failures: float = 0.0
    durations_s: tuple[float, ...] = ()
    at: float = 0.0
    last_failure: str | None = None
    last_failure_at: float | None = None
    out_of_credit_at: float | None = None

    def worked(self, seconds: float, now: float) -> Record:
        """After one more success that took `seconds`."""
        aged = self._aged(now)
        kept = (*self.durations_s, seconds)[-DURATIONS_KEPT:]
        return replace(aged, successes=aged.successes + 1, durations_s=kept, out_of_credit_at=None)

    def failed(self, reason: str, now: float, *, out_of_credit: bool = False) -> Record:
        """After one more failure that is the gateway's."""
        aged = self._aged(now)
        return replace(
            aged,
            failures=aged.failures + 1,
            last_failure=reason,
            last_failure_at=now,
            out_of_credit_at=now if out_of_credit else self.out_of_credit_at,
        )

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

    def is_out_of_credit(self, now: float) -> bool:
        """Whether its account was empty a moment ago."""
        return self.out_of_credit_at is not None and now < self.out_of_credit_at + OUT_OF_CREDIT_S

    def _aged(self, now: float) -> Record:
        age = _age(now - self.at) * PER_SAMPLE
        return replace(self, successes=self.successes * age, failures=self.failures * age, at=now)


def _age(seconds: float) -> float:
    return float(0.5 ** (max(0.0, seconds) / HALF_LIFE_S))
