"""What holds for talks with an agent: each thing that a person says reaches one session once, and
the right one; each thing that an agent asks is shown once, where it belongs, and costs nothing; and
nobody is left asking who could still make what nobody fetches. It rests on what people typed, the
acks they got, what the sessions heard and what Slack shows (S1, S3, S4, S8, S10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.errors import Failure
from domain.execution import State
from domain.offer import Dedupe
from domain.spoken import CONTINUES, QUESTION, Agent
from domain.submitting import DOUBT_WINDOW_S
from storage.rows import WORK
from tests.simulation import heard, results
from tests.simulation.plan import Ending
from tests.simulation.vendor_heygen import AGENTS

if TYPE_CHECKING:
    from tests.simulation.ledger import Accepted
    from tests.simulation.vendor_agents import Session, Turn
    from tests.simulation.world import World

ASKED = "Needs an answer"
_TAKES = (
    "SELECT request.id, request.requester, request.take, shot.number, shot.team_id,"
    " execution.id AS execution_id, execution.state, execution.work, execution.failure,"
    " execution.remote_id, execution.due_at, execution.reserved_micro_usd,"
    " execution.billed_micro_usd, execution.cancel_requested_at, message.ts FROM request"
    " JOIN shot ON shot.id = request.shot_id"
    " JOIN execution ON execution.request_id = request.id"
    " LEFT JOIN message ON message.request_id = request.id"
)
_NEWEST = f"{_TAKES} WHERE execution.id = {results.LATEST}"
_LOOKED_FOR = "SELECT id, due_at FROM execution WHERE state IN ('uncertain', 'submitting')"


@dataclass(slots=True, kw_only=True)
class Line:
    """One thing that a person says to an agent. `word` is in nothing else that anybody says."""

    key: str
    word: str
    user: str
    place: tuple[str, str]
    said_at: float = 0.0
    is_known: bool = False
    acked_at: float | None = None


class Talks:
    """All that was said, and what became of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines: dict[str, Line] = {}

    def said(self, line: Line) -> None:
        """Somebody writes it in the thread of a card."""
        line.said_at = self._world.loop.time()
        self._lines[line.key] = line

    def acked(self, key: str) -> None:
        """It will not be brought again: now it is the bot's to do, if it can know whose it is."""
        line = self._lines.get(key)
        if line is not None and line.acked_at is None:
            line.acked_at = self._world.loop.time()
            known = "SELECT 1 FROM message WHERE channel = ? AND ts = ? AND kind = 'card'"
            line.is_known = bool(self._world.rows(known, *line.place))

    def are_found(self) -> bool:
        """Whether no submit is being looked for that a session has heard, and still tells."""
        if not self._sessions or not self._world.healed_at:
            return True
        return not any(row["due_at"] is not None for row in self._unfound())

    def waits_s(self) -> float:
        """How long a message may wait for one before it of which nobody knows what became."""
        in_doubt = self._sessions and self._world.checker.doubts.first_at is not None
        return DOUBT_WINDOW_S[Dedupe.LATE_BIND] if in_doubt else 0.0

    def hold(self) -> None:
        """Everything that must hold at quiescence."""
        if not self._sessions and not self._lines:
            return
        takes = self._world.rows(_NEWEST)
        self._reach_once()
        for session in self._sessions.values():
            for turn in session.turns:
                self._is_told(session, turn, takes)
        if self._world.restored_at is not None:
            return
        for line in self._lines.values():
            self._came_to_something(line, takes)
        for take in takes:
            self._is_in_its_place(take)
        self._shown_as_asked(takes)
        self._began_anew_rightly()
        for row in self._unfound() if not self._is_out_of_time() else ():
            self._breach("LATE", f"{row['id']} was begun, and is not looked for any more")

    @property
    def _sessions(self) -> dict[str, Session]:
        return self._world.vendors.agents.sessions

    def _reach_once(self) -> None:
        """S4: no session hears a thing twice, and no two of them hear it said anew."""
        for line in self._lines.values():
            heard_by = [
                (session, turn)
                for session in self._sessions.values()
                for turn in session.turns
                if line.word in turn.text and not self._world.forgot(turn.entry.at)
            ]
            messages = [turn for session, turn in heard_by if turn is not session.turns[0]]
            if len(messages) > 1:
                self._breach("S4", f"{line.word} was said {len(messages)} times")
            named = [session.id for session, _ in heard_by]
            for name in sorted({name for name in named if named.count(name) > 1}):
                self._breach("S4", f"{name} heard {line.word} {named.count(name)} times")

    def _came_to_something(self, line: Line, takes: list[dict[str, Any]]) -> None:
        """S1: what was acked is a take, or a word to whoever said it."""
        if line.acked_at is None or not line.is_known:
            return
        if any(line.word in take["work"] for take in takes) or self._was_answered(line):
            return
        unsaid = "SELECT 1 FROM outbox WHERE subject_id = ? AND state = 'failed'"
        if self._world.rows(unsaid, line.key) and self._is_shut_out():
            return
        self._breach("S1", f"{line.word} was acked, came to no take, and nobody was told")

    def _was_answered(self, line: Line) -> bool:
        slack = self._world.slack
        whispered = any(w.user == line.user and w.at >= line.said_at for w in slack.whispers)
        directly = (m for m in slack.messages.values() if m.channel == f"D{line.user}")
        return whispered or any(m.texts and m.texts[0][0] >= line.said_at for m in directly)

    def _is_in_its_place(self, take: dict[str, Any]) -> None:
        """S8: what a take is made of was said to its own session, and all of it."""
        work, entry = WORK.validate_json(take["work"]), self._entry(take)
        if not isinstance(work, Agent) or entry is None or entry.vendor != "api.heygen.com":
            return
        body = json.dumps(entry.order.body)
        for line in self._lines.values():
            if line.word in work.prompt and line.word not in body:
                self._breach("S8", f"{entry.remote_id} never heard {line.word}")
        if work.continues is None:
            return
        begun = self._world.rows("SELECT id FROM execution WHERE request_id = ?", work.continues)
        own = {e.remote_id for row in begun for e in self._world.vendors.paid_for(row["id"])}
        told = entry.order.endpoint.removeprefix(AGENTS).strip("/")
        if told not in own:
            self._breach("S8", f"{entry.remote_id} was said to {told or 'a new session'}")

    def _is_told(self, session: Session, turn: Turn, takes: list[dict[str, Any]]) -> None:
        """S3 and S10: a question of a conversation is its take's outcome, and costs nothing. S4:
        whoever asks where nobody can answer is stopped."""
        of_turn = [take for take in takes if take["execution_id"] == turn.entry.execution_id]
        if not turn.asks or not of_turn or self._world.forgot(turn.entry.at):
            return
        take = of_turn[0]
        failure = _failure(take)
        is_question = failure is not None and failure.field == QUESTION
        if take["state"] == State.SUCCEEDED:
            self._breach("S9", f"{take['id']} is done, and {turn.entry.remote_id} asks something")
        goes_on = not (turn.entry.asked_to_stop or self._world.vendors.agents.is_lost(session))
        if take["state"] == State.FAILED and not session.chat and goes_on:
            self._breach("S4", f"{session.id} is left asking, and {take['id']} is given up")
        if is_question and session.chat and not take["cancel_requested_at"]:
            if take["reserved_micro_usd"] or take["billed_micro_usd"]:
                self._breach("S10", f"{take['id']} is a question and counts for money")
            self._is_shown(turn, take)

    def _is_shown(self, turn: Turn, take: dict[str, Any]) -> None:
        """S3: once, in its own take's message."""
        if self._world.restored_at is not None:
            return
        mine = [m for m in self._world.slack.of(f"take:{take['id']}") if not m.deleted]
        if any(m.stuck is not None for m in mine) or take["ts"] is None:
            mine = [m for m in mine if m.ts == take["ts"]] or mine
            if heard.directly(self._world, take):
                return
        shown = sum(_says(m.blocks, turn.asks) for m in mine)
        if shown != 1 and not (self._is_shut_out() and heard.directly(self._world, take)):
            self._breach("S3", f"{turn.asks} of {take['id']} is shown {shown} times")

    def _shown_as_asked(self, takes: list[dict[str, Any]]) -> None:
        """S8: nobody is asked what their agent did not ask."""
        asked = {turn.asks: turn for s in self._sessions.values() for turn in s.turns if turn.asks}
        for take in takes:
            ours = [m for m in self._world.slack.of(f"take:{take['id']}") if not m.deleted]
            entry = self._entry(take)
            is_asked = entry is not None and entry.ending is Ending.ASKS
            if any(m.text.startswith(ASKED) for m in ours) and not is_asked:
                stopped = entry is not None and entry.cancelled
                if not stopped:
                    self._breach("S3", f"{take['id']} needs an answer, and nobody asked anything")
            for name, turn in asked.items():
                of_another = turn.entry.execution_id != take["execution_id"]
                if of_another and any(_says(m.blocks, name) for m in ours):
                    self._breach("S8", f"{name} is shown in {take['id']}")

    def _began_anew_rightly(self) -> None:
        """S4: a conversation is begun anew where a session took no message, or never was."""
        refused = self._world.vendors.agents.refused
        for row in self._world.rows("SELECT id, work, failure FROM execution"):
            failure, work = _failure(row), WORK.validate_json(row["work"])
            if failure is None or failure.field != CONTINUES or row["id"] in refused:
                continue
            if not isinstance(work, Agent) or work.continues is None:
                continue
            root = "SELECT id FROM execution WHERE request_id = ?"
            doubtful = self._world.checker.doubts.told_of(work.continues)
            began = [
                entry
                for each in self._world.rows(root, work.continues)
                for entry in self._world.vendors.paid_for(each["id"])
            ]
            if began and not doubtful:
                self._breach("S4", f"{row['id']} was begun anew, {began[0].remote_id} goes on")

    def _unfound(self) -> Iterator[dict[str, Any]]:
        """Submits in doubt that a session heard, which still tells of them."""
        agents = self._world.vendors.agents
        for row in self._world.rows(_LOOKED_FOR):
            session = agents.heard_by(row["id"])
            if session is not None and not agents.is_lost(session):
                yield row

    def _is_shut_out(self) -> bool:
        """Whether Slack said no in a channel for good."""
        return any(self._world.faults.struck[kind] for kind in heard.FOR_GOOD)

    def _is_out_of_time(self) -> bool:
        """Whether our clock, or our being away, may have kept us from looking in time."""
        world = self._world
        return bool(world.clock.moved_s() or world.slept_s or world.plan.outage_s)

    def _entry(self, take: dict[str, Any]) -> Accepted | None:
        return self._world.vendors.by_id(take["remote_id"]) if take["remote_id"] else None

    def _breach(self, invariant: str, what: str) -> None:
        self._world.checker.breach(invariant, what)


def _says(blocks: list[dict[str, Any]], word: str) -> int:
    return int(word in json.dumps(blocks, default=str))


def _failure(row: dict[str, Any]) -> Failure | None:
    return Failure.model_validate_json(row["failure"]) if row["failure"] else None
