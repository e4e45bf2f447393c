"""What must be true once everything is quiet: counted at the vendors' ledger, in the channels, and
(read-only) in the database. Every violation is a sentence that names what it is about."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.catalog import dedupe_of
from domain.offer import Dedupe
from tests.kill.people import Command, Reply, Wire, mark_of
from tests.kill.stage import Json

TABLES = ("shot", "request", "instruction", "execution", "outcome", "video", "message", "outbox")
# What the first words of a terminal take message may be, by outcome.
SAYS = {
    "succeeded": ("Done",),
    "failed": ("Not made",),
    "cancelled": ("Cancelled",),
    "uncertain": ("Uncertain", "Checking"),
}
MAY_BE_CHARGED = "may have been charged"


@dataclass(frozen=True)
class World:
    """Everything there is to count. `rows` are the database's tables, `messages` by channel id."""

    commands: Sequence[Command]
    replies: Sequence[Reply]
    wire: Wire
    rows: dict[str, list[Json]]
    messages: dict[str, list[Json]]
    ledger: Sequence[Json]


@dataclass
class Count:
    """The figures, and what is wrong."""

    figures: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


def read_rows(database: Path) -> dict[str, list[Json]]:
    """All rows of a database that nobody writes now. Raises AssertionError for a broken one."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        assert integrity == "ok", integrity
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
            for table in TABLES
        }
    finally:
        connection.close()


def count(world: World) -> Count:
    """Count everything."""
    ledger_ids = Counter((entry["gateway"], entry["id"]) for entry in world.ledger)
    outcomes = Counter(row["kind"] for row in world.rows["outcome"])
    accepted = [command for command in world.commands if command.accepted]
    heard = [reply for reply in world.replies if any(world.wire.event_acks(reply.ts))]
    violations = [
        *_commands(world),
        *_replies(world, heard),
        *_outcomes(world),
        *_payments(world),
        *(f"the ledger has {key} twice" for key, n in ledger_ids.items() if n > 1),
        *_marks(world),
        *_takes(world),
        *_files(world),
        *_outbox(world),
    ]
    figures = {
        "commands": len(world.commands),
        "commands_accepted": len(accepted),
        "commands_refused": sum(command.refused for command in world.commands),
        "replies": len(world.replies),
        "replies_accepted": len(heard),
        "requests": len(world.rows["request"]),
        "payments": len(world.ledger),
        **{kind: outcomes[kind] for kind in SAYS},
        "uncertain_paid": len(_uncertain_paid(world)),
        "messages": sum(len(messages) for messages in world.messages.values()),
    }
    return Count(figures, violations)


def _commands(world: World) -> Iterator[str]:
    """Each accepted command is one request; each other one is at most one."""
    prompts = Counter(
        prompt_of(row["work"]) for row in world.rows["request"] if row["source"] == "command"
    )
    for command in world.commands:
        kept = prompts.pop(command.prompt, 0)
        if command.refused:
            yield f"“{command.prompt}” was refused: {command.words}"
        elif kept != 1 and (command.accepted or kept):
            yield f"“{command.prompt}” is {kept} requests"
    yield from (f"nobody asked for “{prompt}”" for prompt in prompts)


def _replies(world: World, heard: Iterable[Reply]) -> Iterator[str]:
    """Each reply whose delivery was acked is in exactly one take."""
    kept = Counter(row["ts"] for row in world.rows["instruction"])
    for reply in heard:
        if kept[reply.ts] != 1:
            yield f"reply {reply.ts} “{reply.words}” is in {kept[reply.ts]} takes"
    known = {row["request_id"] for row in world.rows["instruction"]}
    for row in world.rows["request"]:
        if row["source"] == "reply" and row["id"] not in known:
            yield f"take {row['id']} comes from no reply"


def _outcomes(world: World) -> Iterator[str]:
    """One execution and one outcome a request, and the outcome is what the execution says."""
    executions, outcomes = _by_request(world, "execution"), _by_request(world, "outcome")
    for request in world.rows["request"]:
        tried, ended = executions[request["id"]], outcomes[request["id"]]
        if len(tried) != 1 or len(ended) != 1:
            yield f"{request['id']} has {len(tried)} executions and {len(ended)} outcomes"
        elif tried[0]["state"] != ended[0]["kind"] or ended[0]["kind"] not in SAYS:
            yield f"{request['id']} is {tried[0]['state']} but was told as {ended[0]['kind']}"


def _payments(world: World) -> Iterator[str]:
    """At most one payment a request, none without one, and each is bound to its execution, but for
    doubts at a gateway that cannot be asked."""
    executions = {
        prompt_of(row["work"]): _by_request(world, "execution")[row["id"]][0]
        for row in world.rows["request"]
    }
    paid: defaultdict[str, list[Json]] = defaultdict(list)
    for entry in world.ledger:
        paid[paid_prompt(entry["input"])].append(entry)
    for prompt, entries in paid.items():
        if len(entries) > 1:
            yield f"“{prompt}” was paid {len(entries)} times"
        if prompt not in executions:
            yield f"“{prompt}” was paid and nobody asked for it"
    for prompt, execution in executions.items():
        ids = {entry["id"] for entry in paid[prompt]}
        if execution["state"] == "uncertain":
            if ids and dedupe_of(execution["offer"]) is not Dedupe.NONE:
                yield f"“{prompt}” is uncertain, and its gateway knows it as {ids}"
        elif execution["remote_id"] not in (ids or {None}):
            yield f"“{prompt}” is {execution['state']} as {execution['remote_id']}, paid as {ids}"


def _uncertain_paid(world: World) -> list[str]:
    """The uncertain requests that the vendor did accept: each would have been a second payment."""
    paid = {paid_prompt(entry["input"]) for entry in world.ledger}
    doubtful = {row["request_id"] for row in world.rows["outcome"] if row["kind"] == "uncertain"}
    return [
        row["id"]
        for row in world.rows["request"]
        if row["id"] in doubtful and prompt_of(row["work"]) in paid
    ]


def _marks(world: World) -> Iterator[str]:
    """No card, take message, word or broadcast is there twice."""
    marks = Counter(mark_of(message) for _, message in _ours(world) if mark_of(message))
    yield from (f"{mark} is there {n} times" for mark, n in marks.items() if n > 1)
    told = {f"{row['subject_id']}/{row['version']}/{row['kind']}" for row in world.rows["outbox"]}
    yield from (f"nobody wrote {mark} down" for mark in marks if mark not in told)


def _takes(world: World) -> Iterator[str]:
    """Every request has one take message in its shot's thread, and it says the outcome."""
    shown = {(channel, message["ts"]): message for channel, message in _ours(world)}
    rows = {row["request_id"]: row for row in world.rows["message"] if row["kind"] == "take"}
    cards = {row["shot_id"]: row for row in world.rows["message"] if row["kind"] == "card"}
    outcomes = {row["request_id"]: row["kind"] for row in world.rows["outcome"]}
    for request in world.rows["request"]:
        row, card = rows[request["id"]], cards[request["shot_id"]]
        message = shown.get((row["channel"], row["ts"]))
        if message is None or (card["channel"], card["ts"]) not in shown:
            yield f"{request['id']} has no message in Slack"
            continue
        if message.get("thread_ts") != card["ts"]:
            yield f"{request['id']} was told in another thread"
        kind, text = outcomes.get(request["id"], ""), message["text"]
        if not text.startswith(SAYS.get(kind, ())):
            yield f"{request['id']} is {kind}, its message says “{text[:60]}”"
        if kind == "uncertain" and MAY_BE_CHARGED not in text:
            yield f"{request['id']} is uncertain and does not say “{MAY_BE_CHARGED}”"


def _files(world: World) -> Iterator[str]:
    """One file for each success, one broadcast for each shot with one, and nothing else."""
    shared = Counter(
        file["id"] for _, message in _ours(world) for file in message.get("files") or []
    )
    videos = {row["slack_file_id"]: row["request_id"] for row in world.rows["video"]}
    succeeded = {row["request_id"] for row in world.rows["outcome"] if row["kind"] == "succeeded"}
    for request_id in succeeded - set(videos.values()):
        yield f"{request_id} succeeded without a file"
    for file_id, n in shared.items():
        if n != 1 or file_id not in videos:
            yield f"file {file_id} of {videos.get(file_id)} is there {n} times"
    missing = [request for file_id, request in videos.items() if file_id not in shared]
    yield from (f"the file of {request} is not in Slack" for request in missing)
    broadcasts = Counter(
        message["thread_ts"]
        for _, message in _ours(world)
        if mark_of(message).endswith("/broadcast")
    )
    shots = {row["id"]: row["shot_id"] for row in world.rows["request"]}
    cards = {row["shot_id"]: row["ts"] for row in world.rows["message"] if row["kind"] == "card"}
    shown = {cards[shots[request_id]] for request_id in succeeded & shots.keys()}
    for ts in shown | set(broadcasts):
        if broadcasts[ts] != (ts in shown):
            yield f"thread {ts} was broadcast {broadcasts[ts]} times"


def _outbox(world: World) -> Iterator[str]:
    """Everything that was to be told was told."""
    for row in world.rows["outbox"]:
        if row["state"] != "sent":
            yield f"{row['kind']} of {row['subject_id']} is {row['state']}"


def _by_request(world: World, table: str) -> defaultdict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in world.rows[table]:
        found[row["request_id"]].append(row)
    return found


def _ours(world: World) -> Iterator[tuple[str, Json]]:
    """The bot's messages, each with its channel."""
    for channel, messages in world.messages.items():
        yield from ((channel, message) for message in messages if message.get("bot_id"))


def prompt_of(work: str) -> str:
    """What is shown, or spoken."""
    asked = json.loads(work)
    return str(asked["prompt"] if "prompt" in asked else asked["scenes"][0]["script"])


def paid_prompt(paid: dict[str, Any]) -> str:
    """HeyGen's workflow wraps its input, fal's queue does not; Runware and an avatar's video have
    names of their own for it."""
    inner = paid.get("input", paid)
    return str(next(inner[name] for name in _PROMPTS if name in inner))


_PROMPTS = ("prompt", "positivePrompt", "script")
