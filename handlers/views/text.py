"""How text becomes Slack text: one escaper for everything people, models and vendors wrote, and
the few phrases for money, time and people that every view says alike.

Slack decodes exactly three entities and reads `<…>` as mention, link or date (docs.slack.dev,
"Formatting message text"); so `&`, `<` and `>` are all that has to be taken from a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from domain.money import as_usd
from domain.plain import escaped, without_hidden
from domain.pricing import Estimate
from domain.schedule import Durations

_JOINERS = "\u200b\u200c\u200d\u2060\ufe0f"  # nothing follows them after a cut


def escape(text: str, *, keep_lines: bool = False) -> str:
    """Text that is not ours, as Slack markup that shows it and does nothing else.

    Control and direction-turning characters are gone; line breaks are folded into spaces unless
    they are asked for. Shorten first, so that no entity is cut.
    """
    visible = without_hidden(text)
    if not keep_lines:
        visible = " ".join(visible.split())
    return escaped(visible)


def in_code(text: str, *, keep_lines: bool = False) -> str:
    """Text that is not ours, for inside a code span: a backtick would end the span."""
    return escape(text, keep_lines=keep_lines).replace("`", "'")


def shorten(text: str, chars: int) -> str:
    """At most `chars` code points, the last one an ellipsis where something is missing."""
    if len(text) <= chars:
        return text
    return text[: chars - 1].rstrip().rstrip(_JOINERS) + "…"


def quoted(text: str, chars: int) -> str:
    """`“A red fox runs through snow…”`, escaped, in one line that no code span can leave."""
    one_line = " ".join(without_hidden(text).split())
    return f"“{in_code(shorten(one_line, chars))}”"


def pieces(text: str, limit: int) -> Iterator[str]:
    """Escaped text in pieces of at most `limit` characters, cut between characters only.

    Slack may count in UTF-16, so a character beyond the basic plane counts twice.
    """
    piece, length = "", 0
    for char in without_hidden(text):
        shown = escaped(char)
        width = utf16_len(shown)
        if length + width > limit:
            yield piece
            piece, length = "", 0
        piece, length = piece + shown, length + width
    if piece:
        yield piece


def utf16_len(text: str) -> int:
    """How long a text is where a character beyond the basic plane counts twice."""
    return len(text) + sum(char > "\uffff" for char in text)


def mention(user_id: str) -> str:
    """`<@U…>`. Raises ValueError for what is not a user id."""
    return f"<@{_valid(user_id, '[UW][A-Z0-9]+')}>"


def channel_link(channel: str) -> str:
    """`<#C…>`. Raises ValueError for what is not a channel id."""
    return f"<#{_valid(channel, '[CDG][A-Z0-9]+')}>"


_LINK = r"(https://|http://127\.0\.0\.1:\d+/)[^<>|`]+"


def link(url: str, label: str) -> str:
    """A link of ours: https, or this machine itself. Raises ValueError for another."""
    return f"<{escaped(_valid(url, _LINK))}|{escape(label)}>"


def local_time(at: float) -> str:
    """`14:32` in each reader's own time zone."""
    return _date(at, "{time}", f"{_utc(at):%H:%M} UTC")


def local_day(at: float) -> str:
    """`Dec 1` in each reader's own time zone."""
    return _date(at, "{date_short_pretty}", f"{_utc(at):%d %b %Y}")


def local_moment(at: float) -> str:
    """Day and time in each reader's own time zone."""
    return _date(at, "{date_short_pretty} {time}", f"{_utc(at):%d %b %Y %H:%M} UTC")


def money(estimate: Estimate) -> str:
    """`about $1.52` or, where the vendor publishes no price, `up to $4.00`."""
    return f"{'up to' if estimate.is_ceiling else 'about'} {as_usd(estimate.micro_usd)}"


def price(estimate: Estimate) -> str:
    """The same on a button: `$1.52` or `up to $4.00`."""
    return f"{'up to ' if estimate.is_ceiling else ''}{as_usd(estimate.micro_usd)}"


def elapsed_words(seconds: float) -> str:
    """`48 s`, `1 min 10 s`, `1 h 05 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def coarse_s(seconds: float) -> float:
    """Elapsed time for a message that is edited: 5 s steps in the first minute, then 10 s."""
    step = 5 if seconds < 60 else 10
    return max(0.0, seconds // step * step)


def usual_words(durations: Durations) -> str:
    """`usually 2–4 min here`, from our own runs only."""
    if durations.samples == 0:
        return "no timing data yet"
    first, first_unit = _usual(durations.p50_s)
    last, last_unit = _usual(max(durations.p50_s, durations.p90_s))
    if (first, first_unit) == (last, last_unit):
        return f"usually {first} {first_unit} here"
    if first_unit == last_unit:
        return f"usually {first}–{last} {last_unit} here"
    return f"usually {first} {first_unit} – {last} {last_unit} here"


def counted(number: int, noun: str) -> str:
    """`1 take`, `3 takes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def dotted(*parts: str) -> str:
    """What is there, with middle dots between."""
    return " · ".join(part for part in parts if part)


def _usual(seconds: float) -> tuple[int, str]:
    if seconds < 57.5:
        return max(5, round(seconds / 5) * 5), "s"
    return round(seconds / 60), "min"


def _valid(value: str, pattern: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} cannot be put into Slack markup")
    return value


def _date(at: float, tokens: str, fallback: str) -> str:
    return f"<!date^{int(at)}^{tokens}|{fallback}>"


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), UTC)
