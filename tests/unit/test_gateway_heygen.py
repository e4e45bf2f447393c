"""HeyGen's wire: what is sent, and what each answer means."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FailureClass
from domain.gateway import (
    Ended,
    Finished,
    Progress,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.rerouting import may_go_on
from gateways.classify import Answer
from gateways.heygen_failures import Stated, failure_of, stated_error
from gateways.heygen_links import asset_id_of, url_of
from gateways.heygen_progress import decode_progress, unfamiliar_word
from gateways.heygen_uploads import decode_asset, encode_asset
from gateways.heygen_workflows import encode_submission
from gateways.lenient import UnfamiliarWords
from tests.integration.gateway_servers import intent

NOW = 1_790_000_000.0
URL = "https://resource.heygen.ai/generated/video.mp4"


def _answer(body: Any, status: int = 200, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, httpx.Headers(headers), content, NOW)


def _progress(**data: Any) -> Progress:
    return decode_progress(_answer({"data": {"execution_id": "n", **data}}))


def _completed(output: Any) -> Progress:
    return _progress(status="completed", output=output)


def test_every_field_of_the_seed_is_sent() -> None:
    whole = replace(
        intent("kling_pro@heygen", aspect_ratio="9:16", config={"cfg": 0.5, "none": None}),
        links={
            "reference_image": "https://i.example/a.png",
            "tail_image": "https://i.example/b.png",
        },
    )

    assert json.loads(encode_submission(whole)) == {
        "workflow_type": "GenerateVideoNode",
        "input": {
            "prompt": "a fox in snow",
            "provider": "kling_pro",
            "aspect_ratio": "9:16",
            "reference_image_url": "https://i.example/a.png",
            "tail_image_url": "https://i.example/b.png",
            "config": {"cfg": 0.5, "none": None},
        },
    }


def test_what_was_not_said_is_not_sent() -> None:
    sent = json.loads(encode_submission(intent(aspect_ratio=None, seed=7, duration_s=5)))

    assert sent["input"] == {"prompt": "a fox in snow", "provider": "veo_3_1"}


@pytest.mark.parametrize(
    ("word", "progress"),
    [
        *((word, Waiting()) for word in ("submitted", "pending", "waiting", "QUEUED", " Pending ")),
        *((word, Rendering()) for word in ("processing", "Running", "generating", "hibernating")),
        *((word, Unknown()) for word in ("not_found", "NOT_FOUND")),
    ],
)
def test_each_status_word(word: str, progress: Progress) -> None:
    assert _progress(status=word) == progress


def test_a_finished_video_keeps_both_ids() -> None:
    output = {"video": {"video_url": URL, "video_id": "abc"}, "asset_id": "asset-1"}
    finished = Finished(URL, asset_id="asset-1", remote_video_id="abc")

    assert _completed(output) == finished
    assert _progress(status="Success", output=output) == finished
    assert _completed({"video_url": URL}) == Finished(URL)
    assert _completed({"video": {"video_url": URL, "video_id": 7}}) == Finished(URL)


@pytest.mark.parametrize(
    "output",
    [
        *(None, {}, [], "x", {"video": None}, {"video": {}}, {"video": {"video_url": None}}),
        *({"video": {"video_url": url}} for url in ("", 7, "javascript:alert(1)", "/x.mp4")),
        {"video": {"video_url": "https://x/" + "a" * 10_000}},
    ],
)
def test_completed_without_a_link_is_asked_again(output: Any) -> None:
    assert _completed(output) == Unreadable("completed without a link")


@pytest.mark.parametrize("status", [None, 7, [], {}, True])
def test_a_status_that_is_no_word_ends_nothing(status: Any) -> None:
    assert _progress(status=status) == Unreadable("an answer without a status")


@pytest.mark.parametrize(
    ("data", "kind", "detail"),
    [
        ({"error": {"message": "boom"}}, FailureClass.TRANSIENT, "boom"),
        ({"error": "boom"}, FailureClass.TRANSIENT, "boom"),
        ({}, FailureClass.TRANSIENT, "no reason given"),
        ({"error": {}}, FailureClass.TRANSIENT, "no reason given"),
        ({"error": []}, FailureClass.TRANSIENT, "no reason given"),
        ({"message": "blocked by policy"}, FailureClass.REFUSED_CONTENT, "blocked by policy"),
        (
            {"failure_code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"},
            FailureClass.CREDITS,
            "MOVIO_PAYMENT_INSUFFICIENT_CREDIT",
        ),
        (
            {"error": {"code": 40119, "message": "too long", "detail": "x"}},
            FailureClass.BAD_INPUT,
            "40119: too long",
        ),
        (
            {"error": {"code": "content_policy_violation", "message": "no"}},
            FailureClass.REFUSED_CONTENT,
            "content_policy_violation: no",
        ),
    ],
)
def test_a_failed_render_says_why(data: dict[str, Any], kind: FailureClass, detail: str) -> None:
    progress = _progress(status="failed", **data)

    assert isinstance(progress, Ended)
    assert (progress.failure.kind, progress.failure.detail) == (kind, detail)
    assert progress.failure.billed is (None if kind is FailureClass.TRANSIENT else False)


VEO_REFUSES = (
    "Veo could not generate videos because the input image violates Vertex AI's usage guidelines.",
    "The prompt contains sensitive words that violate Google's Responsible AI practices.",
    "Failure to pass the risk control system",
    "This request was stopped by guardrails concerning similarity to third-party content.",
    "The prompt was flagged.",
    "Forbidden term",
    "The picture may infringe a right.",
)


@pytest.mark.parametrize("said", VEO_REFUSES)
@pytest.mark.parametrize("code", [None, "generation_failed", "internal_error"])
def test_a_refusal_in_another_vendors_words_is_not_shopped_around(
    said: str, code: str | None
) -> None:
    progress = _progress(status="failed", error={"code": code, "message": said})

    assert isinstance(progress, Ended)
    assert progress.failure.kind is FailureClass.REFUSED_CONTENT
    assert not may_go_on(progress.failure)


def test_only_what_is_known_to_be_theirs_is_made_elsewhere() -> None:
    known = _progress(status="failed", error={"code": "internal_error", "message": "it fell over"})
    unknown = _progress(status="failed", error={"code": "generation_failed", "message": "Sorry."})

    assert isinstance(known, Ended)
    assert isinstance(unknown, Ended)
    assert (may_go_on(known.failure), may_go_on(unknown.failure)) == (True, False)


def test_a_forbidden_submit_is_about_our_account() -> None:
    said = Stated(message="Forbidden: it violates the limits of your plan")

    assert failure_of(said, status=403).kind is FailureClass.CONFIG
    assert failure_of(said, status=403).billed is False


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("unauthorized", 401, FailureClass.CONFIG),
        ("forbidden", 403, FailureClass.CONFIG),
        ("insufficient_credit", 402, FailureClass.CREDITS),
        ("subscription_required", 402, FailureClass.CREDITS),
        ("quota_exceeded", 429, FailureClass.RATE),
        ("rate_limit_exceeded", 429, FailureClass.RATE),
        ("content_policy_violation", 400, FailureClass.REFUSED_CONTENT),
        (400105, 400, FailureClass.REFUSED_CONTENT),
        (402007, 400, FailureClass.REFUSED_CONTENT),
        ("invalid_parameter", 400, FailureClass.BAD_INPUT),
        ("validation_error", 422, FailureClass.BAD_INPUT),
        ("payload_too_large", 413, FailureClass.BAD_INPUT),
        ("download_failed", 400, FailureClass.BAD_INPUT),
        ("service_unavailable", 503, FailureClass.TRANSIENT),
        ("internal_error", 400, FailureClass.BAD_INPUT),
        ("never_seen_before", 402, FailureClass.CREDITS),
        ("never_seen_before", 500, FailureClass.TRANSIENT),
        ("GONE", 400, FailureClass.GONE),
    ],
)
def test_codes_are_sorted_by_whose_fault_it_is(
    code: str | int, status: int, kind: FailureClass
) -> None:
    assert failure_of(Stated(code=code, message="m"), status=status).kind is kind


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (Stated(code="invalid_parameter", param="input.provider"), "model"),
        (Stated(code="invalid_parameter", param="reference_image_url"), "reference_image"),
        (Stated(code="invalid_parameter", param="input.config.cfg"), "config"),
        (Stated(code="invalid_parameter", param="workflow_type"), "workflow_type"),
        (Stated(code="download_failed"), "reference_image"),
        (Stated(code="content_policy_violation", message="The image shows"), "reference_image"),
        (Stated(code="content_policy_violation", message="Your prompt"), "prompt"),
        (Stated(code="content_policy_violation", message="No."), None),
        (Stated(code="internal_error", message="prompt"), None),
    ],
)
def test_the_refused_input_is_named_in_our_words(stated: Stated, field: str | None) -> None:
    assert failure_of(stated).field == field


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "x", "message": "y"}},
        {"error": {"message": "y"}},
        {"error": "text", "data": None},
        {"code": 400123, "message": "slow", "data": None},
        {"code": 40001, "msg": "bad"},
    ],
)
def test_each_version_of_the_envelope_is_known(body: dict[str, Any]) -> None:
    assert stated_error(_answer(body)) is not None


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"error": None, "data": {}}, {"error": {}}, {"error": " "}, [], "x", None),
        *({"code": 100, "message": "Success"}, {"message": "Forbidden"}, {"detail": "no"}),
        b"<html>",
    ],
)
def test_what_is_no_envelope_is_none(body: Any) -> None:
    assert stated_error(_answer(body)) is None


def test_a_check_that_fails_says_nothing_about_the_render() -> None:
    envelope = {"error": {"code": "internal_error", "message": "oops"}}

    assert decode_progress(_answer(envelope, 500)) == Unreadable(
        "HTTP 500: internal_error: oops", is_down=True
    )
    assert decode_progress(_answer(b"<html>", 502)) == Unreadable("HTTP 502", is_down=True)
    assert decode_progress(_answer(envelope, 429, **{"retry-after": "9"})) == Unreadable(
        "HTTP 429: internal_error: oops", retry_after_s=9
    )
    assert decode_progress(_answer(b"<html>")) == Unreadable("an answer without a status")
    assert decode_progress(_answer(envelope)) == Unreadable("internal_error: oops")
    assert isinstance(decode_progress(_answer(envelope, 404)), Unreadable)


def test_an_error_in_a_200_answer_is_believed_where_only_a_render_can_cause_it() -> None:
    refused = decode_progress(_answer({"error": {"code": 400680, "message": "unsafe prompt"}}))

    assert isinstance(refused, Ended)
    assert refused.failure.kind is FailureClass.REFUSED_CONTENT
    assert refused.failure.field == "prompt"
    assert decode_progress(_answer({"error": {"code": "not_found", "message": "m"}})) == Unknown()


def test_an_id_that_heygen_does_not_know() -> None:
    unknown = {"error": {"code": "not_found", "message": "Not found."}}

    assert decode_progress(_answer(unknown, 404)) == Unknown()
    assert isinstance(decode_progress(_answer(b"<html>", 404)), Unreadable)


def test_an_error_text_is_short_and_redacted() -> None:
    progress = decode_progress(
        _answer({"data": {"status": "failed", "error": f"key k3y-k3y-k3y {'x' * 5_000}"}}),
        ("k3y-k3y-k3y",),
    )

    assert isinstance(progress, Ended)
    assert progress.failure.detail.startswith("key [hidden] xxx")
    assert len(progress.failure.detail) == 300


def test_the_request_id_is_kept_with_an_error() -> None:
    stated = Stated(code="internal_error", message="m")

    assert failure_of(stated, request_id="r-1").detail == "internal_error: m (request r-1)"


def test_a_word_that_is_not_documented_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    words = UnfamiliarWords("heygen")
    with caplog.at_level(logging.WARNING):
        for word in ["hibernating", "hibernating", "x" * 5_000, *map(str, range(500))]:
            words.notice(word)

    assert sum("hibernating" in line.message for line in caplog.records) == 1
    assert len(caplog.records) == 100
    assert max(len(line.getMessage()) for line in caplog.records) < 120


def test_only_unknown_words_are_unfamiliar() -> None:
    assert unfamiliar_word(_answer({"data": {"status": "Completed"}})) is None
    assert unfamiliar_word(_answer({"data": {"status": "dreaming"}})) == "dreaming"
    assert unfamiliar_word(_answer(b"<html>")) is None


def test_a_picture_is_one_multipart_field_and_always_the_same_bytes() -> None:
    body = encode_asset(b"\x89PNG...", "image/png", 'a".png')
    assert isinstance(body.content, bytes)

    assert body == encode_asset(b"\x89PNG...", "image/png", 'a".png')
    assert b'name="file"; filename="a%22.png"\r\nContent-Type: image/png' in body.content
    boundary = body.headers["content-type"].partition("boundary=")[2].encode()
    assert body.content.count(b"--" + boundary) == 2


def test_the_link_of_an_upload() -> None:
    for body in (
        {"data": {"asset_id": "a", "url": URL}},
        {"code": 100, "data": {"id": "a", "url": URL}},
    ):
        link = decode_asset(_answer(body))
        assert (url_of(link), asset_id_of(link)) == (URL, "a")
    assert decode_asset(_answer({"data": {"asset_id": "../a", "url": URL}})) == URL
    for odd in ({}, {"data": {"url": None}}, {"data": {"url": "file:///x"}}, b"<html>"):
        assert decode_asset(_answer(odd)) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "status", "error", "output", "video", "video_url", "code"]),
            inner | st.sampled_from(["completed", "failed", "not_found", URL]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.integers(100, 599), _JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_no_answer_breaks_the_decoder_and_no_failed_check_ends_a_render(
    status: int, body: bytes
) -> None:
    progress = decode_progress(_answer(body, status))

    if not 200 <= status < 300:
        assert isinstance(progress, Unreadable | Unknown)
    if isinstance(progress, Finished):
        assert progress.video_url.startswith("http")
