"""HeyGen: the workflow endpoint, which honours no key; `/v3/videos`, where a key is kept for a day;
and the account's lists. Wire: `sandbox/vendors/heygen*.py`."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import httpx

from tests.simulation.canaries import HEYGEN_KEY
from tests.simulation.facts import SOUND_MAGIC, length_s
from tests.simulation.ledger import Accepted, Order, Standing, said

HOST, UPLOADS, FILES = "api.heygen.com", "upload.heygen.com", "files2.heygen.ai"
SECRET = HEYGEN_KEY
VIDEOS, AGENTS = "/v3/videos", "/v3/video-agents"
_IDS = {VIDEOS: "vd", AGENTS: "ag"}
LOOK, VOICE = "look_ada", "voice_ada"
LISTS: dict[str, list[dict[str, Any]]] = {
    "/v3/avatars/looks": [
        {
            "id": LOOK,
            "name": "Ada",
            "default_voice_id": VOICE,
            "preferred_orientation": "landscape",
            "supported_api_engines": ["avatar_iv"],
        }
    ],
    "/v3/voices": [{"voice_id": VOICE, "name": "Ada", "language": "English"}],
    "/v3/templates": [],
    "/v3/video-agents/styles": [],
}
_RECORDED = re.compile(re.escape(SOUND_MAGIC) + rb"[\d.]+ s k\d+x\d")
_LANGUAGES = "/v3/video-translations/languages"


class HeyGen:
    """Both of its roads that the stories take."""

    host, files = HOST, FILES

    def __init__(self) -> None:
        self._recordings: dict[str, str] = {}  # what was uploaded to be spoken, by its asset

    def order(self, request: httpx.Request) -> Order:
        """What a submit asks for."""
        body = json.loads(request.content)
        if request.url.path == VIDEOS:
            spoken = self._recordings.get(str(body.get("audio_asset_id")))
            return Order(
                prompt=spoken or str(body.get("script") or body.get("prompt")),
                endpoint=VIDEOS,
                body=body,
                key=request.headers.get("idempotency-key"),
                callback_url=body.get("callback_url"),
                spoken_s=length_s(spoken.encode()) if spoken else None,
            )
        return Order(prompt=str(body["input"]["prompt"]), endpoint=request.url.path, body=body)

    def new_id(self, order: Order, draw: random.Random) -> str:
        """What it calls it."""
        another = "rn" if order.endpoint.startswith(AGENTS) else "ex"  # a message of a session
        return f"{_IDS.get(order.endpoint, another)}-{draw.getrandbits(64):016x}"

    def taken(self, entry: Accepted) -> httpx.Response:
        """It was accepted, now or, under the same key, before."""
        if entry.order.endpoint == VIDEOS:
            return said(200, {"data": {"video_id": entry.remote_id, "status": "pending"}})
        return said(200, {"code": 100, "data": {"execution_id": entry.remote_id}})

    def known(self, entry: Accepted, *, busy: bool) -> httpx.Response:
        """A key that was seen before."""
        if not busy:
            return self.taken(entry)
        error = {"code": "request_in_progress", "message": "a request with this key is in progress"}
        return said(409, {"error": error})

    def asked_about(self, request: httpx.Request) -> list[str]:
        """The ids that a question names."""
        return request.url.path.split("/")

    def other(self, request: httpx.Request) -> httpx.Response | None:
        """A question about the account."""
        path = request.url.path
        if path == _LANGUAGES:
            return said(200, {"data": {"languages": ["English", "German"]}})
        if path in LISTS:
            return said(200, {"data": LISTS[path], "has_more": False})
        if request.method == "POST":
            return None
        return said(200, {"data": {"status": "not_found"}})

    def stored(self, request: httpx.Request) -> httpx.Response:
        """A picture, or a recording, was uploaded."""
        if (heard := _RECORDED.search(request.content)) is not None:
            asset_id = f"sound_{len(self._recordings) + 1}"
            self._recordings[asset_id] = heard[0].decode()
            url = f"https://{FILES}/asset/{asset_id}.m4a"
            return said(200, {"data": {"url": url, "asset_id": asset_id}})
        url = f"https://{FILES}/asset/picture.png"
        return said(200, {"data": {"url": url, "asset_id": "asset_1"}})

    def stands(self, request: httpx.Request, now: Standing) -> httpx.Response:
        """How a render is."""
        if not now.over:
            return said(200, {"data": {"status": "running", "output": None}})
        if not now.links:
            return said(200, {"data": {"status": "failed", "error": {"message": now.words}}})
        return self._completed(request, now)

    def stop(self, request: httpx.Request, entry: Accepted) -> httpx.Response | None:
        """A DELETE ends what has not begun; everything here has begun."""
        return None

    def not_known(self, request: httpx.Request) -> httpx.Response:
        """An id that it does not know yet."""
        return said(200, {"data": {"status": "not_found"}})

    def odd(self, request: httpx.Request, entry: Accepted, word: str) -> httpx.Response:
        """A status word of no document, or `completed` without a link."""
        said_word = "completed" if word == "no_link" else "pondering"
        return said(200, {"data": {"status": said_word, "output": {}}})

    def hook(self, entry: Accepted) -> tuple[dict[str, str], bytes]:
        """What it tells at an address of ours, unsigned."""
        told = {"event_type": "avatar_video.success", "event_data": {"video_id": entry.remote_id}}
        if entry.order.endpoint.startswith(AGENTS):
            named = {"session_id": entry.remote_id}
            told = {"event_type": "video_agent.success", "event_data": named}
        return {}, json.dumps(told).encode()

    def _completed(self, request: httpx.Request, now: Standing) -> httpx.Response:
        url = now.links[0]
        if now.entry.order.endpoint.startswith((VIDEOS, AGENTS)):
            asked = request.url.path.rpartition("/")[2]
            done = {"id": asked, "status": "completed", "video_url": url}
            return said(200, {"data": done})
        output = {"video": {"video_url": url, "video_id": "v"}}
        return said(200, {"data": {"status": "completed", "output": output}})
