"""HeyGen's videos in which somebody speaks, on its v3 API and on the seeds' v1 and v2.

Fields and ranges: heygen-cli's embedded OpenAPI of July 2026 (v3), seeds 002 and 004 and
developers.heygen.com/studio-api (v1, v2; where they contradict each other, the narrower). Prices:
developers.heygen.com/docs/pricing as last seen; they move.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer, Speech, Tag
from domain.offers.models import HEYGEN_AGENT
from domain.pricing import PerLength, PerSecond, PerSpokenSecond
from domain.shape import AspectRatio, FileFormat, Resolution
from domain.spoken import AGENT_PROMPT_MAX_CHARS, SCENES_MAX, AvatarStyle, Kind

VIDEOS_ROAD = "/v3/videos"
AGENTS_ROAD = "/v3/video-agents"
TRANSLATIONS_ROAD = "/v3/video-translations"
TEMPLATES_ROAD = "/v3/templates"
OLD_VIDEOS_ROAD = "/v2/video/generate"
OLD_WEBM_ROAD = "/v1/video.webm"
OLD_AGENTS_ROAD = "/v1/video_agent/generate"
OLD_TRANSLATIONS_ROAD = "/v2/video_translate"
OLD_TEMPLATES_ROAD = "/v2/template"

# `HEYGEN_API_VERSION` chooses one of two roads to the same models: these are off with the other.
# The cinematic clip is on a v3 road alone, so v2 is without it.
ONLY_V3 = frozenset({VIDEOS_ROAD, AGENTS_ROAD, TRANSLATIONS_ROAD, TEMPLATES_ROAD})
ONLY_V2 = frozenset(
    (
        *(OLD_VIDEOS_ROAD, OLD_WEBM_ROAD, OLD_AGENTS_ROAD),
        *(OLD_TRANSLATIONS_ROAD, OLD_TEMPLATES_ROAD),
    )
)

# Kept free at the end of an agent's prompt: the tag by which a lost session is found again.
AGENT_TAG_MAX_CHARS = 100

_AVATAR = Model(name="heygen_avatar", title="HeyGen Avatar", provider="HeyGen")
_TRANSLATION = Model(name="heygen_translation", title="HeyGen Translation", provider="HeyGen")
_TEMPLATE = Model(name="heygen_template", title="HeyGen Template", provider="HeyGen")
_CINEMATIC = Model(name="cinematic_avatar", title="Cinematic Avatar", provider="ByteDance")

_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE)
_OLD_RATIOS = (*_RATIOS, AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT)
_RESOLUTIONS = (Resolution.P720, Resolution.P1080, Resolution.UHD)
_AGENT_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL)

VIDEO_MAX_S = 1_800.0  # of a video and of a translation's source (usage limits)
# Nobody tells how long a template's scenes are. Five minutes of the dearest avatar are more than
# what goes unasked, so a person says yes to them first.
TEMPLATE_MAX_S = 300.0

# Avatar IV and V; 4K is on one edition of the page and not on the next, so it is reckoned with.
_AVATAR_PRICE = PerSpokenSecond(
    66_700,
    VIDEO_MAX_S,
    by={
        "photo": 50_000,
        "4k": 83_300,
        "photo 4k": 66_700,
        "avatar_iii": 16_700,
        "avatar_iii 4k": 20_000,
        "avatar_iii photo": 43_300,
    },
)
# Published: $0.0333 for each second of output, which was 79 to 174 % of what was asked for. Its own
# skill (heygen-com/skills, troubleshooting) says $0.10. The dearest that is named is reserved.
_AGENT_PRICE = PerSecond(100_000, is_ceiling=True)
_TRANSLATION_PRICE = PerSpokenSecond(
    33_300, VIDEO_MAX_S, by={"sound_only": 16_700, "precision": 66_700}
)
_TEMPLATE_PRICE = PerSpokenSecond(66_700, TEMPLATE_MAX_S)

_AVATAR_LIMITS = Limits(
    aspect_ratios=_RATIOS,
    resolutions=_RESOLUTIONS,
    file_formats=(FileFormat.MP4, FileFormat.WEBM),
    takes=frozenset(
        (
            *("title", "captions", "engine", "motion", "expressiveness", "background", "photo"),
            *("volume", "locale", "voice_engine", "reference_look", "cut_out", "fit", "footage"),
        )
    ),
    speech=Speech(
        scenes_max=SCENES_MAX,
        transparent_scenes_max=1,
        speed=(0.5, 1.5),
        pitch_max=50,
        silence_max_s=300.0,
        silence_needs_photo=True,
    ),
)
_OLD_AVATAR_LIMITS = Limits(
    aspect_ratios=_OLD_RATIOS,
    resolutions=_RESOLUTIONS,
    file_formats=(FileFormat.MP4,),
    takes=frozenset(
        (
            *("title", "captions", "background", "background_video", "emotion", "locale"),
            *("style", "test"),
        )
    ),
    speech=Speech(
        scenes_max=SCENES_MAX,
        speed=(0.5, 1.5),
        pitch_max=20,
        needs_voice=True,
        silence_max_s=100.0,
        styles=tuple(AvatarStyle),
    ),
)
# Transparent: no background, no circle (seed 002).
_OLD_WEBM_LIMITS = replace(
    _OLD_AVATAR_LIMITS,
    file_formats=(FileFormat.WEBM,),
    takes=frozenset({"title", "emotion", "locale", "style", "test"}),
    speech=Speech(
        scenes_max=SCENES_MAX,
        transparent_scenes_max=SCENES_MAX,
        speed=(0.5, 1.5),
        pitch_max=20,
        needs_voice=True,
        silence_max_s=100.0,
        styles=(AvatarStyle.NORMAL, AvatarStyle.CLOSE_UP),
    ),
)
_AGENT_LIMITS = Limits(
    aspect_ratios=_AGENT_RATIOS,
    durations_s=tuple(range(5, 301)),
    prompt_max_chars=AGENT_PROMPT_MAX_CHARS - AGENT_TAG_MAX_CHARS,
    takes=frozenset({"avatar", "voice", "style", "files", "file_links", "chat", "continues"}),
)


_CINEMATIC_LIMITS = Limits(
    aspect_ratios=_RATIOS,
    durations_s=tuple(range(4, 16)),
    resolutions=(Resolution.P720, Resolution.P1080),
    references_max=8,
    needs_avatar=True,
)
_CINEMATIC_PRICE = PerLength({15: 7_000_000})  # a video, however long


def _limits(*takes: str) -> Limits:
    """Nothing of the video's shape can be chosen; `takes` are the fields that can be said."""
    return Limits(aspect_ratios=(), takes=frozenset(takes))


_offer = partial(Offer, gateway=GatewayName.HEYGEN)
OFFERS: tuple[Offer, ...] = (
    _offer(
        model=_AVATAR,
        kind=Kind.AVATAR,
        road=VIDEOS_ROAD,
        endpoint=VIDEOS_ROAD,
        limits=_AVATAR_LIMITS,
        price=_AVATAR_PRICE,
        dedupe=Dedupe.KEY,
    ),
    _offer(
        model=HEYGEN_AGENT,
        kind=Kind.AGENT,
        road=AGENTS_ROAD,
        endpoint=AGENTS_ROAD,
        limits=_AGENT_LIMITS,
        price=_AGENT_PRICE,
        dedupe=Dedupe.LATE_BIND,
    ),
    _offer(
        model=_TRANSLATION,
        kind=Kind.TRANSLATION,
        road=TRANSLATIONS_ROAD,
        endpoint=TRANSLATIONS_ROAD,
        limits=_limits("captions", "speakers"),
        price=_TRANSLATION_PRICE,
        dedupe=Dedupe.KEY,
    ),
    _offer(
        model=_TEMPLATE,
        kind=Kind.TEMPLATE,
        road=TEMPLATES_ROAD,
        endpoint=TEMPLATES_ROAD,
        limits=_limits("title", "captions", "file_links"),
        price=_TEMPLATE_PRICE,
        dedupe=Dedupe.KEY,
    ),
    _offer(
        model=_AVATAR,
        kind=Kind.AVATAR,
        road=OLD_VIDEOS_ROAD,
        endpoint=OLD_VIDEOS_ROAD,
        limits=_OLD_AVATAR_LIMITS,
        price=_AVATAR_PRICE,
        edition="v2",
    ),
    _offer(
        model=_AVATAR,
        kind=Kind.AVATAR,
        road=OLD_WEBM_ROAD,
        endpoint=OLD_WEBM_ROAD,
        limits=_OLD_WEBM_LIMITS,
        price=_AVATAR_PRICE,
        edition="webm",
    ),
    _offer(
        model=HEYGEN_AGENT,
        kind=Kind.AGENT,
        road=OLD_AGENTS_ROAD,
        endpoint=OLD_AGENTS_ROAD,
        limits=replace(_AGENT_LIMITS, takes=frozenset({"avatar", "files"})),
        price=_AGENT_PRICE,
        edition="v2",
    ),
    _offer(
        model=_TRANSLATION,
        kind=Kind.TRANSLATION,
        road=OLD_TRANSLATIONS_ROAD,
        endpoint=OLD_TRANSLATIONS_ROAD,
        limits=_limits("speakers"),
        price=_TRANSLATION_PRICE,
        edition="v2",
    ),
    _offer(
        model=_TEMPLATE,
        kind=Kind.TEMPLATE,
        road=OLD_TEMPLATES_ROAD,
        endpoint=OLD_TEMPLATES_ROAD,
        limits=_limits("title", "captions", "file_links"),
        price=_TEMPLATE_PRICE,
        edition="v2",
    ),
    _offer(
        model=_CINEMATIC,
        road=VIDEOS_ROAD,
        endpoint="cinematic_avatar",
        limits=_CINEMATIC_LIMITS,
        price=_CINEMATIC_PRICE,
        dedupe=Dedupe.KEY,
        tags=frozenset({Tag.CINEMATIC}),
    ),
)
