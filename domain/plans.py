"""How long a script may be by what is paid for at HeyGen: seed 002's table of its v1 and v2 API.

v3 has one limit for everybody (`domain.offer.Speech`). The vendor refuses a longer one unpaid; who
says which plan it is (`HEYGEN_PLAN`) is told before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from domain.offer import Offer
from domain.offers.heygen import ONLY_V2
from domain.request import Work
from domain.spoken import Avatar
from domain.spoken_fitting import Unsayable

Plan = Literal["free", "creator", "team", "enterprise"]

SCRIPT_MAX_CHARS: Mapping[Plan, int] = {
    "free": 500,
    "creator": 1_500,
    "team": 3_000,
    "enterprise": 5_000,
}


def beyond_plan(work: Work, offer: Offer, plan: Plan | None) -> Unsayable | None:
    """The first script that is longer than the plan has it; None where nobody said the plan."""
    if plan is None or offer.road not in ONLY_V2 or not isinstance(work, Avatar):
        return None
    most = SCRIPT_MAX_CHARS[plan]
    longest = max(len(scene.script or "") for scene in work.scenes)
    if longest <= most:
        return None
    said = f"this script has {longest:,}"
    return Unsayable("script", f"HeyGen's {plan} plan takes {most:,} characters a scene, {said}.")
