"""Who and what can be cast, as the vendor's lists were last read: replaced whole, searched by name.

A request needs a few entries of lists with thousands: they are read by name, and a whole list only
where a name is not in it and the nearest ones have to be told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter

from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.castings import Castings, usual_look
from domain.catalog import CATALOG
from domain.finding import folded_name
from domain.offer import GatewayName
from domain.pauses import has_pauses
from domain.ports import Transaction
from domain.request import Clip, Work
from domain.spoken import Agent, Avatar, Template, Translation
from storage.preferences import read_preferences

USUAL_LOOKS = 300  # the first ones: among them is one that speaks
OWN_VOICES_MAX = 10  # of the looks that were named; a list with all of them is read if one is wrong
SEARCH_WORDS_MAX = 4
EVERYTHING = 100_000


class CastingList(StrEnum):
    """The lists of an account."""

    LOOKS = "looks"
    VOICES = "voices"
    LANGUAGES = "languages"
    TEMPLATES = "templates"
    STYLES = "styles"


Entry = Look | VoiceOffer | Language | TemplateOffer | AgentStyle
EntryRow = Mapping[str, str]
E = TypeVar("E", Look, VoiceOffer, Language, TemplateOffer, AgentStyle)

_ENTRIES: Mapping[type[Any], TypeAdapter[Any]] = {
    noun: TypeAdapter(noun) for noun in (Look, VoiceOffer, Language, TemplateOffer, AgentStyle)
}
_NOUNS: Mapping[CastingList, type[Any]] = {
    CastingList.LOOKS: Look,
    CastingList.VOICES: VoiceOffer,
    CastingList.LANGUAGES: Language,
    CastingList.TEMPLATES: TemplateOffer,
    CastingList.STYLES: AgentStyle,
}
_LISTS: Mapping[type[Any], CastingList] = {noun: name for name, noun in _NOUNS.items()}


def replace_list(
    db: Transaction,
    team_id: str,
    name: CastingList,
    rows: Sequence[EntryRow],
    *,
    gateway: GatewayName,
    now: float,
) -> None:
    """A list as it was just read (`entry_row` of each), instead of the one before. The same list
    again writes nothing but when it was read."""
    place = {"team": team_id, "list": name.value, "gateway": gateway.value}
    digest = _digest(rows)
    same = db.execute(
        "UPDATE casting_list SET read_at = :now WHERE team_id = :team AND list = :list"
        " AND gateway = :gateway AND digest = :digest",
        place | {"now": now, "digest": digest},
    )
    if same.changed:
        return
    db.execute("DELETE FROM casting WHERE team_id = :team AND list = :list", place)
    for number, row in enumerate(rows):
        db.execute(
            "INSERT INTO casting (team_id, gateway, list, id, place, folded, words, entry)"
            " VALUES (:team, :gateway, :list, :id, :place, :folded, :words, :entry)"
            " ON CONFLICT (team_id, list, id) DO NOTHING",
            {**place, **row, "place": number},
        )
    db.execute(
        "INSERT INTO casting_list (team_id, list, gateway, digest, read_at)"
        " VALUES (:team, :list, :gateway, :digest, :now) ON CONFLICT (team_id, list)"
        " DO UPDATE SET gateway = :gateway, digest = :digest, read_at = :now",
        place | {"digest": digest, "now": now},
    )


def add_own(db: Transaction, team_id: str, entry: Look | VoiceOffer) -> None:
    """An avatar or a voice that was just made here comes first, and the list is read again."""
    name = _LISTS[type(entry)].value
    db.execute(
        "INSERT INTO casting (team_id, gateway, list, id, place, folded, words, entry)"
        " VALUES (:team, :gateway, :list, :id, -1, :folded, :words, :entry)"
        " ON CONFLICT (team_id, list, id) DO NOTHING",
        {
            **entry_row(entry),
            "team": team_id,
            "list": name,
            "gateway": GatewayName.HEYGEN.value,
        },
    )
    db.execute(
        "UPDATE casting_list SET digest = '' WHERE team_id = :team AND list = :list",
        {"team": team_id, "list": name},
    )


def is_listed(db: Transaction, team_id: str, noun: type[Entry], name: str) -> bool:
    """Whether somebody has this name."""
    row = db.execute(
        "SELECT 1 AS yes FROM casting WHERE team_id = :team AND list = :list"
        " AND folded = :folded LIMIT 1",
        {"team": team_id, "list": _LISTS[noun].value, "folded": folded_name(name)},
    ).one()
    return row is not None


def entry_row(entry: Entry) -> EntryRow:
    """An entry as it is kept: as JSON, and as it is found."""
    said = [entry.name]
    if isinstance(entry, VoiceOffer):
        said += filter(None, (entry.language, entry.gender, entry.locale))
    elif isinstance(entry, Look):
        said += filter(None, (entry.gender, entry.orientation))
    return {
        "id": entry.id,
        "folded": folded_name(entry.name),
        "words": f" {folded_name(' '.join(said))}",  # a space before each: words are matched so
        "entry": _ENTRIES[type(entry)].dump_json(entry).decode(),
    }


def lists_read_at(db: Transaction, team_id: str) -> Mapping[str, float]:
    """When each list was last read whole, by its name."""
    rows = db.execute(
        "SELECT list, read_at FROM casting_list WHERE team_id = :team", {"team": team_id}
    ).all()
    return {row["list"]: float(row["read_at"]) for row in rows}


def search_list(
    db: Transaction, team_id: str, noun: type[E], typed: str, *, limit: int
) -> Sequence[E]:
    """The entries that have words beginning like these: first those that are called so, then those
    whose name begins so; nothing typed: the first ones."""
    words = folded_name(typed).split()[:SEARCH_WORDS_MAX]
    patterns = [f"% {word}%" for word in words] + ["%"] * (SEARCH_WORDS_MAX - len(words))
    rows = db.execute(
        "SELECT entry FROM casting WHERE team_id = :team AND list = :list AND words LIKE :a"
        " AND words LIKE :b AND words LIKE :c AND words LIKE :d"
        " ORDER BY CASE WHEN folded = :called THEN 0 WHEN folded LIKE :begins THEN 1 ELSE 2 END,"
        " place LIMIT :limit",
        {
            "team": team_id,
            "list": _LISTS[noun].value,
            **dict(zip("abcd", patterns, strict=True)),
            "called": folded_name(typed),
            "begins": f"{' '.join(words)}%",
            "limit": limit,
        },
    ).all()
    return [_ENTRIES[noun].validate_json(row["entry"]) for row in rows]


def find_entry(db: Transaction, team_id: str, noun: type[E], entry_id: str) -> E | None:
    """One entry by its id."""
    row = db.execute(
        "SELECT entry FROM casting WHERE team_id = :team AND list = :list AND id = :id",
        {"team": team_id, "list": _LISTS[noun].value, "id": entry_id},
    ).one()
    entry: E | None = _ENTRIES[noun].validate_json(row["entry"]) if row else None
    return entry


def read_castings(db: Transaction, team_id: str, channel: str, work: Work) -> Castings:
    """What `resolve_spoken` has to know for this work."""
    usual = read_preferences(db, team_id, channel).avatar
    match work:
        case Avatar():
            return _of_avatar(db, team_id, work, usual)
        case Agent():
            names = (work.avatar or usual,)
            return Castings(
                looks=_named(db, team_id, Look, names),
                voices=_named(db, team_id, VoiceOffer, (work.voice,)),
                styles=_named(db, team_id, AgentStyle, (work.style,)),
                default_avatar=usual,
            )
        case Translation():
            return Castings(
                languages=_first(db, team_id, Language, EVERYTHING),
                source_s=_length_s(db, work.source_request_id),
            )
        case Template():
            return _of_template(db, team_id, work)
        case Clip():
            return _of_clip(db, team_id, work, usual)


def _of_avatar(db: Transaction, team_id: str, work: Avatar, usual: str | None) -> Castings:
    names = [scene.avatar for scene in work.scenes if scene.avatar]
    if not names and usual is None:
        looks = _first(db, team_id, Look, USUAL_LOOKS)
        cast = [usual_look(work, Castings(looks=looks))]
    else:
        looks = _named(db, team_id, Look, (*names, usual))
        cast = [*looks[:OWN_VOICES_MAX]]
    spoken = [scene for scene in work.scenes if scene.script is not None]
    is_open = (
        any(has_pauses(scene.script or "") for scene in spoken)
        or any(scene.voice.name is None and scene.voice.locale for scene in spoken)
        or any(scene.photo is not None and scene.voice.name is None for scene in spoken)
        or any(look.default_voice_id is None for look in looks)
    )
    if is_open:
        voices = _first(db, team_id, VoiceOffer, EVERYTHING)
    else:
        voices = (
            *_named(db, team_id, VoiceOffer, [scene.voice.name for scene in spoken]),
            *_own_voices(db, team_id, cast),
        )
    return Castings(looks=looks, voices=voices, default_avatar=usual)


def _own_voices(
    db: Transaction, team_id: str, looks: Sequence[Look | None]
) -> Sequence[VoiceOffer]:
    """The voices that these looks bring along: who speaks is told by name."""
    ids = dict.fromkeys(look.default_voice_id for look in looks if look is not None)
    found = (find_entry(db, team_id, VoiceOffer, each) for each in ids if each)
    return [voice for voice in found if voice is not None]


def _of_clip(db: Transaction, team_id: str, work: Clip, usual: str | None) -> Castings:
    """Most clips show nobody in particular: then nothing is read."""
    shows = any(o.limits.needs_avatar for o in CATALOG if o.model.name == work.model)
    names = work.avatars or (usual,)
    if any(names):
        return Castings(looks=_named(db, team_id, Look, names), default_avatar=usual)
    return Castings(looks=_first(db, team_id, Look, USUAL_LOOKS) if shows else ())


def _of_template(db: Transaction, team_id: str, work: Template) -> Castings:
    """Who fills a template is known by the template alone, so both lists are read by every text."""
    given = [filling.text or filling.name for filling in work.variables.values()]
    templates = _named(db, team_id, TemplateOffer, (work.template,))
    types = {variable.type for template in templates for variable in template.variables}
    return Castings(
        templates=templates,
        looks=_named(db, team_id, Look, given) if "character" in types else (),
        voices=_named(db, team_id, VoiceOffer, given) if "voice" in types else (),
    )


def _named(
    db: Transaction, team_id: str, noun: type[E], names: Iterable[str | None]
) -> Sequence[E]:
    """The entries with these ids or names; the whole list where one of them is not in it."""
    found: dict[str, E] = {}
    for name in filter(None, names):
        rows = db.execute(
            "SELECT entry FROM casting WHERE team_id = :team AND list = :list"
            " AND (id = :name OR folded = :folded) ORDER BY place",
            {
                "team": team_id,
                "list": _LISTS[noun].value,
                "name": name.strip(),
                "folded": folded_name(name),
            },
        ).all()
        if not rows:
            return _first(db, team_id, noun, EVERYTHING)
        entries = (_ENTRIES[noun].validate_json(row["entry"]) for row in rows)
        found |= {entry.id: entry for entry in entries}
    return tuple(found.values())


def _first(db: Transaction, team_id: str, noun: type[E], limit: int) -> Sequence[E]:
    rows = db.execute(
        "SELECT entry FROM casting WHERE team_id = :team AND list = :list"
        " ORDER BY place LIMIT :limit",
        {"team": team_id, "list": _LISTS[noun].value, "limit": limit},
    ).all()
    return [_ENTRIES[noun].validate_json(row["entry"]) for row in rows]


def _length_s(db: Transaction, request_id: str | None) -> float | None:
    """How long the video of a take is, in seconds, where it has one."""
    row = db.execute(
        "SELECT MAX(duration_s) AS seconds FROM video WHERE request_id = :id", {"id": request_id}
    ).one()
    return row["seconds"] if row else None


def _digest(rows: Sequence[EntryRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row["entry"].encode() + b"\n")
    return digest.hexdigest()
