"""Templates, in v3 and in v2: listed, shown with their variables, filled in.

Source: heygen-cli's embedded OpenAPI (`gen/template.go`). Variables come and go in one shape,
`{name: {name, type, properties}}`; a text that is left out keeps its `{{placeholder}}`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web
from pydantic import Field, model_validator

from sandbox.vendors.heygen_assets import image_entry
from sandbox.vendors.heygen_catalog import CREATED_AT, SEED_AVATAR_ID, SEED_VOICE_ID, fixed_id
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import PER_SECOND_USD, Order, speech_s
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    answered_v2,
    body_of,
    paged,
    read,
)
from sandbox.vendors.render import Wish

NAMES = (
    *("Product Launch", "Team Update", "Birthday Greeting", "Onboarding Day One", "Weekly News"),
    *("Feature Spotlight", "Customer Story", "Event Invitation", "How-To in Three Steps"),
    *("Job Opening", "Quarterly Results", "Thank-You Note", "Security Training", "Launch"),
)
RATIOS = ("16:9", "9:16", "1:1")
PROPERTIES: dict[str, tuple[set[str], set[str]]] = {
    # by type: what one of must be there, and what may be there besides
    "text": ({"content"}, set()),
    "image": ({"url", "asset_id"}, {"fit"}),
    "video": ({"url", "asset_id"}, {"fit", "play_style", "volume"}),
    "audio": ({"url", "asset_id"}, set()),
    "character": ({"character_id"}, {"type"}),
    "voice": ({"voice_id"}, set()),
}
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
PICTURE = "https://files.heygen.ai/templates/picture.png"
FOOTAGE = "https://files.heygen.ai/templates/footage.mp4"
MUSIC = "https://files.heygen.ai/templates/music.mp3"


class Dimension(Body):
    """Width and height in pixels: even, 128 to 4096."""

    width: int = Field(ge=128, le=4096, multiple_of=2)
    height: int = Field(ge=128, le=4096, multiple_of=2)


class Position(Body):
    """Where subtitles stand."""

    x: float = 0.0
    y: float = 0.0


class Subtitles(Body):
    """A subtitle preset and what differs from it."""

    preset_name: str = Field(min_length=1)
    font_size: int | None = None
    alignment: int | None = 2
    position: Position | None = None
    disable_highlight: bool | None = False


class Variable(Body):
    """One replacement: a plain string is refused."""

    name: str
    type: Literal["text", "image", "video", "audio", "character", "voice"]
    properties: dict[str, Any]

    @model_validator(mode="after")
    def _own_properties(self) -> Self:
        one_of, more = PROPERTIES[self.type]
        given = {name for name, value in self.properties.items() if value is not None}
        if unknown := sorted(given - one_of - more):
            raise ValueError(f"{unknown[0]} is no property of {self.type}")
        if len(given & one_of) != 1:
            raise ValueError(f"a variable of type {self.type} has one of {sorted(one_of)}")
        return self


class Filled(Body):
    """`POST /v3/templates/{template_id}`."""

    variables: dict[str, Variable]
    title: str | None = None
    caption: bool = False
    dimension: Dimension | None = None
    fps: float = 25
    scene_ids: list[str] | None = Field(None, min_length=1)
    subtitles: Subtitles | None = None
    include_gif: bool = False
    enable_sharing: bool = False
    keep_text_vertically_centered: bool = False
    reorder_music: bool = True
    folder_id: str | None = None
    brand_glossary_id: str | None = None
    brand_voice_id: str | None = None
    callback_url: str | None = None
    callback_id: str | None = None

    @model_validator(mode="after")
    def _known_rate(self) -> Self:
        if self.fps not in (25, 30, 60):
            raise ValueError("fps must be 25, 30 or 60")
        return self


class FilledV2(Filled):
    """`POST /v2/template/{template_id}/generate`: `test` costs nothing."""

    test: bool = False


@dataclass(frozen=True)
class Template:
    """A template as somebody made it in HeyGen's editor."""

    id: str
    name: str
    ratio: str
    scripts: tuple[str, ...]
    variables: dict[str, Json] = field(default_factory=dict)

    @property
    def scene_ids(self) -> list[str]:
        """One id a scene, in order."""
        return [fixed_id("scene", self.id, place) for place in range(len(self.scripts))]

    def scenes(self) -> list[Json]:
        """Its scenes with the variables each uses; what is not said is in the first."""
        spoken = {name for script in self.scripts for name in PLACEHOLDER.findall(script)}
        scenes = []
        for place, script in enumerate(self.scripts):
            names = PLACEHOLDER.findall(script)
            if place == 0:
                names += [name for name in self.variables if name not in spoken]
            used = [{"name": one, "variable_type": self.variables[one]["type"]} for one in names]
            scenes.append({"scene_id": self.scene_ids[place], "script": script, "variables": used})
        return scenes


class Templates:
    """The templates of one account."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._templates = {one.id: one for one in map(_template, range(len(NAMES)))}

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com, v3 and v2."""
        app.router.add_get("/v3/templates", self._list)
        app.router.add_get("/v3/templates/{template_id}", self._show)
        app.router.add_post("/v3/templates/{template_id}", self._fill)
        app.router.add_get("/v2/templates", self._list_v2)
        app.router.add_get("/v2/template/{template_id}", self._show_v2)
        app.router.add_post("/v2/template/{template_id}/generate", self._fill_v2)

    async def _list(self, request: web.Request) -> web.Response:
        rows = [self._summary(one) for one in self._templates.values()]
        return paged(request, rows, limit_max=100)

    async def _show(self, request: web.Request) -> web.Response:
        one = self._mine(request)
        more = {"scene_ids": one.scene_ids, "scenes": one.scenes(), "variables": one.variables}
        return answered({**self._summary(one), **more})

    async def _fill(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        order = self._order(
            self._mine(request), read(Filled, given), given=given, path="/v3/templates/"
        )
        order.key = request.headers.get("Idempotency-Key")
        self._house.accept(order)
        return answered(self._house.video(order, self._house.word(order)))

    async def _list_v2(self, _: web.Request) -> web.Response:
        rows = [
            {
                "template_id": one.id,
                "name": one.name,
                "aspect_ratio": "portrait" if one.ratio == "9:16" else "landscape",
                "thumbnail_image_url": self._house.films.face_url(f"{one.id}.jpg"),
            }
            for one in self._templates.values()
        ]
        return answered_v2({"templates": rows})

    async def _show_v2(self, request: web.Request) -> web.Response:
        return answered_v2({"version": "v2", "variables": self._mine(request).variables})

    async def _fill_v2(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        filled = read(FilledV2, given)
        order = self._order(self._mine(request), filled, given=given, path="/v2/template/")
        order.legacy = True
        order.usd = 0.0 if filled.test else order.usd
        self._house.accept(order)
        return answered_v2({"video_id": order.video_id})

    def _order(self, template: Template, filled: Filled, *, given: Json, path: str) -> Order:
        """The order of a filled template. Errors: RefusedError."""
        images, picture = self._take(template, filled)
        known = dict(zip(template.scene_ids, template.scripts, strict=True))
        for place, scene_id in enumerate(filled.scene_ids or ()):
            if scene_id not in known:
                raise RefusedError(400, "Unknown scene.", param=f"scene_ids.{place}")
        _need_ratio(template, filled.dimension)
        scripts = [known[one] for one in filled.scene_ids or template.scene_ids]
        text = PLACEHOLDER.sub(lambda found: _said(found, filled), " ".join(scripts))
        seconds = speech_s(text)
        return Order(
            gateway="heygen",
            id=secrets.token_hex(16),
            endpoint=path + template.id,
            input=given,
            wish=Wish(
                prompt=text,
                model=f"template {template.name}",
                aspect_ratio=template.ratio,
                duration_s=seconds,
                sound=True,
                image=picture,
                quick=self._house.quick,
            ),
            images=images,
            title=filled.title or template.name,
            text=text,
            usd=round(seconds * PER_SECOND_USD["template"], 4),
            folder_id=filled.folder_id or None,
            callback_url=filled.callback_url,
            callback_id=filled.callback_id,
            captions=filled.caption or filled.subtitles is not None,
            burned=filled.caption or filled.subtitles is not None,
            gif=filled.include_gif,
        )

    def _take(self, template: Template, filled: Filled) -> tuple[list[Json], bytes | None]:
        """The files among the variables, and the first picture of them."""
        images, picture = [], None
        for name, given in filled.variables.items():
            at, known = f"variables.{name}", template.variables.get(name)
            if known is None:
                raise RefusedError(400, f"The template has no variable {name}.", param=at)
            if given.name != name or given.type != known["type"]:
                message = f"{name} is a variable of type {known['type']}."
                raise RefusedError(400, message, param=f"{at}.type")
            file = None
            match given.properties:
                case {"asset_id": str(asset_id)}:
                    file = self._house.assets.find(asset_id, at, given.type)
                case {"url": str(url)}:
                    file = self._house.assets.at_url(url, at, given.type)
                case {"character_id": str(avatar_id)}:
                    self._house.look(avatar_id, at)
                case {"voice_id": str(voice_id)}:
                    self._house.voice(voice_id, at)
                case {"content": str()}:
                    pass
                case _:
                    raise RefusedError(400, "A property must be a string.", param=at)
            if file is not None:
                images.append(image_entry(at, file))
                picture = picture or (file.body if given.type == "image" else None)
        return images, picture

    def _mine(self, request: web.Request) -> Template:
        template = self._templates.get(request.match_info["template_id"])
        if template is None:
            raise RefusedError(404, "Template not found.", code="resource_not_found")
        return template

    def _summary(self, template: Template) -> Json:
        return {
            "id": template.id,
            "name": template.name,
            "aspect_ratio": template.ratio,
            "thumbnail_url": self._house.films.face_url(f"{template.id}.jpg"),
            "created_at": CREATED_AT,
            "updated_at": CREATED_AT,
        }


def _template(number: int) -> Template:
    """The templates differ in what they ask for: every third has pictures, every fifth it all."""
    variables = {
        "headline": _variable("headline", "text", content="Something new"),
        "audience": _variable("audience", "text", content="everybody"),
    }
    if number % 3 == 0:
        variables["picture"] = _variable("picture", "image", url=PICTURE, fit="cover")
    if number % 5 == 0:
        variables |= {
            "footage": _variable("footage", "video", url=FOOTAGE, play_style="loop"),
            "music": _variable("music", "audio", url=MUSIC),
            "presenter": _variable(
                "presenter", "character", character_id=SEED_AVATAR_ID, type="avatar"
            ),
            "narrator": _variable("narrator", "voice", voice_id=SEED_VOICE_ID),
        }
    scripts = ("Hello {{audience}}, this is about {{headline}}.", "Thank you for watching.")
    name = NAMES[number]
    return Template(fixed_id("template", name), name, RATIOS[number % 3], scripts, variables)


def _variable(name: str, type_: str, **properties: str) -> Json:
    return {"name": name, "type": type_, "properties": properties}


def _said(found: re.Match[str], filled: Filled) -> str:
    given = filled.variables.get(found[1])
    return str(given.properties["content"]) if given else found[0]


def _need_ratio(template: Template, dimension: Dimension | None) -> None:
    if dimension is None:
        return
    wide, high = (int(part) for part in template.ratio.split(":"))
    if dimension.width * high != dimension.height * wide:
        message = f"dimension must have the template's aspect ratio {template.ratio}."
        raise RefusedError(400, message, param="dimension")
