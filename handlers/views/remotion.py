"""*Remotion snippet*: a composition that lays a transparent video over a background.

`transparent` on `<OffthreadVideo>` makes it keep the alpha channel (remotion.dev/docs/videos/
transparency); a render that is itself transparent is VP9 with PNG frames and yuva420p
(remotion.dev/docs/transparent-videos). Composition ids have letters, digits and dashes only.
"""

from __future__ import annotations

import math

from domain.shot import Page, Take, Video
from handlers.views.announcements import file_name
from handlers.views.blocks import View, context, modal, section
from handlers.views.take_words import take_label
from handlers.views.text import escape

# HeyGen's usual rate (heygen-com/skills-legacy, remotion-integration.md): at another one Remotion
# would show some frames twice.
FPS = 25

_CODE = """\
import React from "react";
import {{AbsoluteFill, Composition, OffthreadVideo, registerRoot, staticFile}} from "remotion";

const Film: React.FC = () => (
  <AbsoluteFill style={{{{backgroundColor: "#1a1a2e"}}}}>
    {{/* What stands here is behind it: an <Img>, another <OffthreadVideo>, … */}}
    <OffthreadVideo src={{staticFile("{name}")}} transparent />
  </AbsoluteFill>
);

const Root: React.FC = () => (
  <Composition
    id="{id}"
    component={{Film}}
    width={{{width_px}}}
    height={{{height_px}}}
    fps={{{fps}}}
    durationInFrames={{{frames}}}
  />
);

registerRoot(Root);
"""
_NEEDS = "For a Remotion project; in a new folder: `npm i remotion @remotion/cli react react-dom`"
_RENDER = "npx remotion render src/index.tsx {id} out.mp4 --codec=h264"
_RENDER_TRANSPARENT = (
    "npx remotion render src/index.tsx {id} out.webm --codec=vp9 --image-format=png"
    " --pixel-format=yuva420p"
)


def snippet(page: Page, take: Take) -> View:
    """What to copy, and where to put it. A take without a video has nothing to lay over."""
    label, video = take_label(page, take), take.video
    if video is None:
        return modal(label, [section("There is no video to lay over anything.")])
    name, composition = file_name(page, take, video), label.replace(" ", "-")
    code = code_of(video, name, composition)
    return modal(
        "Remotion snippet",
        [
            section(
                f"{_NEEDS}\nDownload `{name}` from the thread into `public/`. As `src/index.tsx`:"
            ),
            section(_fenced(code)),
            section(f"Over the background, as MP4:\n{_fenced(_RENDER.format(id=composition))}"),
            section(
                "Still transparent, without the background colour:\n"
                f"{_fenced(_RENDER_TRANSPARENT.format(id=composition))}"
            ),
            context(f"The file: {video.width_px}×{video.height_px}, {video.duration_s:.2f} s."),
        ],
    )


def code_of(video: Video, name: str, composition: str) -> str:
    """A whole Remotion project in one file; `name` is the file in its public folder."""
    return _CODE.format(
        name=name,
        id=composition,
        width_px=video.width_px,
        height_px=video.height_px,
        fps=FPS,
        frames=max(1, math.floor(video.duration_s * FPS)),
    )


def _fenced(code: str) -> str:
    return f"```{escape(code.rstrip(), keep_lines=True)}```"
