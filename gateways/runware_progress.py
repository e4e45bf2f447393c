"""How a Runware task is: what `getResponse` says of one to four results, each ending for itself.

runware.ai/docs/platform/task-polling: an answer has the present status of each result; those that
are processing or made stand in `data`, failed ones are moved to `errors`, so both may be filled. A
failed result is an entry of `errors`, or an item of `data` with `status: "error"` (runware-sdk
1.8.0 takes both). Pure functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from domain.errors import Failure, FailureClass
from domain.gateway import (
    Ended,
    Finished,
    Further,
    Progress,
    Remote,
    Rendering,
    Unknown,
    Unreadable,
)
from gateways.classify import Answer, retry_after_s
from gateways.lenient import Lenient, Maybe, link_of, read_json
from gateways.redact import detail
from gateways.runware_failures import NOT_FOUND, Wrong, failure_of, stated_errors
from gateways.runware_wire import MICRO_USD, VIDEO_TASK

RESULTS = "results"  # the key of a handle: how many were asked for
COST_MAX_USD = Decimal(100_000)

# Statuses of an answer that is about us or the way there, not about the task.
_NOT_OF_THE_TASK = frozenset({401, 402, 403, 408, 429})
_KNOWN_WORDS = frozenset({"processing", "success", "error"})


class _Item(Wrong):
    """One result as it stands."""

    progress: Maybe[float] = None
    video_uuid: Maybe[str] = Field(default=None, alias="videoUUID")
    video_url: Maybe[str] = Field(default=None, alias="videoURL")
    seed: Maybe[int] = None
    cost: Maybe[Decimal] = None
    error: Maybe[Wrong] = None
    nsfw: Maybe[bool] = Field(default=None, alias="NSFWContent")

    @property
    def stands(self) -> str:
        """Its status word; an item without one that has a link is a success."""
        return (self.status or ("success" if self.video_url else "")).strip().lower()


class _Told(Lenient):
    data: Maybe[list[Maybe[_Item]]] = None


@dataclass(frozen=True, slots=True)
class _Standing:
    """The results of one task: made, failed, and not ended yet."""

    made: tuple[_Item, ...]
    failures: tuple[Failure, ...]
    pending: tuple[_Item, ...]
    billed_micro_usd: int | None

    @property
    def ended(self) -> int:
        return len(self.made) + len(self.failures)

    @property
    def has_failed_whole(self) -> bool:
        """Whether nothing was made and nothing is under way any more: one error may stand for all
        results of a task (a provider's timeout, a refused prompt)."""
        return bool(self.failures) and not self.made and not self.pending


def decode_progress(answer: Answer, remote: Remote, secrets: tuple[str, ...] = ()) -> Progress:
    """How the task is. It has ended where all of its results are there, where it failed as a whole,
    or where its deadline has passed: an answer with fewer that were made cannot be told from one
    that is still growing."""
    if answer.status >= 500 or answer.status in _NOT_OF_THE_TASK:
        return _unreadable(answer, secrets)
    standing = _standing(answer, remote.remote_id, secrets)
    if standing is None:
        return _unreadable(answer, secrets)
    if any(link_of(item.video_url) is None for item in standing.made):
        return Unreadable("finished without a link")
    wanted = max(int(remote.handle.get(RESULTS, "1")), standing.ended)
    enough = 1 if remote.is_late or standing.has_failed_whole else wanted
    if standing.pending or standing.ended < enough:
        return Rendering(_fraction(standing, wanted))
    return _ending(standing)


def unfamiliar_words(answer: Answer) -> list[str]:
    """The status words of a poll that Runware's documents do not have."""
    told = read_json(_Told, answer.body)
    items = [item for item in (told.data if told else None) or [] if item]
    return [item.stands for item in items if item.stands and item.stands not in _KNOWN_WORDS]


def _standing(answer: Answer, task_uuid: str, secrets: tuple[str, ...]) -> _Standing | None:
    """The results of this task. None where the answer says nothing of it."""
    told = read_json(_Told, answer.body)
    wrongs = stated_errors(answer)
    if told is None or not (200 <= answer.status < 300 or wrongs):
        return None
    items = [item for item in told.data or [] if item and item.task_uuid == task_uuid]
    ours = [wrong for wrong in wrongs if wrong.task_uuid == task_uuid and _tells_of_render(wrong)]
    if wrongs and not ours and not items:
        return None
    over = [item for item in items if item.stands == "success"]
    failed = [item.error or item for item in items if item.stands == "error"]
    return _Standing(
        made=tuple(item for item in over if not item.nsfw),
        failures=(
            *(failure_of(wrong, secrets=secrets) for wrong in (*failed, *ours)),
            *(_flagged() for item in over if item.nsfw),
        ),
        pending=tuple(item for item in items if item.stands not in ("success", "error")),
        billed_micro_usd=_billed(over),
    )


def _tells_of_render(wrong: Wrong) -> bool:
    """Whether an error is about the task itself, not about the question."""
    return wrong.word != NOT_FOUND and (wrong.status == "error" or wrong.task_type == VIDEO_TASK)


def _flagged() -> Failure:
    """The operator had results checked, and this one did not pass. It is paid."""
    return Failure(
        kind=FailureClass.REFUSED_CONTENT, detail="the safety check flagged the result", billed=True
    )


def _billed(over: list[_Item]) -> int | None:
    """What the results cost together; a zero that is told is not to be relied on (by a third
    party), so it is as good as untold."""
    costs = [item.cost for item in over]
    if not costs or not all(cost and 0 < cost < COST_MAX_USD for cost in costs):
        return None
    return sum(int(cost * MICRO_USD) for cost in costs if cost)


def _fraction(standing: _Standing, wanted: int) -> float | None:
    said = [item.progress for item in standing.pending if item.progress is not None]
    if not said and not standing.ended:
        return None
    part = (standing.ended + sum(min(max(share, 0.0), 100.0) for share in said) / 100) / wanted
    return min(part, 1.0)


def _ending(standing: _Standing) -> Progress:
    if not standing.made:
        worst = [
            failure for failure in standing.failures if failure.kind is FailureClass.REFUSED_CONTENT
        ]
        return Ended((*worst, *standing.failures)[0])
    first, *others = standing.made
    return Finished(
        first.video_url or "",
        remote_video_id=first.video_uuid,
        seed=first.seed,
        billed_micro_usd=standing.billed_micro_usd,
        further=tuple(Further(item.video_url or "", item.video_uuid, item.seed) for item in others),
        failures=standing.failures,
    )


def _unreadable(answer: Answer, secrets: tuple[str, ...]) -> Progress:
    wrongs = stated_errors(answer)
    if answer.status < 500 and any(wrong.word == NOT_FOUND for wrong in wrongs):
        return Unknown()
    said = f"HTTP {answer.status}" + "".join(f": {each.code} {each.message}" for each in wrongs[:1])
    is_down = answer.status >= 500
    return Unreadable(detail(said, secrets), retry_after_s(answer), is_down)
