"""Runware on a socket: authentication first, then the same tasks, and a session that can resume.

runware.ai/docs/platform/websockets and PyPI runware-sdk 1.8.0 `transport/websocket.py`: the first
frame authenticates, idle connections end after 120 s, a resumed session gets what it missed.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.faults import Fault
from sandbox.vendors.house import House
from sandbox.vendors.runware import API_KEY, Reply, RunwareApi, parsed, target_of_tasks
from sandbox.vendors.runware_errors import CODE_OF, MESSAGES, Json, error
from sandbox.vendors.wire import CUTTING_KINDS, GARBAGE, SLOW_S, WIRE_KINDS

IDLE_S = 120.0
FRAME_MAX_BYTES = 64 * 1024 * 1024
BEFORE_KINDS = ("reset_before", "close_after_read", "status", "rate_limited")


@dataclass
class Session:
    """What one session was not told because its connection broke."""

    missed: list[Json] = field(default_factory=list)


class RunwareSocket:
    """ws-api.runware.ai, `/v1`."""

    def __init__(self, house: House, api: RunwareApi) -> None:
        self._wire = house.wire
        self._switches = house.switches
        self._api = api
        self._sessions: dict[str, Session] = {}
        self._open: set[web.WebSocketResponse] = set()

    def app(self) -> web.Application:
        """The socket's own server."""
        app = web.Application()
        app.router.add_get("/v1", self._serve)
        return app

    def clear(self) -> None:
        """Forget the sessions."""
        self._sessions.clear()

    async def close(self) -> None:
        """End every connection."""
        for socket in list(self._open):
            await socket.close()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=FRAME_MAX_BYTES, receive_timeout=IDLE_S)
        await socket.prepare(request)
        self._open.add(socket)
        connection = _Connection(self, socket, request)
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await connection.hear(parsed(message.data))
        except TimeoutError:
            await socket.close()
        finally:
            self._open.discard(socket)
        return socket

    def session(self, asked: object) -> tuple[str, Session]:
        """The session to resume, or a new one."""
        if isinstance(asked, str) and asked in self._sessions:
            return asked, self._sessions[asked]
        fresh = str(uuid.uuid4())
        self._sessions[fresh] = Session()
        return fresh, self._sessions[fresh]

    def fault_for(self, tasks: object) -> Fault | None:
        """The fault that strikes this frame."""
        target = target_of_tasks(tasks)
        return self._wire.faults.take(target, *WIRE_KINDS) if target else None

    async def answer(self, tasks: list[object]) -> Reply:
        """Do the tasks."""
        return await self._api.answer(tasks)

    def frames(self, reply: Reply) -> list[Json]:
        """Data and errors apart (clients read one of both), or together."""
        body = reply.body()
        if self._switches["socket_frames"] == "together" or len(body) < 2 or not reply.data:
            return [body]
        return [{"data": reply.data}, {"errors": reply.errors}]

    def note(self, tasks: object, fault: Fault | None) -> None:
        """One line of traffic a frame."""
        kinds = [str(task.get("taskType")) for task in _dicts(tasks)]
        words = "" if fault is None else f"fault: {fault.kind}"
        self._wire.traffic.record("in", "runware", "WS", "/v1 " + ",".join(kinds), note=words)

    @property
    def replays(self) -> bool:
        """Whether a resumed session gets what it missed."""
        return bool(self._switches["session_replay"])


class _Connection:
    """One socket: nobody, until a key was shown."""

    def __init__(
        self, server: RunwareSocket, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        self._server = server
        self._socket = socket
        self._request = request
        self._session: Session | None = None

    async def hear(self, tasks: object) -> None:
        """One frame: an array of tasks."""
        if not isinstance(tasks, list) or not tasks:
            words = "A frame is an array of task objects."
            return await self._say({"errors": [error("invalidRequest", words, {})]})
        first = tasks[0]
        if isinstance(first, dict) and first.get("taskType") == "authentication":
            if not await self._authenticate(first) or not tasks[1:]:
                return None
            tasks = tasks[1:]
        if self._session is None:
            words = "Authenticate first."
            task = {"taskType": "authentication"}
            return await self._say({"errors": [error("missingApiKey", words, task)]})
        return await self._work(tasks, self._session)

    async def _authenticate(self, task: Json) -> bool:
        self._server.note([task], None)
        shown = {"taskType": "authentication"}
        if task.get("apiKey") != API_KEY:
            wrong = error("invalidApiKey", MESSAGES[401], shown, parameter="apiKey")
            await self._say({"errors": [wrong]})
            return False
        session_uuid, self._session = self._server.session(task.get("connectionSessionUUID"))
        await self._say({"data": [{**shown, "connectionSessionUUID": session_uuid}]})
        missed, self._session.missed = self._session.missed, []
        for frame in missed if self._server.replays else []:
            await self._say(frame)
        return True

    async def _work(self, tasks: list[object], session: Session) -> None:
        fault = self._server.fault_for(tasks)
        self._server.note(tasks, fault)
        kind = "" if fault is None else fault.kind
        if fault is not None and kind in BEFORE_KINDS:
            return await self._refuse(tasks, fault)
        reply = await self._server.answer(tasks)
        frames = self._server.frames(reply)
        match kind:
            case "reset_after":
                session.missed += frames
                self._cut()
            case "status_after" if fault is not None:
                await self._refuse(tasks, fault)
            case "garbage":
                await self._socket.send_str(GARBAGE)
            case "hang":
                session.missed += frames
            case _:
                if fault is not None:
                    await asyncio.sleep(float(fault.params.get("seconds", SLOW_S)))
                for frame in frames:
                    await self._say(frame)
        return None

    async def _refuse(self, tasks: list[object], fault: Fault) -> None:
        """Cut the connection, or say which status REST would have answered."""
        if fault.kind in CUTTING_KINDS:
            return self._cut()
        status = 429 if fault.kind == "rate_limited" else int(fault.params.get("status", 500))
        code = CODE_OF.get(status, "internalServerError")
        message = MESSAGES.get(status, "An internal error occurred.")
        errors = [error(code, message, task) for task in _dicts(tasks)]
        return await self._say({"errors": errors})

    def _cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _say(self, frame: Json) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(frame))


def _dicts(tasks: object) -> list[dict[str, Any]]:
    return [task for task in tasks if isinstance(task, dict)] if isinstance(tasks, list) else []
