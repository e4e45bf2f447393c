"""Slash commands a second at `/slack/events`: durable before the ack, beside a bare Bolt listener.

All contenders run Bolt. *ours* is the product's server, listeners and database: an answer goes out
after its shot, take and execution are on the disk. *bare listener* is the same server around an
app that only acks: the floor. *Bolt's own server* is what Bolt's documentation starts with, which
keeps nothing either. The load comes from the same process, so only ratios mean anything.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web as aiohttp_web
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

import handlers
from bench import Report
from bot import web
from bot.clock import RandomIds, SystemClock
from bot.notifier.response_urls import ResponseUrls
from bot.signature import sign
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.standing import Reach
from handlers.dependencies import Dependencies
from storage.database import SqliteDatabase

CALLERS = (1, 50)
SECRET = "signing-secret-of-the-benchmark"
OURS, BARE, BOLTS = "ours, durable", "bare listener", "Bolt's own server"
COUNT = "SELECT count(*) AS requests FROM request"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Load:
    """What one caller's requests took."""

    finished: int
    elapsed_s: Sequence[float]


class NoViews:
    """Commands with text open no form."""

    async def update_view(self, view_id: str, hash_: str, view: Mapping[str, Any]) -> None:
        raise AssertionError("the benchmark opens no form")

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        raise AssertionError("the benchmark opens no form")


def main(arguments: Sequence[str]) -> Report:
    """Measure for `--seconds` a cell, `--rounds` times in turn, and report the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench ingress")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="dailies-bench-") as folder:
        return asyncio.run(_measure(Path(folder), chosen.seconds, chosen.rounds))


async def _measure(folder: Path, seconds: float, rounds: int) -> Report:
    rates: dict[tuple[str, int], list[float]] = {}
    waits: dict[tuple[str, int], list[float]] = {}
    accepted = 0
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(await SqliteDatabase.open(folder / "x.sqlite3"))
        ports = {
            OURS: await stack.enter_async_context(_our_server(_our_app(database))),
            BARE: await stack.enter_async_context(_our_server(_bare_app())),
            BOLTS: await stack.enter_async_context(_bolts_server()),
        }
        for _, callers, (name, port) in itertools.product(range(rounds), CALLERS, ports.items()):
            load = await _load(port, callers, seconds)
            rates.setdefault((name, callers), []).append(load.finished / seconds)
            waits.setdefault((name, callers), []).extend(load.elapsed_s)
            accepted += load.finished if name == OURS else 0
        kept = await database.run(_count)
    assert kept == accepted, f"{accepted} were acked and {kept} are on the disk"
    return _report({cell: statistics.median(found) for cell, found in rates.items()}, waits)


async def _load(port: int, callers: int, seconds: float) -> Load:
    """`callers` connections, each sending its next command when the last one was answered."""
    until = time.perf_counter() + seconds
    loads = await asyncio.gather(*(_caller(port, until) for _ in range(callers)))
    return Load(sum(one.finished for one in loads), [t for one in loads for t in one.elapsed_s])


async def _caller(port: int, until: float) -> Load:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    elapsed: list[float] = []
    while (began := time.perf_counter()) < until:
        writer.write(_command())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        elapsed.append(time.perf_counter() - began)
    writer.close()
    return Load(len(elapsed), elapsed)


def _command() -> bytes:
    """A signed `/video …` as Slack sends it, never the same twice."""
    number = next(_numbers)
    body = urlencode(
        {
            "command": "/video",
            "text": f"a fox in snow, take number {number} --model veo_3_1",
            "team_id": "T0BENCH",
            "channel_id": "C0BENCH",
            "channel_name": "general",
            "user_id": f"U{number % 500:04}",
            "trigger_id": f"{number}.1.abcdef",
            "response_url": f"https://hooks.slack.com/commands/T0BENCH/{number}/x",
        }
    ).encode()
    stamp = str(int(time.time()))
    head = (
        f"POST {web.EVENTS_PATH} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: {sign(body, stamp, SECRET).decode()}\r\n\r\n"
    )
    return head.encode() + body


# The contenders ------------------------------------------------------------------------------


def _our_app(database: SqliteDatabase) -> AsyncApp:
    clock = SystemClock()
    app = AsyncApp(
        authorize=_authorize, process_before_response=True, request_verification_enabled=False
    )
    dependencies = Dependencies(
        database=database,
        clock=clock,
        ids=RandomIds(),
        reach=lambda: Reach(frozenset({GatewayName.HEYGEN})),
        admins=frozenset(),
        channels=(),
        budget_micro_usd=10**15,
        timezone="UTC",
        response_urls=ResponseUrls(clock),
        slack=NoViews(),
        wake=lambda: None,
        makes_likenesses=False,
        recast=lambda: None,
        silenced=_never_silenced,
        bot_user_id="U0BOT",
        bot_name="dailies",
    )
    handlers.register(app, dependencies)
    return app


async def _never_silenced(_: str, __: str) -> None:
    raise AssertionError("nobody takes our access away here")


def _bare_app() -> AsyncApp:
    app = AsyncApp(
        authorize=_authorize, process_before_response=True, request_verification_enabled=False
    )
    app.command("/video")(_only_ack)
    return app


@asynccontextmanager
async def _our_server(app: AsyncApp) -> AsyncIterator[int]:
    doors = web.Doors(
        now=time.time,
        registry=CollectorRegistry(),
        ready={},
        dispatch=app.async_dispatch,
        signing_secrets=(SECRET,),
    )
    async with web.serving(web.build(doors), "127.0.0.1", 0) as port:
        yield port


@asynccontextmanager
async def _bolts_server() -> AsyncIterator[int]:
    app = AsyncApp(authorize=_authorize, signing_secret=SECRET)
    app.command("/video")(_only_ack)
    runner = aiohttp_web.AppRunner(app.web_app(path=web.EVENTS_PATH), access_log=None)
    await runner.setup()
    site = aiohttp_web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _only_ack(ack: Any) -> None:
    await ack("ok")


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id="T0BENCH",
        bot_token="xoxb-benchmark",
        bot_id="B0BENCH",
        bot_user_id="U0BOT",
    )


def _count(db: Transaction) -> int:
    row = db.execute(COUNT).one()
    assert row is not None
    return int(row["requests"])


def _report(
    rates: Mapping[tuple[str, int], float], waits: Mapping[tuple[str, int], Sequence[float]]
) -> Report:
    rows: list[list[object]] = []
    for (name, callers), rate in rates.items():
        p50_ms, p99_ms = (_quantile_ms(waits[name, callers], share) for share in (0.5, 0.99))
        rows.append([name, callers, rate, p50_ms, p99_ms, rate / rates[BARE, callers]])
    figures = {"ratio": rates[OURS, CALLERS[-1]] / rates[BARE, CALLERS[-1]]}
    for callers in CALLERS:
        figures[f"c{callers}_to_bare"] = rates[OURS, callers] / rates[BARE, callers]
        figures[f"c{callers}_to_bolts_server"] = rates[OURS, callers] / rates[BOLTS, callers]
        figures[f"c{callers}_ack_p99_ms"] = _quantile_ms(waits[OURS, callers], 0.99)
    return Report(
        name="ingress",
        columns=("", "callers", "per s", "p50 ms", "p99 ms", "to bare"),
        rows=rows,
        figures=figures,
        note="Every command that ours answered was found on the disk afterwards.",
    )


def _quantile_ms(elapsed_s: Sequence[float], share: float) -> float:
    ordered = sorted(elapsed_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
