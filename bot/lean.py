"""Imports for a start that should be quick: a bot that was killed has work that waits."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import here what stays for the life of the process: a quarter less time.

    Nothing is collected meanwhile, and what came is never looked at again. rich, which Typer
    brings, is not found: httpx and structlog would load it for a command line and for tracebacks
    that nobody sees here.
    """
    hidden = "rich" not in sys.modules
    if hidden:
        sys.modules["rich"] = None  # type: ignore[assignment]  # means: there is none
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        if hidden:
            del sys.modules["rich"]
