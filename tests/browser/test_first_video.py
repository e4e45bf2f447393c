"""What a newcomer does first: one command, and a video plays in the thread."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person, values_of
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]

PROMPT = "a red fox runs through fresh snow, golden hour"
FIRST_VIDEO_LIMIT_S = 60.0
UNDO_WINDOW_S = 6.0  # a command waits five before anything is sent


def test_a_command_becomes_a_video_that_plays_in_the_thread(ada: Person, running: Product) -> None:
    began = time.monotonic()
    ada.say(f"/video {PROMPT} --model veo_3_1")
    expect(ada.whisper("take 1")).to_contain_text("starts in 5 s · Veo 3.1 at HeyGen")
    expect(ada.card(PROMPT)).to_contain_text("Starting")
    ada.open_thread(PROMPT)
    expect(ada.take(1)).to_contain_text("Starting in")
    ada.photograph("first-video-starting")
    expect(ada.take(1)).to_contain_text("Rendering")
    ada.photograph("first-video-rendering")
    video = ada.see_done(1)
    ada.watch(video)
    assert time.monotonic() - began < FIRST_VIDEO_LIMIT_S
    expect(ada.card(PROMPT)).to_contain_text("Done")
    ada.photograph("first-video-done")
    ada.one("thread-close").click()
    ada.channel.get_by_role("link", name="watch it").last.click()
    expect(video).to_be_in_viewport()
    [submitted] = running.submitted(PROMPT)
    assert submitted["gateway"] == "heygen"
    assert values_of(submitted)["provider"] == "veo_3_1"


def test_cancel_in_the_undo_window_pays_nothing(ada: Person, running: Product) -> None:
    prompt = "a paper boat that never leaves"
    began = time.monotonic()
    ada.say(f"/video {prompt}")
    ada.open_thread(prompt)
    ada.press(ada.take(1), "Cancel: free")
    expect(ada.take(1)).to_contain_text("Cancelled")
    expect(ada.take(1)).to_contain_text("nothing charged")
    expect(ada.take(1)).to_contain_text("It was stopped before it cost anything.")
    expect(ada.card(prompt)).to_contain_text("nothing charged")
    ada.photograph("cancelled")
    time.sleep(max(0.0, began + UNDO_WINDOW_S - time.monotonic()))
    assert running.submitted(prompt) == []
    ada.one("ledger-toggle").click()
    expect(ada.one("ledger")).not_to_contain_text(prompt)
