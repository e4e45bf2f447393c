"""Whether an offer's wire can say what an avatar, agent, translation or template request asks for.

Pure: the selector refuses with these sentences before anything is paid, and a gateway refuses the
same before it sends. An impossible value is refused, never clamped or left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.offer import Offer, Speech
from domain.request import Work
from domain.shape import FileFormat
from domain.spoken import Agent, Avatar, Scene, Template, Translation

_WORDS = {
    "avatar": "a choice of avatar",
    "background": "a background",
    "background_video": "a video as background",
    "captions": "captions",
    "chat": "a conversation",
    "continues": "a conversation that goes on",
    "cut_out": "a picture to be cut out",
    "emotion": "an emotion",
    "engine": "a choice of avatar engine",
    "expressiveness": "a choice of expressiveness",
    "file_format": "a choice of file format",
    "file_links": "files by link: attach them in Slack instead",
    "files": "files",
    "fit": "a choice of how it fills the frame",
    "footage": "a video as a scene",
    "locale": "a locale",
    "motion": "words about motion",
    "photo": "a photo that speaks",
    "reference_look": "a look to learn from",
    "speakers": "a number of speakers",
    "style": "a style",
    "test": "a test",
    "title": "a title",
    "voice": "a choice of voice",
    "voice_engine": "settings of a voice engine",
    "volume": "a volume",
}
_ONE_SCENE_ONLY = ("engine", "motion", "expressiveness", "reference_look", "cut_out", "fit")


@dataclass(frozen=True, slots=True)
class Unsayable:
    """What the offer's wire has no word for: the field, and the sentence for a person."""

    field: str
    sentence: str


def unsayable(work: Work, offer: Offer) -> Unsayable | None:
    """The first thing that the offer cannot be told; None where it can be told everything."""
    untaken = next((field for field in _asked(work) if field not in offer.limits.takes), None)
    if untaken is not None:
        return Unsayable(untaken, f"{offer.model.title} does not take {_WORDS[untaken]} here.")
    if isinstance(work, Agent) and work.results > offer.limits.results_max:
        return Unsayable("results", f"{offer.model.title} makes one video of an idea here.")
    if isinstance(work, Avatar) and offer.limits.speech is not None:
        return next(_unspeakable(work, offer, offer.limits.speech), None)
    return None


def _asked(work: Work) -> Iterator[str]:
    """The fields that were said and that not every wire has, by our names."""
    match work:
        case Avatar():
            yield from _said(work, "title", "captions", "test", *_ONE_SCENE_ONLY)
            for scene in work.scenes:
                yield from _asked_of(scene)
        case Agent():
            yield from _said(work, "avatar", "voice", "style", "file_format", "chat", "continues")
            yield from _said(work, "files")
            if any(file.url is not None for file in work.files):
                yield "file_links"
        case Translation():
            yield from _said(work, "captions", "speakers")
        case Template():
            yield from _said(work, "title", "captions")
        case _:
            return


def _asked_of(scene: Scene) -> Iterator[str]:
    yield from _said(scene, "photo", "style", "background", "footage")
    yield from _said(scene.voice, "volume", "emotion", "locale")
    if scene.voice.engine:
        yield "voice_engine"
    if scene.background is not None and scene.background.video is not None:
        yield "background_video"


def _said(part: object, *fields: str) -> Iterator[str]:
    return (field for field in fields if getattr(part, field) not in (None, False, ()))


def _unspeakable(work: Avatar, offer: Offer, speech: Speech) -> Iterator[Unsayable]:
    """What is beyond the numbers, or cannot go together."""
    title, count = offer.model.title, len(work.scenes)
    if count > speech.scenes_max:
        yield Unsayable("scenes", f"{title} takes {speech.scenes_max} scenes, this has {count}.")
    field = next(_said(work, *_ONE_SCENE_ONLY), None)
    is_alone = count == 1 and bool(work.scenes[0].script or work.scenes[0].recording)
    if work.reference_look is not None and work.engine != "avatar_v":
        yield Unsayable("reference_look", "Only the engine avatar_v learns from another look.")
    if work.engine is not None and any(scene.photo is not None for scene in work.scenes):
        yield Unsayable("engine", "A photo that speaks has no choice of avatar engine.")
    if field is not None and not is_alone:
        yield Unsayable(field, f"{title} takes {_WORDS[field]} for a single spoken scene only.")
    yield from _untransparent(work, offer, speech)
    for scene in work.scenes:
        yield from _unspeakable_scene(scene, title, speech)


def _untransparent(work: Avatar, offer: Offer, speech: Speech) -> Iterator[Unsayable]:
    formats, title = offer.limits.file_formats, offer.model.title
    wanted = FileFormat.WEBM if work.transparent else FileFormat.MP4
    if wanted not in formats:
        what = "transparent videos" if work.transparent else "videos with a background"
        yield Unsayable("transparent", f"{title} does not make {what} here.")
    if not work.transparent:
        return
    if any(scene.background is not None for scene in work.scenes):
        yield Unsayable("background", "A transparent video has no background.")
    if any(scene.photo is not None or scene.footage is not None for scene in work.scenes):
        yield Unsayable("photo", "A photo cannot be made transparent: choose an avatar.")
    if len(work.scenes) > speech.transparent_scenes_max:
        most = speech.transparent_scenes_max
        yield Unsayable("scenes", f"A transparent video has {most} scene, not more.")


def _unspeakable_scene(scene: Scene, title: str, speech: Speech) -> Iterator[Unsayable]:
    said, voice = scene.script or "", scene.voice
    slowest, fastest = speech.speed
    if len(said) > speech.script_max_chars:
        most = speech.script_max_chars
        sentence = f"{title} takes {most:,} characters a scene, this script has {len(said):,}."
        yield Unsayable("script", sentence)
    if voice.speed is not None and not slowest <= voice.speed <= fastest:
        sentence = f"{title} speaks at {slowest:g} to {fastest:g} times the usual speed."
        yield Unsayable("speed", sentence)
    if abs(voice.pitch or 0) > speech.pitch_max:
        yield Unsayable("pitch", f"{title} takes a pitch of up to ±{speech.pitch_max}.")
    if scene.style is not None and scene.style not in speech.styles:
        yield Unsayable("style", f"{title} does not take the style {scene.style} here.")
    if scene.silence_s is not None:
        yield from _unsilent(scene, scene.silence_s, title, speech)
    if scene.words_on_screen is not None:
        sentence = (
            f"{title} writes nothing on the screen but what is spoken (`--captions burned`). An"
            " agent does: `--kind agent --on-screen`; a template has text in its variables."
        )
        yield Unsayable("words_on_screen", sentence)
    if said and voice.name is None and (speech.needs_voice or scene.photo is not None):
        yield Unsayable("voice", "No voice was named: choose one.")
    if scene.footage is not None and scene.background is not None:
        yield Unsayable("background", "A video as a scene has no background of its own.")
    if scene.avatar is None and scene.photo is None and scene.footage is None:
        yield Unsayable("avatar", "Nobody was named to speak: choose an avatar.")


def _unsilent(scene: Scene, silence_s: float, title: str, speech: Speech) -> Iterator[Unsayable]:
    if silence_s > speech.silence_max_s:
        most = speech.silence_max_s
        yield Unsayable("silence", f"{title} is silent for at most {most:g} seconds.")
    if speech.silence_needs_photo and (scene.photo is None or scene.background is not None):
        yield Unsayable("silence", f"{title} shows a photo alone while nobody speaks.")
