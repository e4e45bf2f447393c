"""The one message of a take, from its first word to its outcome: rendered whole from state."""

from __future__ import annotations

from domain.execution import ENDED
from domain.measuring import is_unmeasured
from domain.message import Message
from domain.money import as_usd
from domain.offer import offer_gateway_title
from domain.request import Clip
from domain.schedule import Durations
from domain.shot import Page, Take
from handlers.views.blocks import actions, context, section
from handlers.views.failure_words import cost_words, reason
from handlers.views.state_words import (
    UNPAID_PHASES,
    USUAL_RULES,
    HouseRules,
    Phase,
    phase_of,
    progress_line,
    state_word,
)
from handlers.views.take_buttons import is_overdue, take_buttons
from handlers.views.take_words import (
    at_most,
    changed_words,
    elapsed_s,
    estimated,
    gateway_title,
    model_title,
    offer_model_title,
    prompt_line,
    results_words,
    settings,
    take_label,
    thread_money,
    unmade_words,
)
from handlers.views.text import dotted, elapsed_words, escape, mention, shorten

LATE_ARRIVAL = "arrived late, not charged again"
SENTENCE_SHOWN_CHARS = 300

# Phases whose first line says what it costs: there, money is the news.
_COST_IN_HEAD = frozenset({Phase.NOT_MADE, Phase.CANCELLED, Phase.EXPIRED, Phase.CHECKING})


def render_take(
    page: Page, take: Take, *, now: float, durations: Durations, rules: HouseRules = USUAL_RULES
) -> Message:
    """The take's message now. The same state, rounded time and price give the same message."""
    phase = phase_of(take.execution)
    word = state_word(take.execution, now)
    line = _line(page, take, phase, now) or progress_line(
        take, now=now, durations=durations, rules=rules
    )
    head = dotted(f"*{word}*", *_head(page, take, phase))
    blocks = (
        section(f"{head}\n{line}" if line else head),
        section(prompt_line(take)),
        context(_facts(take, phase)),
        *actions(take_buttons(page, take)),
    )
    return Message(_fallback(page, take, word, line), blocks)


def came_late(take: Take) -> bool:
    """Whether it was told as late or uncertain before it was done."""
    return take.outcome is not None and take.outcome.revised_at is not None


def billed_words(take: Take) -> str:
    """`Billed $1.52 (estimate $1.52)`, or that the vendor does not say."""
    execution = take.execution
    estimate = f"estimate {estimated(execution)}".replace("about ", "")
    if execution.billed_micro_usd is None:
        return f"Cost not told, {at_most(execution)}"
    told = execution.result is not None and execution.result.billed_micro_usd is not None
    verb = "Billed" if told else "Calculated"
    return f"{verb} {as_usd(execution.billed_micro_usd)} ({estimate})"


def _head(page: Page, take: Take, phase: Phase) -> list[str]:
    head = [take_label(page, take), mention(take.request.requester), changed_words(take)]
    if phase in _COST_IN_HEAD:
        head.append(cost_words(take.execution))
    return head


def _line(page: Page, take: Take, phase: Phase, now: float) -> str:
    """The second line of an ending; empty before."""
    if phase is not Phase.DONE:
        return reason(take.execution)
    thread = thread_money(page) if len(page.takes) > 1 else ""
    line = dotted(
        results_words(take) if len(take.videos) < take.results else "",
        billed_words(take),
        f"made in {elapsed_words(elapsed_s(take, now))}",
        LATE_ARRIVAL if came_late(take) else "",
        thread,
    )
    if unmade := unmade_words(take):
        line += f"\n{unmade}"
    if page.shot.approved == take.request.id and page.shot.approved_by:
        line += f"\n*Approved* by {mention(page.shot.approved_by)}"
    if is_overdue(take, now):
        line += "\nSlack has not shown the file yet. It is safe here: choose Upload again (⋯)."
    return line


def _facts(take: Take, phase: Phase) -> str:
    """Settings and estimate; while it can still be changed also why this model."""
    if phase is Phase.DONE or phase in _COST_IN_HEAD:
        return dotted(settings(take), _roundabout(take, phase))
    facts = dotted(settings(take), estimated(take.execution))
    if not take.sentence or (phase not in UNPAID_PHASES and not take.tried):
        return facts
    was_measured = is_unmeasured(take.request.work) and not is_unmeasured(take.execution.work)
    if was_measured and not take.tried:
        return facts  # the sentence was written with the price of the longest file there can be
    return f"{facts}\n{escape(shorten(take.sentence, SENTENCE_SHOWN_CHARS))}{_guessed(take)}"


def _roundabout(take: Take, phase: Phase) -> str:
    """Where it was made in the end, if not where it was sent first; of one that was not made,
    where it was tried. Nothing where it began anew in the same place."""
    made, first = take.execution.offer, next(iter(take.tried), take.execution.offer)
    if made == first:
        return ""
    if phase is not Phase.DONE:
        return _tries(take)
    if made.partition("@")[2] != first.partition("@")[2]:
        return f"made at {gateway_title(take.execution)}, not {offer_gateway_title(first)}"
    return f"made with {model_title(take.execution)}, not {offer_model_title(first)}"


def _tries(take: Take) -> str:
    """`tried: Seedance 2.0 at fal, Veo 3.1 at fal`, with the last only if it was sent."""
    last = () if take.execution.submitted_at is None else (take.execution.offer,)
    places = dict.fromkeys((*take.tried, *last))
    told = (f"{offer_model_title(each)} at {offer_gateway_title(each)}" for each in places)
    return f"tried: {', '.join(told)}"


def _guessed(take: Take) -> str:
    """What was guessed for the person is said, so that it can be undone."""
    work = take.request.work
    if not isinstance(work, Clip) or work.aspect_ratio or work.reference_image is None:
        return ""
    return " The ratio is the image's nearest." if work.reference_image.width_px else ""


def _fallback(page: Page, take: Take, word: str, line: str) -> str:
    """For notifications and screen readers: state, price and prompt without the blocks."""
    first = dotted(word, take_label(page, take), cost_words(take.execution))
    return "\n".join(filter(None, (first, line, _instead(take), prompt_line(take))))


def _instead(take: Take) -> str:
    """What became of the first try, where another one followed."""
    if not take.tried:
        return ""
    if take.execution.state in ENDED:
        return _roundabout(take, phase_of(take.execution))
    return escape(shorten(take.sentence, SENTENCE_SHOWN_CHARS))
