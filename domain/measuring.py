"""What looking into a person's recordings and films changes: how long the video will be, and so
what it costs. Slack does not tell the length of most sounds, so a price before that was the most
it could become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.catalog import offer_named
from domain.events import Prepared
from domain.offer import estimate
from domain.request import Work
from domain.shape import Media
from domain.spoken import SOURCE, Avatar, Scene, Translation
from domain.states import Execution


def is_unmeasured(work: Work) -> bool:
    """Whether its price follows from files that nobody has looked into yet: then the price is
    asked about once it is known, not before."""
    return any(
        media.slack_file_id is not None and media.duration_s is None for media in _timed_files(work)
    )


def goes_unasked(work: Work, micro_usd: int, *, limit_micro_usd: int) -> bool:
    """Whether its price lets it start without a yes: it is low, or not known yet."""
    return micro_usd <= limit_micro_usd or is_unmeasured(work)


def measured(before: Execution, event: Prepared) -> Execution:
    """The execution with the lengths of its files in its work and its price. It is asked about
    again where that is dearer than what goes unasked, and than what was accepted."""
    work = with_lengths(before.work, event.lengths_s)
    if work == before.work:
        return before
    price = estimate(offer_named(before.offer), work)
    accepted = 0 if is_unmeasured(before.work) else before.estimate_micro_usd
    unasked = max(event.confirm_above_micro_usd, accepted)
    return replace(
        before,
        work=work,
        estimate_micro_usd=price.micro_usd,
        is_ceiling=price.is_ceiling,
        confirmed=before.confirmed and price.micro_usd <= unasked,
    )


def with_lengths(work: Work, lengths_s: Mapping[str, float]) -> Work:
    """The work whose recordings and films say how long they last."""
    match work:
        case Avatar():
            scenes = (_timed(scene, n, lengths_s) for n, scene in enumerate(work.scenes))
            return work.model_copy(update={"scenes": tuple(scenes)})
        case Translation(source=Media() as source) if SOURCE in lengths_s:
            timed = source.model_copy(update={"duration_s": lengths_s[SOURCE]})
            return work.model_copy(update={"source": timed})
        case _:
            return work


def _timed(scene: Scene, number: int, lengths_s: Mapping[str, float]) -> Scene:
    known = {
        part: media.model_copy(update={"duration_s": lengths_s[f"scenes.{number}.{part}"]})
        for part, media in (("recording", scene.recording), ("footage", scene.footage))
        if media is not None and f"scenes.{number}.{part}" in lengths_s
    }
    return scene.model_copy(update=known) if known else scene


def _timed_files(work: Work) -> Iterator[Media]:
    match work:
        case Avatar(scenes=scenes):
            for scene in scenes:
                yield from filter(None, (scene.recording, scene.footage))
        case Translation(source=Media() as source):
            yield source
        case _:
            return
