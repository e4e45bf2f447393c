"""Every command, `callback_id`, `block_id` and `action_id`, so that none is typed twice."""

from __future__ import annotations

from typing import Final

VIDEO_COMMAND: Final = "/video"

ANIMATE_IMAGE: Final = "animate_image"  # message shortcut
MAKE_AVATAR: Final = "make_avatar"  # message shortcut
CLONE_VOICE: Final = "clone_voice"  # message shortcut
LIKENESS_FORM: Final = "likeness_form"  # modal
REQUEST_FORM: Final = "request_form"  # modal

# Buttons. Their value is a request id unless said otherwise; it is checked again when pressed.
CANCEL: Final = "cancel_take"
EDIT: Final = "edit_take"
CONFIRM: Final = "confirm_take"
NEW_TAKE: Final = "new_take"
APPROVE: Final = "approve_take"
VARIATION: Final = "variation_take"
TRY_AGAIN: Final = "try_again"
SHARE_AGAIN: Final = "share_again"
DETAILS: Final = "show_details"
FULL_PROMPT: Final = "show_prompt"
RENDER_DRAFT: Final = "render_draft"  # value: draft id
EDIT_DRAFT: Final = "edit_draft"  # value: draft id
REMOTION: Final = "show_remotion"
LISTEN: Final = "listen_voice"  # opens a link; value: voice id
SAY: Final = "say_it"  # value: JSON of voice and say
START_NOW: Final = "start_now"
MORE: Final = "more"  # the ⋯ menu: its options' values are `<action_id>:<request id>`

BUTTONS: Final = (
    CANCEL,
    EDIT,
    CONFIRM,
    NEW_TAKE,
    APPROVE,
    VARIATION,
    TRY_AGAIN,
    SHARE_AGAIN,
    DETAILS,
    FULL_PROMPT,
    RENDER_DRAFT,
    EDIT_DRAFT,
    REMOTION,
    START_NOW,
    LISTEN,
    SAY,
    MORE,
)

# Fields of the request form: block ids; each block's action id is the same word.
PROMPT: Final = "prompt"
MODEL: Final = "model"
ASPECT: Final = "aspect_ratio"
DURATION: Final = "duration_s"
IMAGE: Final = "reference_image"
FILES: Final = "files"
KIND: Final = "kind"
AVATAR: Final = "avatar"
VOICE: Final = "voice"
STYLE: Final = "style"
SPEED: Final = "speed"
BACKGROUND: Final = "background"
CAPTIONS: Final = "captions"
EXTRAS: Final = "extras"  # boxes to tick
LANGUAGES: Final = "languages"
SOURCE: Final = "source"
TEMPLATE: Final = "template"
NAME: Final = "name"
CONSENT: Final = "consent"
VARIABLE: Final = "variable"  # its blocks are `variable:<name>`
PROMPT_MORE: Final = "prompt_more"  # what of a long prompt does not fit into one field
# All fields that a long prompt can fill, in their order: more than a message has.
PROMPTS: Final = (PROMPT, PROMPT_MORE, *(f"{PROMPT_MORE}:{n}" for n in range(3, 21)))

# Fields that are searched while somebody types, and those whose choice changes the form.
SEARCHED: Final = (AVATAR, VOICE, STYLE, LANGUAGES, SOURCE, TEMPLATE)
LISTED: Final = (AVATAR, VOICE, STYLE, "language", TEMPLATE)  # what a list may not have yet
RESHAPING: Final = (KIND, TEMPLATE, LANGUAGES, SOURCE)
