"""Files that are posted in Slack, and where they go in a video in which somebody speaks.

A form takes 10 MB and a command takes no file at all; what is posted with a mention, or as a reply
in a shot's thread, may be as large as its vendor takes (`file_limits.py`). What a recording, a
picture and a film mean follows from the kind of the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from domain.errors import RequestError
from domain.request import Clip, Work
from domain.shape import Image, Media
from domain.spoken import Agent, Avatar, Scene, Template, Translation

NEW_RECORDING = "new recording"
NEW_FACE = "new face"
NEW_SOURCE = "another video"
NO_FILM = (
    "An avatar video takes a recording (what is said) or a picture (who says it), no film."
    " A film goes to an agent or is translated: `@Dailies --kind agent …`, `--language German`."
)


def given_files(work: Work) -> tuple[Media, ...]:
    """The Slack files that a form of this work cannot show and has to carry along."""
    match work:
        case Avatar() | Agent() | Translation():
            return tuple(file for file in work.media.values() if file.slack_file_id is not None)
        case _:
            return ()


def carried_files(
    given: Sequence[Media], added: Sequence[Media], *, has_script: bool, adds: bool
) -> tuple[Media, ...]:
    """The files of a form that was sent: what was `given` before and what was added. `adds`: both
    count (an agent's); else added ones are instead, and words are instead of a recording."""
    if adds:
        return (*given, *added)
    kept = [file for file in given if not (has_script and file.is_sound)]
    return tuple(added) or tuple(kept)


def recording_of(files: Sequence[Media]) -> Media | None:
    """The first sound among them."""
    return next((file for file in files if file.is_sound), None)


def with_files(
    work: Avatar | Translation | Template | Clip, files: Sequence[Media]
) -> tuple[Work, tuple[str, ...]]:
    """(the work with these files in their places, what changed). Only the files count; an agent
    reads what came along with them, too (`conversation.py`). Raises `RequestError` for what has no
    place."""
    match work:
        case Avatar():
            return _of_avatar(work, files)
        case Translation():
            film = next((file for file in files if file.is_film), None)
            if film is None:
                raise RequestError("A translation takes a video: post the film itself.")
            chosen = {"source": film, "source_request_id": None, "duration_s": None}
            return work.model_copy(update=chosen), (NEW_SOURCE,)
        case Template():
            raise RequestError("A template takes files in its form: press *New take*.")
        case Clip():
            raise RequestError(
                "A clip takes pictures. A recording is spoken by an avatar and a film goes to an"
                " agent: post it with `@Dailies --avatar …` or `@Dailies --kind agent …`."
            )
        case _:
            assert_never(work)


def spoken_by(work: Avatar, files: Sequence[Media]) -> Avatar:
    """The avatar video with a recording that is spoken and a picture that speaks. Raises
    `RequestError` for other files."""
    return _of_avatar(work, files)[0] if files else work


def _of_avatar(work: Avatar, files: Sequence[Media]) -> tuple[Avatar, tuple[str, ...]]:
    sound = recording_of(files)
    picture = next((file for file in files if file.is_picture), None)
    if (sound, picture) == (None, None):
        raise RequestError(NO_FILM)
    scenes, changed = work.scenes, []
    if sound is not None:
        if len(scenes) > 1:
            raise RequestError(
                f"This video has {len(scenes)} scenes and the recording is one: start a new video"
                " with it, `@Dailies --avatar …` and the recording."
            )
        scenes = (scenes[0].model_copy(update={"script": None, "recording": sound}),)
        changed.append(NEW_RECORDING)
    updates: dict[str, object] = {"scenes": scenes}
    if picture is not None:
        face = Image(**picture.model_dump(exclude={"duration_s", "width_px", "height_px"}))
        updates["scenes"] = tuple(_shown_by(scene, face) for scene in scenes)
        updates |= {"engine": None, "reference_look": None}
        changed.append(NEW_FACE)
    return work.model_copy(update=updates), tuple(changed)


def _shown_by(scene: Scene, face: Image) -> Scene:
    if scene.footage is not None:
        return scene
    return scene.model_copy(update={"photo": face, "avatar": None})
