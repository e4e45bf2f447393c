"""What one process is put together from, besides its ports."""

from __future__ import annotations

from dataclasses import dataclass

from bot.metrics import Metrics
from bot.notifier.response_urls import ResponseUrls
from bot.people import Identity
from bot.ports import Ports
from bot.settings import Settings
from bot.silence import Silence
from bot.wakeup import Bells
from gateways import Account


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the builders put together."""

    settings: Settings
    ports: Ports
    identity: Identity
    admins: frozenset[str]
    keys: tuple[Account, ...]
    bells: Bells
    response_urls: ResponseUrls
    metrics: Metrics
    silence: Silence
    owner: str
