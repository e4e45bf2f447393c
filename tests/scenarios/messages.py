"""What there is to read and to press in a message, as Slack keeps it."""

from __future__ import annotations

from typing import Any

from tests.scenarios.sandbox import Json


def mark_of(message: Json) -> str:
    """The mark that a post of ours carries."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("mark", ""))


def shown_in(message: Json) -> str:
    """Everything that eyes read in a message: the texts of its blocks."""
    texts: list[str] = []

    def gather(part: Any) -> None:
        match part:
            case {"text": str(text)}:
                texts.append(text)
            case dict():
                for each in part.values():
                    gather(each)
            case list():
                for each in part:
                    gather(each)

    gather(message.get("blocks") or [])
    return "\n".join(texts)


def labels_of(message: Json) -> list[str]:
    """Everything that can be pressed on a message."""
    return [label for label, _ in _choices(message)]


def choice_of(message: Json, label: str) -> Json | None:
    """What the control API is told to press the thing whose label begins so."""
    return next((choice for shown, choice in _choices(message) if shown.startswith(label)), None)


def _choices(message: Json) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for block in message.get("blocks") or []:
        beside = [block["accessory"]] if block.get("accessory") else []
        for element in [*(block.get("elements") or []), *beside]:
            if element.get("type") == "button":
                press = {"action_id": element["action_id"], "value": element.get("value")}
                found.append((element["text"]["text"], press))
            elif element.get("type") == "overflow":
                for option in element["options"]:
                    press = {"action_id": element["action_id"], "value": option["value"]}
                    found.append((option["text"]["text"], press))
    return found
