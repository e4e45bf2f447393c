"""What the answer to an upload means. Nothing is paid for one, so it may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from domain.errors import Failure, FailureClass
from domain.gateway import Unreadable
from domain.ports import UploadFailed
from gateways.classify import Answer

# Statuses by which a vendor says that the same bytes will never do, or that our key will not.
_FINAL_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422})
_GONE_STATUSES = frozenset({404, 405, 410})

T = TypeVar("T")


def uploaded(
    answer: Answer | Unreadable,
    *,
    read: Callable[[Answer], T | None],
    refused: Callable[[Answer], Failure | None],
) -> T:
    """What one step of an upload was to give, by `read`. Raises `UploadFailed`.

    Final only in the vendor's own words, or where the endpoint is gone.
    """
    if isinstance(answer, Unreadable):
        raise UploadFailed(_broken(answer.reason), final=False)
    found = read(answer) if 200 <= answer.status < 300 else None
    if found is not None:
        return found
    failure = refused(answer)
    if answer.status in _GONE_STATUSES:
        said = failure.detail if failure else f"HTTP {answer.status}"
        raise UploadFailed(Failure(kind=FailureClass.GONE, detail=said), final=True)
    if failure is None:
        raise UploadFailed(_broken(f"HTTP {answer.status} without what was asked for"), final=False)
    raise UploadFailed(failure, final=answer.status in _FINAL_STATUSES)


def _broken(reason: str) -> Failure:
    return Failure(kind=FailureClass.TRANSIENT, detail=reason)
