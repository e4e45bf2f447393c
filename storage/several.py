"""One delivery that asks for several takes, such as a translation to many languages: each is a
request of its own with one submit, and all begin in one transaction or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.ports import Transaction
from domain.request import Work
from domain.standing import Reach
from storage.presses import take_in_place
from storage.requests import (
    Arrival,
    Duplicate,
    Fresh,
    Started,
    deliver,
    start_shot,
    start_take,
)


def start_several(
    db: Transaction,
    arrival: Arrival,
    works: Sequence[Work],
    names: Sequence[Fresh],
    *,
    source_id: str | None,
    reach: Reach,
) -> Started | Duplicate:
    """The takes of `works`, each with its own of `names`: in the thread of the take `source_id`
    they come from, else in a new one. Raises `RequestError`, then nothing is written."""
    arrivals = [replace(arrival, work=work) for work in works]
    if source_id is None:
        begun = start_shot(db, arrivals[0], names[0], reach=reach)
        if isinstance(begun, Duplicate):
            return begun
        shot_id, parent_id, later = names[0].shot_id, names[0].request_id, slice(1, None)
    else:
        first = names[0].request_id
        known = deliver(db, arrival.delivery_key, arrival.team_id, arrival.at, first)
        if known is not None:
            return known
        _, source = take_in_place(db, arrival.team_id, arrival.channel, source_id)
        shot_id, parent_id, later = source.request.shot_id, source_id, slice(0, None)
    for each, fresh in zip(arrivals[later], names[later], strict=True):
        placed = replace(fresh, shot_id=shot_id)
        begun = start_take(db, each, placed, parent_id=parent_id, reach=reach)
    return begun
