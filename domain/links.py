"""Files at links that people paste: a Slack file where the link leads to one, else the link."""

from __future__ import annotations

import re
from ipaddress import ip_address

from domain.shape import Image, Media

# A file in Slack, by its page or its private link (docs.slack.dev, file object).
_SLACK_FILE = re.compile(
    r"https://(?:[\w-]+\.)*slack\.com/(?:files/[UW]\w+/|files-(?:pri|tmb)/T\w+-)(F[A-Z0-9]+)(?:[/?#-]|$)"
)


def image_at(url: str) -> Image:
    """The picture at a link."""
    return Image(**_where(url), name=_name(url) or "image")


def media_at(url: str) -> Media:
    """The file at a link."""
    return Media(**_where(url), name=_name(url) or "file")


def _where(url: str) -> dict[str, str]:
    slack_file = _SLACK_FILE.match(url)
    return {"slack_file_id": slack_file[1]} if slack_file else {"url": url}


def _name(url: str) -> str:
    return re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2]


def is_public_host(host: str) -> bool:
    """Whether anybody outside may know a host by this name: no address of a private network."""
    if host.lower().rsplit(".", 1)[-1] in _PRIVATE_ZONES:
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return True  # a name


_PRIVATE_ZONES = ("local", "localhost", "internal", "lan", "home")
