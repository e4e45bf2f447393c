"""What a start loads: nothing that its first steps do not need."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from bot.lean import lean_imports

ROOT = Path(__file__).parents[2]
NOT_YET = ("av", "PIL", "rich", "pygments")
START = f"""
import gc, sys
import bot.cli
with bot.cli.lean_imports():
    import bot.settings, bot.logs, bot.app
print(sorted(set({NOT_YET}) & set(sys.modules)), gc.isenabled())
import rich, bot.decode
"""

pytestmark = pytest.mark.process


def test_a_start_loads_neither_decoders_nor_a_painter_of_terminals() -> None:
    said = subprocess.run(
        (sys.executable, "-c", START), cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[] True"


def test_a_start_that_is_refused_leaves_everything_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), lean_imports():
        _ = 1 / 0
    assert gc.isenabled()
    assert sys.modules.get("rich", "not there") is not None
    gc.unfreeze()
