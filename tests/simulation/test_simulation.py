"""Thousands of lives of the bot on virtual time: what once failed, new seeds, a stripe of every
boundary of every flow, the bugs that must be found, and the harness's own promises.

The long ones run the command itself, on all cores, so that what `bin/test` says can be said again:

    python -m tests.simulation --seeds 3000
    python -m tests.simulation --exhaustive
    python -m tests.simulation --plant all
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.simulation import coverage, exhaustive, totals
from tests.simulation.corpus import remembered
from tests.simulation.disk import FileDisk, Memory, disk_of
from tests.simulation.faults import FAULTS
from tests.simulation.focus import drawn
from tests.simulation.forks import forked
from tests.simulation.plan import PLOTS, Plan
from tests.simulation.plant import Plant
from tests.simulation.plants import PLANTS, SEEDS_MAX, planted
from tests.simulation.run import Report, run, shrunk

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 3_000
LIMIT_S = 1_200
PLANTS_MIN = 30
TOLD_LINES = 80


def _holds(report: Report) -> None:
    told = "\n".join((*report.trace, *map(str, report.violations)))
    assert not report.violations, (
        f"{told}\nreplay: python -m tests.simulation --plan '{report.plan.as_json()}'"
    )


def _command(*arguments: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "tests.simulation", *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = "\n".join(done.stdout.splitlines()[-TOLD_LINES:])
    assert done.returncode == 0, told
    return done.stdout


def test_what_once_failed_holds() -> None:
    for _, plan in remembered():
        _holds(run(plan))


@pytest.mark.timeout(LIMIT_S)
def test_every_invariant_holds_through_crashes_and_faults() -> None:
    told = _command("--seeds", str(SEEDS), "--no-corpus")
    assert f"{SEEDS} runs" in told
    assert " 0 runs failed" in told


@pytest.mark.timeout(LIMIT_S)
def test_every_flow_may_be_struck_at_a_stripe_of_its_boundaries() -> None:
    told = _command("--exhaustive", "--no-corpus")
    found = re.search(r"(\d+) of (\d+) points", told)
    assert found is not None
    assert int(found[1]) >= int(found[2]) // exhaustive.STRIPES > 0


@pytest.mark.timeout(LIMIT_S)
def test_every_planted_bug_is_found() -> None:
    assert len(PLANTS) >= PLANTS_MIN
    assert f"{len(PLANTS)} of {len(PLANTS)} plants were found" in _command(
        "--plant", "all", "--known"
    )


@pytest.mark.parametrize("flow", exhaustive.FLOWS)
def test_every_flow_ends_as_it_should(flow: str) -> None:
    report = run(exhaustive.FLOWS[flow])
    _holds(report)
    assert report.outcomes > 0
    unpaid = (
        *("refused for good", "refused content goes nowhere else", "not arrived, not found"),
        *("cancelled while queued", "gone, nobody says yes"),
    )
    assert report.paid > 0 or flow in unpaid


def test_a_run_that_fails_is_made_smaller() -> None:
    plant = next(plant for plant in PLANTS if plant.name == "an uncertain submit is sent again")
    with planted(plant) as copy:
        script = "from tests.simulation import test_simulation as t; t.fails_and_shrinks()"
        done = subprocess.run(
            (sys.executable, "-c", script), cwd=copy, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr[-2_000:]


def fails_and_shrinks() -> None:
    """In a copy with a bug: the smallest run has less in it, and fails alike when replayed."""
    large = (plan for plan in map(drawn, range(SEEDS_MAX)) if plan.intensities and plan.crashes)
    failing = next(report for report in map(run, large) if report.violations)
    small = shrunk(failing)
    assert _burden(small.plan) < _burden(failing.plan)
    again = run(Plan.from_json(small.plan.as_json()))
    assert again.digest == small.digest
    assert again.violations == small.violations


def _burden(plan: Plan) -> int:
    """Of how many things a plan consists."""
    return len((*plan.stories, *plan.intensities, *plan.crashes, *plan.cancels, *plan.raises))


def test_the_same_seed_is_the_same_run_in_any_process() -> None:
    plan = drawn(3)
    digests = {_digest(plan, hash_seed) for hash_seed in ("0", "1", "4711")}
    assert digests == {run(plan).digest}


def test_another_seed_is_another_run() -> None:
    assert run(drawn(1)).digest != run(drawn(2)).digest


def test_the_real_database_thread_runs_as_the_inline_one_does() -> None:
    plan = replace(exhaustive.FLOWS["reply to take"], barrier=True)
    first, second = run(plan), run(plan)
    _holds(first)
    assert first.digest == second.digest


def test_a_fork_reports_what_the_same_plan_does_from_its_beginning() -> None:
    name = "reply to take"
    points = [point.plan for point in exhaustive.points_of(name)]
    crashed_twice = [plan for plan in points if len(plan.crashes) > 1]
    sample = [
        *points[:: len(points) // 12],
        *crashed_twice[5::160],
        replace(points[0], crashes=(9_999,)),
    ]
    for strike in ("crashes", "cancels", "raises", "user_cancel_at"):
        assert any(getattr(plan, strike) for plan in sample)
    reports = {report.plan.as_json(): report for report in forked(exhaustive.FLOWS[name], sample)}
    assert [reports[plan.as_json()] for plan in sample] == [run(plan) for plan in sample]


def test_a_fork_that_breaks_is_told() -> None:
    flow = exhaustive.FLOWS["reply to take"]
    points = [replace(flow, crashes=(1,))]
    with (
        patch("tests.simulation.forks.run", side_effect=ZeroDivisionError),
        pytest.raises(RuntimeError, match="ZeroDivisionError"),
    ):
        list(forked(flow, points))
    with (
        patch("tests.simulation.forks._struck", lambda *_: os._exit(3)),
        pytest.raises(RuntimeError, match="a forked run broke"),
    ):
        list(forked(flow, points))


@pytest.mark.parametrize("seed", [1, 2, 5, 9, 14])
def test_a_disk_in_memory_runs_as_the_real_files_do(seed: int) -> None:
    plan = drawn(seed)
    assert isinstance(disk_of(plan), Memory)
    assert isinstance(disk_of(replace(plan, on_disk=True)), FileDisk)
    assert run(plan).digest == run(replace(plan, on_disk=True)).digest


def test_a_process_after_the_first_finds_the_lists_read() -> None:
    first, later = (exhaustive.FLOWS[name] for name in ("avatar, the first start", "avatar"))
    report = run(later)
    _holds(report)
    assert report.boundaries < run(first).boundaries
    assert report.digest == run(replace(later, on_disk=True)).digest


def test_a_run_finds_nothing_of_the_one_before() -> None:
    plan = exhaustive.FLOWS["image reference, fal"]
    first = run(plan)
    run(drawn(5))
    assert run(plan).digest == first.digest


def test_a_plan_survives_its_line() -> None:
    for seed in range(300):
        plan = drawn(seed)
        assert Plan.from_json(plan.as_json()) == plan
    assert {story.plot for seed in range(200) for story in drawn(seed).stories} >= set(PLOTS)


def test_the_table_has_every_row_of_the_programme_and_says_why_a_pair_cannot_be() -> None:
    letters = {"A": 8, "B": 12, "C": 11, "D": 8, "E": 7, "F": 10, "G": 3, "H": 7, "I": 8}
    assert set(coverage.ROWS) == {
        f"{a}{n}" for a, last in letters.items() for n in range(1, last + 1)
    }
    assert {fault.table for fault in FAULTS.values()} <= set(coverage.ROWS)
    for name, row in coverage.ROWS.items():
        assert row.why or row.states == coverage.ALL
        assert bool(row.states) == bool(coverage.kinds_of(name))
        if row.shown:
            assert "def test_" in (ROOT / row.shown).read_text("utf-8")


def test_the_kinds_of_boundary_are_known_before_any_run() -> None:
    known = set(totals.kinds())
    assert set(run(exhaustive.FLOWS["image reference, fal"]).kinds) <= known


def test_days_leave_no_task_behind() -> None:
    """I8: what a process holds after many requests is what it held after one."""
    few = run(exhaustive.FLOWS["command to video, fal"])
    story = few.plan.stories[0]
    many = run(
        replace(
            few.plan,
            stories=tuple(replace(story, number=number, at=number * 600.0) for number in range(30)),
            heals_at=30_000.0,
        )
    )
    _holds(many)
    assert many.outcomes == 30
    assert many.tasks <= few.tasks + 2


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_every_plant_applies(plant: Plant) -> None:
    with planted(plant):
        pass


def _digest(plan: Plan, hash_seed: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "tests.simulation", "--plan", plan.as_json()),
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1].split()[1].rstrip(",")
