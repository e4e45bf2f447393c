"""Whatever is accepted fits into the form that shows it: each form is built from the longest inputs
there can be, and held against the sandbox's stricter rules of Block Kit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.casting import TemplateOffer, Variable
from domain.errors import RequestError
from domain.preferences import Preferences
from domain.request import PROMPT_MAX_CHARS, Clip
from domain.shape import URL_MAX_CHARS, Media
from domain.spoken import AGENT_FILES_MAX, AGENT_PROMPT_MAX_CHARS, LANGUAGES_MAX, Kind
from domain.understanding import Understood
from handlers.views.form import request_form, too_late, with_kinds
from handlers.views.inputs import VALUE_MAX_CHARS
from handlers.views.spoken_form import Shown, spoken_form
from sandbox.slack.block_checks import Inspection
from sandbox.slack.blocks import inspect_view
from tests.unit.test_views_answers import form as clip_form

MESSAGE_MAX_CHARS = 40_000  # docs.slack.dev: a message's text, and so a script's, ends there
VIEW_MAX_BYTES = 250_000
CHARS = st.sampled_from(["x", "word ", "<&>", "`", "\n", "👩", "中"])
LONG_NAME = "<`&n>" * 51


def fits(view: dict[str, Any]) -> None:
    """Slack takes it."""
    assert inspect_view(view, Inspection(surface="modal", scopes=frozenset({"files:read"}))) == []
    assert len(json.dumps(view)) < VIEW_MAX_BYTES


def filled(kind: Kind, prompt: str, options: dict[str, Any], shown: Shown) -> dict[str, Any]:
    line = Understood(kind=kind.value, prompt=prompt, options=options)
    view = spoken_form(line, shown, private_metadata="x" * 3_000, title="t" * 60)
    return with_kinds(view, kind)


@given(CHARS, st.integers(min_value=1, max_value=MESSAGE_MAX_CHARS))
def test_a_script_of_any_length_fits_its_form(char: str, chars: int) -> None:
    script = (char * chars)[:chars]
    options = {
        "script": script,
        "avatar": "a" * VALUE_MAX_CHARS,
        "background": "https://" + "b" * (URL_MAX_CHARS - 8),
        "speed": 1.25,
        "captions": "burned",
        "transparent": True,
    }
    files = [Media(slack_file_id=f"F{n}", name=LONG_NAME) for n in range(AGENT_FILES_MAX)]
    shown = Shown(
        labels={"a" * VALUE_MAX_CHARS: LONG_NAME},
        usual_avatar=LONG_NAME,
        given=files,
        problem="The script is too long. " * 10,
    )
    fits(filled(Kind.AVATAR, "", options, shown))


@given(CHARS, st.integers(min_value=1, max_value=AGENT_PROMPT_MAX_CHARS))
def test_an_idea_of_any_length_fits_its_form(char: str, chars: int) -> None:
    fits(filled(Kind.AGENT, (char * chars)[:chars], {"duration_s": 300, "chat": True}, Shown()))


@given(CHARS, st.integers(min_value=1, max_value=PROMPT_MAX_CHARS))
def test_a_prompt_of_any_length_fits_its_form(char: str, chars: int) -> None:
    view = clip_form(initial=Clip(prompt=(char * chars)[:chars] or "x", duration_s=60))
    fits(too_late(view, LONG_NAME[:20]))


def test_languages_and_variables_fit_their_forms() -> None:
    languages = [f"{n}" + "l" * (VALUE_MAX_CHARS - 1) for n in range(LANGUAGES_MAX)]
    fits(filled(Kind.TRANSLATION, "", {"languages": languages}, Shown()))
    variables = tuple(
        Variable(name=f"{n}{LONG_NAME}"[:200], type=type_, default=LONG_NAME)
        for n, type_ in enumerate(["text", "image", "character", "voice", "video"] * 10)
    )
    said = {variable.name: "w" * 3_000 for variable in variables if variable.type == "text"}
    template = TemplateOffer(id="t", name=LONG_NAME, variables=variables)
    options = {"template": "t", "variables": said}
    fits(filled(Kind.TEMPLATE, "", options, Shown(template=template, labels={"t": LONG_NAME})))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.AVATAR, {"script": "x" * 60_001}),
        (Kind.TEMPLATE, {"template": "t", "variables": {"headline": "w" * 3_001}}),
        (Kind.TRANSLATION, {"languages": ["l" * (VALUE_MAX_CHARS + 1)]}),
    ],
)
def test_what_no_form_holds_is_said_instead_of_sent(kind: Kind, options: dict[str, Any]) -> None:
    template = TemplateOffer(id="t", name="t", variables=(Variable(name="headline", type="text"),))
    with pytest.raises(RequestError, match="Nothing was started"):
        filled(kind, "", options, Shown(template=template))


def test_more_metadata_than_slack_keeps_is_said_instead_of_sent() -> None:
    with pytest.raises(RequestError, match="more than a form of Slack's holds"):
        request_form(
            private_metadata="x" * 3_001,
            preferences=Preferences(),
            models=(),
            initial=None,
            title="New video",
        )
