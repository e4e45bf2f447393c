"""The selector, with what the database knows: preferences, records, parked offers, casting."""

from __future__ import annotations

from functools import partial

from domain.cast import resolve_spoken
from domain.ports import Transaction
from domain.ranking import Cast
from domain.request import Work
from domain.selector import Selection, select
from domain.standing import Reach
from storage.castings import read_castings
from storage.preferences import read_preferences
from storage.standings import standing


def selected(
    db: Transaction, work: Work, place: tuple[str, str], reach: Reach, *, now: float
) -> Selection:
    """The offer for `work` in a (team, channel). Raises `RequestError` with a sentence."""
    preferences = read_preferences(db, *place)
    known = standing(db, reach, place[0], now)
    return select(work, known, preferences, cast_in(db, place, work))


def cast_in(db: Transaction, place: tuple[str, str], work: Work) -> Cast:
    """Who plays in it, by the lists as they were last read."""
    return partial(resolve_spoken, castings=read_castings(db, *place, work))
