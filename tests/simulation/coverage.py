"""Which fault of the programme struck while an execution was in which state: the table that says
how much of what can happen did happen, and why the rest cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.execution import State
from tests.simulation.faults import FAULTS

ROOT = Path(__file__).resolve().parents[2]
COVERED_MIN, COVERED_FROM_RUNS = 0.95, 3_000
# So much is seen once every pair was aimed at, by every third seed; before, as much less.
COVERED_IN_A_TURN, AIMED_EVERY = 0.9, 3
KINDS_MIN, ALL_KINDS_FROM_RUNS = 0.9, 500
S = State
ALL = tuple(State)
OPEN = (S.PREPARING, S.QUEUED, S.SUBMITTING, S.RUNNING, S.FETCHING, S.LATE)
SENT, ASKED, FETCHED = (S.SUBMITTING,), (S.RUNNING, S.LATE), (S.FETCHING,)
DOUBTED = (S.SUBMITTING, S.UNCERTAIN)  # sent, or sent again under the same key to look it up
CALLED_BACK = (*DOUBTED, *ASKED)
_FAULTS, _PROCESSES = "test_database_faults.py", "test_database_processes.py"
_SHORT = {state: state.value[:5] for state in ALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the fault table: in which states it can strike, why in no other, or which test
    shows it where simulated time shows nothing of it."""

    what: str
    states: tuple[State, ...] = ()
    why: str = ""
    shown: str = ""


def _everywhere(what: str) -> Row:
    return Row(what=what, states=ALL)


def _submit(what: str, *states: State) -> Row:
    return Row(what=what, states=states or DOUBTED, why="no submit of it is on the wire")


def _check(what: str, *states: State) -> Row:
    return Row(what=what, states=states or ASKED, why="its gateway is not asked about it")


def _elsewhere(what: str, test: str) -> Row:
    return Row(what=what, shown=test, why=f"shown by {test}")


def _hook(what: str) -> Row:
    return Row(what=what, states=CALLED_BACK, why="its vendor has nothing to tell")


ROWS: Mapping[str, Row] = {
    "A1": _everywhere("killed"),
    "A2": _everywhere("killed among other faults"),
    "A3": _everywhere("killed while it recovers"),
    "A4": _everywhere("a task is cancelled"),
    "A5": _elsewhere("real kills", "tests/kill/test_kill.py"),
    "A6": _elsewhere("power loss", f"tests/integration/{_PROCESSES}"),
    "A7": _elsewhere("a second instance", "tests/integration/test_process.py"),
    "A8": _everywhere("out of memory in one task"),
    "B1": _submit("no connection"),
    "B2": _submit("429"),
    "B3": _submit("refused"),
    "B4": _submit("5xx"),
    "B5": _submit("accepted, the answer lost"),
    "B6": _submit("garbage"),
    "B7": _submit("redirected"),
    "B8": Row(what="slow", states=DOUBTED + FETCHED, why="nothing of it moves over a wire"),
    "B9": _elsewhere("answers without end", "tests/integration/test_gateway_http.py"),
    "B10": _submit("another's id", *SENT),
    "B11": _submit("the vendor is full", *SENT),
    "B12": _submit("a key sent again, in flight or after"),
    "C1": _check("unknown words"),
    "C2": _check("not known yet", *DOUBTED, S.RUNNING),
    "C3": _check("completed without a link"),
    "C4": _check("an error with markup and our key in it"),
    "C5": _check("completed, then not, then failed"),
    "C6": _check("no answer", S.PREPARING, *DOUBTED, *ASKED),
    "C7": Row(what="overdue", states=(S.LATE, S.EXPIRED), why="its time is not over"),
    "C8": Row(what="all due after an outage", states=OPEN, why="nothing is due of it any more"),
    "C9": Row(what="the link expired", states=FETCHED, why="nothing of it is fetched"),
    "C10": Row(what="not a video", states=FETCHED, why="nothing of it is fetched"),
    "C11": Row(what="no room for files", states=(S.PREPARING, S.FETCHING), why="it has no file"),
    "D1": _everywhere("delivered twice"),
    "D2": _everywhere("delivered late, in disorder"),
    "D3": _everywhere("a slow database"),
    "D4": _everywhere("the ack lost"),
    "D5": _everywhere("our own messages come back"),
    "D6": _elsewhere("malformed requests", "tests/integration/test_web.py"),
    "D7": _everywhere("uninstalled for a while"),
    "D8": _elsewhere("a lost socket", "tests/integration/test_process.py"),
    "E1": _everywhere("Slack: slow down"),
    "E2": _everywhere("Slack: no clear answer"),
    "E3": _everywhere("Slack: not in that channel"),
    "E4": _everywhere("Slack: not with this token"),
    "E5": _everywhere("Slack: too much"),
    "E6": _everywhere("Slack: that message is gone"),
    "E7": Row(what="Slack: a file not shown", states=(S.SUCCEEDED,), why="it has no file to show"),
    "F1": _everywhere("locked"),
    "F2": _everywhere("a full disk"),
    "F3": _elsewhere("read-only", f"tests/integration/{_FAULTS}"),
    "F4": _elsewhere("a damaged file", f"tests/integration/{_FAULTS}"),
    "F5": _everywhere("I/O errors"),
    "F6": _elsewhere("killed in a migration", f"tests/integration/{_PROCESSES}"),
    "F7": _elsewhere("a newer schema", f"tests/integration/{_FAULTS}"),
    "F8": _elsewhere("a growing log", f"tests/integration/{_FAULTS}"),
    "F9": _everywhere("an old backup restored"),
    "F10": _elsewhere("the file exchanged", f"tests/integration/{_FAULTS}"),
    "G1": _everywhere("the clock is set"),
    "G2": _everywhere("asleep for hours"),
    "G3": _elsewhere("a skewed signature", "tests/unit/test_signature.py"),
    "H1": _hook("a webhook forged"),
    "H2": _hook("a webhook twice"),
    "H3": _hook("a stranger at our address, signed by the same vendor"),
    "H4": _hook("a webhook before the answer, or never"),
    "H5": _elsewhere("the keys not to be had", "tests/unit/test_gateway_hooks.py"),
    "H6": _elsewhere("webhooks that nobody signs", "tests/integration/test_webhooks.py"),
    "H7": Row(what="a flood of forged ones", why="measured by bench/ingress.py"),
    "I1": _elsewhere("too many commands at once", "tests/integration/test_database.py"),
    "I2": Row(
        what="one vendor hangs",
        states=(S.PREPARING, *DOUBTED, *ASKED, *FETCHED),
        why="its gateway is asked nothing about it",
    ),
    "I3": _everywhere("one workspace floods"),
    "I4": _everywhere("told to stop"),
    "I5": _elsewhere("a hanging thread or pipe", "tests/integration/test_process.py"),
    "I6": _elsewhere("wrong settings", "tests/unit/test_settings.py"),
    "I7": _elsewhere("too old a library", "tests/test_locks.py"),
    "I8": _elsewhere("leaks", "tests/simulation/test_simulation.py"),
}
POSSIBLE = tuple((name, state) for name, row in ROWS.items() for state in row.states)


def kinds_of(row: str) -> list[str]:
    """The kinds of fault that stand for a row."""
    return [kind for kind, fault in FAULTS.items() if fault.table == row]


def counted(pairs: Mapping[tuple[str, str], int]) -> Counter[tuple[str, State]]:
    """How often each row struck in each state, from how often each kind did."""
    rows: Counter[tuple[str, State]] = Counter()
    for (kind, state), times in pairs.items():
        rows[FAULTS[kind].table, State(state)] += times
    return rows


def covered(pairs: Mapping[tuple[str, str], int]) -> float:
    """The share of the possible pairs that were seen."""
    seen = counted(pairs)
    return sum(seen[pair] > 0 for pair in POSSIBLE) / len(POSSIBLE)


def asked(runs: int) -> float:
    """The share of the pairs that so many runs have to see."""
    turn = AIMED_EVERY * len(POSSIBLE)
    if runs <= turn:
        return COVERED_IN_A_TURN * runs / turn
    on = min(1.0, (runs - turn) / (COVERED_FROM_RUNS - turn))
    return COVERED_IN_A_TURN + on * (COVERED_MIN - COVERED_IN_A_TURN)


def kinds_asked(runs: int) -> float:
    """The share of the kinds of boundary that so many runs have to cross."""
    return 1.0 if runs >= ALL_KINDS_FROM_RUNS else KINDS_MIN * runs / ALL_KINDS_FROM_RUNS


def grid(pairs: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """The table: rows down, states across; what cannot be is a dot, with its reason at the end."""
    seen = counted(pairs)
    yield f"{'':4}" + "".join(f"{_SHORT[state]:>7}" for state in ALL)
    for name, row in ROWS.items():
        if row.states:
            cells = "".join(f"{_cell(seen[name, state], state in row.states):>7}" for state in ALL)
            yield f"{name:4}{cells}  {row.what}{f' (.: {row.why})' if row.why else ''}"
    for name, row in ROWS.items():
        if not row.states:
            yield f"{name:4} n/a  {row.what}: {row.why}"


def _cell(times: int, possible: bool) -> str:
    if not possible:
        return "."
    if times == 0:
        return "MISSING"
    return str(times) if times < 10_000 else f"{times // 1_000}k"
