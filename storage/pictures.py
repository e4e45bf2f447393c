"""Pictures that people gave us, the links under which gateways know them, and finished videos."""

from __future__ import annotations

from dataclasses import dataclass

from domain.offer import GatewayName
from domain.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture in our own store, re-encoded without its metadata."""

    team_id: str
    slack_file_id: str
    media_key: str
    media_type: str
    sha256: str
    width_px: int
    height_px: int
    created_at: float


def find_picture(db: Transaction, team_id: str, slack_file_id: str) -> Picture | None:
    """The stored picture of a Slack file."""
    row = db.execute(
        "SELECT * FROM picture WHERE team_id = :team AND slack_file_id = :file",
        {"team": team_id, "file": slack_file_id},
    ).one()
    return Picture(**row) if row else None


def keep_picture(db: Transaction, picture: Picture) -> None:
    """Note a stored picture; the first one of a Slack file stays."""
    db.execute(
        "INSERT INTO picture (team_id, slack_file_id, media_key, media_type, sha256, width_px,"
        " height_px, created_at) VALUES (:team, :file, :key, :type, :sha256, :width, :height, :at)"
        " ON CONFLICT (team_id, slack_file_id) DO NOTHING",
        {
            "team": picture.team_id,
            "file": picture.slack_file_id,
            "key": picture.media_key,
            "type": picture.media_type,
            "sha256": picture.sha256,
            "width": picture.width_px,
            "height": picture.height_px,
            "at": picture.created_at,
        },
    )


@dataclass(frozen=True, slots=True)
class Upload:
    """A gateway's link to a file, and how long the file lasts where it is heard or seen."""

    url: str
    duration_s: float | None = None


def find_upload(
    db: Transaction, team_id: str, slack_file_id: str, gateway: GatewayName, *, since: float
) -> Upload | None:
    """The link under which a gateway knows a file, if it was uploaded after `since`."""
    row = db.execute(
        "SELECT url, duration_s FROM picture_upload WHERE team_id = :team AND slack_file_id = :file"
        " AND gateway = :gateway AND uploaded_at > :since",
        {"team": team_id, "file": slack_file_id, "gateway": gateway.value, "since": since},
    ).one()
    return Upload(row["url"], row["duration_s"]) if row else None


def take_file_id(request_id: str) -> str:
    """What stands for Slack's file id where the file is the video of a take."""
    return f"take:{request_id}"


def find_video(db: Transaction, team_id: str, request_id: str) -> tuple[str, int, str] | None:
    """(media key, bytes, sha256) of a take's first video, in this team."""
    row = db.execute(
        "SELECT media_key, size_bytes, sha256 FROM video WHERE team_id = :team"
        " AND request_id = :request ORDER BY created_at, id LIMIT 1",
        {"team": team_id, "request": request_id},
    ).one()
    return (row["media_key"], row["size_bytes"], row["sha256"]) if row else None


def keep_upload(
    db: Transaction, team_id: str, file_id: str, *, gateway: GatewayName, upload: Upload, now: float
) -> None:
    """Note a gateway's link to a file: one of Slack's, or the video of a take (`take_file_id`)."""
    db.execute(
        "INSERT INTO picture_upload (team_id, slack_file_id, gateway, url, duration_s,"
        " uploaded_at) VALUES (:team, :file, :gateway, :url, :seconds, :now)"
        " ON CONFLICT (team_id, slack_file_id, gateway)"
        " DO UPDATE SET url = :url, duration_s = :seconds, uploaded_at = :now",
        {
            "team": team_id,
            "file": file_id,
            "gateway": gateway.value,
            "url": upload.url,
            "seconds": upload.duration_s,
            "now": now,
        },
    )
