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


def test_a_reply_with_a_picture_makes_the_next_take_from_it(
    ada: Person, running: Product, finished: dict[str, str], tmp_path: Path
) -> None:
    prompt = finished["secret-launch"]
    picture = draw(tmp_path / "bottle.png", "seagreen", size=(180, 320))
    ada.go_to("secret-launch")
    ada.open_thread(prompt)
    ada.reply("use this one, slower", picture)
    expect(ada.take(2)).to_contain_text("Starting in")
    expect(ada.take(2)).to_contain_text("changed: ")
    ada.photograph("reply-starting")
    ada.watch(ada.see_done(2))
    ada.photograph("reply-done")
    first, second = running.submitted(prompt)
    assert first["images"] == []
    assert [each["sha256"] for each in second["images"]] == [sha256_at_vendor(picture)]


def test_new_take_opens_a_filled_form_and_makes_what_was_changed(
    ada: Person, running: Product, finished: dict[str, str]
) -> None:
    ada.go_to("general")
    ada.open_thread(finished["general"])
    ada.press(ada.take(1), "New take")
    expect(ada.field("prompt")).to_have_value(finished["general"])
    expect(ada.field("model")).to_have_value("veo_3_1")
    ada.photograph("new-take-form")
    ada.field("prompt").fill("a tram climbs a hill in the rain")
    ada.one("modal-submit").click()
    expect(ada.modal).to_have_count(0)
    expect(ada.take(2)).to_contain_text("changed: ")
    ada.see_done(2)
    ada.photograph("new-take-done")
    [submitted] = running.submitted("a tram climbs a hill in the rain")
    assert values_of(submitted)["provider"] == "veo_3_1"


def test_an_approval_is_told_to_the_channel_and_a_variation_is_another_take(
    ada: Person, running: Product, finished: dict[str, str]
) -> None:
    prompt = finished["launch-film"]
    ada.go_to("launch-film")
    ada.open_thread(prompt)
    ada.press(ada.take(1), "Approve")
    told = ada.channel.get_by_test_id("message").filter(has_text="is approved by @Ada")
    expect(told.filter(has_text=prompt)).to_be_visible()
    expect(ada.take(1)).to_contain_text("Approved by @Ada", timeout=EDIT_WAIT_MS)
    expect(ada.card(prompt)).to_contain_text("Approved: take 1", timeout=EDIT_WAIT_MS)
    ada.photograph("approved")
    ada.choose(ada.take(1), "Variation")
    expect(ada.take(2)).to_contain_text("once more")
    running.wait_until_submitted(prompt, times=2)
    ada.photograph("variation")


def test_an_unclear_reply_costs_nothing_until_its_button_is_pressed(
    ada: Person, running: Product, finished: dict[str, str]
) -> None:
    ada.go_to("general")
    ada.open_thread(finished["general"])
    before, number = len(running.ledger()), ada.takes.count() + 1
    ada.reply("the lighthouse keeper, perhaps with a lantern")
    asked = ada.whisper("Should this be the next take?")
    expect(asked).to_be_visible()
    ada.photograph("unclear-reply")
    assert len(running.ledger()) == before
    asked.get_by_role("button", name="Render").click()
    expect(ada.take(number)).to_contain_text("perhaps with a lantern")
    running.wait_until_submitted("perhaps with a lantern", times=1)
    ada.photograph("unclear-rendering")
    asked.get_by_role("button", name="Render").click()
    ada.page.wait_for_timeout(PRESS_AGAIN_MS)
    assert len(running.submitted("perhaps with a lantern")) == 1
