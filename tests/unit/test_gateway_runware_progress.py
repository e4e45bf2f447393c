"""How a Runware task is: what each answer to a poll means for one to four results."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from domain.catalog import offer_named
from domain.errors import FailureClass
from domain.gateway import (
    Ended,
    Finished,
    Further,
    Progress,
    Remote,
    Rendering,
    Unknown,
    Unreadable,
)
from gateways import runware_progress
from gateways.classify import Answer

NOW = 1_790_000_000.0
UUID = "6f0c9f0e-9a53-4c1e-8f37-0d4b8a7c1234"
LINK = "https://vm.runware.ai/video/x.mp4"
SEEDANCE = "seedance_2_0@runware"


def _told(body: Any, status: int = 200, *, results: int = 1, is_late: bool = False) -> Progress:
    remote = Remote(UUID, {"results": str(results)}, offer_named(SEEDANCE), is_late=is_late)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return runware_progress.decode_progress(Answer(status, httpx.Headers(), content, NOW), remote)


def _item(status: str = "success", **more: Any) -> dict[str, Any]:
    link = {"videoURL": LINK, "videoUUID": "v", "seed": 7} if status == "success" else {}
    return {"taskType": "videoInference", "taskUUID": UUID, "status": status, **link, **more}


def _wrong(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": "words", "taskUUID": UUID, **more}


def test_a_result_with_its_cost() -> None:
    assert _told({"data": [_item(cost=0.7563)]}) == Finished(
        LINK, remote_video_id="v", seed=7, billed_micro_usd=756_300
    )


@pytest.mark.parametrize("cost", [None, 0, -1, "much", 1e9])
def test_a_cost_that_cannot_be_is_none(cost: Any) -> None:
    told = _told({"data": [_item(cost=cost)]})
    assert isinstance(told, Finished)
    assert told.billed_micro_usd is None


def test_several_results_add_up_and_keep_their_order() -> None:
    other = _item(videoURL=LINK + "?2", videoUUID="w", seed=8, cost=0.5)
    told = _told({"data": [_item(cost=0.25), other]}, results=2)
    assert told == Finished(
        LINK,
        remote_video_id="v",
        seed=7,
        billed_micro_usd=750_000,
        further=(Further(LINK + "?2", "w", 8),),
    )


FAILED = {"taskType": "videoInference", "status": "error"}


@pytest.mark.parametrize(
    "body",
    [
        {"data": [_item()], "errors": [_wrong("timeoutProvider", **FAILED)]},
        {"data": [_item(), _item("error", error={"code": "timeoutProvider", "message": "m"})]},
    ],
    ids=["in errors", "in data"],
)
def test_one_of_two_results_is_a_success_of_one(body: Any) -> None:
    told = _told(body, results=2)
    assert isinstance(told, Finished)
    assert told.further == ()
    assert [failure.kind for failure in told.failures] == [FailureClass.TRANSIENT]


def test_what_has_not_come_is_waited_for_until_it_is_late() -> None:
    one = {"data": [_item()]}
    assert _told(one, results=3) == Rendering(1 / 3)
    late = _told(one, results=3, is_late=True)
    assert isinstance(late, Finished)
    pending = {"data": [_item(), _item("processing", progress=50)]}
    assert _told(pending, results=2, is_late=True) == Rendering(0.75)
    assert _told({"data": []}, is_late=True) == Rendering()


@pytest.mark.parametrize("results", [1, 3])
@pytest.mark.parametrize(
    "body",
    [
        {"errors": [_wrong("promptBlocked", **FAILED)]},
        {"data": [], "errors": [_wrong("promptBlocked", **FAILED)]},
        {"data": [_item("error", error={"code": "promptBlocked", "message": "m"})]},
    ],
    ids=["errors only", "empty data", "in data"],
)
def test_one_error_for_a_whole_task_ends_it_at_once(body: Any, results: int) -> None:
    told = _told(body, results=results)
    assert isinstance(told, Ended)
    assert told.failure.kind is FailureClass.REFUSED_CONTENT
    assert told.failure.billed is None


def test_an_error_beside_what_still_runs_or_was_made_is_one_result() -> None:
    wrong = _wrong("timeoutProvider", **FAILED)
    assert _told({"data": [_item("processing")], "errors": [wrong]}, results=3) == Rendering(1 / 3)
    made = {"data": [_item()], "errors": [wrong]}
    assert _told(made, results=3) == Rendering(2 / 3)
    assert isinstance(_told(made, results=3, is_late=True), Finished)


def test_a_refusal_comes_before_other_failures() -> None:
    wrongs = [_wrong("timeoutProvider", **FAILED), _wrong("promptBlocked", **FAILED)]
    told = _told({"errors": wrongs}, results=2)
    assert isinstance(told, Ended)
    assert told.failure.kind is FailureClass.REFUSED_CONTENT
    assert told.failure.billed is None


def test_what_the_safety_check_flags_is_refused_and_paid() -> None:
    alone = _told({"data": [_item(NSFWContent=True, cost=0.5)]})
    assert isinstance(alone, Ended)
    assert (alone.failure.kind, alone.failure.billed) == (FailureClass.REFUSED_CONTENT, True)
    beside = _told({"data": [_item(cost=0.5), _item(NSFWContent=True, cost=0.5)]}, results=2)
    assert isinstance(beside, Finished)
    assert (beside.further, beside.billed_micro_usd) == ((), 1_000_000)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"data": [_item("processing")]}, 200, Rendering()),
        ({"data": [_item("processing", progress=40)]}, 200, Rendering(0.4)),
        ({"data": [_item("processing", progress=900)]}, 200, Rendering(1.0)),
        ({"data": [_item("hibernating")]}, 200, Rendering()),
        ({"data": []}, 200, Rendering()),
        ({"data": [{**_item(), "taskUUID": "another"}]}, 200, Rendering()),
        (
            {"errors": [_wrong("taskFailedOrNotFound", taskType="getResponse")]},
            404,
            Unknown(),
        ),
    ],
)
def test_what_has_not_ended(body: Any, status: int, expected: Progress) -> None:
    assert _told(body, status) == expected


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 200),
        (b"", 200),
        ({"errors": [_wrong("invalidApiKey", taskType="authentication")]}, 401),
        ({"errors": [_wrong("rateLimitExceeded", taskType="getResponse")]}, 429),
        ({"errors": [_wrong("inferenceError", **FAILED)]}, 503),
        ({"errors": [_wrong("invalidX", taskType="getResponse")]}, 400),
        ({"data": [_item(videoURL=None)]}, 200),
        ({"data": [_item(videoURL="ftp://x")]}, 200),
    ],
)
def test_what_says_nothing_of_the_render(body: Any, status: int) -> None:
    assert isinstance(_told(body, status), Unreadable)
