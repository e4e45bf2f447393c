"""The card: the one channel message of a shot, its summary, edited in place.

It shows no clock, so it is edited when something happened and not because time passed.
"""

from __future__ import annotations

from domain.message import Message
from domain.shot import Page, Take
from handlers.views.blocks import actions, context, picture, section
from handlers.views.failure_words import cost_words
from handlers.views.state_words import Phase, phase_of, state_word
from handlers.views.take_buttons import take_buttons
from handlers.views.take_words import (
    changed_words,
    prompt_line,
    settings,
    thread_money,
)
from handlers.views.text import counted, dotted, mention


def render_card(page: Page, *, now: float, thumbnail_file_id: str | None = None) -> Message:
    """The card now. `thumbnail_file_id` is an image file's id in Slack, never the video's."""
    take = page.latest
    word = card_word(page)
    label = page.shot.label
    thumbnail = None
    if thumbnail_file_id is not None:
        thumbnail = picture(thumbnail_file_id, f"First frame of {label} take {take.request.take}")
    blocks = (
        section(dotted(f"*{word}*", label, mention(page.shot.requester))),
        section(prompt_line(take), accessory=thumbnail),
        context(_latest(page, take)),
        context(_thread(page)),
        *actions(take_buttons(page, take)),
    )
    text = "\n".join((dotted(word, label, cost_words(take.execution)), prompt_line(take)))
    return Message(text, blocks)


def card_word(page: Page) -> str:
    """The newest take's state, or that a take is approved and nothing newer is under way."""
    approved = _approved(page)
    if approved is not None and phase_of(page.latest.execution) is Phase.DONE:
        return f"Approved: take {approved.request.take}"
    return state_word(page.latest.execution)


def _latest(page: Page, take: Take) -> str:
    other = take.request.requester != page.shot.requester
    by = f" by {mention(take.request.requester)}" if other else ""
    return dotted(
        f"Take {take.request.take}{by}",
        changed_words(take),
        settings(take),
        cost_words(take.execution),
    )


def _thread(page: Page) -> str:
    approved = _approved(page)
    by = page.shot.approved_by
    return dotted(
        counted(len(page.takes), "take"),
        thread_money(page) or "nothing charged so far",
        f"take {approved.request.take} approved by {mention(by)}" if approved and by else "",
        "reply in the thread for the next take",
    )


def _approved(page: Page) -> Take | None:
    return next((take for take in page.takes if take.request.id == page.shot.approved), None)
