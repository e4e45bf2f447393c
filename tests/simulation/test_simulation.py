"""A few hundred lives of the bot on virtual time: what once failed, new seeds, and the harness's
own promise that a seed is one run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulation import exhaustive
from tests.simulation.corpus import remembered
from tests.simulation.focus import drawn
from tests.simulation.plan import Plan, Plot
from tests.simulation.plants import PLANTS, Plant, planted
from tests.simulation.run import Report, run

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 60
SEEDS_A_TEST = 10


def _holds(report: Report) -> None:
    told = "\n".join((*report.trace, *map(str, report.violations)))
    assert not report.violations, (
        f"{told}\nreplay: python -m tests.simulation --plan '{report.plan.as_json()}'"
    )


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_A_TEST))
def test_every_invariant_holds_through_crashes_and_faults(first: int) -> None:
    for seed in range(first, first + SEEDS_A_TEST):
        _holds(run(drawn(seed)))


def test_what_once_failed_holds() -> None:
    for _, plan in remembered():
        _holds(run(plan))


@pytest.mark.parametrize("flow", exhaustive.FLOWS)
def test_every_flow_ends_as_it_should(flow: str) -> None:
    report = run(exhaustive.FLOWS[flow])
    _holds(report)
    assert report.paid > 0 or "not" in flow


def test_a_flow_may_be_struck_at_a_boundary() -> None:
    flow = exhaustive.FLOWS["command to video, HeyGen"]
    for at in range(1, run(flow).boundaries, 25):
        _holds(run(replace(flow, crashes=(at,))))
        _holds(run(replace(flow, cancels=(at,))))
        _holds(run(replace(flow, user_cancel_at=at)))


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


def test_a_plan_survives_its_line() -> None:
    plan = drawn(5)
    assert Plan.from_json(plan.as_json()) == plan
    assert {story.plot for seed in range(200) for story in drawn(seed).stories} == set(Plot)


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
