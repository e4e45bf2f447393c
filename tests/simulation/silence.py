"""Our token is worth nothing for a while (D7, E4): Slack says so, and is then left alone; nothing
new is paid meanwhile, because nobody could be told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.execution import State
from tests.simulation.slack_world import BOT_USER, TEAMS, team_of

if TYPE_CHECKING:
    from tests.simulation.spy import Change
    from tests.simulation.world import World

LEFT_ALONE_AFTER_S = 60.0
_ASKING = ("auth.test", "users.list")  # the probe; and a start that ends there
_KEEPS_FROM_WRITING = ("db.", "cancel", "raise", "clock.")


class Silence:
    """What the bot knows of the teams that it can tell nothing, and what it does all the same."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._refused_at: dict[str, float] = {}
        self._known_since: dict[str, float] = {}

    def refused(self, arguments: dict[str, Any]) -> None:
        """Slack says no to a call, and will say so until the bot is installed again."""
        if (team := _team(arguments)) is not None:
            self._refused_at.setdefault(team, self._world.loop.time())

    def installed(self) -> None:
        """The token works."""
        self._refused_at.clear()

    def called(self, method: str, arguments: dict[str, Any]) -> None:
        """E4: a minute after it was told so, the bot leaves Slack alone."""
        team = _team(arguments)
        if team is None or team not in self._refused_at or method in _ASKING:
            return
        since = self._refused_at[team]
        if any(kind.startswith(_KEEPS_FROM_WRITING) for kind in self._world.faults.struck):
            since = self._known_since.get(team, self._world.loop.time())
        silent_s = self._world.loop.time() - since
        if silent_s > LEFT_ALONE_AFTER_S:
            self._world.checker.breach("E4", f"{method} {silent_s:.0f} s after {team} was refused")

    def committed(self, changes: list[Change]) -> None:
        """D7: no submit is begun for a team that was known to hear nothing before this commit."""
        for change in changes:
            if change.what != "execution" or not change.old or not self._known_since:
                continue
            begun = (change.old["state"], change.new["state"]) == (State.QUEUED, State.SUBMITTING)
            if begun and self._is_silent(self._team_of(change.id)):
                self._world.checker.breach("D7", f"{change.id} is begun, and nobody can be told")
        self._read()

    def _is_silent(self, team: str) -> bool:
        """Known before this commit, and not ended by it while Slack does take our token."""
        still = self._world.rows("SELECT 1 FROM silence WHERE team_id = ?", team)
        return team in self._known_since and bool(still or self._refused_at)

    def known_since(self, team: str) -> float | None:
        """Since when it is written down that a team can be told nothing."""
        return self._known_since.get(team)

    def _read(self) -> None:
        now = self._world.loop.time()
        silent = [row["team_id"] for row in self._world.rows("SELECT team_id FROM silence")]
        self._known_since = {team: self._known_since.get(team, now) for team in silent}

    def _team_of(self, execution_id: str) -> str:
        rows = self._world.rows("SELECT team_id FROM execution WHERE id = ?", execution_id)
        return str(rows[0]["team_id"])


async def tell_of_removal(world: World) -> None:
    """Slack tells every workspace's events, in no certain order, once where they are taken."""
    process = world.process
    for team in TEAMS:
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}}
        for event in ({"type": "app_uninstalled"}, revoked):
            if process is None or not process.is_up:
                return
            process.deliver(
                {
                    "type": "event_callback",
                    "team_id": team,
                    "event_id": world.name("Ev"),
                    "event": event,
                }
            )


def _team(arguments: dict[str, Any]) -> str | None:
    """Whose channel or person a call is about."""
    place = str(arguments.get("channel") or arguments.get("channel_id") or "")
    if place.startswith("C"):
        return team_of(place)
    person = str(arguments.get("users") or place.removeprefix("D"))
    return TEAMS[int(person[1])] if person[1:2].isdigit() else None
