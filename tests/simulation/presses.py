"""What an acked press, or an acked `/video cancel`, promises: its effect is durable at once, and in
the end it is what was wished: what was called off is not paid after, told to its vendor, and never
shown as done (S1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.execution import ENDED, UNPAID, State
from handlers import ids
from tests.simulation import results
from tests.simulation.vendor_fal import HOST as FAL
from tests.simulation.vendor_heygen import AGENTS

if TYPE_CHECKING:
    from tests.simulation.ledger import Accepted
    from tests.simulation.spy import Change
    from tests.simulation.world import World

_VENDORS = ("submit.", "check.", "download.", "hook.", "upload.", "render.")
TOLD_WITHIN_S = 8.0  # a vendor that can be told to stop, where nothing disturbs
CAN_BE_CANCELLED = frozenset({*UNPAID, State.SUBMITTING, State.RUNNING, State.LATE, State.FETCHING})
_DISTURBS_A_CALL = ("check.", "vendor.", "db.", "crash", "cancel", "raise", "clock.", "outage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button, in the story of this token. `value` is what the button is about."""

    key: str
    token: str
    user: str
    action: str
    value: str
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff:
    """A take that somebody was told is being cancelled: in which state it was before that."""

    request_id: str
    state: State
    at: float


class Presses:
    """Every press and every `/video cancel`, by its delivery key."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.of: dict[str, Press] = {}
        self._cancels: dict[str, tuple[str, str, int | None]] = {}
        self._before: dict[str, dict[str, State]] = {}  # key → the takes it is about, and where
        self._cancelled_in: dict[str, State] = {}  # execution → where it was when that was written
        self._refused: dict[str, Press] = {}
        self._called_off: list[CalledOff] = []

    def cancels(self, key: str, user: str, channel: str, number: int | None) -> None:
        """Somebody types `/video cancel`, or `/video cancel V-<number>`."""
        self._cancels[key] = user, channel, number

    def delivered(self, key: str) -> None:
        """Slack brings it: what it is about is somewhere now."""
        if key in self._cancels:
            self._before.setdefault(key, self._open(*self._cancels[key]))
        elif key in self.of:
            value = self.of[key].value
            self._before.setdefault(key, self._states("request.id = ?", value))

    def moved(self, change: Change) -> None:
        """A step was committed. A press and a submit may race; whoever is written first has won."""
        if change.new["cancel_requested_at"] and not change.old["cancel_requested_at"]:
            self._cancelled_in[change.id] = State(change.old["state"])

    def acked(self, key: str) -> None:
        """From now on its effect is there, or a sentence why not is on its way."""
        if key in self._cancels:
            before = self._before[key]
            gone = [take for take in before if self._is_called_off(take)]
            of_all = self._cancels[key][2] is not None
            if before and len(gone) < (len(before) if of_all else 1):
                left = sorted(before.keys() - set(gone))
                self._world.checker.breach("S1", f"{key} was acked, and {left} are not cancelled")
            self._note(key, gone)
        elif key in self.of:
            self._pressed(self.of[key])

    def _pressed(self, press: Press) -> None:
        if self.has_a_sentence(press.key):
            self._refused[press.key] = press
        elif not self._holds(press):
            said = f"{press.action} of {press.value} ({press.key}) was acked and did nothing"
            self._world.checker.breach("S1", said)
        elif press.action == ids.CANCEL:
            self._note(press.key, [press.value])

    def _holds(self, press: Press) -> bool:
        """Whether what a press is for is written down."""
        rows, value = self._world.rows, press.value
        match press.action:
            case ids.CANCEL:
                return self._is_called_off(value)
            case ids.CONFIRM:
                newest = "SELECT confirmed, state FROM execution WHERE request_id = ?"
                last = rows(f"{newest} ORDER BY id DESC LIMIT 1", value)
                return any(row["confirmed"] or row["state"] in ENDED for row in last)
            case ids.APPROVE:
                approved = "SELECT 1 FROM shot JOIN request ON request.shot_id = shot.id"
                return bool(rows(f"{approved} WHERE request.id = ? AND approved = ?", value, value))
            case ids.VARIATION | ids.TRY_AGAIN:
                made = "SELECT 1 FROM request WHERE parent_id = ? AND requester = ?"
                return bool(rows(f"{made} AND source = 'button'", value, press.user))
            case ids.START_NOW:
                kept = "SELECT 1 FROM outbox WHERE state = 'blocked' AND shot_id ="
                return not rows(f"{kept} (SELECT shot_id FROM request WHERE id = ?)", value)
            case _:
                return press.trigger in self._world.slack.opened or self._is_disturbed()

    def _is_disturbed(self) -> bool:
        """Whether Slack, or what befell the bot, may have kept a modal from being opened."""
        return any(not kind.startswith(_VENDORS) for kind in self._world.faults.struck)

    def _is_called_off(self, request_id: str) -> bool:
        rows = self._world.rows(
            "SELECT state, cancel_requested_at FROM execution WHERE request_id = ?"
            " ORDER BY id DESC LIMIT 1",
            request_id,
        )
        return any(row["state"] in ENDED or row["cancel_requested_at"] for row in rows)

    def has_a_sentence(self, key: str) -> bool:
        """Whether why a delivery came to nothing is written down, to be told."""
        return bool(self._world.rows("SELECT 1 FROM outbox WHERE subject_id = ?", f"refused:{key}"))

    def _note(self, key: str, request_ids: list[str]) -> None:
        now = self._world.loop.time()
        for request_id in request_ids:
            state = self._called_off_when(key, request_id)
            if state is not None and state in CAN_BE_CANCELLED:
                called_off = CalledOff(request_id=request_id, state=state, at=now)
                self._called_off.append(called_off)

    def _called_off_when(self, key: str, request_id: str) -> State | None:
        """What it was when the cancel was written down: it may have moved on between the delivery
        and the ack, and what had ended by then was not called off."""
        newest = "SELECT id FROM execution WHERE request_id = ? ORDER BY id DESC LIMIT 1"
        for row in self._world.rows(newest, request_id):
            if row["id"] in self._cancelled_in:
                return self._cancelled_in[row["id"]]
        found = self._states("request.id = ?", request_id).get(request_id)
        return self._before.get(key, {}).get(request_id) if found is State.CANCELLED else found

    def _open(self, user: str, channel: str, number: int | None) -> dict[str, State]:
        """What `/video cancel` is about: all of a shot, or what this person has here."""
        about = "shot.number = ?" if number is not None else "request.requester = ?"
        found = self._states(
            f"{about} AND request.channel = ?", user if number is None else number, channel
        )
        return {take: state for take, state in found.items() if state in CAN_BE_CANCELLED}

    def _states(self, condition: str, *parameters: Any) -> dict[str, State]:
        rows = self._world.rows(
            "SELECT request.id, execution.state FROM request"
            " JOIN shot ON shot.id = request.shot_id"
            " JOIN execution ON execution.request_id = request.id"
            f" WHERE execution.id = {results.LATEST} AND {condition}",
            *parameters,
        )
        return {row["id"]: State(row["state"]) for row in rows}

    # When all is quiet.

    def hold(self) -> None:
        """What was called off came to nothing; whoever was refused something knows why."""
        for called_off in self._called_off:
            if not self._world.forgot(called_off.at):
                self._came_to_nothing(called_off)
        for press in self._refused.values():
            if not self.was_told_why(press.key, press.user):
                said = f"{press.action} of {press.value} was refused, and nobody was told why"
                self._world.checker.breach("S1", said)

    def _came_to_nothing(self, called_off: CalledOff) -> None:
        world, name = self._world, called_off.request_id
        state = self._states("request.id = ?", name).get(name)
        if state is State.SUCCEEDED:
            world.checker.breach(
                "S1", f"{name} was called off when {called_off.state}, and is done"
            )
        rows = world.rows("SELECT id FROM execution WHERE request_id = ?", name)
        for entry in (entry for row in rows for entry in world.vendors.paid_for(row["id"])):
            if called_off.state in UNPAID and entry.at > called_off.at:
                world.checker.breach("S4", f"{entry.remote_id} is paid after {name} was called off")
            if self._must_be_stopped(entry, called_off):
                world.checker.breach("S1", f"{entry.remote_id} was called off, its vendor not told")

    def _must_be_stopped(self, entry: Accepted, called_off: CalledOff) -> bool:
        struck = self._world.faults.struck
        calm = not any(kind.startswith(_DISTURBS_A_CALL) for kind in struck)
        known = called_off.state is State.RUNNING and entry.at < called_off.at
        lasts = entry.done_at > called_off.at + TOLD_WITHIN_S
        can = entry.vendor == FAL or entry.order.endpoint.startswith(AGENTS)
        can = can and not entry.asked_to_stop
        return calm and not self._world.crashes and known and lasts and can

    def was_told_why(self, key: str, user: str) -> bool:
        """Whether a person read it; or Slack would not take it."""
        whispered = any(whisper.user == user for whisper in self._world.slack.whispers)
        sent = "SELECT 1 FROM outbox WHERE subject_id = ? AND state = 'failed'"
        return whispered or bool(self._world.rows(sent, f"refused:{key}"))
