"""Where a posted file goes in a video in which somebody speaks, how large it may be, and what its
length makes of the price."""

from __future__ import annotations

import pytest

from domain.attached import NEW_FACE, NEW_RECORDING, NO_FILM, spoken_by, with_files
from domain.errors import RequestError
from domain.events import Prepared
from domain.execution import Moment, State, advance
from domain.file_limits import MB, too_large, too_long, unfitting_file
from domain.measuring import is_unmeasured
from domain.request import Clip
from domain.shape import Media
from domain.spoken import Agent, Avatar, Scene, Template, Translation
from handlers.views.take_words import estimated
from tests.factories import NOW, clip, execution

VOICE = Media(slack_file_id="F1", name="voice.wav", media_type="audio/wav", size_bytes=MB)
FACE = Media(slack_file_id="F2", name="ada.png", media_type="image/png", size_bytes=MB)
FILM = Media(slack_file_id="F3", name="talk.mp4", media_type="video/mp4", size_bytes=MB)
SPOKEN = Avatar(scenes=(Scene(script="Hello", avatar="anna"),), engine="avatar_iv")
OFFER = "heygen_avatar@heygen"


def test_a_recording_is_spoken_instead_of_the_script() -> None:
    work, changed = with_files(SPOKEN, (VOICE,))

    assert isinstance(work, Avatar)
    assert (work.scenes[0].script, work.scenes[0].recording) == (None, VOICE)
    assert work.scenes[0].avatar == "anna"
    assert changed == (NEW_RECORDING,)


def test_a_picture_is_who_speaks() -> None:
    work, changed = with_files(SPOKEN, (FACE,))

    assert isinstance(work, Avatar)
    photo = work.scenes[0].photo
    assert photo is not None
    assert (photo.slack_file_id, photo.size_bytes) == ("F2", MB)
    assert (work.scenes[0].avatar, work.engine) == (None, None), "a photo has neither"
    assert changed == (NEW_FACE,)


def test_a_film_is_translated_instead_of_the_take() -> None:
    before = Translation(language="German", source_request_id="r1")
    work, _ = with_files(before, (FILM,))

    assert isinstance(work, Translation)
    assert (work.source, work.source_request_id) == (FILM, None)


@pytest.mark.parametrize(
    ("work", "file", "sentence"),
    [
        (SPOKEN, FILM, NO_FILM),
        (Avatar(scenes=(Scene(script="a"), Scene(script="b"))), VOICE, "has 2 scenes"),
        (Translation(language="German", source=FILM), VOICE, "takes a video"),
        (Template(template="t"), FACE, "in its form"),
        (clip(), VOICE, "spoken by an avatar"),
    ],
)
def test_what_has_no_place_is_refused_with_where_it_has_one(
    work: Avatar | Template | Translation | Clip, file: Media, sentence: str
) -> None:
    with pytest.raises(RequestError) as refused:
        with_files(work, (file,))

    assert sentence in refused.value.sentence


def test_a_new_video_may_have_both() -> None:
    work = spoken_by(Avatar(scenes=(Scene(recording=VOICE),)), (VOICE, FACE))

    assert work.scenes[0].photo is not None
    assert work.scenes[0].recording == VOICE


@pytest.mark.parametrize(
    ("media_type", "size_bytes", "sentence"),
    [
        ("audio/wav", 50 * MB, None),
        ("audio/wav", 50 * MB + 1, "x has 50.1 MB. A recording may have 50 MB at most."),
        ("video/mp4", 100 * MB, None),
        ("video/mp4", 120 * MB, "x has 120.0 MB. A video may have 100 MB at most."),
        ("application/pdf", 33 * MB, "x has 33.0 MB. A file may have 32 MB at most."),
    ],
)
def test_both_sizes_are_said(media_type: str, size_bytes: int, sentence: str | None) -> None:
    assert too_large("x", media_type, size_bytes) == sentence


def test_what_slack_told_is_enough_to_refuse() -> None:
    large = VOICE.model_copy(update={"size_bytes": 60 * MB})
    long = VOICE.model_copy(update={"duration_s": 601.0})
    place, sentence = unfitting_file(Avatar(scenes=(Scene(recording=large),))) or ("", "")

    assert place == "scenes.0.recording"
    assert "60.0 MB" in sentence
    assert too_long("voice.wav", 600.0) is None
    assert unfitting_file(Avatar(scenes=(Scene(recording=long),))) == (
        "scenes.0.recording",
        "voice.wav lasts 10.1 minutes. A recording may last 10.",
    )
    film = FILM.model_copy(update={"size_bytes": 40 * MB})
    assert unfitting_file(Translation(language="German", source=film)) is None
    assert unfitting_file(Agent(prompt="x", files=(film,))) is not None


@pytest.mark.parametrize(
    ("seconds", "limit", "confirmed"),
    [(12.0, 5_000_000, True), (120.0, 5_000_000, False), (120.0, 10_000_000, True)],
)
def test_a_length_that_was_looked_up_makes_the_price(
    seconds: float, limit: int, confirmed: bool
) -> None:
    """$0.0667 a second; before, the most that ten minutes cost is all that can be said."""
    work = Avatar(scenes=(Scene(recording=VOICE, avatar="anna"),))
    before = execution(offer=OFFER, work=work, state=State.PREPARING, estimate_micro_usd=40_020_000)
    prepared = Prepared({}, {"scenes.0.recording": seconds}, confirm_above_micro_usd=limit)

    after = advance(before, prepared, Moment(now=NOW))

    assert estimated(before) == "up to $40.02 until its length is known"
    assert is_unmeasured(before.work)
    assert not is_unmeasured(after.work)
    assert abs(after.estimate_micro_usd - seconds * 66_700) < 10_000
    assert (after.is_ceiling, after.confirmed) == (False, confirmed)
    assert estimated(after).startswith("about $")


def test_what_was_accepted_is_not_asked_about_again() -> None:
    """Slack said twelve seconds, the file has a little less: the accepted price covers it."""
    told = VOICE.model_copy(update={"duration_s": 120.0})
    work = Avatar(scenes=(Scene(recording=told, avatar="anna"),))
    before = execution(offer=OFFER, work=work, state=State.PREPARING, estimate_micro_usd=8_010_000)

    def after(seconds: float) -> bool:
        prepared = Prepared({}, {"scenes.0.recording": seconds}, 5_000_000)
        return advance(before, prepared, Moment(now=NOW)).confirmed

    assert after(119.0)
    assert not after(130.0)
