"""Planted bugs of talks with an agent: what is said to it, what it asks, and how one is found again
whose answer is lost."""

from __future__ import annotations

from tests.simulation.plant import Edit, Plant

AGENT_PLANTS: tuple[Plant, ...] = (
    Plant(
        name="a message does not wait for one that is late",
        file="storage/conversations.py",
        text="frozenset({State.SUBMITTING, State.RUNNING, State.LATE, State.FETCHING})",
        becomes="frozenset({State.SUBMITTING, State.RUNNING, State.FETCHING})",
        where="answers_late",
    ),
    Plant(
        name="a message does not wait for one in doubt",
        file="storage/conversations.py",
        text="    return turn.state in _AT_WORK or (is_looked_for and not _begins(turn))\n",
        becomes="    return turn.state in _AT_WORK or (is_looked_for and _begins(turn))\n",
        where="loses_a_message",
    ),
    Plant(
        name="an agent takes an older film for that of a message",
        file="gateways/heygen_agents.py",
        text='    return frozenset(filter(None, remote.handle.get(KNOWN, "").split(",")))\n',
        becomes="    return frozenset()\n",
        where="talks_among_faults",
    ),
    Plant(
        name="a lost session is any that nobody has",
        file="gateways/heygen_agents.py",
        text="and (named or await self._says(session_id, tag)):",
        becomes="and (named or session_id):",
        where="loses_two",
    ),
    Plant(
        name="a lost session is not looked for by its tag",
        file="gateways/heygen_agents.py",
        text='        named = [one.session_id for one in sessions if tag in (one.title or "")]\n',
        becomes="        named: list[str | None] = []\n",
        where="loses_an_answer",
        also=(
            Edit(
                file="gateways/heygen_agents.py",
                text="TRANSCRIPTS_READ = 6",
                becomes="TRANSCRIPTS_READ = 0",
            ),
        ),
    ),
    Plant(
        name="a lost session is begun again",
        file="gateways/heygen_agents.py",
        text="                return await self._found(intent)\n",
        becomes="                return await self.submit(intent, timeout_s=timeout_s)\n",
        where="loses_an_answer",
    ),
    Plant(
        name="an agent is asked anew although its conversation goes on",
        file="storage/conversations.py",
        text="    if not accepted or not _begins(accepted[0]):\n",
        becomes="    if not accepted or not _begins(accepted[-1]):\n",
    ),
    Plant(
        name="a question costs what a video costs",
        file="gateways/heygen_agents.py",
        text="field=QUESTION, detail=asked, billed=False)",
        becomes="field=QUESTION, detail=asked, billed=None)",
    ),
    Plant(
        name="what an agent asks is not shown",
        file="handlers/views/failure_words.py",
        text='    asked = f"The agent asks: {quoted(failure.detail, QUESTION_SHOWN_CHARS)}"\n',
        becomes='    asked = "The agent asks something."\n',
    ),
    Plant(
        name="who asks where nobody can answer is left asking",
        file="gateways/heygen_agents.py",
        text="        if await self.cancel(remote) is Cancellation.UNREADABLE:\n"
        "            return Rendering(session.fraction)\n",
        becomes="",
        where="asks_where_nobody_answers",
    ),
    Plant(
        name="an agent that was called off is not told",
        file="gateways/heygen_agents.py",
        text='        path = f"{AGENTS_ROAD}/{quote(_session_id(remote))}/stop"\n',
        becomes='        path = f"{AGENTS_ROAD}/{quote(_session_id(remote))}/videos"\n',
        where="is_called_off",
    ),
    Plant(
        name="an agent is told the next thing while it works",
        file="storage/conversations.py",
        text="    return any(\n        _is_at_work(turn) or",
        becomes="    return any(\n        False or",
        where="talks_among_faults",
    ),
)
