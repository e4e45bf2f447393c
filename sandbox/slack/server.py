"""The routes of the local Slack: Web API, uploads, downloads, response URLs, sockets."""

from __future__ import annotations

import time

import av
from aiohttp import BodyPartReader, web

from sandbox.slack.events import Events
from sandbox.slack.files import StoredFile, send_bytes, thumbnail
from sandbox.slack.interactions import Interactions
from sandbox.slack.responding import ResponseUrls
from sandbox.slack.striking import AFTER, BEFORE, status_of, strike
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Workspace

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Slack</title></head>"
    "<body><h1>Sign in to your workspace</h1></body></html>"
)


class SlackServer:
    """One workspace on the wire."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.events = Events(workspace)
        self.interactions = Interactions(workspace)
        self._web_api = WebApi(workspace)
        self._response_urls = ResponseUrls(workspace)

    def add_routes(self, app: web.Application) -> None:
        """Serve everything a real Slack serves to an app."""
        app.router.add_route("*", "/api/{method}", self._web_api.serve)
        app.router.add_post("/upload/v1/{token}", self._upload)
        app.router.add_get("/files-pri/{team}-{id}/{name}", self._download)
        app.router.add_get("/files-pri/{team}-{id}/download/{name}", self._download)
        app.router.add_get("/files-tmb/{team}-{id}/{size}.png", self._download)
        for kind in ("commands", "actions", "app"):
            app.router.add_post(f"/{kind}/{{id}}/{{secret}}", self._response_urls.serve)
        app.router.add_get("/link/", self.workspace.sockets.serve)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """Bytes for an upload URL, raw or multipart, without a token (slack.md section 1.7)."""
        started = time.monotonic()
        fault = self.workspace.faults.take("slack:upload", *BEFORE, *AFTER)
        notes = [f"FAULT {fault.kind}"] if fault else []

        async def answer() -> web.StreamResponse:
            return await self._take_bytes(request, notes)

        response = await strike(fault, request, answer)
        self._note(
            request, "/upload", status=status_of(request, response), started=started, notes=notes
        )
        return response

    async def _take_bytes(self, request: web.Request, notes: list[str]) -> web.Response:
        file = self.workspace.files.by_upload_token(request.match_info["token"])
        if file is None or file.complete:
            notes.append("unknown or used upload URL")
            return web.Response(status=404, text="upload not found")
        content = await read_upload(request)
        if len(content) != file.size:
            notes.append(f"{len(content)} bytes came, {file.size} were announced")
            return web.Response(status=400, text="length mismatch")
        await self.workspace.files.fill(file, content)
        return web.Response(text=f"OK - {file.size}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A private URL: the bot token in the header, or a login page with 200 (slack.md 1.6)."""
        started = time.monotonic()
        fault = self.workspace.faults.take("slack:file")
        notes = [f"FAULT {fault.kind}"] if fault else []
        if fault and fault.kind == "expired_link":
            return web.Response(status=403, text="link expired")

        async def answer() -> web.StreamResponse:
            return self._bytes_or_login(request, notes)

        response = await strike(fault, request, answer)
        self._note(
            request, request.path, status=status_of(request, response), started=started, notes=notes
        )
        return response

    def _bytes_or_login(self, request: web.Request, notes: list[str]) -> web.Response:
        file = self.workspace.files.get(request.match_info["id"])
        if file is None or file.content is None or not self._may_download(request, file):
            notes.append("LOGIN PAGE: no file, no token, no scope or no access")
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if size := request.match_info.get("size"):
            return send_thumbnail(file, int(size) if size.isdecimal() else 360)
        return send_bytes(request, file.content, file.mimetype)

    def _may_download(self, request: web.Request, file: StoredFile) -> bool:
        has_token = request.headers.get("Authorization") == f"Bearer {self.workspace.tokens.bot}"
        has_scope = "files:read" in self.workspace.manifest.scopes
        return has_token and has_scope and self.workspace.files.app_may_see(file)

    def _note(
        self,
        request: web.Request,
        path: str,
        *,
        status: int | None,
        started: float,
        notes: list[str],
    ) -> None:
        elapsed_ms = round((time.monotonic() - started) * 1000, 1)
        self.workspace.traffic.record(
            "in",
            "bot",
            request.method,
            path,
            status=status,
            elapsed_ms=elapsed_ms,
            note="; ".join(notes),
        )


def send_thumbnail(file: StoredFile, size: int) -> web.Response:
    """A small picture of an image or a video, 404 for anything else."""
    try:
        return web.Response(body=thumbnail(file, size), content_type="image/png")
    except (OSError, av.FFmpegError, StopIteration):
        return web.Response(status=404, text="no picture")


async def read_upload(request: web.Request) -> bytes:
    """The body, or the first file of a multipart body."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            return bytes(await part.read(decode=False))
    return b""
