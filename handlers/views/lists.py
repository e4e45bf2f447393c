"""What `/video models | status | show | usage | defaults` answer."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.catalog import CATALOG
from domain.message import Message
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, Offer, estimate
from domain.preferences import Preferences
from domain.ranking import rest_of
from domain.record import Record
from domain.request import Clip
from domain.resolving import DEFAULT_DURATION_S, resolve
from domain.shot import Page, Take
from domain.spoken import Kind
from domain.standing import Standing
from handlers.views.blocks import Block, actions, context, paragraphs, said, section
from handlers.views.card import card_word
from handlers.views.failure_words import cost_words
from handlers.views.state_words import (
    USUAL_RULES,
    HouseRules,
    Phase,
    held_words,
    kept_out_word,
    phase_of,
    state_word,
)
from handlers.views.take_buttons import take_buttons
from handlers.views.take_words import (
    changed_words,
    elapsed_s,
    prompt_line,
    settings,
    take_label,
    thread_money,
)
from handlers.views.text import (
    coarse_s,
    counted,
    dotted,
    elapsed_words,
    in_code,
    mention,
    money,
    quoted,
)

STATUS_TAKES_MAX = 20
SHOW_TAKES_MAX = 20
STATUS_PROMPT_CHARS = 60

_ENDED = frozenset({Phase.DONE, Phase.NOT_MADE, Phase.CANCELLED, Phase.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The workspace's money of one month, and one person's part of it. `untold_micro_usd` of what
    is reserved is for finished videos whose price nobody tells."""

    month: str
    budget_micro_usd: int
    reserved_micro_usd: int
    spent_micro_usd: int
    my_reserved_micro_usd: int
    my_spent_micro_usd: int
    my_takes: int
    untold_micro_usd: int = 0


def models(standing: Standing, preferences: Preferences) -> Message:
    """Every offer whose key is set, what it can do and costs; then what is not there and why."""
    clips = [offer for offer in CATALOG if offer.kind is Kind.CLIP]
    lines = [_offer_line(offer, standing, preferences) for offer in clips]
    shown = [line for line in lines if line]
    here = [offer for offer in clips if offer.gateway in standing.gateways]
    offered = [offer for offer in here if offer.name not in standing.parked]
    everywhere = dict.fromkeys(offer.gateway for offer in CATALOG)
    missing = [GATEWAY_TITLES[name] for name in everywhere if name not in standing.gateways]
    unset = (
        f"No key is set for {' and '.join(missing)}, so their models are not listed."
        if missing
        else ""
    )
    length = preferences.duration_s or DEFAULT_DURATION_S
    rests = filter(None, (rest_of(name, standing) for name in standing.gateways))
    left_alone = " ".join(f"{why} What others offer is made there meanwhile." for why in rests)
    price_note = f"Prices are for {length} s where the length can be chosen."
    note = " ".join(filter(None, (left_alone, price_note, unset)))
    head = f"*{counted(len(offered), 'model')}* · choose one with `--model NAME`"
    return Message(f"{head}\n{note}", (section(head), *paragraphs(shown), context(note)))


def status(pages: Sequence[Page], *, now: float, rules: HouseRules = USUAL_RULES) -> Message:
    """What runs, waits or is looked for, newest first. The caller passes what may be seen."""
    under_way = [(page, take) for page in pages for take in page.takes if _is_open(take)]
    under_way.sort(key=lambda each: each[1].execution.created_at, reverse=True)
    if not under_way:
        return said("Nothing is running or waiting here.")
    head = f"*{counted(len(under_way), 'take')} under way*"
    lines = [_status_lines(page, take, now, rules) for page, take in under_way[:STATUS_TAKES_MAX]]
    if len(under_way) > STATUS_TAKES_MAX:
        lines.append(f"and {len(under_way) - STATUS_TAKES_MAX} older")
    return Message("\n".join((head, *lines[:3])), (section(head), *paragraphs(lines)))


def show(page: Page, *, now: float, take_number: int | None = None) -> Message:
    """A shot with its takes and live buttons: for the newest take, or the one asked for."""
    take = next((each for each in page.takes if each.request.take == take_number), page.latest)
    word = kept_out_word(page, page.latest) or card_word(page)
    head = dotted(f"*{word}*", page.shot.label, mention(page.shot.requester))
    money_line = thread_money(page)
    blocks: list[Block] = [
        section(dotted(head, money_line)),
        *paragraphs(_take_lines(page, now)),
        section(f"*Take {take.request.take}* {prompt_line(take)}"),
        context(dotted(settings(take), cost_words(take.execution))),
        *actions(take_buttons(page, take)),
    ]
    text = dotted(word, page.shot.label, money_line)
    return Message(f"{text}\n{prompt_line(take)}", tuple(blocks))


def usage(used: Usage) -> Message:
    """The month's money by number."""
    taken = used.spent_micro_usd + used.reserved_micro_usd
    left = max(0, used.budget_micro_usd - taken)
    team = dotted(
        f"*{_month(used.month)}*",
        f"spent {as_usd(used.spent_micro_usd)}",
        f"reserved {as_usd(used.reserved_micro_usd)}",
        f"left {as_usd(left)} of {as_usd(used.budget_micro_usd)}",
    )
    mine = dotted(
        f"You: {counted(used.my_takes, 'take')}",
        f"spent {as_usd(used.my_spent_micro_usd)}",
        f"reserved {as_usd(used.my_reserved_micro_usd)}",
    )
    why = "Reserved is what runs now, and what may have been charged without anybody saying so."
    return said(f"{team}\n{mine}", context(f"{why}{_untold(used)}"))


def _untold(used: Usage) -> str:
    """Why money stays reserved although nothing runs."""
    if not used.untold_micro_usd:
        return ""
    return (
        f" Of it {as_usd(used.untold_micro_usd)} is for finished videos whose price the vendor"
        " never tells: it is kept as the most they can have cost, until the month ends."
    )


def defaults(preferences: Preferences) -> Message:
    """What this channel uses where a person says nothing."""
    chosen = dotted(
        f"model {preferences.model or 'the house default'}",
        f"ratio {preferences.aspect_ratio or 'the image’s nearest, else 16:9'}",
        f"{preferences.duration_s or DEFAULT_DURATION_S} s",
        f"avatar {in_code(preferences.avatar)}" if preferences.avatar else "",
    )
    rules = dotted(
        f"free to cancel for {elapsed_words(preferences.undo_command_s)}"
        f" ({elapsed_words(preferences.undo_reply_s)} after a reply)",
        f"asked first above {as_usd(preferences.confirm_above_micro_usd)}",
        f"{preferences.person_slots} at once a person, {preferences.workspace_slots} in all",
        f"{preferences.person_waiting} waiting a person, {preferences.workspace_waiting} in all",
    )
    change = "Change: `/video defaults --model veo_3_1 --aspect 9:16 --duration 5`, or `reset`."
    return said(f"*Defaults here* · {chosen}\n{rules}", context(change))


def _month(month: str) -> str:
    """`November 2026` from `2026-11`."""
    year, number = month.split("-")
    return f"{month_name[int(number)]} {year}"


def _offer_line(offer: Offer, standing: Standing, preferences: Preferences) -> str:
    """One offer; nothing for a gateway without a key."""
    if offer.gateway not in standing.gateways:
        return ""
    name = f"`{offer.model.name}` {offer.model.title} at {GATEWAY_TITLES[offer.gateway]}"
    if offer.name in standing.parked:
        return f"{name} · parked: {GATEWAY_TITLES[offer.gateway]} stopped offering it"
    clip = resolve(Clip(prompt="any"), offer, preferences)
    is_default = " · default here" if preferences.model == offer.model.name else ""
    line = f"{dotted(name, money(estimate(offer, clip)), *_abilities(offer))}{is_default}"
    measured = _measured(standing.record(offer.name), standing.now)
    return f"{line}\n    {measured}" if measured else line


_FAILED = {"credits": "out of credit", "config": "our key refused"}


def _measured(record: Record, now: float) -> str:
    """What our own executions say: how long, how often it worked, what went wrong last."""
    seconds = sorted(record.durations_s)
    tried = record.successes + record.failures
    if not seconds and not tried:
        return ""
    took = ""
    if seconds:
        p50, p90 = (
            seconds[len(seconds) // 2],
            seconds[min(len(seconds) - 1, len(seconds) * 9 // 10)],
        )
        took = f"usually {elapsed_words(round(p50))}, 9 of 10 within {elapsed_words(round(p90))}"
    worked = f"{record.successes / tried:.0%} of the latest worked" if tried else ""
    failed = ""
    if record.last_failure is not None and record.last_failure_at is not None:
        ago = elapsed_words(max(1, round(now - record.last_failure_at)))
        words = _FAILED.get(record.last_failure, record.last_failure.replace("_", " "))
        failed = f"last failure {ago} ago: {words}"
    return dotted(took, worked, failed)


def _abilities(offer: Offer) -> Iterator[str]:
    limits = offer.limits
    if limits.durations_s:
        yield f"{limits.durations_s[0]}–{limits.durations_s[-1]} s"
    yield ", ".join(limits.aspect_ratios)
    if limits.resolutions:
        yield f"{limits.resolutions[0]}–{limits.resolutions[-1]}"
    able = {
        "image": limits.reference_image,
        "last frame": limits.tail_image,
        "sound": limits.sound,
        "seed": limits.seed,
    }
    yield ", ".join(ability for ability, is_there in able.items() if is_there)


def _is_open(take: Take) -> bool:
    """Whether something still happens to it by itself."""
    phase = phase_of(take.execution)
    if phase is Phase.CHECKING:
        return take.execution.due_at is not None
    return phase not in _ENDED


def _status_lines(page: Page, take: Take, now: float, rules: HouseRules) -> str:
    elapsed = coarse_s(elapsed_s(take, now))
    first = dotted(
        f"*{take_label(page, take)}*",
        kept_out_word(page, take) or state_word(take.execution, now),
        elapsed_words(elapsed) if elapsed else "",
        mention(take.request.requester),
        cost_words(take.execution),
    )
    prompt = quoted(take.execution.work.said, STATUS_PROMPT_CHARS)
    return "\n".join(filter(None, (first, held_words(take.execution, rules), prompt)))


def _take_lines(page: Page, now: float) -> Iterator[str]:
    """A line a take, newest last; of a long thread the newest."""
    if len(page.takes) > SHOW_TAKES_MAX:
        yield f"{len(page.takes) - SHOW_TAKES_MAX} older takes are not listed."
    for take in page.takes[-SHOW_TAKES_MAX:]:
        approved = "approved" if take.request.id == page.shot.approved else ""
        yield dotted(
            f"Take {take.request.take}",
            kept_out_word(page, take) or state_word(take.execution, now),
            approved,
            changed_words(take),
            cost_words(take.execution),
        )
