"""From a finished take to the next: by reply, by button, by menu; and the one that is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person, draw, sha256_at_vendor, values_of
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]

PRESS_AGAIN_MS = 3_000  # longer than a take without an undo window needs to be submitted

SHOTS = {
    "launch-film": "a lighthouse in a storm",
    "general": "a tram climbs a hill",
    "secret-launch": "a glass bottle on a beach",
}


@pytest.fixture(scope="module")
def finished(running: Product) -> dict[str, str]:
    """Ada's finished shot in each of three channels: its prompt."""
    for channel, prompt in SHOTS.items():
        running.order(f"{prompt} --model veo_3_1", user="ada", channel=channel)
    for channel, prompt in SHOTS.items():
        running.wait_until_told(prompt, channel)
    return SHOTS


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
    expect(ada.take(1)).to_contain_text("Approved by @Ada")
    expect(ada.card(prompt)).to_contain_text("Approved: take 1")
    ada.photograph("approved")
    ada.choose(ada.take(1), "Variation")
    ada.see_done(2)
    ada.photograph("variation-done")
    assert len(running.submitted(prompt)) == 2


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
    ada.see_done(number)
    ada.photograph("unclear-rendered")
    assert len(running.submitted("perhaps with a lantern")) == 1
    asked.get_by_role("button", name="Render").click()
    ada.page.wait_for_timeout(PRESS_AGAIN_MS)
    assert len(running.submitted("perhaps with a lantern")) == 1
