"""The Web API's refusal: `{"ok": false, "error": code}` with what else Slack says."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """Refused with `code`; `messages` are `response_metadata.messages`."""

    def __init__(self, code: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.more = more

    def as_json(self) -> Json:
        """The answer's body."""
        body: Json = {"ok": False, "error": self.code, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {one}" for one in self.messages]}
        return body


def invalid_blocks(problems: list[str]) -> SlackError:
    """`invalid_blocks` with Slack's `errors` list."""
    return SlackError("invalid_blocks", problems, errors=problems)


def missing_field(name: str) -> SlackError:
    """A required argument is missing."""
    return SlackError("invalid_arguments", [f"missing required field: {name}"])
