"""`prepare`: brings a person's files to where the gateway can fetch them, before anything is paid.

Slack's files are private, so pictures go through our own store to the gateway's upload; other files
and the videos of takes go there as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from bot.silence import Silence
from domain.effect import TurnedAway
from domain.errors import Failure, FailureClass, MediaRefused
from domain.events import Prepared, Unprepared
from domain.execution import Execution
from domain.message import SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Gateway, MediaStore, Probe, Slack, UploadFailed
from domain.shape import Image, Media
from domain.spoken import Translation
from storage.pictures import (
    Picture,
    find_picture,
    find_upload,
    find_video,
    keep_picture,
    keep_upload,
    take_file_id,
)

UPLOAD_KEPT_S = 6 * 3_600.0  # gateways promise their uploads longer than this
FILE_MAX_BYTES = 100 * 1024 * 1024  # what HeyGen takes of a video (its usage limits)
SOURCE = "source"  # where a translation's video goes, in the links that gateways get
# docs.slack.dev/reference/methods/files.info#errors; `file_http_…` is our download's own word.
_ABOUT_THE_FILE = frozenset(
    {"file_not_found", "file_deleted", "slack_connect_file_link_sharing_blocked"}
)
_FILE_ANSWER = "file_http_"


class Preparation:
    """Prepares one execution. Never raises for what Slack, a picture or a gateway does."""

    def __init__(
        self,
        *,
        slack: Slack,
        media: MediaStore,
        probe: Probe,
        database: Database,
        clock: Clock,
        silence: Silence,
    ) -> None:
        self._slack = slack
        self._media = media
        self._probe = probe
        self._database = database
        self._clock = clock
        self._silence = silence

    async def prepare(self, execution: Execution, gateway: Gateway) -> Prepared | Unprepared:
        """Links to the files, or why there are none."""
        work = execution.work
        try:
            links = {
                place: await self._link(execution, media, gateway)
                for place, media in work.media.items()
            }
            if isinstance(work, Translation) and work.source_request_id is not None:
                links[SOURCE] = await self._take(execution, work.source_request_id, gateway)
            return Prepared(links)
        except MediaRefused as refused:
            return Unprepared(_bad_picture(refused.sentence), final=True)
        except UploadFailed as failed:
            return Unprepared(failed.failure, final=failed.final)
        except SlackRefused as refused:
            await self._silence.note(execution.team_id, TurnedAway(refused.code))
            return _refused(refused)
        except SlackUnanswered as unanswered:
            passing = Failure(kind=FailureClass.TRANSIENT, detail=f"Slack: {unanswered.reason}")
            return Unprepared(passing, final=False)

    async def _link(self, execution: Execution, media: Media, gateway: Gateway) -> str:
        if media.url is not None:
            return media.url
        assert media.slack_file_id is not None
        team_id, file_id = execution.team_id, media.slack_file_id
        if (known := await self._known(team_id, file_id, gateway)) is not None:
            return known
        if not isinstance(media, Image):
            file = await self._slack.file(file_id)
            if not file.media_type.startswith("image/"):
                content = await _read(self._slack.download(file))
                return await self._upload(
                    (team_id, file_id), gateway, content, file.media_type, file.name
                )
        picture = await self._picture(team_id, file_id)
        content = await _read(self._media.read(picture.media_key))
        name = f"image.{picture.media_type.partition('/')[2]}"
        return await self._upload((team_id, file_id), gateway, content, picture.media_type, name)

    async def _take(self, execution: Execution, request_id: str, gateway: Gateway) -> str:
        """A link to the video of a take of ours."""
        team_id, file_id = execution.team_id, take_file_id(request_id)
        if (known := await self._known(team_id, file_id, gateway)) is not None:
            return known
        key = await self._database.run(find_video, team_id, request_id)
        if key is None:
            raise MediaRefused("The video of that take is gone.")
        content = await _read(self._media.read(key))
        return await self._upload((team_id, file_id), gateway, content, "video/mp4", "take.mp4")

    async def _known(self, team_id: str, file_id: str, gateway: Gateway) -> str | None:
        since = self._clock.now() - UPLOAD_KEPT_S
        return await self._database.run(find_upload, team_id, file_id, gateway.name, since=since)

    async def _picture(self, team_id: str, slack_file_id: str) -> Picture:
        """The picture in our own store, fetched from Slack the first time."""
        kept = await self._database.run(find_picture, team_id, slack_file_id)
        if kept is not None:
            return kept
        file = await self._slack.file(slack_file_id)
        original = await _read(self._slack.download(file))
        media_type, content, width_px, height_px = await self._probe.image(original)
        sha256 = hashlib.sha256(content).hexdigest()
        picture = Picture(
            team_id=team_id,
            slack_file_id=slack_file_id,
            media_key=f"pictures/{team_id}/{sha256}",
            media_type=media_type,
            sha256=sha256,
            width_px=width_px,
            height_px=height_px,
            created_at=self._clock.now(),
        )
        await self._media.put(picture.media_key, _once(content))
        await self._database.run(keep_picture, picture)
        return picture

    async def _upload(
        self, file: tuple[str, str], gateway: Gateway, content: bytes, media_type: str, name: str
    ) -> str:
        """A link of the gateway's, kept under `file`: its team and its id."""
        url = await gateway.upload(content, media_type, name)
        await self._database.run(
            keep_upload, *file, gateway=gateway.name, url=url, now=self._clock.now()
        )
        return url


def _refused(refused: SlackRefused) -> Unprepared:
    """Only what Slack says of the file itself is the person's to mend, and final."""
    detail = f"Slack: {refused.code}"
    if refused.code in _ABOUT_THE_FILE or refused.code.startswith(_FILE_ANSWER):
        return Unprepared(_bad_picture(detail), final=True)
    if refused.retry_after_s is not None:
        limited = Failure(kind=FailureClass.TRANSIENT, detail=detail)
        return Unprepared(limited, final=False, retry_after_s=refused.retry_after_s)
    return Unprepared(Failure(kind=FailureClass.OURS, detail=detail), final=False)


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    """All of it, up to `FILE_MAX_BYTES`. Raises `MediaRefused` above."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > FILE_MAX_BYTES:
            raise MediaRefused(f"That file is larger than {FILE_MAX_BYTES // (1024 * 1024)} MB.")
    return bytes(content)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _bad_picture(detail: str) -> Failure:
    return Failure(kind=FailureClass.BAD_INPUT, field="reference_image", detail=detail)
