"""Whom and what a video can be cast with: avatars' looks, voices, languages, templates, styles.

They are the vendor's lists, kept by us; people name one by its id or its name. What nobody named
is filled in: the channel's avatar, else the first that has a voice; the look's own voice, else one
of its gender and language.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An avatar as it is seen: the vendor's `avatar_id` names a look. `orientation` is landscape,
    portrait or square; `engines` are those that can move it; `is_own`: made by this account.
    `is_photo`: it is moved from a picture, which has a price of its own; None where nobody says."""

    id: str
    name: str
    gender: str | None = None
    preview_url: str | None = None
    default_voice_id: str | None = None
    orientation: str | None = None
    engines: tuple[str, ...] = ()
    is_own: bool = False
    is_photo: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOffer:
    """A voice. `language` is a name (`German`), `locale` its accent where the vendor tells it;
    `supports_pause`: it keeps silent at a break in the script."""

    id: str
    name: str
    language: str | None = None
    gender: str | None = None
    preview_url: str | None = None
    supports_pause: bool = False
    locale: str | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that a video can be translated to; its name is what the vendor calls it."""

    name: str

    @property
    def id(self) -> str:
        """Its name: it has no other."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What can be filled in of a template. `type` is text, image, video, audio, character or
    voice; `default` is what stands there otherwise."""

    name: str
    type: str
    default: str | None = None

    @property
    def default_text(self) -> str | None:
        """The words that stand there otherwise; its own placeholder is none."""
        words = (self.default or "").strip()
        return None if words in ("", f"{{{{{self.name}}}}}") else self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOffer:
    """A prepared video with what can be filled in. `scripts` are what is said in it, scene by
    scene, with `{{name}}` for a variable; empty where the vendor tells none."""

    id: str
    name: str
    variables: tuple[Variable, ...] = ()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStyle:
    """A look that an agent can give to a whole video."""

    id: str
    name: str
