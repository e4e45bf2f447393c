"""The ports: everything that is not computation, passed in so that it can be replaced whole.

Time, ids, randomness, HTTP, Slack, the database, the media store, the media probe and every hop to
a thread. Their implementations live in `bot/`, `storage/` and `gateways/`; a simulation brings its
own. Nothing else in the product may read a clock, draw an id, sleep or start a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.errors import Failure
from domain.gateway import Cancellation, Intent, Progress, Remote, Submission
from domain.message import Message, SlackFile
from domain.offer import GatewayName
from domain.stored import Content

P = ParamSpec("P")
T = TypeVar("T")


class Clock(Protocol):
    """Time. `now` is the wall clock in Unix seconds, `monotonic` never jumps."""

    def now(self) -> float: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    """Names that nobody can guess and that never repeat; and jitter."""

    def new(self, prefix: str) -> str: ...
    def jitter(self) -> float:
        """A number in [0, 1)."""
        ...


class Threads(Protocol):
    """A hop to a thread for work that would block the loop."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


class Rows(Protocol):
    """What one statement answered: its rows, and how many it changed."""

    @property
    def changed(self) -> int: ...
    def one(self) -> Mapping[str, Any] | None: ...
    def all(self) -> Sequence[Mapping[str, Any]]: ...


class Transaction(Protocol):
    """The database inside one verb. SQL has `:name` parameters and both dialects' common core."""

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> Rows: ...


class Database(Protocol):
    """Durable rows. `run` executes one verb as one transaction, committed when it returns.

    A verb is a plain function `verb(db, …)`; it may be run again by the database (never after it
    was committed), so it has no effect but its SQL. Raises `StorageUnavailable` where the
    database cannot commit now, and whatever the verb raises (then nothing was written).
    """

    async def run(self, verb: Callable[..., T], /, *args: Any, **kwargs: Any) -> T: ...


class MediaStore(Protocol):
    """Bytes that are ours: videos, thumbnails and reference images, by key."""

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store whole or not at all; the number of bytes."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]: ...
    def local_file(self, key: str) -> AbstractAsyncContextManager[Path]:
        """The object as a file on this machine for as long as the context lasts."""
        ...

    async def size_bytes(self, key: str) -> int: ...
    async def delete(self, key: str) -> None: ...
    async def clear(self, folder: str) -> int:
        """Remove all objects whose keys begin with `folder` and a slash; how many there were."""
        ...

    async def free_bytes(self) -> int | None:
        """Bytes left where the store is a disk, else None."""
        ...


PREVIEW_MAX_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a probe saw in a video. `thumbnail_jpeg` is a frame from its beginning."""

    duration_s: float
    width_px: int
    height_px: int
    has_sound: bool
    codec: str
    thumbnail_jpeg: bytes


class Probe(Protocol):
    """Looks into media from outside. Raises `MediaRefused` for what is not media."""

    async def video(self, path: Path) -> MediaFacts: ...
    async def length_s(self, path: Path) -> float:
        """How long a recording or a film lasts, in seconds."""
        ...

    async def as_mp3(self, path: Path) -> bytes:
        """The sound of a recording as MP3."""
        ...

    async def image(self, content: bytes) -> tuple[str, bytes, int, int]:
        """(media type, re-encoded bytes without metadata, width, height)."""
        ...

    async def preview(self, path: Path) -> bytes:
        """The first `PREVIEW_MAX_S` of a transparent video as MP4 over a plain colour."""
        ...


class Gateway(Protocol):
    """One video API that we pay. Never sleeps, never repeats a submit, never raises for what a
    vendor or the network does."""

    name: GatewayName

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission: ...
    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """What became of a submit whose answer was lost: by the same key, an id of ours, or a
        history. It must not be able to cause a second payment. Called only for offers whose
        `dedupe` says that it can be known."""
        ...

    async def check(self, remote: Remote) -> Progress: ...
    async def cancel(self, remote: Remote) -> Cancellation: ...
    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        """A link that this gateway can fetch. Raises `UploadFailed`."""
        ...


class UploadFailed(Exception):
    """A picture did not reach a gateway: nothing was paid, it may be tried again.

    `failure` says whose fault it was; `final` is whether trying again is pointless.
    """

    def __init__(self, failure: Failure, *, final: bool) -> None:
        super().__init__(failure.detail)
        self.failure = failure
        self.final = final


class Casting(Protocol):
    """The lists of one gateway's account, each read page by page. Reads only; an iterator raises
    `CastingUnread` where the vendor cannot be read now, then what came before it counts for
    nothing. Templates come with their variables."""

    def looks(self) -> AsyncIterator[Look]: ...
    def voices(self) -> AsyncIterator[VoiceOffer]: ...
    def languages(self) -> AsyncIterator[Language]: ...
    def templates(self) -> AsyncIterator[TemplateOffer]: ...
    def styles(self) -> AsyncIterator[AgentStyle]: ...


class LikenessVendor(Casting, Protocol):
    """What an account makes of people: avatars of their pictures, voices of their recordings.

    A creation is one paid call and raises `UploadFailed` before it; a look at one raises
    `CastingUnread`."""

    async def create_photo_avatar(
        self, photo: Content, media_type: str, *, name: str, key: str
    ) -> Submission:
        """Sent again with the same key it is made, and paid, once."""
        ...

    async def clone_voice(
        self, recording: Content, media_type: str, *, name: str, key: str
    ) -> Submission:
        """It costs nothing, and nothing protects it from being made twice."""
        ...

    async def own_look(self, look_id: str) -> Look | Failure | None:
        """None while it is being made, a failure where it never will be."""
        ...

    async def own_voice(self, voice_id: str) -> VoiceOffer | Failure | None: ...
    async def voice_search(self, words: str) -> Sequence[VoiceOffer]:
        """The few voices that fit a description best."""
        ...

    def speaking_voices(self) -> AsyncIterator[VoiceOffer]:
        """The voices that `speak` takes."""
        ...

    async def speak(self, text: str, voice_id: str, *, key: str) -> Submission:
        """Say it at once; the handle has `AUDIO_URL`. It is paid each time it is called."""
        ...


class CastingUnread(Exception):
    """A vendor's list cannot be read now; the message has no secret."""


class Slack(Protocol):
    """Slack, as far as the notifier and `prepare` need it.

    Raises `SlackRefused` (nothing happened) or `SlackUnanswered` (it may have). Never retries.
    """

    def now(self) -> float | None:
        """Slack's own time, by which a message's `ts` is given, in Unix seconds and never ahead;
        None where it is not known yet."""
        ...

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        mark: str | None = None,
    ) -> str:
        """Post; the message's `ts`. `mark` is kept as metadata, so that `find` finds it."""
        ...

    async def find(
        self, channel: str, *, thread_ts: str | None, mark: str, oldest: float | None
    ) -> str | None:
        """The `ts` of our message with this mark, if it is there. It was posted after `oldest` by
        Slack's time; None: nobody knows when."""
        ...

    async def edit(self, channel: str, ts: str, message: Message) -> None: ...

    async def permalink(self, channel: str, ts: str) -> str:
        """The https address of a message."""
        ...

    async def whisper(
        self, channel: str, user: str, message: Message, *, thread_ts: str | None = None
    ) -> None:
        """Only this person sees it."""
        ...

    async def direct(self, user: str, message: Message) -> None:
        """A message in the person's own conversation with us."""
        ...

    async def respond(self, response_url: str, message: Message) -> None:
        """Answer a command or a click through its `response_url`."""
        ...

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal. A trigger lives three seconds, so this waits at most two."""
        ...

    async def update_view(self, view_id: str, hash_: str, view: Mapping[str, Any]) -> None:
        """Show another view instead, unless it has changed since `hash_`; what was typed into
        fields that stay is kept."""
        ...

    async def reserve_file(self, filename: str, size_bytes: int) -> tuple[str, str]:
        """(file id, upload link) for a file that we stream ourselves."""
        ...

    async def upload(self, link: str, chunks: AsyncIterator[bytes], size_bytes: int) -> None: ...

    async def share(
        self, file_id: str, *, title: str, channel: str, thread_ts: str, comment: str
    ) -> None:
        """Publish an uploaded file in a thread. Saying ok does not prove that it happened."""
        ...

    async def discard_file(self, file_id: str) -> None:
        """Delete an upload of ours that never showed, so that it does not show later."""
        ...

    async def shared_at(self, file_id: str, channel: str) -> str | None:
        """The `ts` of the message that shows the file in this channel, if there is one."""
        ...

    async def file(self, file_id: str) -> SlackFile: ...

    def download(self, file: SlackFile) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody posted. Raises `MediaRefused` for what is none."""
        ...
