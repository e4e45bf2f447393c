"""What a refusal tells a person to try starts something: it is tried before it is shown.

A line is mended where it is read and again where an offer is chosen, and neither knows the other:
a model's name put right may ask for a length that the model does not have.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.command import Start, parse
from domain.errors import RequestError
from domain.plain import escaped
from domain.request import Work
from domain.spoken import Kind
from domain.understanding import works_of

MENDS_MAX = 4


def with_line_that_works(refused: RequestError, choose: Callable[[Work], object]) -> RequestError:
    """The refusal with a line that would be started, or a verb; with none where there is none.
    `choose` raises `RequestError` where no offer makes a work."""
    line = refused.suggestion
    for _ in range(MENDS_MAX):
        if line is None:
            break
        try:
            _try(line, choose)
        except RequestError as again:
            line = again.suggestion
        else:
            break
    else:
        line = None
    refused.suggestion = line
    return refused


def _try(line: str, choose: Callable[[Work], object]) -> None:
    asked = parse(escaped(line))
    if not isinstance(asked, Start) or asked.understood.kind == Kind.TRANSLATION:
        return  # the take that is translated is looked up in its channel
    for work in works_of(asked.understood):
        choose(work)
