"""What one run consists of: its stories, its faults, its crashes. All of it follows from a seed,
and any of it can be taken away again to find the smallest run that fails.

Half of the seeds suffer from whatever is drawn. Every third one has a focus: a fault that strikes
while an execution is in a certain state, and a story that comes to that state; every sixth one is
a predicament (`focus.py`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from pydantic import TypeAdapter

from tests.simulation.faults import swarm

STORIES = (1,) * 14 + (2,) * 5 + (3,)
CRASHES = (0, 1, 1, 1, 2, 3)
LAST_CRASH_AT = 300  # boundaries; a usual run has a few hundred
RARELY = 0.03
ASLEEP_S = (60.0, 3_600.0, 8 * 3_600.0)
BARRIER_SHARE = 0.05
NO_HISTORY_SHARE = 0.25
BLIND_SHARE, BLIND_S = 0.2, (5.0, 40.0, 90.0)
SMALL_BUDGET_USD = 9
HEALS_AT_S = 150.0


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
    DISORDER = "disorder"  # replies, an edit and a deletion, in any order
    AGREE = "agree"  # what goes on elsewhere at another price is said yes to
    FACE = "face"  # an avatar of a picture
    VOICE = "voice"  # a voice of a recording
    TRANSPARENT = "transparent"  # its preview comes after its file
    RECORDING = "recording"  # a mention with a recording, which an avatar speaks
    LONG_RECORDING = "long_recording"  # its price is asked about once it is measured
    VOICES = "voices"  # which voices fit, and how one says a sentence
    AGENT = "agent"  # an idea, made in one go; then one more word
    CONVERSATION = "conversation"  # an agent that asks and is told more
    FIDGET = "fidget"  # somebody who cannot stop talking


class Ending(StrEnum):
    """What a vendor makes of a render."""

    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    PARTIAL = "partial"  # of several results one breaks
    NEVER = "never"
    ASKS = "asks"  # an agent makes nothing and asks something; anybody else makes it


VENDORS = ("fal.run", "heygen.com", "runware.ai")
AVATAR, SHOWS_SOMEBODY, TAKES_A_PICTURE = "heygen_avatar", "cinematic_avatar", "seedance_2_0"
# HeyGen's workflows (no dedupe), its v3 videos (a key), fal (found afterwards), Runware (our id).
# Some of them are had at several gateways, where one that failed can go on.
GATEWAY_MIX = (
    *("ltx_distilled", "veo_3_1", "veo3"),
    *(AVATAR, AVATAR, SHOWS_SOMEBODY),
    *("seedance_2_0", "seedance_2_0_fast", "kling_v3"),
    *("seedance_2_0_mini", "seedance_2_0_mini", "runway_gen4_5"),
)
SEVERAL = frozenset({"seedance_2_0_mini", "runway_gen4_5"})  # those that make several results
WEBHOOKS_SHARE, PARTIAL_SHARE = 0.5, 0.3
ASIDE = (Plot.FACE, Plot.VOICE, Plot.VOICES)  # what is paid beside the takes
RECORDED = (Plot.RECORDING, Plot.LONG_RECORDING)
ASKED_FOR = (Plot.TRANSPARENT,)  # in some seeds alone
TALKED = (Plot.AGENT, Plot.CONVERSATION)
_ELSEWHERE = (*ASIDE, *RECORDED, *ASKED_FOR, *TALKED, Plot.FIDGET)
PLOTS = tuple(plot for plot in Plot if plot not in _ELSEWHERE)


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
    results: int = 1
    joins: int | None = None  # the story in whose thread this one talks; else it begins its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run. Crashes, cancels, raises and `backup_at` are numbers of boundaries (the first crash
    after a backup is followed by its restore); `user_cancel_at` too: there somebody presses Cancel
    on everything that is open, and at `flood_at` a crowd comes. `asleep` is when the whole machine
    is suspended and for how long; `hangs` is the host that answers nothing."""

    seed: int
    stories: tuple[Story, ...]
    intensities: Mapping[str, int] = field(default_factory=dict)
    crashes: tuple[int, ...] = ()
    cancels: tuple[int, ...] = ()
    raises: tuple[int, ...] = ()
    user_cancel_at: int | None = None
    flood_at: int | None = None
    backup_at: int | None = None
    stops: bool = False  # told to stop (SIGTERM) rather than killed
    shuffle: bool = True
    barrier: bool = False
    lists_read: bool = False  # by a process before, whose rows are there in the beginning
    on_disk: bool = False  # a real file, whatever `disk.py` would choose
    budget_usd: int = 1_000
    endings: tuple[Ending, ...] = (Ending.DONE,)
    in_turn: bool = False  # the first render ends as the first ending says, later ones as the last
    forced: tuple[tuple[str, int], ...] = ()  # this kind strikes the n-th time it could
    focus: tuple[str, str] | None = None  # this kind strikes in this state
    asleep: tuple[tuple[float, float], ...] = ()
    hangs: str = ""
    webhooks: bool = False  # whether the installation has a public address
    no_history: bool = False  # fal's key may not read the account's history
    blind_s: float = 0.0  # so long after the first doubt no look-up is answered
    room: int = 0  # renders that a vendor takes at once; 0: any number
    clock_s: float | None = None  # where the clock is set to, for good; None: anywhere, often
    clock_set: tuple[tuple[float, float], ...] = ()  # when, and how far from the right time
    outage_s: float = 0.0  # at least, between a crash and the next start
    channels: int = 2
    heals_at: float = HEALS_AT_S

    def without(self, kind: str) -> Plan:
        """The same with one kind of fault less."""
        return replace(self, intensities={k: v for k, v in self.intensities.items() if k != kind})

    def as_json(self) -> str:
        """One line from which the same run can be made."""
        said = asdict(self)
        said["intensities"] = {kind: much for kind, much in self.intensities.items() if much}
        usual = asdict(_USUAL)
        kept = {name: value for name, value in said.items() if value != usual[name]}
        return json.dumps({"seed": self.seed, **kept}, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Plan:
        """The plan of a line."""
        return _PLAN.validate_json(line)


_PLAN = TypeAdapter(Plan)
_USUAL = Plan(seed=-1, stories=())


def random_plan(seed: int, draw: random.Random) -> Plan:
    """A run that suffers from whatever is drawn. Neighbouring seeds tell different stories."""
    stories = draw.choice(STORIES)
    usual: tuple[Ending, ...] = (Ending.DONE,) * 8 + (Ending.FAILED,)
    late = draw.random() < RARELY
    asleep = draw.random() < RARELY
    told = tuple(_story(draw, seed, number) for number in range(stories))
    if any(story.results > 1 for story in told):
        usual = (Ending.DONE, Ending.PARTIAL)
    if any(story.plot is Plot.RETRY for story in told):
        usual = (Ending.DONE, Ending.FAILED)
    return Plan(
        seed=seed,
        stories=told,
        intensities=swarm(draw),
        crashes=tuple(sorted({crash_at(draw) for _ in range(draw.choice(CRASHES))})),
        cancels=(crash_at(draw),) if draw.random() < 0.15 else (),
        raises=(crash_at(draw),) if draw.random() < 0.1 else (),
        stops=draw.random() < 0.1,
        shuffle=draw.random() < 0.8,
        barrier=draw.random() < BARRIER_SHARE,
        budget_usd=SMALL_BUDGET_USD if draw.random() < 0.15 else 1_000,
        endings=(*usual, Ending.LATE) if late else usual,
        asleep=((draw.uniform(3.0, 90.0), draw.choice(ASLEEP_S)),) if asleep else (),
        room=1 if draw.random() < RARELY else 0,
        hangs=draw.choice(VENDORS) if draw.random() < RARELY else "",
        webhooks=draw.random() < WEBHOOKS_SHARE,
        no_history=draw.random() < NO_HISTORY_SHARE,
        blind_s=draw.choice(BLIND_S) if draw.random() < BLIND_SHARE else 0.0,
    )


def crash_at(draw: random.Random) -> int:
    """Early ones are as likely as late ones."""
    return int(10 ** draw.uniform(0.0, 1.0) * draw.randint(1, LAST_CRASH_AT // 10))


def _story(draw: random.Random, seed: int, number: int) -> Story:
    model = draw.choice(GATEWAY_MIX)
    several = model in SEVERAL and draw.random() < PARTIAL_SHARE
    return Story(
        number=number,
        results=draw.choice((2, 3)) if several else 1,
        plot=PLOTS[(seed + seed // len(PLOTS)) % len(PLOTS)] if number == 0 else draw.choice(PLOTS),
        model=model,
        at=0.0 if number == 0 else draw.choice((0.0, 1.0, draw.uniform(0, 60))),
        pace=draw.choice((0.1, 1.0, 1.0, 2.0)),
        team=int(draw.random() < 0.25),
        person=draw.randint(0, 1),
    )
