"""Planted bugs around several gateways: look-ups of doubts, webhooks, going on elsewhere, several
results."""

from __future__ import annotations

from tests.simulation.plant import Plant

VENDOR_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="a look-up draws a fresh key",
        file="bot/engine/steps.py",
        text="        gateway = self._gateways[execution.gateway]\n"
        "        answer = await gateway.look",
        becomes="        intent = __import__('dataclasses').replace(intent,"
        " key=submit_key(self._ids.new('submit')))\n"
        "        gateway = self._gateways[execution.gateway]\n"
        "        answer = await gateway.look",
    ),
    Plant(
        name="a look-up that did not get through means not sent",
        file="domain/submitting.py",
        text="        case NotSent(reason) | Uncertain(reason):\n",
        becomes="        case NotSent(reason):\n"
        "            lost = Failure(kind=FailureClass.TRANSIENT, detail=reason)\n"
        "            return _again(before, Hold.GATEWAY_DOWN, lost, at)\n"
        "        case Uncertain(reason):\n",
    ),
    Plant(
        name="a look-up that is refused for money means refused",
        file="domain/submitting.py",
        text="        case Rejected(failure):\n            refused =",
        becomes="        case Rejected(failure) if failure.kind in"
        " (FailureClass.CREDITS, FailureClass.CONFIG):\n"
        "            return end(before, State.FAILED, at, failure=failure)\n"
        "        case Rejected(failure):\n            refused =",
    ),
    Plant(
        name="the first call's late no overrules the look that is on the wire",
        file="domain/submitting.py",
        text="    if before.unknown_since is not None and dedupe_of(before.offer) in _LOOKS_SEND",
        becomes="    if at is None and dedupe_of(before.offer) in _LOOKS_SEND",
    ),
    Plant(
        name="work that is refused when it is sent again was never accepted",
        file="domain/submitting.py",
        text="        case Rejected(failure):\n            refused =",
        becomes="        case Rejected(failure) if failure.kind in _ABOUT_THE_WORK:\n"
        "            return end(before, State.FAILED, at, failure=failure)\n"
        "        case Rejected(failure):\n            refused =",
    ),
    Plant(
        name="a doubt at fal is sent again",
        file="gateways/fal.py",
        text="        if not found:\n            return Uncertain(\"fal's request history does not",
        becomes="        if not found:\n            return await self.submit(intent,"
        " timeout_s=30.0)\n            return Uncertain(\"fal's request history does not",
    ),
    Plant(
        name="a hint is believed without a look",
        file="gateways/fal.py",
        text="return Accepted(hinted) if fal_wire.is_known(answer) else None",
        becomes="return Accepted(hinted)",
    ),
    Plant(
        name="a webhook's token is not looked at",
        file="bot/callbacks.py",
        text="        return (execution_id, int(attempt)) if is_ours and found else None\n",
        becomes="        return (execution_id, int(attempt)) if found else None\n",
    ),
    Plant(
        name="refused content goes on elsewhere",
        file="domain/errors.py",
        text="        FailureClass.DRIFT,\n",
        becomes="        FailureClass.DRIFT,\n        FailureClass.REFUSED_CONTENT,\n",
    ),
    Plant(
        name="what may be billed goes on elsewhere",
        file="domain/rerouting.py",
        text="and failure.billed is False",
        becomes="and failure.billed is not True",
    ),
    Plant(
        name="what goes on elsewhere keeps its old money reserved",
        file="domain/ending.py",
        text="reserved_micro_usd=0 if unbilled else execution.reserved_micro_usd",
        becomes="reserved_micro_usd=execution.reserved_micro_usd",
    ),
    Plant(
        name="another price elsewhere is paid without a yes",
        file="storage/rerouting.py",
        text="confirmed=failed.confirmed and not found.asks_first",
        becomes="confirmed=failed.confirmed",
    ),
    Plant(
        name="what goes on elsewhere tells two outcomes",
        file="storage/recording.py",
        text="    ended = not rerouted and after.state != before.state and",
        becomes="    ended = after.state != before.state and",
    ),
    Plant(
        name="several results share one file",
        file="bot/engine/courier.py",
        text='    return execution.id if number == 1 else f"{execution.id}_{number}"\n',
        becomes="    return execution.id\n",
    ),
    Plant(
        name="only the first of several results is kept",
        file="bot/engine/courier.py",
        text="*(further.video_url for further in result.further))",
        becomes="*(further.video_url for further in ()))",
    ),
)
