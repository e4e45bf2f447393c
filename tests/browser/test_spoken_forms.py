"""The forms of avatars, agents, translations and templates, as people fill them in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_another_kind_changes_the_form_and_a_search_finds_an_avatar(ada: Person) -> None:
    ada.go_to("general")
    ada.say("/video")
    ada.field("prompt").fill("Hello and welcome to our launch")

    ada.field("kind").select_option("avatar")

    expect(_block(ada, "avatar")).to_be_visible()
    expect(ada.field("prompt")).to_have_value("Hello and welcome to our launch")
    _find(ada, "avatar", "abigail sofa", "Abigail Sofa Side")
    ada.photograph("avatar-form")
    ada.field("kind").select_option("template")
    _find(ada, "template", "product", "Product Launch")
    expect(_block(ada, "variable:headline")).to_be_visible()
    ada.photograph("template-form")
    ada.field("kind").select_option("translation")
    _find(ada, "languages", "german", "German")
    expect(ada.modal).to_contain_text("Nothing is charged before you press Render.")
    ada.photograph("translation-form")
    ada.field("kind").select_option("agent")
    expect(_block(ada, "style")).to_be_visible()
    ada.photograph("agent-form")
    ada.one("modal-close").click()
    expect(ada.modal).to_have_count(0)


def test_help_tells_that_streaming_avatars_are_gone(ada: Person) -> None:
    ada.go_to("general")
    ada.say("/video help avatar")
    expect(ada.channel).to_contain_text("Streaming avatars are gone")
    ada.photograph("help-avatar")


def _block(ada: Person, name: str) -> Locator:
    return ada.modal.locator(f'[data-block-id="{name}"]')


def _find(ada: Person, name: str, typed: str, wanted: str) -> None:
    """Type into a search and take the entry that begins so."""
    _block(ada, name).get_by_role("combobox").fill(typed)
    entry = _block(ada, name).get_by_role("option").filter(has_text=wanted).first
    expect(entry).to_be_visible()
    entry.dispatch_event("pointerdown")
    expect(_block(ada, name).locator(".chip").first).to_contain_text(wanted)
