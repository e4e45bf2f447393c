"""From a finished take to the next: by reply, by button, by menu; and the one that is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person, draw, sha256_at_vendor, values_of
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]

EDIT_WAIT_MS = 60_000  # in a busy minute, what is no outcome waits until Slack allows an edit
PRESS_AGAIN_MS = 3_000  # longer than a take without an undo window needs to be submitted


@pytest.fixture
def ben(ada: Person) -> Person:
    """Ben, who asked for the shots; he took Ada's chair."""
    ada.become("ben")
    return ada


def test_a_reply_with_a_picture_makes_the_next_take_from_it(
    ben: Person, running: Product, finished: dict[str, str], tmp_path: Path
) -> None:
    prompt = finished["secret-launch"]
    picture = draw(tmp_path / "bottle.png", "seagreen", size=(180, 320))
    ben.go_to("secret-launch")
    ben.open_thread(prompt)
    ben.reply("use this one, slower", picture)
    expect(ben.take(2)).to_contain_text("Starting in")
    expect(ben.take(2)).to_contain_text("changed: ")
    ben.photograph("reply-starting")
    ben.watch(ben.see_done(2))
    ben.photograph("reply-done")
    first, second = running.submitted(prompt)
    assert first["images"] == []
    assert [each["sha256"] for each in second["images"]] == [sha256_at_vendor(picture)]


def test_new_take_opens_a_filled_form_and_makes_what_was_changed(
    ben: Person, running: Product, finished: dict[str, str]
) -> None:
    ben.go_to("general")
    ben.open_thread(finished["general"])
    ben.press(ben.take(1), "New take")
    expect(ben.field("prompt")).to_have_value(finished["general"])
    expect(ben.field("model")).to_have_value("veo_3_1")
    ben.photograph("new-take-form")
    ben.field("prompt").fill("a tram climbs a hill in the rain")
    ben.one("modal-submit").click()
    expect(ben.modal).to_have_count(0)
    expect(ben.take(2)).to_contain_text("changed: ")
    ben.see_done(2)
    ben.photograph("new-take-done")
    [submitted] = running.submitted("a tram climbs a hill in the rain")
    assert values_of(submitted)["provider"] == "veo_3_1"


def test_an_approval_is_told_to_the_channel_and_a_variation_is_another_take(
    ben: Person, running: Product, finished: dict[str, str]
) -> None:
    prompt = finished["launch-film"]
    ben.go_to("launch-film")
    ben.open_thread(prompt)
    ben.press(ben.take(1), "Approve")
    told = ben.channel.get_by_test_id("message").filter(has_text="is approved by @Ben")
    expect(told.filter(has_text=prompt)).to_be_visible()
    expect(ben.take(1)).to_contain_text("Approved by @Ben", timeout=EDIT_WAIT_MS)
    expect(ben.card(prompt)).to_contain_text("Approved: take 1", timeout=EDIT_WAIT_MS)
    ben.photograph("approved")
    ben.choose(ben.take(1), "Variation")
    expect(ben.take(2)).to_contain_text("once more")
    running.wait_until_submitted(prompt, times=2)
    ben.photograph("variation")


def test_an_unclear_reply_costs_nothing_until_its_button_is_pressed(
    ben: Person, running: Product, finished: dict[str, str]
) -> None:
    ben.go_to("general")
    ben.open_thread(finished["general"])
    before, number = len(running.ledger()), ben.takes.count() + 1
    ben.reply("the conductor, perhaps with a lantern")
    asked = ben.whisper("Should this be the next take?")
    expect(asked).to_be_visible()
    ben.photograph("unclear-reply")
    assert len(running.ledger()) == before
    asked.get_by_role("button", name="Render").click()
    expect(ben.take(number)).to_contain_text("perhaps with a lantern")
    running.wait_until_submitted("perhaps with a lantern", times=1)
    ben.photograph("unclear-rendering")
    asked.get_by_role("button", name="Render").click()
    ben.page.wait_for_timeout(PRESS_AGAIN_MS)
    assert len(running.submitted("perhaps with a lantern")) == 1
