"""A row of a seed, and how it becomes the JSON of a submit: resolved, cast and encoded as the
engine and the gateways do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.cast import resolve_spoken
from domain.casting import Look, VoiceOffer
from domain.castings import Castings
from domain.catalog import offer_named
from domain.command import Start, parse
from domain.gateway import Intent
from domain.preferences import Preferences
from domain.request import Work
from domain.resolving import resolve
from domain.understanding import work_of
from gateways import fal_inputs, heygen_workflows, runware_wire
from gateways.heygen_legacy import OLD_AGENTS, OLD_VIDEOS, OLD_WEBM, TALKING_PHOTO
from gateways.heygen_templates import OLD_TEMPLATES
from gateways.heygen_translations import OLD_TRANSLATIONS
from gateways.runware_wire import Delivery
from tests.seed_calls import Whose

KEY = "11111111-1111-4111-8111-111111111111"
CALLBACK = "https://bot.example/webhooks/runware/token"
PICTURE, END = "https://files.example/fox.png", "https://files.example/end.png"
SOUND, FILM = "https://files.example/voice.mp3", "https://files.example/film.mp4"
PHOTO_ID = "photo-1"
AVATAR_ID, VOICE_ID = "josh_lite3_20230714", "1bd001e7e50f421d891986aad5158bc8"
LINKS = {
    "reference_image": PICTURE,
    "tail_image": END,
    "scenes.0.recording": SOUND,
    "scenes.0.background": PICTURE,
    "files.0": PICTURE,
    "source": FILM,
}
# As the account's lists would have them: the voice keeps its pauses.
CASTINGS = Castings(
    looks=(Look(id=AVATAR_ID, name="Josh"), Look(id=f"{TALKING_PHOTO}{PHOTO_ID}", name="Ada")),
    voices=(VoiceOffer(id=VOICE_ID, name="Paul", supports_pause=True),),
)
OPERATORS = Delivery(
    quality=90, ttl_s=86_400, safety="fast", upload_endpoint="https://bucket.example/put"
)
WORKFLOW, SEEDANCE, KLING = "veo_3_1@heygen", "seedance_2_0@fal", "kling_v3@fal"
RUNWARE_AGENT, RUNWARE_CLIP = "heygen_agent@runware", "seedance_2_0@runware"
OLD_AVATAR, OLD_TRANSPARENT = "heygen_avatar.v2@heygen", "heygen_avatar.webm@heygen"
OLD_AGENT = "heygen_agent.v2@heygen"
OLD_TRANSLATION, OLD_TEMPLATE = "heygen_translation.v2@heygen", "heygen_template.v2@heygen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a seed. `how` says it to people; `line` (or `work`) at `offer` puts `value` at
    `path` of the body, or is the address where `path` is `address`."""

    seed: str
    name: str
    whose: Whose
    how: str
    offer: str
    line: str = ""
    work: Work | None = None
    path: str
    value: Any

    @property
    def asked(self) -> Work:
        """What is asked for."""
        if self.work is not None:
            return self.work
        command = parse(self.line)
        assert isinstance(command, Start), self.line
        return work_of(command.understood)


Encoder = Callable[[Intent], tuple[str, bytes]]


def intent_of(row: Row, links: Mapping[str, str] = LINKS, callback_url: str = CALLBACK) -> Intent:
    """What the engine writes down before the submit of a row."""
    offer = offer_named(row.offer)
    work = resolve(resolve_spoken(row.asked, offer, CASTINGS), offer, Preferences())
    return Intent(
        execution_id="execution_1",
        attempt=1,
        key=KEY,
        offer=offer,
        work=work,
        links={place: links[place] for place in work.media},
        callback_url=callback_url,
    )


def body_of(row: Row) -> tuple[str, Any]:
    """(the address, the JSON) that is sent for a row."""
    address, body = _ENCODERS[row.offer.partition("@")[2]](intent_of(row))
    return address, json.loads(body)


def at(body: Any, path: str) -> Any:
    """The value at `video_inputs.0.voice.speed`. Raises KeyError or IndexError where none is."""
    for part in path.split("."):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body


def _heygen(intent: Intent) -> tuple[str, bytes]:
    roads = {
        OLD_AVATAR: OLD_VIDEOS,
        OLD_TRANSPARENT: OLD_WEBM,
        OLD_AGENT: OLD_AGENTS,
        OLD_TRANSLATION: OLD_TRANSLATIONS,
        OLD_TEMPLATE: OLD_TEMPLATES,
    }
    road = roads.get(intent.offer.name)
    if road is not None:
        return road.submit_at(intent), road.encode(intent)
    return intent.offer.road, heygen_workflows.encode_submission(intent)


def _fal(intent: Intent) -> tuple[str, bytes]:
    endpoint = fal_inputs.endpoint_of(intent)
    assert isinstance(endpoint, str), endpoint
    return endpoint, fal_inputs.encode_submission(intent)


def _runware(intent: Intent) -> tuple[str, bytes]:
    return "/v1", runware_wire.encode_submission(intent, OPERATORS)


_ENCODERS: Mapping[str, Encoder] = {"heygen": _heygen, "fal": _fal, "runware": _runware}
