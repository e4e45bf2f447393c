"""The command line as a person meets it: real processes, their words and their statuses."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from storage.lockfile import LockFile
from tests.architecture import ROOT

KEYS = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
    "SLACK_APP_TOKEN": "xapp-1-A-2-abc",
    "HEYGEN_API_KEY": "0123456789abcdef",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
}


def bot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["run", "-h"], ["explain", "--help"]])
def test_help_is_there(arguments: list[str]) -> None:
    ended = bot(*arguments)
    assert ended.returncode == 0
    assert "Usage: python -m bot" in ended.stdout


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, bot.cli; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        (sys.executable, "-c", code), cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for heavy in ("slack_bolt", "slack_sdk", "aiohttp", "httpx", "pydantic", "av", "PIL"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--json", "a fox in snow --model veo_3_1 --aspect 9:16"], 0),
        (["--json", "--model veo_3_1 a fox"], 0),
        (["--json", "-h is the letter of the day"], 0),
        (["--json", "a fox --modle veo_3_1"], 2),
        (["--json", "--", "--help"], 0),
    ],
)
def test_a_line_is_explained(arguments: list[str], status: int) -> None:
    ended = bot("explain", *arguments)
    assert ended.returncode == status, ended.stderr
    explained = json.loads(ended.stdout)
    assert set(explained) == {"kind", "prompt", "options", "error", "suggestion"}
    assert (explained["error"] is not None) == (status == 2)


def test_an_explanation_can_be_read_by_people() -> None:
    ended = bot("explain", "a", "fox", "--modle", "veo3")
    assert ended.returncode == 2
    assert "refused: " in ended.stdout
    assert "instead: /video " in ended.stdout


def test_the_ranking_knows_every_gateway_whose_key_is_set(tmp_path: Path) -> None:
    keys = {name: value for name, value in KEYS.items() if name != "HEYGEN_API_KEY"}
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}", "RUNWARE_API_KEY": "r" * 32}
    ended = bot("explain", "a fox in snow", **keys, **here)
    assert ended.returncode == 0, ended.stderr
    (first,) = [line for line in ended.stdout.splitlines() if line.startswith("1. ")]
    assert "@runware" in first
    assert "Seedance 2.0: the least in all" in first
    assert ended.stdout.count("No key for HeyGen is set here.") == 1


def test_a_database_that_another_process_has_is_75(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    lock = LockFile.acquire(path)
    try:
        for command in ("migrate", "run"):
            ended = bot(command, **KEYS, DATABASE_URL=f"sqlite:///{path}")
            assert ended.returncode == 75
            assert f"Process {os.getpid()} is already running" in ended.stderr
            assert "Traceback" not in ended.stderr
    finally:
        lock.release()


def test_a_database_of_somebody_else_is_78_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"these are not the rows you are looking for" * 100)
    before = path.read_bytes()
    for command in ("migrate", "run", "executions"):
        ended = bot(command, **KEYS, DATABASE_URL=f"sqlite:///{path}")
        assert ended.returncode == 78, command
        assert "Traceback" not in ended.stderr
    assert path.read_bytes() == before


def test_migrate_makes_the_database_and_executions_reads_it(tmp_path: Path) -> None:
    places = {"DATABASE_URL": f"sqlite:///{tmp_path / 'd' / 'x.sqlite3'}"}
    assert bot("executions", **places).returncode == 78
    assert "has schema version" in bot("migrate", **places).stdout
    ended = bot("executions", **places)
    assert (ended.returncode, ended.stdout) == (0, "No executions yet.\n")
    assert bot("executions", "--open", **places).stdout == "No open executions.\n"


def test_a_media_folder_that_cannot_be_made_is_78(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = bot(
        "run",
        **KEYS,
        DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}",
        MEDIA_URL=f"file://{file}/media",
    )
    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr


def test_the_doctor_tells_every_problem_and_exits_1(tmp_path: Path) -> None:
    ended = bot("doctor", SLACK_BOT_TOKEN="xoxp-canary", DAILIES_TIMEZONE="canary")
    assert ended.returncode == 1
    assert "SLACK_BOT_TOKEN holds a user token" in ended.stdout
    assert "DAILIES_TIMEZONE is not a time zone" in ended.stdout
    assert "canary" not in ended.stdout + ended.stderr


def test_the_doctor_without_slack_says_where_it_looked(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = bot(
            "doctor",
            **KEYS,
            PORT=str(taken.getsockname()[1]),
            DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}",
            MEDIA_URL=f"file://{tmp_path}/media",
        )
    assert ended.returncode == 1
    assert "mend  bot token" in ended.stdout
    assert "check the way to http://127.0.0.1:9/api/" in ended.stdout
    assert "Address already in use" in ended.stdout


def test_an_unknown_command_is_2() -> None:
    assert bot("render").returncode == 2


def test_the_slack_cli_finds_its_hooks() -> None:
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text("utf-8"))["hooks"]
    for command in hooks.values():
        program, *arguments = command.split()
        assert os.access(ROOT / program, os.X_OK)
        assert program == "bin/run"
        assert bot(arguments[0], "--help").returncode == 0
    versions = json.loads(bot(*hooks["doctor"].split()[1:]).stdout)["versions"]
    assert {one["name"] for one in versions} >= {"python", "slack-bolt"}
