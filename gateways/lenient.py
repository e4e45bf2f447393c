"""Reading what a vendor answers: a field of the wrong shape is a missing field, not an error.

Answers change without notice. One that is odd in a place we do not need must still be read, and
one that is odd in a place we do need must say "missing", so that the caller decides.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

URL_MAX_CHARS = 8_192
WORDS_REMEMBERED_MAX = 100
WORD_MAX_CHARS = 40

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_log = logging.getLogger(__name__)


class Lenient(BaseModel):
    """An answer: unknown fields are ignored. No input text appears in its errors."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def link_of(url: str | None) -> str | None:
    """`url` if it can be a link at all."""
    if url is None or len(url) > URL_MAX_CHARS:
        return None
    return url if url.lower().startswith(("https://", "http://")) else None


def _or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Maybe = Annotated[T | None, WrapValidator(_or_none)]


def read_json(model: type[M], body: bytes) -> M | None:
    """`body` as `model`, or None where it is no JSON object (HTML, cut off, too deep)."""
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


class UnfamiliarWords:
    """Says once for each word that a vendor's documents do not have it."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._seen: set[str] = set()

    def notice(self, word: str) -> None:
        """Log `word` the first time; a vendor cannot fill our memory with new ones."""
        shown = word[:WORD_MAX_CHARS]
        if shown in self._seen or len(self._seen) >= WORDS_REMEMBERED_MAX:
            return
        self._seen.add(shown)
        _log.warning("%s answers with the unknown status %r: still running", self._gateway, shown)
