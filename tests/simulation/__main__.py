"""`python -m tests.simulation`: seeds, one seed, every boundary, a whole day, or planted bugs.

--seeds 20000           random runs, on all cores; ends with the table of faults and states
--seed 17               one run, with its trace
--plan '{…}'            one run as a failure printed it
--exhaustive [--all]    every flow struck at every boundary (a stripe of them without --all)
--day 10000             a virtual day with so many requests
--plant all             every planted bug must be found; or one by its name
--known                 each with the seed first that found it before (tests/corpus/plants.json)
--remember              what fails is kept in the corpus, as small as it could be made
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, islice

from tests.simulation import exhaustive, plants
from tests.simulation.corpus import remember, remembered
from tests.simulation.day import day, say
from tests.simulation.focus import drawn, where
from tests.simulation.plan import Plan
from tests.simulation.run import Report, run, shrunk
from tests.simulation.totals import Totals

CHUNK = 8
PLANTS_AT_ONCE = 2
FAILURES_TOLD = 5


def main() -> int:
    """The exit status is 0 where every invariant held, or every plant was found."""
    asked = _arguments()
    if asked.plant is not None:
        return _plants(asked.plant, known=asked.known, keeps=asked.remember)
    if asked.first is not None:
        return _first(asked.first, asked.seed, asked.where)
    if asked.day is not None:
        return day(asked.day)
    if asked.seed is not None or asked.plan is not None:
        plan = Plan.from_json(asked.plan) if asked.plan else drawn(asked.seed)
        return _one(plan, shrink=asked.shrink)
    corpus = [] if asked.no_corpus else [plan for _, plan in remembered()]
    if asked.exhaustive:
        return _points(corpus, asked)
    seeds = range(asked.start, asked.start + asked.seeds)
    totals = Totals()
    _tally(reports([*corpus, *seeds], asked.processes), asked, totals)
    say("\n".join(totals.table()))
    say("\n".join(totals.lines()))
    return 1 if totals.failed or not totals.is_enough else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--plan")
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--stripe", type=int, help="which stripe; else the commit decides")
    parser.add_argument("--day", type=int)
    parser.add_argument("--plant")
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--first", type=int, help="seeds until the first failure, as JSON")
    parser.add_argument("--where", help="of those, only the seeds of a predicament")
    parser.add_argument("--no-corpus", action="store_true")
    parser.add_argument("--remember", action="store_true")
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


def _points(corpus: list[Plan], asked: argparse.Namespace) -> int:
    """Exhaustively, or as much of it as fits."""
    stripe = exhaustive.stripe_of_commit() if asked.stripe is None else asked.stripe
    every = 1 if asked.all else exhaustive.STRIPES
    totals, points = Totals(), exhaustive.all_points()
    chosen = points[stripe % every :: every]
    _tally(reports(corpus, asked.processes), asked, totals)
    _tally(exhaustive.reports(chosen, asked.processes), asked, totals)
    say("\n".join(totals.lines()))
    of_which = "all of them" if asked.all else f"stripe {stripe % every} of {every}"
    say(f"{len(chosen)} of {len(points)} points, {of_which}")
    return 1 if totals.failed else 0


def _tally(came: Iterable[Report], asked: argparse.Namespace, totals: Totals) -> None:
    for report in came:
        totals.add(report)
        if report.violations and len(totals.failed) <= FAILURES_TOLD:
            smallest = shrunk(report)
            _tell(smallest)
            if asked.remember:
                remember(smallest)


def reports(plans: Iterable[Plan | int], processes: int) -> Iterator[Report]:
    """The plans, and those of the seeds, run on so many cores. Raises `BrokenProcessPool` where one
    of these is killed."""
    gc.freeze()  # else each run, when it collects its garbage, looks at everything there is
    if processes == 1:
        yield from map(_report, plans)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_report, plans, chunksize=CHUNK)


def _report(plan: Plan | int) -> Report:
    """Of a run that went well nobody reads the trace."""
    report = run(drawn(plan) if isinstance(plan, int) else plan)
    return report if report.violations else replace(report, trace=[])


def _first(seeds_max: int, known: int | None, predicament: str | None) -> int:
    """Run seeds until one fails, a `known` one before the others; the last line says which, for
    `plants`."""
    seeds = where(predicament) if predicament else iter(range(seeds_max))
    violation, seed = None, None
    count = 0
    for number in chain(() if known is None else (known,), islice(seeds, seeds_max)):
        count += 1
        report = run(drawn(number))
        if report.violations:
            violation, seed = str(report.violations[0]), number
            break
    say(json.dumps({"seeds": count, "seed": seed, "violation": violation}))
    return 0


def _plants(name: str, *, known: bool, keeps: bool) -> int:
    chosen = [plant for plant in plants.PLANTS if name in ("all", plant.name)]
    missed = 0
    seeds = plants.known_seeds()
    with ThreadPoolExecutor(PLANTS_AT_ONCE) as pool:
        tries = [seeds.get(plant.name) if known else None for plant in chosen]
        for found in pool.map(plants.find, chosen, tries):
            missed += found.seed is None
            seeds |= {found.plant.name: found.seed} if found.seed is not None else {}
            verdict = f"after {found.seeds:4} seeds" if found.seed is not None else "NOT FOUND"
            say(f"{verdict}  {found.plant.name}: {found.violation}")
    if keeps:
        plants.keep_seeds(seeds)
    say(f"{len(chosen) - missed} of {len(chosen)} plants were found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
