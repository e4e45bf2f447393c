"""Every row of every table in the documents that the product was asked from, and what it is here: a
person's to say, an operator's setting, or the engine's own doing; and the exact JSON on the wire.

`python -m tests.seed_rows` prints the README's table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from domain.offers.workflows import OFFERS as WORKFLOW_OFFERS
from domain.shape import Media
from domain.spoken import Agent, Avatar, AvatarStyle, Background, Scene
from gateways.heygen_legacy import TALKING_PHOTO
from tests.seed_calls import Call, Whose, calls
from tests.seed_wire import (
    AVATAR_ID,
    CALLBACK,
    END,
    FILM,
    KEY,
    KLING,
    OLD_AGENT,
    OLD_AVATAR,
    OLD_TEMPLATE,
    OLD_TRANSLATION,
    OLD_TRANSPARENT,
    OPERATORS,
    PHOTO_ID,
    PICTURE,
    RUNWARE_AGENT,
    RUNWARE_CLIP,
    SEEDANCE,
    SOUND,
    VOICE_ID,
    WORKFLOW,
    Row,
)

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
        *("`background.value`", "`--background`", "--background #1a1a2e"),
        *(f"{ground}.value", "#1a1a2e"),
    )
    for kind, link in (("image", PICTURE), ("video", FILM)):
        yield row(
            *(f"`background` {kind}", "`--background`", f"--background {link}"),
            *(f"{ground}.type", kind),
        )
    yield row(
        *("`background.url`", "`--background`", f"--background {PICTURE}"),
        *(f"{ground}.url", PICTURE),
    )
    for style in ("normal", "closeUp"):
        yield row(
            *(f"`/v1/video.webm`, `avatar_style` {style}", f"`--style {style}`"),
            *(f"--transparent --style {style}", f"{character}.avatar_style", style),
            offer=OLD_TRANSPARENT,
        )
    yield from _recorded()


def _recorded() -> Iterator[Row]:
    """What a line cannot hold: photos and recordings come as files in Slack."""
    recording = Media(slack_file_id="F1", name="voice.mp3")
    spoken = Avatar(scenes=(Scene(recording=recording, avatar=AVATAR_ID),))
    pictured = Avatar(scenes=(Scene(script="Hello", avatar=f"{TALKING_PHOTO}{PHOTO_ID}"),))
    for name, how, work, path, value in (
        ("`voice.audio_url`", "a recording in Slack", spoken, "voice.audio_url", SOUND),
        ("`voice.type` audio", "a recording in Slack", spoken, "voice.type", "audio"),
        (
            *("`character.type` talking_photo", "`--avatar`, a photo of the catalog", pictured),
            *("character.type", "talking_photo"),
        ),
        (
            *("`character.talking_photo_id`", "`--avatar`, a photo of the catalog", pictured),
            *("character.talking_photo_id", PHOTO_ID),
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
    looks = (("closeUp", "#1a1a2e"), ("normal", "#ffffff"))
    varied = Avatar(
        scenes=tuple(
            Scene(
                script="Hello",
                avatar=AVATAR_ID,
                style=AvatarStyle(style),
                background=Background(colour=colour),
            )
            for style, colour in looks
        )
    )
    yield Row(
        seed="002",
        name="`video_inputs`, each its style and background",
        whose=Whose.PERSON,
        how="flags under `---`",
        offer=OLD_AVATAR,
        work=varied,
        path="video_inputs.1.background.value",
        value="#ffffff",
    )


# ── seed 003: Runware ─────────────────────────────────────────────────────────────────────────


def _runware_rows() -> Iterator[Row]:
    person, operator, engine = Whose.PERSON, Whose.OPERATOR, Whose.ENGINE
    agent = "--kind agent an ad about tides"
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
        ("numberResults", person, "`--results`", f"{agent} --results 2", 2),
        ("inputs.avatar", person, "`--avatar`", f"{agent} --avatar {AVATAR_ID}", AVATAR_ID),
        ("width", person, "`--resolution` and `--aspect`", f"{agent} --aspect 9:16", 720),
        ("height", person, "`--resolution` and `--aspect`", f"{agent} --aspect 9:16", 1280),
    ):
        yield Row(
            seed="003",
            name=f"`{name}`",
            whose=whose,
            how=how,
            offer=RUNWARE_AGENT,
            line=line,
            path=f"0.{name}",
            value=value,
        )
    clip = "a fox --model seedance_2_0 --aspect 9:16 --results 3"
    for name, whole in (("width", 720), ("height", 1280), ("numberResults", 3)):
        yield Row(
            seed="003",
            name=f"`{name}`, of a clip",
            whose=person,
            how="the same",
            offer=RUNWARE_CLIP,
            line=clip,
            path=f"0.{name}",
            value=whole,
        )
    pictured = Agent(prompt="an ad about tides", files=(Media(slack_file_id="F1"),))
    yield Row(
        seed="003",
        name="`inputs.image`",
        whose=person,
        how="a picture in Slack",
        offer=RUNWARE_AGENT,
        work=pictured,
        path="0.inputs.image",
        value=PICTURE,
    )


# ── seed 004: the rest of HeyGen's skill ──────────────────────────────────────────────────────


def _of_skill(name: str, how: str, offer: str, line: str, wire: tuple[str, Any]) -> Row:
    path, value = wire
    whose = Whose.OPERATOR if how == "`PUBLIC_URL`" else Whose.PERSON
    return Row(
        seed="004",
        name=name,
        whose=whose,
        how=how,
        offer=offer,
        line=line,
        path=path,
        value=value,
    )


def _skill() -> Iterator[Row]:
    agent, road = "--kind agent an ad about tides", "/v1/video_agent/generate"
    for name, how, flags, wire in (
        (f"`POST {road}`", "`--kind agent`", "", ("address", road)),
        ("video agent, its prompt", "the words", "", ("prompt", "an ad about tides")),
        ("video agent, its length", "`--duration`", "--duration 45", ("config.duration_sec", 45)),
        (
            *("video agent, its shape", "`--aspect`", "--aspect 9:16"),
            ("config.orientation", "portrait"),
        ),
        (
            *("video agent, its avatar", "`--avatar`", f"--avatar {AVATAR_ID}"),
            ("config.avatar_id", AVATAR_ID),
        ),
    ):
        yield _of_skill(name, how, OLD_AGENT, f"{agent} {flags}", wire)
    dubbed = f"--kind translation --source {FILM} --languages German"
    for name, wire in (
        ("`POST /v2/video_translate`", ("address", "/v2/video_translate")),
        ("video translation, its source", ("video_url", FILM)),
        ("video translation, its language", ("output_language", "German")),
    ):
        yield _of_skill(name, "`--kind translation`", OLD_TRANSLATION, dubbed, wire)
    filled = "--kind template --template t1 --var headline=Ada"
    wire = ("variables.headline.properties.content", "Ada")
    yield _of_skill("templates, their variables", "`--var`", OLD_TEMPLATE, filled, wire)
    yield from _spoken_of_skill()


def _spoken_of_skill() -> Iterator[Row]:
    voice = "video_inputs.0.voice"
    for name, how, flags, wire in (
        (
            *("scripts, pauses", "`[pause 2s]`", "--script Hello [pause 2s] you"),
            (f"{voice}.input_text", 'Hello <break time="2s"/> you'),
        ),
        (
            *("voices, locales", "`--locale`", "--locale en-GB --script Hello"),
            (f"{voice}.locale", "en-GB"),
        ),
        ("captions", "`--captions`", "--captions --script Hello", ("caption", True)),
        ("webhooks", "`PUBLIC_URL`", "--script Hello", ("callback_url", CALLBACK)),
    ):
        yield _of_skill(name, how, OLD_AVATAR, f"{SPOKEN} {flags}", wire)


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
    return (*_workflows(), *_tools(), *_avatars(), *_runware_rows(), *_skill(), _overlay())


def table() -> str:
    """The README's table, in Markdown."""
    lines = ["| seed | row | whose | how |", "| --- | --- | --- | --- |"]
    every: list[Row | Call] = sorted([*rows(), *calls()], key=lambda row: row.seed)
    lines += [f"| {row.seed} | {row.name} | {row.whose} | {row.how} |" for row in every]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
