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
)
