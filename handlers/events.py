"""Messages and mentions: thread replies, edits and deletions of them, and `@Dailies …`.

Everything else that Slack sends as a `message` is taken and left alone: an event that no listener
takes would be sent again three times.
"""

from __future__ import annotations

from typing import Any

from domain.command import CancelShot, verb_of
from domain.errors import BotError, MaybeMeant, RequestError
from domain.plain import without_mention
from handlers import reading
from handlers.dependencies import Dependencies
from handlers.mentions import ASK_WITH_A_SLASH, Mention, start_mention, translate_thread
from handlers.payloads import Payload, image_of, media_from, message_key
from storage.cancels import cancel_thread
from storage.instructions import Ignored, Reply, Why
from storage.messages import add_whisper
from storage.presses import Press, PressedBefore
from storage.replies import take_reply
from storage.reply_edits import edit_reply

_SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
_HEARD_WHOLE = ("C", "G", "D")  # where `message` events bring the same text with its files


async def message(dependencies: Dependencies, event: dict[str, Any], body: dict[str, Any]) -> None:
    """Any `message` event."""
    if not dependencies.allows(event.get("channel", "")):
        return
    match event.get("subtype"):
        case "message_changed":
            await _edited(dependencies, event, body)
        case "message_deleted":
            await _deleted(dependencies, event, body)
        case subtype if subtype in _SPOKEN and _by_a_person(event):
            await _spoken(dependencies, event, body)


async def mention(dependencies: Dependencies, event: dict[str, Any], body: dict[str, Any]) -> None:
    """`@Dailies …` where no `message` event brings it too."""
    if not _by_a_person(event) or not dependencies.allows(event["channel"]):
        return
    if event.get("files") or not event["channel"].startswith(_HEARD_WHOLE):
        await _spoken(dependencies, event, body)


def _by_a_person(event: Payload) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and "app_id" not in event


async def _spoken(dependencies: Dependencies, event: Payload, body: Payload) -> None:
    reply = _reply(dependencies, event, body)
    mention = Mention(reply, reply.files)
    if event.get("thread_ts") not in (None, event["ts"]):
        if reply.mentions_bot and await _is_verb(dependencies, reply):
            return
        if reply.mentions_bot and await _translated(dependencies, mention):
            return
        answer = await dependencies.database.run(
            take_reply, reply, dependencies.fresh(), reach=dependencies.reach()
        )
        dependencies.wake()
        if not (reply.mentions_bot and answer == Ignored(Why.NOT_OURS)):
            return
    if reply.mentions_bot or event.get("channel_type") == "im":
        await _started(dependencies, mention, asks_first=not reply.mentions_bot)


async def _started(dependencies: Dependencies, mention: Mention, *, asks_first: bool) -> None:
    """A mention is a command. What is merely written to us directly asks before it costs."""
    try:
        await start_mention(dependencies, mention, asks_first=asks_first)
    except RequestError as refused:
        place = (mention.reply.team_id, mention.reply.channel)
        reach, now = dependencies.reach(), dependencies.clock.now()
        told = await dependencies.database.run(reading.mended, refused, place, reach, now=now)
        await _whisper(dependencies, mention.reply, told)


async def _translated(dependencies: Dependencies, mention: Mention) -> bool:
    """Whether a mention in a thread asks for its video in another language, and was answered."""
    try:
        return await translate_thread(dependencies, mention)
    except RequestError as refused:
        await _whisper(dependencies, mention.reply, refused)
        return True


async def _is_verb(dependencies: Dependencies, reply: Reply) -> bool:
    """`@Dailies cancel` in a thread cancels what is open in it; other verbs are commands."""
    try:
        verb = verb_of(reply.words)
    except RequestError as refused:
        await _whisper(dependencies, reply, refused)
        return True
    if isinstance(verb, CancelShot):
        await _cancel(dependencies, reply)
    elif verb is not None:
        await _whisper(dependencies, reply, RequestError(ASK_WITH_A_SLASH))
    return verb is not None


async def _cancel(dependencies: Dependencies, reply: Reply) -> None:
    press = Press(
        delivery_key=reply.delivery_key,
        team_id=reply.team_id,
        channel=reply.channel,
        user=reply.author,
        at=reply.at,
        by_admin=reply.author in dependencies.admins,
    )
    try:
        await dependencies.database.run(cancel_thread, press, reply.thread_ts)
    except PressedBefore:
        return
    except BotError as refused:
        await _whisper(dependencies, reply, RequestError(refused.sentence))
    dependencies.wake()


async def _whisper(dependencies: Dependencies, reply: Reply, refused: RequestError) -> None:
    """Why nothing was done, for its author alone."""
    sentence = refused.sentence
    if isinstance(refused, MaybeMeant) and refused.otherwise is not None:
        sentence = f"{sentence} A video of it is `{refused.otherwise}`."
    await dependencies.database.run(
        add_whisper,
        (f"refused:{reply.delivery_key}", 0),
        (reply.team_id, reply.channel),
        at=reply.at,
        payload={
            "user": reply.author,
            "sentence": sentence,
            "suggestion": refused.suggestion,
            "thread_ts": reply.thread_ts if reply.thread_ts != reply.ts else None,
        },
    )
    dependencies.wake()


async def _edited(dependencies: Dependencies, event: Payload, body: Payload) -> None:
    """A person changed the words of a reply."""
    after, before = event.get("message") or {}, event.get("previous_message") or {}
    if not _by_a_person(after) or after.get("text") == before.get("text"):
        return
    if after.get("thread_ts") in (None, after.get("ts")):
        return
    changed = {**after, "channel": event["channel"]}
    await _revise(dependencies, _reply(dependencies, changed, body))


async def _deleted(dependencies: Dependencies, event: Payload, body: Payload) -> None:
    """A person took a reply back."""
    before = event.get("previous_message") or {}
    if not _by_a_person(before) or before.get("thread_ts") in (None, before.get("ts")):
        return
    gone = _reply(dependencies, {**before, "channel": event["channel"]}, body)
    await _revise(dependencies, gone.model_copy(update={"words": "", "image": None, "files": ()}))


async def _revise(dependencies: Dependencies, reply: Reply) -> None:
    await dependencies.database.run(edit_reply, reply, reach=dependencies.reach())
    dependencies.wake()


def _reply(dependencies: Dependencies, event: Payload, body: Payload) -> Reply:
    team_id = str(body.get("team_id") or event.get("team") or "")
    text = str(event.get("text") or "")
    own_mention = f"<@{dependencies.bot_user_id}>"
    return Reply(
        delivery_key=message_key(team_id, event["channel"], event["ts"]),
        team_id=team_id,
        channel=event["channel"],
        thread_ts=event.get("thread_ts") or event["ts"],
        ts=event["ts"],
        author=event["user"],
        words=without_mention(text, dependencies.bot_user_id).strip(),
        image=image_of(event.get("files")),
        files=tuple(media_from(file) for file in event.get("files") or ()),
        mentions_bot=own_mention in text,
        at=dependencies.clock.now(),
        by_admin=event["user"] in dependencies.admins,
    )
