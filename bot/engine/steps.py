"""One step of one execution: look at its state, ask whoever must be asked, record what came of it.

A submit is written down before it is sent and classified after; its answer is recorded even if the
database has to be waited for, because money may have moved. Everything else can be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import structlog

from bot.callbacks import Callbacks
from bot.engine.breaker import Breaker
from bot.engine.courier import Courier
from bot.engine.prepare import Preparation
from bot.engine.wording import intent_of, remote_of, without_gateway
from bot.measures import Measures
from bot.metrics import Metrics
from domain.calendar import month_of
from domain.errors import StorageUnavailable
from domain.events import (
    CancelSent,
    Event,
    Held,
    Hold,
    Intended,
    LeaseLapsed,
    LookedUp,
    Unfetched,
)
from domain.execution import ENDED, Execution, Moment, State, advance
from domain.gateway import (
    Accepted,
    Cancellation,
    Earlier,
    NotSent,
    Submission,
    Uncertain,
    Unreadable,
)
from domain.offer import GatewayName
from domain.plans import Plan
from domain.ports import Clock, Database, Gateway, Ids, MediaStore
from domain.schedule import NO_HISTORY, Durations
from domain.shot import Video
from domain.spoken import Agent
from domain.standing import Reach
from domain.submitting import submit_key
from storage.answers import record_answer, record_broken, record_hold, record_transfer
from storage.conversations import read_conversation
from storage.hints import read_trace
from storage.intents import Caps, Outrun, intend
from storage.recording import record
from storage.silence import waits_for_slack

SUBMIT_TIMEOUT_S = 100.0  # HeyGen's own client waits 120 s for a write; p99 is 31 s
LOOK_UP_TIMEOUT_S = 30.0
SUBMIT_LEASE_S = 130.0  # longer than any submit can be on the wire
RECORD_RETRY_S = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the operator allows."""

    budget_micro_usd: int
    timezone: str
    min_free_bytes: int
    fallback_check_s: float
    roads_off: frozenset[str] = frozenset()
    heygen_plan: Plan | None = None


class Steps:
    """Takes executions one step further."""

    def __init__(
        self,
        *,
        database: Database,
        gateways: Mapping[GatewayName, Gateway],
        preparation: Preparation,
        courier: Courier,
        media: MediaStore,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        metrics: Metrics,
        callbacks: Callbacks | None = None,
    ) -> None:
        self._callbacks = callbacks
        self._database = database
        self._gateways = gateways
        self._preparation = preparation
        self._courier = courier
        self._media = media
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._metrics = metrics
        self._measures = Measures(database, clock, fallback_check_s=limits.fallback_check_s)
        self._stopping = False
        self.breakers = {name: Breaker(clock) for name in gateways}

    def stop(self) -> None:
        """Begin no submit any more: what is on the wire is enough to wait for."""
        self._stopping = True

    def reach(self) -> Reach:
        """Whom this process can reach now."""
        resting = {name for name, breaker in self.breakers.items() if breaker.is_open}
        return Reach(
            gateways=frozenset(self._gateways),
            resting=frozenset(resting),
            roads_off=self._limits.roads_off,
            heygen_plan=self._limits.heygen_plan,
            budget_micro_usd=self._limits.budget_micro_usd,
            timezone=self._limits.timezone,
        )

    async def step(self, execution: Execution) -> None:
        """One step. Raises `StorageUnavailable` where nothing could be written."""
        if execution.gateway not in self._gateways:
            await self._record(execution, without_gateway(execution))
            return
        match execution.state:
            case State.PREPARING:
                await self._prepare(execution)
            case State.QUEUED:
                await self._submit(execution)
            case State.SUBMITTING if execution.lease_until is not None:
                await self._record(execution, LeaseLapsed())
            case State.SUBMITTING | State.UNCERTAIN:
                await self._look_up(execution)
            case State.RUNNING | State.LATE:
                await self._check(execution)
            case State.FETCHING:
                await self._fetch(execution)
            case State.SUCCEEDED | State.FAILED | State.CANCELLED | State.EXPIRED:
                assert execution.state in ENDED
            case _:
                assert_never(execution.state)

    async def broke(self, execution: Execution, reason: str) -> None:
        """A step raised what nobody foresaw. Raises `StorageUnavailable`."""
        await self._database.run(record_broken, execution.id, reason, self._moment())

    async def _prepare(self, execution: Execution) -> None:
        now = self._clock.now()
        if await self._database.run(waits_for_slack, execution, now=now):
            return
        gateway = self._gateways[execution.gateway]
        prepared = await self._preparation.prepare(execution, gateway)
        await self._record_transfer(execution, prepared)

    async def _submit(self, execution: Execution) -> None:
        with self.breakers[execution.gateway].turn() as wait_s:
            now = self._clock.now()
            if wait_s > 0:
                held = Held(Hold.GATEWAY_DOWN, now + wait_s)
                await self._database.run(record_hold, execution, held, self._moment())
                return
            sent = await self._intend(execution, now)
            if sent is None:
                return
            answer = await self._send(sent)
            self.breakers[sent.gateway].note(broken=isinstance(answer, NotSent | Uncertain))
        self._metrics.submitted(sent.gateway, answer)
        log.info("submitted", execution=sent.id, offer=sent.offer, answer=type(answer).__name__)
        await self._record_surely(sent, answer)

    async def _send(self, sent: Execution) -> Submission:
        """Only within its lease: a machine that slept in between would send what is in doubt."""
        left_s = (sent.lease_until or 0.0) - self._clock.now()
        if left_s <= SUBMIT_TIMEOUT_S:
            return NotSent("its lease had nearly lapsed before it was sent")
        try:
            turns = await self._turns(sent)
        except StorageUnavailable as unread:
            return NotSent(unread.sentence)
        intent = intent_of(sent, self._callbacks, continues=turns)
        return await self._gateways[sent.gateway].submit(intent, timeout_s=SUBMIT_TIMEOUT_S)

    async def _turns(self, sent: Execution) -> tuple[Earlier, ...]:
        """The turns before it, where it is one of an agent's conversation."""
        if not isinstance(sent.work, Agent) or sent.work.continues is None:
            return ()
        return await self._database.run(read_conversation, sent)

    async def _intend(self, execution: Execution, now: float) -> Execution | None:
        """Write the intent down; None where it may not go now. What a stop keeps back is claimed,
        and due again at the next start."""
        intended = Intended(
            key=submit_key(self._ids.new("submit")),
            lease_until=now + SUBMIT_LEASE_S,
            month=month_of(now, self._limits.timezone),
        )
        caps = Caps(
            budget_micro_usd=self._limits.budget_micro_usd, disk_is_low=await self._disk_is_low()
        )
        if self._stopping:
            return None
        try:
            return await self._database.run(intend, execution, intended, self._moment(), caps)
        except Outrun:
            return None

    async def _look_up(self, execution: Execution) -> None:
        """Ask what became of a submit. Nobody holds anything back meanwhile: it may be paid."""
        trace = await self._database.run(read_trace, execution)
        turns = await self._turns(execution)
        intent = intent_of(execution, self._callbacks, trace, continues=turns)
        gateway = self._gateways[execution.gateway]
        answer = await gateway.look_up(intent, timeout_s=LOOK_UP_TIMEOUT_S)
        log.info("looked up", execution=execution.id, answer=type(answer).__name__)
        await self._record_surely(execution, LookedUp(answer))

    async def _check(self, execution: Execution) -> None:
        with self.breakers[execution.gateway].turn() as wait_s:
            if wait_s > 0:
                kept_back = Unreadable("the gateway is left alone for a while", wait_s)
                await self._record(execution, kept_back)
                return
            current = await self._cancel(execution) if _has_to_stop(execution) else execution
            if current is None:
                return
            progress = await self._gateways[current.gateway].check(remote_of(current))
            is_down = isinstance(progress, Unreadable) and progress.is_down
            self.breakers[current.gateway].note(broken=is_down)
        await self._record(current, progress)

    async def _cancel(self, execution: Execution) -> Execution | None:
        """Tell the gateway to stop. What it did not hear it is told again; None: outrun."""
        said = await self._gateways[execution.gateway].cancel(remote_of(execution))
        match said:
            case Cancellation.UNREADABLE:
                return execution
            case Cancellation.REQUESTED | Cancellation.TOO_LATE | Cancellation.NOT_OFFERED:
                told = advance(execution, CancelSent(), self._moment())
                written = await self._database.run(record, execution, told, self._moment())
                return told if written else None
            case _:
                assert_never(said)

    async def _fetch(self, execution: Execution) -> None:
        fetched = await self._courier.fetch(execution)
        if isinstance(fetched, Unfetched):
            log.warning("not fetched", execution=execution.id, reason=fetched.reason)
            await self._record_transfer(execution, fetched)
            return
        event, videos = fetched
        await self._record_transfer(execution, event, videos=videos)

    async def _record(self, before: Execution, event: Event) -> None:
        at = self._moment(await self._measures.durations(before.offer))
        after = advance(before, event, at)
        if not await self._database.run(record, before, after, at):
            log.info("outrun", execution=before.id, state=before.state, version=before.version)

    async def _record_transfer(
        self, before: Execution, event: Event, *, videos: Sequence[Video] = ()
    ) -> None:
        """Bytes that were moved hold although somebody cancelled or said yes meanwhile."""
        at = self._moment(await self._measures.durations(before.offer))
        if not await self._database.run(record_transfer, before, event, at, videos=videos):
            log.info("outrun", execution=before.id, state=before.state, version=before.version)

    async def _record_surely(self, sent: Execution, answer: Submission | LookedUp) -> None:
        """Money may have moved: keep trying to write it down while this process lives."""
        while True:
            at = self._moment(self._measures.known(sent.offer))
            try:
                await self._database.run(record_answer, sent, answer, at)
            except StorageUnavailable:
                said = answer.answer if isinstance(answer, LookedUp) else answer
                accepted = said.remote_id if isinstance(said, Accepted) else None
                log.error("answer not written yet", execution=sent.id, remote_id=accepted)
                await self._clock.sleep(RECORD_RETRY_S)
            else:
                return

    async def _disk_is_low(self) -> bool:
        free_bytes = await self._media.free_bytes()
        return free_bytes is not None and free_bytes < self._limits.min_free_bytes

    def _moment(self, durations: Durations = NO_HISTORY) -> Moment:
        return Moment(
            now=self._clock.now(),
            jitter=self._ids.jitter(),
            durations=durations,
            reach=self.reach(),
        )


def _has_to_stop(execution: Execution) -> bool:
    return execution.cancelling and not execution.cancel_sent
