"""Who plays in it: the names in a request become the vendor's ids, and what nobody named is filled
in. Pure, over the lists as they were last read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from domain.casting import Language, TemplateOffer, Variable
from domain.castings import Castings, found, known_look, usual_look
from domain.errors import RequestError
from domain.finding import folded_name
from domain.offer import Offer
from domain.pacing import template_s
from domain.request import Clip, Work
from domain.rewriting import command_of
from domain.speakers import cast_speakers
from domain.spoken import Agent, Avatar, Filling, Template, Translation
from domain.spoken_lines import filling_of
from domain.values import listed


def resolve_spoken(work: Work, offer: Offer, castings: Castings) -> Work:
    """The work with ids for names and nothing left open that its vendor would choose worse.

    Raises `RequestError` with the field, a clear sentence and, where there is one, the command
    that was probably meant.
    """
    match work:
        case Avatar():
            return cast_speakers(work, offer, castings)
        case Agent():
            return _agent(work, offer, castings)
        case Translation():
            return _translation(work, castings)
        case Template():
            return _template(work, castings)
        case _:
            return _clip(work, offer, castings)


def _clip(work: Clip, offer: Offer, castings: Castings) -> Clip:
    """Who is seen in it; somebody has to be where the offer makes nothing else."""
    named = work.avatars
    if not named and offer.limits.needs_avatar and (usual := usual_look(work, castings)):
        named = (usual.id,)
    looks = [found(name, castings.looks, work, noun="avatar", field="avatar") for name in named]
    ids = tuple(look.id if look else name for look, name in zip(looks, named, strict=True))
    return work.model_copy(update={"avatars": ids})


def _agent(work: Agent, offer: Offer, castings: Castings) -> Agent:
    """An agent casts by itself where nobody is named; the channel's avatar counts as named where
    the offer can be told of one."""
    can_be_told = "avatar" in offer.limits.takes and work.continues is None
    usual = castings.default_avatar if can_be_told else None
    wanted = work.avatar or usual
    look = found(wanted, castings.looks, work, noun="avatar", field="avatar")
    voice = found(work.voice, castings.voices, work, noun="voice", field="voice")
    style = found(work.style, castings.styles, work, noun="style", field="style")
    known = [one for one in (look, voice, style) if one is not None]
    return work.model_copy(
        update={
            "names": {one.id: one.name for one in known},
            "avatar": look.id if look else wanted,
            "voice": voice.id if voice else work.voice,
            "style": style.id if style else work.style,
        }
    )


def _translation(work: Translation, castings: Castings) -> Translation:
    language = _language(work, castings.languages)
    return work.model_copy(update={"language": language, "source_s": castings.source_s or None})


def _language(work: Translation, languages: Sequence[Language]) -> str:
    """Its name as the vendor spells it; `Chinese` alone where there is only one."""
    typed = folded_name(work.language)
    begun = [one for one in languages if f"{folded_name(one.name)} ".startswith(f"{typed} ")]
    if len(begun) == 1:
        return begun[0].name
    exact = found(work.language, languages, work, noun="language", field="language")
    return exact.name if exact else work.language


def _template(work: Template, castings: Castings) -> Template:
    template = found(work.template, castings.templates, work, noun="template", field="template")
    if template is None:
        return work.model_copy(update={"spoken_s": None})
    known = {variable.name: variable for variable in template.variables}
    for name in work.variables:
        if name not in known:
            has = f"It has {listed(known)}." if known else "It has none."
            sentence = f"The template {template.name} has no variable “{name}”. {has}"
            instead = command_of(_renamed(work, name, known))
            told = f"{sentence} Nothing was started."
            raise RequestError(told, field="variables", suggestion=instead)
    filled = {
        name: _filled(filling, known[name], castings) for name, filling in work.variables.items()
    }
    filled |= _left_out(template, filled)
    spoken_s = template_s(template.scripts, filled)
    return work.model_copy(
        update={
            "template": template.id,
            "variables": filled,
            "title": work.title or template.name,
            "names": {template.id: template.name},
            "spoken_s": spoken_s,
        }
    )


def _renamed(work: Template, wrong: str, known: Mapping[str, Variable]) -> Template:
    """The same with the variable that was probably meant; without it where none is near."""
    free = [name for name in known if name not in work.variables]
    near = next(iter(get_close_matches(wrong, free, n=1)), None)
    names = {name: near if name == wrong else name for name in work.variables}
    filled = {new: work.variables[name] for name, new in names.items() if new is not None}
    return work.model_copy(update={"variables": filled})


def _left_out(template: TemplateOffer, filled: Mapping[str, Filling]) -> Mapping[str, Filling]:
    """The texts that nobody gave, as they stand in the template: one that is left out is spoken as
    its literal `{{name}}` (heygen-cli, `gen/template.go`). Raises `RequestError` for those that
    nothing stands for."""
    texts = [each for each in template.variables if each.type == "text"]
    open_texts = [each for each in texts if each.name not in filled]
    missing = [each.name for each in open_texts if each.default_text is None]
    if missing:
        flags = " ".join(f"--var {name}=…" for name in missing)
        sentence = f"The template {template.name} also needs: `{flags}`."
        raise RequestError(sentence, field="variables")
    return {each.name: Filling(type="text", text=each.default_text) for each in open_texts}


def _filled(filling: Filling, variable: Variable, castings: Castings) -> Filling:
    """What was given, as the variable's type wants it. Raises `RequestError`."""
    given = filling.text or filling.name or (filling.media.url if filling.media else None) or ""
    match variable.type:
        case "character":
            look = known_look(given, castings)
            return Filling(type="character", name=look.id if look else given)
        case "voice":
            voice = found(given, castings.voices, None, noun="voice", field="variables")
            return Filling(type="voice", name=voice.id if voice else given)
        case "text":
            return Filling(type="text", text=given)
    media = filling.media or filling_of(given).media
    if media is None:
        sentence = f"“{variable.name}” takes a file: a https link, or attach it."
        raise RequestError(sentence, field="variables")
    return Filling.model_validate({"type": variable.type, "media": media})
