"""`prepare`: brings a person's pictures to where the gateway can fetch them, before anything is
paid. Slack's files are private, so they go through our own store to the gateway's upload."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from domain.errors import Failure, FailureClass, MediaRefused
from domain.events import Prepared, Unprepared
from domain.execution import Execution
from domain.message import SlackRefused, SlackUnanswered
from domain.offer import GatewayName
from domain.ports import Clock, Database, Gateway, MediaStore, Probe, Slack, UploadFailed
from domain.shape import Media
from storage.pictures import Picture, find_picture, find_upload, keep_picture, keep_upload

UPLOAD_KEPT_S = 6 * 3_600.0  # gateways promise their uploads longer than this
PICTURE_MAX_BYTES = 32 * 1024 * 1024
# docs.slack.dev/reference/methods/files.info#errors; `file_http_…` is our download's own word.
_ABOUT_THE_FILE = frozenset(
    {"file_not_found", "file_deleted", "slack_connect_file_link_sharing_blocked"}
)
_FILE_ANSWER = "file_http_"


class Preparation:
    """Prepares one execution. Never raises for what Slack, a picture or a gateway does."""

    def __init__(
        self, *, slack: Slack, media: MediaStore, probe: Probe, database: Database, clock: Clock
    ) -> None:
        self._slack = slack
        self._media = media
        self._probe = probe
        self._database = database
        self._clock = clock

    async def prepare(self, execution: Execution, gateway: Gateway) -> Prepared | Unprepared:
        """Links to the pictures, or why there are none."""
        try:
            return Prepared(
                {
                    place: await self._link(execution, media, gateway)
                    for place, media in execution.work.media.items()
                }
            )
        except MediaRefused as refused:
            return Unprepared(_bad_picture(refused.sentence), final=True)
        except UploadFailed as failed:
            return Unprepared(failed.failure, final=failed.final)
        except SlackRefused as refused:
            return _refused(refused)
        except SlackUnanswered as unanswered:
            passing = Failure(kind=FailureClass.TRANSIENT, detail=f"Slack: {unanswered.reason}")
            return Unprepared(passing, final=False)

    async def _link(self, execution: Execution, media: Media, gateway: Gateway) -> str:
        if media.url is not None:
            return media.url
        assert media.slack_file_id is not None
        since = self._clock.now() - UPLOAD_KEPT_S
        known = await self._database.run(
            find_upload, execution.team_id, media.slack_file_id, gateway.name, since=since
        )
        if known is not None:
            return known
        picture = await self._picture(execution.team_id, media.slack_file_id)
        return await self._upload(picture, gateway, gateway.name)

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

    async def _upload(self, picture: Picture, gateway: Gateway, name: GatewayName) -> str:
        content = await _read(self._media.read(picture.media_key))
        extension = picture.media_type.partition("/")[2]
        url = await gateway.upload(content, picture.media_type, f"image.{extension}")
        await self._database.run(keep_upload, picture, name, url, now=self._clock.now())
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
    """All of it, up to `PICTURE_MAX_BYTES`. Raises `MediaRefused` above."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > PICTURE_MAX_BYTES:
            limit = PICTURE_MAX_BYTES // (1024 * 1024)
            raise MediaRefused(f"That picture is larger than {limit} MB.")
    return bytes(content)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _bad_picture(detail: str) -> Failure:
    return Failure(kind=FailureClass.BAD_INPUT, field="reference_image", detail=detail)
