"""`python -m tests.simulation`: seeds, one seed, every boundary, a whole day, or planted bugs.

--seeds 20000           random runs, on all cores
--seed 17               one run, with its trace
--plan '{…}'            one run as a failure printed it
--exhaustive [--all]    every flow struck at every boundary (striped without --all)
--day 10000             a virtual day with so many requests
--plant all             every planted bug must be found; or one by its name
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.execution import State
from tests.simulation import exhaustive, plants
from tests.simulation.day import day, say
from tests.simulation.faults import FAULTS
from tests.simulation.focus import drawn
from tests.simulation.plan import Plan
from tests.simulation.run import Report, run, shrunk

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "seeds.jsonl"
STRIPE = 12
CHUNK = 8


def main() -> int:
    """The exit status is 0 where every invariant held, or every plant was found."""
    asked = _arguments()
    if asked.plant is not None:
        return _plants(asked.plant)
    if asked.first is not None:
        return _first(asked.first)
    if asked.day is not None:
        return day(asked.day)
    if asked.seed is not None or asked.plan is not None:
        plan = Plan.from_json(asked.plan) if asked.plan else drawn(asked.seed)
        return _one(plan, shrink=asked.shrink)
    corpus = [] if asked.no_corpus else [plan for _, plan in remembered()]
    if asked.exhaustive:
        every = 1 if asked.all else STRIPE
        points = [*exhaustive.points(every=every, first=asked.stripe)]
        points += exhaustive.recoveries(every=every, first=asked.stripe)
        plans: Iterable[Plan] = [plan for _, plan in points]
    else:
        plans = (drawn(seed) for seed in range(asked.start, asked.start + asked.seeds))
    return _many([*corpus, *plans], asked.processes)


def remembered() -> Iterator[tuple[str, Plan]]:
    """The runs that once failed, with what they found: they are always run again."""
    if CORPUS.exists():
        for line in CORPUS.read_text("utf-8").splitlines():
            kept = json.loads(line)
            yield kept["found"], Plan.from_json(json.dumps(kept["plan"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--plan")
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--stripe", type=int, default=0)
    parser.add_argument("--day", type=int)
    parser.add_argument("--plant")
    parser.add_argument("--first", type=int, help="seeds until the first failure, as JSON")
    parser.add_argument("--no-corpus", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _one(plan: Plan, *, shrink: bool) -> int:
    report = run(plan)
    if report.violations and shrink:
        report = shrunk(report)
    _tell(report)
    say(f"hash {report.digest}, {report.boundaries} boundaries, {report.virtual_s:.0f} s")
    return 1 if report.violations else 0


def _tell(report: Report) -> None:
    """What a person needs to find the cause."""
    if report.violations:
        say("\n".join(report.trace))
        crashes, forced = report.plan.crashes, report.plan.forced
        say(f"seed {report.plan.seed}, crashes {crashes}, forced {forced}")
        say(f"struck by {dict(report.struck)}")
        for violation in report.violations:
            say(f"VIOLATION {violation}")
        say(f"python -m tests.simulation --plan '{report.plan.as_json()}'")


def _many(plans: list[Plan], processes: int) -> int:
    started, failed = time.monotonic(), 0
    kinds: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    pairs: set[tuple[str, str]] = set()
    for report in _reports(plans, processes):
        kinds += report.kinds
        struck += report.struck
        pairs |= report.pairs.keys()
        totals += Counter(
            runs=1,
            crashes=report.crashes,
            boundaries=report.boundaries,
            virtual_s=int(report.virtual_s),
            paid=report.paid,
        )
        if report.violations:
            failed += 1
            if failed <= 5:
                _tell(shrunk(report))
    elapsed_s = time.monotonic() - started
    missed = sorted(set(FAULTS) - set(struck))
    say(
        f"{totals['runs']} runs, {totals['crashes']} crashes, {totals['boundaries']} boundaries of"
        f" {len(kinds)} kinds, {totals['virtual_s'] / 3600:.0f} virtual hours,"
        f" {totals['paid']} payments, {totals['runs'] / elapsed_s:.1f} runs/s,"
        f" {len(struck)} of {len(FAULTS)} kinds of fault struck, {failed} runs failed"
    )
    possible = {(kind, state.value) for kind in FAULTS for state in State}
    say(f"{len(pairs)} of {len(possible)} pairs of a fault and a state it struck in")
    for kind in FAULTS:
        missing = sorted(state for other, state in possible - pairs if other == kind)
        if missing and kind in struck:
            say(f"  {FAULTS[kind].table} {kind} never struck while one was {', '.join(missing)}")
    if missed:
        say(f"never struck: {', '.join(missed)}")
    return 1 if failed else 0


def _reports(plans: list[Plan], processes: int) -> Iterator[Report]:
    if processes == 1:
        yield from map(run, plans)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(run, plans, chunksize=CHUNK)


def _first(seeds_max: int) -> int:
    """Run seeds until one fails; the last line says which, for `plants`."""
    violation, seed = None, None
    count = 0
    for number in range(seeds_max):
        count += 1
        report = run(drawn(number))
        if report.violations:
            violation, seed = str(report.violations[0]), number
            break
    say(json.dumps({"seeds": count, "seed": seed, "violation": violation}))
    return 0


def _plants(name: str) -> int:
    missed = 0
    for plant in plants.PLANTS:
        if name not in ("all", plant.name):
            continue
        found = plants.find(plant)
        missed += found.seed is None
        verdict = f"after {found.seeds:4} seeds" if found.seed is not None else "NOT FOUND"
        say(f"{verdict}  {plant.name}: {found.violation}")
    say(f"{missed} plants were not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
