"""Every row of every table in the documents that the product was asked from, and what it is here: a
person's to say, an operator's setting, or the engine's own doing; and the exact JSON on the wire.

`python -m tests.seed_rows` prints the README's table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.catalog import offer_named
from domain.command import Start, parse
from domain.gateway import Intent
from domain.offers.workflows import OFFERS as WORKFLOW_OFFERS
from domain.preferences import Preferences
from domain.request import Work
from domain.resolving import resolve
from domain.shape import Media
from domain.spoken import Avatar, Scene
from domain.understanding import work_of
from gateways import fal_inputs, heygen_workflows, runware_wire
from gateways.heygen_legacy import OLD_AGENTS, OLD_VIDEOS, OLD_WEBM, TALKING_PHOTO
from gateways.runware_wire import Delivery

KEY = "11111111-1111-4111-8111-111111111111"
CALLBACK = "https://bot.example/webhooks/runware/token"
PICTURE, END = "https://files.example/fox.png", "https://files.example/end.png"
SOUND = "https://files.example/voice.mp3"
LINKS = {
    "reference_image": PICTURE,
    "tail_image": END,
    "scenes.0.recording": SOUND,
    "scenes.0.background": PICTURE,
    "files.0": PICTURE,
}
OPERATORS = Delivery(
    quality=90, ttl_s=86_400, safety="fast", upload_endpoint="https://bucket.example/put"
)
WORKFLOW, SEEDANCE, KLING = "veo_3_1@heygen", "seedance_2_0@fal", "kling_v3@fal"
RUNWARE_AGENT, RUNWARE_CLIP = "heygen_agent@runware", "seedance_2_0@runware"
OLD_AVATAR, OLD_TRANSPARENT = "heygen_avatar.v2@heygen", "heygen_avatar.webm@heygen"
OLD_AGENT = "heygen_agent.v2@heygen"


class Whose(StrEnum):
    """Who decides a row."""

    PERSON = "a person"
    OPERATOR = "an operator"
    ENGINE = "the bot"


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


def body_of(row: Row) -> tuple[str, Any]:
    """(the address, the JSON) that is sent for a row."""
    offer = offer_named(row.offer)
    work = resolve(row.asked, offer, Preferences())
    intent = Intent(
        execution_id="execution_1",
        attempt=1,
        key=KEY,
        offer=offer,
        work=work,
        links={place: LINKS[place] for place in work.media},
        callback_url=CALLBACK,
    )
    address, body = _ENCODERS[row.offer.partition("@")[2]](intent)
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


# ── seed 000: HeyGen's workflow endpoint ──────────────────────────────────────────────────────


def _workflows() -> Iterator[Row]:
    """Its request fields and its thirteen providers."""

    def row(name: str, whose: Whose, how: str, line: str, path: str, value: Any) -> Row:
        return Row(
            seed="000",
            name=name,
            whose=whose,
            how=how,
            offer=WORKFLOW,
            line=line,
            path=path,
            value=value,
        )

    person, engine = Whose.PERSON, Whose.ENGINE
    fox = "a fox --model veo_3_1"
    yield row("`workflow_type`", engine, "always", fox, "workflow_type", "GenerateVideoNode")
    yield row("`input.prompt`", person, "the words", fox, "input.prompt", "a fox")
    yield row("`input.provider`", person, "`--model`", fox, "input.provider", "veo_3_1")
    yield row(
        *("`input.aspect_ratio`", person, "`--aspect`"),
        f"{fox} --aspect 9:16",
        *("input.aspect_ratio", "9:16"),
    )
    images = f"{fox} --image {PICTURE} --tail-image {END}"
    yield row(
        *("`input.reference_image_url`", person, "`--image`, or a picture in Slack", images),
        *("input.reference_image_url", PICTURE),
    )
    yield row(
        *("`input.tail_image_url`", person, "`--tail-image`", images),
        *("input.tail_image_url", END),
    )
    yield row(
        *("`input.config`", person, "`--config key=value`", f"{fox} --config motion=0.5"),
        *("input.config", {"motion": 0.5}),
    )
    for offer in WORKFLOW_OFFERS:
        yield Row(
            seed="000",
            name=f"provider `{offer.endpoint}`",
            whose=person,
            how=f"`--model {offer.model.name}`",
            offer=offer.name,
            line=f"a fox --model {offer.model.name}",
            path="input.provider",
            value=offer.endpoint,
        )


# ── seed 001: two gateways, and the tools of its selector ─────────────────────────────────────


def _tools() -> Iterator[Row]:
    for tool, model, offer, address in (
        ("seedance_video", "seedance_2_0", SEEDANCE, "bytedance/seedance-2.0/text-to-video"),
        (
            *("seedance_video, fast", "seedance_2_0_fast", "seedance_2_0_fast@fal"),
            "bytedance/seedance-2.0/fast/text-to-video",
        ),
        ("kling_video, v3", "kling_v3", KLING, "fal-ai/kling-video/v3/standard/text-to-video"),
        (
            *("kling_video, v2.1", "kling_v2_1", "kling_v2_1@fal"),
            "fal-ai/kling-video/v2.1/master/text-to-video",
        ),
        (
            *("minimax_video", "minimax", "minimax@fal"),
            "fal-ai/minimax/hailuo-2.3/standard/text-to-video",
        ),
        ("veo_video", "veo_3_1", "veo_3_1@fal", "fal-ai/veo3.1"),
    ):
        yield Row(
            seed="001",
            name=f"`{tool}`",
            whose=Whose.PERSON,
            how=f"`--model {model}`",
            offer=offer,
            line=f"a fox --model {model}",
            path="address",
            value=address,
        )
    yield Row(
        seed="001",
        name="`heygen_video`",
        whose=Whose.PERSON,
        how="`--model veo_3_1` and the others of seed 000",
        offer=WORKFLOW,
        line="a fox --model veo_3_1",
        path="address",
        value="/v1/workflows/executions",
    )
    yield Row(
        seed="001",
        name="`video_selector`",
        whose=Whose.ENGINE,
        how="chooses, explains and falls back; `bin/run explain …`",
        offer=SEEDANCE,
        line="a cinematic trailer of a fox",
        path="prompt",
        value="a cinematic trailer of a fox",
    )


# ── seed 002: HeyGen's v2 videos ──────────────────────────────────────────────────────────────

AVATAR_ID, VOICE_ID = "josh_lite3_20230714", "1bd001e7e50f421d891986aad5158bc8"
SPOKEN = f"--avatar {AVATAR_ID} --voice {VOICE_ID}"


def _avatars() -> Iterator[Row]:
    scene, voice = "video_inputs.0", "video_inputs.0.voice"

    def row(name: str, how: str, said: str, path: str, value: Any, **more: Any) -> Row:
        line = f"{SPOKEN} {said} --script Hello"
        given = {"offer": OLD_AVATAR, "whose": Whose.PERSON, **more}
        return Row(seed="002", name=name, how=how, line=line, path=path, value=value, **given)

    yield row("`/v2/video/generate`", "`--avatar`, `--script`", "", "address", "/v2/video/generate")
    yield row(
        *("`/v1/video.webm`", "`--transparent`", "--transparent", "address", "/v1/video.webm"),
        offer=OLD_TRANSPARENT,
    )
    yield row("`title`", "`--title`", "--title Demo", "title", "Demo")
    yield row("`test`", "`--test`", "--test", "test", True)
    yield row(
        *("`dimension`", "`--resolution` and `--aspect`", "--resolution 1080p"),
        *("dimension", {"width": 1920, "height": 1080}),
    )
    character = f"{scene}.character"
    yield row("`character.type` avatar", "`--avatar`", "", f"{character}.type", "avatar")
    yield row("`character.avatar_id`", "`--avatar`", "", f"{character}.avatar_id", AVATAR_ID)
    for style in ("normal", "closeUp", "circle"):
        yield row(
            *(f"`avatar_style` {style}", f"`--style {style}`", f"--style {style}"),
            *(f"{character}.avatar_style", style),
        )
    yield row("`voice.type` text", "`--script`", "", f"{voice}.type", "text")
    yield row("`voice.input_text`", "`--script`", "", f"{voice}.input_text", "Hello")
    yield row("`voice.voice_id`", "`--voice`", "", f"{voice}.voice_id", VOICE_ID)
    yield row("`voice.speed`", "`--speed`", "--speed 1.2", f"{voice}.speed", 1.2)
    yield row("`voice.pitch`", "`--pitch`", "--pitch 5", f"{voice}.pitch", 5)
    ground = f"{scene}.background"
    yield row(
        *("`background` color", "`--background`", "--background #1a1a2e"),
        *(ground, {"type": "color", "value": "#1a1a2e"}),
    )
    yield row(
        *("`background.url`", "`--background`", f"--background {PICTURE}"),
        *(f"{ground}.url", PICTURE),
    )
    yield from _recorded()


def _recorded() -> Iterator[Row]:
    """What a line cannot hold: photos and recordings come as files in Slack."""
    recording = Media(slack_file_id="F1", name="voice.mp3")
    spoken = Avatar(scenes=(Scene(recording=recording, avatar=AVATAR_ID),))
    pictured = Avatar(scenes=(Scene(script="Hello", avatar=f"{TALKING_PHOTO}photo-1"),))
    for name, how, work, path, value in (
        ("`voice.audio_url`", "a recording in Slack", spoken, "voice.audio_url", SOUND),
        ("`voice.type` audio", "a recording in Slack", spoken, "voice.type", "audio"),
        (
            *("`character.type` talking_photo", "`--avatar`, a photo of the catalog", pictured),
            *("character.type", "talking_photo"),
        ),
        (
            *("`character.talking_photo_id`", "`--avatar`, a photo of the catalog", pictured),
            *("character.talking_photo_id", "photo-1"),
        ),
    ):
        yield Row(
            seed="002",
            name=name,
            whose=Whose.PERSON,
            how=how,
            offer=OLD_AVATAR,
            work=work,
            path=f"video_inputs.0.{path}",
            value=value,
        )
    scenes = Avatar(scenes=tuple(Scene(script=f"Part {n}", avatar=AVATAR_ID) for n in range(3)))
    yield Row(
        seed="002",
        name="`video_inputs`, many scenes",
        whose=Whose.PERSON,
        how="`---` between scenes",
        offer=OLD_AVATAR,
        work=scenes,
        path="video_inputs.2.voice.input_text",
        value="Part 2",
    )


# ── seed 003: Runware ─────────────────────────────────────────────────────────────────────────


def _runware_rows() -> Iterator[Row]:
    person, operator, engine = Whose.PERSON, Whose.OPERATOR, Whose.ENGINE
    agent, clip = "--kind agent an ad about tides", "a fox --model seedance_2_0"
    for name, whose, how, line, value in (
        ("taskType", engine, "always", agent, "videoInference"),
        ("taskUUID", engine, "drawn and written down before it is sent", agent, KEY),
        ("model", person, "`--kind agent`, `--model`", agent, "heygen:video-agent@0"),
        ("positivePrompt", person, "the words", agent, "an ad about tides"),
        ("duration", person, "`--duration`", f"{agent} --duration 45", 45),
        ("outputType", engine, "always", agent, "URL"),
        ("outputFormat", person, "`--format`", f"{agent} --format webm", "WEBM"),
        ("outputQuality", operator, "`RUNWARE_OUTPUT_QUALITY`", agent, 90),
        ("webhookURL", operator, "`PUBLIC_URL`", agent, CALLBACK),
        ("deliveryMethod", engine, "always", agent, "async"),
        ("uploadEndpoint", operator, "`RUNWARE_UPLOAD_ENDPOINT`", agent, OPERATORS.upload_endpoint),
        ("safety.checkContent", operator, "`RUNWARE_SAFETY`", agent, True),
        ("safety.mode", operator, "`RUNWARE_SAFETY`", agent, "fast"),
        ("ttl", operator, "`RUNWARE_TTL_S`", agent, 86_400),
        ("includeCost", engine, "always", agent, True),
        ("numberResults", person, "`--results`", f"{clip} --results 2", 2),
        ("inputs.avatar", person, "`--avatar`", f"{agent} --avatar ava", "ava"),
        ("width", person, "`--resolution` and `--aspect`", f"{clip} --aspect 9:16", 720),
        ("height", person, "`--resolution` and `--aspect`", f"{clip} --aspect 9:16", 1280),
    ):
        yield Row(
            seed="003",
            name=f"`{name}`",
            whose=whose,
            how=how,
            offer=RUNWARE_CLIP if line.startswith(clip) else RUNWARE_AGENT,
            line=line,
            path=f"0.{name}",
            value=value,
        )


def _overlay() -> Row:
    """Of the skill's references: an agent is told the exact words; nothing else takes any."""
    return Row(
        seed="004",
        name="text overlays",
        whose=Whose.PERSON,
        how="`--on-screen` of an agent; a template's variables; elsewhere refused with a sentence",
        offer=OLD_AGENT,
        line='--kind agent our summer sale --on-screen "50 % off"',
        path="prompt",
        value="our summer sale\n\nOn screen, exactly: “50 % off”",
    )


def rows() -> tuple[Row, ...]:
    """All of them, seed by seed."""
    return (*_workflows(), *_tools(), *_avatars(), *_runware_rows(), _overlay())


def table() -> str:
    """The README's table, in Markdown."""
    lines = ["| seed | row | whose | how |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.seed} | {row.name} | {row.whose} | {row.how} |" for row in rows()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
