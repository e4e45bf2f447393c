"""Stories of an agent that is talked to in its thread: it asks, is answered, and goes on."""

from __future__ import annotations

import re

from domain.spoken import Agent
from tests.scenarios.conftest import both_transports
from tests.scenarios.messages import shown_in
from tests.scenarios.pictures import picture
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage

CHAT = "/video --kind agent --chat A film about our tea"
MESSAGE_AT = re.compile(r"/v3/video-agents/[0-9a-f]{32}")


async def begin(stage: Stage, *, questions: int) -> None:
    """A conversation, with so many questions before its first video."""
    await stage.control.do("heygen/switches", agent_questions=questions)
    await stage.ada.types(CHAT)


@both_transports
async def test_an_agent_asks_and_a_reply_answers_it(stage: Stage) -> None:
    await begin(stage, questions=1)
    asked = await stage.take(1).reads("Needs an answer")
    assert "The agent asks: “Anything that must be on screen?”" in shown_in(asked)
    assert "Reply in this thread with your answer" in shown_in(asked)
    (ping,) = await stage.has_posted("ping", 1)
    assert "needs an answer · not charged" in ping["text"]
    assert await stage.paid() == 0

    await stage.ben.replies("I would ask marketing")
    await stage.ada.replies("Tea lovers, warm")
    offered = await stage.ada.is_told("Should this be the next take?")
    assert "Tea lovers, warm" in offered["text"]
    assert await stage.paid() == 0, "an answer may be talk: its price is pressed first"
    await stage.ada.presses("Render · up to $", on=offered)

    done = await stage.take(2).is_done()
    assert "goes on with the conversation" in shown_in(done)
    (entry,) = await stage.take(2).entries()
    assert MESSAGE_AT.fullmatch(entry["endpoint"])
    assert entry["input"]["message"].startswith("Tea lovers, warm")
    assert "about our tea" not in entry["input"]["message"]
    assert await stage.take(3).find() is None


async def test_an_answer_can_be_edited_before_it_is_sent(stage: Stage) -> None:
    await begin(stage, questions=1)
    await stage.take(1).reads("Needs an answer")
    await stage.ada.replies("Tea lovers, warm")
    offered = await stage.ada.is_told("Should this be the next take?")
    await stage.ada.presses("Edit", on=offered)
    form = await stage.ada.has_form()
    assert "Tea lovers, warm" in str(form["blocks"])
    await stage.ada.submits(form, prompt="Tea lovers, calm")

    assert _message(await _last_entry(stage, 2)).startswith("Tea lovers, calm")
    await stage.control.do("heygen/switches", agent_questions=0)
    await stage.ada.presses("Variation", on=await stage.take(2).is_done())
    again = await _last_entry(stage, 3)
    assert again["endpoint"] == "/v3/video-agents", "a variation is no second message"
    assert "A film about our tea\nTea lovers, calm" in again["input"]["prompt"]


async def test_a_conversation_goes_on_from_take_to_take(stage: Stage) -> None:
    await begin(stage, questions=0)
    await stage.take(1).is_done()
    await stage.ada.replies("slower, at night")
    await stage.take(2).is_done()
    bot = stage.control.greeting["bot_user"]
    await stage.ada.replies(f"<@{bot}> remove the logo")
    await stage.take(3).is_done()

    entries = [(await stage.take(number).entries())[0] for number in (1, 2, 3)]
    assert [bool(MESSAGE_AT.fullmatch(entry["endpoint"])) for entry in entries] == [
        False,
        True,
        True,
    ]
    assert entries[2]["input"]["message"].startswith("remove the logo")
    assert len({await _video_of(stage, number) for number in (1, 2, 3)}) == 3


async def test_a_reply_while_the_agent_works_waits_for_it(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "late", seconds=5)
    await begin(stage, questions=0)
    await stage.take(1).reads("Rendering")
    await stage.ada.replies("slower, at night")
    waiting = await stage.take(2).reads("Waiting")
    assert "hears it when it is done" in shown_in(waiting)
    await stage.take(1).is_done()
    await stage.take(2).is_done()
    (entry,) = await stage.take(2).entries()
    assert MESSAGE_AT.fullmatch(entry["endpoint"])


async def test_a_video_made_in_one_go_is_made_anew_from_both(stage: Stage) -> None:
    await stage.ada.types("/video --kind agent A film about our tea")
    await stage.take(1).is_done()
    await stage.ada.replies("slower, at night")
    done = await stage.take(2).is_done()
    assert "a new session: take 1 was not made with --chat" in shown_in(done)
    (entry,) = await stage.take(2).entries()
    assert entry["endpoint"] == "/v3/video-agents"
    assert "A film about our tea\nslower, at night" in entry["input"]["prompt"]


async def test_a_conversation_that_ended_at_the_vendor_begins_anew(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "session_lost")
    await begin(stage, questions=0)
    await stage.take(1).is_done()
    await stage.ada.replies("slower, at night")

    done = await stage.take(2).is_done()
    assert "a new session: the conversation could not go on" in shown_in(done)
    (entry,) = await stage.take(2).entries()
    assert entry["endpoint"] == "/v3/video-agents"
    assert "A film about our tea\nslower, at night" in entry["input"]["prompt"]
    assert await stage.paid() == 2
    await stage.ada.replies("faster")
    assert "faster" in _message(await _last_entry(stage, 3)), "the new one is a conversation too"


async def test_a_second_reply_and_an_edited_one_change_an_open_message(stage: Stage) -> None:
    await begin(stage, questions=0)
    await stage.take(1).is_done()
    await stage.prefers(undo_reply_s=3.0, undo_reply_max_s=12.0)
    ts = await stage.ada.replies("slower")
    await stage.ada.replies("at night")
    await stage.take(2).reads("at night")
    await stage.ada.edits(ts, "faster")
    await stage.take(2).reads("faster")
    await stage.take(2).is_done()
    assert _message(await _last_entry(stage, 2)).startswith("faster\nat night")
    assert await stage.paid() == 2


async def test_files_go_along_with_the_message_they_were_posted_with(stage: Stage) -> None:
    await begin(stage, questions=0)
    await stage.take(1).is_done()
    await stage.prefers(undo_reply_s=3.0, undo_reply_max_s=12.0)
    ts = await stage.ada.replies("slower")
    await _posts(stage, "at night", "logo.png")
    await stage.take(2).reads("at night")
    await stage.ada.edits(ts, "faster")
    await stage.take(2).reads("faster")

    entry = await _last_entry(stage, 2)
    assert _message(entry).startswith("faster\nat night")
    assert len(entry["input"]["files"]) == 1, "an edit of another reply leaves it where it is"
    await stage.prefers(undo_reply_s=0.2, undo_reply_max_s=0.5)
    await stage.ada.replies("slower")
    assert "files" not in (await _last_entry(stage, 3))["input"], "it was said once"


async def test_a_film_without_a_word_is_asked_about(stage: Stage) -> None:
    await begin(stage, questions=0)
    await stage.take(1).is_done()
    await _posts(stage, "", "talk.mp4")

    asked = await stage.ada.is_told("Should this be the next take?")
    assert "with talk.mp4" in asked["text"]
    assert await stage.paid() == 1
    await stage.ada.presses("Render", on=asked)
    entry = await _last_entry(stage, 2)
    assert _message(entry).startswith("Use the attached file.")
    assert len(entry["input"]["files"]) == 1


async def _posts(stage: Stage, text: str, name: str) -> None:
    """Ada posts a file in the thread."""
    card = await stage.shot().card()
    file_id = await stage.control.upload("ada", name, picture())
    thread = {"channel": card["channel"], "thread_ts": card["ts"]}
    await stage.control.do("reply", user="ada", text=text, files=[file_id], **thread)


async def _last_entry(stage: Stage, number: int) -> Json:
    await stage.take(number).is_done()
    (entry,) = await stage.take(number).entries()
    return entry


def _message(entry: Json) -> str:
    return str(entry["input"]["message"])


async def _video_of(stage: Stage, number: int) -> str | None:
    execution = (await stage.take(number).written()).execution
    assert isinstance(execution.work, Agent)
    return execution.result.remote_video_id if execution.result else None
