"""What a field offers while somebody types: the lists as they were last read, never the vendor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.errors import StorageUnavailable
from domain.finding import folded_name
from domain.ports import Transaction
from handlers import ids
from handlers.dependencies import Dependencies
from handlers.views.inputs import Choice, option
from handlers.views.text import dotted
from storage.castings import search_list
from storage.finished import finished_takes

OFFERED_MAX = 100  # options of an external select (docs.slack.dev, block suggestion)
VALUE_MAX_CHARS = 150


async def suggest(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """`block_suggestion`. A database that does not answer offers what was typed itself."""
    state = json.loads((body.get("view") or {}).get("private_metadata") or "{}")
    typed, action_id = str(body.get("value") or ""), str(body["action_id"])
    team_id, channel = body["team"]["id"], str(state.get("channel", ""))
    try:
        found = await dependencies.database.run(choices, team_id, channel, action_id, typed)
    except StorageUnavailable:
        found = _as_typed(typed)
    await ack(options=[option(value, shown) for value, shown in found if value])


def choices(
    db: Transaction, team_id: str, channel: str, action_id: str, typed: str
) -> Sequence[Choice]:
    """(value, label) of what fits; what was typed itself where the list was never read."""
    match action_id:
        case ids.SOURCE:
            return _takes(db, team_id, channel, typed)
        case ids.AVATAR:
            looks = search_list(db, team_id, Look, typed, limit=OFFERED_MAX)
            found = [(one.id, _look_label(one)) for one in looks]
        case ids.VOICE:
            voices = search_list(db, team_id, VoiceOffer, typed, limit=OFFERED_MAX)
            found = [(one.id, _voice_label(one)) for one in voices]
        case ids.LANGUAGES:
            languages = search_list(db, team_id, Language, typed, limit=OFFERED_MAX)
            found = [(one.name, one.name) for one in languages]
        case ids.TEMPLATE:
            templates = search_list(db, team_id, TemplateOffer, typed, limit=OFFERED_MAX)
            found = [(one.id, one.name) for one in templates]
        case _:
            styles = search_list(db, team_id, AgentStyle, typed, limit=OFFERED_MAX)
            found = [(one.id, one.name) for one in styles]
    fitting = [each for each in found if len(each[0]) <= VALUE_MAX_CHARS]
    return fitting or _as_typed(typed)


def _takes(db: Transaction, team_id: str, channel: str, typed: str) -> Sequence[Choice]:
    words = folded_name(typed).split()
    takes = finished_takes(db, team_id, channel)
    fitting = [one for one in takes if all(word in folded_name(one.label) for word in words)]
    return [(one.request_id, one.label) for one in fitting[:OFFERED_MAX]]


def _look_label(look: Look) -> str:
    return dotted(look.name, look.gender or "", look.orientation or "", _own(look.is_own))


def _voice_label(voice: VoiceOffer) -> str:
    return dotted(voice.name, voice.language or "", voice.gender or "", _own(voice.is_own))


def _own(is_own: bool) -> str:
    return "yours" if is_own else ""


def _as_typed(typed: str) -> Sequence[Choice]:
    said = typed.strip()[:VALUE_MAX_CHARS]
    return [(said, f"“{said}”, as typed")] if said else ()
