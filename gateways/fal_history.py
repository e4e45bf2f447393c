"""fal's request history: how a submit whose answer was lost is found again, never a second one.

`GET {FAL_API_URL}/models/requests/by-endpoint?…&expand=payloads` (docs.fal.ai, platform APIs v1,
models/requests/by-endpoint): the account's own requests with `json_input` and `sent_at`, ended
ones at least. A request is ours if its input is exactly what we sent, the seed that only this
submit has included, and it was sent when we sent; what another execution has is never ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from domain.gateway import Trace
from gateways.classify import Answer, is_remote_id
from gateways.lenient import Lenient, Maybe, read_json

PAGE_ITEMS = 50
PAGES_MAX = 4
# A submit is on the wire for 100 s at most, and two clocks need not agree.
SENT_BEFORE_S = 60.0
SENT_AFTER_S = 240.0


class _Entry(Lenient):
    request_id: Maybe[str] = None
    endpoint_id: Maybe[str] = None
    sent_at: Maybe[str] = None
    json_input: Maybe[dict[str, Any]] = None


class _Page(Lenient):
    items: Maybe[list[Maybe[_Entry]]] = None
    next_cursor: Maybe[str] = None
    has_more: Maybe[bool] = None


def history_path(endpoint: str, trace: Trace, cursor: str | None) -> str:
    """One page of what was sent to an endpoint around the time of a submit."""
    asked = {
        "endpoint_id": endpoint,
        "start": _iso(trace.sent_at - SENT_BEFORE_S),
        "end": _iso(trace.sent_at + SENT_AFTER_S),
        "expand": "payloads",
        "limit": str(PAGE_ITEMS),
    }
    return (
        f"/models/requests/by-endpoint?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}"
    )


def next_cursor(answer: Answer) -> str | None:
    """Where the history goes on, None at its end."""
    page = read_json(_Page, answer.body)
    return page.next_cursor if page is not None and page.has_more is not False else None


def is_history(answer: Answer) -> bool:
    """Whether an answer is a page of history at all: a key may not be allowed to read it."""
    page = read_json(_Page, answer.body)
    return 200 <= answer.status < 300 and page is not None and page.items is not None


def ours_in(answer: Answer, endpoint: str, body: bytes, trace: Trace) -> list[tuple[float, str]]:
    """When and as what a page shows our submit: (sent at, request id), mostly none or one."""
    page = read_json(_Page, answer.body)
    entries = (page.items if page else None) or []
    sent: dict[str, Any] = json.loads(body)
    return list(_ours([entry for entry in entries if entry is not None], endpoint, sent, trace))


def _ours(
    entries: list[_Entry], endpoint: str, sent: dict[str, Any], trace: Trace
) -> Iterator[tuple[float, str]]:
    for entry in entries:
        at, remote_id = _unix(entry.sent_at), entry.request_id
        if at is None or remote_id is None or not is_remote_id(remote_id):
            continue
        in_time = trace.sent_at - SENT_BEFORE_S <= at <= trace.sent_at + SENT_AFTER_S
        is_free = remote_id not in trace.others
        if in_time and is_free and entry.endpoint_id == endpoint and _is_input(entry, sent):
            yield at, remote_id


def _is_input(entry: _Entry, sent: dict[str, Any]) -> bool:
    """Every field that we sent, as we sent it; fal may have filled in its own for the others."""
    shown = entry.json_input
    if shown is None:
        return False
    return all(name in shown and _same(shown[name], value) for name, value in sent.items())


def _same(shown: object, sent: object) -> bool:
    """Equal, and not 1 for true."""
    return type(shown) is type(sent) and shown == sent


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _unix(text: str | None) -> float | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
