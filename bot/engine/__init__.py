"""The engine: claims what is due, does one step of it, records what came of it.

Only the engine changes an execution once it is accepted, in one place (`steps.py`), by looking at
what is due rather than at what happened. The table is the schedule: there is no queue in memory.
"""
