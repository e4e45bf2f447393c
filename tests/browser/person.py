"""A person at the page: everything here is done with what is on the screen, by mouse and keys."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from bot.decode import clean_picture
from tests.browser.chromium import PICTURES

WAIT_MS = 15_000
RENDER_WAIT_MS = 60_000
PLAYED_S = 0.4
NOWHERE = (640, 2)  # on the banner, where nothing answers to a mouse


@dataclass
class Person:
    """One open page. `errors` is what went wrong in it, which a person would not see."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(self.address)
        expect(self.one("composer")).to_be_attached()

    def one(self, test_id: str) -> Locator:
        """What carries this `data-testid`."""
        return self.page.get_by_test_id(test_id)

    def become(self, name: str) -> None:
        """Look at the workspace as somebody else."""
        self.one("user-switch").click()
        self.one(f"user-{name}").click()
        expect(self.one("user-switch")).to_contain_text(f"You are {name.title()}")

    def go_to(self, channel: str) -> None:
        """Open a channel from the sidebar."""
        self.page.locator(f"[data-channel={channel}]").click()
        expect(self.channel).to_contain_text(channel)

    def say(self, text: str, *files: Path) -> None:
        """Type into the channel's box and press Enter; a line with `/` is a command."""
        self._type("", text, files)

    def reply(self, text: str, *files: Path) -> None:
        """Type into the open thread's box and press Enter."""
        self._type("thread-", text, files)

    @property
    def channel(self) -> Locator:
        """The column in the middle."""
        return self.page.locator(".channel-pane")

    @property
    def thread(self) -> Locator:
        """The column at the right."""
        return self.one("thread-pane")

    @property
    def modal(self) -> Locator:
        """The form on top."""
        return self.one("modal")

    def whisper(self, words: str) -> Locator:
        """What only this person sees, with these words."""
        return self.one("ephemeral").filter(has_text=words)

    def card(self, prompt: str) -> Locator:
        """The channel's one message of a shot."""
        cards = self.channel.get_by_test_id("message").filter(has_text=re.compile(r"V-\d+ · @"))
        return cards.filter(has_text=prompt)

    def open_thread(self, prompt: str) -> None:
        """Press *n replies* under a card."""
        self.card(prompt).get_by_test_id("open-thread").click()
        expect(self.thread).to_be_visible()

    def take(self, number: int) -> Locator:
        """The thread's one message of a take."""
        label = re.compile(rf"V-\d+ take {number} · @")
        return self.thread.get_by_test_id("message").filter(has_text=label)

    @property
    def takes(self) -> Locator:
        """The messages of all takes in the open thread."""
        return self.thread.get_by_test_id("message").filter(
            has_text=re.compile(r"V-\d+ take \d+ · @")
        )

    def see_done(self, number: int) -> Locator:
        """Wait until a take is done and its file shows; returns the player."""
        expect(self.take(number)).to_contain_text("Done", timeout=RENDER_WAIT_MS)
        comment = self.thread.get_by_test_id("message").filter(
            has_text=re.compile(rf"take {number} is done")
        )
        video = comment.get_by_test_id("video")
        expect(video).to_be_visible(timeout=RENDER_WAIT_MS)
        return video

    def watch(self, video: Locator, *, until_s: float = PLAYED_S) -> None:
        """Press play and wait for that moment; the film has to be longer than a second."""
        video.scroll_into_view_if_needed()
        video.evaluate("video => { video.muted = true; return video.play(); }")
        video.evaluate(_UNTIL_PLAYED, until_s)
        assert video.evaluate("video => video.duration") > 1
        assert video.evaluate("video => video.videoWidth") > 0

    def press(self, message: Locator, label: str) -> None:
        """Press a button in a message."""
        message.get_by_role("button", name=label, exact=True).click()

    def choose(self, message: Locator, label: str) -> None:
        """Open a message's ⋯ and press one of its lines."""
        message.get_by_test_id("overflow").click()
        self.page.get_by_role("menuitem", name=label).click()

    def shortcut(self, message: Locator, label: str) -> None:
        """Open *More message actions* and press a shortcut."""
        message.hover()
        message.get_by_test_id("message-menu").click()
        self.one("shortcut").filter(has_text=label).click()

    def field(self, block_id: str) -> Locator:
        """A field of the form, by the id it is told apart by."""
        return self.modal.locator(f"[data-action-id={block_id}]")

    def arm(self, title: str) -> None:
        """Switch a fault on in the panel, then close the panel."""
        self.one("faults-toggle").click()
        switch = self.one("fault").filter(has_text=title)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        self.one("faults-toggle").click()
        expect(self.one("faults")).to_have_count(0)

    def photograph(self, name: str) -> Path:
        """Keep what is on the screen as `artifacts/browser/NAME.png`."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.mouse.move(*NOWHERE)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def _type(self, prefix: str, text: str, files: tuple[Path, ...]) -> None:
        for file in files:
            self.one(f"{prefix}upload").set_input_files(file)
        box = self.one(f"{prefix}composer")
        box.fill(text)
        expect(self.one(f"{prefix}send")).to_be_enabled()
        box.press("Enter")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")


def draw(path: Path, colour: str, *, size: tuple[int, int] = (320, 180)) -> Path:
    """A picture to attach, different for every colour."""
    Image.new("RGB", size, colour).save(path)
    return path


def sha256_at_vendor(picture: Path) -> str:
    """What the vendor gets of a picture: upright and without its metadata."""
    _, content, _, _ = clean_picture(picture.read_bytes())
    return hashlib.sha256(content).hexdigest()


def values_of(entry: dict[str, Any]) -> dict[str, Any]:
    """What a vendor was asked for, whatever its envelope."""
    asked = entry["input"]
    return dict(asked.get("input", asked))


_UNTIL_PLAYED = """(video, until_s) => new Promise((played, failed) => {
    video.addEventListener('error', () => failed(new Error(video.error.message)));
    const look = () => video.currentTime > until_s ? played() : setTimeout(look, 50);
    look();
})"""
