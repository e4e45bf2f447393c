"""No line ever holds a secret, whoever logs it and however; and logging never stops anybody."""

from __future__ import annotations

import io
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from bot import logs
from bot.logs import LineWriter
from bot.settings import LogFormat

KEY = "q7w8e9r0t1y2u3i4"  # no shape of its own: known only as one of ours
CANARIES = (
    "xoxb-111-222-canary0",
    "xoxp-111-canary1",
    "xoxe.xoxb-1-canary2",
    "xapp-1-A1-2-canary3",
    "Key canary4id:canary4secret",
    "Bearer canary5canary5",
    "X-Api-Key: canary6canary6",
    '{"authorization": "canary7canary7"}',
    "https://hooks.slack.com/commands/T1/2/canary8",
    "https://files.example/v.mp4?Signature=canary9&Expires=1",
    "https://user:canary10pw@proxy.example/x",
    "{'response_url': 'http://127.0.0.1:5/commands/canary11'}",
    "response_url=http://127.0.0.1:5/commands/canary12",
    "trigger_id: 1.2.canary13",
    "token=canary14canary14&team=T1",
    "sk_V2_canary15canary15",
    KEY,
)
SECRET_MEMBERS = ("response_url", "slack_bot_token", "Authorization", "X-Api-Key", "api_key")


@contextmanager
def lines(log_format: LogFormat = LogFormat.JSON) -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile; complete once the block has ended."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level, raises = root.level, logging.raiseExceptions
    out = io.StringIO()
    writer = logs.configure(log_format, secrets=[KEY], stream=out)
    try:
        yield out
    finally:
        writer.close()
        root.handlers[:], logging.raiseExceptions = before, raises
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()


def everywhere(text: str) -> None:
    """Log `text` in every place where a line has room for one."""
    plain, structured = logging.getLogger("some.library"), structlog.get_logger("bot.x")
    plain.warning(text)
    plain.warning("with %s and %r", text, {"inner": [text, (text,)]})
    plain.warning("more", extra={"more": text, "deep": {"a": {"b": {"c": text}}}})
    structured.info("said", value=text, values=[text], object=Exception(text))
    structured.info("raw", raw=text.encode("utf-8", "replace"))
    structured.bind(bound=text).info(text)
    try:
        raise ValueError(text)
    except ValueError as error:
        plain.exception("broke")
        structured.exception("broke", error=error)
        structured.error("chained", exc_info=error)


@pytest.mark.parametrize("log_format", [LogFormat.JSON, LogFormat.CONSOLE])
@pytest.mark.parametrize("canary", CANARIES)
def test_no_secret_comes_through(canary: str, log_format: LogFormat) -> None:
    with lines(log_format) as out:
        everywhere(f"before {canary} after")
    assert out.getvalue().count("broke") >= 2
    assert "canary" not in out.getvalue()
    assert KEY not in out.getvalue()


@pytest.mark.parametrize("name", SECRET_MEMBERS)
def test_a_member_with_a_secret_name_is_hidden_whole(name: str) -> None:
    with lines() as out:
        structlog.get_logger("bot.x").info("said", **{name: "canary", "deep": [{name: "canary"}]})
        logging.getLogger("library").warning("x", extra={name: "canary"})
    assert "canary" not in out.getvalue()


def test_what_hides_itself_stays_hidden_and_the_rest_stays_readable() -> None:
    with lines() as out:
        structlog.get_logger("bot.x").info(
            "submitted", key=SecretStr("canary"), execution="e_1", price_micro_usd=152, ok=True
        )
    (line,) = map(json.loads, out.getvalue().splitlines())
    assert "canary" not in out.getvalue()
    assert (line["event"], line["execution"], line["price_micro_usd"], line["ok"]) == (
        *("submitted", "e_1", 152),
        True,
    )


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [
        (
            "slack_bolt.middleware",
            logging.INFO,
            "Invalid request signature detected (body: canary)",
        ),
        ("slack_bolt.AsyncApp", logging.WARNING, "Unhandled request ({'text': 'canary'})\n---\nx"),
        ("slack_bolt.AsyncApp", logging.ERROR, "Failed to run listener (body: canary\ncanary)"),
        ("slack_sdk.web", logging.DEBUG, "Sending a request - json: {'text': 'canary'}"),
        ("aiohttp.access", logging.INFO, "POST /slack/events canary"),
        ("aiohttp.server", logging.ERROR, "Error handling request: bad line canary"),
    ],
)
def test_libraries_that_quote_people_are_held_back(name: str, level: int, message: str) -> None:
    with lines() as out:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)  # as Bolt does by itself
        logger.log(level, message)
    assert "canary" not in out.getvalue()


def test_every_json_line_is_json_whatever_is_logged() -> None:
    with lines() as out:
        everywhere('quote " backslash \\ https://x.y/z?a="b\\" newline \n \ud800 end')
        everywhere("x" * 100_000)
    for line in out.getvalue().splitlines():
        assert json.loads(line)["level"]
    assert max(map(len, out.getvalue().splitlines())) < 100_000


def test_a_pipe_that_nobody_reads_stops_nobody() -> None:
    reading, writing = os.pipe()
    writer = LineWriter(os.fdopen(writing, "w"), lines_max=10)
    started = time.monotonic()
    for number in range(5_000):
        writer.emit(_record(f"{number} {'x' * 1000}"))
    assert time.monotonic() - started < 2
    assert writer.dropped > 4_000
    os.close(reading)


def test_a_closed_stream_stops_nobody() -> None:
    stream = io.StringIO()
    stream.close()
    writer = LineWriter(stream)
    for _ in range(3):
        writer.emit(_record("gone"))
    writer.close()
    assert writer.dropped == 3


def test_what_was_logged_is_written_at_the_end() -> None:
    out = io.StringIO()
    writer = LineWriter(out)
    for number in range(500):
        writer.emit(_record(str(number)))
    writer.close()
    assert out.getvalue().splitlines() == [str(number) for number in range(500)]


def _record(message: str, **more: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelno": logging.INFO, **more})
