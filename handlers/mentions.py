"""`@Dailies …` as a command: a video of any kind, with the files that were posted along.

A command has no files and a form takes 10 MB at most; what is posted and mentions us has no limit
of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.attached import recording_of
from domain.command import OpenForm, Start, parse
from domain.errors import RequestError
from domain.request import Clip, Source, Work
from domain.shape import Media
from domain.spoken import Kind
from domain.spoken_lines import NO_SCRIPT, NO_SOURCE, source_of
from domain.spoken_values import shot_and_take
from domain.understanding import Understood, works_of
from handlers import ids
from handlers.dependencies import Dependencies
from storage.finished import finished_in_thread, finished_take
from storage.instructions import Reply
from storage.requests import Arrival
from storage.several import start_several

ASK_WITH_A_SLASH = "That is a command: type it with /video in the message box, not in a thread."


@dataclass(frozen=True, slots=True)
class Mention:
    """What was written to us, and the files that were posted with it."""

    reply: Reply
    files: Sequence[Media] = ()


async def start_mention(dependencies: Dependencies, mention: Mention, *, asks_first: bool) -> None:
    """Start what a mention asks for. `asks_first`: it may not have been meant, so a button with
    the price comes first, as it does for several takes at once. Raises `RequestError`."""
    try:
        line = _line(mention)
        source_id = await _source_id(dependencies, mention.reply, line)
        works = _works(mention, line, source_id)
        await _start(dependencies, mention.reply, works, source_id, asks_first=asks_first)
    except RequestError as refused:
        if refused.field in ids.LISTED:
            dependencies.recast()
        raise


async def translate_thread(dependencies: Dependencies, mention: Mention) -> bool:
    """`@Dailies --language German` in a thread: its newest video, or the one that is posted with
    it, in another language. False where that is not what was said. Raises `RequestError`."""
    line = _translation(mention.reply.words)
    if line is None:
        return False
    reply, source_id = mention.reply, None
    if not mention.files and line.error is not None:
        source_id = await dependencies.database.run(
            finished_in_thread, reply.team_id, reply.channel, reply.thread_ts
        )
        if source_id is None:
            return False
    elif line.error is None:
        source_id = await _source_id(dependencies, reply, line)
    works = _works(mention, line.model_copy(update={"error": None}), source_id)
    await _start(dependencies, reply, works, source_id, asks_first=False)
    return True


def _line(mention: Mention) -> Understood:
    """What was said. A translation whose video is posted along, or an avatar whose words are
    recorded, lacks nothing."""
    match parse(mention.reply.words):
        case Start(line):
            return line
        case OpenForm(Understood(error=str(error)) as line) if _has(mention, lacking=error):
            return line.model_copy(update={"error": None})
        case OpenForm(Understood(error=str(error), options=options)) if options:
            raise RequestError(error)
        case _:
            raise RequestError(ASK_WITH_A_SLASH)


def _has(mention: Mention, *, lacking: str) -> bool:
    """Whether the files that came along are what the line lacks."""
    if lacking == NO_SCRIPT:
        return recording_of(mention.files) is not None
    return lacking == NO_SOURCE and bool(mention.files)


def _translation(words: str) -> Understood | None:
    """The line, where it asks for a translation and lacks a source at most."""
    try:
        asked = parse(words)
    except RequestError:
        return None
    match asked:
        case Start(line) if line.kind == Kind.TRANSLATION:
            return line
        case OpenForm(Understood(error=error) as line) if error == NO_SOURCE:
            return line
        case _:
            return None


def _works(mention: Mention, line: Understood, source_id: str | None) -> tuple[Work, ...]:
    works = works_of(line, take_id=source_id, files=mention.files)
    image = mention.reply.image
    return tuple(
        work.model_copy(update={"reference_image": image})
        if isinstance(work, Clip) and image is not None
        else work
        for work in works
    )


async def _source_id(dependencies: Dependencies, reply: Reply, line: Understood) -> str | None:
    """The take that is to be translated, where one is named."""
    said = source_of(line.prompt, line.options) if line.kind == Kind.TRANSLATION else None
    named = shot_and_take(said) if said is not None else None
    if named is None:
        return None
    shot, take = named
    return await dependencies.database.run(
        finished_take, reply.team_id, reply.channel, shot=shot, take=take
    )


async def _start(
    dependencies: Dependencies,
    reply: Reply,
    works: tuple[Work, ...],
    source_id: str | None,
    *,
    asks_first: bool,
) -> None:
    arrival = Arrival(
        delivery_key=reply.delivery_key,
        team_id=reply.team_id,
        channel=reply.channel,
        requester=reply.author,
        source=Source.MENTION,
        work=works[0],
        at=reply.at,
        asks_first=asks_first or len(works) > 1,
    )
    await dependencies.database.run(
        start_several,
        arrival,
        works,
        [dependencies.fresh() for _ in works],
        source_id=source_id,
        reach=dependencies.reach(),
    )
    dependencies.wake()
