"""What HeyGen says of a paid render, on every road: one lenient reading of all its answers.

The v3 Video object, sessions and translations (heygen-cli's embedded OpenAPI), workflow executions
(seed 000), `/v1/video_status.get` and `/v2/video_translate` (docs.heygen.com) name the same things
differently and never contradict each other, so they are read alike. Pure functions.
"""

from __future__ import annotations

from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Ended,
    Finished,
    Progress,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways.classify import Answer, retry_after_s
from gateways.heygen_failures import Stated, failure_of, says_not_found, stated_error
from gateways.lenient import Lenient, Maybe, link_of, read_json
from gateways.redact import detail

# v3 videos: pending, processing; translations: running; v1: waiting; sessions: thinking, reviewing,
# generating; seed 000: submitted, not_found. Compared without case.
WAITING_WORDS = frozenset({"submitted", "pending", "waiting", "queued"})
RENDERING_WORDS = frozenset(
    {"processing", "running", "generating", "in_progress", "thinking", "reviewing"}
)
FINISHED_WORDS = frozenset({"completed", "complete", "success"})
FAILED_WORDS = frozenset({"failed", "fail", "error"})
NOT_FOUND_WORD = "not_found"
ASKING_WORD = "waiting_for_input"
_KNOWN_WORDS = (
    WAITING_WORDS | RENDERING_WORDS | FINISHED_WORDS | FAILED_WORDS | {NOT_FOUND_WORD, ASKING_WORD}
)
# What a handle says of `captions`: they belong into the picture, into a file beside it, or into
# the picture if there is such a film (a template's own may be the captioned one already).
BURNED_IN, BESIDE, PREFERRED = "burned_in", "beside", "preferred"


class _Names(Lenient):
    """The ids by which an acceptance names what it took, most telling first."""

    execution_id: Maybe[str] = None
    video_id: Maybe[str] = None
    video_translation_ids: Maybe[list[str]] = None
    video_translate_id: Maybe[str] = None
    id: Maybe[str] = None

    @property
    def first(self) -> str | None:
        """The id that later checks ask for."""
        translation = next(iter(self.video_translation_ids or ()), None)
        return (
            self.execution_id or self.video_id or translation or self.video_translate_id or self.id
        )


class _AcceptedBody(Lenient):
    data: Maybe[_Names] = None


class _Video(Lenient):
    video_url: Maybe[str] = None
    video_id: Maybe[str] = None


class _Output(_Video):
    """`video_url` stands in `video`; another node (FaceswapNode) has it here."""

    video: Maybe[_Video] = None
    asset_id: Maybe[str] = None


class Render(Lenient):
    """A render as any of HeyGen's endpoints describes it."""

    status: Maybe[str] = None
    id: Maybe[str] = None
    video_id: Maybe[str] = None
    output: Maybe[_Output] = None
    video_url: Maybe[str] = None
    url: Maybe[str] = None
    captioned_video_url: Maybe[str] = None
    video_url_caption: Maybe[str] = None
    subtitle_url: Maybe[str] = None
    srt_caption_url: Maybe[str] = None
    caption_url: Maybe[str] = None
    error: Maybe[Stated | str] = None
    failure_code: Maybe[str | int] = None
    failure_message: Maybe[str] = None
    message: Maybe[str] = None
    duration: Maybe[float] = None

    @property
    def word(self) -> str:
        """The status without case and spaces, empty without one."""
        return (self.status or "").strip().lower()


class _CheckBody(Lenient):
    data: Maybe[Render] = None


def decode_accepted(answer: Answer) -> Accepted | None:
    """The acceptance in a 2xx answer: it has an id, whatever else it says."""
    body = read_json(_AcceptedBody, answer.body)
    name = body.data.first if body and body.data else None
    return None if name is None else Accepted(name)


def decode_progress(
    answer: Answer, secrets: tuple[str, ...] = (), *, burned_in: bool = False
) -> Progress:
    """What a check says of the render. Only words of the render end it, never a failed check.
    `burned_in`: the film with captions in its picture is the one that was asked for; without a link
    to it the plain one is told as such."""
    failed = failed_check(answer, secrets)
    if failed is not None:
        return failed
    body = read_json(_CheckBody, answer.body)
    if body is not None and body.data is not None and body.data.status is not None:
        return progress_of(body.data, secrets, burned_in=burned_in)
    stated = stated_error(answer)
    if stated is None:
        return Unreadable("an answer without a status")
    return _decode_error(stated, secrets)


def failed_check(answer: Answer, secrets: tuple[str, ...] = ()) -> Unknown | Unreadable | None:
    """What a check that was not answered with 2xx says; None where it was."""
    if 200 <= answer.status < 300:
        return None
    stated = stated_error(answer)
    if answer.status == 404 and stated is not None and says_not_found(stated):
        return Unknown()
    said = f"HTTP {answer.status}" + (f": {stated.text}" if stated else "")
    is_down = answer.status >= 500
    return Unreadable(detail(said, secrets), retry_after_s(answer), is_down)


def progress_of(
    render: Render, secrets: tuple[str, ...] = (), *, burned_in: bool = False
) -> Progress:
    """A render's own words as ours; a word that is in no document is still running."""
    word = render.word
    if word in WAITING_WORDS:
        return Waiting()
    if word in FINISHED_WORDS:
        return _finished(render, burned_in=burned_in)
    if word in FAILED_WORDS:
        return Ended(failure_of(_reason(render), secrets=secrets))
    if word == NOT_FOUND_WORD:
        return Unknown()
    return Rendering()


def unfamiliar_word(answer: Answer) -> str | None:
    """The status word of a check, if HeyGen's documents do not have it."""
    body = read_json(_CheckBody, answer.body)
    render = body.data if body else None
    return None if render is None or render.word in _KNOWN_WORDS | {""} else render.status


def _decode_error(stated: Stated, secrets: tuple[str, ...]) -> Progress:
    """An error with HTTP 200 and no status beside it: of the render, or of the check?"""
    if says_not_found(stated):
        return Unknown()
    failure = failure_of(stated, secrets=secrets)
    if failure.kind in {FailureClass.REFUSED_CONTENT, FailureClass.CREDITS}:
        return Ended(failure)  # nothing that a read could be refused for
    return Unreadable(failure.detail)


def _finished(render: Render, *, burned_in: bool) -> Progress:
    output = render.output or _Output()
    video = output.video or _Video()
    plain = (video.video_url, output.video_url, render.video_url, render.url)
    captioned = (render.captioned_video_url, render.video_url_caption) if burned_in else ()
    in_picture = next((one for one in map(link_of, captioned) if one), None)
    url = in_picture or next((one for one in map(link_of, plain) if one), None)
    if url is None:
        # `completed` can precede a working link by a moment (heygen-cli `asset_not_available`).
        return Unreadable("completed without a link")
    captions = (render.subtitle_url, render.srt_caption_url, render.caption_url)
    return Finished(
        url,
        asset_id=output.asset_id,
        remote_video_id=video.video_id or output.video_id or render.video_id or render.id,
        subtitle_url=next((one for one in map(link_of, captions) if one), None),
        is_plain=burned_in and in_picture is None,
        length_s=render.duration if render.duration and render.duration > 0 else None,
    )


def _reason(render: Render) -> Stated:
    """Why it failed: the error object, else the codes of the other endpoints, else nothing."""
    if isinstance(render.error, Stated) and render.error.text:
        return render.error
    said = render.error if isinstance(render.error, str) else None
    return Stated(
        code=render.failure_code,
        message=said or render.failure_message or render.message,
    )
