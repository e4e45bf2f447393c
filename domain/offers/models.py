"""The models that several gateways offer: named once, so that the same model is found elsewhere."""

from __future__ import annotations

from domain.offer import Model

SEEDANCE_2_0 = Model(
    name="seedance_2_0",
    title="Seedance 2.0",
    provider="ByteDance",
    aliases=("seedance_video", "seedance"),
)
SEEDANCE_2_0_FAST = Model(name="seedance_2_0_fast", title="Seedance 2.0 Fast", provider="ByteDance")
SEEDANCE_2_0_MINI = Model(name="seedance_2_0_mini", title="Seedance 2.0 Mini", provider="ByteDance")

KLING_V3 = Model(
    name="kling_v3",
    title="Kling 3.0 Standard",
    provider="Kuaishou",
    aliases=("kling_video", "kling_v3_standard", "kling"),
)
KLING_V3_PRO = Model(name="kling_v3_pro", title="Kling 3.0 Pro", provider="Kuaishou")
KLING_V2_1 = Model(
    name="kling_v2_1",
    title="Kling 2.1 Master",
    provider="Kuaishou",
    aliases=("kling_v2_1_master",),
)
KLING_V2_1_STANDARD = Model(
    name="kling_v2_1_standard", title="Kling 2.1 Standard", provider="Kuaishou"
)
KLING_V2_1_PRO = Model(name="kling_v2_1_pro", title="Kling 2.1 Pro", provider="Kuaishou")

HAILUO_02 = Model(name="minimax_hailuo_02", title="MiniMax Hailuo 02", provider="MiniMax")
HAILUO_02_PRO = Model(
    name="minimax_hailuo_02_pro", title="MiniMax Hailuo 02 Pro", provider="MiniMax"
)
HAILUO_02_FAST = Model(
    name="minimax_hailuo_02_fast", title="MiniMax Hailuo 02 Fast", provider="MiniMax"
)
HAILUO_2_3 = Model(
    name="minimax",
    title="MiniMax Hailuo 2.3",
    provider="MiniMax",
    aliases=("minimax_video", "minimax_hailuo_2_3", "hailuo"),
)
HAILUO_2_3_FAST = Model(
    name="minimax_fast",
    title="MiniMax Hailuo 2.3 Fast",
    provider="MiniMax",
    aliases=("minimax_hailuo_2_3_fast",),
)
HAILUO_2_3_PRO = Model(name="minimax_pro", title="MiniMax Hailuo 2.3 Pro", provider="MiniMax")
HAILUO_2_3_FAST_PRO = Model(
    name="minimax_fast_pro", title="MiniMax Hailuo 2.3 Fast Pro", provider="MiniMax"
)

VEO_3 = Model(name="veo3", title="Veo 3", provider="Google")
VEO_3_FAST = Model(name="veo3_fast", title="Veo 3 Fast", provider="Google")
VEO_3_1 = Model(name="veo_3_1", title="Veo 3.1", provider="Google", aliases=("veo_video", "veo"))
VEO_3_1_FAST = Model(name="veo_3_1_fast", title="Veo 3.1 Fast", provider="Google")
VEO_3_1_LITE = Model(name="veo_3_1_lite", title="Veo 3.1 Lite", provider="Google")

LTX_2_3 = Model(name="ltx_2_3", title="LTX 2.3", provider="Lightricks")
LTX_2_3_FAST = Model(name="ltx_2_3_fast", title="LTX 2.3 Fast", provider="Lightricks")

RUNWAY_GEN4_TURBO = Model(name="runway_gen4_turbo", title="Runway Gen-4 Turbo", provider="Runway")
RUNWAY_GEN4_5 = Model(name="runway_gen4_5", title="Runway Gen-4.5", provider="Runway")

WAN_2_6 = Model(name="wan_2_6", title="Wan 2.6", provider="Alibaba")
WAN_2_7 = Model(name="wan_2_7", title="Wan 2.7", provider="Alibaba", aliases=("wan",))

HEYGEN_AGENT = Model(
    name="heygen_agent",
    title="HeyGen Video Agent",
    provider="HeyGen",
    aliases=("heygen_video", "video_agent"),
)
