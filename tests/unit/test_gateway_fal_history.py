"""Finding a lost submit in fal's history: exactly ours, or none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.gateway import Trace
from gateways.classify import Answer
from gateways.fal_history import (
    SENT_AFTER_S,
    SENT_BEFORE_S,
    history_path,
    is_history,
    next_cursor,
    ours_in,
)

NOW = 1_790_000_000.0
ENDPOINT = "bytedance/seedance-2.0/text-to-video"
SENT = {"prompt": "a fox", "duration": "5", "generate_audio": True, "seed": 11}
BODY = json.dumps(SENT).encode()
TRACE = Trace(NOW, others=frozenset({"taken"}))


def _answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, httpx.Headers(), json.dumps(body).encode(), NOW)


def _entry(**said: Any) -> dict[str, Any]:
    usual = {"request_id": "r1", "endpoint_id": ENDPOINT, "sent_at": _iso(NOW), "json_input": SENT}
    return usual | said


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _found(*entries: Any) -> list[str]:
    page = _answer({"items": list(entries)})
    return [remote_id for _, remote_id in ours_in(page, ENDPOINT, BODY, TRACE)]


def test_the_same_input_at_the_same_time_is_ours() -> None:
    assert _found(_entry()) == ["r1"]


def test_what_fal_filled_in_does_not_matter() -> None:
    assert _found(_entry(json_input={**SENT, "aspect_ratio": "auto", "end_user_id": None})) == [
        "r1"
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"json_input": {**SENT, "seed": 12}},
        {"json_input": {**SENT, "prompt": "a fox "}},
        {"json_input": {**SENT, "generate_audio": 1}},
        {"json_input": {name: SENT[name] for name in SENT if name != "seed"}},
        {"json_input": None},
        {"json_input": "a fox"},
        {"endpoint_id": f"{ENDPOINT}/fast"},
        {"request_id": "taken"},
        {"request_id": "../other"},
        {"request_id": None},
        {"sent_at": _iso(NOW - SENT_BEFORE_S - 1)},
        {"sent_at": _iso(NOW + SENT_AFTER_S + 1)},
        {"sent_at": "yesterday"},
        {"sent_at": None},
    ],
)
def test_anything_else_is_not(said: dict[str, Any]) -> None:
    assert _found(_entry(**said), None, 7, _entry(request_id="r2")) == ["r2"]


def test_a_page_is_asked_for_around_the_time_of_the_submit() -> None:
    query = parse_qs(urlsplit(history_path(ENDPOINT, TRACE, "c2")).query)

    assert query["endpoint_id"] == [ENDPOINT]
    assert query["expand"] == ["payloads"]
    assert query["cursor"] == ["c2"]
    assert query["start"] == [_iso(NOW - SENT_BEFORE_S)]
    assert query["end"] == [_iso(NOW + SENT_AFTER_S)]


def test_pages_follow_each_other_and_a_refusal_is_none() -> None:
    assert next_cursor(_answer({"items": [], "next_cursor": "2", "has_more": True})) == "2"
    assert next_cursor(_answer({"items": [], "next_cursor": "2", "has_more": False})) is None
    assert is_history(_answer({"items": []}))
    assert not is_history(_answer({"error": {"type": "authorization_error"}}, 403))
    assert not is_history(_answer({"detail": "x"}))
