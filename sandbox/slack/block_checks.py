"""The small words the Block Kit rule table is written in: a check reports what breaks a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
LOCAL_HOSTS = ("localhost", "127.", "[::1]", "0.0.0.0")


@dataclass
class Inspection:
    """One look at some blocks: where they will show, what the app owns, and what is wrong."""

    surface: str
    is_image_file: Callable[[Json], bool] = lambda _: False
    scopes: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)

    def report(self, words: str, pointer: str) -> None:
        """Note a problem in Slack's wording of `errors[]`."""
        self.problems.append(f"{words} [json-pointer:{pointer or '/'}]")


Check = Callable[[Any, str, Inspection], None]


def string(maximum: int, minimum: int = 1) -> Check:
    """A string of that many characters."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if not isinstance(value, str):
            look.report("must be a string", at)
        elif len(value) > maximum:
            look.report(f"must be less than {maximum + 1} characters", at)
        elif len(value) < minimum:
            look.report(f"must be more than {minimum - 1} characters", at)

    return check


def link(maximum: int = 3000, *, fetched: bool = False) -> Check:
    """An absolute URL; `fetched` ones must be reachable from Slack, so never on a local host."""
    length = string(maximum)

    def check(value: Any, at: str, look: Inspection) -> None:
        before = len(look.problems)
        length(value, at, look)
        if len(look.problems) > before:
            return
        parts = urlsplit(value)
        web = parts.scheme in {"http", "https"} and bool(parts.netloc)
        if not web and (fetched or not parts.scheme or not parts.path):
            look.report("must be a valid URL", at)
        elif fetched and parts.netloc.lower().startswith(LOCAL_HOSTS):
            look.report("downloading image failed", at)

    return check


def number(minimum: int, maximum: int) -> Check:
    """An integer in a range, ends included."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            look.report("must be an integer", at)
        elif not minimum <= value <= maximum:
            look.report(f"must be between {minimum} and {maximum}", at)

    return check


def boolean(value: Any, at: str, look: Inspection) -> None:
    """True or false, not words for them."""
    if not isinstance(value, bool):
        look.report("must be a boolean", at)


def anything(_value: Any, _at: str, _look: Inspection) -> None:
    """A value this table does not look into."""


def word(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if value not in allowed:
            look.report(f"must be one of {', '.join(allowed)}", at)

    return check


def many(check_one: Check, minimum: int, maximum: int) -> Check:
    """A list of that many items."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if not isinstance(value, list):
            look.report("must be an array", at)
            return
        if len(value) < minimum:
            look.report(f"no fewer than {minimum} items allowed", at)
        if len(value) > maximum:
            look.report(f"no more than {maximum} items allowed", at)
        for index, item in enumerate(value):
            check_one(item, f"{at}/{index}", look)

    return check


def shape(
    fields: Mapping[str, Check],
    *,
    required: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    exactly: bool = False,
) -> Check:
    """An object with known fields; of `one_of` at least one is needed, or `exactly` one."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if not isinstance(value, dict):
            look.report("must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                look.report(f"missing required field: {name}", at)
        named = sum(value.get(name) is not None for name in one_of)
        if one_of and (named == 0 or (exactly and named > 1)):
            look.report(f"must have {'exactly ' * exactly}one of {', '.join(one_of)}", at)
        for name, item in value.items():
            if name == "type":
                continue
            if name not in fields:
                look.report(f"invalid additional property: {name}", at)
            elif item is not None:
                fields[name](item, f"{at}/{name}", look)

    return check


def typed(checks: Mapping[str, Check], allowed: tuple[str, ...] | None = None) -> Check:
    """An object whose `type` picks its check; unknown types are refused loudly."""

    def check(value: Any, at: str, look: Inspection) -> None:
        kind = str(value.get("type")) if isinstance(value, dict) else "none"
        if kind not in checks or (allowed is not None and kind not in allowed):
            look.report(f"unsupported type: {kind}", f"{at}/type")
            return
        checks[kind](value, at, look)

    return check


def text(maximum: int, *kinds: str) -> Check:
    """A text object, /reference/block-kit/composition-objects/text-object."""
    plain = shape({"text": string(maximum), "emoji": boolean}, required=("text",))
    mrkdwn = shape({"text": string(maximum), "verbatim": boolean}, required=("text",))
    return typed({"plain_text": plain, "mrkdwn": mrkdwn}, kinds or None)


def also(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, at: str, look: Inspection) -> None:
        for one in checks:
            one(value, at, look)

    return check


def only_on(*surfaces: str) -> Check:
    """Refused on any other surface."""

    def check(value: Any, at: str, look: Inspection) -> None:
        if look.surface not in surfaces:
            look.report(f"unsupported type: {value.get('type')}", f"{at}/type")

    return check


def needs_scope(scope: str) -> Check:
    """Refused without this scope in the manifest."""

    def check(_value: Any, at: str, look: Inspection) -> None:
        if scope not in look.scopes:
            look.report(f"missing required scope: {scope}", at)

    return check
