"""One virtual day with many requests: how long it takes, and whether each has its outcome."""

from __future__ import annotations

import cProfile
import pstats
import random
import sys
import time

from tests.simulation.plan import Ending, Plan, Plot, Story
from tests.simulation.run import Report, run

DAY_S = 86_400.0
REAL_TIME_TARGET = 450.0
PEOPLE, CHANNELS = 40, 20
BUDGET_USD = 1_000_000  # the most that can be set
CRASHES = 12
BOUNDARIES_PER_REQUEST = 300
PROFILE_LINES = 25


def day(requests: int, *, hours: float = 24.0) -> int:
    """Print the figures; the exit status is 0 where everything held."""
    profile = cProfile.Profile()
    started = time.monotonic()
    report = run(_plan(requests, hours))
    elapsed_s = time.monotonic() - started
    speed = report.virtual_s / elapsed_s
    say(_figures(report, requests, elapsed_s, speed))
    if speed < REAL_TIME_TARGET * hours / 24.0:
        profile.enable()
        run(_plan(max(1, requests // 50), hours / 50))
        profile.disable()
        pstats.Stats(profile).sort_stats("cumulative").print_stats(PROFILE_LINES)
    for violation in report.violations:
        say(f"VIOLATION {violation}")
    return 1 if report.violations else 0


def say(line: str) -> None:
    """A line on the terminal, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _figures(report: Report, requests: int, elapsed_s: float, speed: float) -> str:
    return (
        f"{report.virtual_s / 3600:.1f} virtual hours in {elapsed_s:.0f} s ({speed:.0f} x),"
        f" {report.outcomes} outcomes of {requests} requests, {report.paid} payments,"
        f" {report.crashes} crashes, {report.boundaries} boundaries"
    )


def _plan(requests: int, hours: float) -> Plan:
    draw = random.Random(requests)
    end_s = DAY_S * hours / 24.0
    stories = tuple(
        Story(
            number=number,
            plot=Plot.PLAIN,
            model=draw.choice(("ltx_distilled", "seedance_2_0_fast")),
            at=draw.uniform(0.0, end_s),
            team=int(draw.random() < 0.5),
            person=draw.randrange(PEOPLE),
        )
        for number in range(requests)
    )
    most = requests * BOUNDARIES_PER_REQUEST
    return Plan(
        seed=requests,
        stories=stories,
        crashes=tuple(draw.randrange(most) for _ in range(CRASHES)),
        endings=(Ending.DONE,) * 30 + (Ending.FAILED,),
        channels=CHANNELS,
        budget_usd=BUDGET_USD,
        heals_at=end_s + 3_600.0,
    )
