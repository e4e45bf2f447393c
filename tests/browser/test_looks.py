"""Every main state as it looks in light, in dark and on a phone, and to a screen reader.

axe (deque.com/axe) judges each against WCAG; nothing serious or critical may be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.person import Person
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]

CHANNEL = "launch-film"
CANCELLED = "a train that does not go"
GRAVE = frozenset({"serious", "critical"})

Look = Literal["light", "dark", "phone"]
_PANELS = {"traffic": "chat.postMessage", "ledger": "none paid twice", "faults": "nothing armed"}
_SCHEMES: dict[Look, Literal["light", "dark"]] = {
    "light": "light",
    "dark": "dark",
    "phone": "light",
}


@pytest.fixture(scope="module")
def cancelled(running: Product) -> None:
    """A shot of Cleo's that she took back."""
    running.order(CANCELLED, user="cleo", channel=CHANNEL)
    running.order("cancel", user="cleo", channel=CHANNEL)


@pytest.fixture(params=["light", "dark", "phone"])
def look(request: pytest.FixtureRequest) -> Look:
    chosen: Look = request.param
    return chosen


@pytest.fixture
def ada(
    browser: Browser, running: Product, finished: dict[str, str], cancelled: None, look: Look
) -> Iterator[Person]:
    """Ada with this look."""
    on_phone = look == "phone"
    context = browser.new_context(
        viewport=PHONE if on_phone else DESKTOP,
        color_scheme=_SCHEMES[look],
        is_mobile=on_phone,
        has_touch=on_phone,
        device_scale_factor=2 if on_phone else 1,
    )
    person = Person(context.new_page(), running.page_url)
    yield person
    context.close()
    assert person.errors == []


def test_every_main_state_is_readable(ada: Person, look: Look, finished: dict[str, str]) -> None:
    judged = Judged(ada, look)
    if look == "phone":
        judged.look("sidebar")
    ada.go_to(CHANNEL)
    expect(ada.card(CANCELLED)).to_contain_text("nothing charged")
    judged.look("channel")
    ada.open_thread(finished[CHANNEL])
    expect(ada.thread.get_by_test_id("video")).to_be_visible()
    judged.look("thread")
    ada.press(ada.take(1), "New take")
    expect(ada.modal).to_be_visible()
    judged.look("form")
    ada.one("modal-close").click()
    ada.choose(ada.take(1), "Details")
    expect(ada.modal).to_be_visible()
    judged.look("details")
    ada.one("modal-close").click()
    expect(ada.modal).to_have_count(0)
    if look != "phone":
        for panel in _PANELS:
            ada.one(f"{panel}-toggle").click()
            expect(ada.one(panel)).to_contain_text(_PANELS[panel])
            judged.look(panel)
    assert judged.problems == []


class Judged:
    """Pictures of states, with what is wrong in them."""

    def __init__(self, person: Person, look: Look) -> None:
        self._person = person
        self._look = look
        self.problems: list[str] = []

    def look(self, state: str) -> None:
        """Photograph it, let axe judge it, and see that nothing is cut off at the side."""
        self._person.photograph(f"{self._look}-{state}")
        page = self._person.page
        found = Axe().run(page).response["violations"]
        self.problems += [f"{state}: {_told(each)}" for each in found if each["impact"] in GRAVE]
        self.problems += [f"{state}: {cut} is too narrow" for cut in page.evaluate(_CUT_OFF)]


_CUT_OFF = """[document.documentElement, ...document.querySelectorAll('.scroller, .dialog-body')]
    .filter(box => box.scrollWidth > box.clientWidth)
    .map(box => box.className || box.tagName)"""


def _told(violation: dict[str, Any]) -> str:
    nodes = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
    return f"{violation['impact']} {violation['id']} at {nodes}"
