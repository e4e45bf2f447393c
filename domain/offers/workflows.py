"""HeyGen's workflow endpoint: thirteen models behind one address (seed 000)."""

from __future__ import annotations

from domain.money import micro_usd
from domain.offer import GatewayName, Limits, Model, Offer
from domain.pricing import Ceiling
from domain.shape import AspectRatio

_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE)
WORKFLOW_ROAD = "/v1/workflows/executions"
# The thirteen models of the workflow endpoint, with the most a clip is expected to cost there.
_WORKFLOW_MODELS: tuple[tuple[str, str, str, str], ...] = (
    ("veo_3_1", "Veo 3.1", "Google", "4.00"),
    ("veo_3_1_fast", "Veo 3.1 Fast", "Google", "2.00"),
    ("veo3", "Veo 3", "Google", "4.00"),
    ("veo3_fast", "Veo 3 Fast", "Google", "2.00"),
    ("veo2", "Veo 2", "Google", "4.00"),
    ("kling_pro", "Kling Pro", "Kuaishou", "3.00"),
    ("kling_v2", "Kling V2", "Kuaishou", "3.00"),
    ("sora_v2", "Sora V2", "OpenAI", "2.00"),
    ("sora_v2_pro", "Sora V2 Pro", "OpenAI", "6.00"),
    ("runway_gen4", "Runway Gen-4", "Runway", "1.50"),
    ("seedance_lite", "Seedance Lite", "ByteDance", "0.60"),
    ("seedance_pro", "Seedance Pro", "ByteDance", "1.20"),
    ("ltx_distilled", "LTX Distilled", "Lightricks", "0.20"),
)


def _workflow_offer(name: str, title: str, provider: str, ceiling_usd: str) -> Offer:
    return Offer(
        gateway=GatewayName.HEYGEN,
        model=Model(name=name, title=title, provider=provider),
        endpoint=name,
        road=WORKFLOW_ROAD,
        limits=Limits(aspect_ratios=_RATIOS, reference_image=True, tail_image=True, config=True),
        price=Ceiling(micro_usd(ceiling_usd)),
    )


OFFERS: tuple[Offer, ...] = tuple(_workflow_offer(*row) for row in _WORKFLOW_MODELS)
