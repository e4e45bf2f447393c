"""Planted bugs that only harder faults and closer clocks show: a disk that fails in the middle of a
batch or after it, a start that dawdles, a queue that is no queue."""

from __future__ import annotations

from tests.simulation.plant import Plant

HARD_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="the engine dawdles at every start",
        file="bot/engine/engine.py",
        text="        try:\n            await self._turns.run()\n",
        becomes="        await self._clock.sleep(60.0)\n"
        "        try:\n            await self._turns.run()\n",
    ),
    Plant(
        name="what a failed commit has written is left in the log",
        file="storage/batch.py",
        text="        _overwrite(connection)\n",
        becomes="",
    ),
    Plant(
        name="who was undone by another's error is told that all is well",
        file="storage/batch.py",
        text="        if not connection.in_transaction:\n"
        "            raise _UndoneError(error) from error\n"
        '        connection.execute("ROLLBACK TO one_call")\n'
        '        connection.execute("RELEASE one_call")\n'
        "        return Outcome(failure=translated(error))\n",
        becomes="        if connection.in_transaction:\n"
        '            connection.execute("ROLLBACK TO one_call")\n'
        "        else:\n"
        '            connection.execute("BEGIN IMMEDIATE")\n'
        '            connection.execute("SAVEPOINT one_call")\n'
        '        connection.execute("RELEASE one_call")\n'
        "        return Outcome(failure=translated(error))\n",
    ),
)
