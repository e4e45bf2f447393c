"""Runware's errors as ours.

`errors: [{code, message, parameter, taskType, taskUUID}]` (runware.ai/docs/platform/errors). Codes
are still being standardised, say the docs, and vary by model and provider. So a code is read by its
group, as PyPI runware-sdk 1.8.0 has them, and without regard to case: the documented
`timeoutProvider` escapes that SDK's own "Timeout". Providers' own words come through, such as
`DataInspectionFailed` of Wan (Alibaba Cloud, Model Studio's error codes); a refusal taken for a
passing failure would be sent on to the next gateway.
"""

from __future__ import annotations

import re

from pydantic import Field

from domain.errors import Failure, FailureClass
from gateways.classify import Answer
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

CONFLICT = "conflicttaskuuid"
NOT_FOUND = "taskfailedornotfound"
FIELD_MAX_CHARS = 40

# The first group that fits is it: `invalidProviderContent` is a refusal, not a wrong parameter.
_GROUPS: tuple[tuple[FailureClass, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (
            FailureClass.REFUSED_CONTENT,
            r"polic(y|ies)|providercontent|sensitive|unsafe|nsfw|(prompt|image|input)blocked"
            r"|moderat|flagged|copyright|guardrail|inspection|celebrit|infring"
            r"|(?<!connection)(?<!payment)refus|(?<!key)(?<!token)reject(ed|ion)?$",
        ),
        (FailureClass.CREDITS, r"credits?|quota|balance|paymentrequired"),
        (
            FailureClass.CONFIG,
            r"apikey|unauthorized|forbidden|permission|^auth|authentication|credentials"
            r"|^token|(account|organization|workspace)(suspended|disabled)",
        ),
        (FailureClass.RATE, r"ratelimit|toomany|concurren"),
        (FailureClass.TRANSIENT, r"timeout"),
        (FailureClass.GONE, r"^(invalid|unknown|unsupported)model$|^modelnotfound$"),
        (FailureClass.STOPPED, r"cancell?ed"),
        (
            FailureClass.TRANSIENT,
            r"inferenceerror|failed|unavailable|disabled|notready|noavailable|servererror"
            r"|standarderror|unknownerror|undefinederror|defaulterror|couldnotbe|^provider",
        ),
        (
            FailureClass.BAD_INPUT,
            r"^(invalid|missing|unsupported|value|array|max|min|conflict|incompatible)"
            r"|unknownparameter|notfound|expired",
        ),
    )
)
# A refusal in words, beside a code that says nothing or only that something failed. Stricter than
# a code, because a message may repeat the prompt.
_REFUSED_IN_WORDS = re.compile(
    r"content polic(y|ies)|polic(y|ies) violation|violat\w+ .{0,40}polic(y|ies)|moderation"
    r"|data ?inspection|inappropriate content|sensitive (content|information)|guardrail"
    r"|copyright(ed)? (content|material|restriction|violation|infring)|nsfw|safety (system|filter)",
    re.IGNORECASE,
)
_KIND_OF_STATUS = {
    400: FailureClass.BAD_INPUT,
    401: FailureClass.CONFIG,
    402: FailureClass.CREDITS,
    403: FailureClass.CONFIG,
    429: FailureClass.RATE,
}
# What Runware's wire calls an input, and what we call it (`domain.request.Clip`).
_FIELDS = {
    "positiveprompt": "prompt",
    "model": "model",
    "width": "resolution",
    "height": "resolution",
    "resolution": "resolution",
    "duration": "duration_s",
    "seed": "seed",
    "numberresults": "results",
    "outputformat": "file_format",
    "inputs": "reference_image",
    "inputs.image": "reference_image",
    "inputs.avatar": "avatar",
    "inputs.frameimages": "reference_image",
    "inputs.frameimages.1": "tail_image",
    "inputs.referenceimages": "references",
}


class Wrong(Lenient):
    """One entry of `errors`, or the error inside an item of `data`."""

    code: Maybe[str] = None
    message: Maybe[str] = None
    parameter: Maybe[str | list[str]] = None
    task_type: Maybe[str] = Field(default=None, alias="taskType")
    task_uuid: Maybe[str] = Field(default=None, alias="taskUUID")
    status: Maybe[str] = None

    @property
    def word(self) -> str:
        """Its code, to be compared."""
        return (self.code or "").lower()


class _Envelope(Lenient):
    errors: Maybe[list[Maybe[Wrong]]] = None


def stated_errors(answer: Answer) -> list[Wrong]:
    """Runware's own errors in an answer; none where it is not its envelope."""
    envelope = read_json(_Envelope, answer.body)
    return [
        wrong for wrong in (envelope.errors if envelope else None) or [] if wrong and wrong.code
    ]


def refused(answer: Answer, secrets: tuple[str, ...] = ()) -> Failure | None:
    """The failure in an answer with nothing but errors. Nothing was begun."""
    errors = stated_errors(answer)
    if not errors:
        return None
    failure = failure_of(errors[0], status=answer.status, secrets=secrets)
    return failure.model_copy(update={"billed": False})


def failure_of(wrong: Wrong, *, status: int = 200, secrets: tuple[str, ...] = ()) -> Failure:
    """What went wrong. Whether a failed result is charged is not known: Runware's own pages say
    that one pays for what a request uses, some models by compute time (runware.ai/docs/models-api,
    pricing); that failures are free is said by third parties only. What may be paid goes on nowhere
    else by itself."""
    said = ": ".join(filter(None, (wrong.code, wrong.message)))
    kind, field = _kind(wrong, status), _field(wrong.parameter)
    if kind is FailureClass.GONE and field not in (None, "model"):
        kind = FailureClass.BAD_INPUT  # the model is there: it is a parameter that it does not take
    return Failure(
        kind=kind,
        detail=detail(f"{said} (task {wrong.task_uuid})" if wrong.task_uuid else said, secrets),
        field=field,
        billed=None,
    )


def _kind(wrong: Wrong, status: int) -> FailureClass:
    group = next((kind for kind, words in _GROUPS if words.search(wrong.word)), None)
    is_vague = group in (None, FailureClass.TRANSIENT)
    if is_vague and _REFUSED_IN_WORDS.search(wrong.message or ""):
        return FailureClass.REFUSED_CONTENT
    return group or _KIND_OF_STATUS.get(status, FailureClass.TRANSIENT)


def _field(parameter: str | list[str] | None) -> str | None:
    name = parameter[0] if isinstance(parameter, list) and parameter else parameter
    if not isinstance(name, str) or not name:
        return None
    spelled = name.lower().replace("[", ".").replace("]", "")
    without_place = re.sub(r"\.\d+(\..*)?$", "", spelled)
    return _FIELDS.get(spelled) or _FIELDS.get(without_place) or name[:FIELD_MAX_CHARS]
