"""fal's wire: what is sent, and what each answer means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Failure, FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Progress,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways import fal_inputs, fal_wire
from gateways.classify import Answer
from gateways.fal_failures import refused
from tests.integration.gateway_servers import intent

NOW = 1_790_000_000.0
URL = "https://v3b.fal.media/files/b/x.mp4"
DONE = {"status": "COMPLETED"}
DONE_BADLY = {"status": "COMPLETED", "error": "it broke", "error_type": "internal_error"}
SEEDANCE = "seedance_2_0@fal"


def _answer(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, httpx.Headers(named), content, NOW)


def _result(body: Any, status: int, said: Any = DONE, **headers: str) -> Progress:
    return fal_wire.decode_result(_answer(body, status, **headers), _answer(said))


def _model_error(type_: str, *loc: str | int) -> dict[str, Any]:
    return {"detail": [{"loc": list(loc), "msg": "words", "type": type_, "input": "secret"}]}


def test_the_input_of_a_text_clip() -> None:
    asked = intent(SEEDANCE, duration_s=5, resolution="720p", sound=False, seed=0)

    assert fal_inputs.endpoint_of(asked) == "bytedance/seedance-2.0/text-to-video"
    assert json.loads(fal_inputs.encode_submission(asked)) == {
        "prompt": "a fox in snow",
        "duration": "5",
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "generate_audio": False,
        "seed": 0,
    }


def test_a_reference_image_has_an_endpoint_of_its_own() -> None:
    asked = replace(
        intent(SEEDANCE), links={"reference_image": "https://i/a", "tail_image": "https://i/b"}
    )
    sent = json.loads(fal_inputs.encode_submission(asked))

    assert fal_inputs.endpoint_of(asked) == "bytedance/seedance-2.0/image-to-video"
    assert (sent["image_url"], sent["end_image_url"]) == ("https://i/a", "https://i/b")


def test_inputs_that_no_endpoint_takes_are_named() -> None:
    tail_only = fal_inputs.endpoint_of(
        replace(intent(SEEDANCE), links={"tail_image": "https://i/b"})
    )
    offer = replace(intent(SEEDANCE).offer, image_endpoint=None)
    no_images = fal_inputs.endpoint_of(
        replace(intent(SEEDANCE), offer=offer, links={"reference_image": "https://i/a"})
    )

    assert isinstance(tail_only, Failure)
    assert isinstance(no_images, Failure)
    assert (tail_only.field, no_images.field) == ("tail_image", "reference_image")


def test_an_acceptance_is_its_id_even_without_addresses() -> None:
    urls = {"status_url": "https://queue.fal.run/s", "response_url": "https://queue.fal.run/r"}

    assert fal_wire.decode_accepted(_answer({"request_id": "a", **urls})) == Accepted("a", urls)
    assert fal_wire.decode_accepted(_answer({"request_id": "a", "cancel_url": 7})) == Accepted("a")
    assert fal_wire.decode_accepted(_answer({"status": "IN_QUEUE"})) is None


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("bytedance/seedance-2.0/fast/text-to-video", "/bytedance/seedance-2.0/requests/r"),
        ("fal-ai/veo3", "/fal-ai/veo3/requests/r"),
        ("workflows/me/mine/x", "/workflows/me/mine/requests/r"),
    ],
)
def test_follow_up_addresses_keep_owner_and_app(endpoint: str, path: str) -> None:
    assert fal_wire.request_path(endpoint, "r") == path


@pytest.mark.parametrize(
    ("body", "status", "progress"),
    [
        ({"status": "IN_QUEUE", "queue_position": 3}, 202, Waiting(3)),
        ({"status": "IN_QUEUE", "queue_position": "many"}, 200, Waiting()),
        ({"status": "in_progress", "logs": None}, 202, Rendering()),
        ({"status": "HIBERNATING"}, 200, Rendering()),
        (DONE, 200, None),
        (DONE_BADLY, 200, None),
        ({"status": "NOT_FOUND"}, 404, Unknown()),
        ({"detail": "Not Found"}, 404, Unreadable("HTTP 404: Not Found")),
        ({"status": 7}, 200, Unreadable("HTTP 200")),
        (b"<html>", 200, Unreadable("HTTP 200")),
        ({"detail": "no"}, 401, Unreadable("HTTP 401: no")),
        (b"<html>", 503, Unreadable("HTTP 503", is_down=True)),
    ],
)
def test_each_status(body: Any, status: int, progress: Progress | None) -> None:
    assert fal_wire.decode_status(_answer(body, status)) == progress


def test_a_finished_video_tells_its_seed() -> None:
    assert _result({"video": {"url": URL}, "seed": 42}, 200) == Finished(URL, seed=42)
    assert _result({"video": {"url": URL}, "seed": "x"}, 200) == Finished(URL)


@pytest.mark.parametrize("body", [{}, [], {"video": None}, {"video": {"url": "data:x"}}, b"<html>"])
def test_a_result_without_a_link_is_asked_again(body: Any) -> None:
    assert _result(body, 200) == Unreadable("completed without a link")


@pytest.mark.parametrize(
    ("body", "kind", "field", "billed"),
    [
        (
            _model_error("content_policy_violation", "body", "prompt"),
            FailureClass.REFUSED_CONTENT,
            "prompt",
            None,
        ),
        (
            _model_error("content_policy_violation", "body", "image_url"),
            FailureClass.REFUSED_CONTENT,
            "reference_image",
            None,
        ),
        (_model_error("no_media_generated"), FailureClass.REFUSED_CONTENT, None, None),
        (
            _model_error("image_too_large", "body", "end_image_url"),
            FailureClass.BAD_INPUT,
            "tail_image",
            None,
        ),
        (
            _model_error("literal_error", "body", "duration", 0),
            FailureClass.BAD_INPUT,
            "duration_s",
            None,
        ),
        (
            _model_error("value_error.missing", "body", "new_field"),
            FailureClass.BAD_INPUT,
            "new_field",
            None,
        ),
        ({"detail": "plain text"}, FailureClass.BAD_INPUT, None, None),
    ],
)
def test_a_422_result_is_a_refusal_or_a_bad_input(
    body: Any, kind: FailureClass, field: str | None, billed: bool | None
) -> None:
    progress = _result(body, 422)

    assert isinstance(progress, Ended)
    assert (progress.failure.kind, progress.failure.field, progress.failure.billed) == (
        kind,
        field,
        billed,
    )
    assert "secret" not in progress.failure.detail


def test_a_refusal_among_several_errors_is_the_one_that_is_told() -> None:
    body = {
        "detail": [
            {"loc": ["body", "seed"], "msg": "a", "type": "value_error"},
            7,
            {"loc": ["body", "prompt"], "msg": "b", "type": "content_policy_violation"},
        ]
    }
    progress = _result(body, 422)

    assert isinstance(progress, Ended)
    assert progress.failure.field == "prompt"
    assert progress.failure.detail == "content_policy_violation: b"


def test_a_5xx_of_the_render_is_broken_and_not_billed() -> None:
    of_model = _result(_model_error("generation_timeout"), 504)
    of_platform = _result({"detail": "timed out", "error_type": "request_timeout"}, 504, DONE_BADLY)

    for progress in (of_model, of_platform):
        assert isinstance(progress, Ended)
        assert progress.failure.kind is FailureClass.TRANSIENT
        assert progress.failure.billed is False


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_that_may_only_be_about_handing_out_the_result_ends_nothing(status: int) -> None:
    """The video may exist and be paid for: to call it failed would buy another one."""
    platform = {"detail": "Internal error", "error_type": "internal_error"}

    assert isinstance(_result(platform, status), Unreadable)
    assert isinstance(_result(b"<html>", status, DONE_BADLY), Unreadable)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 425, 429])
def test_a_result_that_cannot_be_read_now_ends_nothing(status: int) -> None:
    assert isinstance(_result({"detail": "no"}, status, DONE_BADLY), Unreadable)


def test_a_result_that_is_early_or_cancelled() -> None:
    early = _result({"detail": "Request is still in progress"}, 400)
    stopped = _result({"detail": "cancelled", "error_type": "client_cancelled"}, 499)

    assert early == Rendering()
    assert isinstance(stopped, Ended)
    assert stopped.failure.kind is FailureClass.STOPPED


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"detail": "no key"}, FailureClass.CONFIG),
        (402, {"detail": "Out of credits."}, FailureClass.CREDITS),
        (403, {"detail": "User is locked. Exhausted balance."}, FailureClass.CREDITS),
        (403, {"detail": "Forbidden"}, FailureClass.CONFIG),
        (429, {"detail": "x", "error_type": "concurrent_requests_limit"}, FailureClass.RATE),
        (422, _model_error("missing", "body", "prompt"), FailureClass.BAD_INPUT),
        (500, {"detail": "x"}, FailureClass.TRANSIENT),
    ],
)
def test_refusals_of_a_submit(status: int, body: Any, kind: FailureClass) -> None:
    failure = refused(_answer(body, status, x_fal_request_id="r-1"))

    assert failure is not None
    assert failure.kind is kind
    assert failure.billed is False
    assert failure.detail.endswith("(request r-1)")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (202, {"status": "CANCELLATION_REQUESTED"}, Cancellation.REQUESTED),
        (200, {"status": "OK"}, Cancellation.REQUESTED),
        (400, {"status": "ALREADY_COMPLETED"}, Cancellation.TOO_LATE),
        (404, {"status": "NOT_FOUND"}, Cancellation.TOO_LATE),
        (404, {"detail": "Not Found"}, Cancellation.UNREADABLE),
        (200, {}, Cancellation.UNREADABLE),
        (500, b"<html>", Cancellation.UNREADABLE),
    ],
)
def test_the_cancel_table(status: int, body: Any, said: Cancellation) -> None:
    assert fal_wire.decode_cancel(_answer(body, status)) is said


def test_upload_answers() -> None:
    token = {"token": "t", "token_type": "Bearer", "base_url": "https://evil.example"}
    place = {"upload_url": "https://storage.googleapis.com/x?sig", "file_url": URL}

    assert fal_wire.decode_token(_answer(token)) == "Bearer t"
    assert fal_wire.decode_token(_answer({"token": "t"})) == "Bearer t"
    assert fal_wire.decode_token(_answer({})) is None
    assert fal_wire.decode_stored(_answer({"access_url": URL})) == URL
    assert fal_wire.decode_stored(_answer({"access_url": "x"})) is None
    assert fal_wire.decode_initiated(_answer(place)) == fal_wire.Initiated(*place.values())
    assert fal_wire.decode_initiated(_answer({"file_url": URL})) is None
    assert fal_wire.decode_initiated(_answer(b"")) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "detail", "error", "error_type", "video", "url", "type", "loc"]
            ),
            inner | st.sampled_from(["COMPLETED", "content_policy_violation", URL]),
            max_size=5,
        )
    ),
    max_leaves=20,
)
_BODIES = _JSON.map(lambda value: json.dumps(value).encode()) | st.binary()


@given(st.integers(100, 599), _BODIES, _BODIES)
def test_no_answer_breaks_a_decoder(status: int, body: bytes, said: bytes) -> None:
    answer = _answer(body, status)
    progress = fal_wire.decode_result(answer, _answer(said))
    fal_wire.decode_status(answer)
    fal_wire.decode_cancel(answer)
    refused(answer)

    assert not isinstance(progress, Finished) or 200 <= status < 300
    assert not isinstance(progress, Ended) or status >= 400
