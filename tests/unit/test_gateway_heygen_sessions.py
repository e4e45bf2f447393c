"""What HeyGen's sessions, videos, translations and older statuses say, read by pure functions and
by checks over a wire that is a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import offer_named
from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Ended,
    Finished,
    Progress,
    Remote,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways.classify import Answer
from gateways.heygen import HeyGen
from gateways.heygen_failures import Stated, failure_of, missing_input
from gateways.heygen_lists import LookRows, VoiceRows
from gateways.heygen_progress import decode_accepted, decode_progress
from gateways.heygen_sessions import decode_accepted as decode_session_accepted
from gateways.heygen_uploads import decode_place
from gateways.http import Http
from gateways.lenient import read_json
from tests.integration.gateway_servers import WallClock

NOW = 1_790_000_000.0
URL = "https://files.heygen.ai/video/v.mp4"
AGENT = offer_named("heygen_agent@heygen")
SPOKEN = offer_named("heygen_avatar@heygen")
Routes = dict[str, tuple[int, Any]]


def _answer(body: Any, status: int = 200) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, httpx.Headers({}), content, NOW)


# ── the same render in everybody's words ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "progress"),
    [
        ({"id": "v", "status": "pending"}, Waiting()),
        ({"id": "v", "status": "processing"}, Rendering()),
        ({"id": "t", "status": "running"}, Rendering()),
        ({"id": "v", "status": "waiting"}, Waiting()),
        (
            {"id": "v", "status": "completed", "video_url": URL, "subtitle_url": f"{URL}.srt"},
            Finished(URL, remote_video_id="v", subtitle_url=f"{URL}.srt"),
        ),
        (
            {"id": "t", "status": "completed", "video_url": URL, "srt_caption_url": f"{URL}.srt"},
            Finished(URL, remote_video_id="t", subtitle_url=f"{URL}.srt"),
        ),
        (
            {"id": "v", "status": "completed", "video_url": URL, "caption_url": f"{URL}.ass"},
            Finished(URL, remote_video_id="v", subtitle_url=f"{URL}.ass"),
        ),
        ({"status": "success", "url": URL}, Finished(URL)),
        ({"id": "v", "status": "completed", "video_url": None}, None),
        ({"id": "v", "status": "completed", "captioned_video_url": URL}, None),
    ],
)
def test_a_render_in_each_endpoints_words(data: dict[str, Any], progress: Progress | None) -> None:
    expected = progress or Unreadable("completed without a link")

    assert decode_progress(_answer({"data": data})) == expected
    assert decode_progress(_answer({"code": 100, "message": "Success", "data": data})) == expected
    assert decode_progress(_answer({"error": None, "data": data})) == expected


def test_captions_in_the_picture_are_preferred_where_they_were_asked_for() -> None:
    both = {"status": "completed", "video_url": URL, "captioned_video_url": f"{URL}?c"}

    assert decode_progress(_answer({"data": both})) == Finished(URL)
    assert decode_progress(_answer({"data": both}), burned_in=True) == Finished(f"{URL}?c")
    bare = {**both, "captioned_video_url": None}
    assert decode_progress(_answer({"data": bare}), burned_in=True) == Finished(URL, is_plain=True)


@pytest.mark.parametrize(
    ("data", "kind", "detail"),
    [
        (
            {"failure_code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"},
            FailureClass.CREDITS,
            "MOVIO_PAYMENT_INSUFFICIENT_CREDIT",
        ),
        (
            {"failure_code": "AVATAR_IV_VIDEO_GENERATION_DURATION_LIMIT_REACHED"},
            FailureClass.BAD_INPUT,
            "AVATAR_IV_VIDEO_GENERATION_DURATION_LIMIT_REACHED",
        ),
        (
            {"error": {"code": 40119, "message": "too long", "detail": "x"}},
            FailureClass.BAD_INPUT,
            "40119: too long",
        ),
        ({"failure_message": "no speech found"}, FailureClass.TRANSIENT, "no speech found"),
        ({}, FailureClass.TRANSIENT, "no reason given"),
    ],
)
def test_a_failed_render_says_why_or_nothing(
    data: dict[str, Any], kind: FailureClass, detail: str
) -> None:
    ended = decode_progress(_answer({"data": {"status": "failed", **data}}))

    assert isinstance(ended, Ended)
    assert (ended.failure.kind, ended.failure.detail) == (kind, detail)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"video_id": "v", "status": "waiting", "output_format": "mp4"}, "v"),
        ({"id": "v", "status": "pending"}, "v"),
        ({"video_id": "v", "id": "x"}, "v"),
        ({"video_translation_ids": ["t-1", "t-2"]}, "t-1"),
        ({"video_translate_id": "t"}, "t"),
        ({"execution_id": "node-gw-1", "status": "submitted"}, "node-gw-1"),
        ({"video_translation_ids": []}, None),
        ({"video_id": None}, None),
        ({"video_id": 7}, None),
    ],
)
def test_an_acceptance_is_an_id(data: dict[str, Any], name: str | None) -> None:
    assert decode_accepted(_answer({"data": data})) == (Accepted(name) if name else None)


# ── inputs by our names ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("param", "field"),
    [
        ("avatar_id", "avatar"),
        ("scenes.3.input.avatar_id", "avatar"),
        ("video_inputs.0.voice.speed", "speed"),
        ("video_inputs.0.character.avatar_style", "style"),
        ("voice_settings.engine_settings.stability", "voice_engine"),
        ("output_languages.0", "language"),
        ("variables.headline", "variables"),
        ("config.duration_sec", "duration_s"),
        ("motion_prompt", "motion"),
        ("session_id", "session_id"),
    ],
)
def test_a_refused_field_is_named_in_our_words(param: str, field: str) -> None:
    assert failure_of(Stated(code="invalid_parameter", param=param)).field == field


@pytest.mark.parametrize(
    ("status", "code", "is_input"),
    [
        (404, "avatar_not_found", True),
        (404, "voice_not_found", True),
        (404, "resource_not_found", True),
        (404, "not_found", True),
        (404, "asset_not_found", True),
        (404, "style_not_found", True),
        (404, "template_not_found", True),
        (404, "endpoint_not_found", False),
        (404, "workflow_not_found", False),
        (404, "gone", False),
        (410, "avatar_not_found", False),
        (409, "resource_not_ready", True),
        (409, "request_in_progress", False),
        (400, "avatar_not_found", False),
    ],
)
def test_a_missing_input_is_told_from_a_missing_endpoint(
    status: int, code: str, is_input: bool
) -> None:
    found = missing_input(_answer({"error": {"code": code, "message": "m"}}, status))

    assert (found is not None) is is_input
    assert found is None or found.kind in (FailureClass.BAD_INPUT, FailureClass.TRANSIENT)
    assert missing_input(_answer(b"<html>", status)) is None


def test_a_bare_404_is_about_the_endpoint_where_nothing_can_be_missing() -> None:
    bare = _answer({"error": {"code": "not_found", "message": "Not found."}}, 404)
    look = _answer({"error": {"code": "not_found", "message": "Avatar look not found"}}, 404)
    route = _answer({"error": {"code": "not_found", "message": "Cannot POST /v3/videos"}}, 404)
    param = _answer({"error": {"code": "x", "message": "No.", "param": "style_id"}}, 404)

    assert missing_input(bare, named=False) is None
    assert missing_input(route, named=True) is None
    for answer in (look, param):
        found = missing_input(answer, named=False)
        assert found is not None
        assert found.kind is FailureClass.BAD_INPUT


async def test_captions_in_the_picture_are_waited_for_and_not_for_ever() -> None:
    plain = (200, {"data": {"id": "v-1", "status": "completed", "video_url": URL}})
    there = {"data": plain[1]["data"] | {"captioned_video_url": f"{URL}?c"}}
    since = {"captions": "burned_in"}

    async def look(answer: Any, **handle: str) -> Progress:
        http = Http(WallClock(), read_transport=_Script({VIDEO: answer}))
        gateway = HeyGen(http, api_key="k3y-k3y-k3y", api_url="https://api.invalid")
        progress = await gateway.check(Remote("v-1", handle, SPOKEN))
        await http.aclose()
        return progress

    first = await look(plain, **since)
    assert isinstance(first, Rendering)
    since |= first.learned
    assert await look(plain, **since) == Rendering()
    assert await look((200, there), **since) == Finished(f"{URL}?c", remote_video_id="v-1")
    since["uncaptioned_since"] = str(WallClock().now() - 700)
    assert await look(plain, **since) == Finished(URL, remote_video_id="v-1", is_plain=True)

    beside = await look(plain, captions="beside")
    assert isinstance(beside, Rendering)
    assert beside.learned
    words = {"data": plain[1]["data"] | {"subtitle_url": f"{URL}.srt"}}
    had = await look((200, words), captions="beside")
    assert isinstance(had, Finished)
    assert had.subtitle_url == f"{URL}.srt"
    assert await look(plain, captions="preferred") == Finished(URL, remote_video_id="v-1")


# ── sessions ──────────────────────────────────────────────────────────────────────────────────


class _Script(httpx.AsyncBaseTransport):
    """HeyGen as a table of answers by path; what is not in it is a 404 in its own words."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        missing = (404, {"error": {"code": "resource_not_found", "message": "Not found."}})
        status, body = self._routes.get(request.url.path, missing)
        return httpx.Response(status, content=json.dumps(body).encode())


async def _checked(routes: Routes, may_stop: bool = False, /, **handle: str) -> Progress:
    script = _Script(routes)
    http = Http(WallClock(), read_transport=script)
    gateway = HeyGen(http, api_key="k3y-k3y-k3y", api_url="https://api.invalid")
    progress = await gateway.check(Remote("s-1", handle, AGENT))
    written = [asked for asked in script.asked if not asked.startswith("GET ")]
    assert written == ([f"POST {STOP}"] if may_stop else [])
    await http.aclose()
    return progress


def _session(status: str, *messages: tuple[str, str, str], **more: Any) -> tuple[int, Any]:
    said = [{"role": role, "type": kind, "content": words} for role, kind, words in messages]
    return 200, {"data": {"session_id": "s-1", "status": status, "messages": said, **more}}


SESSION, VIDEOS, VIDEO = "/v3/video-agents/s-1", "/v3/video-agents/s-1/videos", "/v3/videos/v-1"
DONE = (200, {"data": {"id": "v-1", "status": "completed", "video_url": URL}})
NO_VIDEOS = (200, {"data": [], "has_more": False, "next_token": None})
LISTED = (200, {"data": [DONE[1]["data"]], "has_more": False, "next_token": None})
FAILED = (200, {"data": {"id": "v-1", "status": "failed", "failure_message": "boom"}})
BUSY = (200, {"data": {"id": "v-1", "status": "processing"}})
BROKEN = (503, {"error": {"code": "service_unavailable", "message": "m"}})
MADE = Finished(URL, remote_video_id="v-1")


@pytest.mark.parametrize(
    ("routes", "handle", "expected"),
    [
        ({SESSION: _session("thinking", progress=5)}, {}, Rendering(0.05)),
        ({SESSION: _session("Reviewing", progress=250)}, {}, Rendering(1.0)),
        ({SESSION: _session("dreaming")}, {}, Rendering()),
        (
            {SESSION: _session("generating", progress=50, video_id="v-1"), VIDEO: BUSY},
            {},
            Rendering(0.5, {"video_id": "v-1"}),
        ),
        (
            {SESSION: _session("generating", progress=50, video_id="v-1")},
            {},
            Rendering(0.5, {"video_id": "v-1"}),
        ),
        (
            {SESSION: _session("generating", progress=50, video_id="v-1"), VIDEO: BROKEN},
            {},
            Rendering(0.5, {"video_id": "v-1"}),
        ),
        ({SESSION: _session("completed", video_id="v-1"), VIDEO: DONE}, {}, MADE),
        ({SESSION: _session("completed"), VIDEOS: LISTED}, {}, MADE),
        (
            {SESSION: _session("completed"), VIDEOS: NO_VIDEOS},
            {},
            Unreadable("completed without a video"),
        ),
        ({SESSION: _session("failed"), VIDEOS: LISTED}, {}, MADE),
        ({SESSION: _session("failed"), VIDEOS: BROKEN}, {}, Unreadable),
        ({VIDEOS: LISTED}, {}, MADE),
        ({}, {}, Unknown()),
        ({SESSION: BROKEN}, {}, Unreadable),
        ({VIDEO: DONE}, {"video_id": "v-1"}, MADE),
        ({VIDEO: BUSY}, {"video_id": "v-1"}, Rendering()),
        (
            {VIDEO: BUSY, SESSION: _session("generating", progress=70)},
            {"video_id": "v-1"},
            Rendering(0.7),
        ),
        ({VIDEO: BROKEN}, {"video_id": "v-1"}, Unreadable),
        ({SESSION: _session("thinking")}, {"video_id": "v-1"}, Rendering()),
        (
            {SESSION: _session("completed", video_id="v-1"), VIDEOS: LISTED},
            {"known_videos": "v-0,v-1", "mode": "chat"},
            Unreadable("completed without a video"),
        ),
    ],
)
async def test_a_session_and_its_video(
    routes: Routes, handle: dict[str, str], expected: Progress | type
) -> None:
    progress = await _checked(routes, **handle)

    if isinstance(expected, type):
        assert isinstance(progress, expected)
    else:
        assert progress == expected


@pytest.mark.parametrize(
    ("session", "detail"),
    [
        (_session("failed"), "no reason given"),
        (
            _session("failed", ("model", "error", "We are sorry"), ("user", "text", "A film")),
            "We are sorry",
        ),
        (_session("failed", ("model", "text", "Working on it")), "no reason given"),
    ],
)
async def test_a_failed_session_says_why_or_nothing(session: Any, detail: str) -> None:
    ended = await _checked({SESSION: session, VIDEOS: NO_VIDEOS})

    assert isinstance(ended, Ended)
    assert ended.failure.detail == detail


async def test_the_reason_of_the_video_is_the_better_one() -> None:
    ended = await _checked({SESSION: _session("failed", video_id="v-1"), VIDEO: FAILED})

    assert isinstance(ended, Ended)
    assert ended.failure.detail == "boom"


QUESTION = ("model", "text", "For whom is it?")
SAID = ("user", "text", "A film")


@pytest.mark.parametrize(
    ("messages", "mode", "is_asked"),
    [
        ((QUESTION, SAID), "chat", True),
        ((SAID, QUESTION), "chat", False),
        ((), "chat", True),
        ((QUESTION, SAID), "generate", False),
    ],
)
async def test_a_question_is_told_once_it_is_one(
    messages: tuple[Any, ...], mode: str, is_asked: bool
) -> None:
    session = _session("waiting_for_input", *messages, created_at=1)
    progress = await _checked({SESSION: session, VIDEOS: NO_VIDEOS}, mode=mode)

    assert isinstance(progress, Ended) is is_asked
    if isinstance(progress, Ended) and messages:
        assert progress.failure.detail == "For whom is it?"
        assert progress.failure.field == "question"


ASKS = {SESSION: _session("waiting_for_input", QUESTION, SAID, created_at=1), VIDEOS: NO_VIDEOS}
LONG_AGO = str(WallClock().now() - 400)
STOP = "/v3/video-agents/s-1/stop"


async def test_a_question_that_nobody_can_answer_is_waited_for_from_when_it_was_asked() -> None:
    """The session may be old: only how long it has been asking counts."""
    first = await _checked(ASKS)
    assert isinstance(first, Rendering)
    again = await _checked(ASKS, **first.learned)
    assert again == Rendering()
    going_on = await _checked({SESSION: _session("thinking")}, **first.learned)
    assert going_on == Rendering(None, {"asking_since": ""})


async def test_a_session_that_goes_on_asking_is_stopped_before_it_is_given_up() -> None:
    asking = {"asking_since": LONG_AGO}
    unheard = await _checked({**ASKS, STOP: BROKEN}, True, **asking)
    assert unheard == Rendering(), "it is told once more"

    stopped = await _checked({**ASKS, STOP: (200, {"data": {}})}, True, **asking)
    assert isinstance(stopped, Rendering)
    assert set(stopped.learned) == {"stopped"}

    asking |= stopped.learned
    assert await _checked({**ASKS, VIDEOS: LISTED}, **asking) == MADE, "what was made is had"
    for word in ("waiting_for_input", "failed"):
        ended = await _checked(ASKS | {SESSION: _session(word, QUESTION, SAID)}, **asking)
        assert isinstance(ended, Ended)
        assert (ended.failure.field, ended.failure.billed) == ("question", None)


def test_an_accepted_session_and_an_accepted_message() -> None:
    early = {"session_id": "s-1", "status": "generating", "video_id": "v-1", "created_at": 1}
    message = {"session_id": "s-1", "run_id": "r-1", "title": "T"}

    assert decode_session_accepted(_answer({"data": early})) == Accepted(
        "s-1", {"session_id": "s-1", "video_id": "v-1"}
    )
    assert decode_session_accepted(_answer({"data": {**early, "video_id": None}})) == Accepted(
        "s-1", {"session_id": "s-1"}
    )
    assert decode_session_accepted(_answer({"data": message})) == Accepted(
        "r-1", {"session_id": "s-1"}
    )
    assert decode_session_accepted(_answer({"data": {"video_id": "v-1"}})) is None


_WORDS = [
    "data",
    "status",
    "session_id",
    "video_id",
    "id",
    "messages",
    "video_url",
    "error",
    "code",
]
_VALUES = ["completed", "failed", "waiting_for_input", "generating", URL, "v-1"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(_VALUES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_WORDS), inner | st.sampled_from(_VALUES), max_size=5)
    ),
    max_leaves=20,
)


@given(st.lists(_JSON, min_size=3, max_size=3), st.sampled_from([200, 204, 404, 500]))
async def test_no_answers_break_a_check(bodies: list[Any], status: int) -> None:
    routes: Routes = dict(
        zip((SESSION, VIDEOS, VIDEO), [(status, body) for body in bodies], strict=True)
    )
    for handle in ({}, {"video_id": "v-1"}):
        progress = await _checked(routes, **handle)
        if status != 200:
            assert isinstance(progress, Unreadable | Unknown | Rendering)


@given(_JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_no_answer_breaks_a_decoder(body: bytes) -> None:
    answer = _answer(body)
    decoders: list[Callable[[Answer], Any]] = [
        decode_accepted,
        decode_session_accepted,
        decode_place,
        decode_progress,
    ]
    for decode in decoders:
        decode(answer)
    for rows in (LookRows, VoiceRows):
        read_json(rows, body)
