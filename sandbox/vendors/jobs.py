"""Paid work at a vendor: what was accepted (the ledger) and how far each render is.

Both vendors share this clockwork; how it looks on the wire is theirs. Nothing here is ever done
twice for one submission, and nothing is done once for two: each accepted POST is a job of its own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import av

from sandbox.faults import Fault, Faults
from sandbox.vendors.render import Wish, render
from sandbox.vendors.webm import render_webm

RENDER_KINDS = ("fail", "refuse", "stuck", "late")
LATE_S = 30.0
KEPT_FILMS = 256
RENDER_THREADS = 2
CANCEL_HEARD_UNTIL = 0.5  # of a render; a later signal is not heard, and the job ends and is billed
REFUSED = "content_policy_violation"


class State(StrEnum):
    """Where a job is. `FAILED` and `CANCELLED` are ours; each vendor has its own words."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Failure:
    """Why a job ends without a film. `code` None: the vendor's usual one."""

    code: str | None
    message: str
    detail: list[dict[str, Any]] | None = None


@dataclass
class Job:
    """One accepted, paid submission. Times are Unix seconds."""

    gateway: str
    id: str
    endpoint: str
    input: dict[str, Any]
    wish: Wish
    key: str | None = None
    images: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    start_limit_s: float | None = None
    fate: Failure | None = None
    at: float = field(default_factory=time.time)
    state: State = State.QUEUED
    started_at: float | None = None
    ended_at: float | None = None
    film: bytes | None = None
    stuck: bool = False
    extra_s: float = 0.0
    usd: float = 0.0  # what it costs, if it ends well
    cancel_asked: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in (State.COMPLETED, State.FAILED, State.CANCELLED)


class Studio:
    """Renders films in threads; equal wishes share one film."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RENDER_THREADS, thread_name_prefix="sandbox-render")
        self._films: OrderedDict[Wish, asyncio.Future[bytes]] = OrderedDict()

    async def shoot(self, wish: Wish) -> bytes:
        """The film for this wish, made now or before."""
        film = self._films.get(wish)
        if film is None or (film.done() and film.exception() is not None):
            shot = render_webm if wish.transparent else render
            film = asyncio.get_running_loop().run_in_executor(self._threads, shot, wish)
            self._films[wish] = film
        self._films.move_to_end(wish)
        while len(self._films) > KEPT_FILMS:
            self._films.popitem(last=False)
        return await asyncio.shield(film)

    def close(self) -> None:
        """Let the threads go when their present film is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Account:
    """One customer's account at one vendor: its jobs, at most `slots` of them running."""

    def __init__(
        self, studio: Studio, faults: Faults, *, pace_s: float, slots: int | None = None
    ) -> None:
        self.pace_s = pace_s
        self._studio = studio
        self._faults = faults
        self._slot_count = slots
        self._slots = self._new_slots()
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._subscribers: list[Callable[[Job], None]] = []

    def subscribe(self, hear: Callable[[Job], None]) -> None:
        """Call `hear` with every job at its end: completed, failed or cancelled."""
        self._subscribers.append(hear)

    def accept(self, job: Job) -> None:
        """Write the job into the ledger and begin it."""
        self._jobs[job.id] = job
        self.strike(job, f"{job.gateway}:submit")
        task = asyncio.get_running_loop().create_task(self._work(job), name=f"render {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    def find(self, job_id: str) -> Job | None:
        """The job of this id, None if this account has none such."""
        return self._jobs.get(job_id)

    def jobs(self) -> list[Job]:
        """All accepted jobs, oldest first."""
        return list(self._jobs.values())

    def position(self, job: Job) -> int:
        """How many queued jobs are before this one."""
        queued = (other.id for other in self._jobs.values() if other.state is State.QUEUED)
        return next((place for place, job_id in enumerate(queued) if job_id == job.id), 0)

    def progress(self, job: Job) -> float:
        """The share of its render that is behind a job, 0 to 1."""
        if job.started_at is None:
            return 0.0
        return min(1.0, (time.time() - job.started_at) / max(self.pace_s + job.extra_s, 1e-6))

    def strike(self, job: Job, target: str) -> None:
        """Let a render fault armed for this target decide about this job."""
        fault = None if job.over else self._faults.take(target, *RENDER_KINDS)
        if fault is not None:
            _doom(job, fault)
            job.changed.set()

    def cancel(self, job: Job) -> None:
        """Take a queued job out; signal a running one, which may be too late."""
        job.cancel_asked = True
        job.changed.set()
        if job.state is State.QUEUED:
            job.state = State.CANCELLED
            self._end(job)
            if task := self._tasks.get(job.id):
                task.cancel()

    def clear(self) -> None:
        """Forget every job; one that somebody still watches is seen to end."""
        for task in self._tasks.values():
            task.cancel()
        for job in self._jobs.values():
            job.state = job.state if job.over else State.CANCELLED
        self._jobs.clear()
        self._slots = self._new_slots()

    async def close(self) -> None:
        """Forget every job and wait until none works any more."""
        tasks = list(self._tasks.values())
        self.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, job: Job) -> None:
        try:
            async with asyncio.timeout(job.start_limit_s) as start_limit, self._slots:
                start_limit.reschedule(None)
                job.state, job.started_at = State.RUNNING, time.time()
                await self._render(job)
        except TimeoutError:
            job.state = State.FAILED
            job.fate = Failure("request_timeout", "Request timed out")
        self._end(job)

    def _end(self, job: Job) -> None:
        job.ended_at = time.time()
        for hear in self._subscribers:
            hear(job)

    async def _render(self, job: Job) -> None:
        """A job that is refused from the start draws nothing, but takes its time all the same."""
        film = None if job.fate else asyncio.ensure_future(self._studio.shoot(job.wish))
        try:
            await self._wait(job)
            if job.cancel_asked and self.progress(job) < CANCEL_HEARD_UNTIL:
                job.state = State.CANCELLED
            elif job.fate is not None or film is None:
                job.state = State.FAILED
            else:
                job.film = await film
                job.state = State.COMPLETED
        except (OSError, ValueError, av.FFmpegError) as broken:
            job.fate = Failure(None, f"The sandbox could not render this: {broken}")
            job.state = State.FAILED
        finally:
            if film is not None:
                film.cancel()

    async def _wait(self, job: Job) -> None:
        """Until the render is due, or a signal to stop is heard in time."""
        started_at = job.started_at or time.time()
        while not (job.cancel_asked and self.progress(job) < CANCEL_HEARD_UNTIL):
            left_s = started_at + self.pace_s + job.extra_s - time.time()
            if left_s <= 0 and not job.stuck:
                return
            job.changed.clear()
            try:
                async with asyncio.timeout(None if job.stuck else left_s):
                    await job.changed.wait()
            except TimeoutError:
                continue

    def _new_slots(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._slot_count is None else asyncio.Semaphore(self._slot_count)


def ledger_of(jobs: list[Job]) -> list[dict[str, Any]]:
    """Every accepted submission, oldest first, as sandbox/README.md describes an entry.

    `duplicate_of` is the id of the first entry with the very same gateway, endpoint and input.
    """
    first: dict[str, str] = {}
    entries = []
    for job in sorted(jobs, key=lambda job: job.at):
        words = json.dumps([job.gateway, job.endpoint, job.input], sort_keys=True)
        original = first.setdefault(words, job.id)
        entries.append(
            {
                "gateway": job.gateway,
                "id": job.id,
                "at": job.at,
                "key": job.key,
                "endpoint": job.endpoint,
                "input": job.input,
                "state": job.state.value,
                "duplicate_of": None if original == job.id else original,
                "images": job.images,
                "headers": job.headers,
                "usd": round(job.usd, 6),
            }
        )
    return entries


def _doom(job: Job, fault: Fault) -> None:
    """What a render fault makes of a job."""
    message = fault.params.get("message")
    match fault.kind:
        case "fail":
            said = "Video generation failed." if message is None else message
            job.fate = Failure(fault.params.get("code"), said)
        case "refuse":
            job.fate = refusal(message)
        case "stuck":
            job.stuck = True
        case "late":
            job.extra_s += float(fault.params.get("seconds", LATE_S))


def refusal(message: str | None = None) -> Failure:
    """A content refusal, in the words of the vendor's policy."""
    return Failure(REFUSED, message or "The prompt was refused by the content policy.")
