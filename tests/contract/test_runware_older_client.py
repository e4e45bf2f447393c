"""Runware's older Python client (runware 0.5, socket only) is content with the sandbox, too.

It installs the same module as runware-sdk, so the two cannot share an environment: it is put
beside it, by hash, the first time this runs, and used in a process of its own. Its dependencies
are those of the development lock.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.faults import Fault
from tests.contract.conftest import RunwareBench, png

VERSION = "0.5.24"
REQUIREMENT = f"""runware=={VERSION} \\
    --hash=sha256:45674d37e3a6c955148f78856fbb4164e8268ba1578ec79e377bff261b877df7 \\
    --hash=sha256:7cde5dca383b2fd019b636ac848a0d733ad284819eabf6446ad8f8353cda9caa
"""
INSTALL_S = 60
RUN_S = 60
QUICKLY = {
    "RUNWARE_VIDEO_INITIAL_TIMEOUT": "5000",
    "RUNWARE_VIDEO_POLLING_DELAY": "100",
    "RUNWARE_MAX_POLLS_VIDEO_GENERATION": "100",
}
# Reads its task as JSON, runs it by the older client, writes the results or the error as JSON.
SCRIPT = """
import asyncio, json, sys
from dataclasses import asdict
from runware import IVideoInference, Runware, RunwareAPIError
from runware.types import IVideoInputs

async def main():
    given = json.load(sys.stdin)
    client = Runware(api_key=given["key"], url=given["url"])
    try:
        await client.connect()
        results, uploaded = [], None
        if given["by"] == "uploadMedia":
            uploaded = (await client.uploadMedia(given["picture"])).mediaUUID
        elif given["by"] == "uploadImage":
            uploaded = (await client.uploadImage(given["picture"])).imageUUID
        if uploaded:
            given["task"]["inputs"] = IVideoInputs(frameImages=[uploaded])
            del given["task"]["width"], given["task"]["height"]
        for _ in range(given["times"]):
            ack = await client.videoInference(requestVideo=IVideoInference(**given["task"]))
            count = given["task"].get("numberResults") or 1
            results = await client.getResponse(taskUUID=ack.taskUUID, numberResults=count)
        found = [asdict(result) for result in results]
        print(json.dumps({"results": found, "uploaded": uploaded}))
    except RunwareAPIError as error:
        print(json.dumps({"error": error.error_data}))
    except Exception as error:
        print(json.dumps({"broken": f"{type(error).__name__}: {error}"}))
    finally:
        await client.disconnect()

asyncio.run(main())
"""
TASK_UUID = "0f0e0d0c-0b0a-4908-8706-050403020100"
TASK = {
    "taskUUID": TASK_UUID,
    "model": "bytedance:seedance@2.0",
    "positivePrompt": "a fox in snow",
    "width": 720,
    "height": 1280,
    "duration": 4,
    "includeCost": True,
    "numberResults": 1,
}


@pytest.fixture(scope="session")
def older_client() -> Path:
    """Where the older client is, installed there if it was not."""
    folder = Path(sys.prefix) / "older-clients" / f"runware-{VERSION}"
    if not (folder / "runware" / "__init__.py").is_file():
        asked = Path(sys.prefix) / "older-clients" / f"runware-{VERSION}.txt"
        asked.parent.mkdir(exist_ok=True)
        asked.write_text(REQUIREMENT)
        words = ["install", "-q", "--no-deps", "--require-hashes", "--target", folder, "-r", asked]
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
        done = subprocess.run(command, capture_output=True, timeout=INSTALL_S, check=False)
        if done.returncode:
            pytest.skip(f"runware {VERSION} could not be fetched: {done.stderr.decode()[-200:]}")
    return folder


async def run(
    bench: RunwareBench,
    folder: Path,
    *,
    times: int = 1,
    picture: Path | None = None,
    by: str = "",
    **more: Any,
) -> dict[str, Any]:
    """What the older client makes of a task, begun with `picture` that it uploads `by` a method."""
    at = bench.vendors.addresses
    given = {
        "url": at["runware_ws_url"],
        "key": at["runware_api_key"],
        "times": times,
        "picture": str(picture or ""),
        "by": by,
        "task": {**TASK, **more},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **QUICKLY, "PYTHONPATH": str(folder)},
    )
    async with asyncio.timeout(RUN_S):
        out, log = await process.communicate(json.dumps(given).encode())
    assert out.strip(), log.decode()[-2000:]
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


async def test_a_clip(runware_bench: RunwareBench, older_client: Path) -> None:
    told = await run(runware_bench, older_client)

    (result,) = told["results"]
    assert result["status"] == "success"
    assert result["videoURL"].startswith("http://127.0.0.1:")
    assert result["cost"] == pytest.approx(4 * 0.303)
    (entry,) = runware_bench.vendors.ledger()
    assert (entry["id"], entry["state"]) == (TASK_UUID, "completed")


async def test_more_results(runware_bench: RunwareBench, older_client: Path) -> None:
    told = await run(runware_bench, older_client, numberResults=2)

    assert len({result["videoURL"] for result in told["results"]}) == 2


async def test_partial_success(runware_bench: RunwareBench, older_client: Path) -> None:
    """One result of two fails: the client tells the error, whatever was made beside it."""
    runware_bench.faults.arm(Fault("runware:submit", "fail", params={"code": "inferenceError"}))

    told = await run(runware_bench, older_client, numberResults=2)

    assert told["error"]["code"] == "inferenceError"
    (entry,) = runware_bench.vendors.ledger()
    assert entry["results"] == ["failed", "completed"]
    assert entry["usd"] == pytest.approx(4 * 0.303)  # one of two was paid


@pytest.mark.parametrize("by", ["uploadMedia", "uploadImage"])
async def test_an_upload_is_the_first_frame(
    runware_bench: RunwareBench, older_client: Path, tmp_path: Path, by: str
) -> None:
    (tmp_path / "fox.png").write_bytes(png())

    told = await run(runware_bench, older_client, picture=tmp_path / "fox.png", by=by)

    assert told["results"][0]["status"] == "success", told
    (shown,) = runware_bench.vendors.ledger()[0]["images"]
    assert shown["sha256"] == hashlib.sha256(png()).hexdigest()
    assert shown["field"] == "inputs.frameImages.0"


async def test_an_invalid_task(runware_bench: RunwareBench, older_client: Path) -> None:
    told = await run(runware_bench, older_client, duration=40)

    error = told["error"]
    assert (error["code"], error["parameter"]) == ("invalidDuration", "duration")
    assert error["taskUUID"] == TASK_UUID
    assert runware_bench.vendors.ledger() == []


async def test_refused_content(runware_bench: RunwareBench, older_client: Path) -> None:
    told = await run(runware_bench, older_client, positivePrompt="[refuse]")

    assert told["error"]["code"] == "contentPolicyViolation"


async def test_a_used_id_is_a_conflict(runware_bench: RunwareBench, older_client: Path) -> None:
    told = await run(runware_bench, older_client, times=2)

    assert told["error"]["code"] == "conflictTaskUUID"
    assert told["error"]["context"]["deliveryMethod"] == "async"
    assert len(runware_bench.vendors.ledger()) == 1


async def test_an_answer_that_is_lost_is_paid_once(
    runware_bench: RunwareBench, older_client: Path
) -> None:
    """It connects anew, sends the task again, and takes the conflict for an acceptance."""
    runware_bench.vendors.runware.switches.set("session_replay", False)
    runware_bench.faults.arm(Fault("runware:submit", "reset_after"))

    told = await run(runware_bench, older_client)

    assert told["results"][0]["status"] == "success"
    assert len(runware_bench.vendors.ledger()) == 1
