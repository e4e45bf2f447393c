"""The options of videos in which somebody speaks: avatars, agents, translations, templates."""

from __future__ import annotations

from domain import output_values, spoken_values, values
from domain.option import Option, Takes
from domain.spoken import Kind

_AVATAR = frozenset({Kind.AVATAR})
_AGENT = frozenset({Kind.AGENT})
_SPOKEN = frozenset({Kind.AVATAR, Kind.AGENT})
_TRANSLATION = frozenset({Kind.TRANSLATION})
_TEMPLATE = frozenset({Kind.TEMPLATE})

# No API has a field for words on the screen but HeyGen's templates: an agent is told them in its
# prompt, and the older API's scene has one in its prose only (heygen.md 5.3; the seeds' skill,
# references/text-overlays.md, shows none).
_NO_OVERLAY = {
    Kind.CLIP: "No model lays text over a clip. Words in the prompt are drawn, rarely well; an"
    ' agent writes them exactly: `--kind agent --on-screen "Sale"`.',
    Kind.TRANSLATION: "A translation writes nothing on the screen but captions: `--captions`.",
    Kind.TEMPLATE: "A template's text is in its variables: `--var headline=Hello`, or"
    " `/video --kind template` for a form that shows them.",
}

_CAST: tuple[Option, ...] = (
    Option(
        name="avatar",
        flags=("avatar",),
        takes=Takes.NAME,
        read=values.read_name,
        help="who speaks, by name or id; in a clip (cinematic_avatar) who is seen",
        kinds=_SPOKEN | {Kind.CLIP},
    ),
    Option(
        name="voice",
        flags=("voice",),
        takes=Takes.NAME,
        read=values.read_name,
        help="whose voice; else the avatar's own",
        kinds=_SPOKEN,
    ),
    Option(
        name="style",
        flags=("style",),
        takes=Takes.NAME,
        read=values.read_name,
        example="closeUp",
        help="an avatar's framing (older API: normal, closeUp, circle), or an agent's style",
        kinds=_SPOKEN,
        only_where_spoken=True,
    ),
)

_SCRIPT: tuple[Option, ...] = (
    Option(
        name="script",
        flags=("script",),
        takes=Takes.WORDS,
        read=values.read_words,
        example="Hello and welcome",
        help="what the avatar says, word for word; `---` begins a scene, `[pause 1s]` is a pause",
        kinds=_AVATAR,
    ),
    Option(
        name="speed",
        flags=("speed",),
        takes=Takes.NUMBER,
        read=spoken_values.read_speed,
        limits=(spoken_values.SPEED_MIN, spoken_values.SPEED_MAX),
        example="0.9",
        help="how fast the voice speaks",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="pitch",
        flags=("pitch",),
        takes=Takes.NUMBER,
        read=spoken_values.read_pitch,
        limits=(-spoken_values.PITCH_MAX, spoken_values.PITCH_MAX),
        example="-3",
        help="how high the voice is, in semitones",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="emotion",
        flags=("emotion",),
        takes=Takes.CHOICE,
        read=spoken_values.read_emotion,
        choices=spoken_values.EMOTIONS,
        example="Friendly",
        help="how the voice feels (older API only)",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="locale",
        flags=("locale", "accent"),
        takes=Takes.NAME,
        read=spoken_values.read_locale,
        example="en-GB",
        help="the voice's language as it is spoken somewhere",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
)

_PICTURE: tuple[Option, ...] = (
    Option(
        name="background",
        flags=("background",),
        takes=Takes.NAME,
        read=output_values.read_background,
        example="#1565c0",
        help="colour or https link behind the avatar",
        kinds=_AVATAR,
    ),
    Option(
        name="captions",
        flags=("captions", "subtitles"),
        off_flags=("no-captions", "no-subtitles"),
        takes=Takes.SWITCH,
        read=spoken_values.read_captions,
        choices=(spoken_values.BURNED,),
        help="with captions in a file; `--captions burned` writes them into the picture",
        kinds=frozenset({Kind.AVATAR, Kind.TRANSLATION, Kind.TEMPLATE}),
    ),
    Option(
        name="transparent",
        flags=("transparent",),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="no background at all",
        kinds=_AVATAR,
    ),
    Option(
        name="on_screen",
        flags=("on-screen", "overlay", "words-on-screen", "text", "text-overlay"),
        takes=Takes.WORDS,
        read=values.read_words,
        example="Hello",
        help="words that stand in the picture; an agent writes them",
        kinds=_SPOKEN,
        only_where_spoken=True,
        instead=_NO_OVERLAY,
    ),
    Option(
        name="chat",
        flags=("chat", "conversation"),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="the agent may ask first, and replies in the thread go on with it",
        kinds=_AGENT,
        only_where_spoken=True,
    ),
    Option(
        name="engine",
        flags=("engine",),
        takes=Takes.CHOICE,
        read=spoken_values.read_engine,
        choices=spoken_values.ENGINES,
        example="avatar_iv",
        help="what moves the avatar",
        kinds=_AVATAR,
        words=2,
        only_where_spoken=True,
    ),
    Option(
        name="motion",
        flags=("motion",),
        takes=Takes.WORDS,
        read=values.read_words,
        example="she waves",
        help="how the avatar moves, in words",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="test",
        flags=("test",),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="a trial with a watermark, not charged (older API only)",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="title",
        flags=("title",),
        takes=Takes.WORDS,
        read=values.read_words,
        example="Launch",
        help="what the video is called at the vendor",
        kinds=frozenset({Kind.AVATAR, Kind.TEMPLATE}),
        only_where_spoken=True,
    ),
)

_PREPARED: tuple[Option, ...] = (
    Option(
        name="languages",
        flags=("language", "languages", "lang"),
        takes=Takes.WORDS,
        read=spoken_values.read_languages,
        help="what it is translated to: `German, French`; each is a take of its own",
        kinds=_TRANSLATION,
        only_where_spoken=True,
    ),
    Option(
        name="source",
        flags=("source", "video", "take"),
        takes=Takes.NAME,
        read=spoken_values.read_source,
        example="V-142",
        help="what is translated: a take (`V-142/2`) or an https link",
        kinds=_TRANSLATION,
        words=4,
        only_where_spoken=True,
    ),
    Option(
        name="precision",
        flags=("precision",),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="a translation that takes longer, costs more, and fits the lips better",
        kinds=_TRANSLATION,
        only_where_spoken=True,
    ),
    Option(
        name="template",
        flags=("template",),
        takes=Takes.NAME,
        read=values.read_name,
        help="which prepared video, by name or id",
        kinds=_TEMPLATE,
        only_where_spoken=True,
    ),
    Option(
        name="variables",
        flags=("var", "variable"),
        takes=Takes.PAIR,
        read=spoken_values.read_variable,
        help="name=value for a template, as often as needed",
        kinds=_TEMPLATE,
        only_where_spoken=True,
    ),
)

SPOKEN_OPTIONS: tuple[Option, ...] = (*_CAST, *_SCRIPT, *_PICTURE, *_PREPARED)
