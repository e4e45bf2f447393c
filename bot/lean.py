"""Imports for a start that should be quick: a bot that was killed has work that waits."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Typer brings them; httpx and structlog load them, where they are found, for a command line and
# for tracebacks that nobody sees here.
_NOT_FOUND = ("rich", "pygments")


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import here what stays for the life of the process: a quarter less time.

    Nothing is collected meanwhile, and what came is never looked at again. What only paints
    terminals is not found.
    """
    hidden = [name for name in _NOT_FOUND if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # means: there is none
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for name in hidden:
            del sys.modules[name]
