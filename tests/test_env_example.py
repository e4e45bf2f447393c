""".env.example is printed from the settings, and a filled-in copy of it starts the bot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.env_example import env_example
from bot.settings import BadSettings, Settings, load
from tests.architecture import ROOT

VALUES = {
    "SLACK_BOT_TOKEN=": "SLACK_BOT_TOKEN=xoxb-1-2-abc",
    "SLACK_APP_TOKEN=": "SLACK_APP_TOKEN=xapp-1-A-2-abc",
    "HEYGEN_API_KEY=": "HEYGEN_API_KEY=0123456789abcdef",
}


def test_the_file_is_what_the_settings_print() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == env_example()


def test_the_command_prints_it() -> None:
    printed = subprocess.run(
        (sys.executable, "-m", "bot", "env-example"), cwd=ROOT, capture_output=True, check=True
    )
    assert printed.stdout.decode() == env_example()


def test_every_setting_is_there_once_with_a_comment() -> None:
    lines = env_example().splitlines()
    for name in Settings.model_fields:
        at = [
            index
            for index, line in enumerate(lines)
            if line.removeprefix("#").startswith(f"{name.upper()}=")
        ]
        assert len(at) == 1, name
        assert lines[at[0] - 1].startswith("# "), name


def test_a_copy_with_three_values_starts_with_every_default(tmp_path: Path) -> None:
    settings = load(_written(tmp_path, filled(env_example())))
    defaults = Settings(
        slack_bot_token="xoxb-1-2-abc",
        slack_app_token="xapp-1-A-2-abc",
        heygen_api_key="0123456789abcdef",
    )
    assert settings.model_dump() == defaults.model_dump()


def test_the_defaults_that_are_shown_are_the_defaults(tmp_path: Path) -> None:
    """Taking the # away from each line that shows a value changes nothing."""
    text = filled(env_example())
    shown = [line for line in text.splitlines() if line.startswith("#") and _shows_default(line)]
    for line in shown:
        text = text.replace(f"\n{line}\n", f"\n{line.removeprefix('#')}\n")
    plain = load(_written(tmp_path, filled(env_example()), "plain"))
    assert len(shown) > 10
    assert load(_written(tmp_path, text, "shown")).model_dump() == plain.model_dump()


def test_an_unedited_copy_says_what_to_fill_in(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        load(_written(tmp_path, env_example()))
    told = "\n".join(refused.value.problems)
    assert all(name.rstrip("=") in told for name in VALUES)


def filled(text: str) -> str:
    """The copy that somebody has filled in."""
    for empty, value in VALUES.items():
        assert f"\n{empty}\n" in text
        text = text.replace(f"\n{empty}\n", f"\n{value}\n")
    return text


def _written(folder: Path, text: str, name: str = ".env") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def _shows_default(line: str) -> bool:
    name, _, value = line.removeprefix("#").partition("=")
    return name.isupper() and value != ""
