"""One browser and one running product for the folder; a page of one's own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium, product
from tests.browser.chromium import DESKTOP
from tests.browser.person import Person
from tests.browser.product import Product

SHOTS = {
    "launch-film": "a lighthouse in a storm",
    "general": "a tram climbs a hill",
    "secret-launch": "a glass bottle on a beach",
}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; where there is none the test is skipped, and fails under CI=true."""
    if chromium.find() is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("Chromium must be installed where CI=true")
        pytest.skip("no chromium on the path, and CHROMIUM names none")
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="session")
def running() -> Iterator[Product]:
    """The product, started once: what a test orders stays in its database for the others. Ben
    orders a shot in three channels at once, so that they are done when a test wants one."""
    with product.running() as started:
        for channel, prompt in SHOTS.items():
            started.order(f"{prompt} --model veo_3_1", user="ben", channel=channel)
        yield started


@pytest.fixture(scope="session")
def finished(running: Product) -> dict[str, str]:
    """Ben's shot in each of three channels, finished: its prompt."""
    for channel, prompt in SHOTS.items():
        running.wait_until_told(prompt, channel)
    return SHOTS


@pytest.fixture
def ada(browser: Browser, running: Product) -> Iterator[Person]:
    """Ada at a desk. Whatever the page reports as an error fails the test."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    person = Person(context.new_page(), running.page_url)
    yield person
    context.close()
    assert person.errors == []
