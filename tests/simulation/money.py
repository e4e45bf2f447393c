"""What the vendors ask for in the end, by a price list of their own, against what the bot keeps
reserved and calls spent (S10). The bot's word for what was billed proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.simulation.facts import TEAMS
from tests.simulation.replies import EDITED, is_in
from tests.simulation.vendor_own import Made, Making
from tests.simulation.wishes import TOKEN

if TYPE_CHECKING:
    from tests.simulation.ledger import Accepted, Order
    from tests.simulation.world import World

# Micro-dollars a result, of what the stories ask for as they ask for it.
PRICES_MICRO_USD: Mapping[str, int] = {
    "ltx_distilled": 200_000,
    "sora_v2_pro": 6_000_000,
    "veo3": 4_000_000,
    "veo_3_1": 4_000_000,
    "cinematic": 7_000_000,
    "script": 250_000,
    "agent": 500_000,  # a dime a second is the dearest that is named
    "bytedance:seedance@2.0": 1_550_000,
    "bytedance:seedance@2.0-fast": 1_250_000,
    "bytedance:seedance@2.0-mini": 800_000,
    "google:3@2": 2_400_000,
    "klingai:kling-video@3-standard": 630_000,
    "runway:1@2": 750_000,
    "bytedance/seedance-2.0/fast/text-to-video": 1_210_000,
    "bytedance/seedance-2.0/text-to-video": 1_520_000,
    "fal-ai/kling-video/v3/standard/text-to-video": 630_000,
    "fal-ai/ltx-2.3/text-to-video/fast": 240_000,
    "fal-ai/veo3": 2_400_000,
    "fal-ai/veo3.1": 2_400_000,
}
RECORDING_MICRO_USD_PER_S = 50_000  # of a recording that an avatar speaks
# What an account makes for itself; nothing for what no use could be made of.
OWN_PRICES_MICRO_USD: Mapping[Making, int] = {
    Making.FACE: 1_000_000,
    Making.VOICE: 0,
    Making.SPEECH: 10_000,  # as short as the sentences are
}
SQUARE_SHARE = 0.56  # of a wide one's pixels, by which some are paid
_PAID = " UNION ALL ".join(
    f"SELECT team_id, month, reserved_micro_usd, billed_micro_usd FROM {table}"
    for table in ("execution", "likeness", "voice_question")
)
CHEAPEST_MICRO_USD = 200_000  # whatever else there is costs at least this


def price_micro_usd(entry: Accepted) -> int:
    """What a vendor asks for an acceptance: nothing for what it could not make."""
    if entry.is_unbilled:
        return 0
    if entry.order.spoken_s is not None:
        return int(entry.order.spoken_s * RECORDING_MICRO_USD_PER_S)
    wide = PRICES_MICRO_USD.get(_article(entry.order), CHEAPEST_MICRO_USD)
    return entry.made * (int(wide * SQUARE_SHARE) if is_in(entry.order, EDITED) else wide)


def hold(world: World) -> None:
    """S10, of the ledger and of the month's row."""
    _is_reserved(world)
    for team in TEAMS:
        _is_the_sum(world, team)


def _is_reserved(world: World) -> None:
    """Of no team is more asked than it has reserved or spent, nor more than its budget."""
    asked = _asked(world)
    for team in TEAMS:
        months = world.rows(
            "SELECT reserved_micro_usd + spent_micro_usd AS counted FROM budget WHERE team_id = ?",
            team,
        )
        counted = sum(row["counted"] for row in months)
        if asked[team] > counted:
            said = f"{team}: the vendors ask {asked[team]}, {counted} is counted"
            world.checker.breach("S10", said)
        if asked[team] > max(1, len(months)) * world.settings.monthly_budget_micro_usd:
            world.checker.breach("S10", f"{team}: the vendors ask {asked[team]}, over its budget")


def _asked(world: World) -> Counter[str]:
    """Of each team, for its takes and for what it had made beside them."""
    asked: Counter[str] = Counter()
    for entry in world.vendors.ledger:
        found = TOKEN.search(entry.prompt)
        if found is not None and not world.forgot(entry.at):
            asked[TEAMS[int(found[1])]] += price_micro_usd(entry)
    for made in world.vendors.own.ledger:
        found = TOKEN.search(made.name)
        if found is not None and not world.forgot(made.at):
            asked[TEAMS[int(found[1])]] += _own_price_micro_usd(made)
    return asked


def _own_price_micro_usd(made: Made) -> int:
    return 0 if made.is_broken else OWN_PRICES_MICRO_USD[made.making]


def _is_the_sum(world: World, team: str) -> None:
    """The month's row is the sum of what is paid in it."""
    sums = world.rows(
        "SELECT COALESCE(SUM(reserved_micro_usd), 0) AS reserved,"
        f" COALESCE(SUM(billed_micro_usd), 0) AS spent FROM ({_PAID})"
        " WHERE team_id = ? AND month IS NOT NULL",
        team,
    )[0]
    kept = world.rows(
        "SELECT COALESCE(SUM(reserved_micro_usd), 0) AS reserved,"
        " COALESCE(SUM(spent_micro_usd), 0) AS spent FROM budget WHERE team_id = ?",
        team,
    )[0]
    if sums != kept:
        world.checker.breach("S10", f"{team}: its rows say {sums}, the budget {kept}")


def _article(order: Order) -> str:
    """What a price stands on: a model, or at HeyGen the kind of video."""
    if order.endpoint.startswith("/v3/video-agents"):
        return "agent"
    if order.endpoint == "/v3/videos":
        return "script" if "script" in order.body else "cinematic"
    provider = (order.body.get("input") or {}).get("provider")
    return str(provider or order.endpoint)
