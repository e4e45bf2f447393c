"""Planted bugs in what people wished for: too much of it is made, too little, or nobody hears."""

from __future__ import annotations

from tests.simulation.plant import Edit, Plant

WISHES_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="a second tap is a second wish",
        file="storage/decisions.py",
        text="    if _tapped_twice(db, press, take.request):\n",
        becomes="    if not take:\n",
    ),
    Plant(
        name="a press that is delivered twice pays twice",
        file="storage/presses.py",
        text="        raise PressedBefore\n",
        becomes="        return\n",
        also=(
            Edit(
                file="storage/decisions.py",
                text="    if _tapped_twice(db, press, take.request):\n",
                becomes="    if not take:\n",
            ),
        ),
    ),
    Plant(
        name="the video never reaches its thread",
        file="storage/recording.py",
        text="            for number in files:\n",
        becomes="            for number in ():\n",
    ),
    Plant(
        name="of several results one is never shown",
        file="storage/recording.py",
        text="            for number in files:\n",
        becomes="            for number in files[:1]:\n",
    ),
    Plant(
        name="a file that Slack refused is told to nobody",
        file="storage/fallbacks.py",
        text="""            _tell_directly(db, due, "outcome", reason, now)\n""",
        becomes="            return\n",
    ),
    Plant(
        name="every instruction in a thread is swallowed",
        file="storage/replies.py",
        text="        case Instruction():\n",
        becomes="        case Instruction():\n            return Ignored(Why.CHATTER)\n",
    ),
    Plant(
        name="a further reply is noted and left out of its open take",
        file="storage/replies.py",
        text="                return _merge(db, reply, reading, place, place.open_now, reach)\n",
        becomes="                return Merged(place.base.id)\n",
    ),
    Plant(
        name="a further reply is a take of its own",
        file="storage/replies.py",
        text="        and reply.at < base.undo_until\n",
        becomes="        and reply.at < base.undo_until - 3600\n",
    ),
    Plant(
        name="the shape that a reply asked for is not sent to fal",
        file="gateways/fal_inputs.py",
        text="        aspect_ratio=None if ratio is None else ratio.value,\n",
        becomes="        aspect_ratio=None,\n",
    ),
    Plant(
        name="a cancel is acked and dropped while a take waits",
        file="storage/recording.py",
        text="    if before is None or before.state in ENDED or before.cancelling:\n",
        becomes="    if before is None or before.state not in IN_A_SLOT or before.cancelling:\n",
    ),
    Plant(
        name="a cancel is acked and dropped while a take runs",
        file="storage/recording.py",
        text="    if before is None or before.state in ENDED or before.cancelling:\n",
        becomes="    if before is None or before.state not in UNPAID or before.cancelling:\n",
    ),
    Plant(
        name="cancel as a command cancels nothing",
        file="storage/cancels.py",
        text="            request_cancel(db, request_id, Moment(now=press.at))\n            page",
        becomes="            page",
    ),
    Plant(
        name="the vendor is not told of a cancel",
        file="bot/engine/steps.py",
        text="    return execution.cancelling and not execution.cancel_sent\n",
        becomes="    return execution.cancelling and not execution\n",
    ),
    Plant(
        name="what was called off is made known as done",
        file="domain/watching.py",
        text="state = State.CANCELLED if before.cancelling else State.SUCCEEDED\n",
        becomes="state = State.SUCCEEDED\n",
    ),
    Plant(
        name="a yes is acked and forgotten",
        file="storage/decisions.py",
        text="        confirm(db, request_id, now=press.at)\n",
        becomes="",
    ),
    Plant(
        name="an approval is acked and forgotten",
        file="storage/decisions.py",
        text='UPDATE shot SET approved = :request, approved_by = :user WHERE id = :shot"',
        becomes="UPDATE shot SET approved_by = :user WHERE id = :shot AND :request <> ''\"",
    ),
    Plant(
        name="what was billed is written down as nothing",
        file="domain/watching.py",
        text="        return replace(kept, billed_micro_usd=billed, reserved_micro_usd=0)\n",
        becomes="        return replace(kept, billed_micro_usd=0, reserved_micro_usd=0)\n",
    ),
    Plant(
        name="what nobody knows to be billed is released",
        file="domain/ending.py",
        text="failure is not None and failure.billed is False",
        becomes="failure is not None and failure.billed is not True",
    ),
    Plant(
        name="what was called off while it ran is taken for free",
        file="domain/watching.py",
        text="            if billed is None:\n                return kept\n",
        becomes="            if before.cancelling:\n"
        "                return replace(kept, billed_micro_usd=0, reserved_micro_usd=0)\n"
        "            if billed is None:\n                return kept\n",
    ),
    Plant(
        name="several results are reserved as one",
        file="domain/pricing.py",
        text="    results, is_ceiling = results_of(work), False\n",
        becomes="    results, is_ceiling = 1, False\n",
    ),
    Plant(
        name="a card is never edited",
        file="storage/messages.py",
        text="    touch_message(db, card_id(shot_id), at, urgent=urgent)\n",
        becomes="",
    ),
    Plant(
        name="what was not made is said to nobody",
        file="storage/recording.py",
        text="        case State.FAILED | State.EXPIRED | State.LATE | State.UNCERTAIN:\n",
        becomes="        case State.EXPIRED | State.LATE | State.UNCERTAIN:\n",
    ),
    Plant(
        name="what is late is said to nobody",
        file="storage/recording.py",
        text="        case State.FAILED | State.EXPIRED | State.LATE | State.UNCERTAIN:\n",
        becomes="        case State.FAILED | State.EXPIRED | State.UNCERTAIN:\n",
    ),
    Plant(
        name="what is in doubt is said to nobody",
        file="storage/recording.py",
        text="        case State.FAILED | State.EXPIRED | State.LATE | State.UNCERTAIN:\n",
        becomes="        case State.FAILED | State.EXPIRED | State.LATE:\n",
    ),
    Plant(
        name="the channel never hears of a video",
        file="storage/deliveries.py",
        text="    if told.changed == 1:\n",
        becomes="    if told.changed > 1:\n",
    ),
    Plant(
        name="a shot that has no place ends in silence",
        file="storage/fallbacks.py",
        text="            abandon_shot(db, due.shot_id, reason=reason, now=now)\n"
        """            _tell_directly(db, due, "undeliverable", reason, now)\n""",
        becomes="            abandon_shot(db, due.shot_id, reason=reason, now=now)\n",
    ),
    Plant(
        name="an outcome that Slack refuses to show is told to nobody",
        where="closed_at_the_outcome",
        file="storage/edits.py",
        text="        _tell_directly(db, due, due.revision, now=now, reason=reason)\n",
        becomes="        pass\n",
    ),
)
