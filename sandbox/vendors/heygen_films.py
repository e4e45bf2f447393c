"""HeyGen's CDN: films and what goes with them behind signed links, previews in the open.

Files are made when they are first fetched: the thumbnail and the GIF from the film itself, captions
from the words that were said, timed over the film's real length.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import av
from aiohttp import web
from PIL import Image, ImageDraw

from sandbox.vendors.files import FileStore, Seal, StoredFile, serve
from sandbox.vendors.heygen_ledger import Order
from sandbox.vendors.jobs import State, Studio
from sandbox.vendors.render import SHORTEST_S, Wish, duration_of
from sandbox.vendors.switches import Switches
from sandbox.vendors.wire import Wire

ACCESS_DENIED = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
CAPTION_WORDS = 7
PREVIEW_S = 2.0
PREVIEW_PX = (240, 240)
GIF_FRAMES = 8
SPEECH_RATE_HZ = 24_000
MP3_FRAME_SAMPLES = 576
LOWEST_HZ, HZ_SPREAD = 110, 220
TYPES = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "ass": "text/x-ssa",
    "mp3": "audio/mpeg",
}


class Films:
    """files.heygen.ai. A name is `{order id}.{what}`, `what` ending in its file type."""

    def __init__(self, wire: Wire, switches: Switches, studio: Studio, *, cdn_url: str) -> None:
        self.files = FileStore()
        self.cdn_url = cdn_url
        self._wire, self._switches, self._studio = wire, switches, studio
        self._find: Callable[[str], Order | None] = lambda _: None

    def show(self, find: Callable[[str], Order | None]) -> None:
        """Films are of the orders found here."""
        self._find = find

    def add_routes(self, app: web.Application) -> None:
        """The CDN's part that is read."""
        app.router.add_get("/video/{name}", self._serve_film)
        app.router.add_get("/image/{asset_id}/original", self._serve_asset)
        app.router.add_get("/avatar/{name}", self._serve_avatar)
        app.router.add_get("/voice/{name}", self._serve_voice)

    def film_name(self, order: Order) -> str:
        """The name of an order's own film."""
        return f"{order.id}.{'webm' if order.wish.transparent else 'mp4'}"

    def link(self, order: Order, what: str = "") -> str | None:
        """A signed link, new at every call; None while there is no film."""
        if order.state is not State.COMPLETED:
            return None
        name = f"{order.id}.{what}" if what else self.film_name(order)
        url = f"{self.cdn_url}/video/{name}"
        seal = self.files.seal(_unmade(name, url), self._switches["link_life_s"])
        query = f"Expires={seal.expires_at}&Serial={seal.serial}&Signature={seal.signature}"
        return f"{url}?{query}"

    def duration_s(self, order: Order) -> float | None:
        """How long the video is that was paid for; None while there is none. The sandbox's film
        of it is cut after a few seconds."""
        made = order.state is State.COMPLETED
        return max(SHORTEST_S, order.wish.duration_s) if made else None

    def face_url(self, name: str) -> str:
        """An avatar's preview, as `{id}.jpg` or `{id}.mp4`."""
        return f"{self.cdn_url}/avatar/{name}"

    def voice_url(self, voice_id: str) -> str:
        """A voice's preview."""
        return f"{self.cdn_url}/voice/{voice_id}.mp3"

    def keep(self, file_id: str, body: bytes, content_type: str) -> StoredFile:
        """A file at an open address of its own."""
        url = f"{self.cdn_url}/image/{file_id}/original"
        return self.files.keep(StoredFile(file_id, file_id, content_type, body, url))

    async def _serve_film(self, request: web.Request) -> web.Response:
        if self._wire.faults.take("heygen:file", "expired_link") is not None:
            self.files.expire_links()
        name = request.match_info["name"]
        order = self._find(name.partition(".")[0])
        if order is None or order.film is None or not self.files.holds(_seal_of(request), name):
            return _denied()
        if time.time() < (order.ended_at or 0.0) + self._switches["download_lag_s"]:
            return _denied()
        made = self.files.find(name)
        if made is None:
            kind = TYPES.get(name.rpartition(".")[2])
            body = await self._made(order, name.partition(".")[2]) if kind else None
            if body is None or kind is None:
                return web.Response(status=404)
            made = self.files.keep(
                StoredFile(name, name, kind, body, f"{self.cdn_url}/video/{name}")
            )
        return serve(request, made)

    async def _made(self, order: Order, what: str) -> bytes | None:
        film, length_s = order.film or b"", duration_of(order.wish)
        match what:
            case "mp4" | "webm":
                return film
            case "captioned.mp4":
                note = "; ".join(filter(None, [order.wish.note, "captions burned in"]))
                return await self._studio.shoot(replace(order.wish, note=note, transparent=False))
            case "jpg":
                return await asyncio.to_thread(thumbnail, film)
            case "gif":
                return await asyncio.to_thread(moving_picture, film)
            case "srt" | "vtt" | "ass":
                return captions(order.text or order.wish.prompt, length_s, what).encode()
            case "mp3":
                return await asyncio.to_thread(speech, order.id, length_s)
            case _:
                return None

    async def _serve_asset(self, request: web.Request) -> web.Response:
        asset = self.files.find(request.match_info["asset_id"])
        return serve(request, asset) if asset is not None else web.Response(status=404)

    async def _serve_avatar(self, request: web.Request) -> web.Response:
        stem, _, kind = request.match_info["name"].rpartition(".")
        if kind == "mp4":
            wish = Wish(stem, "avatar preview", duration_s=PREVIEW_S, quick=True)
            return web.Response(body=await self._studio.shoot(wish), content_type="video/mp4")
        return web.Response(body=face(stem), content_type="image/jpeg")

    async def _serve_voice(self, request: web.Request) -> web.Response:
        voice_id = request.match_info["name"].removesuffix(".mp3")
        body = await asyncio.to_thread(speech, voice_id, PREVIEW_S)
        return web.Response(body=body, content_type="audio/mpeg")


def captions(text: str, length_s: float, kind: str) -> str:
    """The words as captions over a film of this length: SRT, WebVTT or ASS."""
    words = text.split() or ["…"]
    cues = [" ".join(words[at : at + CAPTION_WORDS]) for at in range(0, len(words), CAPTION_WORDS)]
    step = length_s / len(cues)
    lines = []
    for number, cue in enumerate(cues):
        start, end = number * step, (number + 1) * step
        match kind:
            case "srt":
                lines.append(f"{number + 1}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{cue}\n")
            case "vtt":
                lines.append(f"{_clock(start, '.')} --> {_clock(end, '.')}\n{cue}\n")
            case _:
                span = f"{_clock(start, '.')[1:-1]},{_clock(end, '.')[1:-1]}"
                lines.append(f"Dialogue: 0,{span},Default,,0,0,0,,{cue}")
    head = {"vtt": "WEBVTT\n\n", "ass": "[Script Info]\n\n[Events]\n"}.get(kind, "")
    return head + "\n".join(lines)


def thumbnail(film: bytes) -> bytes:
    """The first picture of a film as JPEG."""
    out = io.BytesIO()
    _stills(film, 1)[0].convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def moving_picture(film: bytes) -> bytes:
    """The beginning of a film as an animated GIF."""
    out = io.BytesIO()
    first, *rest = _stills(film, GIF_FRAMES)
    first.save(out, "GIF", save_all=True, append_images=rest, duration=250, loop=0)
    return out.getvalue()


def face(name: str) -> bytes:
    """A portrait nobody could take for a person: two circles in the name's own colours."""
    digest = hashlib.sha256(name.encode()).digest()
    picture = Image.new("RGB", PREVIEW_PX, (digest[0] // 2, digest[1] // 2, digest[2] // 2))
    draw, skin = ImageDraw.Draw(picture), (128 + digest[3] // 2, 128 + digest[4] // 2, 150)
    draw.ellipse((75, 45, 165, 135), fill=skin)
    draw.ellipse((35, 150, 205, 330), fill=skin)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=75)
    return out.getvalue()


def speech(name: str, length_s: float) -> bytes:
    """An MP3 at the pitch of this name."""
    hz = LOWEST_HZ + hashlib.sha256(name.encode()).digest()[0] * HZ_SPREAD // 255
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=SPEECH_RATE_HZ, layout="mono")
        stream.codec_context.format = "s16p"
        for start in range(0, round(length_s * SPEECH_RATE_HZ), MP3_FRAME_SAMPLES):
            container.mux(stream.encode(_wave(start, hz)))
        container.mux(stream.encode(None))
    return out.getvalue()


def _wave(start: int, hz: float) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16p", layout="mono", samples=MP3_FRAME_SAMPLES)
    turn = 2 * math.pi * hz / SPEECH_RATE_HZ
    samples = (round(1600 * math.sin(turn * (start + n))) for n in range(MP3_FRAME_SAMPLES))
    frame.planes[0].update(b"".join(value.to_bytes(2, "little", signed=True) for value in samples))
    frame.sample_rate, frame.pts = SPEECH_RATE_HZ, start
    frame.time_base = Fraction(1, SPEECH_RATE_HZ)
    return frame


def _stills(film: bytes, count: int) -> list[Image.Image]:
    stills: list[Image.Image] = []
    with av.open(io.BytesIO(film), "r") as opened:
        for frame in opened.decode(video=0):
            stills.append(frame.to_image())  # type: ignore[no-untyped-call]  # PyAV's stub
            if len(stills) == count:
                break
    return stills


def _clock(seconds: float, point: str) -> str:
    whole, milli = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{milli:03}"


def _unmade(name: str, url: str) -> StoredFile:
    return StoredFile(name, name, "application/octet-stream", b"", url)


def _denied() -> web.Response:
    return web.Response(status=403, text=ACCESS_DENIED, content_type="application/xml")


def _seal_of(request: web.Request) -> Seal:
    query = request.query
    serial, expires = query.get("Serial", ""), query.get("Expires", "")
    numbers = [int(text) if text.isdecimal() else 0 for text in (serial, expires)]
    return Seal(numbers[0], numbers[1], query.get("Signature", ""))
