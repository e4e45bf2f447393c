"""What is said once: with the finished file, to the channel, and to the person who is waiting."""

from __future__ import annotations

from domain.message import Message
from domain.money import as_usd
from domain.ports import PREVIEW_MAX_S
from domain.shot import Page, Take, Video
from handlers.views.blocks import said
from handlers.views.failure_words import cost_words, reason
from handlers.views.state_words import (
    USUAL_RULES,
    HouseRules,
    Phase,
    held_words,
    is_asked,
    late_words,
    phase_of,
    state_word,
)
from handlers.views.take_message import LATE_ARRIVAL, came_late
from handlers.views.take_words import (
    at_most,
    gateway_title,
    prompt_line,
    result_words,
    results_words,
    take_label,
)
from handlers.views.text import dotted, link, mention


def file_comment(page: Page, take: Take, video: Video) -> str:
    """The file's own message: the only place where a finished take mentions its requester, with
    the first of its results."""
    if take.video is not None and video.number != take.video.number:
        return dotted(take_label(page, take), result_words(take, video))
    done = f"{mention(take.request.requester)} {take_label(page, take)} is done"
    return dotted(
        done,
        results_words(take),
        _paid(take),
        _length(take),
        _shape(take),
        LATE_ARRIVAL if came_late(take) else "",
        _captions_words(take),
    )


def _captions_words(take: Take) -> str:
    """Where captions were asked for and are not where they belong."""
    execution = take.execution
    if execution.captions_key == "":
        return f"without its captions: {gateway_title(execution)} gave none that I could fetch"
    if execution.result is not None and execution.result.is_plain:
        return f"its captions are a file beside it: {gateway_title(execution)} wrote none into it"
    return ""


def file_name(page: Page, take: Take, video: Video) -> str:
    """`V-142_take2_9x16.mp4`, `…_1.mp4` where there are several: nothing in it comes from people
    or vendors."""
    shape = f"_{_shape(take).replace(':', 'x')}" if _shape(take) else ""
    number = f"_{video.number}" if take.results > 1 else ""
    return f"{page.shot.label}_take{take.request.take}{shape}{number}.{video.extension}"


def file_title(page: Page, take: Take, video: Video) -> str:
    """The title that Slack shows above the player."""
    return dotted(take_label(page, take), _shape(take), result_words(take, video))


def preview_name(name: str) -> str:
    """`V-142_take2_16x9_preview.mp4`, beside the transparent `V-142_take2_16x9.webm`."""
    return f"{name.rpartition('.')[0]}_preview.mp4"


def preview_title(page: Page, take: Take) -> str:
    """The title that Slack shows above the player."""
    return dotted(take_label(page, take), "preview over a plain colour")


def captions_name(name: str, captions_key: str) -> str:
    """`V-142_take2_16x9.srt`, beside the film of the same name, so that players find it."""
    return f"{name.rpartition('.')[0]}.{captions_key.rpartition('.')[2]}"


def captions_title(page: Page, take: Take) -> str:
    """The title that Slack shows above the file."""
    return dotted(take_label(page, take), "captions")


def preview_comment(page: Page, take: Take, video: Video) -> str:
    """What it is, and what it is not."""
    is_whole = video.duration_s <= PREVIEW_MAX_S
    what = "preview" if is_whole else f"preview of the first {PREVIEW_MAX_S:g} s"
    return (
        f"{take_label(page, take)}: a {what} over a plain colour, because Slack does not show"
        " what is transparent. The file to use is the WebM above."
    )


def broadcast(page: Page, take: Take, permalink: str | None = None) -> Message:
    """The one reply that the channel sees: a take is done or, if it is the approved one, that."""
    label, by = take_label(page, take), page.shot.approved_by
    is_approved = page.shot.approved == take.request.id and by is not None
    news = f"{label} is approved by {mention(by)}" if is_approved and by else f"{label} is done"
    watch = link(permalink, "watch it") if permalink else "it is in this thread"
    first = dotted(news, results_words(take), _length(take), _shape(take), watch)
    return said(f"{first}\n{prompt_line(take)}")


def ping(page: Page, take: Take, rules: HouseRules = USUAL_RULES) -> Message:
    """A line in the thread for the requester: it ended without a video, or waits for a yes."""
    execution = take.execution
    who, label = mention(take.request.requester), take_label(page, take)
    cost = cost_words(execution)
    why = reason(execution) or held_words(execution, rules)
    match phase_of(execution):
        case Phase.NOT_MADE if is_asked(execution):
            news = f"{label} needs an answer · {cost}"
        case Phase.NOT_MADE:
            news = f"{label} was not made · {cost}"
        case Phase.LATE:
            news, why = f"{label} is late · {cost}", late_words(execution)
        case Phase.CHECKING:
            news = f"{label} {cost}"
        case Phase.EXPIRED:
            news = f"{label} has expired · {cost}"
        case _:
            news = f"{label}: {state_word(execution).lower()} · {cost}"
    return said("\n".join(filter(None, (f"{who} {news}", why))))


def _paid(take: Take) -> str:
    billed = take.execution.billed_micro_usd
    return at_most(take.execution) if billed is None else as_usd(billed)


def _length(take: Take) -> str:
    if take.video is not None:
        return f"{round(take.video.duration_s, 1):g} s"
    return f"{take.execution.work.duration_s} s" if take.execution.work.duration_s else ""


def _shape(take: Take) -> str:
    """The ratio that was rendered, else the pixels of what came."""
    if take.execution.work.aspect_ratio is not None:
        return take.execution.work.aspect_ratio.value
    return f"{take.video.width_px}:{take.video.height_px}" if take.video else ""
