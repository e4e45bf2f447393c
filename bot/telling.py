"""What tells people: the notifier, its edits and the uploader, put together."""

from __future__ import annotations

from collections.abc import Callable

from bot.measures import Measures
from bot.notifier.edits import Edits, House
from bot.notifier.effects import Effects
from bot.notifier.notices import Notices
from bot.notifier.notifier import Notifier
from bot.notifier.uploader import Uploader
from bot.parts import Parts
from domain.standing import Reach


def notifier(parts: Parts, reach: Callable[[], Reach]) -> Notifier:
    ports, edits = parts.ports, _edits(parts)
    return Notifier(
        effects=Effects(
            slack=ports.slack,
            database=ports.database,
            edits=edits,
            notices=Notices(
                slack=ports.slack,
                database=ports.database,
                response_urls=parts.response_urls,
                admins=sorted(parts.admins),
                bot_name=parts.identity.bot_name,
            ),
            clock=ports.clock,
            ids=ports.ids,
            reach=reach,
            silence=parts.silence,
        ),
        edits=edits,
        slack=ports.slack,
        database=ports.database,
        clock=ports.clock,
        wakeup=parts.bells.notifier,
        wake=parts.bells.ring,
        owner=parts.owner,
    )


def _edits(parts: Parts) -> Edits:
    settings, ports = parts.settings, parts.ports
    return Edits(
        slack=ports.slack,
        database=ports.database,
        measures=Measures(
            ports.database, ports.clock, fallback_check_s=settings.dailies_check_interval_s
        ),
        clock=ports.clock,
        ids=ports.ids,
        house=House(settings.monthly_budget_micro_usd, settings.dailies_timezone),
        silence=parts.silence,
    )


def uploader(parts: Parts) -> Uploader:
    return Uploader(
        slack=parts.ports.slack,
        media=parts.ports.media,
        probe=parts.ports.probe,
        database=parts.ports.database,
        clock=parts.ports.clock,
        ids=parts.ports.ids,
        wakeup=parts.bells.uploader,
        wake=parts.bells.ring,
        owner=parts.owner,
        silence=parts.silence,
    )
