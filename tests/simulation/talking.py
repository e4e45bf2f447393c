"""Talks with an agent, for some of the seeds: an idea made in one go, and conversations in which it
asks, is answered and goes on. Most of them meet what can go wrong between two of its messages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from tests.simulation.plan import TALKED, Ending, Plan, Plot, Story, random_plan

AGENT = "heygen_agent"
# Of the turns that `focus.drawn` has, those that no other known run needs.
TURNS_EVERY, TURNS = 24, (3, 12, 19)
SECONDS_SHARE = 0.25
BOTH_SHARE = 0.5
HEALS_AT_S, BLIND_S = 240.0, 60.0
OVERDUE_AT_S, OVERDUE_S = 30.0, 30 * 60.0
_MIXED = (Ending.DONE, Ending.DONE, Ending.ASKS)
_ASKS_FIRST = (Ending.ASKS, Ending.DONE)


def is_talk(turn: int) -> bool:
    """Whether the seed of that turn is one of these."""
    return turn % TURNS_EVERY in TURNS


def talk(seed: int, turn: int, draw: random.Random) -> Plan:
    """The run of such a seed."""
    lap, rest = divmod(turn, TURNS_EVERY)
    return TALKS[(lap * len(TURNS) + TURNS.index(rest)) % len(TALKS)](seed, draw)


def where_talked(name: str) -> Iterator[int]:
    """The seeds that are one of these, by the name of its function, without end."""
    chosen = [place for place, made in enumerate(TALKS) if made.__name__ == name]
    if not chosen:
        raise ValueError(f"there is no predicament {name}")
    for lap in count():
        for place in chosen:
            laps, rest = divmod(lap * len(TALKS) + place, len(TURNS))
            yield (laps * TURNS_EVERY + TURNS[rest]) * 3 + 1


def talks_among_faults(seed: int, draw: random.Random) -> Plan:
    """Whatever is drawn strikes."""
    plan = random_plan(seed, draw)
    stories = _stories(draw)
    return replace(plan, stories=stories, endings=_MIXED, lists_read=True, heals_at=HEALS_AT_S)


def asks_and_is_answered(seed: int, draw: random.Random) -> Plan:
    """It asks first, and nothing else goes wrong; now and then it is killed."""
    crashes = (draw.randint(30, 250),) if draw.random() < 0.5 else ()
    plan = _calm(seed, draw, Plot.CONVERSATION)
    return replace(plan, endings=_ASKS_FIRST, in_turn=True, crashes=crashes)


def loses_an_answer(seed: int, draw: random.Random) -> Plan:
    """The answer to its first words is lost, or that to a later message (B6)."""
    kind = draw.choice(("submit.lost", "submit.timeout", "submit.broken_after", "submit.garbage"))
    plan = _calm(seed, draw, draw.choice(TALKED))
    endings = draw.choice((_MIXED, _ASKS_FIRST, (Ending.DONE,)))
    first = draw.randint(1, 3)
    also = ((kind, first + 1),) if draw.random() < BOTH_SHARE else ()
    return replace(plan, endings=endings, forced=((kind, first), *also))


def loses_two(seed: int, draw: random.Random) -> Plan:
    """Two people's first words have no answer, and for a while nobody can be asked (B6)."""
    plan = _calm(seed, draw, draw.choice(TALKED))
    first = plan.stories[0]
    stories = first, replace(first, number=1, plot=draw.choice(TALKED), at=draw.random(), person=1)
    lost = tuple((draw.choice(("submit.lost", "submit.broken_before")), n) for n in (1, 2))
    return replace(plan, stories=stories, forced=lost, blind_s=BLIND_S)


def loses_a_message(seed: int, draw: random.Random) -> Plan:
    """So is that to a later one, and for a while nobody can be asked about it (B6, B9)."""
    plan = _calm(seed, draw, Plot.CONVERSATION)
    return replace(plan, forced=(("submit.lost", draw.randint(2, 3)),), blind_s=BLIND_S)


def answers_late(seed: int, draw: random.Random) -> Plan:
    """Its film is late, or lies where a limit of ours forbids to fetch it, when more is said."""
    plan = _calm(seed, draw, Plot.CONVERSATION)
    if draw.random() < BOTH_SHARE:
        return replace(plan, forced=(("check.evil_link", 1),), heals_at=4 * HEALS_AT_S)
    return replace(
        plan,
        endings=(Ending.LATE, Ending.DONE),
        in_turn=True,
        asleep=((OVERDUE_AT_S, OVERDUE_S),),
        heals_at=OVERDUE_AT_S + OVERDUE_S + 4 * HEALS_AT_S,
    )


def is_not_sent(seed: int, draw: random.Random) -> Plan:
    """A message is refused, or never leaves."""
    kinds = ("submit.connect", "submit.rate", "submit.refused", "submit.gone", "submit.credits")
    plan = _calm(seed, draw, draw.choice(TALKED))
    return replace(plan, endings=_MIXED, forced=((draw.choice(kinds), draw.randint(1, 3)),))


def asks_where_nobody_answers(seed: int, draw: random.Random) -> Plan:
    """One that was not to ask asks, and is stopped."""
    plan = _calm(seed, draw, Plot.AGENT)
    crashes = (draw.randint(40, 300),) if draw.random() < 0.3 else ()
    return replace(
        plan, endings=_ASKS_FIRST, in_turn=True, crashes=crashes, heals_at=2.5 * HEALS_AT_S
    )


def is_called_off(seed: int, draw: random.Random) -> Plan:
    """Somebody presses every Cancel there is, at some moment."""
    plan = _calm(seed, draw, draw.choice(TALKED))
    return replace(plan, endings=_MIXED, user_cancel_at=draw.randint(30, 260))


TALKS: tuple[Callable[[int, random.Random], Plan], ...] = (
    talks_among_faults,
    asks_and_is_answered,
    loses_an_answer,
    talks_among_faults,
    is_not_sent,
    asks_where_nobody_answers,
    loses_a_message,
    is_called_off,
    answers_late,
    loses_two,
)


def _calm(seed: int, draw: random.Random, plot: Plot) -> Plan:
    """One story, or two, that suffer from nothing."""
    first = Story(number=0, plot=plot, model=AGENT, pace=draw.choice((0.1, 1.0, 2.0)))
    return Plan(
        seed=seed,
        stories=_with_another(first, draw),
        lists_read=True,
        webhooks=draw.random() < 0.5,
        heals_at=HEALS_AT_S,
    )


def _stories(draw: random.Random) -> tuple[Story, ...]:
    plot = draw.choice((Plot.CONVERSATION, Plot.CONVERSATION, Plot.AGENT))
    first = Story(
        number=0,
        plot=plot,
        model=AGENT,
        pace=draw.choice((0.1, 1.0, 2.0)),
        team=int(draw.random() < 0.25),
        person=draw.randint(0, 1),
    )
    return _with_another(first, draw)


def _with_another(first: Story, draw: random.Random) -> tuple[Story, ...]:
    """Somebody else talks to an agent, too, now and then."""
    if draw.random() >= SECONDS_SHARE:
        return (first,)
    return first, replace(
        first, number=1, plot=draw.choice(TALKED), at=draw.uniform(0, 10), person=1
    )
