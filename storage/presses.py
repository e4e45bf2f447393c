"""A press of a button: who pressed what where, which take it is about, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.errors import RequestError
from domain.ports import Transaction
from domain.shot import Page, Take
from storage.messages import add_whisper
from storage.requests import deliver
from storage.shots import read_page, read_take


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button, as Slack delivered it. `response_url` is a secret and never kept."""

    delivery_key: str
    team_id: str
    channel: str
    user: str
    at: float
    by_admin: bool = False
    response_url: str | None = field(default=None, repr=False)


class PressedBefore(Exception):
    """The same press again: delivered twice by Slack, or tapped twice by a person."""


def note_press(db: Transaction, press: Press, request_id: str | None = None) -> None:
    """Note a press. Raises `PressedBefore` where it was noted before."""
    if deliver(db, press.delivery_key, press.team_id, press.at, request_id) is not None:
        raise PressedBefore


def pressed_take(db: Transaction, press: Press, request_id: str) -> tuple[Page, Take]:
    """The take a press is about. Its team and channel are the press's own, or it is refused."""
    note_press(db, press, request_id)
    return take_in_place(db, press.team_id, press.channel, request_id)


def take_in_place(
    db: Transaction, team_id: str, channel: str, request_id: str
) -> tuple[Page, Take]:
    """A take of this team and channel. Raises `RequestError` where there is none."""
    page, take = known_take(db, team_id, request_id)
    if take.request.channel != channel:
        raise RequestError("That take belongs to another channel.")
    return page, take


def known_take(db: Transaction, team_id: str, request_id: str) -> tuple[Page, Take]:
    """A take of this team. Raises `RequestError` where there is none."""
    try:
        take = read_take(db, request_id)
    except KeyError:
        raise RequestError("I don't know that take any more.") from None
    if take.request.team_id != team_id:
        raise RequestError("I don't know that take any more.")
    return read_page(db, take.request.shot_id), take


def may_steer(press: Press, page: Page, take: Take) -> bool:
    """The requester of the take, of its shot, or an admin."""
    return press.by_admin or press.user in (take.request.requester, page.shot.requester)


def whisper(db: Transaction, press: Press, sentence: str, *, thread_ts: str | None = None) -> None:
    """Tell the person who pressed, for them alone."""
    add_whisper(
        db,
        (f"refused:{press.delivery_key}", 0),
        (press.team_id, press.channel),
        at=press.at,
        payload={"user": press.user, "sentence": sentence, "thread_ts": thread_ts},
    )
