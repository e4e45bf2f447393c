"""`/v1/workflows/executions`: seed 000's road to its 13 models.

Wire facts: seed 000 (providers, aspect ratios, statuses). No idempotency on this endpoint: each
accepted POST is a new, paid job.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from aiohttp import web

from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import WORKFLOW_USD, Order
from sandbox.vendors.heygen_wire import Json, RefusedError, answered, body_of
from sandbox.vendors.jobs import Failure, State
from sandbox.vendors.pictures import Picture, PictureRefusedError
from sandbox.vendors.render import Wish

EXECUTIONS = "/v1/workflows/executions"
PROMPT_MAX_CHARS = 10_000
DURATION_S = 5.0
SUBMITTED_UNTIL, PENDING_UNTIL = 0.1, 0.3  # of a render, while `submitted`, then `pending`
PROVIDERS = (
    "veo_3_1",
    "veo_3_1_fast",
    "veo3",
    "veo3_fast",
    "veo2",
    "kling_pro",
    "kling_v2",
    "sora_v2",
    "sora_v2_pro",
    "runway_gen4",
    "seedance_lite",
    "seedance_pro",
    "ltx_distilled",
)
WITH_SOUND = ("veo_3_1", "veo_3_1_fast", "veo3", "veo3_fast", "sora_v2", "sora_v2_pro")
ASPECT_RATIOS = ("16:9", "9:16", "1:1")
IMAGE_FIELDS = ("reference_image_url", "tail_image_url")
INPUT_FIELDS = {"prompt", "provider", "aspect_ratio", "config", *IMAGE_FIELDS}


class Workflows:
    """The executions of one account."""

    def __init__(self, house: House) -> None:
        self._house = house

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post(EXECUTIONS, self._submit)
        app.router.add_get(EXECUTIONS + "/{execution_id}", self._check)

    async def _submit(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        wish, images = self._read(given)
        number = secrets.token_hex(8)
        order = Order(
            gateway="heygen",
            id=f"node-gw-{number}",
            endpoint=EXECUTIONS,
            input=given,
            wish=wish,
            key=request.headers.get("Idempotency-Key"),
            images=images,
            kind="workflow",
            video_id=f"video-{number}",
            usd=WORKFLOW_USD,
        )
        self._house.accept(order)
        word = self._house.unknown_word("heygen:submit") or "submitted"
        return answered({"execution_id": order.id, "status": word})

    async def _check(self, request: web.Request) -> web.Response:
        execution_id = request.match_info["execution_id"]
        order = self._house.ledger.by_id(execution_id)
        if order is None or order.kind != "workflow":
            return answered({"execution_id": execution_id, "status": "not_found"})
        self._house.ledger.account.strike(order, "heygen:check")
        status: Json = {"execution_id": order.id, "status": self._word(order)}
        if status["status"] == "completed":
            status["output"] = self._output(order)
        elif status["status"] == "failed":
            fate = order.fate or Failure(None, "Video generation failed")
            status["error"] = {"code": fate.code or "generation_failed", "message": fate.message}
        return answered(status)

    def _word(self, order: Order) -> str:
        """HeyGen's status word; only the first and the last three are documented (seed 000)."""
        if (unknown := self._house.unknown_word("heygen:check")) is not None:
            return unknown
        done = self._house.ledger.account.progress(order)
        match order.state:
            case State.COMPLETED:
                return "completed"
            case State.FAILED | State.CANCELLED:
                return "failed"
            case _ if done < SUBMITTED_UNTIL:
                return "submitted"
            case _ if done < PENDING_UNTIL:
                return "pending"
            case _:
                return "processing"

    def _output(self, order: Order) -> Json:
        """The finished film; its link is signed anew at every status read."""
        bare = self._house.faults.take("heygen:check", "no_url") is not None
        url = None if bare else self._house.films.link(order)
        number = order.id.removeprefix("node-gw-")
        video = {"video_url": url, "video_id": order.video_id}
        return {"video": video, "asset_id": f"asset-{number}"}

    def _read(self, given: Json) -> tuple[Wish, list[Json]]:
        """The wish in a submission; raises `RefusedError` where HeyGen refuses at once."""
        if given.get("workflow_type") != "GenerateVideoNode":
            raise RefusedError(400, "Unknown workflow_type.", param="workflow_type")
        if unknown := sorted(given.keys() - {"workflow_type", "input"}):
            raise RefusedError(400, f"Unknown field {unknown[0]}.", param=unknown[0])
        input_ = given.get("input")
        if not isinstance(input_, dict):
            raise RefusedError(400, "input must be an object.", param="input")
        if unknown := sorted(input_.keys() - INPUT_FIELDS):
            raise RefusedError(400, f"Unknown field {unknown[0]}.", param=f"input.{unknown[0]}")
        wish = _wish_of(input_)
        pictures = {name: self._picture(name, input_) for name in IMAGE_FIELDS if name in input_}
        first, last = pictures.get(IMAGE_FIELDS[0]), pictures.get(IMAGE_FIELDS[1])
        wish = replace(
            wish,
            image=first.body if first else None,
            tail_image=last.body if last else None,
            note="; ".join(filter(None, (picture.note for picture in pictures.values()))),
            quick=self._house.quick,
        )
        return wish, [picture.entry() for picture in pictures.values() if picture.file]

    def _picture(self, name: str, input_: Json) -> Picture:
        """An image of the input: one of our assets, or any https address (never fetched)."""
        try:
            return Picture.at(input_[name], f"input.{name}", files=self._house.films.files)
        except PictureRefusedError as refused:
            raise RefusedError(400, str(refused), param=refused.field) from refused


def _wish_of(input_: Json) -> Wish:
    prompt = input_.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > PROMPT_MAX_CHARS:
        raise RefusedError(400, "prompt must be 1 to 10000 characters.", param="input.prompt")
    provider = input_.get("provider", PROVIDERS[0])
    if provider not in PROVIDERS:
        raise RefusedError(400, f"Unknown provider {provider!r}.", param="input.provider")
    ratio = input_.get("aspect_ratio", ASPECT_RATIOS[0])
    if ratio not in ASPECT_RATIOS:
        raise RefusedError(
            400, f"aspect_ratio must be one of {ASPECT_RATIOS}.", param="input.aspect_ratio"
        )
    config = input_.get("config", {})
    if not isinstance(config, dict):
        raise RefusedError(400, "config must be an object.", param="input.config")
    seed = config.get("seed")
    return Wish(
        prompt=prompt,
        model=provider,
        aspect_ratio=ratio,
        duration_s=_seconds(config.get("duration", config.get("duration_sec"))),
        seed=seed if isinstance(seed, int) else None,
        sound=provider in WITH_SOUND,
    )


def _seconds(asked: object) -> float:
    """The length asked in `config`, whose fields HeyGen does not document."""
    number = re.match(r"\d+(\.\d+)?", str(asked))
    return float(number[0]) if number else DURATION_S
