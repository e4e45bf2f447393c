"""The request form: a modal that asks for what a `/video` line would say."""

from __future__ import annotations

from collections.abc import Sequence

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
from domain.standing import Standing
from domain.values import DURATION_MAX_S
from handlers import ids
from handlers.views.blocks import (
    INPUT_MAX_CHARS,
    TITLE_MAX_CHARS,
    Block,
    View,
    context,
    plain,
    section,
)
from handlers.views.text import escape, price, shorten

ERROR_MAX_CHARS = 250
MODELS_MAX = 100  # options of a static select
IMAGE_TYPES = ("jpg", "jpeg", "png", "webp")

_FIELDS = {
    "prompt": ids.PROMPT,
    "model": ids.MODEL,
    "aspect_ratio": ids.ASPECT,
    "duration_s": ids.DURATION,
    "reference_image": ids.IMAGE,
}


def request_form(
    *,
    private_metadata: str,
    preferences: Preferences,
    models: Sequence[Offer],
    initial: Clip | None,
    title: str,
) -> View:
    """The form, filled with what was said. `models` are the offers that can be chosen now.

    What nobody said stays empty: then the channel's defaults hold, and an image's own ratio.
    """
    first, more = split_prompt(initial.prompt if initial else "")
    named = initial.model if initial else None
    ratio = initial.aspect_ratio if initial else None
    ratios = [(each.value, each.value) for each in AspectRatio]
    blocks = [
        _prompt(ids.PROMPT, "Prompt", first, optional=False),
        *([_prompt(ids.PROMPT_MORE, "Prompt, continued", more, optional=True)] if more else []),
        _select(ids.MODEL, "Model", _model_options(models, preferences), named),
        _select(ids.ASPECT, "Aspect ratio", ratios, ratio),
        _length(initial.duration_s if initial else None, preferences),
        _image(initial),
        context(estimate_line(models, initial, preferences)),
    ]
    return {
        "type": "modal",
        "callback_id": ids.REQUEST_FORM,
        "private_metadata": private_metadata,
        "title": plain(title, TITLE_MAX_CHARS),
        "submit": plain("Render"),
        "close": plain("Close"),
        "blocks": blocks,
    }


def too_late(view: View, take: str) -> View:
    """The form of a next take, with why it is not the take itself that changes."""
    note = (
        f"*{take} can't be changed any more.* Render makes this the next take, for its own price."
    )
    return view | {"blocks": [section(note), *view["blocks"]]}


def form_errors(error: RequestError) -> dict[str, str]:
    """The refusal at its field, for `response_action: errors`; at the prompt if it has none."""
    sentence = escape(shorten(error.sentence, ERROR_MAX_CHARS))
    return {_FIELDS.get(error.field or "", ids.PROMPT): sentence}


def split_prompt(prompt: str) -> tuple[str, str]:
    """A prompt in two parts that fit a field each: Slack's input ends at 3,000 characters.

    Cut at a space, which `joined_prompt` puts back. Slack may count in UTF-16.
    """
    visible = without_hidden(prompt)
    if _width(visible) <= INPUT_MAX_CHARS:
        return visible, ""
    end = INPUT_MAX_CHARS
    while _width(visible[:end]) > INPUT_MAX_CHARS:
        end -= max(1, (_width(visible[:end]) - INPUT_MAX_CHARS) // 2)
    space = visible.rfind(" ", end // 2, end)
    return (visible[:end], visible[end:]) if space < 0 else (visible[:space], visible[space + 1 :])


def joined_prompt(first: str, more: str | None) -> str:
    """The two fields of a long prompt as one."""
    return f"{first} {more}" if more else first


def estimate_line(models: Sequence[Offer], initial: Clip | None, preferences: Preferences) -> str:
    """What is chosen for what is filled in, its price, and that nothing is paid before Render."""
    free = "Nothing is charged before you press Render."
    chosen = frozenset(offer.name for offer in models)
    standing = Standing(
        gateways=frozenset(offer.gateway for offer in models),
        parked=frozenset(offer.name for offer in CATALOG) - chosen,
    )
    try:
        selection = select(initial or Clip(prompt="any"), standing, preferences)
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


def _prompt(block_id: str, label: str, text: str, *, optional: bool) -> Block:
    field: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": True,
        "max_length": INPUT_MAX_CHARS,
        "placeholder": plain("What happens, where, in which light, how the camera moves"),
    }
    return _input(block_id, label, field | ({"initial_value": text} if text else {}), optional)


def _select(
    block_id: str, label: str, options: Sequence[tuple[str, str]], chosen: str | None
) -> Block:
    choices = [{"text": plain(shown, 75), "value": value} for value, shown in options]
    field: Block = {
        "type": "static_select",
        "action_id": block_id,
        "options": choices,
        "placeholder": plain("Choose for me"),
    }
    initial = [choice for choice in choices if choice["value"] == chosen]
    return _input(block_id, label, field | ({"initial_option": initial[0]} if initial else {}))


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
    return _input(ids.DURATION, "Length in seconds", field | filled)


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
        return _input(ids.IMAGE, "Image to start from", field)
    hint = plain(f"It starts from {without_hidden(image.name)} unless you add another.", 150)
    return _input(ids.IMAGE, "Another image to start from", field) | {"hint": hint}


def _input(block_id: str, label: str, element: Block, optional: bool = True) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }


def _width(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
