"""`/video voices …` and its *Say it*: answered from the lists at once, or by their vendor later."""

from __future__ import annotations

import json
from contextlib import suppress

from domain.cast_verbs import SAID_MAX_CHARS, FindVoices
from domain.casting import VoiceOffer
from domain.errors import RequestError
from domain.message import Message
from domain.voice_question import VoiceQuestion
from handlers.dependencies import Dependencies
from handlers.payloads import Payload, command_key
from handlers.views import voices as views
from handlers.views.likenesses import NOT_HERE
from storage.castings import search_list
from storage.presses import Press, PressedBefore
from storage.voice_questions import VOICES_SHOWN, ask_about_voices


async def find_voices(dependencies: Dependencies, command: Payload, asked: FindVoices) -> Message:
    """The first voices at once; those that fit a description when the vendor has said which."""
    team_id, run = command["team_id"], dependencies.database.run
    if asked.say and not dependencies.makes_likenesses:
        raise RequestError(NOT_HERE)
    if not asked.wanted or not dependencies.makes_likenesses:
        listed = await run(search_list, team_id, VoiceOffer, asked.wanted, limit=VOICES_SHOWN)
        return views.found(listed, wanted=asked.wanted, say=asked.say)
    now = dependencies.clock.now()
    press = Press(
        delivery_key=command_key(command),
        team_id=team_id,
        channel=command["channel_id"],
        user=command["user_id"],
        at=now,
    )
    question = _question(dependencies, press, wanted=asked.wanted, say=asked.say)
    if command.get("response_url"):
        dependencies.response_urls.keep(question.id, command["response_url"])
    with suppress(PressedBefore):
        await run(ask_about_voices, press, question)
    dependencies.wake()
    return views.looking(asked.wanted)


async def say_it(dependencies: Dependencies, press: Press, value: str) -> None:
    """*Say it* on a voice. Raises `PressedBefore`, and `RequestError` for an old button."""
    try:
        asked = json.loads(value)
        voice_id, say = str(asked["voice"]), str(asked["say"])[:SAID_MAX_CHARS]
    except (ValueError, KeyError, TypeError):
        raise RequestError("That button is too old. Ask for the voices once more.") from None
    if not dependencies.makes_likenesses:
        raise RequestError(NOT_HERE)
    question = _question(dependencies, press, say=say, voice_id=voice_id)
    if press.response_url:
        dependencies.response_urls.keep(question.id, press.response_url)
    await dependencies.database.run(ask_about_voices, press, question)


def _question(
    dependencies: Dependencies,
    press: Press,
    *,
    wanted: str = "",
    say: str | None = None,
    voice_id: str | None = None,
) -> VoiceQuestion:
    return VoiceQuestion(
        id=dependencies.ids.new("question"),
        team_id=press.team_id,
        channel=press.channel,
        requester=press.user,
        wanted=wanted,
        say=say,
        voice_id=voice_id,
        due_at=press.at,
    )
