"""From a seed to its run. Every third seed aims: a fault of the table, while an execution is in a
given state. Every sixth one is a predicament: faults that do harm only in one order.

Chance alone rarely comes to some states (`expired` is a day away) and rarely strikes in the short
ones. Here the story is chosen so that the state is come to, soon and long enough.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import assert_never

from domain.execution import DEADLINE_S, LATE_WATCH_S, State
from tests.simulation.asides import OWN, aside
from tests.simulation.coverage import POSSIBLE, kinds_of
from tests.simulation.faults import DRAWN, FEW_KINDS
from tests.simulation.plan import (
    AVATAR,
    SMALL_BUDGET_USD,
    Ending,
    Plan,
    Plot,
    Story,
    crash_at,
    random_plan,
)
from tests.simulation.situations import situated
from tests.simulation.talking import is_talk, talk, where_talked
from tests.simulation.wanted import WANTED

FOCUS_EVERY, PREDICAMENT_EVERY = 3, 6
SITUATED_EVERY = 2  # of the others
ASIDE_EVERY = 4  # of those that suffer from whatever is drawn
OUTAGE_S = 3_600.0
BACKUP_AT, EARLY_BACKUP_AT = (5, 120), (3, 10)
OVERDUE_AT_S, OVERDUE_S = 45.0, DEADLINE_S + 60.0
EXPIRED_AT_S, EXPIRED_S = OVERDUE_AT_S + OVERDUE_S + 30.0, LATE_WATCH_S + 3_600.0
LOOKED_FOR_S = DEADLINE_S + 60.0  # as long again, before it has expired
GOES_ON_S = 150.0
LATE_GOES_ON_S = 580.0
AMONG_FAULTS_SHARE = 0.25
_FAL, _WORKFLOWS, _RUNWARE = "seedance_2_0", "ltx_distilled", "seedance_2_0_mini"
_MODELS = (_FAL, _WORKFLOWS, AVATAR, _RUNWARE)
_KEYED = (AVATAR, _RUNWARE)
BLIND_S, LONG_BLIND_S, LONG_BLIND_HEALS_AT_S = 30.0, 2_000.0, 2_400.0
DAY_S = 86_400.0
CENTURY_S = 2.4e9
AWAY_LOOKED_AT_S = 1_800.0
AWAY_UNTIL_S = 2 * 3_600.0  # longer than a refused outcome is tried for
CROWD_WITH_PICTURES = 48
_DEAR = "veo_3_1"  # four dollars
_COMPANIONS = {"in.disorder": Plot.DISORDER, "in.echo": Plot.DISORDER}


def drawn(seed: int) -> Plan:
    """The run of a seed."""
    draw = random.Random(f"plan {seed}")
    turn, rest = divmod(seed, PREDICAMENT_EVERY)
    if rest == FOCUS_EVERY:
        return _predicament(PREDICAMENTS[turn % len(PREDICAMENTS)], seed, draw)
    turn, rest = divmod(seed, FOCUS_EVERY)
    if rest == 0 and turn % SITUATED_EVERY == 0:
        return situated(seed, turn // SITUATED_EVERY, draw)
    if rest == 1 and turn % ASIDE_EVERY == 1:
        return aside(seed, turn // ASIDE_EVERY, draw)
    if rest == 1 and is_talk(turn):
        return talk(seed, turn, draw)
    if rest != FOCUS_EVERY - 1:
        return random_plan(seed, draw)
    row, state = POSSIBLE[turn % len(POSSIBLE)]
    plan = _coming_to(state, Plan(seed=seed, stories=(), focus=(draw.choice(kinds_of(row)), state)))
    return _suffering(_in_doubt(_told(plan, draw), draw), draw)


def where(predicament: str) -> Iterator[int]:
    """The seeds that are one predicament, by the name of its function, without end."""
    turns = [
        turn for turn, made in enumerate(PREDICAMENTS) if made.__name__.strip("_") == predicament
    ]
    if not turns:
        yield from where_talked(predicament)
    for lap in count():
        for turn in turns:
            yield (lap * len(PREDICAMENTS) + turn) * PREDICAMENT_EVERY + FOCUS_EVERY


def _coming_to(state: State, plan: Plan) -> Plan:
    """What has to be so that an execution is in a state for a while."""
    match state:
        case State.SUBMITTING:
            return replace(plan, forced=(("submit.slow", 1),))
        case State.FETCHING:
            return replace(plan, forced=(("download.slow", 1),))
        case State.UNCERTAIN:
            return replace(plan, forced=(("submit.lost", 1),))
        case State.FAILED:
            return replace(plan, endings=(Ending.FAILED,))
        case State.LATE:
            heals_at = OVERDUE_AT_S + OVERDUE_S + LATE_GOES_ON_S
            asleep = ((OVERDUE_AT_S, OVERDUE_S),)
            return replace(
                plan, endings=_only(Ending.LATE), in_turn=True, asleep=asleep, heals_at=heals_at
            )
        case State.EXPIRED:
            heals_at = EXPIRED_AT_S + EXPIRED_S + LOOKED_FOR_S + GOES_ON_S
            naps = (OVERDUE_AT_S, OVERDUE_S), (EXPIRED_AT_S, EXPIRED_S)
            return replace(
                plan, endings=_only(Ending.NEVER), in_turn=True, asleep=naps, heals_at=heals_at
            )
        case State.PREPARING | State.QUEUED | State.RUNNING | State.SUCCEEDED | State.CANCELLED:
            return plan
        case _:
            assert_never(state)


def _only(ending: Ending) -> tuple[Ending, ...]:
    """The story's own render; that of a companion is done soon."""
    return ending, Ending.DONE


def _in_doubt(plan: Plan, draw: random.Random) -> Plan:
    """What strikes a look-up, or a webhook, needs a vendor that has one, and a doubt that lasts."""
    assert plan.focus is not None
    kind, state = plan.focus
    is_hook, is_wire = kind.startswith("hook."), kind.startswith(("submit.", "check.", "vendor."))
    if is_hook:
        plan = _at(replace(plan, webhooks=True), draw.choice((_FAL, _RUNWARE)))
    if state == State.UNCERTAIN and is_hook:
        heals_at = LONG_BLIND_HEALS_AT_S
        late = replace(plan, endings=_only(Ending.LATE), in_turn=True, heals_at=heals_at)
        return replace(_at(late, draw.choice(_KEYED)), blind_s=LONG_BLIND_S)
    model = _RUNWARE if kind == "check.not_found" else draw.choice(_KEYED)
    if state == State.UNCERTAIN and is_wire:
        return replace(_at(plan, model), blind_s=BLIND_S)
    if state == State.UNCERTAIN:
        return _at(plan, _WORKFLOWS)
    is_looked_up = kind.startswith("check.") or kind == "submit.replayed"
    if state == State.SUBMITTING and is_looked_up:
        asked = _RUNWARE if kind.startswith("check.") else model
        return _at(replace(plan, forced=(("submit.lost", 1),)), asked)
    return plan


def _at(plan: Plan, model: str) -> Plan:
    return replace(plan, stories=tuple(replace(story, model=model) for story in plan.stories))


def _told(plan: Plan, draw: random.Random) -> Plan:
    """The story that comes to the state, and somebody who talks meanwhile where that is needed."""
    assert plan.focus is not None
    kind, state = plan.focus
    plot = {
        State.PREPARING: Plot.PICTURE,
        State.QUEUED: draw.choice((Plot.PLAIN, Plot.CONFIRM)),
        State.CANCELLED: Plot.CANCEL,
        State.FAILED: Plot.RETRY,
    }.get(State(state), Plot.PLAIN)
    model = draw.choice([m for m in _MODELS if m != AVATAR or state not in _LONG])
    stories = [Story(number=0, plot=plot, model=model)]
    if kind == "submit.full":
        stories += [Story(number=n, plot=Plot.PLAIN, model=model, at=n * 1.0) for n in (1, 2)]
    elif kind.startswith("in.") or (state in _LONG and kind.startswith(("db.", "clock."))):
        companion = _COMPANIONS.get(kind, Plot.FIDGET)
        at = {
            State.LATE: OVERDUE_AT_S + OVERDUE_S,
            State.EXPIRED: EXPIRED_AT_S + EXPIRED_S + LOOKED_FOR_S,
        }
        begins = at.get(State(state), draw.uniform(0.0, 6.0))
        joined = Story(number=1, plot=companion, model=model, at=begins, person=1, joins=0)
        stories.append(joined)
    return replace(plan, stories=tuple(stories))


_LONG = frozenset({State.LATE, State.EXPIRED})


def _suffering(plan: Plan, draw: random.Random) -> Plan:
    """What belongs to the kind, and now and then faults of other kinds."""
    assert plan.focus is not None
    kind, state = plan.focus
    backup_at = EARLY_BACKUP_AT if state in (State.PREPARING, State.QUEUED) else BACKUP_AT
    among = kind == "crash.among_faults" or draw.random() < AMONG_FAULTS_SHARE
    alone = kind in ("db.restored", "in.flood")
    few = dict.fromkeys(sorted(draw.sample(DRAWN, FEW_KINDS)), 1) if among and not alone else {}
    crash_too = not alone and not kind.startswith("crash") and draw.random() < AMONG_FAULTS_SHARE
    return replace(
        plan,
        intensities=few,
        crashes=(crash_at(draw),) if crash_too else (),
        backup_at=draw.randint(*backup_at) if kind == "db.restored" else None,
        outage_s=OUTAGE_S if kind == "outage" else 0.0,
        room=1 if kind == "submit.full" else 0,
    )


def _predicament(
    meets: Callable[[Plan, random.Random], Plan], seed: int, draw: random.Random
) -> Plan:
    """One story that meets it; now and then it is killed, too."""
    plot = draw.choice((Plot.PLAIN, Plot.REPLY, Plot.VARIATION))
    story = Story(number=0, plot=plot, model=draw.choice(_MODELS))
    crash_too = draw.random() < AMONG_FAULTS_SHARE
    plan = Plan(seed=seed, stories=(story,), crashes=(crash_at(draw),) if crash_too else ())
    return meets(plan, draw)


def _clock_set_during_a_call(plan: Plan, _: random.Random) -> Plan:
    """A lease lapses at once while Slack has not yet carried out what it was asked for (G1, E2)."""
    return replace(plan, intensities={"clock.jump": 120, "slack.slow": 40})


def _not_let_in_yet(plan: Plan, draw: random.Random) -> Plan:
    """The first post is not taken until somebody invites the bot (E3)."""
    return replace(plan, forced=((draw.choice(("slack.not_in_channel", "slack.no_channel")), 1),))


def _accepted_in_silence(plan: Plan, _: random.Random) -> Plan:
    """The vendor takes the submit and says nothing until our own time limit ends the call (B5)."""
    return replace(plan, forced=(("submit.timeout", 1),))


def _clock_ahead_in_doubt(plan: Plan, draw: random.Random) -> Plan:
    """A post whose answer is lost began, says our clock, after Slack's time of it (G1, E2)."""
    forced = ("clock.jump", draw.randint(1, 6)), ("slack.lost_after", draw.randint(1, 2))
    return replace(plan, forced=forced)


def _clock_set_back_for_good(plan: Plan, draw: random.Random) -> Plan:
    """Whatever was due is due a day later by the clock, which is right from now on (G1)."""
    return replace(plan, clock_s=-DAY_S, forced=(("clock.jump", draw.randint(2, 60)),))


def _more_than_there_is(plan: Plan, draw: random.Random) -> Plan:
    """Three takes at once, and money for two of them."""
    stories = tuple(
        Story(number=n, plot=Plot.PLAIN, model=_DEAR, at=draw.uniform(0.0, 0.2), person=n % 2)
        for n in range(3)
    )
    return replace(plan, stories=stories, budget_usd=SMALL_BUDGET_USD)


def _away_at_the_outcome(plan: Plan, draw: random.Random) -> Plan:
    """Our token is worth nothing when a render breaks, for hours (D7, E4). One that succeeds has
    its message edited again with its file, which would hide an edit that was given up."""
    state = draw.choice((State.SUBMITTING, State.RUNNING, State.FAILED))
    return replace(
        plan,
        focus=("slack.uninstalled", state.value),
        endings=(Ending.FAILED,),
        heals_at=AWAY_UNTIL_S,
    )


def _called_off_at_the_last_moment(plan: Plan, draw: random.Random) -> Plan:
    """Cancel is pressed as the undo window ends, and the database is slow: between the claim and
    the intent of a submit somebody else is first (D2, D3)."""
    stories = tuple(
        Story(
            number=n,
            plot=Plot.CANCEL,
            model=draw.choice((_FAL, _WORKFLOWS)),
            at=n * draw.uniform(0.0, 2.0),
            pace=draw.uniform(0.4, 0.6),
        )
        for n in range(4)
    )
    return replace(plan, stories=stories, intensities={"db.slow": 10})


def _given_anothers_id(plan: Plan, draw: random.Random) -> Plan:
    """A vendor answers a submit with the id of one that it had accepted before (B10)."""
    model = draw.choice(_MODELS)
    stories = tuple(Story(number=n, plot=Plot.PLAIN, model=model, at=n * 12.0) for n in range(2))
    return replace(plan, stories=stories, forced=(("submit.anothers", 2),))


def _asked_again_in_vain(plan: Plan, draw: random.Random) -> Plan:
    """Slack took a post and its answer is lost; so is the first look for it (E1, E2)."""
    refused = draw.choice(("slack.rate", "slack.unsure_before", "slack.lost_before"))
    forced = ("slack.lost_after", draw.randint(1, 2))
    return replace(plan, forced=(forced,), intensities={refused: 9})


def _shown_out_in_doubt(plan: Plan, draw: random.Random) -> Plan:
    """Slack took a card and its answer is lost; before it is looked for we are removed from the
    channel, and later let in again (E2, E3)."""
    stories = tuple(
        Story(number=n, plot=Plot.PLAIN, model=_FAL, at=n * draw.uniform(0.2, 1.0))
        for n in range(3)
    )
    forced = ("slack.lost_after", 1), ("slack.not_in_channel", draw.randint(2, 4))
    return replace(plan, stories=stories, forced=forced, channels=1)


def _sent_again_at_once(plan: Plan, draw: random.Random) -> Plan:
    """A submit's answer is lost, it is not found yet, and goes out again under its id (B12)."""
    forced = ("submit.lost", 1), ("check.not_found", 1)
    also = {"submit.connect": 1} if draw.random() < AMONG_FAULTS_SHARE else {}
    return _at(replace(plan, forced=forced, intensities={"check.not_found": 3} | also), _RUNWARE)


def _refused_late(plan: Plan, draw: random.Random) -> Plan:
    """A submit is still connecting when the clock goes past its lease; it is looked up by being
    sent again and taken, and then the first call says that nothing was sent (B1, B2, G1)."""
    slow = draw.choice(("submit.slow_connect", "submit.slow_rate"))
    return _at(replace(plan, forced=((slow, 1), ("submit.slow", 1))), draw.choice(_KEYED))


def _refused_when_sent_again(plan: Plan, draw: random.Random) -> Plan:
    """A submit's answer is lost; sent again under its key, its work is refused before anybody looks
    at the key (B3, B12)."""
    forced = ("submit.lost", 1), ("submit.refused", 2)
    return _at(replace(plan, forced=forced), AVATAR)


def _away_for_more_than_a_day(plan: Plan, draw: random.Random) -> Plan:
    """The machine slept, or was off, while a render was made; its network is not back at once (C8,
    G2)."""
    away_s = draw.uniform(1.1, 2.0) * DAY_S
    plan = replace(
        plan,
        intensities={"check.connect": 16},
        crashes=(draw.randint(90, 160),),
        outage_s=away_s,
        heals_at=away_s + AWAY_LOOKED_AT_S,
    )
    if draw.random() < 1 - AMONG_FAULTS_SHARE:
        return plan
    return replace(plan, crashes=(), outage_s=0.0, asleep=((draw.uniform(7.5, 12.0), away_s),))


def _clock_far_ahead_for_a_look(plan: Plan, draw: random.Random) -> Plan:
    """The clock says 2100 while a render is under way, and half a minute later it is right (G1)."""
    since = draw.uniform(7.5, 12.0)
    set_to = (since, CENTURY_S), (since + 30.0, 0.0)
    return replace(plan, clock_set=set_to, endings=(Ending.LATE,), heals_at=4_000.0)


def _shown_for_a_moment(plan: Plan, draw: random.Random) -> Plan:
    """Most messages can't be edited any more when there is something new to show in them (E6)."""
    stories = tuple(
        replace(story, plot=draw.choice((Plot.PLAIN, Plot.REPLY, Plot.CONFIRM, Plot.CANCEL)))
        for story in plan.stories
    )
    refused = draw.choice(("slack.edit_window", "slack.cant_update"))
    ending = draw.choice((Ending.DONE, Ending.FAILED, Ending.LATE))
    return replace(plan, stories=stories, endings=(ending,), intensities={refused: 120})


def _without_storage_for_a_moment(plan: Plan, draw: random.Random) -> Plan:
    """One thing that was done cannot be written down, or kept, at the first try (F1, F5, C11)."""
    forced = draw.choice((("media.io", 1), *((("db.io", draw.randint(10, 120)),) * 3)))
    return replace(plan, forced=(forced,), crashes=())


def _more_than_may_at_once(plan: Plan, draw: random.Random) -> Plan:
    """One person asks for a dozen at once and has three slots (L4)."""
    stories = tuple(
        Story(number=n, plot=Plot.PLAIN, model=draw.choice((_FAL, _RUNWARE)), at=n * 0.1)
        for n in range(draw.randint(7, 12))
    )
    return replace(plan, stories=stories, crashes=(), heals_at=600.0)


def _disk_fails_in_a_batch(plan: Plan, draw: random.Random) -> Plan:
    """Many ask at once, so that many are committed together, and the disk fails in the middle of
    it (F2, F5)."""
    stories = tuple(
        Story(number=n, plot=Plot.PLAIN, model=draw.choice(_MODELS), person=n % 2) for n in range(5)
    )
    return replace(plan, stories=stories, intensities={"db.io": 80}, crashes=())


def _killed_when_all_was_written(plan: Plan, draw: random.Random) -> Plan:
    """A COMMIT fails when all of it is in the files, and we are killed before the next (F5)."""
    story = Story(number=0, plot=draw.choice((Plot.SAME_AGAIN, Plot.PLAIN)), model=_FAL)
    return replace(plan, stories=(story,), intensities={"db.unsure": 120})


def _a_crowd_with_pictures(plan: Plan, _: random.Random) -> Plan:
    """Far more people send a picture than pictures are fetched at once (L4)."""
    stories = tuple(
        Story(number=n, plot=Plot.PICTURE, model=_FAL, at=n * 0.06, person=n % 2, pace=60.0)
        for n in range(CROWD_WITH_PICTURES)
    )
    return replace(plan, stories=stories, crashes=(), budget_usd=100_000)


def _told_to_stop_while_it_sends(plan: Plan, draw: random.Random) -> Plan:
    """A vendor takes its time with a submit, and we are told to stop (I4, L5)."""
    model = draw.choice(_MODELS)
    focus = ("stop", State.SUBMITTING.value)
    return _at(replace(plan, focus=focus, forced=(("submit.slow", 1),), crashes=()), model)


PREDICAMENTS = (
    _a_crowd_with_pictures,
    _told_to_stop_while_it_sends,
    _disk_fails_in_a_batch,
    _killed_when_all_was_written,
    _more_than_may_at_once,
    _without_storage_for_a_moment,
    _shown_for_a_moment,
    _away_for_more_than_a_day,
    _clock_far_ahead_for_a_look,
    _refused_late,
    _refused_when_sent_again,
    _clock_set_during_a_call,
    _not_let_in_yet,
    _called_off_at_the_last_moment,
    _accepted_in_silence,
    _clock_ahead_in_doubt,
    _more_than_there_is,
    _given_anothers_id,
    _clock_set_during_a_call,
    _asked_again_in_vain,
    _sent_again_at_once,
    _shown_out_in_doubt,
    _clock_ahead_in_doubt,
    _clock_set_during_a_call,
    _clock_set_back_for_good,
    _away_at_the_outcome,
    *WANTED,
    *OWN,
)
