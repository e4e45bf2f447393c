"""*Details* and *Full prompt*: everything there is to know of a take, vendor's names included."""

from __future__ import annotations

import json
from collections.abc import Iterator

from domain.execution import Execution
from domain.money import as_usd
from domain.request import Clip
from domain.shot import Page, Take, Video
from handlers.views.blocks import (
    PIECE_MAX_CHARS,
    Block,
    View,
    modal,
    paragraphs,
    section,
)
from handlers.views.failure_words import cost_words
from handlers.views.state_words import state_word
from handlers.views.take_words import (
    changed_words,
    estimate_of,
    result_words,
    settings,
    take_label,
)
from handlers.views.text import (
    dotted,
    elapsed_words,
    in_code,
    local_moment,
    mention,
    pieces,
    price,
    shorten,
)

ID_SHOWN_CHARS = 200
DETAIL_SHOWN_CHARS = 300
CONFIG_SHOWN_CHARS = 500


def details(page: Page, take: Take) -> View:
    """Everything of one take."""
    lines = [*_asked(page, take), *_done_there(take.execution), *_times(take.execution)]
    for video in take.videos:
        lines += _kept(take, video)
    return modal(take_label(page, take), [*paragraphs(lines), *_whole_prompt(take)])


def full_prompt(page: Page, take: Take) -> View:
    """The whole prompt, as it is rendered."""
    return modal(take_label(page, take), _whole_prompt(take))


def _asked(page: Page, take: Take) -> Iterator[str]:
    execution = take.execution
    label = take_label(page, take)
    yield dotted(f"*{label}*", state_word(execution), cost_words(execution))
    yield f"Asked by {mention(take.request.requester)} ({take.request.source})"
    if changed := changed_words(take):
        yield f"C{changed[1:]}"
    yield settings(take)
    if isinstance(execution.work, Clip) and execution.work.config:
        config = json.dumps(execution.work.config, ensure_ascii=False, sort_keys=True)
        yield f"Extra settings: `{in_code(shorten(config, CONFIG_SHOWN_CHARS))}`"
    billed = execution.billed_micro_usd
    yield dotted(
        f"Estimate {price(estimate_of(execution))}",
        f"reserved {as_usd(execution.reserved_micro_usd)}",
        f"billed {'not told' if billed is None else as_usd(billed)}",
    )


def _done_there(execution: Execution) -> Iterator[str]:
    """What the gateway calls it, and its own words if it failed: for whoever has to ask there."""
    yield f"Offer {_code(execution.offer)} · attempt {execution.attempt}"
    yield f"Our ids: request {_code(execution.request_id)}, execution {_code(execution.id)}"
    if execution.key is not None:
        yield f"Idempotency key {_code(execution.key)}"
    if execution.remote_id is not None:
        yield f"Their id {_code(execution.remote_id)}"
    result = execution.result
    if result is not None:
        seeds = (result.seed, *(further.seed for further in result.further))
        if shown := ", ".join(str(seed) for seed in seeds if seed is not None):
            yield f"Seed {shown}"
        if result.served_from is not None:
            yield f"Served by {_code(result.served_from)}"
        for name, value in (("asset", result.asset_id), ("video", result.remote_video_id)):
            if value is not None:
                yield f"Their {name} id {_code(value)}"
    came_not = result.failures if result is not None else ()
    for failure in (*came_not, *filter(None, (execution.failure,))):
        field = f" ({in_code(shorten(failure.field, 60))})" if failure.field else ""
        said = shorten(failure.detail, DETAIL_SHOWN_CHARS) or "no words"
        yield f"Failure {failure.kind}{field}: `{in_code(said)}`"


def _times(execution: Execution) -> Iterator[str]:
    moments = (
        ("Asked", execution.created_at),
        ("sent", execution.submitted_at),
        ("cancel asked", execution.cancel_requested_at),
        ("ended", execution.ended_at),
    )
    yield dotted(*(f"{what} {local_moment(at)}" for what, at in moments if at is not None))
    if execution.submitted_at is not None and execution.ended_at is not None:
        yield f"Took {elapsed_words(execution.ended_at - execution.submitted_at)}"


def _kept(take: Take, video: Video) -> Iterator[str]:
    yield dotted(
        result_words(take, video).capitalize(),
        f"{video.width_px}×{video.height_px}",
        f"{video.duration_s:.2f} s",
        "sound" if video.has_sound else "no sound",
        f"{video.size_bytes:,} bytes",
    )
    yield f"sha256 {_code(video.sha256)}"


def _whole_prompt(take: Take) -> list[Block]:
    """In code, so that asterisks and underscores are shown as they were typed."""
    prompt = take.execution.work.said.replace("`", "'")
    shown = [section(f"```{piece}```") for piece in pieces(prompt, PIECE_MAX_CHARS)]
    return shown or [section("Nothing in it can be seen.")]


def _code(vendors: str) -> str:
    return f"`{in_code(shorten(vendors, ID_SHOWN_CHARS))}`"
