"""Runware's wire: what is sent for whom, and what each answer means."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import CATALOG, offer_named
from domain.errors import FailureClass
from domain.gateway import (
    Intent,
    Progress,
    Remote,
)
from domain.offer import GatewayName
from domain.request import Clip, Work
from domain.shape import Image, Media
from domain.spoken import Agent, Avatar, Scene
from gateways import runware_progress, runware_wire
from gateways.classify import Answer
from gateways.runware_failures import refused
from gateways.runware_models import sound_settings
from gateways.runware_wire import Delivery

NOW = 1_790_000_000.0
UUID = "6f0c9f0e-9a53-4c1e-8f37-0d4b8a7c1234"
LINK = "https://vm.runware.ai/video/x.mp4"
SEEDANCE = "seedance_2_0@runware"
OFFERS = [offer for offer in CATALOG if offer.gateway is GatewayName.RUNWARE]


def _answer(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, httpx.Headers(named), content, NOW)


def _intent(work: Work | None = None, offer: str = SEEDANCE, **more: Any) -> Intent:
    return Intent(
        execution_id="exec-1",
        attempt=1,
        key=UUID,
        offer=offer_named(offer),
        work=work or Clip(prompt="a fox in snow"),
        **more,
    )


def _sent(intent: Intent, delivery: Delivery | None = None) -> dict[str, Any]:
    (task,) = json.loads(runware_wire.encode_submission(intent, delivery or Delivery()))
    assert isinstance(task, dict)
    return task


def _told(body: Any, status: int = 200, *, results: int = 1, is_late: bool = False) -> Progress:
    remote = Remote(UUID, {"results": str(results)}, offer_named(SEEDANCE), is_late=is_late)
    return runware_progress.decode_progress(_answer(body, status), remote)


def _item(status: str = "success", **more: Any) -> dict[str, Any]:
    link = {"videoURL": LINK, "videoUUID": "v", "seed": 7} if status == "success" else {}
    return {"taskType": "videoInference", "taskUUID": UUID, "status": status, **link, **more}


def _wrong(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": "words", "taskUUID": UUID, **more}


ALWAYS = {
    "taskType": "videoInference",
    "taskUUID": UUID,
    "numberResults": 1,
    "outputType": "URL",
    "deliveryMethod": "async",
    "includeCost": True,
}


def test_a_bare_clip_is_the_least_of_a_task() -> None:
    assert _sent(_intent()) == {
        **ALWAYS,
        "model": "bytedance:seedance@2.0",
        "positivePrompt": "a fox in snow",
    }


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        ({"duration_s": 5}, {"duration": 5}),
        ({"seed": 0}, {"seed": 0}),
        ({"results": 4}, {"numberResults": 4}),
        ({"file_format": "mp4"}, {"outputFormat": "MP4"}),
        ({"file_format": "mov"}, {"outputFormat": "MOV"}),
        ({"resolution": "720p", "aspect_ratio": "9:16"}, {"width": 720, "height": 1280}),
        ({"resolution": "720p"}, {}),
        ({"sound": False}, {"settings": {"audio": False}}),
    ],
)
def test_each_wish_has_its_parameter(said: dict[str, Any], wire: dict[str, Any]) -> None:
    clip = Clip.model_validate({"prompt": "a fox in snow", **said})
    plain = _sent(_intent())
    assert _sent(_intent(clip)) == {**plain, **wire}


@pytest.mark.parametrize(
    ("delivery", "wire"),
    [
        (Delivery(quality=20), {"outputQuality": 20}),
        (Delivery(ttl_s=86_400), {"ttl": 86_400}),
        (Delivery(safety="fast"), {"safety": {"checkContent": True, "mode": "fast"}}),
        (Delivery(safety="full"), {"safety": {"checkContent": True, "mode": "full"}}),
        (
            Delivery(upload_endpoint="https://b.example/p"),
            {"uploadEndpoint": "https://b.example/p"},
        ),
    ],
)
def test_each_setting_of_the_operator_has_its_parameter(
    delivery: Delivery, wire: dict[str, Any]
) -> None:
    assert _sent(_intent(), delivery) == {**_sent(_intent()), **wire}


def test_a_webhook_is_asked_for_where_we_can_be_called() -> None:
    url = "https://bot.example/webhooks/runware/token"
    assert _sent(_intent(callback_url=url))["webhookURL"] == url


@pytest.mark.parametrize(
    ("air", "settings"),
    [
        ("bytedance:seedance@2.0-fast", {"settings": {"audio": True}}),
        ("klingai:kling-video@3-pro", {"providerSettings": {"klingai": {"sound": True}}}),
        ("google:3@3", {"providerSettings": {"google": {"generateAudio": True}}}),
        ("alibaba:wan@2.7", {}),
    ],
)
def test_sound_is_said_as_each_maker_wants_it(air: str, settings: dict[str, Any]) -> None:
    assert sound_settings(air, sound=True) == settings
    offers = [offer for offer in OFFERS if offer.endpoint == air]
    assert all(offer.limits.sound == bool(settings) for offer in offers)


def test_pictures_go_where_the_schemas_have_them() -> None:
    frames = {"reference_image": "uuid-1", "tail_image": "https://x.example/2.png"}
    assert _sent(_intent(links=frames))["inputs"] == {
        "frameImages": [
            {"image": "uuid-1", "frame": "first"},
            {"image": "https://x.example/2.png", "frame": "last"},
        ]
    }
    several = {"references.0": "a", "references.1": "b"}
    assert _sent(_intent(links=several))["inputs"] == {"referenceImages": ["a", "b"]}


@pytest.mark.parametrize(
    ("offer", "said", "shape"),
    [
        ("seedance_2_0", {"resolution": "1080p", "aspect_ratio": "9:16"}, {"resolution": "1080p"}),
        ("kling_v3", {"resolution": "720p", "aspect_ratio": "1:1"}, {}),
        (
            "ltx_2_3",
            {"resolution": "1080p", "aspect_ratio": "16:9"},
            {"width": 1920, "height": 1080},
        ),
        (
            "runway_gen4_5",
            {"resolution": "720p", "aspect_ratio": "9:16"},
            {"width": 720, "height": 1280},
        ),
    ],
)
def test_a_first_frame_gives_the_shape_where_the_model_can_do_without_sides(
    offer: str, said: dict[str, Any], shape: dict[str, Any]
) -> None:
    clip = Clip.model_validate({"prompt": "a fox in snow", **said})
    task = _sent(_intent(clip, f"{offer}@runware", links={"reference_image": "uuid-1"}))
    assert {name: task[name] for name in ("width", "height", "resolution") if name in task} == shape


def test_an_agent_is_sent_with_its_avatar_or_its_picture() -> None:
    idea = {"prompt": "our quarter", "duration_s": 60, "file_format": "webm"}
    shown = Agent.model_validate(idea | {"files": [{"slack_file_id": "F1"}]})
    cast = Agent.model_validate(idea | {"avatar": "Ava"})
    agent = "heygen_agent@runware"

    task = _sent(_intent(cast, agent))

    assert task["inputs"] == {"avatar": "Ava"}
    assert (task["duration"], task["outputFormat"]) == (60, "WEBM")
    assert "seed" not in task
    assert _sent(_intent(shown, agent, links={"files.0": "m"}))["inputs"] == {"image": "m"}


PICTURE = Image(slack_file_id="F1")


@pytest.mark.parametrize(
    ("work", "links", "field"),
    [
        (Clip(prompt="x", model="minimax_fast"), {}, "reference_image"),
        (Clip(prompt="x", model="veo_3_1", references=(PICTURE,)), {}, "references"),
        (Clip(prompt="x", references=(PICTURE,)), {"reference_image": "a"}, "references"),
        (Clip(prompt="x", tail_image=PICTURE), {"tail_image": "a"}, "tail_image"),
        (Agent(prompt="x", continues="r1"), {}, "continues"),
        (Agent(prompt="x", voice="v"), {}, "voice"),
        (Agent(prompt="x", style="s"), {}, "style"),
        (Agent(prompt="x", avatar="a", files=(PICTURE,)), {}, "files"),
        (Agent(prompt="x", files=(PICTURE, Media(url="https://x.example/a.png"))), {}, "files"),
        (Avatar(scenes=(Scene(script="x"),)), {}, "kind"),
    ],
)
def test_what_no_task_can_say_is_refused_before_it_is_sent(
    work: Work, links: dict[str, str], field: str
) -> None:
    named = work.model if isinstance(work, Clip) else None
    offer = f"{named}@runware" if named else SEEDANCE
    failure = runware_wire.impossible(_intent(work, offer, links=links))
    assert failure is not None
    assert (failure.kind, failure.field, failure.billed) == (FailureClass.BAD_INPUT, field, False)


def test_what_can_be_said_is_not_refused() -> None:
    assert runware_wire.impossible(_intent()) is None
    assert runware_wire.impossible(_intent(Agent(prompt="x", avatar="a"))) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidApiKey", FailureClass.CONFIG),
        ("unauthorized", FailureClass.CONFIG),
        ("tokenExpired", FailureClass.CONFIG),
        ("organizationSuspended", FailureClass.CONFIG),
        ("insufficientCredits", FailureClass.CREDITS),
        ("accountBalanceTooLow", FailureClass.CREDITS),
        ("paymentRequired", FailureClass.CREDITS),
        ("rateLimitExceeded", FailureClass.RATE),
        ("providerRateLimitExceeded", FailureClass.RATE),
        ("contentPolicyViolation", FailureClass.REFUSED_CONTENT),
        ("providerContentPolicyViolation", FailureClass.REFUSED_CONTENT),
        ("invalidProviderContent", FailureClass.REFUSED_CONTENT),
        ("nsfwContentDetected", FailureClass.REFUSED_CONTENT),
        ("promptBlocked", FailureClass.REFUSED_CONTENT),
        ("moderationFailed", FailureClass.REFUSED_CONTENT),
        ("DataInspectionFailed", FailureClass.REFUSED_CONTENT),
        ("providerRefused", FailureClass.REFUSED_CONTENT),
        ("policyViolation", FailureClass.REFUSED_CONTENT),
        ("flaggedContent", FailureClass.REFUSED_CONTENT),
        ("copyrightViolation", FailureClass.REFUSED_CONTENT),
        ("guardrailTriggered", FailureClass.REFUSED_CONTENT),
        ("promptRejected", FailureClass.REFUSED_CONTENT),
        ("inputModerated", FailureClass.REFUSED_CONTENT),
        ("celebrityDetected", FailureClass.REFUSED_CONTENT),
        ("connectionRefused", FailureClass.BAD_INPUT),  # by its HTTP status
        ("apiKeyRejected", FailureClass.CONFIG),
        ("invalidDuration", FailureClass.BAD_INPUT),
        ("missingPositivePrompt", FailureClass.BAD_INPUT),
        ("unsupportedDimensions", FailureClass.BAD_INPUT),
        ("unknownParameter", FailureClass.BAD_INPUT),
        ("incompatibleParameters", FailureClass.BAD_INPUT),
        ("mediaNotFound", FailureClass.BAD_INPUT),
        ("invalidModel", FailureClass.GONE),
        ("taskCancelled", FailureClass.STOPPED),
        ("inferenceError", FailureClass.TRANSIENT),
        ("taskFailed", FailureClass.TRANSIENT),
        ("downloadFailed", FailureClass.TRANSIENT),
        ("noAvailableServer", FailureClass.TRANSIENT),
        ("modelUnavailable", FailureClass.TRANSIENT),
        ("providerError", FailureClass.TRANSIENT),
        ("timeoutProvider", FailureClass.TRANSIENT),
        ("internalServerError", FailureClass.TRANSIENT),
        ("serviceUnavailable", FailureClass.TRANSIENT),
        ("somethingNobodyHasSeen", FailureClass.BAD_INPUT),  # by its HTTP status
    ],
)
def test_a_code_belongs_to_its_group_however_it_is_written(code: str, kind: FailureClass) -> None:
    for spelled in (code, code.upper(), code.lower()):
        failure = refused(_answer({"errors": [_wrong(spelled)]}, 400))
        assert failure is not None
        assert (failure.kind, failure.billed) == (kind, False)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("somethingNew", "Flagged: content policy violation", FailureClass.REFUSED_CONTENT),
        ("taskFailed", "DataInspectionFailed: Output data may contain inappropriate content", None),
        ("somethingNew", "A police car rejected by the crowd", FailureClass.BAD_INPUT),
        ("providerError", "The provider could not render: a police car", FailureClass.TRANSIENT),
        ("insufficientCredits", "moderation", FailureClass.CREDITS),
    ],
)
def test_a_refusal_is_read_in_words_where_its_code_says_nothing(
    code: str, message: str, kind: FailureClass | None
) -> None:
    failure = refused(_answer({"errors": [{**_wrong(code), "message": message}]}, 400))
    assert failure is not None
    assert failure.kind is (kind or FailureClass.REFUSED_CONTENT)


@pytest.mark.parametrize(
    ("parameter", "field"),
    [
        ("positivePrompt", "prompt"),
        ("duration", "duration_s"),
        (["width", "height"], "resolution"),
        ("inputs.frameImages.1", "tail_image"),
        ("inputs.frameImages[0].image", "reference_image"),
        ("inputs.referenceImages.3", "references"),
        ("numberResults", "results"),
        ("outputFormat", "file_format"),
        ("fps", "fps"),
        ([], None),
        (None, None),
    ],
)
def test_a_parameter_is_named_as_people_know_it(parameter: Any, field: str | None) -> None:
    failure = refused(_answer({"errors": [_wrong("invalidX", parameter=parameter)]}, 400))
    assert failure is not None
    assert failure.field == field


def test_a_secret_in_an_error_is_hidden() -> None:
    body = {"errors": [_wrong("invalidApiKey", message="no such key: 0123456789abcdef")]}
    failure = refused(_answer(body, 401), ("0123456789abcdef",))
    assert failure is not None
    assert "0123456789abcdef" not in failure.detail


def test_taken_is_what_names_our_own_id() -> None:
    taken = {"data": [{"taskType": "videoInference", "taskUUID": UUID}]}
    assert runware_wire.acknowledges(_answer(taken), UUID)
    assert not runware_wire.acknowledges(_answer(taken), UUID.replace("6", "7"))
    nothings: tuple[Any, ...] = ({"data": []}, {}, b"<html>", {"data": [None, {"taskUUID": 4}]})
    for nothing in nothings:
        assert not runware_wire.acknowledges(_answer(nothing), UUID)


def test_a_conflict_is_about_our_own_id() -> None:
    conflict = {"data": [], "errors": [_wrong("conflictTaskUUID", parameter="taskUUID")]}
    assert runware_wire.conflicts(_answer(conflict, 400), UUID)
    assert not runware_wire.conflicts(_answer(conflict, 400), "another")
    assert not runware_wire.conflicts(_answer({"errors": [_wrong("invalidX")]}, 400), UUID)


@pytest.mark.parametrize(
    ("body", "status", "knows", "denies"),
    [
        ({"data": [_item("processing")]}, 200, True, False),
        ({"data": [_item()]}, 200, True, False),
        ({"errors": [_wrong("x", taskType="videoInference", status="error")]}, 400, True, False),
        ({"data": [{**_item("processing"), "taskType": None}]}, 200, True, False),
        ({"data": [{"taskUUID": UUID, "status": "processing"}]}, 200, True, False),
        ({"errors": [_wrong("rateLimitExceeded")]}, 429, False, False),
        ({"data": []}, 200, False, True),
        ({"errors": [_wrong("taskFailedOrNotFound", taskType="getResponse")]}, 404, False, True),
        ({"errors": [_wrong("invalidApiKey", taskType="authentication")]}, 401, False, False),
        ({"errors": [_wrong("rateLimitExceeded", taskType="getResponse")]}, 429, False, False),
        (b"<html>", 200, False, False),
        (b"<html>", 502, False, False),
        ({}, 200, False, False),
    ],
)
def test_whether_a_poll_knows_the_task(body: Any, status: int, knows: bool, denies: bool) -> None:
    answer = _answer(body, status)
    assert runware_wire.knows(answer, UUID) is knows
    assert runware_wire.denies(answer) is denies


def test_unfamiliar_words_are_noticed() -> None:
    body = {"data": [_item(), _item("processing"), _item("Hibernating")]}
    assert runware_progress.unfamiliar_words(_answer(body)) == ["hibernating"]


def test_a_stored_picture_is_named_by_its_uuid() -> None:
    stored = {"data": [{"mediaUUID": "u", "mediaURL": "https://im.runware.ai/u.png"}]}
    assert runware_wire.decode_stored(_answer(stored)) == "u"
    assert runware_wire.decode_stored(_answer({"data": []})) is None
    (task,) = json.loads(runware_wire.encode_upload(b"\x00png", "image/png", task_uuid=UUID))
    assert task["media"] == "data:image/png;base64," + base64.b64encode(b"\x00png").decode()
    assert (task["taskType"], task["operation"]) == ("mediaStorage", "upload")


@pytest.mark.parametrize(
    ("balance", "usd"),
    [(12.5, Decimal("12.5")), ({"amount": 3, "currency": "USD"}, Decimal(3)), ("?", None)],
)
def test_the_balance_is_a_number_or_an_object(balance: Any, usd: Decimal | None) -> None:
    assert runware_wire.decode_balance_usd(_answer({"data": [{"balance": balance}]})) == usd


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "errors",
                    "taskUUID",
                    "status",
                    "videoURL",
                    "cost",
                    "code",
                    "error",
                    "progress",
                ]
            ),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(body=JSON, status=st.sampled_from([200, 202, 400, 401, 404, 429, 500]))
def test_no_answer_breaks_a_decoder(body: Any, status: int) -> None:
    answer = _answer(body, status)
    assert isinstance(_told(body, status, results=2), Progress)
    refused(answer)
    runware_wire.knows(answer, UUID)
    runware_wire.denies(answer)
    runware_wire.conflicts(answer, UUID)
    runware_wire.decode_stored(answer)
    runware_wire.decode_balance_usd(answer)
    runware_progress.unfamiliar_words(answer)
