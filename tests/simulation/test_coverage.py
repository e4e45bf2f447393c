"""A fault counts where it did something, and for whom it did it; so much is asked of any number of
runs as so many can show."""

from __future__ import annotations

from dataclasses import replace

from domain.execution import State
from tests.simulation import coverage
from tests.simulation.plan import Plan, Plot, Story
from tests.simulation.run import run
from tests.simulation.totals import Totals

ONE = Plan(
    seed=3,
    stories=(Story(number=0, plot=Plot.PLAIN, model="seedance_2_0"),),
    shuffle=False,
)
TWO = replace(
    ONE,
    stories=(*ONE.stories, Story(number=1, plot=Plot.PLAIN, model="seedance_2_0", at=120.0)),
    heals_at=300.0,
)


def test_an_answer_with_anothers_id_counts_only_where_there_is_another() -> None:
    first = run(replace(ONE, forced=(("submit.anothers", 1),)))
    assert not first.struck
    assert first.digest == run(ONE).digest

    second = run(replace(TWO, forced=(("submit.anothers", 2),)))
    assert second.struck["submit.anothers"] == 1


def test_a_kill_counts_for_whom_something_was_being_done() -> None:
    calm = run(TWO)
    last = run(replace(TWO, crashes=(calm.boundaries - 3,)))
    hit = {state for kind, state in last.pairs if kind == "crash"}
    assert last.crashes == 1
    assert hit <= {State.SUCCEEDED}  # the first is done since two minutes, and nobody's work now


def test_a_broken_commit_counts_for_those_it_was_about() -> None:
    report = run(replace(TWO, intensities={"db.io": 10}))
    struck = sum(report.struck[kind] for kind in report.struck if kind == "db.io")
    counted = sum(times for (kind, _), times in report.pairs.items() if kind == "db.io")
    assert 0 < counted < struck  # most batches find nothing to do


def test_any_number_of_runs_is_judged_by_what_so_many_can_show() -> None:
    asked = [coverage.asked(runs) for runs in (1, 200, 1_000, 2_000, 3_000, 20_000)]
    assert asked == sorted(asked)
    assert asked[2] > 0.85
    assert asked[-2:] == [coverage.COVERED_MIN] * 2

    blind, calm = Totals(), run(ONE)
    for _ in range(1_000):
        blind.add(calm)
    assert not blind.failed
    assert not blind.is_enough
