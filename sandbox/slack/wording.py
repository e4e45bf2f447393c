"""How Slack stores what people type: escaped, with control sequences for mentions and links.

Source: docs.slack.dev/messaging/formatting-message-text (escaping, mentions, links).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

CONTROL = re.compile(
    r"<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?"
    r"|#C[A-Z0-9]+(?:\|[^<>]*)?"
    r"|!(?:here|channel|everyone|subteam\^S[A-Z0-9]+|date\^[^<>]*)(?:\|[^<>]*)?"
    r"|(?:https?://|mailto:|tel:)[^<>|\s]+(?:\|[^<>]*)?)>"
)
TYPED_URL = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?'\"”’)\]}]")
TYPED_NAME = re.compile(r"(?<![\w@#<])([@#])([A-Za-z][\w.-]*\w|[A-Za-z])")

Resolve = Callable[[str, str], str | None]


def stored(typed: str, resolve: Resolve) -> str:
    """Typed text as Slack stores and delivers it.

    `&`, `<`, `>` become entities; control sequences stay; bare URLs become `<url>`; `@name` and
    `#name` become control sequences where `resolve(sigil, name)` knows them.
    """
    parts: list[str] = []
    at = 0
    for match in CONTROL.finditer(typed):
        parts += [_stored_plain(typed[at : match.start()], resolve), match.group()]
        at = match.end()
    return "".join([*parts, _stored_plain(typed[at:], resolve)])


def _stored_plain(text: str, resolve: Resolve) -> str:
    parts: list[str] = []
    at = 0
    for match in TYPED_URL.finditer(text):
        parts += [_with_names(text[at : match.start()], resolve), f"<{escape(match.group())}>"]
        at = match.end()
    return "".join([*parts, _with_names(text[at:], resolve)])


def _with_names(text: str, resolve: Resolve) -> str:
    return TYPED_NAME.sub(lambda match: resolve(match[1], match[2]) or match[0], escape(text))


def posted(text: str) -> str:
    """An app's text as Slack returns it: bare `&`, `<`, `>` escaped, bare URLs linked.

    Slack escapes what is not escaped yet (seen by others: openclaw/openclaw#53056); anything in
    `<…>` stays, so an app that does not escape people's text does mention and link.
    """
    parts = re.split(r"(<[^<>\n]+>)", text)
    for index in range(0, len(parts), 2):
        bare = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", parts[index])
        bare = bare.replace("<", "&lt;").replace(">", "&gt;")
        parts[index] = TYPED_URL.sub(lambda match: f"<{match[0]}>", bare)
    return "".join(parts)


def escape(text: str) -> str:
    """Only `&`, `<` and `>` are escaped, nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned_users(text: str) -> set[str]:
    """User ids mentioned in stored text."""
    return set(re.findall(r"<@([UW][A-Z0-9]+)", text))


def rich_text(text: str, block_id: str) -> list[dict[str, Any]]:
    """The `rich_text` block Slack's own clients add to what a person types."""
    if not text:
        return []
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _elements(text: str) -> Iterator[dict[str, Any]]:
    at = 0
    for match in re.finditer(r"<([^<>]+)>", text):
        if match.start() > at:
            yield {"type": "text", "text": html.unescape(text[at : match.start()])}
        yield _element(match[1])
        at = match.end()
    if at < len(text):
        yield {"type": "text", "text": html.unescape(text[at:])}


def _element(control: str) -> dict[str, Any]:
    target, _, label = control.partition("|")
    match target[0]:
        case "@":
            return {"type": "user", "user_id": target[1:]}
        case "#":
            return {"type": "channel", "channel_id": target[1:]}
        case "!":
            return {"type": "broadcast", "range": target[1:]}
        case _:
            link = {"type": "link", "url": html.unescape(target)}
            return {**link, "text": html.unescape(label)} if label else link
