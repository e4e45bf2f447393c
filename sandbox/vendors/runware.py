"""Runware's API: an array of tasks, by REST or on a socket.

Wire facts: runware.ai/docs/platform (introduction, authentication, task polling, errors, media
storage, account management), seed 003, and PyPI runware-sdk 1.8.0 and runware 0.5.24, whose demands
this answers. A used `taskUUID` is refused as a conflict, which is what makes a submission safe to
repeat.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.vendors.house import House
from sandbox.vendors.runware_errors import (
    Json,
    TaskRefused,
    camel,
    envelope,
    error,
    status_of,
)
from sandbox.vendors.runware_files import RunwareFiles
from sandbox.vendors.runware_models import catalog, is_uuid4
from sandbox.vendors.runware_tasks import RunwareTasks
from sandbox.vendors.wire import Handler

API_KEY = "sandboxRunwareKey0123456789abcdef"
ORGANIZATION = "6f1d0c58-6a0e-4b6e-9d59-1f1d2f3a4b5c"
DRY_RUN = "X-Runware-Dry-Run"
SEARCH_ITEMS = 20
TARGETS = {
    "videoInference": "runware:submit",
    "getResponse": "runware:check",
    "getTaskDetails": "runware:check",
    "mediaStorage": "runware:upload",
    "imageUpload": "runware:upload",
    "accountManagement": "runware:account",
    "modelSearch": "runware:catalog",
}
TASKS = web.RequestKey("tasks", object)
OWN_PARAMETERS = {
    "getResponse": {"taskUUID"},
    "getTaskDetails": {"taskUUID"},
    "mediaStorage": {"taskUUID", "operation", "media"},
    "imageUpload": {"taskUUID", "image"},
    "modelSearch": None,
    "accountManagement": None,
}


@dataclass
class Reply:
    """What is told about the tasks of one request."""

    data: list[Json] = field(default_factory=list)
    errors: list[Json] = field(default_factory=list)
    polled: bool = False

    def body(self) -> Json:
        """Both lists where both have something; a conflict comes with an empty `data`."""
        shown: Json = {"data": self.data} if self.data or not self.errors else {}
        if any(wrong["code"] == "conflictTaskUUID" for wrong in self.errors):
            shown["data"] = self.data
        return {**shown, "errors": self.errors} if self.errors else shown


def target_of(request: web.Request) -> str | None:
    """The fault target: that of the first task, as `peek` read it."""
    if request.method == "GET":
        return "runware:file" if request.path.startswith("/video/") else None
    return target_of_tasks(request.get(TASKS), dry_run=_is_dry(request))


def target_of_tasks(tasks: object, *, dry_run: bool = False) -> str | None:
    """The fault target of an array of tasks: its first one that has any."""
    for task in tasks if isinstance(tasks, list) else []:
        kind = task.get("taskType") if isinstance(task, dict) else None
        if target := TARGETS.get(str(kind)):
            return "runware:quote" if dry_run and target == "runware:submit" else target
    return None


@web.middleware
async def peek(request: web.Request, handler: Handler) -> web.StreamResponse:
    """All calls have one path; which one it is stands in the body."""
    if request.method == "POST":
        request[TASKS] = parsed(await request.read())
    return await handler(request)


def parsed(body: bytes | str) -> object:
    """The JSON of a request, None if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


class RunwareApi:
    """What the tasks do, on either transport."""

    def __init__(self, house: House, tasks: RunwareTasks, *, files: RunwareFiles) -> None:
        self._wire = house.wire
        self._switches = house.switches
        self._tasks = tasks
        self._files = files
        self._handlers: dict[str, Callable[[Json, Reply], Awaitable[None]]] = {
            "videoInference": self._submit,
            "getResponse": self._poll,
            "getTaskDetails": self._details,
            "mediaStorage": self._store,
            "imageUpload": self._upload_image,
            "accountManagement": self._account,
            "modelSearch": self._search,
            "ping": self._ping,
        }

    def rest_app(self) -> web.Application:
        """api.runware.ai, `POST /v1`."""
        app = self._wire.app()
        app.middlewares.insert(0, peek)
        app.router.add_post("/v1", self._rest)
        return app

    async def _rest(self, request: web.Request) -> web.Response:
        tasks = request.get(TASKS)
        if not isinstance(tasks, list) or not tasks:
            words = "The request body is an array of task objects."
            return _errors(error("invalidRequest", words, {}), 400)
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if isinstance(tasks[0], dict) and tasks[0].get("taskType") == "authentication":
            scheme, key, tasks = "Bearer", str(tasks[0].get("apiKey", "")), tasks[1:]
        if scheme != "Bearer" or key != API_KEY:
            return envelope(401)
        reply = await self.answer(tasks, dry_run=_is_dry(request))
        headers = {DRY_RUN: "1"} if _is_dry(request) else {}
        return web.json_response(reply.body(), status=self._status(reply), headers=headers)

    def _status(self, reply: Reply) -> int:
        """200 as soon as anything went well; a poll that tells of failures went well itself."""
        if reply.data or not reply.errors:
            return 200
        return int(self._switches["poll_error_status"]) if reply.polled else status_of(reply.errors)

    async def answer(self, tasks: list[object], *, dry_run: bool = False) -> Reply:
        """Do the tasks in order; each fails for itself."""
        reply = Reply()
        for task in tasks:
            try:
                await self._do(task, reply, dry_run=dry_run)
            except TaskRefused as refused:
                reply.errors += refused.errors
        return reply

    async def _do(self, task: object, reply: Reply, *, dry_run: bool) -> None:
        if not isinstance(task, dict):
            raise TaskRefused(error("invalidTask", "A task is an object.", {}))
        kind = task.get("taskType")
        if kind is None:
            words = "taskType is required"
            raise TaskRefused(error("missingTaskType", words, task, parameter="taskType"))
        if kind not in self._handlers:
            words = f"Unsupported taskType: {kind}"
            raise TaskRefused(error("unsupportedTaskType", words, task, parameter="taskType"))
        if kind != "ping":
            _need_uuid(task)
            _need_own(task)
        if dry_run:
            self._quote(task, reply)
        else:
            await self._handlers[kind](task, reply)

    def _quote(self, task: Json, reply: Reply) -> None:
        """`X-Runware-Dry-Run: 1` validates and prices, and runs nothing (Runware's own skills)."""
        if self._switches["dry_run"] == "refused":
            raise TaskRefused(error("invalidRequest", "Unknown header.", task))
        quoted = {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}
        if task["taskType"] == "videoInference":
            quoted["cost"] = self._tasks.quote(task)
        reply.data.append(quoted)

    async def _submit(self, task: Json, reply: Reply) -> None:
        await self._tasks.accept(task)
        reply.data.append({"taskType": "videoInference", "taskUUID": task["taskUUID"]})

    async def _poll(self, task: Json, reply: Reply) -> None:
        known = self._tasks.find(task["taskUUID"])
        unseen_s = float(self._switches["polled_after_s"])
        if known is not None and time.time() >= known.at + unseen_s:
            reply.polled = True
            data, errors = await self._tasks.answer(known)
            reply.data += data
            reply.errors += errors
        elif self._switches["unknown_task"] != "empty":
            words = "The task failed or does not exist."
            wrong = error("taskFailedOrNotFound", words, task, parameter="taskUUID")
            raise TaskRefused(wrong)

    async def _details(self, task: Json, reply: Reply) -> None:
        known = self._tasks.find(task["taskUUID"])
        if known is None:
            words = "No such task."
            raise TaskRefused(error("taskNotFound", words, task, parameter="taskUUID"))
        data, errors = await self._tasks.answer(known)
        told: dict[str, Any] = {"data": data, **({"errors": errors} if errors else {})}
        both = {"request": [known.given], "response": told}
        reply.data.append({"taskType": "getTaskDetails", "taskUUID": known.uuid, **both})

    async def _store(self, task: Json, reply: Reply) -> None:
        shown = {"taskType": "mediaStorage", "taskUUID": task["taskUUID"]}
        match task.get("operation"):
            case "upload":
                file = self._files.upload(task.get("media"))
                if file is None:
                    raise TaskRefused(_wrong_media(task, "media"))
                more = {"operation": "upload", "mediaUUID": file.id, "mediaURL": file.url}
            case "delete":
                if not self._files.delete(task.get("media")):
                    words = "No such media."
                    raise TaskRefused(error("mediaNotFound", words, task, parameter="media"))
                more = {"operation": "delete", "mediaUUID": str(task["media"])}
            case other:
                words = f"Unsupported operation: {other}"
                raise TaskRefused(error("unsupportedOperation", words, task, parameter="operation"))
        reply.data.append({**shown, **more})

    async def _upload_image(self, task: Json, reply: Reply) -> None:
        """The older call: one image, and other names for the answer."""
        file = self._files.upload(task.get("image"))
        if file is None:
            raise TaskRefused(_wrong_media(task, "image"))
        stored = {"imageUUID": file.id, "imageURL": file.url}
        reply.data.append({"taskType": "imageUpload", "taskUUID": task["taskUUID"], **stored})

    async def _account(self, task: Json, reply: Reply) -> None:
        if task.get("operation") != "getDetails":
            words = "The sandbox knows getDetails only."
            wrong = error("unsupportedOperation", words, task, parameter="operation")
            raise TaskRefused(wrong)
        left: float | Json = round(self._tasks.balance_usd(), 4)
        if self._switches["balance_shape"] == "object":
            left = {"amount": left, "currency": "USD"}
        reply.data.append(
            {
                **{key: task[key] for key in ("taskType", "taskUUID", "operation")},
                "organizationUUID": ORGANIZATION,
                "organizationName": "Sandbox",
                "AIRSource": "sandbox",
                "balance": left,
                "team": [],
                "apiKeys": [],
                "usage": {},
            }
        )

    async def _search(self, task: Json, reply: Reply) -> None:
        words = str(task.get("search", "")).lower()
        found = [{"air": air, "name": air} for air in catalog() if words in air]
        start, limit = int(task.get("offset", 0)), int(task.get("limit", SEARCH_ITEMS))
        shown = {"totalResults": len(found), "results": found[start : start + limit]}
        reply.data.append({"taskType": "modelSearch", "taskUUID": task["taskUUID"], **shown})

    async def _ping(self, _task: Json, reply: Reply) -> None:
        reply.data.append({"taskType": "ping", "pong": True})


def _need_uuid(task: Json) -> None:
    given = task.get("taskUUID")
    if is_uuid4(given):
        return
    word = "missing" if given is None else "invalid"
    words = "taskUUID is a UUID of version 4"
    raise TaskRefused(error(camel(word, "taskUUID"), words, task, parameter="taskUUID"))


def _need_own(task: Json) -> None:
    """A utility task has no parameters but its own; models have schemas of their own.

    The SDK adds `deliveryMethod` to nothing but inference tasks.
    """
    own = OWN_PARAMETERS.get(str(task["taskType"]))
    for name in [] if own is None else task.keys() - own - {"taskType"}:
        words = f"Unsupported parameter '{name}'."
        raise TaskRefused(error("unknownParameter", words, task, parameter=name))


def _wrong_media(task: Json, parameter: str) -> Json:
    words = "Give a URL, a data URI or Base64."
    return error(camel("invalid", parameter), words, task, parameter=parameter)


def _errors(wrong: Json, status: int) -> web.Response:
    return web.json_response({"errors": [wrong]}, status=status)


def _is_dry(request: web.Request) -> bool:
    return request.headers.get(DRY_RUN, "").lower() in ("1", "true")
