"""Runware: tasks whose id is ours, so that a second one of that id is a conflict and no payment.
Wire: `sandbox/vendors/runware*.py`."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx

from tests.simulation.canaries import RUNWARE_KEY
from tests.simulation.ledger import Accepted, Order, Standing, said

HOST, FILES = "api.runware.ai", "vm.runware.ai"
SECRET = RUNWARE_KEY
VIDEO = "videoInference"


class Runware:
    """Every call is an array of tasks at one address."""

    host, files = HOST, FILES

    def order(self, request: httpx.Request) -> Order:
        """What a submit asks for."""
        (task,) = json.loads(request.content)
        return Order(
            prompt=str(task["positivePrompt"]),
            endpoint=str(task["model"]),
            body=task,
            key=str(task["taskUUID"]),
            results=int(task.get("numberResults", 1)),
            callback_url=task.get("webhookURL"),
        )

    def new_id(self, order: Order, _draw: random.Random) -> str:
        """It calls it as we do."""
        assert order.key is not None
        return order.key

    def taken(self, entry: Accepted) -> httpx.Response:
        """It was accepted."""
        return said(200, {"data": [{"taskType": VIDEO, "taskUUID": entry.remote_id}]})

    def known(self, entry: Accepted, *, busy: bool) -> httpx.Response:
        """The same id once more, whether its first task is under way or not."""
        del busy
        wrong = self._wrong(entry.remote_id, "conflictTaskUUID", "this taskUUID is in use")
        return said(400, {"data": [], "errors": [wrong]})

    def asked_about(self, request: httpx.Request) -> list[str]:
        """The ids that a question names."""
        task = self._task(request)
        return [task["taskUUID"]] if task.get("taskType") == "getResponse" else []

    def other(self, request: httpx.Request) -> httpx.Response | None:
        """A task that nobody knows."""
        if self._task(request).get("taskType") != "getResponse":
            return None
        return self.not_known(request)

    def stored(self, request: httpx.Request) -> httpx.Response:
        """A picture was uploaded."""
        task = self._task(request)
        shown = {"taskType": "mediaStorage", "taskUUID": task["taskUUID"]}
        return said(200, {"data": [{**shown, "mediaUUID": "9f0dd1f4-6a8b-4a51-8f8a-7a61f6a8a001"}]})

    def stands(self, request: httpx.Request, now: Standing) -> httpx.Response:
        """All results, each ending for itself."""
        entry, uuid = now.entry, now.entry.remote_id
        if not now.over:
            return said(200, {"data": [self._item(uuid, status="processing")]})
        made = [
            self._item(uuid, status="success", videoURL=url, videoUUID=f"{uuid}-{number}")
            for number, url in enumerate(now.links)
        ]
        missing = entry.order.results - len(made)
        broken = [self._wrong(uuid, "inferenceError", now.words)] * missing
        body: dict[str, Any] = {"data": made}
        return said(200, body | ({"errors": broken} if broken else {}))

    def stop(self, request: httpx.Request, entry: Accepted) -> httpx.Response | None:
        """There is no cancel."""
        return None

    def not_known(self, request: httpx.Request) -> httpx.Response:
        """A task that it does not know (yet)."""
        uuid = str(self._task(request).get("taskUUID"))
        wrong = {"code": "taskFailedOrNotFound", "message": "no such task", "taskUUID": uuid}
        return said(400, {"errors": [wrong]})

    def odd(self, request: httpx.Request, entry: Accepted, word: str) -> httpx.Response:
        """A status word of no document, or a success without a link."""
        status = "success" if word == "no_link" else "pondering"
        return said(200, {"data": [self._item(entry.remote_id, status=status)]})

    def hook(self, entry: Accepted) -> tuple[dict[str, str], bytes]:
        """What it tells at an address of ours, unsigned."""
        return {}, json.dumps({"data": [self._item(entry.remote_id, status="success")]}).encode()

    def _task(self, request: httpx.Request) -> dict[str, Any]:
        tasks = json.loads(request.content or b"[{}]")
        return dict(tasks[0])

    def _item(self, uuid: str, **more: str) -> dict[str, str]:
        return {"taskType": VIDEO, "taskUUID": uuid, **more}

    def _wrong(self, uuid: str, code: str, words: str) -> dict[str, str]:
        shown = {"code": code, "message": words, "taskType": VIDEO, "taskUUID": uuid}
        return shown | ({} if code.startswith("conflict") else {"status": "error"})
