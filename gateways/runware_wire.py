"""Runware's tasks in and out: pure functions between our words and its bytes.

Wire: runware.ai/docs (platform introduction, task polling, media storage, account management), seed
003 for the parameters of a video task, PyPI runware-sdk 1.8.0 for the answers. A request is an
array of tasks; a task's id is ours, so a second one of that id is refused and never paid.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.errors import Failure, FailureClass
from domain.gateway import Intent
from domain.request import Clip, results_of
from domain.spoken import Agent
from gateways.classify import Answer
from gateways.lenient import Lenient, Maybe, read_json
from gateways.runware_failures import CONFLICT, NOT_FOUND, Wrong, stated_errors
from gateways.runware_models import shape_of, sound_settings

VIDEO_TASK = "videoInference"
MICRO_USD = 1_000_000

Safety = Literal["none", "fast", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an operator wants results: never a person's to say, because a person's upload address
    would leak them. None leaves it to Runware. `quality` is 20–99; `ttl_s` is the life of the
    link; `upload_endpoint` gets each result by PUT besides."""

    quality: int | None = None
    ttl_s: int | None = None
    safety: Safety = "none"
    upload_endpoint: str | None = None


class _Task(BaseModel):
    """One video task: every parameter of seed 003, and those of the model under `settings` or
    `provider_settings`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        protected_namespaces=(),
    )

    task_type: str = VIDEO_TASK
    task_uuid: str = Field(alias="taskUUID")
    model: str
    positive_prompt: str
    width: int | None = None
    height: int | None = None
    resolution: str | None = None
    duration: int | None = None
    seed: int | None = None
    inputs: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    provider_settings: dict[str, Any] | None = None
    number_results: int = 1
    output_type: str = "URL"
    output_format: str | None = None
    output_quality: int | None = None
    delivery_method: str = "async"
    include_cost: bool = True
    safety: dict[str, Any] | None = None
    ttl: int | None = None
    upload_endpoint: str | None = None
    webhook_url: str | None = Field(default=None, alias="webhookURL")


def impossible(intent: Intent) -> Failure | None:
    """What of the work no task can say; nothing is sent then."""
    limits = intent.offer.limits
    match intent.work:
        case Clip(references=references) if len(references) > limits.references_max:
            return _impossible("references", f"it takes {limits.references_max} reference images")
        case Clip(references=references) if references and intent.reference_image_url:
            return _impossible("references", "reference images do not go with a first frame")
        case Clip() if limits.needs_image and not intent.reference_image_url:
            return _impossible("reference_image", "this model makes nothing of words alone")
        case Clip() if intent.tail_image_url and not intent.reference_image_url:
            return _impossible("tail_image", "a last frame needs a first one")
        case Agent(continues=str()):
            return _impossible("continues", "a session cannot be continued here")
        case Agent(files=files, avatar=avatar) if len(files) > 1 or (files and avatar):
            return _impossible("files", "the agent takes one picture or an avatar, not both")
        case Agent(voice=voice, style=style) if voice or style:
            return _impossible("voice" if voice else "style", "the agent chooses that itself here")
        case Clip() | Agent():
            return None
        case other:
            return _impossible("kind", f"no task makes a {other.kind}")


def encode_submission(intent: Intent, delivery: Delivery) -> bytes:
    """The body of a submit: what was set, and nothing else."""
    work, air = intent.work, intent.offer.endpoint
    inputs = _inputs(intent)
    has_frames = "frameImages" in inputs
    shape = shape_of(air, work.resolution, work.aspect_ratio, has_frames=has_frames)
    task = _Task(
        task_uuid=intent.key,
        model=air,
        positive_prompt=work.said,
        **shape,
        duration=work.duration_s,
        inputs=inputs or None,
        output_format=_format(work),
        output_quality=delivery.quality,
        safety=_safety(delivery.safety),
        ttl=delivery.ttl_s,
        upload_endpoint=delivery.upload_endpoint,
        webhook_url=intent.callback_url,
        number_results=results_of(intent.work),
        **_chosen(work, air),
    )
    return f"[{task.model_dump_json(by_alias=True, exclude_none=True)}]".encode()


def encode_poll(task_uuid: str) -> bytes:
    """The body that asks how a task is."""
    return _tasks({"taskType": "getResponse", "taskUUID": task_uuid})


def encode_upload(content: bytes, media_type: str, *, task_uuid: str) -> bytes:
    """The body that stores a picture."""
    media = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
    return _tasks(
        {
            "taskType": "mediaStorage",
            "taskUUID": task_uuid,
            "operation": "upload",
            "media": media,
        }
    )


def encode_account(task_uuid: str) -> bytes:
    """The body that asks who we are and what money is left. It costs nothing."""
    return _tasks(
        {"taskType": "accountManagement", "taskUUID": task_uuid, "operation": "getDetails"}
    )


def acknowledges(answer: Answer, task_uuid: str) -> bool:
    """Whether an answer to a submit says that the task was taken."""
    return any(item.task_uuid == task_uuid for item in _items(answer))


def conflicts(answer: Answer, task_uuid: str) -> bool:
    """Whether Runware has a task of this id already: then it was accepted, once."""
    return any(
        wrong.word == CONFLICT and wrong.task_uuid in (None, task_uuid)
        for wrong in stated_errors(answer)
    )


def knows(answer: Answer, task_uuid: str) -> bool:
    """Whether an answer to a poll proves that Runware has the task. An empty one proves nothing,
    and neither does "failed or not found". An error has to say that it is the render's, because
    one of the question has the task's id too; an item of `data` is a result, whether or not it
    repeats its type."""
    results = (item for item in _items(answer) if item.task_type in (VIDEO_TASK, None))
    errors = (wrong for wrong in stated_errors(answer) if wrong.task_type == VIDEO_TASK)
    return any(
        told.task_uuid == task_uuid and told.word != NOT_FOUND for told in (*results, *errors)
    )


def denies(answer: Answer) -> bool:
    """Whether a poll was answered with that nobody knows the task: in words, or with nothing."""
    if any(wrong.word == NOT_FOUND for wrong in stated_errors(answer)):
        return True
    told = read_json(_Listed, answer.body)
    is_empty = told is not None and told.data is not None and not told.data
    return 200 <= answer.status < 300 and is_empty and not stated_errors(answer)


class _Stored(Lenient):
    media_uuid: Maybe[str] = Field(default=None, alias="mediaUUID")
    media_url: Maybe[str] = Field(default=None, alias="mediaURL")


class _Shelf(Lenient):
    data: Maybe[list[Maybe[_Stored]]] = None


def decode_stored(answer: Answer) -> str | None:
    """What an input calls a picture that was stored."""
    shelf = read_json(_Shelf, answer.body)
    stored = [item for item in (shelf.data if shelf else None) or [] if item]
    return next((item.media_uuid or item.media_url for item in stored), None)


class _Money(Lenient):
    amount: Maybe[Decimal] = None


class _Account(Lenient):
    balance: Maybe[Decimal | _Money] = None


class _Accounts(Lenient):
    data: Maybe[list[Maybe[_Account]]] = None


def decode_balance_usd(answer: Answer) -> Decimal | None:
    """The money that is left: the docs have a number, the SDK's types an object."""
    accounts = read_json(_Accounts, answer.body)
    for account in (accounts.data if accounts else None) or []:
        if account is not None and account.balance is not None:
            left = account.balance
            return left.amount if isinstance(left, _Money) else left
    return None


def _tasks(task: Mapping[str, str]) -> bytes:
    return json.dumps([task]).encode()


def _items(answer: Answer) -> Iterator[Wrong]:
    """The items of `data`, as far as they name a task."""
    told = read_json(_Listed, answer.body)
    yield from (item for item in (told.data if told else None) or [] if item)


class _Listed(Lenient):
    data: Maybe[list[Maybe[Wrong]]] = None


def _inputs(intent: Intent) -> dict[str, Any]:
    """What goes into a render, under the names that seed 003 and the schemas have."""
    if isinstance(intent.work, Agent):
        avatar = {"avatar": intent.work.avatar} if intent.work.avatar else {}
        picture = next(iter(intent.links.values()), None)
        return {**avatar, **({"image": picture} if picture else {})}
    frames = [
        {"image": link, "frame": place}
        for place, link in (
            ("first", intent.reference_image_url),
            ("last", intent.tail_image_url),
        )
        if link
    ]
    references = [link for place, link in intent.links.items() if place.startswith("references.")]
    return {
        **({"frameImages": frames} if frames else {}),
        **({"referenceImages": references} if references else {}),
    }


def _chosen(work: object, air: str) -> dict[str, Any]:
    """A clip's seed and sound, where they were chosen."""
    if not isinstance(work, Clip):
        return {}
    sound = {} if work.sound is None else sound_settings(air, sound=work.sound)
    named = {"providerSettings": "provider_settings"}
    return {"seed": work.seed, **{named.get(name, name): value for name, value in sound.items()}}


def _format(work: object) -> str | None:
    chosen = work.file_format if isinstance(work, Clip | Agent) else None
    return chosen.value.upper() if chosen else None


def _safety(mode: Safety) -> dict[str, Any] | None:
    return None if mode == "none" else {"checkContent": True, "mode": mode}


def _impossible(field: str, reason: str) -> Failure:
    return Failure(kind=FailureClass.BAD_INPUT, detail=reason, field=field)
