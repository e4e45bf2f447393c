"""A file in our own store on its way to a gateway: read in pieces, never whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Its bytes can be read as often as a call has to be made again."""

    size_bytes: int
    sha256: str
    read: Callable[[], AsyncIterator[bytes]]


Content = bytes | Stored


def size_of(content: Content) -> int:
    """Bytes."""
    return content.size_bytes if isinstance(content, Stored) else len(content)


async def whole(content: Content) -> bytes:
    """All of it at once, for a wire that cannot take it in pieces."""
    if not isinstance(content, Stored):
        return content
    return b"".join([chunk async for chunk in content.read()])
