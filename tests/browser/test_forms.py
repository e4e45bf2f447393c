"""The form: opened by a bare command or from somebody's picture, refused at its field, sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person, draw, sha256_at_vendor, values_of
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_the_form_refuses_at_a_field_and_keeps_what_was_typed(
    ada: Person, running: Product
) -> None:
    prompt = "ink drops open in clear water"
    ada.go_to("general")
    ada.say("/video")
    expect(ada.field("prompt")).to_be_focused()
    ada.photograph("form")
    ada.field("prompt").fill(prompt)
    ada.field("model").select_option("seedance_2_0_fast")
    ada.field("aspect_ratio").select_option("9:16")
    ada.field("duration_s").fill("47")
    ada.one("modal-submit").click()
    wrong = ada.modal.locator("[data-block-id=duration_s]").get_by_test_id("field-error")
    expect(wrong).to_be_visible()
    expect(ada.one("field-error")).to_have_count(1)
    ada.photograph("form-refused")
    expect(ada.field("prompt")).to_have_value(prompt)
    expect(ada.field("model")).to_have_value("seedance_2_0_fast")
    expect(ada.field("aspect_ratio")).to_have_value("9:16")
    assert running.submitted(prompt) == []
    ada.field("duration_s").fill("6")
    ada.one("modal-submit").click()
    expect(ada.modal).to_have_count(0)
    ada.open_thread(prompt)
    ada.watch(ada.see_done(1))
    ada.photograph("form-done")
    [submitted] = running.submitted(prompt)
    asked = values_of(submitted)
    assert (submitted["gateway"], "fast" in submitted["endpoint"]) == ("fal", True)
    assert (asked["aspect_ratio"], str(asked["duration"])) == ("9:16", "6")


def test_somebodys_picture_is_animated_by_its_shortcut(
    ada: Person, running: Product, tmp_path: Path
) -> None:
    prompt = "the kite rises slowly"
    picture = draw(tmp_path / "kite.png", "tomato")
    ada.become("ben")
    ada.go_to("general")
    ada.say("our kite for the launch", picture)
    ada.become("ada")
    posted = ada.channel.get_by_test_id("message").filter(has_text="our kite for the launch")
    ada.shortcut(posted, "Animate this image")
    expect(ada.modal).to_contain_text("Animate this image")
    ada.photograph("animate-form")
    ada.field("prompt").fill(prompt)
    ada.one("modal-submit").click()
    expect(ada.modal).to_have_count(0)
    ada.open_thread(prompt)
    ada.watch(ada.see_done(1))
    ada.photograph("animate-done")
    [submitted] = running.submitted(prompt)
    assert [each["sha256"] for each in submitted["images"]] == [sha256_at_vendor(picture)]


def test_the_shortcut_says_so_where_there_is_no_picture(ada: Person) -> None:
    ada.say("words without a picture")
    said = ada.channel.get_by_test_id("message").filter(has_text="words without a picture")
    ada.shortcut(said, "Animate this image")
    expect(ada.modal).to_contain_text("no picture that I can see")
    expect(ada.one("modal-submit")).to_have_count(0)
    ada.one("modal-close").click()
    expect(ada.modal).to_have_count(0)
