"""The quiet answers that one person sees: what was understood, or why nothing was started."""

from __future__ import annotations

from domain.errors import MaybeMeant, NotAllowed, RequestError, StorageUnavailable
from domain.message import Message
from domain.offer import GATEWAY_TITLES
from domain.pricing import Estimate
from domain.selector import Selection
from domain.shot import Page, Take
from handlers import ids
from handlers.views.blocks import (
    PIECE_MAX_CHARS,
    Block,
    actions,
    button,
    context,
    said,
    section,
)
from handlers.views.failure_words import cost_words
from handlers.views.state_words import Phase, phase_of, state_word
from handlers.views.take_words import (
    PROMPT_SHOWN_CHARS,
    at_most,
    gateway_title,
    model_at,
    take_label,
    work_settings,
)
from handlers.views.text import (
    channel_link,
    dotted,
    elapsed_words,
    escape,
    in_code,
    money,
    pieces,
    price,
    quoted,
    shorten,
)

SENTENCE_MAX_CHARS = 500
CAUSE_MAX_CHARS = 200


def started(
    page: Page, request_id: str, *, selection: Selection, asks_first: bool, unheard: bool = False
) -> Message:
    """A command was accepted: its number, what was understood, its price."""
    take = page.take(request_id)
    label, request = take_label(page, take), take.request
    undo_s = request.undo_until - request.created_at
    begins = f"starts in {elapsed_words(undo_s)}" if undo_s > 0 else "starts now"
    news = f"*{label}* waits for your yes" if asks_first else f"*{label}* {begins}"
    offer = selection.offer
    made_by = model_at(offer.model.title, GATEWAY_TITLES[offer.gateway])
    understood = dotted(work_settings(selection.work, made_by), money(selection.estimate))
    if unheard:
        return said(
            f"*{label}* waits: Slack does not let me post here now · {understood}\n"
            "It goes on by itself when Slack does, within a day; nothing is charged before."
        )
    where = "Render it or cancel" if asks_first else "Cancel or edit it"
    return said(f"{news} · {understood}\n{_unusual(selection)}{where} in its thread.")


def _unusual(selection: Selection) -> str:
    """Why it is not made where it usually is: `fal is out of credit, so Veo 3.1 at HeyGen. `"""
    if not selection.cause:
        return ""
    where = GATEWAY_TITLES[selection.offer.gateway]
    cause = shorten(selection.cause, CAUSE_MAX_CHARS)
    return f"{escape(cause)}, so {escape(selection.offer.model.title)} at {where}. "


def refused(error: RequestError) -> Message:
    """Nothing was started: why, and a corrected command to copy, whole however long it is."""
    sentence = escape(shorten(error.sentence, SENTENCE_MAX_CHARS))
    if error.suggestion is None:
        return said(sentence)
    command = in_code(error.suggestion, keep_lines=True)
    if "\n" not in command and len(sentence) + len(command) <= PIECE_MAX_CHARS:
        return said(f"{sentence}\nTry: `{command}`")
    fenced = pieces(error.suggestion.replace("`", "'"), PIECE_MAX_CHARS)
    return said(f"{sentence} Try:", *(section(f"```{piece}```") for piece in fenced))


def maybe_meant(asked: MaybeMeant, estimate: Estimate | None) -> Message:
    """It may be a slip: nothing was started, and a line for either reading."""
    sentence = escape(shorten(asked.sentence, SENTENCE_MAX_CHARS))
    lines = [f"{sentence} Nothing was started.\nTry: `{in_code(asked.suggestion or '')}`"]
    if asked.otherwise is not None:
        cost = f" for {money(estimate)}" if estimate is not None else ""
        shown = quoted(asked.prompt, PROMPT_SHOWN_CHARS)
        lines.append(f"To render {shown}{cost}: `{in_code(asked.otherwise)}`")
    return said("\n".join(lines))


def duplicate(page: Page, request_id: str) -> Message:
    """The same delivery again: it was counted once."""
    label = take_label(page, page.take(request_id))
    return said(f"That is {label} already. Nothing was started twice.")


def unavailable(error: StorageUnavailable | None = None) -> Message:
    """The database cannot commit: the command is not kept anywhere."""
    return said(
        "I can't write things down right now, so nothing was started and nothing is charged."
        " Try again in a minute."
    )


def not_in_channel(
    channel: str, bot_name: str, *, request_id: str | None = None, label: str = ""
) -> Message:
    """Dailies cannot post there. With a request, it is kept and *Start now* goes on with it; what
    its ack promised is taken back."""
    invite = f"`/invite @{in_code(bot_name)}`"
    ask = f"I'm not in {channel_link(channel)} yet, so nothing was started and nothing is charged."
    if request_id is None:
        return said(f"{ask} Type {invite} there, then try again.")
    ask = f"*{label}* does not start yet, although I said so: {ask}" if label else ask
    row = actions([button(ids.START_NOW, "Start now", request_id, style="primary")])
    return said(f"{ask} Type {invite} there, then press Start now; I keep this for 24 hours.", *row)


def dm_between_people() -> Message:
    """A conversation between people is theirs."""
    return said(
        "I don't post between two people. Use a channel that I'm in, or write to me directly:"
        " everything works there."
    )


def not_allowed(error: NotAllowed) -> Message:
    """This person may not do this here."""
    return said(escape(shorten(error.sentence, SENTENCE_MAX_CHARS)))


def unclear(
    prompt: str,
    estimate: Estimate,
    *,
    draft_id: str,
    sentence: str = "",
    is_unmeasured: bool = False,
) -> Message:
    """A reply that may or may not be meant: the merged prompt, and two buttons. `is_unmeasured`:
    its price follows from files that nobody has looked into yet, so the button names none."""
    amount = "price by its length" if is_unmeasured else price(estimate)
    row: list[Block] = [
        button(ids.RENDER_DRAFT, f"Render · {amount}", draft_id, style="primary"),
        button(ids.EDIT_DRAFT, "Edit", draft_id),
    ]
    shown = quoted(prompt, PROMPT_SHOWN_CHARS)
    why = escape(shorten(sentence, SENTENCE_MAX_CHARS)) or "It starts only if you press Render."
    blocks = (section("Should this be the next take?"), section(shown), context(why))
    return Message(
        f"Should this be the next take? {amount if is_unmeasured else money(estimate)}\n{shown}",
        (*blocks, *actions(row)),
    )


def cancelled(page: Page, take: Take) -> Message:
    """What a press on Cancel did, truthfully by where the take was."""
    execution, label = take.execution, take_label(page, take)
    match phase_of(execution):
        case Phase.CANCELLED:
            return said(f"{label} is cancelled · {cost_words(execution)}.")
        case Phase.DONE | Phase.NOT_MADE | Phase.EXPIRED:
            word = state_word(execution).lower()
            return said(f"Too late to cancel {label}: {word} · {cost_words(execution)}.")
        case Phase.CHECKING:
            return said(
                f"{label} {cost_words(execution)}: nobody knows whether"
                f" {gateway_title(execution)} has it, so there is nothing to cancel."
                " I won't start another."
            )
        case _:
            return said(
                f"Cancelling {label}. {gateway_title(execution)} already has it and may still"
                f" charge, {at_most(execution)}. The result is kept, not posted."
            )
