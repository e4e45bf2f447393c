"""An execution in the words of a gateway: what is submitted, and what later calls are about."""

from __future__ import annotations

from bot.callbacks import Callbacks
from domain.catalog import offer_named
from domain.errors import Failure, FailureClass
from domain.events import Abandoned, Event, LeaseLapsed, Unfetched
from domain.execution import Execution, State
from domain.gateway import Earlier, Intent, Remote, Trace, Unreadable


def intent_of(
    sent: Execution,
    callbacks: Callbacks | None,
    trace: Trace | None = None,
    *,
    continues: tuple[Earlier, ...] = (),
) -> Intent:
    """The submit of an execution, the same whenever it is asked for. `continues`: the turns before
    it, where it is one of a conversation."""
    assert sent.key is not None
    url = None if callbacks is None else callbacks.url(sent.gateway, sent.id, sent.attempt)
    return Intent(
        execution_id=sent.id,
        attempt=sent.attempt,
        key=sent.key,
        offer=offer_named(sent.offer),
        work=sent.work,
        links=sent.links,
        wished=sent.wished,
        callback_url=url,
        trace=trace,
        continues=continues,
    )


def remote_of(execution: Execution) -> Remote:
    """An accepted execution."""
    assert execution.remote_id is not None
    return Remote(
        execution.remote_id,
        execution.handle,
        offer_named(execution.offer),
        is_late=execution.state is State.LATE,
    )


def without_gateway(execution: Execution) -> Event:
    """Nobody can be asked: the key of its gateway was taken away. Unpaid it ends, paid it is late
    in time, unless the key comes back."""
    reason = f"no key is set for {execution.gateway}"
    match execution.state:
        case State.PREPARING | State.QUEUED:
            return Abandoned(Failure(kind=FailureClass.CONFIG, detail=reason))
        case State.SUBMITTING:
            return LeaseLapsed()
        case State.FETCHING:
            return Unfetched(reason, expired=False)
        case _:
            return Unreadable(reason)
