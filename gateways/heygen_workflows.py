"""HeyGen's workflow endpoint: the seeds' road to thirteen video models (seed 000,
`POST|GET /v1/workflows/executions`, node `GenerateVideoNode`).

It has no idempotency key, no list, no webhook and no cancel, so a submit whose answer is lost stays
uncertain. Nothing published says what it bills, so a render that failed may have been charged: its
ceiling stays reserved, and nothing else is made of it by itself.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.gateway import Intent
from domain.offers.workflows import WORKFLOW_ROAD
from gateways.heygen_links import url_of
from gateways.heygen_road import Endpoint


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Input(_Request):
    prompt: str
    provider: str
    aspect_ratio: str | None
    reference_image_url: str | None
    tail_image_url: str | None
    config: dict[str, JsonValue] | None


class _Submission(_Request):
    workflow_type: Literal["GenerateVideoNode"] = "GenerateVideoNode"
    input: _Input


def encode_submission(intent: Intent) -> bytes:
    """The JSON body of a submit: every field of seed 000, and only those that were set."""
    clip = intent.clip
    submission = _Submission(
        input=_Input(
            prompt=clip.prompt,
            provider=intent.offer.endpoint,
            aspect_ratio=None if clip.aspect_ratio is None else clip.aspect_ratio.value,
            reference_image_url=url_of(intent.reference_image_url),
            tail_image_url=url_of(intent.tail_image_url),
            config=clip.config or None,
        )
    )
    return submission.model_dump_json(exclude_none=True).encode()


WORKFLOWS = Endpoint(
    submit_at=lambda _: WORKFLOW_ROAD,
    encode=encode_submission,
    check_at=lambda remote_id: f"{WORKFLOW_ROAD}/{remote_id}",
    says_billing=False,
)
