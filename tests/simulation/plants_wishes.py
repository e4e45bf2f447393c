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
)
