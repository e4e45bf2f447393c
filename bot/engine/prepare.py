"""`prepare`: brings a person's files to where the gateway can fetch them, before anything is paid.

Slack's files are private, so pictures go through our own store to the gateway's upload; other files
and the videos of takes go there as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping

from bot.engine.carrying import COPIES, Carrier, check_length, stored
from bot.silence import Silence
from domain.effect import TurnedAway
from domain.errors import Failure, FailureClass, MediaRefused, MediaUnfit
from domain.events import Prepared, Unprepared
from domain.execution import Execution
from domain.file_limits import UNFIT_FILE, too_large
from domain.message import SlackFile, SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Gateway, MediaStore, Probe, Slack, UploadFailed
from domain.request import REFERENCE_IMAGE
from domain.shape import FileFormat, Image, Media
from domain.spoken import SOURCE, Avatar, Translation
from storage.pictures import (
    Picture,
    Upload,
    find_picture,
    find_upload,
    find_video,
    keep_picture,
    keep_upload,
    take_file_id,
)

UPLOAD_KEPT_S = 6 * 3_600.0  # gateways promise their uploads longer than this
# docs.slack.dev/reference/methods/files.info#errors; `file_http_…` is our download's own word.
_ABOUT_THE_FILE = frozenset(
    {"file_not_found", "file_deleted", "slack_connect_file_link_sharing_blocked"}
)
_FILE_ANSWER = "file_http_"

# How a take's video is written is the end of its key (`courier.video_key`).
_MEDIA_TYPES = {
    FileFormat.MP4: "video/mp4",
    FileFormat.WEBM: "video/webm",
    FileFormat.MOV: "video/quicktime",
}


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
        self._carrier = Carrier(slack=slack, media=media, probe=probe)
        self._database = database
        self._clock = clock
        self._silence = silence

    async def prepare(self, execution: Execution, gateway: Gateway) -> Prepared | Unprepared:
        """Links to the files, or why there are none."""
        work = execution.work
        try:
            uploads = {
                place: await self._link(execution, media, gateway)
                for place, media in work.media.items()
            }
            if isinstance(work, Translation) and work.source_request_id is not None:
                uploads[SOURCE] = await self._take(execution, work.source_request_id, gateway)
            return _prepared(uploads)
        except (MediaUnfit, MediaRefused) as refused:
            return Unprepared(_bad_file(UNFIT_FILE, refused.sentence), final=True)
        except UploadFailed as failed:
            return Unprepared(failed.failure, final=failed.final)
        except SlackRefused as refused:
            await self._silence.note(execution.team_id, TurnedAway(refused.code))
            return _refused(refused)
        except SlackUnanswered as unanswered:
            passing = Failure(kind=FailureClass.TRANSIENT, detail=f"Slack: {unanswered.reason}")
            return Unprepared(passing, final=False)

    async def _link(self, execution: Execution, media: Media, gateway: Gateway) -> Upload:
        if media.url is not None:
            return Upload(media.url)
        assert media.slack_file_id is not None
        team_id, file_id = execution.team_id, media.slack_file_id
        known = await self._known(team_id, file_id, gateway)
        if known is not None and (known.duration_s is not None or not _is_timed(execution, media)):
            return known
        if not isinstance(media, Image):
            file = await self._slack.file(file_id)
            if not file.media_type.startswith("image/"):
                return await self._carry(execution, file, gateway)
        picture = await self.picture(team_id, file_id)
        content = await _read(self._media.read(picture.media_key))
        name = f"image.{picture.media_type.partition('/')[2]}"
        url = await gateway.upload(content, picture.media_type, name)
        return await self._keep((team_id, file_id), gateway, Upload(url))

    async def _carry(self, execution: Execution, file: SlackFile, gateway: Gateway) -> Upload:
        """A recording, a film or a document. A recording that is spoken has its own limit."""
        is_timed = isinstance(execution.work, Avatar | Translation)
        key = f"{COPIES}/{execution.team_id}/{execution.id}_{file.id}"
        async with self._carrier.carried(key, file, is_timed=is_timed) as carried:
            if isinstance(execution.work, Avatar) and carried.is_sound:
                check_length(file.name, carried.length_s)
            url = await gateway.upload(carried.content, carried.media_type, carried.name)
        owned = (execution.team_id, file.id)
        return await self._keep(owned, gateway, Upload(url, carried.length_s))

    async def _take(self, execution: Execution, request_id: str, gateway: Gateway) -> Upload:
        """A link to the video of a take of ours."""
        team_id, file_id = execution.team_id, take_file_id(request_id)
        if (known := await self._known(team_id, file_id, gateway)) is not None:
            return known
        kept = await self._database.run(find_video, team_id, request_id)
        if kept is None:
            raise MediaRefused("The video of that take is gone.")
        key, size_bytes, sha256 = kept
        container = FileFormat(key.rpartition(".")[2])
        media_type = _MEDIA_TYPES[container]
        if (unfit := too_large("That take", media_type, size_bytes)) is not None:
            raise MediaUnfit(unfit)
        content = stored(self._media, key, size_bytes=size_bytes, sha256=sha256)
        url = await gateway.upload(content, media_type, f"take.{container}")
        return await self._keep((team_id, file_id), gateway, Upload(url))

    async def _known(self, team_id: str, file_id: str, gateway: Gateway) -> Upload | None:
        since = self._clock.now() - UPLOAD_KEPT_S
        return await self._database.run(find_upload, team_id, file_id, gateway.name, since=since)

    async def picture(self, team_id: str, slack_file_id: str) -> Picture:
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

    async def _keep(self, file: tuple[str, str], gateway: Gateway, upload: Upload) -> Upload:
        """Note a link of the gateway's under `file`: its team and its id."""
        await self._database.run(
            keep_upload, *file, gateway=gateway.name, upload=upload, now=self._clock.now()
        )
        return upload


def _is_timed(execution: Execution, media: Media) -> bool:
    """Whether its length makes the price."""
    return not isinstance(media, Image) and isinstance(execution.work, Avatar | Translation)


def _prepared(uploads: Mapping[str, Upload]) -> Prepared:
    return Prepared(
        links={place: upload.url for place, upload in uploads.items()},
        lengths_s={
            place: upload.duration_s
            for place, upload in uploads.items()
            if upload.duration_s is not None
        },
    )


def is_about_the_file(refused: SlackRefused) -> bool:
    """Whether Slack has that file no more: trying again is pointless."""
    return refused.code in _ABOUT_THE_FILE or refused.code.startswith(_FILE_ANSWER)


def _refused(refused: SlackRefused) -> Unprepared:
    """Only what Slack says of the file itself is the person's to mend, and final."""
    detail = f"Slack: {refused.code}"
    if is_about_the_file(refused):
        return Unprepared(_bad_file(REFERENCE_IMAGE, detail), final=True)
    if refused.retry_after_s is not None:
        limited = Failure(kind=FailureClass.TRANSIENT, detail=detail)
        return Unprepared(limited, final=False, retry_after_s=refused.retry_after_s)
    return Unprepared(Failure(kind=FailureClass.OURS, detail=detail), final=False)


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    """All of a picture: both its source and our store bound its size."""
    return b"".join([chunk async for chunk in chunks])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _bad_file(field: str, detail: str) -> Failure:
    return Failure(kind=FailureClass.BAD_INPUT, field=field, detail=detail)
