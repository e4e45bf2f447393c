"""Runware's video tasks: one id a task, one to four results, each ending for itself.

runware.ai/docs/platform/task-polling and /webhooks: answers are cumulative, finished results come
first, and successes and failures may stand in one answer.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import time
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.vendors.callbacks import Callback, Callbacks
from sandbox.vendors.files import Seal
from sandbox.vendors.house import House
from sandbox.vendors.jobs import REFUSED, Failure, Job, State, ledger_of, refusal
from sandbox.vendors.pictures import Picture, PictureRefusedError
from sandbox.vendors.render import RATIOS, Wish
from sandbox.vendors.runware_errors import Json, TaskRefused, error
from sandbox.vendors.runware_files import CONTENT_TYPES, RunwareFiles, contained, picture_fields
from sandbox.vendors.runware_models import AGENT, Model, fitting

RENDER_FAILED = "inferenceError"
EARLY = "early"
WEBHOOK = "runware:webhook"
UPLOAD = "delivery"  # the fault target `runware:delivery`: the PUT to an uploadEndpoint
UNPAID = (State.FAILED, State.CANCELLED)
SHOWN_STATES = (State.RUNNING, State.QUEUED, State.COMPLETED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Task:
    """One accepted task and its results."""

    uuid: str
    given: Json
    model: Model
    jobs: tuple[Job, ...]
    at: float

    @property
    def container(self) -> str:
        """MP4, WEBM or MOV."""
        return str(self.given.get("outputFormat", "MP4"))


class RunwareTasks:
    """The video tasks of one account."""

    def __init__(
        self, house: House, files: RunwareFiles, *, callbacks: Callbacks, quick: bool
    ) -> None:
        self._account = house.account
        self._switches = house.switches
        self._faults = house.wire.faults
        self._files = files
        self._callbacks = callbacks
        self._quick = quick
        self._tasks: dict[str, Task] = {}
        self._replaced: list[Task] = []
        self._films: dict[str, bytes] = {}
        self._links: dict[str, tuple[Seal, str]] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._account.subscribe(self._ended)

    def find(self, task_uuid: object) -> Task | None:
        """The task of this id."""
        return self._tasks.get(task_uuid) if isinstance(task_uuid, str) else None

    def quote(self, given: Json) -> float:
        """What all results would cost, US dollars. Errors: TaskRefused."""
        model = fitting(given, self._switches)
        return model.usd(given) * int(given.get("numberResults", 1))

    async def accept(self, given: Json) -> Task:
        """Take a task and begin its results. Errors: TaskRefused; the id is the dedupe key."""
        model = fitting(given, self._switches)
        self._need_unused(given)
        self._need_room(given, model)
        wish, pictures = self._wish(given, model)
        results = range(int(given.get("numberResults", 1)))
        jobs = tuple(_job(given, wish, pictures=pictures, place=place) for place in results)
        for job in jobs:
            job.usd = model.usd(given)
        task = Task(str(given["taskUUID"]), given, model, jobs, time.time())
        if (before := self._tasks.pop(task.uuid, None)) is not None:
            self._replaced.append(before)
        self._tasks[task.uuid] = task
        for job in jobs:
            self._account.accept(job)
        await self._overtaken(task)
        return task

    def _need_unused(self, given: Json) -> None:
        before = self.find(given["taskUUID"])
        reserved_s = float(self._switches["uuid_reserved_s"])
        if before is None or 0 < reserved_s <= time.time() - before.at:
            return
        words = "A task with this taskUUID was accepted before."
        conflict = error("conflictTaskUUID", words, given, parameter="taskUUID")
        keys = ("taskType", "taskUUID", "deliveryMethod")  # rw-old reads them on its socket
        raise TaskRefused({**conflict, "context": {key: given.get(key) for key in keys}})

    def _need_room(self, given: Json, model: Model) -> None:
        """Money first, then slots."""
        results = int(given.get("numberResults", 1))
        if model.usd(given) * results > self.balance_usd():
            words = "Insufficient credits. Add funds at https://my.runware.ai/wallet"
            raise TaskRefused(error("insufficientCredits", words, given))
        limit = int(self._switches["concurrency"])
        running = sum(not job.over for job in self._account.jobs())
        if limit and running + results > limit:
            words = f"At most {limit} concurrent results."
            raise TaskRefused(error("rateLimitExceeded", words, given))

    def _wish(self, given: Json, model: Model) -> tuple[Wish, list[Picture]]:
        """What to render. Errors: TaskRefused for a picture that cannot be used."""
        fields = picture_fields(given.get("inputs") or {})
        try:
            pictures = [self._files.picture(value, name) for name, value in fields.items()]
        except PictureRefusedError as refused:
            wrong = error("invalidInputImage", str(refused), given, parameter=refused.field)
            raise TaskRefused(wrong) from refused
        first, last = _frames(given, pictures)
        seed = given.get("seed")
        notes = [str(given.get("resolution", "")), *(picture.note for picture in pictures)]
        wish = Wish(
            prompt=str(given.get("positivePrompt", "")),
            model=model.air,
            aspect_ratio=_ratio(given, pictured=first is not None),
            duration_s=model.seconds(given),
            seed=seed if isinstance(seed, int) else secrets.randbelow(2**31),
            sound=True,
            image=first,
            tail_image=last,
            note=" · ".join(filter(None, notes)),
            quick=self._quick,
        )
        return wish, pictures

    async def _overtaken(self, task: Task) -> None:
        """With the fault `early`: the acknowledgement comes after the webhooks."""
        if "webhookURL" not in task.given or self._faults.take(WEBHOOK, EARLY) is None:
            return
        for job in task.jobs:
            while not job.over:
                job.changed.clear()
                await job.changed.wait()
        await asyncio.gather(*self._endings, return_exceptions=True)
        await self._callbacks.tried(task.uuid)

    async def answer(self, task: Task) -> tuple[list[Json], list[Json]]:
        """The present `data` and `errors` of a task: finished results first."""
        for job in task.jobs:
            self._account.strike(job, "runware:check")
        over = [await self._item(task, job) for job in task.jobs if job.over]
        pending = [self._pending(task, job) for job in task.jobs if not job.over]
        data = [item for item in over if item["status"] == "success"]
        failed = [item for item in over if item["status"] == "error"]
        if len(failed) == len(task.jobs) and self._switches["whole_failure"] == "once":
            failed = failed[:1]
        if self._switches["error_shape"] == "item":
            return [*data, *(_nested(item) for item in failed), *pending], []
        return [*data, *pending], failed

    def _pending(self, task: Task, job: Job) -> Json:
        fault = self._faults.take("runware:check", "unknown_status")
        word = "processing" if fault is None else fault.params.get("word", "hibernating")
        shown: Json = {"taskType": "videoInference", "taskUUID": task.uuid, "status": word}
        if self._switches["progress"]:
            shown["progress"] = int(self._account.progress(job) * 100)
        return shown

    async def _item(self, task: Task, job: Job) -> Json:
        """A finished result, as getResponse and the webhook tell it."""
        if job.state is not State.COMPLETED:
            fate = job.fate or Failure(RENDER_FAILED, "The task was stopped.")
            code = self._switches["refusal_code"] if fate.code == REFUSED else fate.code
            wrong = error(code or RENDER_FAILED, fate.message, task.given)
            return {**wrong, "status": "error"}
        shown: Json = {"taskType": "videoInference", "taskUUID": task.uuid, "status": "success"}
        shown |= {"videoUUID": job.id, "videoURL": await self._link(task, job)}
        if task.model.air != AGENT:
            shown["seed"] = job.wish.seed
        if (task.given.get("safety") or {}).get("checkContent"):
            shown["NSFWContent"] = False
        if task.given.get("includeCost") and self._switches["cost"] != "missing":
            shown["cost"] = job.usd if self._switches["cost"] == "real" else 0.0
        return shown

    async def _film(self, task: Task, job: Job) -> bytes:
        film = self._films.get(job.id)
        if film is None:
            film = await asyncio.to_thread(contained, job.film or b"", task.container)
            self._films[job.id] = film
        return film

    async def _link(self, task: Task, job: Job) -> str:
        """The same link every time, until `expired_link` ended it."""
        life_s = float(task.given.get("ttl", self._switches["file_life_s"]))
        film = self._files.keep_film(
            job.id,
            await self._film(task, job),
            container=task.container,
            expires_at=(job.ended_at or time.time()) + life_s,
        )
        known = self._links.get(job.id)
        if known is None or not self._files.store.holds(known[0], film.id):
            known = self._links[job.id] = self._files.seal(film)
        return known[1]

    def _ended(self, job: Job) -> None:
        """A result is over: its file is put where asked, its webhook called."""
        job.changed.set()
        task = self.find(job.key)
        if task is not None and job in task.jobs:
            self._spawn(self._deliver(task, job))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        ending = asyncio.get_running_loop().create_task(work)
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _deliver(self, task: Task, job: Job) -> None:
        endpoint, webhook = task.given.get("uploadEndpoint"), task.given.get("webhookURL")
        if endpoint and job.state is State.COMPLETED:
            headers = {"Content-Type": CONTENT_TYPES[task.container]}
            film = await self._film(task, job)
            self._callbacks.send(
                Callback(task.uuid, endpoint, film, lambda _: headers, method="PUT", target=UPLOAD)
            )
        if webhook:
            body = json.dumps(self._told(await self._item(task, job))).encode()
            self._callbacks.send(Callback(task.uuid, webhook, body, _unsigned))

    def _told(self, item: Json) -> Json:
        if self._switches["webhook_body"] == "bare":
            return item
        if item["status"] == "success":
            return {"data": [item]}
        nested = self._switches["error_shape"] == "item"
        return {"data": [_nested(item)]} if nested else {"errors": [item]}

    def balance_usd(self) -> float:
        """What is left: a result is paid unless it failed."""
        spent = sum(job.usd for job in self._account.jobs() if job.state not in UNPAID)
        return float(self._switches["balance_usd"]) - spent

    def entries(self) -> list[Json]:
        """The ledger: one entry a task; `results` has the state of each result."""
        found = []
        for task in [*self._replaced, *self._tasks.values()]:
            (entry,) = ledger_of([task.jobs[0]])
            states = [job.state for job in task.jobs]
            state = next(state for state in SHOWN_STATES if state in states)
            more = {"id": task.uuid, "state": state.value, "results": [s.value for s in states]}
            paid = sum(job.usd for job in task.jobs if job.state not in UNPAID)
            found.append({**entry, **more, "usd": round(paid, 6)})
        return _told_apart(found)

    def clear(self) -> None:
        """Forget everything."""
        self._account.clear()
        for ending in self._endings:
            ending.cancel()
        for kept in (self._tasks, self._replaced, self._films, self._links):
            kept.clear()


def _job(given: Json, wish: Wish, *, pictures: list[Picture], place: int) -> Job:
    """One result; "each result uses a different seed" (seed 003)."""
    return Job(
        gateway="runware",
        id=str(uuid.uuid4()),
        endpoint=wish.model,
        input=given,
        wish=replace(wish, seed=(wish.seed or 0) + place),
        key=str(given["taskUUID"]),
        images=[picture.entry() for picture in pictures if picture.file],
        fate=refusal() if "[refuse]" in wish.prompt.lower() else None,
    )


def _frames(given: Json, pictures: list[Picture]) -> tuple[bytes | None, bytes | None]:
    """The first and the last frame among the pictures."""
    frames = (given.get("inputs") or {}).get("frameImages") or []
    last = {
        f"inputs.frameImages.{place}"
        for place, frame in enumerate(frames)
        if isinstance(frame, dict) and frame.get("frame") == "last"
    }
    bodies = {picture.field: picture.body for picture in pictures}
    first = next((body for field, body in bodies.items() if field not in last), None)
    return first, next((body for field, body in bodies.items() if field in last), None)


def _ratio(given: Json, *, pictured: bool) -> str:
    width, height = given.get("width"), given.get("height")
    if not isinstance(width, int) or not isinstance(height, int):
        return "auto" if pictured else "16:9"
    asked = width / height
    return min(RATIOS, key=lambda name: abs(math.log(RATIOS[name][0] / RATIOS[name][1] / asked)))


def _nested(item: Json) -> Json:
    """A failed result as an item of `data`, its error inside."""
    inside = {key: item[key] for key in ("code", "message", "documentation") if key in item}
    outside = {key: item[key] for key in ("taskType", "taskUUID", "status")}
    return {**outside, "error": inside}


def _unsigned(_kind: str) -> Mapping[str, str]:
    """Runware signs nothing: the secret is in the address."""
    return {"Content-Type": "application/json"}


def _told_apart(entries: list[Json]) -> list[Json]:
    """Mark what is the same request under another id."""
    first: dict[str, str] = {}
    own = ("taskUUID", "webhookURL", "uploadEndpoint")
    for entry in entries:
        words = json.dumps(
            {k: v for k, v in entry["input"].items() if k not in own}, sort_keys=True
        )
        original = first.setdefault(words, entry["id"])
        entry["duplicate_of"] = None if original == entry["id"] else original
    return entries
