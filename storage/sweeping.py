"""What is looked at now and then and not when it is due: times that have passed, and times that
cannot be."""

from __future__ import annotations

from domain.ports import Transaction
from storage.fallbacks import expire_blocked
from storage.held_replies import forget_held
from storage.hints import forget_hints
from storage.set_back import bring_forward


def sweep(db: Transaction, *, now: float) -> int:
    """All of it, in one transaction; how many rows a clock that was set back had stranded."""
    stranded = bring_forward(db, now=now)
    expire_blocked(db, now=now)
    forget_held(db, now=now)
    forget_hints(db, now=now)
    return stranded
