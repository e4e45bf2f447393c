"""Several results of one prompt, as people read them; one result reads as it always did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.errors import Failure, FailureClass
from domain.gateway import Finished, Further
from domain.shape import FileFormat
from domain.shot import Page, Take
from handlers.views.announcements import broadcast, file_comment, file_name, file_title
from handlers.views.details import details
from handlers.views.take_message import render_take
from handlers.views.take_words import settings
from tests.unit.views_gallery import T0, USUAL, clip_of, page_of, take_in

LATE = Failure(kind=FailureClass.TRANSIENT, detail="timeoutProvider: too slow")


def several(came: int, asked: int = 3) -> tuple[Page, Take]:
    """A finished take, `came` of `asked` results kept and shown."""
    one = take_in("done", number=2, clip=clip_of(results=asked))
    assert one.video is not None
    result = Finished(
        "https://v.example/1.mp4",
        seed=7,
        billed_micro_usd=1_520_000,
        further=tuple(Further("https://v.example/x.mp4", seed=7 + n) for n in range(1, came)),
        failures=(LATE,) * (asked - came),
    )
    videos = tuple(replace(one.video, id=f"v{n}", number=n) for n in range(1, came + 1))
    take = replace(one, videos=videos, execution=replace(one.execution, result=result))
    return page_of(take_in("done"), take), take


def read(page: Page, take: Take) -> str:
    return render_take(page, take, now=T0 + 200, durations=USUAL).text


def test_what_did_not_come_is_said_and_what_came_is_not_counted_twice() -> None:
    assert "2 of 3 results · Billed $1.52" in read(*several(2))
    assert "fal broke off the other one; it costs nothing." in read(*several(2))
    assert "fal broke off the other 2; they cost nothing." in read(*several(1))
    assert "of 3 results" not in read(*several(3))
    assert "other" not in read(*several(3))
    assert "result" not in read(page_of(take_in("done")), take_in("done"))


def test_the_settings_say_how_many_and_in_what() -> None:
    take = take_in("running", clip=clip_of(results=3, file_format=FileFormat.WEBM))
    assert settings(take).endswith("3 results · WEBM")
    assert "result" not in settings(take_in("running"))


def test_each_file_has_a_name_of_its_own() -> None:
    page, take = several(3)
    names = [file_name(page, take, video) for video in take.videos]
    assert names == [f"V-142_take2_9x16_{number}.mp4" for number in (1, 2, 3)]
    webm = replace(take.videos[0], media_key="videos/T1/x.webm")
    assert file_name(page, take, webm) == "V-142_take2_9x16_1.webm"


def test_only_the_first_file_mentions_its_requester() -> None:
    page, take = several(2)
    first, second = (file_comment(page, take, video) for video in take.videos)
    assert first == "<@U0ANA> V-142 take 2 is done · 2 of 3 results · $1.52 · 5 s · 9:16"
    assert second == "V-142 take 2 · result 2 of 3"
    assert file_title(page, take, take.videos[1]) == "V-142 take 2 · 9:16 · result 2 of 3"


def test_the_first_file_is_the_first_that_came() -> None:
    page, take = several(3)
    without_one = replace(take, videos=take.videos[1:])
    assert file_comment(page, without_one, take.videos[1]).startswith("<@U0ANA>")
    assert file_comment(page, without_one, take.videos[2]).startswith("V-142")


def test_the_channel_hears_how_many() -> None:
    assert "V-142 take 2 is done · 2 of 3 results · 5 s" in broadcast(*several(2)).text


def test_details_have_every_result_and_why_one_did_not_come() -> None:
    shown = json.dumps(details(*several(2)), ensure_ascii=False)
    assert "Seed 7, 8" in shown
    assert "Result 1 of 3 · 720×1280" in shown
    assert "Result 2 of 3 · 720×1280" in shown
    assert "timeoutProvider: too slow" in shown


@pytest.mark.parametrize("came", [1, 2, 3])
def test_one_that_does_not_show_can_be_uploaded_again(came: int) -> None:
    page, take = several(came)
    hidden = replace(take.videos[-1], slack_file_ts=None)
    unshared = replace(take, videos=(*take.videos[:-1], hidden))
    blocks = render_take(page, unshared, now=T0 + 600, durations=USUAL).blocks
    assert "Upload again" in json.dumps(blocks)
    assert "Upload again" not in json.dumps(
        render_take(page, take, now=T0 + 600, durations=USUAL).blocks
    )
