"""The request form: a modal that asks for what a `/video` line would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.catalog import CATALOG
from domain.errors import RequestError
from domain.offer import Offer, estimate
from domain.plain import without_hidden
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.request import Clip
from domain.resolving import DEFAULT_DURATION_S, resolve
from domain.selector import select
from domain.shape import AspectRatio
from domain.spoken import Kind
from domain.standing import Standing
from domain.values import DURATION_MAX_S
from handlers import ids
from handlers.views import inputs
from handlers.views.blocks import (
    INPUT_MAX_CHARS,
    METADATA_MAX_CHARS,
    TITLE_MAX_CHARS,
    VIEW_MAX_BLOCKS,
    Block,
    View,
    context,
    plain,
    section,
)
from handlers.views.text import escape, price, shorten, utf16_len

ERROR_MAX_CHARS = 250
FILLED_MAX_CHARS = 2_800  # of one field of a long prompt: room to mend it
MODELS_MAX = 100  # options of a static select
CLIP_FIELDS = (ids.PROMPT, ids.MODEL, ids.ASPECT, ids.DURATION, ids.IMAGE)
# What a refusal is about -> the field that says it, where they have different names.
_FIELD_OF = {"script": ids.PROMPT, "language": ids.LANGUAGES, "variables": ids.VARIABLE}
_HINT = "What happens, where, in which light, how the camera moves"
IMAGE_TYPES = ("jpg", "jpeg", "png", "webp")

_KINDS: Sequence[inputs.Choice] = (
    (Kind.CLIP, "Clip: words or a picture become a short video"),
    (Kind.AVATAR, "Avatar: somebody says exactly your script"),
    (Kind.AGENT, "Agent: an idea becomes a finished video"),
    (Kind.TRANSLATION, "Translation: a finished video in other languages"),
    (Kind.TEMPLATE, "Template: a prepared video with your words"),
)


def request_form(
    *,
    private_metadata: str,
    preferences: Preferences,
    models: Sequence[Offer],
    initial: Clip | None,
    title: str,
    standing: Standing | None = None,
) -> View:
    """The form, filled with what was said. `models` are the offers that can be chosen now;
    `standing` knows which of them rest, and so what is chosen without a wish.

    What nobody said stays empty: then the channel's defaults hold, and an image's own ratio.
    """
    first, *more = split_prompt(initial.prompt if initial else "")
    clips = [offer for offer in models if offer.kind is Kind.CLIP]
    named = initial.model if initial else None
    ratio = initial.aspect_ratio if initial else None
    ratios = [(each.value, each.value) for each in AspectRatio]
    blocks = [
        inputs.text(ids.PROMPT, "Prompt", first, hint=_HINT, optional=False),
        *continued("Prompt", more, hint=_HINT),
        inputs.select(ids.MODEL, "Model", _model_options(clips, preferences), named),
        inputs.select(ids.ASPECT, "Aspect ratio", ratios, ratio),
        _length(initial.duration_s if initial else None, preferences),
        _image(initial),
        context(estimate_line(clips, initial, preferences, standing)),
    ]
    return request_modal(title, blocks, private_metadata)


def request_modal(title: str, blocks: Sequence[Block], private_metadata: str) -> View:
    """A form whose *Render* starts something. Raises `RequestError` for what no form holds."""
    if len(private_metadata) > METADATA_MAX_CHARS or len(blocks) >= VIEW_MAX_BLOCKS:
        raise RequestError(
            "That is more than a form of Slack's holds. Nothing was started. Say it in a line:"
            " `/video help` shows how."
        )
    return {
        "type": "modal",
        "callback_id": ids.REQUEST_FORM,
        "private_metadata": private_metadata,
        "title": plain(title, TITLE_MAX_CHARS),
        "submit": plain("Render"),
        "close": plain("Close"),
        "blocks": list(blocks),
    }


def with_kinds(view: View, kind: Kind) -> View:
    """The form with a choice of what kind of video it asks for; choosing another changes it."""
    field = inputs.select_field(ids.KIND, _KINDS, kind.value)
    asked = inputs.labelled(ids.KIND, "What to make", field, optional=False)
    return view | {
        "blocks": [asked | {"dispatch_action": True}, *map(_typed_into_first, view["blocks"])]
    }


def _typed_into_first(block: Block) -> Block:
    """The prompt is what most people come to write, whatever stands above it."""
    if block.get("block_id") != ids.PROMPT:
        return block
    return block | {"element": block["element"] | {"focus_on_load": True}}


def too_late(view: View, take: str) -> View:
    """The form of a next take, with why it is not the take itself that changes."""
    note = (
        f"*{take} can't be changed any more.* Render makes this the next take, for its own price."
    )
    return view | {"blocks": [section(note), *view["blocks"]]}


def form_errors(error: RequestError, fields: Sequence[str] = CLIP_FIELDS) -> dict[str, str]:
    """The refusal at its field, for `response_action: errors`; at the first one where the form
    does not have it. `fields` are the block ids of the form."""
    sentence = escape(shorten(error.sentence, ERROR_MAX_CHARS))
    wanted = _FIELD_OF.get(error.field or "", error.field or "")
    own = [field for field in fields if field != ids.KIND]
    near = [field for field in own if field.partition(":")[0] == wanted]
    return {next(iter((*near, *own)), ids.PROMPT): sentence}


def fields_of(view: Mapping[str, Any]) -> Sequence[str]:
    """The block ids of a view's fields."""
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def continued(label: str, more: Sequence[str], *, hint: str) -> list[Block]:
    """The further fields of a long prompt."""
    return [
        inputs.text(block_id, f"{label}, continued", piece, hint=hint, optional=True)
        for block_id, piece in zip(ids.PROMPTS[1:], more, strict=False)
    ]


def split_prompt(prompt: str) -> tuple[str, ...]:
    """A prompt in parts that fit a field each: Slack's input ends at 3,000 characters.

    Cut at a space, which `joined_prompt` puts back. Slack may count in UTF-16. Raises
    `RequestError` for one that is longer than all fields together.
    """
    pieces: list[str] = []
    rest = without_hidden(prompt)
    while utf16_len(rest) > INPUT_MAX_CHARS:
        end = FILLED_MAX_CHARS
        while (beyond := utf16_len(rest[:end]) - FILLED_MAX_CHARS) > 0:
            end -= max(1, beyond // 2)
        space = rest.rfind(" ", end // 2, end)
        cut, begins = (end, end) if space < 0 else (space, space + 1)
        pieces.append(rest[:cut])
        rest = rest[begins:]
    if len(pieces) >= len(ids.PROMPTS):
        raise RequestError(
            f"These {len(prompt):,} characters are more than a form holds. Nothing was started."
            " Say it in a line.",
            field="prompt",
        )
    return (*pieces, rest)


def joined_prompt(*pieces: str | None) -> str:
    """The fields of a long prompt as one."""
    return " ".join(filter(None, pieces))


def estimate_line(
    models: Sequence[Offer],
    initial: Clip | None,
    preferences: Preferences,
    standing: Standing | None = None,
) -> str:
    """What is chosen for what is filled in, its price, and that nothing is paid before Render."""
    free = "Nothing is charged before you press Render."
    chosen = frozenset(offer.name for offer in models)
    known = standing or Standing(gateways=frozenset(offer.gateway for offer in models))
    known = replace(known, parked=frozenset(offer.name for offer in CATALOG) - chosen)
    try:
        selection = select(initial or Clip(prompt="any"), known, preferences)
    except RequestError:
        return f"Each model's price stands beside it. {free}"
    return f"Without changes: {escape(selection.sentence)} {free}"


def _model_options(models: Sequence[Offer], preferences: Preferences) -> list[tuple[str, str]]:
    """(value, label) a model, each once, at its cheapest gateway, with what a clip costs."""
    prices: dict[str, tuple[str, Estimate]] = {}
    for offer in models:
        amount = estimate(offer, resolve(Clip(prompt="any"), offer, preferences))
        known = prices.get(offer.model.name)
        if known is None or amount.micro_usd < known[1].micro_usd:
            prices[offer.model.name] = (offer.model.title, amount)
    listed = [(name, f"{label} · {price(amount)}") for name, (label, amount) in prices.items()]
    return listed[:MODELS_MAX]


def _length(seconds: int | None, preferences: Preferences) -> Block:
    usual = preferences.duration_s or DEFAULT_DURATION_S
    field: Block = {
        "type": "number_input",
        "action_id": ids.DURATION,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(DURATION_MAX_S),
        "placeholder": plain(f"{usual}, or the model's own"),
    }
    filled = {"initial_value": str(seconds)} if seconds else {}
    return inputs.labelled(ids.DURATION, "Length in seconds", field | filled)


def _image(initial: Clip | None) -> Block:
    """A file field can't be filled in; a picture that is there already stays unless replaced."""
    field: Block = {
        "type": "file_input",
        "action_id": ids.IMAGE,
        "filetypes": list(IMAGE_TYPES),
        "max_files": 1,
    }
    image = initial.reference_image if initial else None
    if image is None:
        return inputs.labelled(ids.IMAGE, "Image to start from", field)
    hint = plain(f"It starts from {without_hidden(image.name)} unless you add another.", 150)
    return inputs.labelled(ids.IMAGE, "Another image to start from", field) | {"hint": hint}
