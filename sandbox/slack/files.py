"""Uploaded files: their life from upload URL to share, and the URLs their bytes come from.

Sources: docs.slack.dev/messaging/working-with-files, /reference/objects/file-object,
slack.md sections 1.6 and 1.7.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import av
from aiohttp import web
from PIL import Image

from sandbox.slack.naming import Ids
from sandbox.slack.world import Channel, World

Json = dict[str, Any]
THUMBS_PX = (64, 80, 160, 360, 480, 720)
SLACK_IMAGES = ("image/png", "image/jpeg", "image/gif")
TYPE_NAMES = {"jpeg": "jpg", "plain": "text", "quicktime": "mov", "octet-stream": "binary"}


@dataclass
class StoredFile:
    """A file. `content` is None until its bytes arrived; `complete` once Slack took it over."""

    id: str
    name: str
    owner: str
    size: int
    created: int
    upload_token: str
    title: str = ""
    content: bytes | None = None
    complete: bool = False
    never_shared: bool = False
    app_may_read: bool = False
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    shares: dict[str, list[Json]] = field(default_factory=dict)
    thumbs: dict[int, bytes] = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        """Guessed by name, as `filetype` is."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def filetype(self) -> str:
        """Slack's short word for the type."""
        subtype = self.mimetype.rpartition("/")[2]
        return TYPE_NAMES.get(subtype, subtype)

    @property
    def is_image(self) -> bool:
        """Whether an image block may show it."""
        return self.mimetype in SLACK_IMAGES and self.width > 0


class Files:
    """All files of the workspace."""

    def __init__(self, world: World, ids: Ids) -> None:
        self.base_url = ""
        self._world, self._ids = world, ids
        self._files: dict[str, StoredFile] = {}
        self._by_token: dict[str, StoredFile] = {}

    def reset(self) -> None:
        """Forget every file."""
        self._files.clear()
        self._by_token.clear()

    def get(self, file_id: str) -> StoredFile | None:
        """A file by id."""
        return self._files.get(file_id)

    def by_upload_token(self, token: str) -> StoredFile | None:
        """The file that an upload URL waits for."""
        return self._by_token.get(token)

    def expect(self, name: str, size: int, owner: str) -> StoredFile:
        """A file whose bytes are to come."""
        file = StoredFile(
            id=self._ids.fresh("F"),
            name=name.rpartition("/")[2] or "file",
            owner=owner,
            size=size,
            created=int(self._world.clock.now()),
            upload_token=secrets.token_urlsafe(24),
        )
        self._files[file.id] = self._by_token[file.upload_token] = file
        return file

    async def fill(self, file: StoredFile, content: bytes) -> None:
        """Take the bytes and look what is in them."""
        file.content, file.size = content, len(content)
        if file.mimetype.startswith("image/"):
            file.width, file.height = _picture_size(content)
        elif file.mimetype.startswith("video/"):
            await asyncio.to_thread(_probe_video, file)

    def delete(self, file: StoredFile) -> None:
        """Remove a file; its messages keep a tombstone."""
        self._files.pop(file.id, None)
        self._by_token.pop(file.upload_token, None)
        for channel_id, shares in file.shares.items():
            channel = self._world.channels[channel_id]
            for share in shares:
                if message := channel.messages.get(share["ts"]):
                    kept = [
                        {"id": file.id, "mode": "tombstone"} if one["id"] == file.id else one
                        for one in message.get("files", [])
                    ]
                    self._world.change(channel, share["ts"], {"files": kept})

    def share(self, channel: Channel, files: list[StoredFile], message: Json) -> Json:
        """Post the message that carries the files; `files.info` shows the share from now on."""
        shapes = [self.shape(file) for file in files]
        posted = self._world.post(channel, {**message, "files": shapes})
        for file in files:
            self._note_share(file, channel, posted)
        return posted

    def _note_share(self, file: StoredFile, channel: Channel, message: Json) -> None:
        share = {
            "reply_users": [],
            "reply_users_count": 0,
            "reply_count": 0,
            "ts": message["ts"],
            "channel_name": channel.name,
            "team_id": self._world.team["id"],
            "share_user_id": file.owner,
        }
        if "thread_ts" in message:
            share["thread_ts"] = message["thread_ts"]
        file.shares.setdefault(channel.id, []).append(share)

    def app_may_see(self, file: StoredFile) -> bool:
        """The bot's own files, files in its channels, and files given to it in a modal."""
        if file.owner == self._world.bot.id or file.app_may_read:
            return True
        bot = self._world.bot.id
        return any(bot in self._world.channels[channel].members for channel in file.shares)

    def shape(self, file: StoredFile) -> Json:
        """The file object, /reference/objects/file-object."""
        team = self._world.team["id"]
        place = f"{self.base_url}/files-pri/{team}-{file.id}"
        url_name = _safe_name(file.name)
        thumbs = self._thumbs(file) if file.complete else {}
        return {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.mimetype,
            "filetype": file.filetype,
            "pretty_type": file.filetype.upper(),
            "user": file.owner,
            "user_team": team,
            "editable": False,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": "public" in self._share_groups(file),
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": f"{place}/{url_name}",
            "url_private_download": f"{place}/download/{url_name}",
            "permalink": f"{self.base_url}/files/{file.owner}/{file.id}/{url_name}",
            "media_display_type": "video" if file.mimetype.startswith("video/") else "unknown",
            "is_starred": False,
            "has_rich_preview": False,
            "file_access": "visible",
            **thumbs,
        }

    def shape_with_shares(self, file: StoredFile) -> Json:
        """The file object of `files.info`: where it is shared appears only after the share."""
        groups = self._share_groups(file)
        kinds = {channel: self._world.channels[channel].kind for channel in file.shares}
        return {
            **self.shape(file),
            "shares": groups,
            "channels": [channel for channel, kind in kinds.items() if kind == "public"],
            "groups": [channel for channel, kind in kinds.items() if kind == "private"],
            "ims": [channel for channel, kind in kinds.items() if kind == "im"],
            "comments_count": 0,
        }

    def _share_groups(self, file: StoredFile) -> dict[str, Json]:
        groups: dict[str, Json] = {}
        for channel_id, shares in file.shares.items():
            kind = self._world.channels[channel_id].kind
            group = "public" if kind == "public" else "private"
            groups.setdefault(group, {})[channel_id] = shares
        return groups

    def _thumbs(self, file: StoredFile) -> Json:
        if not file.width:
            return {}
        owner = f"{self._world.team['id']}-{file.id}"
        place = f"{self.base_url}/files-tmb/{owner}"
        if file.mimetype.startswith("video/"):
            return {
                "thumb_video": f"{place}/720.png",
                "thumb_video_w": file.width,
                "thumb_video_h": file.height,
                "mp4": f"{self.base_url}/files-pri/{owner}/{_safe_name(file.name)}",
                "duration_ms": file.duration_ms,
            }
        sizes: Json = {"original_w": file.width, "original_h": file.height}
        for size in THUMBS_PX:
            if size in (64, 80, 160) or max(file.width, file.height) >= size:
                sizes[f"thumb_{size}"] = f"{place}/{size}.png"
        return sizes


def _safe_name(name: str) -> str:
    """As Slack does in URLs: lower case, odd characters become `_`."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_").lower() or "file"


def _picture_size(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0, 0


def _probe_video(file: StoredFile) -> None:
    """Size and length, as Slack shows them after processing; unreadable files have none."""
    try:
        with av.open(io.BytesIO(file.content or b""), "r") as container:
            stream = container.streams.video[0]
            file.width, file.height = stream.width, stream.height
            file.duration_ms = int((container.duration or 0) / 1000)
    except (av.FFmpegError, IndexError, ValueError):
        file.width = file.height = 0


def thumbnail(file: StoredFile, size: int) -> bytes:
    """A PNG of at most `size` pixels a side. Errors: OSError, av.FFmpegError."""
    if size not in file.thumbs:
        picture = _first_picture(file)
        picture.thumbnail((size, size))
        drawn = io.BytesIO()
        picture.convert("RGBA").save(drawn, "PNG")
        file.thumbs[size] = drawn.getvalue()
    return file.thumbs[size]


def _first_picture(file: StoredFile) -> Image.Image:
    if not file.mimetype.startswith("video/"):
        return Image.open(io.BytesIO(file.content or b""))
    with av.open(io.BytesIO(file.content or b""), "r") as container:
        frame = next(container.decode(video=0))
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call] # PyAV's gap
        return picture


def send_bytes(request: web.Request, content: bytes, mimetype: str) -> web.Response:
    """Answer whole, or the part that a `Range` header asks for, as a video player does."""
    headers = {"Accept-Ranges": "bytes", "Content-Type": mimetype}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", "").strip())
    if not asked or not (asked[1] or asked[2]):
        return web.Response(body=content, headers=headers)
    size = len(content)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    else:
        first, last = max(0, size - int(asked[2])), size - 1
    if first > last or first >= size:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return web.Response(status=206, body=content[first : last + 1], headers=headers)
