"""Bugs planted into a copy of the product, each of which the simulation must find.

A harness that misses one is itself broken. A plant is an exact piece of text and its replacement;
one that does not apply any more is an error, so plants follow the product as it changes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.plant import Edit, Plant
from tests.simulation.plants_agents import AGENT_PLANTS
from tests.simulation.plants_hard import HARD_PLANTS
from tests.simulation.plants_own import OWN_PLANTS
from tests.simulation.plants_surfaces import SURFACES_PLANTS
from tests.simulation.plants_vendors import VENDOR_PLANTS
from tests.simulation.plants_wishes import WISHES_PLANTS

ROOT = Path(__file__).resolve().parents[2]
KNOWN = ROOT / "tests" / "corpus" / "plants.json"
PRODUCT = ("bot", "domain", "gateways", "handlers", "storage", "tests/__init__.py")
SEEDS_MAX = 1_000
TIMEOUT_S = 1_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of one plant: the seed that found it, the invariant that did not hold."""

    plant: Plant
    seeds: int
    seed: int | None
    violation: str


PLANTS: tuple[Plant, ...] = (
    *VENDOR_PLANTS,
    *HARD_PLANTS,
    *WISHES_PLANTS,
    *SURFACES_PLANTS,
    *OWN_PLANTS,
    *AGENT_PLANTS,
    Plant(
        name="a delivery that came before counts again",
        file="storage/requests.py",
        text="    if noted.changed == 1:\n        return None\n",
        becomes="    if noted.changed <= 1:\n        return None\n",
    ),
    Plant(
        name="an interrupted post is taken for sent",
        file="storage/lanes.py",
        text="UPDATE outbox SET due_at = :now, owner = NULL",
        becomes="UPDATE outbox SET state = 'sent', due_at = :now, owner = NULL",
    ),
    Plant(
        name="a post is marked as sent before it is posted",
        file="storage/lanes.py",
        text="UPDATE outbox SET state = 'sending', owner = :owner",
        becomes="UPDATE outbox SET state = 'sent', owner = :owner",
    ),
    Plant(
        name="a doubtful post is not looked for",
        file="bot/notifier/effects.py",
        text="if due.doubtful else None",
        becomes="if False else None",
    ),
    Plant(
        name="a look that was refused ends the doubt",
        file="bot/notifier/effects.py",
        text="        if in_doubt and verdict.state is Sending.TODO:\n",
        becomes="        if in_doubt and not due:\n",
    ),
    Plant(
        name="whoever is let in forgets what was in doubt",
        where="shown_out_in_doubt",
        file="storage/fallbacks.py",
        text="CASE WHEN tries > 0 THEN 'unknown' ELSE 'todo' END",
        becomes="'todo'",
    ),
    Plant(
        name="a post is looked for only after our own clock's time",
        where="clock_ahead_in_doubt",
        file="bot/slack.py",
        text="        return self._time.now()\n",
        becomes="        return self._time._clock.now()\n",
    ),
    Plant(
        name="what a clock that was set back strands is not brought forward",
        file="storage/sweeping.py",
        text="    stranded = bring_forward(db, now=now)\n",
        becomes="    stranded = 0\n",
    ),
    Plant(
        name="a refused token is tried again and again",
        where="away_at_the_outcome",
        file="bot/silence.py",
        text="        if isinstance(answer, TurnedAway) and answer.code in DEAD:\n",
        becomes="        if isinstance(answer, TurnedAway) and not answer.code:\n",
    ),
    Plant(
        name="a submit is begun although nobody can be told",
        file="storage/intents.py",
        text="    if is_silent(db, execution.team_id):\n",
        becomes="    if is_silent(db, execution.id):\n",
    ),
    Plant(
        name="the intent is not written before the submit",
        file="storage/intents.py",
        text="    if not compare_and_set(db, before, after):\n        raise Outrun\n",
        becomes="",
    ),
    Plant(
        name="each try on the wire has a key of its own",
        file="bot/engine/wording.py",
        text="        key=sent.key,\n",
        becomes='        key=f"{sent.key}-{sent.attempt}",\n',
    ),
    Plant(
        name="money is reserved in a transaction of its own",
        file="storage/intents.py",
        text=" or _reserve(db, before, intended, at.now, caps)",
        becomes="",
        also=(
            Edit(
                file="bot/engine/steps.py",
                text="            return await self._database.run(intend, execution, intended,"
                " self._moment(), caps)\n",
                becomes="            sent = await self._database.run(intend, execution, intended,"
                " self._moment(), caps)\n"
                "            if sent is not None:\n"
                "                await self._database.run(reserve, sent.team_id, intended.month,"
                " amount_micro_usd=sent.estimate_micro_usd,"
                " budget_micro_usd=caps.budget_micro_usd)\n"
                "            return sent\n",
            ),
            Edit(
                file="bot/engine/steps.py",
                text="from storage.intents import",
                becomes="from storage.budgets import reserve\nfrom storage.intents import",
            ),
        ),
    ),
    Plant(
        name="an intent that was outrun keeps its money",
        where="called_off_at_the_last_moment",
        file="storage/intents.py",
        text="        raise Outrun\n",
        becomes="        return None\n",
    ),
    Plant(
        name="an uncertain submit is sent again",
        file="domain/submitting.py",
        text="        case Uncertain(reason):\n            return _doubted(before, reason, at)\n",
        becomes="        case Uncertain(reason):\n            return _again(before,"
        " Hold.GATEWAY_DOWN, Failure(kind=FailureClass.TRANSIENT, detail=reason), at)\n",
    ),
    Plant(
        name="a lost answer is taken for not sent",
        file="gateways/classify.py",
        text="    httpx.PoolTimeout,\n",
        becomes="    httpx.PoolTimeout,\n    httpx.RemoteProtocolError,\n",
    ),
    Plant(
        name="a timeout is taken for not sent",
        file="gateways/classify.py",
        text="    httpx.PoolTimeout,\n",
        becomes="    httpx.PoolTimeout,\n    TimeoutError,\n",
    ),
    Plant(
        name="a server error is taken for a refusal",
        file="gateways/classify.py",
        text="    if answer.status not in _REFUSAL_STATUSES or failure is None:\n",
        becomes="    if answer.status >= 500:\n"
        '        return NotSent(f"HTTP {answer.status}")\n'
        "    if answer.status not in _REFUSAL_STATUSES or failure is None:\n",
    ),
    Plant(
        name="a submit that was interrupted is sent again",
        file="domain/execution.py",
        text='_in(before, State.SUBMITTING), Uncertain("stopped before the answer came"), at',
        becomes='_in(before, State.SUBMITTING), NotSent("stopped before the answer came"), at',
    ),
    Plant(
        name="a stale version is accepted",
        file="storage/executions.py",
        text="    return db.execute(UPDATE_EXECUTION, fenced).changed == 1\n",
        becomes="    fenced['fence'] = (db.execute('SELECT version FROM execution WHERE id = :id',"
        " {'id': after.id}).one() or {})['version']\n"
        "    return db.execute(UPDATE_EXECUTION, fenced).changed == 1\n",
    ),
    Plant(
        name="the undo window is ignored",
        file="storage/intents.py",
        text="    if now < execution.not_before:\n",
        becomes="    if now < execution.not_before - 3600:\n",
    ),
    Plant(
        name="the budget is not looked at",
        file="storage/budgets.py",
        text='            " AND reserved_micro_usd + spent_micro_usd + :amount <= :budget",\n',
        becomes='            " AND :budget >= 0",\n',
    ),
    Plant(
        name="money is released on doubt",
        file="domain/submitting.py",
        text="        unknown_since=since,\n        due_at=look_at,\n",
        becomes="        unknown_since=since,\n        reserved_micro_usd=0,\n"
        "        due_at=look_at,\n",
    ),
    Plant(
        name="released money stays reserved in the month",
        file="storage/budgets.py",
        text="    if reserved == 0 and spent == 0:\n",
        becomes="    if spent == 0:\n",
    ),
    Plant(
        name="a late result is dropped",
        file="domain/watching.py",
        text="        case Finished():\n            tries",
        becomes="        case Finished() if before.state is State.LATE:\n"
        "            return end(before, State.EXPIRED, at)\n"
        "        case Finished():\n            tries",
    ),
    Plant(
        name="an expired link ends the render",
        file="domain/watching.py",
        text="    again = replace(\n        before,\n        tries",
        becomes="    if event.expired:\n"
        "        return end(before, State.EXPIRED, at)\n"
        "    again = replace(\n        before,\n        tries",
    ),
    Plant(
        name="one look after a day away decides",
        file="domain/watching.py",
        text="    if looks >= looks_max:\n",
        becomes="    if looks:\n",
    ),
    Plant(
        name="a look that got no answer says that it is not done",
        file="domain/watching.py",
        text="_still(unread, at, delay_s, looks_max=OVERDUE_UNANSWERED)",
        becomes="_still(unread, at, delay_s, looks_max=1)",
    ),
    Plant(
        name="a message that can't be edited any more loses its place",
        file="storage/edits.py",
        text='        "UPDATE message SET digest = NULL, edit_tries',
        becomes='        "UPDATE message SET ts = NULL, digest = NULL, edit_tries',
    ),
    Plant(
        name="a turn that was not written keeps its claim",
        where="without_storage_for_a_moment",
        file="bot/turns.py",
        text="        while not self._stopping:\n            await self._clock.sleep(GIVE",
        becomes="        while self._wake is None:\n            await self._clock.sleep(GIVE",
    ),
    Plant(
        name="what was not written is taken for not said",
        file="storage/give_back.py",
        text="SET state = 'unknown', owner = NULL, due_at = :until",
        becomes="SET state = 'todo', owner = NULL, due_at = :until",
    ),
    Plant(
        name="a slot that is freed wakes nobody",
        file="storage/waiting.py",
        text="    if free <= 0:\n",
        becomes="    if free <= 100:\n",
    ),
    Plant(
        name="the ack leaves before the commit",
        file="bot/app.py",
        text="process_before_response=True",
        becomes="process_before_response=False",
    ),
    Plant(
        name="an outcome is a new message",
        file="bot/notifier/edits.py",
        text="            await self._slack.edit(due.channel, due.ts, message)\n        except",
        becomes="            await self._slack.post(due.channel, message, mark=due.message_id)\n"
        "        except",
    ),
    Plant(
        name="an upload is not looked for before it is repeated",
        file="bot/notifier/uploader.py",
        text="        if due.slack_ref is not None:\n",
        becomes="        if due.slack_ref is not None and not due:\n",
    ),
    Plant(
        name="all videos of a workspace share one key",
        file="bot/engine/courier.py",
        text='return f"videos/{execution.team_id}/{_stem(execution, number)}.{container}"',
        becomes='return f"videos/{execution.team_id}/video.{container}"',
    ),
    Plant(
        name="another's id is accepted",
        where="given_anothers_id",
        file="storage/answers.py",
        text="    return row is not None\n",
        becomes="    return False\n",
    ),
    Plant(
        name="people's text is not escaped",
        file="handlers/views/text.py",
        text="    return escaped(visible)\n",
        becomes="    return visible\n",
    ),
    Plant(
        name="a cancelled take is sent all the same",
        file="domain/execution.py",
        text="    if before.state in UNPAID:\n        stopped",
        becomes="    if before.state is State.PREPARING:\n        stopped",
    ),
    Plant(
        name="an uncertain take says nothing of money",
        file="handlers/views/failure_words.py",
        text='return f"may have been charged, ',
        becomes='return f"is not known, ',
    ),
    Plant(
        name="a lane is told twice at once when the clock is set",
        file="bot/notifier/notifier.py",
        text="        before = [task for task, turn in under_way.items() if _lane(turn)",
        becomes="        before = [task for task, turn in () if _lane(turn)",
    ),
    Plant(
        name="the same words start twice",
        file="storage/requests.py",
        text='    return any(WORK.validate_json(row["work"]) == arrival.work for row in rows)\n',
        becomes="    return False\n",
    ),
    Plant(
        name="a price is paid without a yes",
        file="storage/intents.py",
        text="    if not execution.confirmed:\n",
        becomes="    if not execution:\n",
    ),
    Plant(
        name="a take is paid before its message is there",
        file="storage/intents.py",
        text='    if message is None or message["ts"] is None:\n',
        becomes="    if message is None:\n",
    ),
    Plant(
        name="a vendor's words are kept with our key in them",
        file="gateways/redact.py",
        text="    for secret in sorted(_worth_hiding(secrets), key=len, reverse=True):\n",
        becomes="    for secret in ():\n",
    ),
    Plant(
        name="fal's key goes to where fal keeps its files",
        file="gateways/fal.py",
        text='            "authorization": token,\n',
        becomes='            "authorization": self._rest._headers["authorization"],\n',
    ),
    Plant(
        name="an edit without an answer is taken for made",
        file="bot/notifier/edits.py",
        text="            await self.broke(due)\n            return\n",
        becomes="",
    ),
    Plant(
        name="a late one is looked for without end",
        file="domain/watching.py",
        text="    expires_at = deadline + LATE_WATCH_S\n",
        becomes="    expires_at = deadline + 10 * LATE_WATCH_S\n",
    ),
    Plant(
        name="what was kept back is not posted when we are let in",
        file="storage/fallbacks.py",
        text="state = 'blocked' RETURNING team_id, channel",
        becomes="state = 'nothing' RETURNING team_id, channel",
    ),
)


def known_seeds() -> dict[str, int]:
    """The seed that found each plant when all were last looked for, by the plant's name."""
    known: dict[str, int] = json.loads(KNOWN.read_text("utf-8")) if KNOWN.exists() else {}
    return known


def keep_seeds(seeds: Mapping[str, int]) -> None:
    """Write them down, those of plants that there are."""
    names = {plant.name for plant in PLANTS}
    kept = {name: seed for name, seed in sorted(seeds.items()) if name in names}
    KNOWN.write_text(f"{json.dumps(kept, indent=1)}\n", "utf-8")


def find(plant: Plant, known: int | None = None, *, seeds_max: int = SEEDS_MAX) -> Found:
    """Plant it into a copy, and run seeds there (its predicament's, if it names one) until one
    fails, `known` first."""
    first = () if known is None else ("--seed", str(known))
    where = ("--where", plant.where) if plant.where else ()
    asked = ("--first", str(seeds_max), *first, *where, "--no-corpus")
    with planted(plant) as copy:
        done = subprocess.run(
            (sys.executable, "-m", "tests.simulation", *asked),
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise RuntimeError(f"{plant.name}: the simulation broke\n{done.stderr[-2000:]}")
    said = json.loads(lines[-1])
    return Found(
        plant=plant, seeds=said["seeds"], seed=said["seed"], violation=said["violation"] or ""
    )


@contextmanager
def planted(plant: Plant) -> Iterator[Path]:
    """A copy of the product with the bug in it. Raises ValueError where it does not apply."""
    folder = Path(tempfile.mkdtemp(prefix="dailies-plant-"))
    try:
        for name in PRODUCT:
            _copy(ROOT / name, folder / name)
        _copy(ROOT / "tests" / "simulation", folder / "tests" / "simulation")
        for edit in (plant, *plant.also):
            file = folder / edit.file
            written = file.read_text("utf-8")
            if edit.text not in written:
                raise ValueError(f"{plant.name}: {edit.file} has changed, the plant does not apply")
            file.write_text(written.replace(edit.text, edit.becomes), "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
