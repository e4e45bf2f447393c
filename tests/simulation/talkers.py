"""People who talk to an agent: they let it begin, wait for what it asks or makes, or do not wait,
and say one thing after the other in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import ids
from tests.simulation.people import FIRST_WORD_AT_S, Person
from tests.simulation.plan import Plot, Story
from tests.simulation.replies import ASPECT
from tests.simulation.slack_world import Said
from tests.simulation.talks import Line

if TYPE_CHECKING:
    from tests.simulation.world import World

ROUNDS = {Plot.AGENT: 1, Plot.CONVERSATION: 3}
# How a take's message begins that nothing more comes of for now.
AT_REST = ("Done", "Not made", "Needs an answer", "Cancelled", "Expired", "Late", "Uncertain")
CALLS_OFF_SHARE, IMPATIENT_SHARE, RESHAPES_SHARE, TWICE_SHARE = 0.15, 0.25, 0.12, 0.2
AT_ONCE_S, AT_WORK_S = 2.0, 13.0


class Talker(Person):
    """Somebody with an idea for a film."""

    def __init__(self, world: World, story: Story) -> None:
        super().__init__(world, story)
        self._lines = 0

    async def lives(self) -> None:
        """The story, from its first word to its last."""
        await self.waits(FIRST_WORD_AT_S + self._story.at)
        await self._types(self._prompt())
        card = await self._sees(self._card)
        for _ in range(ROUNDS[self._story.plot] if card is not None else 0):
            assert card is not None
            await self._goes_on_talking(card)

    def _flags(self, model: str) -> str:
        del model
        return f"--kind agent{' --chat' if self._story.plot is Plot.CONVERSATION else ''}"

    async def _goes_on_talking(self, card: Said) -> None:
        draw = self._world.people
        if draw.random() < IMPATIENT_SHARE:
            await self._pause(AT_WORK_S)
        elif draw.random() < CALLS_OFF_SHARE:
            await self._pause(AT_WORK_S)
            await self._presses(ids.CANCEL, twice=self._is_impatient)
        else:
            await self._sees(self._newest_at_rest)
        await self._pause(AT_ONCE_S)
        if draw.random() < RESHAPES_SHARE:
            await self._replies(card, ASPECT)
            return
        await self._tells(card)
        if draw.random() < TWICE_SHARE:
            await self._pause(AT_ONCE_S)
            await self._tells(card)

    def _newest_at_rest(self) -> Said | None:
        """The last of its takes, once nothing more comes of any of them."""
        takes = [
            said
            for said in self._world.slack.beginning("take:", self.channel)
            if self._mine in said.text
        ]
        rests = all(said.text.startswith(AT_REST) for said in takes)
        return takes[-1] if takes and rests else None

    async def _tells(self, card: Said) -> None:
        """One more thing to the agent, in words that nobody else says."""
        self._lines += 1
        word = f"word{self._lines}of{self.token}"
        text = f"<@UBOT> at night, slower, with {word} for {self.token}"
        said = self._world.slack.say(self.channel, self.user, text, thread_ts=card.ts)
        key = f"msg:{self.team}:{self.channel}:{said.ts}"
        checker = self._world.checker
        checker.replied(key, self.channel, card.ts)
        checker.wishes.replied[key] = self.token
        line = Line(key=key, word=word, user=self.user, place=(self.channel, card.ts))
        checker.talks.said(line)
        await self._event(said, {})
