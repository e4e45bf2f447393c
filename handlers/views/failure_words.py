"""Why there is no video, what it cost, and what to do: our own sentences, never a vendor's text."""

from __future__ import annotations

from typing import assert_never

from domain.errors import Failure, FailureClass
from domain.execution import Execution
from domain.file_limits import UNFIT_FILE
from domain.money import as_usd
from domain.request import REFERENCE_IMAGE
from domain.spoken import CONTINUES, QUESTION, Agent
from domain.submitting import looked_up_until
from handlers.views.state_words import Phase, phase_of
from handlers.views.take_words import at_most, estimated, gateway_title, model_title
from handlers.views.text import escape, local_moment, quoted

_FIELD_WORDS = {
    "prompt": "the prompt",
    "model": "the model",
    "aspect_ratio": "the aspect ratio",
    "duration_s": "the length",
    "resolution": "the resolution",
    "seed": "the seed",
    "sound": "the sound",
    "reference_image": "the image",
    "tail_image": "the last frame",
    "config": "a --config value",
    "transparent": "a transparent background with this avatar",
    "recording": "the recording",
    "source": "the video",
}
QUESTION_SHOWN_CHARS = 300
PICTURE_FIELDS = frozenset({"reference_image", "tail_image"})


def cost_words(execution: Execution) -> str:
    """The price as it stands: an estimate, what was billed, or what may have been charged."""
    match phase_of(execution):
        case Phase.CHECKING:
            return f"may have been charged, {at_most(execution)}"
        case Phase.NOT_MADE | Phase.EXPIRED:
            return _cost_of_nothing(execution)
        case Phase.CANCELLED:
            return _cost_of_cancelled(execution)
        case Phase.DONE:
            billed = execution.billed_micro_usd
            return at_most(execution) if billed is None else as_usd(billed)
        case _:
            return estimated(execution)


def may_be_charged(execution: Execution) -> bool:
    """Whether money may be gone although nobody can say so: another try may pay twice."""
    if execution.submitted_at is None or execution.billed_micro_usd is not None:
        return False
    match phase_of(execution):
        case Phase.CHECKING | Phase.LATE | Phase.EXPIRED | Phase.CANCELLED | Phase.NOT_MADE:
            return execution.failure is None or execution.failure.billed is None
        case _:
            return False


def reason(execution: Execution) -> str:
    """What happened and what to do, in one or two sentences."""
    where = gateway_title(execution)
    match phase_of(execution):
        case Phase.CHECKING:
            return _doubt(execution, where)
        case Phase.EXPIRED:
            return _expired(execution, where)
        case Phase.CANCELLED:
            return _cancelled(execution, where)
        case Phase.NOT_MADE:
            failure = execution.failure or Failure(kind=FailureClass.DRIFT)
            return failure_sentence(execution, failure)
        case _:
            return ""


def failure_sentence(execution: Execution, failure: Failure) -> str:
    """One failure class in words; every class says what to press or whom to ask."""
    where, model = gateway_title(execution), model_title(execution)
    match failure.kind:
        case FailureClass.CONFIG:
            return f"{where} does not accept this bot's key. Try again once an admin has mended it."
        case FailureClass.CREDITS:
            return f"The {where} account is out of money. Try again once an admin has topped it up."
        case FailureClass.RATE:
            return f"{where} is too busy. Try again in a few minutes."
        case FailureClass.REFUSED_CONTENT:
            return _refused(execution, failure.field, model)
        case FailureClass.BAD_INPUT if failure.field == QUESTION:
            return _question(execution, failure)
        case FailureClass.BAD_INPUT if failure.field == CONTINUES:
            return f"{where} cannot go on with that conversation. Ask for it anew with Edit."
        case FailureClass.BAD_INPUT if failure.field == UNFIT_FILE:
            return f"{escape(failure.detail)} Post another one."
        case FailureClass.BAD_INPUT:
            named = _FIELD_WORDS.get(failure.field or "", "one of the settings")
            return f"{where} can't use {named}. Change it and render again."
        case FailureClass.TRANSIENT:
            return _broke(execution, failure, where)
        case FailureClass.UNCERTAIN:
            return _doubt(execution, where)
        case FailureClass.GONE:
            return f"{where} no longer offers {model}. Choose another model with Edit."
        case FailureClass.DRIFT:
            return f"{where} answered in a way I can't read. Details has what an admin needs."
        case FailureClass.STOPPED:
            return "It was cancelled."
        case FailureClass.UNCONFIRMED:
            return "Nobody said yes to its price within a day, so I did not start it."
        case FailureClass.UNFETCHED:
            return f"{where} made it, but what it handed out can't be used. I won't start another."
        case FailureClass.OURS:
            return "Something broke in the bot, not in your words. Nothing was sent: try again."
        case FailureClass.NO_PLACE:
            return "Slack did not let me post about it, so I did not start it."
        case _:
            assert_never(failure.kind)


def _question(execution: Execution, failure: Failure) -> str:
    """The agent's own words, because nobody else can say what it asks; and how to answer."""
    asked = f"The agent asks: {quoted(failure.detail, QUESTION_SHOWN_CHARS)}"
    if isinstance(execution.work, Agent) and execution.work.chat:
        return (
            f"{asked}\nReply in this thread with your answer. A button shows its price first; with"
            " a mention of me in the reply it goes on at once."
        )
    return (
        f"{asked}\nIts session takes no answer. Reply in this thread all the same: I make a new"
        " video from both, and a button shows its price first."
    )


def _cost_of_nothing(execution: Execution) -> str:
    if execution.billed_micro_usd:
        return f"charged {as_usd(execution.billed_micro_usd)}"
    if execution.failure is not None and execution.failure.billed:
        return f"charged, {at_most(execution)}"
    if may_be_charged(execution):
        return f"may have been charged, {at_most(execution)}"
    return "not charged"


def _cost_of_cancelled(execution: Execution) -> str:
    if execution.billed_micro_usd:
        return f"charged {as_usd(execution.billed_micro_usd)}"
    if not may_be_charged(execution):
        return "nothing charged"
    return f"may still be charged, {at_most(execution)}"


def _refused(execution: Execution, field: str | None, model: str) -> str:
    match field:
        case "prompt":
            return f"{model} refused the words. Change them; the same words are refused again."
        case "reference_image":
            return f"{model} refused the image, not your words. Retrying won't help."
        case "tail_image":
            return f"{model} refused the last frame, not your words. Retrying won't help."
        case "output":
            return f"{model} made it, then withheld it. Say it in other words."
    if REFERENCE_IMAGE in execution.work.media:
        return f"{model} won't make this: the words or the image, it does not say. Change one."
    return f"{model} won't make this. Say it in other words; the same words are refused again."


def _broke(execution: Execution, failure: Failure, where: str) -> str:
    if execution.submitted_at is None:
        return f"{where} could not be reached. Try again; nothing was sent."
    if failure.billed is False:
        return f"{where} broke off. Your words are fine: try again."
    return f"{where} broke off and does not say whether it charges. I won't start another."


def _doubt(execution: Execution, where: str) -> str:
    """How long it is looked for; where nothing is due, only the vendor's own page can tell."""
    unclear = f"{where} gave no clear answer. I won't start another"
    if execution.due_at is None:
        return f"{unclear}; {where}'s own history shows whether it ran."
    until = local_moment(looked_up_until(execution))
    return f"{unclear}; I keep looking until {until} and tell it here if it ran."


def _expired(execution: Execution, where: str) -> str:
    if execution.failure is not None and execution.failure.billed:
        return f"{where} made it, but its file could not be fetched for a day. I stopped trying."
    return f"Nothing came from {where} in a day. I stopped looking and started no other."


def _cancelled(execution: Execution, where: str) -> str:
    if not may_be_charged(execution) and not execution.billed_micro_usd:
        return "It was stopped before it cost anything."
    if execution.result is not None:
        return "It was already made. The result is kept, not posted."
    return f"It was already at {where}, which may still charge. A result is kept, not posted."
