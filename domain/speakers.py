"""Who speaks in an avatar video: each scene's look, its voice, its pauses, and what moves it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.casting import Look, VoiceOffer
from domain.castings import (
    LOOKING_AGAIN,
    USUAL_LANGUAGE,
    Castings,
    found,
    language_of,
    usual_look,
    usual_voice,
)
from domain.errors import RequestError
from domain.finding import folded_name
from domain.offer import Offer
from domain.pauses import has_pauses, with_breaks, without_pauses
from domain.rewriting import command_of
from domain.spoken import SCRIPT_MAX_CHARS, Avatar, Scene
from domain.values import listed

USUAL_ENGINE = "avatar_iv"


def cast_speakers(work: Avatar, offer: Offer, castings: Castings) -> Avatar:
    """The avatar video with ids for names and a voice for each script. Raises `RequestError`."""
    scenes: list[Scene] = []
    looks: list[Look | None] = []
    for scene in work.scenes:
        before = next((each.avatar for each in reversed(scenes) if each.avatar), None)
        look_id, look = _look(scene, before, work, castings)
        cast = scene.model_copy(update={"avatar": look_id})
        if scene.script is not None:
            cast = _voiced(cast, look, work, castings)
        scenes.append(cast)
        looks.append(look)
    seen = [look for look in looks if look is not None]
    voices = {scene.voice.name for scene in scenes}
    heard = [voice for voice in castings.voices if voice.id in voices]
    return work.model_copy(
        update={
            "scenes": tuple(scenes),
            "engine": _engine(work, offer, seen),
            "of_photos": _of_photos(scenes, looks),
            "names": {look.id: look.name for look in seen} | {one.id: one.name for one in heard},
        }
    )


def _of_photos(scenes: Sequence[Scene], looks: Sequence[Look | None]) -> bool | None:
    """Whether everybody in it is moved from a picture; None where that is not known of somebody."""
    shown = [
        True if scene.photo is not None else (look.is_photo if look is not None else None)
        for scene, look in zip(scenes, looks, strict=True)
        if scene.footage is None
    ]
    return False if False in shown else (None if None in shown or not shown else True)


def _look(
    scene: Scene, before: str | None, work: Avatar, castings: Castings
) -> tuple[str | None, Look | None]:
    """(id, look) of who speaks: as named, as in the scene before, as usual; none for a photo."""
    if scene.photo is not None:
        return None, None
    named = scene.avatar or before
    if named is None:
        look = usual_look(work, castings)
        if look is None:
            sentence = "No avatar is known here yet. Name one with `--avatar` and its id."
            raise RequestError(f"{sentence} {LOOKING_AGAIN}", field="avatar")
        return look.id, look
    look = found(named, castings.looks, work, noun="avatar", field="avatar")
    return (look.id if look else named), look


def _voiced(scene: Scene, look: Look | None, work: Avatar, castings: Castings) -> Scene:
    """The scene with a voice, and its pauses as this voice reads them."""
    asked = scene.voice
    if asked.name is None:
        voice_id = usual_voice(look, asked.locale, castings)
        voice = next((one for one in castings.voices if one.id == voice_id), None)
    else:
        among = _narrowed(asked.name, asked.locale, look, castings.voices)
        voice = found(asked.name, among, work, noun="voice", field="voice")
        voice_id = voice.id if voice else asked.name
    script = scene.script or ""
    if has_pauses(script):
        _need_pauses(voice, work, castings)
        script = with_breaks(script)
        if len(script) > SCRIPT_MAX_CHARS:
            sentence = f"With its pauses a scene has {len(script):,} characters"
            raise RequestError(f"{sentence}: at most {SCRIPT_MAX_CHARS:,}.", field="script")
    voiced = asked.model_copy(update={"name": voice_id})
    return scene.model_copy(update={"voice": voiced, "script": script})


def _narrowed(
    typed: str, locale: str | None, look: Look | None, voices: Sequence[VoiceOffer]
) -> Sequence[VoiceOffer]:
    """Of several voices with this name, the one that is meant: by language, then by gender."""
    same = [voice for voice in voices if folded_name(voice.name) == folded_name(typed)]
    if len(same) < 2:
        return voices
    spoken, gender = language_of(locale), look.gender if look is not None else None
    fitting = [one for one in same if folded_name(one.language or "") == spoken] or same
    if len(fitting) > 1 and gender is not None:
        fitting = [one for one in fitting if one.gender == gender] or fitting
    return fitting


def _need_pauses(voice: VoiceOffer | None, work: Avatar, castings: Castings) -> None:
    """Raises `RequestError` where the voice would read a pause aloud, or nobody knows."""
    if voice is not None and voice.supports_pause:
        return
    who = f"The voice {voice.name}" if voice is not None else "This voice"
    cannot = "keeps no pauses" if voice is not None else "is not known to keep pauses"
    language = voice.language if voice is not None else USUAL_LANGUAGE
    able = [one for one in castings.voices if one.supports_pause and one.language == language]
    such = f", or take one that does, such as {listed(v.name for v in able[:3])}" if able else ""
    through = [
        scene.model_copy(update={"script": without_pauses(scene.script)}) if scene.script else scene
        for scene in work.scenes
    ]
    raise RequestError(
        f"{who} {cannot}: leave `[pause]` out{such}.",
        field="script",
        suggestion=command_of(work.model_copy(update={"scenes": tuple(through)})),
    )


def _engine(work: Avatar, offer: Offer, looks: Sequence[Look]) -> str | None:
    """The engine as asked, if every look has it; else one that all have, where the usual is none.
    Raises `RequestError`."""
    if "engine" not in offer.limits.takes:
        return work.engine
    for look in looks:
        if work.engine is not None and look.engines and work.engine not in look.engines:
            has = listed(look.engines)
            mended = command_of(work.model_copy(update={"engine": None}))
            sentence = f"{look.name} is not moved by {work.engine}: it has {has}."
            raise RequestError(sentence, field="engine", suggestion=mended)
    lacking = [look for look in looks if look.engines and USUAL_ENGINE not in look.engines]
    if work.engine is not None or not lacking or len(work.scenes) > 1:
        return work.engine  # several scenes have no engine to choose (`spoken_fitting.py`)
    shared = [e for e in lacking[0].engines if all(e in look.engines for look in lacking)]
    return shared[0] if shared else None
