"""`/video …`: read the line, do one thing, answer. Committed before it is acked."""

from __future__ import annotations

from typing import Any, assert_never

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.calendar import month_of
from domain.cast_verbs import FindVoices, MakeLikeness
from domain.command import (
    CancelShot,
    Command,
    Help,
    ListModels,
    OpenForm,
    Pause,
    Resume,
    SetDefaults,
    ShowDefaults,
    ShowShot,
    ShowStatus,
    ShowUsage,
    Start,
    Unpark,
    parse,
)
from domain.errors import BotError, MaybeMeant, NotAllowed, RequestError, StorageUnavailable
from domain.message import Message
from domain.plain import escaped
from domain.request import Source
from domain.spoken import Kind
from domain.spoken_lines import source_of
from domain.spoken_values import shot_and_take
from domain.understanding import Understood, works_of
from handlers import ids, reading
from handlers.cancelling import cancel_shot
from handlers.dependencies import Dependencies
from handlers.forms import open_form
from handlers.likenesses import open_likeness_form
from handlers.payloads import Payload, as_ack, command_key
from handlers.views import acks, lists, notices
from handlers.views.help_texts import help_text
from handlers.voices import find_voices
from storage.finished import finished_take
from storage.parking import unpark
from storage.preferences import set_paused, write_preference
from storage.requests import Arrival, Started
from storage.several import start_several
from storage.standings import parked_offers


async def video(dependencies: Dependencies, ack: AsyncAck, command: dict[str, Any]) -> None:
    """The slash command."""
    try:
        message = await _answer(dependencies, command)
    except MaybeMeant as maybe:
        message = await _asked_about(dependencies, command, maybe)
    except RequestError as refused:
        if refused.field in ids.LISTED:
            dependencies.recast()
        message = acks.refused(await _mended(dependencies, command, refused))
    except NotAllowed as not_allowed:
        message = acks.not_allowed(not_allowed)
    except StorageUnavailable as unavailable:
        message = acks.unavailable(unavailable)
    except BotError as error:
        message = acks.refused(RequestError(error.sentence))
    if message is None:
        await ack()
    else:
        await ack(**as_ack(message))


async def _mended(
    dependencies: Dependencies, command: Payload, refused: RequestError
) -> RequestError:
    """The refusal, with a line to try that works here now."""
    if refused.suggestion is None:
        return refused
    place = (command["team_id"], command["channel_id"])
    reach, now = dependencies.reach(), dependencies.clock.now()
    try:
        return await dependencies.database.run(reading.mended, refused, place, reach, now=now)
    except StorageUnavailable:
        return refused


async def _asked_about(dependencies: Dependencies, command: Payload, maybe: MaybeMeant) -> Message:
    """A line for either reading; what it costs, where that can be told now."""
    place = (command["team_id"], command["channel_id"])
    run, now = dependencies.database.run, dependencies.clock.now()
    price = None
    if maybe.otherwise is not None and isinstance(video := parse(escaped(maybe.otherwise)), Start):
        try:
            work = works_of(video.understood)[0]
            price = await run(reading.price, work, place, dependencies.reach(), now=now)
        except (RequestError, StorageUnavailable):
            pass  # the line is offered all the same, and says so itself
    return acks.maybe_meant(maybe, price)


async def _answer(dependencies: Dependencies, command: Payload) -> Message | None:
    if str(command.get("channel_name", "")).startswith("mpdm-"):
        return acks.dm_between_people()
    dependencies.require_allowed(command["channel_id"])
    asked = parse(command.get("text") or "")
    match asked:
        case OpenForm(prefill):
            await open_form(dependencies, command, prefill)
            return None
        case Start(understood):
            return await _start(dependencies, command, understood)
        case MakeLikeness(kind, name):
            await open_likeness_form(dependencies, command, kind, name)
            return None
        case _:
            return await _verb(dependencies, command, asked)


async def _start(
    dependencies: Dependencies, command: Payload, understood: Understood
) -> Message | None:
    """Start it; several takes at once open the form, which shows what they cost together."""
    take_id = await _source_id(dependencies, command, understood)
    works = works_of(understood, take_id=take_id)
    if len(works) > 1:
        await open_form(dependencies, command, understood)
        return None
    fresh = dependencies.fresh()
    arrival = Arrival(
        delivery_key=command_key(command),
        team_id=command["team_id"],
        channel=command["channel_id"],
        requester=command["user_id"],
        source=Source.COMMAND,
        work=works[0],
        at=dependencies.clock.now(),
    )
    if command.get("response_url"):
        dependencies.response_urls.keep(fresh.request_id, command["response_url"])
    outcome = await dependencies.database.run(
        start_several,
        arrival,
        works,
        [fresh],
        source_id=take_id,
        reach=dependencies.reach(),
    )
    dependencies.wake()
    if isinstance(outcome, Started):
        return acks.started(
            outcome.page,
            outcome.request_id,
            selection=outcome.selection,
            asks_first=outcome.asks_first,
            unheard=outcome.unheard,
        )
    page = await dependencies.database.run(reading.page_of_request, outcome.request_id)
    return acks.duplicate(page, outcome.request_id or "")


async def _source_id(
    dependencies: Dependencies, command: Payload, understood: Understood
) -> str | None:
    """The take that is to be translated, where one is named. Raises `RequestError`."""
    if understood.kind != Kind.TRANSLATION:
        return None
    said = source_of(understood.prompt, understood.options)
    named = shot_and_take(said) if said is not None else None
    if named is None:
        return None
    team_id, channel = command["team_id"], command["channel_id"]
    shot, take = named
    return await dependencies.database.run(finished_take, team_id, channel, shot=shot, take=take)


async def _verb(dependencies: Dependencies, command: Payload, asked: Command) -> Message:
    team_id, channel, user = command["team_id"], command["channel_id"], command["user_id"]
    database, now = dependencies.database, dependencies.clock.now()
    match asked:
        case Help(topic):
            return help_text(topic)
        case ListModels():
            offered = await database.run(reading.standing_of, dependencies.reach(), team_id, now)
            preferences = await database.run(reading.preferences, team_id, channel)
            return lists.models(offered, preferences)
        case ShowStatus():
            pages = await database.run(reading.open_pages, team_id, channel)
            return lists.status(pages, now=now)
        case ShowShot(number, take):
            page = await database.run(reading.page_by_number, team_id, channel, number)
            return lists.show(page, now=now, take_number=take)
        case ShowUsage():
            month = month_of(now, dependencies.timezone)
            budget = dependencies.budget_micro_usd
            return lists.usage(await database.run(reading.usage, team_id, user, month, budget))
        case ShowDefaults():
            return lists.defaults(await database.run(reading.preferences, team_id, channel))
        case FindVoices():
            return await find_voices(dependencies, command, asked)
        case SetDefaults(changes):
            return await _set_defaults(dependencies, team_id, channel, dict(changes))
        case CancelShot(number):
            return await cancel_shot(dependencies, command, number)
        case Pause() | Resume():
            return await _pause(dependencies, command, paused=isinstance(asked, Pause))
        case Unpark(model):
            return await _unpark(dependencies, command, model)
        case OpenForm() | Start() | MakeLikeness():
            raise AssertionError("these are not verbs")
        case _:
            assert_never(asked)


async def _set_defaults(
    dependencies: Dependencies, team_id: str, channel: str, changes: dict[str, Any]
) -> Message:
    def write(db: Any) -> Any:
        preferences = reading.preferences(db, team_id, channel)
        if changes.get("avatar"):
            changes["avatar"] = reading.avatar_named(db, team_id, channel, changes["avatar"])
        for name, value in changes.items():
            preferences = write_preference(db, team_id, channel, name, value)
        return preferences

    return lists.defaults(await dependencies.database.run(write))


async def _pause(dependencies: Dependencies, command: Payload, *, paused: bool) -> Message:
    if command["user_id"] not in dependencies.admins:
        raise NotAllowed("Only an admin can pause or resume Dailies.")
    await dependencies.database.run(set_paused, command["team_id"], paused=paused)
    dependencies.wake()
    return notices.paused() if paused else notices.resumed()


async def _unpark(dependencies: Dependencies, command: Payload, model: str | None) -> Message:
    if command["user_id"] not in dependencies.admins:
        raise NotAllowed("Only an admin can offer a parked model again.")
    if model is None:
        return notices.parked_now(await dependencies.database.run(parked_offers))
    found = await dependencies.database.run(unpark, model)
    return notices.unparked(model, found)
