"""Everything that anybody sees of us, and every host that we speak to: nowhere do people's or
vendors' words become markup (S13), nowhere does one workspace see another's (S11), and nothing is
fetched from where nobody said that it may be fetched (S14).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.simulation import canaries, vendor_fal, vendor_heygen, vendor_runware
from tests.simulation.facts import TEAMS
from tests.simulation.wishes import TOKEN

if TYPE_CHECKING:
    from tests.simulation.world import World

FORBIDDEN = ("<!channel>", "<@UEVIL>", "<https://evil")
TEXT_MAX_CHARS = 40_000
BLOCKS_MAX = 50
OURS = re.compile(r"(?:C|DU|U)(\d)X")  # a channel, a conversation with us, a person: whose it is
FILE_HOSTS = frozenset({vendor_heygen.FILES, vendor_fal.CDN, vendor_runware.FILES})
CALLED_HOSTS = frozenset(
    {
        *(vendor_heygen.HOST, vendor_heygen.UPLOADS),
        *(vendor_fal.HOST, vendor_fal.REST, vendor_fal.CDN, vendor_fal.API),
        vendor_runware.HOST,
    }
)
SLACKS_HOSTS = frozenset({"slack.com", "files.slack.com", "hooks.slack.com"})
EVIL = "https://evil.example/video.mp4"
# What a vendor that was broken into has for a link: the network we stand in, somebody else, plain
# http, another port, and addresses that are read in two ways.
EVIL_LINKS = (
    *("http://10.0.0.7/video.mp4", "https://169.254.169.254/latest/meta-data", EVIL),
    *("https://[::1]/video.mp4", "https://2130706433/video.mp4", "file:///etc/passwd"),
    *("http://{files}/video.mp4", "http://{files}:80/video.mp4", "https://{files}:8443/video.mp4"),
    *("https://{files}@evil.example/video.mp4", "https://{files}.evil.example/video.mp4"),
)


def said(world: World, place: str, arguments: dict[str, Any]) -> None:
    """S13, S11 and S16, of anything that we show: a message, a modal, an ack, a file's name.
    `place` is a channel, a person or a team."""
    text = str(arguments.get("text", ""))
    blocks = arguments.get("blocks") or ()
    spoken = text + "".join(_mrkdwn(blocks))
    canaries.shown(world, place, json.dumps(arguments, default=str))
    for word in FORBIDDEN:
        if word in spoken:
            world.checker.breach("S13", f"{word} was said in {place}")
    if len(text) > TEXT_MAX_CHARS or len(blocks) > BLOCKS_MAX:
        world.checker.breach("S16", f"a message of {len(text)} characters in {place}")
    here = _team(place)
    seen = text + json.dumps(blocks, default=str, ensure_ascii=False)
    for team in TOKEN.findall(seen) if here is not None else ():
        if team != here:
            world.checker.breach("S11", f"another workspace's prompt was said in {place}")


def acked(world: World, key: str, body: str) -> None:
    """What somebody sees at once for what they typed. `cmd:T1:…` names its team."""
    try:
        answer = json.loads(body) if body.startswith("{") else {"text": body}
    except ValueError:
        answer = {"text": body}
    said(world, key.split(":")[1], answer)


def connected(world: World, url: str, hosts: frozenset[str]) -> None:
    """S14: a call goes to a host that is known for it, and nobody can read it on its way."""
    parts = urlsplit(url)
    if parts.hostname not in hosts or parts.scheme != "https" or parts.port not in (None, 443):
        world.checker.breach("S14", f"{url[:90]} was called")


def _team(place: str) -> str | None:
    """The digit of the team that sees it; None where it is an operator's or nobody's."""
    if place in TEAMS:
        return str(TEAMS.index(place))
    found = OURS.match(place)
    return found[1] if found else None


def _mrkdwn(value: Any) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _mrkdwn(item)
    elif isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield str(value.get("text", ""))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _mrkdwn(item)
