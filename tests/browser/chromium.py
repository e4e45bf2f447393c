"""Debian's Chromium under Playwright: it plays H.264, which Playwright's own build does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

PICTURES = Path(__file__).parents[2] / "artifacts" / "browser"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}

_ARGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Where Chromium is: `CHROMIUM` names it, else the path does. None without one."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium")


@contextmanager
def running() -> Iterator[Browser]:
    """A browser with a fresh profile, gone afterwards. Errors: FileNotFoundError without one."""
    program = find()
    if program is None:
        raise FileNotFoundError("no chromium on the path, and CHROMIUM names none")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGS)
        yield browser
        browser.close()
