"""Planted bugs that only harder faults and closer clocks show: a disk that fails in the middle of a
batch or after it, a start that dawdles, a queue that is no queue."""

from __future__ import annotations

from tests.simulation.plant import Edit, Plant

HARD_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="a loop dies of two at once",
        file="bot/turns.py",
        text="            for turn in claimed.turns:\n",
        becomes="            if len(claimed.turns) > 1:\n                raise KeyError('two')\n"
        "            for turn in claimed.turns:\n",
    ),
    Plant(
        name="a submit without an answer is said to be under way",
        file="storage/executions.py",
        text="(state = 'submitting' OR hold IN",
        becomes="(hold IN",
        also=(
            Edit(
                file="bot/engine/steps.py",
                text="SUBMIT_LEASE_S = 130.0",
                becomes="SUBMIT_LEASE_S = 1_500.0",
            ),
        ),
    ),
    Plant(
        name="every request waits for twenty minutes more",
        file="storage/requests.py",
        text="else request.undo_until,\n        created_at",
        becomes="else request.undo_until + 1_200,\n        created_at",
    ),
    Plant(
        name="the uploader looks all the time",
        file="storage/turns.py",
        text="    if next_at is None or next_at > now:\n        return Claimed(next_at=next_at)\n"
        "    turns: list[EffectDue] = []\n",
        becomes="    if next_at is None or next_at > now:\n"
        "        return Claimed(next_at=now + 0.01)\n"
        "    turns: list[EffectDue] = []\n",
    ),
    Plant(
        name="who came last is served first",
        file="storage/executions.py",
        text='" AND due_at <= :now ORDER BY due_at LIMIT :limit',
        becomes='" AND due_at <= :now ORDER BY due_at DESC LIMIT :limit',
    ),
    Plant(
        name="a stop waits for whatever is under way",
        file="bot/supervision.py",
        text="FINISH_LIMIT_S = 23.0",
        becomes="FINISH_LIMIT_S = 600.0",
        also=(
            Edit(
                file="bot/engine/engine.py",
                text="SUBMIT_GRACE_S = 20.0",
                becomes="SUBMIT_GRACE_S = 500.0",
            ),
        ),
    ),
    Plant(
        name="the engine dawdles at every start",
        file="bot/engine/engine.py",
        text="        try:\n            await self._turns.run(self._release)\n",
        becomes="        await self._clock.sleep(60.0)\n"
        "        try:\n            await self._turns.run(self._release)\n",
    ),
    Plant(
        name="what a failed commit has written is left in the log",
        where="killed_when_all_was_written",
        file="storage/batch.py",
        text="            _overwrite(connection)\n",
        becomes="            pass\n",
    ),
    Plant(
        name="who was undone by another's error is told that all is well",
        where="disk_fails_in_a_batch",
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
