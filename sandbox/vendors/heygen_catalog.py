"""The sandbox's own avatars, voices, locales, styles and languages, enough of them to page.

The shapes are heygen-cli's; names and numbers are ours. Everything is derived from fixed lists, so
that a catalog is the same at every start.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace

from sandbox.vendors.files import StoredFile
from sandbox.vendors.heygen_wire import Json

NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
WOMEN = (
    *("Abigail", "Adriana", "Annie", "Bianca", "Carlotta", "Daisy", "Elena", "Fatima", "Gala"),
    *("Hana", "Imelda", "Judy", "Kavya", "Leilani", "Marianne", "Nadia", "Odette", "Priya"),
)
MEN = (
    *("Aditya", "Armando", "Brandon", "Conrad", "Diran", "Emilio", "Francis", "Gerardo", "Hugo"),
    *("Imran", "Joon", "Kenji", "Lorenzo", "Mateo", "Nik", "Oscar", "Pedro", "Raul"),
)
OUTFITS = ("Business Front", "Sofa Side", "Office Front", "Casual Standing")
TONES = ("Cheerful", "Calm", "Serious", "Friendly", "Excited", "Narrator", "Warm", "Deep")
LANGUAGES = {
    "English": ("en-US", "en-GB", "en-AU", "en-IN"),
    "Spanish": ("es-ES", "es-MX"),
    "French": ("fr-FR", "fr-CA"),
    "German": ("de-DE", "de-AT"),
    "Italian": ("it-IT",),
    "Portuguese": ("pt-PT", "pt-BR"),
    "Japanese": ("ja-JP",),
    "Chinese": ("zh-CN", "zh-TW"),
    "Korean": ("ko-KR",),
    "Hindi": ("hi-IN",),
    "Arabic": ("ar-SA", "ar-EG"),
    "Turkish": ("tr-TR",),
    "Dutch": ("nl-NL",),
    "Polish": ("pl-PL",),
    "Swedish": ("sv-SE",),
    "Greek": ("el-GR",),
    "Finnish": ("fi-FI",),
    "Danish": ("da-DK",),
    "Ukrainian": ("uk-UA",),
    "Vietnamese": ("vi-VN",),
}
REGIONS = {
    "US": "United States", "GB": "UK", "AU": "Australia", "IN": "India", "ES": "Spain",
    "MX": "Mexico", "FR": "France", "CA": "Canada", "DE": "Germany", "AT": "Austria",
    "IT": "Italy", "PT": "Portugal", "BR": "Brazil", "JP": "Japan", "CN": "Mandarin, Simplified",
    "TW": "Taiwanese Mandarin, Traditional", "KR": "Korea", "SA": "Saudi Arabia", "EG": "Egypt",
    "TR": "Türkiye", "NL": "Netherlands", "PL": "Poland", "SE": "Sweden", "GR": "Greece",
    "FI": "Finland", "DK": "Denmark", "UA": "Ukraine", "VN": "Vietnam",
}  # fmt: skip
ACCENTS = {
    "US": "american", "GB": "british", "AU": "australian", "IN": "indian", "MX": "mexican",
    "CA": "canadian", "AT": "austrian", "BR": "brazilian", "TW": "taiwanese", "EG": "egyptian",
}  # fmt: skip
VOICES_EACH = 8
SEED_VOICE_ID = "1bd001e7e50f421d891986aad5158bc8"  # the voice and the avatar of seed 002
SEED_AVATAR_ID = "josh_lite3_20230714"
# Whom the bot's own examples name: `--avatar Anna`.
ANNA, ANNA_ID = "Anna", "Anna_public_20250312"
STYLE_TAGS = ("cinematic", "retro-tech", "iconic-artist", "pop-culture", "handmade", "print")
STYLES_EACH = 4
CREATED_AT = 1_750_000_000
ENGINES = {
    "studio_avatar": ["avatar_iv", "avatar_iii"],
    "digital_twin": ["avatar_v", "avatar_iv", "avatar_iii"],
    "photo_avatar": ["avatar_v", "avatar_iv", "avatar_iii"],
}
SIZES = {"landscape": (1920, 1080), "portrait": (1080, 1920), "square": (1080, 1080)}


@dataclass(frozen=True)
class Voice:
    """A voice. `engine` is whose it is; only `starfish` ones can be spoken at once."""

    voice_id: str
    name: str
    language: str
    gender: str
    locale: str
    engine: str
    support_pause: bool
    support_locale: bool
    has_preview: bool = True
    private: bool = False
    ready_at: float = 0.0
    created_at: int = CREATED_AT
    failure: str | None = None


@dataclass(frozen=True)
class Look:
    """An avatar as `avatar_id` means it. `ready_at` in Unix seconds: private ones are made."""

    id: str
    name: str
    group_id: str
    avatar_type: str
    gender: str
    default_voice_id: str | None
    orientation: str
    matting: bool
    tags: tuple[str, ...] = ()
    private: bool = False
    ready_at: float = 0.0
    failure: str | None = None
    created_at: int = CREATED_AT


@dataclass
class Catalog:
    """What one account can see: the public entries and its own."""

    looks: dict[str, Look] = field(default_factory=dict)
    voices: dict[str, Voice] = field(default_factory=dict)
    group_names: dict[str, str] = field(default_factory=dict)
    talking_photos: dict[str, StoredFile] = field(default_factory=dict)

    def clear(self) -> None:
        """The public entries only."""
        self.talking_photos.clear()
        self.voices = {voice.voice_id: voice for voice in _public_voices()}
        self.looks = {look.id: look for look in _public_looks(list(self.voices.values()))}
        self.group_names = {look.group_id: look.name.split()[0] for look in self.looks.values()}

    def group(self, group_id: str) -> list[Look]:
        """The looks of one person."""
        return [look for look in self.looks.values() if look.group_id == group_id]


def fixed_id(*words: object) -> str:
    """An id that is the same at every start."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, words))).hex


def languages() -> list[str]:
    """Target languages of a translation, as names: "Spanish (Spain)" (docs: 175+)."""
    named = [*LANGUAGES, *(f"{one} ({region_of(tag)})" for one, tag in _locale_pairs())]
    return sorted(named)


def locales() -> list[Json]:
    """`GET /v2/voices/locales`."""
    return [
        {
            "value": tag,
            "label": f"{language} ({region_of(tag)})",
            "language": language,
            "language_code": tag.partition("-")[0],
            "locale": region_of(tag),
            "tag": tag.partition("-")[2],
        }
        for language, tag in _locale_pairs()
    ]


def styles() -> list[Json]:
    """`GET /v3/video-agents/styles`."""
    shapes = ("16:9", "9:16")
    return [
        {
            "style_id": fixed_id("style", tag, number),
            "name": f"{tag.replace('-', ' ').title()} {number + 1}",
            "tags": [tag],
            "aspect_ratio": shapes[number % 2],
        }
        for tag in STYLE_TAGS
        for number in range(STYLES_EACH)
    ]


def accent_of(tag: str) -> str:
    """How people call the accent of a locale: `british`; empty where the language says it."""
    return ACCENTS.get(tag.partition("-")[2], "")


def region_of(tag: str) -> str:
    """The country of a locale, as HeyGen names it."""
    return REGIONS[tag.partition("-")[2]]


def _locale_pairs() -> list[tuple[str, str]]:
    return [(language, tag) for language, tags in LANGUAGES.items() for tag in tags]


def _public_voices() -> list[Voice]:
    seed = Voice(
        SEED_VOICE_ID, "Paul - Natural", "English", "male", "en-US", "elevenlabs", True, True
    )
    anna = Voice(
        *(fixed_id("voice", ANNA), f"{ANNA} - Natural", "English", "female", "en-US"),
        engine="starfish",
        support_pause=True,
        support_locale=True,
    )
    voices = [seed, anna]
    for language, tags in LANGUAGES.items():
        count = VOICES_EACH * 8 if language == "English" else VOICES_EACH * 2
        voices += [_voice(language, tags[number % len(tags)], number) for number in range(count)]
    return voices


def _voice(language: str, tag: str, number: int) -> Voice:
    gender = ("female", "male")[number % 2]
    person = (WOMEN, MEN)[number % 2][number // 2 % len(WOMEN)]
    engine = ("starfish", "elevenlabs", "fish")[number % 3]
    chance = hashlib.sha256(f"{language}{number}".encode()).digest()
    return Voice(
        fixed_id("voice", language, number),
        f"{person} - {TONES[number % len(TONES)]}",
        language,
        gender,
        tag,
        engine,
        support_pause=chance[0] % 3 != 0,
        support_locale=engine == "starfish",
        has_preview=chance[1] % 8 != 0,
    )


def _public_looks(voices: list[Voice]) -> list[Look]:
    english = [voice for voice in voices[2:] if voice.language == "English"]
    male = [voices[0], *(voice for voice in english if voice.gender == "male")]
    female = [voice for voice in english if voice.gender == "female"]
    group = fixed_id("group", "Josh")
    name = "Josh Lite Front"
    seed = Look(
        SEED_AVATAR_ID, name, group, "studio_avatar", "male", SEED_VOICE_ID, "landscape", True
    )
    voice_id, group = fixed_id("voice", ANNA), fixed_id("group", ANNA)
    anna = Look(ANNA_ID, ANNA, group, "digital_twin", "female", voice_id, "landscape", matting=True)
    looks = [seed, anna]
    for people, gender, own in ((WOMEN, "female", female), (MEN, "male", male)):
        for number, person in enumerate(people):
            voice = own[number % len(own)].voice_id
            looks += _looks_of(person, gender, voice_id=voice, number=number)
    return looks


def _looks_of(person: str, gender: str, *, voice_id: str, number: int) -> list[Look]:
    """Four looks; every fifth person's last one has no voice of its own."""
    looks = []
    for place, outfit in enumerate(OUTFITS):
        kind = ("studio_avatar", "photo_avatar", "digital_twin")[(number + place) % 3]
        look = Look(
            fixed_id("look", person, outfit) if place else f"{person}_public_{number + 1}_20250312",
            f"{person} {outfit}",
            fixed_id("group", person),
            kind,
            gender,
            voice_id,
            tuple(SIZES)[(number + place) % 3],
            matting=kind != "photo_avatar",
            tags=("professional", outfit.split()[0].lower()),
        )
        bare = number % 5 == 0 and place == len(OUTFITS) - 1
        looks.append(replace(look, default_voice_id=None) if bare else look)
    return looks
