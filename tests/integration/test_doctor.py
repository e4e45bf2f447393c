"""The doctor against a local Slack: what it finds well, and the fix for what it does not."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import start
from storage.database import SqliteDatabase
from storage.silence import fall_silent
from tests.architecture import ROOT
from tests.integration.sandbox_slack import LocalSlack, local_slack, manifest


async def examined(
    slack: LocalSlack, folder: Path, changes: Mapping[str, str | None] | None = None
) -> tuple[int, str]:
    """(status, table) of `doctor` with the local Slack's tokens, `changes` applied."""
    settings: dict[str, str | None] = {
        "SLACK_BOT_TOKEN": slack.greeting["slack_bot_token"],
        "SLACK_APP_TOKEN": slack.greeting["slack_app_token"],
        "SLACK_API_URL": slack.greeting["slack_api_url"],
        "HEYGEN_API_KEY": "0123456789abcdef",
        "HEYGEN_API_URL": "http://127.0.0.1:9",
        "DATABASE_URL": f"sqlite:///{folder / 'x.sqlite3'}",
        "MEDIA_URL": f"file://{folder}/media",
        "DAILIES_MIN_FREE_BYTES": "1",
        "PORT": "0",
        **(changes or {}),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | {k: v for k, v in settings.items() if v is not None},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_a_well_bot(tmp_path: Path) -> None:
    async with local_slack() as slack:
        status, table = await examined(slack, tmp_path)
    assert "ok    bot token" in table
    assert "ok    scopes       all" in table
    assert "ok    socket mode" in table
    assert "mend  heygen       no answer from http://127.0.0.1:9" in table  # nobody is there
    assert status == 1
    assert slack.greeting["slack_bot_token"] not in table


async def test_a_scope_that_is_missing_is_named(tmp_path: Path) -> None:
    async with local_slack(manifest(without="files:write")) as slack:
        status, table = await examined(slack, tmp_path)
    assert status == 1
    assert "mend  scopes       missing: files:write" in table
    assert "→ paste manifest.yml into" in table


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1-2-another"}, "Slack says invalid_auth"),
        ({"SLACK_APP_TOKEN": "xapp-1-A-2-another"}, "mend  socket mode  Slack says"),
        ({"SLACK_APP_TOKEN": None, "SLACK_SIGNING_SECRET": "0a1b2c3d"}, "manifest --http"),
        ({"DAILIES_MIN_FREE_BYTES": "9000TiB"}, "mend  media"),
        ({"MEDIA_URL": "file:///proc/nowhere"}, "mend  media"),
    ],
)
async def test_what_is_wrong_has_its_line(
    changes: Mapping[str, str | None], finding: str, tmp_path: Path
) -> None:
    async with local_slack() as slack:
        status, table = await examined(slack, tmp_path, changes)
    assert status == 1
    assert finding in table
    assert "→ " in table


async def test_two_wrong_tokens_are_told_in_one_run(tmp_path: Path) -> None:
    wrong = {"SLACK_BOT_TOKEN": "xoxb-1-2-another", "SLACK_APP_TOKEN": "xapp-1-A-2-another"}
    async with local_slack() as slack:
        _, table = await examined(slack, tmp_path, wrong)
    assert "mend  bot token    Slack says invalid_auth" in table
    assert "mend  socket mode  Slack says" in table


async def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_text("not rows at all\n" * 400, "utf-8")
    path.chmod(0o600)
    async with local_slack() as slack:
        status, table = await examined(slack, tmp_path)
    assert status == 1
    assert "mend  database" in table
    assert path.read_text("utf-8") == "not rows at all\n" * 400


async def test_a_database_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    async with local_slack() as slack:
        await examined(slack, tmp_path)
        assert not path.exists()  # looking makes nothing
        async with await SqliteDatabase.open(path):
            _, held = await examined(slack, tmp_path)
        _, private = await examined(slack, tmp_path)
        path.chmod(0o644)
        _, table = await examined(slack, tmp_path)
    assert f"in use by the running bot (process {os.getpid()})" in held
    assert "schema version" in private
    assert "can be read by other users" in table
    assert f"chmod 600 {path}" in table


async def test_a_workspace_that_hears_nothing_is_told_beside_the_running_bot(
    tmp_path: Path,
) -> None:
    async with (
        local_slack() as slack,
        await SqliteDatabase.open(tmp_path / "x.sqlite3") as database,
    ):
        _, before = await examined(slack, tmp_path)
        await database.run(fall_silent, "T1", reason="token_revoked", now=1_800_000_000.0)
        status, table = await examined(slack, tmp_path)
    assert "sending" not in before
    assert "mend  sending" in table
    assert "refused our token in T1 (token_revoked, 2027-01-15 08:00 UTC)" in table
    assert "install the app again" in table
    assert status == 1


async def test_the_vendors_stand_in_the_table(tmp_path: Path) -> None:
    vendors = await start(Faults(), Traffic(), pace_s=0.2)
    vendors.runware.switches.set("balance_usd", 0.0)
    at = vendors.addresses
    changes = {
        **{name.upper(): at[name] for name in ("heygen_api_key", "heygen_api_url")},
        **{name.upper(): at[name] for name in ("runware_api_key", "runware_api_url")},
        **{name.upper(): at[name] for name in ("fal_queue_url", "fal_rest_url", "fal_api_url")},
        "FAL_KEY": "wrong:fal-key",
    }
    try:
        async with local_slack() as slack:
            status, table = await examined(slack, tmp_path, changes)
    finally:
        await vendors.close()
    assert "ok    heygen       the key is accepted, $100.00 left" in table
    assert "mend  fal          the key is refused (401)" in table
    assert "mend  runware      the key is accepted, but nothing is left ($0.00)" in table
    assert "→ add money at https://my.runware.ai/wallet" in table
    assert "2 things to mend." in table
    assert at["runware_api_key"] not in table
    assert status == 1


async def test_a_vendor_without_a_key_is_named_with_its_setting(tmp_path: Path) -> None:
    async with local_slack() as slack:
        _, table = await examined(slack, tmp_path)
    assert "note  runware      no key is set" in table
    assert "→ set RUNWARE_API_KEY to offer its models" in table
