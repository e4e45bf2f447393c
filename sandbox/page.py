"""What the browser gets: the built page, its event stream, and files without a token."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.slack.files import send_bytes
from sandbox.slack.server import send_thumbnail
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]
STATIC = Path(__file__).parent / "static"
KEEP_ALIVE_S = 15.0
QUEUE_EVENTS = 20_000
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "video/", "audio/")
NOT_BUILT = "The page is not built: run `npm ci && npm run build` in sandbox/web.\n"
STREAM_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


class Hub:
    """Everyone who listens to the event stream."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()

    def tell(self, event: Json) -> None:
        """Send an event to every listener; one that is far behind is sent away to reconnect."""
        for queue in list(self._queues):
            if queue.qsize() >= QUEUE_EVENTS:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /page/events`."""
        response = web.StreamResponse(headers=STREAM_HEADERS)
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            await response.prepare(request)
            await response.write(b": listening\n\n")
            with contextlib.suppress(ConnectionError):
                await self._pump(queue, response)
        finally:
            self._queues.discard(queue)
        return response

    async def _pump(self, queue: asyncio.Queue[Json | None], response: web.StreamResponse) -> None:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                return
            await response.write(f"data: {json.dumps(event)}\n\n".encode())

    def close(self) -> None:
        """End every stream."""
        for queue in self._queues:
            queue.put_nowait(None)


class Page:
    """The page's own routes."""

    def __init__(self, workspace: Workspace, hub: Hub) -> None:
        self._workspace, self._hub = workspace, hub

    def add_routes(self, app: web.Application) -> None:
        """Register everything the browser asks for."""
        app.router.add_get("/page/events", self._hub.serve)
        app.router.add_get("/page/files/{id}", self._file)
        app.router.add_get("/page/files/{id}/thumbnail", self._thumb)
        app.router.add_get("/", self._index)
        app.router.add_get("/archives/{channel}/{message}", self._permalink)
        app.router.add_get("/assets/{path:.+}", self._asset)
        app.router.add_get("/{path:[^/]+\\.[a-z0-9]+}", self._asset)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        index = STATIC / "index.html"
        if not index.is_file():
            return web.Response(text=NOT_BUILT)
        return web.FileResponse(index, headers={"X-Frame-Options": "DENY"})

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        """A message's permalink leads to the page, which scrolls to it."""
        raise web.HTTPFound(f"/?{request.query_string}#{request.path.removeprefix('/archives/')}")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        wanted = (STATIC / request.path.lstrip("/")).resolve()
        if not wanted.is_relative_to(STATIC.resolve()) or not wanted.is_file():
            return web.Response(status=404, text="not found\n")
        return web.FileResponse(wanted, headers={"X-Content-Type-Options": "nosniff"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes for the page, in parts if asked; nothing that could run as a script."""
        file = self._workspace.files.get(request.match_info["id"])
        if file is None or file.content is None:
            return web.Response(status=404, text="no such file\n")
        response = send_bytes(request, file.content, file.mimetype)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        if not file.mimetype.startswith(SHOWN_INLINE):
            response.headers["Content-Disposition"] = "attachment"
        return response

    async def _thumb(self, request: web.Request) -> web.StreamResponse:
        file = self._workspace.files.get(request.match_info["id"])
        size = request.query.get("size", "360")
        if file is None or file.content is None or not size.isdecimal():
            return web.Response(status=404, text="no such file\n")
        return send_thumbnail(file, min(int(size), 1024))
