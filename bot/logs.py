"""Log lines: structured, without secrets, and never in the way.

Every line of every library goes through one chain on the standard root logger: context variables,
exception as text, redaction of each value, then JSON or a console line. A thread of its own
writes to stderr, so that a full pipe or a closed one never stops the event loop: lines are lost
and counted instead. stdout stays free for what commands print.
"""

from __future__ import annotations

import atexit
import logging
import queue
import re
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog
from structlog.types import Processor

from bot.settings import LogFormat
from gateways.redact import HIDDEN, redact

QUEUE_MAX_LINES = 10_000
CLOSE_TIMEOUT_S = 2.0
VALUE_MAX_CHARS = 16_000
DEPTH_MAX = 6

# Members whose whole value is secret, wherever they turn up.
_SECRET_NAME = re.compile(
    r"response_url|trigger_id|authorization|token|secret|password|api[_-]?key|x-api-key|cookie|"
    r"signature|private_metadata",
    re.IGNORECASE,
)
# The same inside of a text: `'response_url': 'http://…'`, `response_url=http://…`.
_SECRET_MEMBER = re.compile(
    r"(\b(?:response_url|trigger_id|signing_secret|verification_token|token)\b[\"']?\s*[:=]\s*)"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&}\"']+)",
    re.IGNORECASE,
)
# The least level of a library's lines. slack_bolt logs the raw body of what it refuses, slack_sdk
# whole requests at DEBUG, aiohttp.server quotes malformed requests. Enforced where lines are
# written, because Bolt sets the levels of its loggers itself.
_LEVELS = {
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
    "aiohttp.server": logging.CRITICAL,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
}
# Bolt says this of every app that authorises by itself with a client of its own, as ours does.
_NOISE = (
    "As `installation_store` or `authorize` has been used",
    "As you gave `client` as well, `token` will be unused",
)
_RAW_BODY = re.compile(r"(\bbody\b|Unhandled request\b).*", re.IGNORECASE | re.DOTALL)

Event = MutableMapping[str, Any]


def configure(
    log_format: LogFormat, *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> LineWriter:
    """Send all logging of this process through the chain; the writer that carries it.

    `secrets` are the literal values in use: they are hidden however they were echoed.
    """
    stream = stream or sys.stderr
    writer = LineWriter(stream)
    is_console = log_format is LogFormat.CONSOLE or (
        log_format is LogFormat.AUTO and stream.isatty()
    )
    writer.addFilter(_is_wanted)
    writer.setFormatter(_formatter(is_console=is_console, secrets=tuple(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [writer]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    atexit.register(writer.close)
    return writer


def redaction(secrets: Iterable[str] = ()) -> Processor:
    """The processor that hides secrets in every value of a line, at any depth."""
    literal = tuple(secrets)

    def hide(_logger: Any, _method: str, event: Event) -> Event:
        logger_name = str(event.get("logger", ""))
        return {
            name: _clean(name, value, literal, from_bolt=logger_name.startswith("slack_bolt"))
            for name, value in event.items()
        }

    return hide


class LineWriter(logging.Handler):
    """Formats on the caller's side, writes on a thread. `dropped` counts lines that were lost."""

    def __init__(self, stream: TextIO, *, lines_max: int = QUEUE_MAX_LINES) -> None:
        super().__init__()
        self.dropped = 0
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(lines_max)
        self._thread = threading.Thread(target=self._write, name="log writer", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.dropped += 1
        except Exception:  # noqa: BLE001 -- a line that cannot be formatted must not break work
            self.dropped += 1

    def close(self) -> None:
        """Write what waits, for at most `CLOSE_TIMEOUT_S`."""
        if self._thread.is_alive():
            with suppress(queue.Full):
                self._lines.put(None, timeout=CLOSE_TIMEOUT_S)
            self._thread.join(CLOSE_TIMEOUT_S)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):  # closed or broken: the next line may do better
                self.dropped += 1


def _is_wanted(record: logging.LogRecord) -> bool:
    for name, level in _LEVELS.items():
        if record.name == name or record.name.startswith(f"{name}."):
            return record.levelno >= level and not str(record.msg).startswith(_NOISE)
    return True


def _shared() -> list[Processor]:
    """What every line gets, ours and the libraries'."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _formatter(*, is_console: bool, secrets: tuple[str, ...]) -> logging.Formatter:
    render: Processor
    if is_console:
        render = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    else:
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redaction(secrets),
            render,
        ],
    )


def _clean(name: str, value: Any, secrets: tuple[str, ...], *, from_bolt: bool) -> Any:
    if _SECRET_NAME.search(name):
        return HIDDEN
    cleaned = _value(value, secrets, DEPTH_MAX)
    if from_bolt and name in {"event", "exception"} and isinstance(cleaned, str):
        return _RAW_BODY.sub(rf"\1 {HIDDEN}", cleaned)
    return cleaned


def _value(value: Any, secrets: tuple[str, ...], depth: int) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _text(value, secrets)
        case Mapping() if depth:
            return {
                str(name): HIDDEN
                if _SECRET_NAME.search(str(name))
                else _value(one, secrets, depth - 1)
                for name, one in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth:
            return [_value(one, secrets, depth - 1) for one in value]
        case _:
            # A renderer would call repr() on it, after us.
            return _text(repr(value), secrets)


def _text(text: str, secrets: tuple[str, ...]) -> str:
    """Hidden first and cut after; a lone surrogate would lose the line when it is written."""
    hidden = redact(_SECRET_MEMBER.sub(rf"\1{HIDDEN}", text), secrets)
    return hidden[:VALUE_MAX_CHARS].encode("utf-8", "backslashreplace").decode()
