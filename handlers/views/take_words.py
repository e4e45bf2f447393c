"""What there is to say about a take besides its state: its name, its settings, its price."""

from __future__ import annotations

from typing import assert_never

from domain.catalog import offer_named
from domain.errors import FailureClass
from domain.execution import Execution, State
from domain.finding import folded_name
from domain.measuring import is_unmeasured
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, Offer
from domain.pricing import Estimate
from domain.request import Clip, Work
from domain.shot import Page, Take, Video, money_of
from domain.spoken import Agent, Avatar, Template, Translation
from handlers.views.text import counted, dotted, escape, in_code, money, quoted, shorten

PROMPT_SHOWN_CHARS = 200
CHANGED_SHOWN_CHARS = 150

UNCHANGED = ("again",)  # what is written down for a variation, or for trying again


def take_label(page: Page, take: Take) -> str:
    """`V-142 take 1`."""
    return f"{page.shot.label} take {take.request.take}"


def prompt_line(take: Take) -> str:
    """The prompt as it is rendered, in quotes, shortened."""
    return quoted(take.execution.work.said, PROMPT_SHOWN_CHARS)


def prompt_is_long(take: Take) -> bool:
    """Whether a message shows less than the whole prompt."""
    return len(take.execution.work.said) > PROMPT_SHOWN_CHARS


def changed_words(take: Take) -> str:
    """`changed: night, 16:9 → 9:16`, or nothing for a first take."""
    if not take.request.changed:
        return ""
    if (said_before := _conversation_words(take)) is not None:
        return said_before
    if take.request.changed == UNCHANGED:
        return "once more"
    return f"changed: {in_code(shorten(', '.join(take.request.changed), CHANGED_SHOWN_CHARS))}"


def _conversation_words(take: Take) -> str | None:
    """Of the next message of a conversation: whether it went on. None for any other take."""
    asked, made = take.request.work, take.execution.work
    if not isinstance(asked, Agent) or asked.continues is None or not isinstance(made, Agent):
        return None
    if made.continues is not None:
        return "goes on with the conversation"
    return "a new session: the conversation could not go on"


def settings(take: Take) -> str:
    """`Seedance 2.0 at fal · 5 s · 9:16 · 720p · sound`: everything but the price."""
    made_by = model_at(model_title(take.execution), gateway_title(take.execution))
    return work_settings(take.execution.work, made_by)


def model_at(model: str, gateway: str) -> str:
    """`Veo 3.1 at fal`: three gateways have it. `HeyGen Avatar` says it already."""
    return model if gateway in model else f"{model} at {gateway}"


def work_settings(work: Work, made_by: str) -> str:
    """The settings of resolved work, in the order that people think of them."""
    return dotted(
        made_by,
        f"{work.duration_s} s" if work.duration_s else "",
        work.aspect_ratio or "",
        work.resolution or "",
        *_own_settings(work),
    )


def _own_settings(work: Work) -> tuple[str, ...]:
    """What only this kind of video has."""
    match work:
        case Clip():
            return _clip_settings(work)
        case Avatar():
            return (
                counted(len(work.scenes), "scene") if len(work.scenes) > 1 else "",
                escape(work.called(work.scenes[0].avatar)),
                _voice_words(work),
                "transparent" if work.transparent else "",
                "captions" if work.captions else "",
                "test" if work.test else "",
            )
        case Agent():
            return (
                escape(work.called(work.avatar)),
                escape(work.called(work.style)),
                counted(work.results, "result") if work.results > 1 else "",
                "conversation" if work.chat else "",
            )
        case Translation():
            return (escape(work.language), "sound only" if work.sound_only else "")
        case Template():
            return (escape(work.called(work.template)), counted(len(work.variables), "variable"))
        case _:
            assert_never(work)


def _voice_words(work: Avatar) -> str:
    """`voice Paul - Natural`, where it is not of the name of who is seen: nobody should be
    surprised by who speaks."""
    scene = work.scenes[0]
    voice = work.names.get(scene.voice.name or "")
    if voice is None or _first_name(voice) == _first_name(work.called(scene.avatar)):
        return ""
    return f"voice {escape(voice)}"


def _first_name(name: str) -> str:
    return folded_name(name).partition(" ")[0]


def _clip_settings(clip: Clip) -> tuple[str, ...]:
    return (
        {True: "sound", False: "no sound", None: ""}[clip.sound],
        _pictures(clip),
        f"seed {clip.seed}" if clip.seed is not None else "",
        counted(clip.results, "result") if clip.results > 1 else "",
        clip.file_format.upper() if clip.file_format else "",
        f"{counted(len(clip.config), 'extra setting')}" if clip.config else "",
    )


def estimate_of(execution: Execution) -> Estimate:
    """What was estimated for it."""
    return Estimate(execution.estimate_micro_usd, execution.is_ceiling)


def at_most(execution: Execution) -> str:
    """`up to $1.52`: what may have been charged where nobody knows."""
    return f"up to {as_usd(execution.reserved_micro_usd or execution.estimate_micro_usd)}"


def model_title(execution: Execution) -> str:
    """`Seedance 2.0`, also for an offer that is gone from the catalog."""
    return offer_model_title(execution.offer)


def offer_model_title(name: str) -> str:
    """The model of an offer by its name, `seedance_2_0@fal`."""
    offer = _offer(name)
    return offer.model.title if offer else escape(name.partition("@")[0])


def gateway_title(execution: Execution) -> str:
    """`fal`, as its maker writes it."""
    offer = _offer(execution.offer)
    return GATEWAY_TITLES[offer.gateway] if offer else escape(execution.offer.partition("@")[2])


def thread_money(page: Page) -> str:
    """`thread $3.04`; `thread up to $5.52` while some of it is only reserved; nothing for zero."""
    total = sum(money_of(take.execution) for take in page.takes)
    if total == 0:
        return ""
    is_known = all(
        take.execution.billed_micro_usd is not None or take.execution.reserved_micro_usd == 0
        for take in page.takes
    )
    return f"thread {'' if is_known else 'up to '}{as_usd(total)}"


def results_words(take: Take) -> str:
    """`3 results`, `2 of 3 results` where some did not come; nothing for the usual one."""
    if take.results == 1:
        return ""
    if not take.videos or len(take.videos) == take.results:
        return counted(take.results, "result")
    return f"{len(take.videos)} of {counted(take.results, 'result')}"


def unmade_words(take: Take) -> str:
    """`Runware broke off the other one; it costs nothing`, where only some were made."""
    result = take.execution.result
    if result is None or not result.failures:
        return ""
    missing = len(result.failures)
    which = "the other one" if missing == 1 else f"the other {missing}"
    is_refused = any(each.kind is FailureClass.REFUSED_CONTENT for each in result.failures)
    did = "refused" if is_refused else "broke off"
    words = f"{gateway_title(take.execution)} {did} {which}"
    if any(each.billed is not False for each in result.failures):
        return f"{words}."
    return f"{words}; {'it costs' if missing == 1 else 'they cost'} nothing."


def result_words(take: Take, video: Video) -> str:
    """`result 2 of 3`; nothing for the only one."""
    return f"result {video.number} of {take.results}" if take.results > 1 else ""


def elapsed_s(take: Take, now: float) -> float:
    """Seconds since it was sent, until it ended or until now."""
    execution = take.execution
    if execution.submitted_at is None:
        return 0.0
    return (execution.ended_at or now) - execution.submitted_at


def estimated(execution: Execution) -> str:
    """`about $1.52`; a file that nobody has looked into yet may last as long as files may."""
    words = money(estimate_of(execution))
    is_open = execution.state is State.PREPARING and is_unmeasured(execution.work)
    return f"{words} until its length is known" if is_open else words


def _offer(name: str) -> Offer | None:
    try:
        return offer_named(name)
    except KeyError:
        return None


def _pictures(clip: Clip) -> str:
    if clip.reference_image is None:
        return ""
    return "first and last frame given" if clip.tail_image is not None else "from an image"
