"""What goes wrong, each with a sentence for a person.

    BotError                   a sentence for a person
    ├── RequestError           the person can mend it; shown at its field, with a corrected command
    │   ├── MaybeMeant         it may be a slip: asked about before it is paid for
    │   ├── NotOfferedYet      a kind of video that no configured gateway makes
    │   └── NoModelFits        no offer can do what was asked
    ├── NotAllowed             this person may not do this
    ├── StorageUnavailable     the database cannot commit now: nothing was started
    └── MediaRefused           bytes that are not what they claim to be
        └── MediaUnfit         a file that is larger or longer than anybody takes

What a vendor answers is not an exception but a value: `Failure`, with one of the classes below.
Anything else that is raised is a bug and propagates.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

FAILURE_DETAIL_MAX_CHARS = 300


class BotError(Exception):
    """Something a person is told in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class RequestError(BotError):
    """The person can mend it. `field` names the option; `suggestion` is a command to copy."""

    def __init__(
        self, sentence: str, *, field: str | None = None, suggestion: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.field = field
        self.suggestion = suggestion


class MaybeMeant(RequestError):
    """It may be a slip, and is asked about. `otherwise` is the command that renders `prompt` all
    the same."""

    def __init__(
        self, sentence: str, *, suggestion: str, prompt: str | None, otherwise: str | None
    ) -> None:
        super().__init__(sentence, suggestion=suggestion)
        self.prompt = prompt or ""
        self.otherwise = otherwise


class NotOfferedYet(RequestError):
    """A kind of video that no configured gateway makes."""


class NoModelFits(RequestError):
    """No offer can do what was asked."""


class NotAllowed(BotError):
    """This person may not do this here."""


class StorageUnavailable(BotError):
    """The database cannot commit now. Nothing was started."""


class MediaRefused(BotError):
    """Bytes that are not the image or video they claim to be, or too many of them."""


class MediaUnfit(MediaRefused):
    """A file that is larger or longer than anybody takes. The sentence has both numbers."""


class FailureClass(StrEnum):
    """Whose fault a failure is, and so what can be done about it."""

    CONFIG = "config"  # our key or account: the operator mends it
    CREDITS = "credits"  # the vendor account is out of money
    RATE = "rate"  # too many at once: wait
    REFUSED_CONTENT = "refused_content"  # the vendor will not make this
    BAD_INPUT = "bad_input"  # the vendor does not understand a field
    TRANSIENT = "transient"  # broken on their side or on the way
    UNCERTAIN = "uncertain"  # may have been accepted
    GONE = "gone"  # the endpoint no longer exists
    DRIFT = "drift"  # the answer is not what the documents say
    STOPPED = "stopped"  # ended because somebody cancelled it
    UNCONFIRMED = "unconfirmed"  # nobody accepted its price, so it was never sent
    UNFETCHED = "unfetched"  # made, but its file cannot be had
    OURS = "ours"  # broken in the bot itself, before anything was sent
    NO_PLACE = "no_place"  # Slack has no place for its messages, so it was never sent


# Whatever is the gateway's and not the request's. A refusal is never shopped around.
THEIRS = frozenset(
    {
        FailureClass.CONFIG,
        FailureClass.CREDITS,
        FailureClass.RATE,
        FailureClass.TRANSIENT,
        FailureClass.GONE,
        FailureClass.DRIFT,
    }
)

# Of our account there: whatever else is asked of that gateway is refused for the same reason.
OF_THE_ACCOUNT = frozenset({FailureClass.CONFIG, FailureClass.CREDITS})


class Failure(BaseModel):
    """Why an execution did not make a video.

    `detail` is the vendor's own text, redacted and at most `FAILURE_DETAIL_MAX_CHARS`: for
    *Details* and logs only, never a sentence for a person. `field` names the input that was
    refused. `billed` is whether the vendor charges for it, None where it does not say.
    """

    model_config = ConfigDict(frozen=True)

    kind: FailureClass
    detail: str = ""
    field: str | None = None
    billed: bool | None = False
