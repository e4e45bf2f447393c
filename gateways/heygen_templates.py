"""Prepared videos that are filled in: HeyGen's `POST /v3/templates/{id}` and the seeds' v2.

Both take `{name: {name, type, properties}}` (heygen-cli `gen/template.go`; TSSDK and n8n for v2;
plain strings contradict them). v3 answers a whole Video object, named by `id`. A text that is left
out keeps its literal `{{placeholder}}`; anything else left out keeps what the template has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from domain.gateway import Intent
from domain.offers.heygen import OLD_TEMPLATES_ROAD, TEMPLATES_ROAD, VIDEOS_ROAD
from domain.spoken import Filling, Template
from gateways.heygen_legacy import video_status_at
from gateways.heygen_links import Request, asset_id_of, url_of
from gateways.heygen_progress import PREFERRED
from gateways.heygen_road import Endpoint
from gateways.heygen_videos import callback


class _Variable(Request):
    name: str
    type: Literal["text", "image", "video", "audio", "character", "voice"]
    properties: dict[str, str]


class _Filled(Request):
    variables: dict[str, _Variable]
    title: str | None = None
    caption: Literal[True] | None = None
    callback_url: str | None = None
    callback_id: str | None = None


def encode_template(intent: Intent) -> bytes:
    """The body of either version."""
    work = _work(intent)
    return _Filled(
        variables={
            name: _Variable(
                name=name,
                type=filling.type,
                properties=_properties(filling, intent.links.get(f"variables.{name}")),
            )
            for name, filling in work.variables.items()
        },
        title=work.title,
        caption=True if work.captions else None,
        **callback(intent),
    ).encoded()


def _properties(filling: Filling, link: str | None) -> dict[str, str]:
    match filling.type:
        case "text":
            return {"content": filling.text or ""}
        case "character":
            return {"character_id": filling.name or "", "type": "avatar"}
        case "voice":
            return {"voice_id": filling.name or ""}
        case _:
            asset_id = asset_id_of(link)
            return {"asset_id": asset_id} if asset_id else {"url": url_of(link) or ""}


def _captions_handle(intent: Intent) -> Mapping[str, str]:
    """A template's captions are always in the picture."""
    return {"captions": PREFERRED} if _work(intent).captions else {}


def _work(intent: Intent) -> Template:
    assert isinstance(intent.work, Template)
    return intent.work


def _id(intent: Intent) -> str:
    return quote(_work(intent).template, safe="")


TEMPLATES = Endpoint(
    submit_at=lambda intent: f"{TEMPLATES_ROAD}/{_id(intent)}",
    encode=encode_template,
    check_at=lambda video_id: f"{VIDEOS_ROAD}/{video_id}",
    handle=_captions_handle,
    is_keyed=True,
    can_delete=True,
)
OLD_TEMPLATES = Endpoint(
    submit_at=lambda intent: f"{OLD_TEMPLATES_ROAD}/{_id(intent)}/generate",
    encode=encode_template,
    check_at=video_status_at,
    handle=_captions_handle,
)
