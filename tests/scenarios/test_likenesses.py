"""Stories of people's own faces and voices: consented to, made once, told, and then cast."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.ports import Transaction
from storage.budgets import read_budget
from storage.silence import silences
from tests.scenarios.conftest import OpenStage, both_transports
from tests.scenarios.messages import labels_of
from tests.scenarios.pictures import picture
from tests.scenarios.sandbox import Json
from tests.scenarios.sounds import phone_recording
from tests.scenarios.stage import Stage

CONSENT = ["yes"]
PROBE_S = 0.3
NOBODY_HEARS = "Slack refuses our token, so nothing is sent there and nothing new is paid"


@both_transports
async def test_a_picture_becomes_an_avatar_that_everybody_can_cast(stage: Stage) -> None:
    form = await _form_of(stage, "make_avatar", "ada.png", picture())
    assert "charges $1.00" in str(form["blocks"])

    values = {"name": {"name": "Ada"}}
    refused = await stage.control.attempt(
        "submit_view", user="ada", view_id=form["id"], values=values
    )
    assert "consent" in refused["errors"]
    assert await stage.paid() == 0, "nobody consented yet"
    await _agrees(stage, form, "Ada")

    told = await stage.ada.is_told("*Ada* is ready")
    assert "HeyGen charged $1.00" in told["text"]
    (entry,) = await stage.ledger()
    assert (entry["endpoint"], entry["usd"]) == ("/v3/avatars", 1.0)
    assert await stage.read(_money, stage.team_id) == (0, 1_000_000)
    usage = await stage.ada.types("/video usage")
    assert "spent $1.00" in usage

    await stage.ben.types("/video --avatar Ada --script Hello and welcome")
    await stage.take().is_done()
    _, film = await stage.ledger()
    assert film["input"]["avatar_id"] == entry["id"]


async def test_an_answer_that_is_lost_is_asked_for_again_and_paid_once(stage: Stage) -> None:
    await stage.breaks("heygen:training", "reset_after")
    await _agrees(stage, await _form_of(stage, "make_avatar", "ada.png", picture()), "Ada")

    await stage.ada.is_told("*Ada* is ready")

    assert await stage.paid() == 1
    assert len(await stage.calls("/v3/avatars")) >= 2, "sent again with its key"


async def test_a_crash_while_it_is_made_loses_nothing(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await stage.control.do("heygen/switches", training_s=3.0)
        await _agrees(stage, await _form_of(stage, "make_avatar", "ada.png", picture()), "Ada")
        await stage.until(lambda: _paid(stage), "it was sent")

        await stage.crashes()

        await stage.ada.is_told("*Ada* is ready", within_s=40.0)
        assert await stage.paid() == 1


async def test_a_picture_without_a_face_is_told_and_not_charged(stage: Stage) -> None:
    await stage.breaks("heygen:training", "fail")
    await _agrees(stage, await _form_of(stage, "make_avatar", "wall.png", picture()), "Ada")

    told = await stage.ada.is_told("*Ada* was not made")

    assert "Nothing was charged" in told["text"]
    assert "another picture" in told["text"]
    assert await stage.read(_money, stage.team_id) == (0, 0)


@pytest.fixture
def probes_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the stage: nothing waits as long as in production."""
    monkeypatch.setattr("bot.silence.PROBE_EVERY_S", PROBE_S)
    monkeypatch.setattr("storage.likenesses.SILENCE_RECHECK_S", PROBE_S)


async def test_nothing_is_made_of_anybody_while_nobody_can_be_told(
    probes_often: None, stage: Stage
) -> None:
    stage.expected_errors |= {NOBODY_HEARS, "Slack takes our token again"}
    form = await _form_of(stage, "make_avatar", "ada.png", picture())
    await stage.control.do("uninstall", error="token_revoked")
    await _agrees(stage, form, "Ada")
    await stage.until(lambda: stage.read(silences), "the bot knows that nobody hears it")
    await asyncio.sleep(1.0)
    assert await stage.paid() == 0

    await stage.control.do("install")
    told = await stage.ada.is_told("*Ada* is ready", within_s=40.0)
    assert "HeyGen charged $1.00" in told["text"]
    assert await stage.paid() == 1


async def test_a_phone_recording_becomes_a_voice(stage: Stage) -> None:
    recording = phone_recording(3.0)
    form = await _form_of(stage, "clone_voice", "me.m4a", recording)
    await _agrees(stage, form, "Ada's voice")

    told = await stage.ada.is_told("*Ada's voice* is ready")
    assert '--voice "Ada\'s voice"' in told["text"]
    await stage.ada.types('/video --voice "Ada\'s voice" --script Hello and welcome')
    await stage.take().is_done()
    (entry,) = await stage.ledger()
    voices = await stage.calls("/v3/voices/clone")
    assert len(voices) == 1
    assert entry["input"]["voice_id"]

    await stage.ada.types("/video voices Ada's voice")
    found = await stage.ada.is_told("Voices that fit")
    assert "*Ada's voice* · English · female · yours" in str(found["blocks"][1]), "by its name"


async def test_a_voice_whose_answer_was_lost_is_found_by_its_name(stage: Stage) -> None:
    await stage.breaks("heygen:training", "reset_after")
    form = await _form_of(stage, "clone_voice", "me.m4a", phone_recording(2.0))
    await _agrees(stage, form, "Ada")

    await stage.ada.is_told("*Ada* is ready", within_s=40.0)

    assert len(await stage.calls("/v3/voices/clone")) == 1, "made once"


async def test_a_voice_that_cannot_be_made_is_told(stage: Stage) -> None:
    await stage.breaks("heygen:training", "fail")
    form = await _form_of(stage, "clone_voice", "noise.m4a", phone_recording(2.0))
    await _agrees(stage, form, "Ada")

    told = await stage.ada.is_told("*Ada* was not made")

    assert "Try another recording" in told["text"]
    assert "charged" not in told["text"], "a voice costs nothing"


async def test_a_name_that_is_taken_is_refused_in_the_form(stage: Stage) -> None:
    await _agrees(stage, await _form_of(stage, "make_avatar", "ada.png", picture()), "Ada")
    await stage.ada.is_told("*Ada* is ready")
    await stage.ada.types("/video avatar new ADA")

    form = await stage.ada.has_form()
    file_id = await stage.control.upload("ada", "ada.png", picture())
    answer = await _agrees(stage, form, "ADA", files=[file_id])

    assert "called ADA already" in str(answer["ack"]["body"])
    assert await stage.paid() == 1


async def _form_of(stage: Stage, shortcut: str, name: str, content: bytes) -> Json:
    """The form that a shortcut opens on Ada's message with a file."""
    file_id = await stage.control.upload("ada", name, content)
    posted = await stage.control.do(
        "message", user="ada", channel="general", text="look", files=[file_id]
    )
    answer = await stage.control.do(
        "shortcut", user="ada", callback_id=shortcut, channel="general", ts=posted["ts"]
    )
    assert answer["ack"]["error"] is None, answer
    return await stage.ada.has_form()


async def _agrees(stage: Stage, form: Json, name: str, **values: Any) -> Json:
    return await stage.ada.submits(form, name=name, consent=CONSENT, **values)


async def _paid(stage: Stage) -> bool | None:
    return await stage.paid() == 1 or None


def _money(db: Transaction, team_id: str) -> tuple[int, int]:
    row = db.execute("SELECT month FROM budget WHERE team_id = :team", {"team": team_id}).one()
    money = read_budget(db, team_id, row["month"]) if row else read_budget(db, team_id, "")
    return money.reserved_micro_usd, money.spent_micro_usd


async def test_voices_that_fit_are_found_and_say_a_sentence(stage: Stage) -> None:
    await _lists_are_read(stage)

    told = await stage.ada.types("/video voices warm british narrator")
    assert "Looking for voices" in told
    found = await stage.ada.is_told("Voices that fit “warm british narrator”")
    assert "Listen" in labels_of(found)
    assert "Narrator" in str(found["blocks"][1])
    assert "English" in str(found["blocks"][1])
    assert await stage.calls("/v3/voices", status=200)

    await stage.ada.types('/video voices starfish voice --say "Good morning, everybody"')
    offered = await stage.ada.is_told("Voices that fit “starfish voice”")
    assert "for up to $0.01" in str(offered["blocks"])
    assert await stage.read(_money, stage.team_id) == (0, 0), "nothing is spoken unasked"
    await stage.ada.presses("Say it", on=offered)

    await stage.ada.is_told("“Good morning, everybody”")
    assert len(await stage.calls("/v3/voices/speech")) == 1
    assert await stage.read(_money, stage.team_id) == (0, 10_000)


async def test_a_sentence_whose_answer_was_lost_is_not_spoken_twice(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.ada.types('/video voices english --say "Good morning"')
    offered = await stage.ada.is_told("Voices that fit")
    await stage.breaks("heygen:catalog", "reset_after")

    await stage.ada.presses("Say it", on=offered)

    told = await stage.ada.is_told("It may have cost up to $0.01")
    assert "I won't ask again" in told["text"]
    assert len(await stage.calls("/v3/voices/speech")) == 1
    assert await stage.read(_money, stage.team_id) == (10_000, 0)


async def test_voices_are_found_by_name_while_the_vendor_is_away(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.breaks("heygen:catalog", "status", times=50, status=502)

    await stage.ada.types("/video voices german")

    told = await stage.ada.is_told("Voices that fit “german”")
    assert "found by name" in str(told["blocks"])
    assert "German" in str(told["blocks"])


async def _lists_are_read(stage: Stage) -> None:
    async def look() -> bool | None:
        return await stage.read(_lists) == 5 or None

    await stage.until(look, "the lists are read")


def _lists(db: Transaction) -> int:
    row = db.execute("SELECT COUNT(*) AS lists FROM casting_list").one()
    return int(row["lists"]) if row else 0


async def test_a_picture_that_is_gone_is_told_and_not_charged(stage: Stage) -> None:
    form = await _form_of(stage, "make_avatar", "ada.png", picture())
    await stage.breaks("slack:files.info", "error", code="file_deleted")
    await _agrees(stage, form, "Ada")

    told = await stage.ada.is_told("*Ada* was not made")

    assert "Post it again" in told["text"]
    assert "Nothing was charged" in told["text"]
    assert await stage.paid() == 0
