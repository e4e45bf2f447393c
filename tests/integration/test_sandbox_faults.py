"""Every vendor endpoint of the sandbox can be struck, under a name that the page offers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from sandbox.control import TARGETS
from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, fal, heygen, runware, start
from sandbox.vendors.wire import Port
from tests.integration.sandbox_slack import local_slack

KNOWN = frozenset(f"{who}:{what}" for who, names in TARGETS.items() for what in names)
STRUCK_AT = {"heygen": heygen.target_of, "fal": fal.target_of}
# What a connection needs before any task; its loss is a fault of the task that comes after.
NOT_STRUCK = {"authentication", "ping"}


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    started = await start(Faults(), Traffic(), pace_s=0.2)
    try:
        yield started
    finally:
        await started.close()


def routes(vendor: object) -> Iterator[tuple[str, str]]:
    """(method, a path that fits) of every endpoint of a vendor, on whichever host."""
    for port in vars(vendor).values():
        if isinstance(port, Port):
            app = cast(Any, port)._runner.app
            for route in cast(web.Application, app).router.routes():
                pattern = route.resource.canonical if route.resource else ""
                yield route.method, re.sub(r"\{[^}]*\}", "x1", pattern)


@pytest.mark.parametrize("name", ["heygen", "fal"])
async def test_every_endpoint_has_a_target(vendors: Vendors, name: str) -> None:
    found = routes(getattr(vendors, name))
    endpoints = {(method, path) for method, path in found if method not in {"HEAD", "*"}}
    assert len(endpoints) > 10
    for method, path in sorted(endpoints):
        target = STRUCK_AT[name](make_mocked_request(method, path))
        assert target in KNOWN, f"{method} {path}: {target}"


@pytest.mark.parametrize(
    ("method", "verb", "target"),
    [
        ("POST", "", "fal:submit"),
        ("GET", "/requests/1/status", "fal:check"),
        ("GET", "/requests/1", "fal:result"),
        ("PUT", "/requests/1/cancel", "fal:cancel"),
    ],
)
def test_fals_queue_is_one_handler_with_four_targets(method: str, verb: str, target: str) -> None:
    assert fal.target_of(make_mocked_request(method, f"/fal-ai/veo3{verb}")) == target
    assert target in KNOWN


async def test_every_task_of_runware_has_a_target(vendors: Vendors) -> None:
    tasks = set(cast(Any, vendors.runware)._api._handlers) - NOT_STRUCK
    assert len(tasks) > 5
    for task in sorted(tasks):
        target = runware.target_of_tasks([{"taskType": task}])
        assert target in KNOWN, f"{task}: {target}"
    assert runware.target_of_tasks([{"taskType": "videoInference"}], dry_run=True) in KNOWN


async def test_the_page_is_told_all_targets_and_kinds() -> None:
    async with local_slack() as slack:
        state = await slack.look("state")
        assert set(state["fault_targets"]) == KNOWN
        for target in state["fault_targets"]:
            await slack.control("fault", target=target, kind=state["fault_kinds"][0])
        for kind in state["fault_kinds"]:
            await slack.control("fault", target="fal:history", kind=kind)
        armed = len(state["fault_targets"]) + len(state["fault_kinds"])
        assert len((await slack.look("state"))["faults"]) == armed
