"""The lists of one account, and what they say of a name, or where nobody was named. Pure.

A list that was never read cannot say that a name is wrong: then what was typed is taken as an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.errors import RequestError
from domain.finding import Named, NotFound, find, folded_name
from domain.request import Clip, Work
from domain.rewriting import command_of
from domain.shape import AspectRatio
from domain.spoken import Avatar, Scene

USUAL_LANGUAGE = "English"
LOOKING_AGAIN = "If it is new, try again in a minute: the list is read once more."
NAMES_SHOWN = 8
_ORIENTATIONS = {AspectRatio.TALL: "portrait", AspectRatio.SQUARE: "square"}

N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Castings:
    """The lists of one account as far as a request needs them. Empty: never read, or has none.

    `default_avatar` is the channel's. `source_s` is how long the take is that is translated, in
    seconds, where it is one of ours.
    """

    looks: Sequence[Look] = ()
    voices: Sequence[VoiceOffer] = ()
    languages: Sequence[Language] = ()
    templates: Sequence[TemplateOffer] = ()
    styles: Sequence[AgentStyle] = ()
    default_avatar: str | None = None
    source_s: float | None = None


def known_look(typed: str, castings: Castings) -> Look | None:
    """The avatar that a person named, None where no list can tell. Raises `RequestError`."""
    try:
        return find(typed, castings.looks, noun="avatar") if castings.looks else None
    except NotFound as missing:
        raise RequestError(missing.sentence, field="avatar") from None


def usual_look(work: Work, castings: Castings) -> Look | None:
    """The avatar when nobody named one: the channel's, else the first that has a voice and the
    video's shape. Never one of the account's own: those are people who work here."""
    if castings.default_avatar is not None:
        return known_look(castings.default_avatar, castings)
    wanted = _ORIENTATIONS.get(work.aspect_ratio or AspectRatio.WIDE, "landscape")
    speaking = [look for look in castings.looks if look.default_voice_id and not look.is_own]
    fitting = (look for look in speaking if look.orientation in (wanted, None))
    return next(fitting, next(iter(speaking), None))


def usual_voice(look: Look | None, locale: str | None, castings: Castings) -> str | None:
    """The voice when nobody named one: the look's own, else one of its gender and language."""
    if look is not None and look.default_voice_id and locale is None:
        return look.default_voice_id
    gender = look.gender if look is not None else None
    spoken = language_of(locale)
    ranked = sorted(
        (voice for voice in castings.voices if not voice.is_own),
        key=lambda voice: (
            folded_name(voice.language or "") != spoken,
            locale is not None and voice.locale != locale,
            gender is not None and (voice.gender or "").lower() != gender.lower(),
        ),
    )
    return ranked[0].id if ranked else (look.default_voice_id if look is not None else None)


def by_description(wanted: str, voices: Sequence[VoiceOffer]) -> list[VoiceOffer]:
    """Those first that have most of its words in their name, language, accent and gender; of as
    many, the account's own."""
    words = set(folded_name(wanted).split())

    def shared(voice: VoiceOffer) -> int:
        said = (voice.name, voice.language, voice.locale, voice.gender)
        return len(words & set(folded_name(" ".join(filter(None, said))).split()))

    ranked = sorted(voices, key=lambda voice: (-shared(voice), not voice.is_own))
    return by_name_first(wanted, ranked)


def by_name_first(wanted: str, voices: Sequence[VoiceOffer]) -> list[VoiceOffer]:
    """In their order, but first those that are called exactly so, the account's own before others:
    whoever types a name wants its voice, whatever else fits the word."""
    name = folded_name(wanted)

    def place(voice: VoiceOffer) -> tuple[bool, bool]:
        is_meant = folded_name(voice.name) == name
        return not is_meant, is_meant and not voice.is_own

    return sorted(voices, key=place)


def found(
    typed: str | None, among: Sequence[N], work: Work | None, *, noun: str, field: str
) -> N | None:
    """The one that was named, None where nothing was or no list can tell. Raises `RequestError`
    with the same request for the likeliest one."""
    if typed is None or not among:
        return None
    try:
        return find(typed, among, noun=noun)
    except NotFound as missing:
        near = next(iter(missing.near), None)
        instead = _with_name(work, field, typed, near) if work and near else None
        hint = "" if missing.near else f" {_where_to_look(noun, among)} {LOOKING_AGAIN}"
        sentence = f"{missing.sentence}{hint} Nothing was started."
        raise RequestError(sentence, field=field, suggestion=instead) from None


def _where_to_look(noun: str, among: Sequence[Named]) -> str:
    """The names there are, or what shows them: a list has a few or thousands."""
    if noun == "voice":
        return "`/video voices` finds one: `/video voices warm narrator`."
    if noun == "avatar":
        return "`/video --kind avatar` opens a form to look for one."
    names = sorted(one.name for one in among)
    if len(names) <= NAMES_SHOWN:
        return f"There {'is' if len(names) == 1 else 'are'} {_all_of(names)}."
    return f"There are {len(names)}, such as {_all_of(names[:: len(names) // NAMES_SHOWN + 1])}."


def _all_of(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _with_name(work: Work, field: str, typed: str, near: Named) -> str | None:
    """The command that names `near` where `typed` stood; its id where names repeat."""
    name = near.id if folded_name(near.name) == folded_name(typed) else near.name
    match work:
        case Avatar() if field == "avatar":
            scenes = [_renamed(scene, typed, name) for scene in work.scenes]
            return command_of(work.model_copy(update={"scenes": tuple(scenes)}))
        case Avatar():
            scenes = [_revoiced(scene, typed, name) for scene in work.scenes]
            return command_of(work.model_copy(update={"scenes": tuple(scenes)}))
        case Clip():
            return command_of(work.model_copy(update={"avatars": (name,)}))
        case _:
            return command_of(work.model_copy(update={field: name}))


def _renamed(scene: Scene, typed: str, name: str) -> Scene:
    return scene.model_copy(update={"avatar": name}) if scene.avatar == typed else scene


def _revoiced(scene: Scene, typed: str, name: str) -> Scene:
    if scene.voice.name != typed:
        return scene
    return scene.model_copy(update={"voice": scene.voice.model_copy(update={"name": name})})


_LANGUAGES = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
    "uk": "ukrainian",
    "vi": "vietnamese",
    "zh": "chinese",
}


def language_of(locale: str | None) -> str:
    """`german`, of `de-DE`."""
    usual = folded_name(USUAL_LANGUAGE)
    return _LANGUAGES.get(locale.partition("-")[0], usual) if locale else usual
