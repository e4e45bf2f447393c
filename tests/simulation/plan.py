"""What one run consists of: its stories, its faults, its crashes. All of it follows from a seed,
and any of it can be taken away again to find the smallest run that fails."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from pydantic import TypeAdapter

from tests.simulation.faults import swarm

STORIES_MAX = 3
CRASHES_MAX = 3
LAST_CRASH_AT = 700  # boundaries; a usual run has a few hundred
LONG_SHARE = 0.01  # runs in which a render never ends: a whole virtual day each
BARRIER_SHARE = 0.05
SMALL_BUDGET_USD = 9


class Plot(StrEnum):
    """What happens in a story after its first command."""

    PLAIN = "plain"
    REPLY = "reply"
    BURST = "burst"  # two replies that are one take
    EDIT = "edit"
    DELETE = "delete"
    CANCEL = "cancel"
    CANCEL_COMMAND = "cancel_command"
    VARIATION = "variation"
    RETRY = "retry"
    APPROVE = "approve"
    PICTURE = "picture"
    MENTION = "mention"
    CONFIRM = "confirm"
    CHATTER = "chatter"
    SAME_AGAIN = "same_again"


class Ending(StrEnum):
    """What a vendor makes of a render."""

    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    NEVER = "never"


MODELS = ("veo_3_1", "seedance_2_0", "ltx_distilled", "seedance_2_0_fast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One command and what follows. `pace` scales how long people wait between two deeds."""

    number: int
    plot: Plot
    model: str
    at: float = 0.0
    pace: float = 1.0
    team: int = 0
    person: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run. Crashes and cancels are numbers of boundaries; `user_cancel_at` too: there
    somebody presses Cancel on everything that is open."""

    seed: int
    stories: tuple[Story, ...]
    intensities: Mapping[str, int] = field(default_factory=dict)
    crashes: tuple[int, ...] = ()
    cancels: tuple[int, ...] = ()
    user_cancel_at: int | None = None
    stops: bool = False  # told to stop (SIGTERM) rather than killed
    shuffle: bool = True
    barrier: bool = False
    budget_usd: int = 1_000
    endings: tuple[Ending, ...] = (Ending.DONE,)
    forced: tuple[tuple[str, int], ...] = ()  # this kind strikes the n-th time it could
    channels: int = 2
    heals_at: float = 900.0

    def without(self, kind: str) -> Plan:
        """The same with one kind of fault less."""
        return replace(self, intensities={k: v for k, v in self.intensities.items() if k != kind})

    def as_json(self) -> str:
        """One line from which the same run can be made."""
        said = asdict(self)
        said["intensities"] = {kind: much for kind, much in self.intensities.items() if much}
        return json.dumps(said, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Plan:
        """The plan of a line."""
        return _PLAN.validate_json(line)


_PLAN = TypeAdapter(Plan)


def drawn(seed: int) -> Plan:
    """The run of a seed."""
    draw = random.Random(f"plan {seed}")
    long = draw.random() < LONG_SHARE
    usual = (Ending.DONE,) * 8 + (Ending.FAILED, Ending.LATE)
    crashes = {_crash_at(draw) for _ in range(draw.randint(1, CRASHES_MAX))}
    return Plan(
        seed=seed,
        stories=tuple(_story(draw, number) for number in range(draw.randint(1, STORIES_MAX))),
        intensities=swarm(draw),
        crashes=tuple(sorted(crashes)) if draw.random() < 0.9 else (),
        stops=draw.random() < 0.1,
        shuffle=draw.random() < 0.8,
        barrier=draw.random() < BARRIER_SHARE,
        budget_usd=SMALL_BUDGET_USD if draw.random() < 0.15 else 1_000,
        endings=(*usual, Ending.NEVER) if long else usual[:9] if draw.random() < 0.8 else usual,
    )


def _crash_at(draw: random.Random) -> int:
    """Early ones are as likely as late ones."""
    return int(10 ** draw.uniform(0.0, 1.0) * draw.randint(1, LAST_CRASH_AT // 10))


def _story(draw: random.Random, number: int) -> Story:
    return Story(
        number=number,
        plot=draw.choice(list(Plot)),
        model=draw.choice(MODELS),
        at=draw.choice((0.0, 0.0, 1.0, draw.uniform(0, 60))),
        pace=draw.choice((0.1, 1.0, 1.0, 5.0)),
        team=int(draw.random() < 0.25),
        person=draw.randint(0, 1),
    )
