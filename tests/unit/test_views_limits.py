"""Nothing that people, models or vendors write can break a message or act in it.

Every state of a take is shown with hostile text, in every view, and held against slack_sdk's
models, the sandbox's stricter rules, and the same view with harmless text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from domain.catalog import CATALOG
from domain.errors import Failure, FailureClass, NotAllowed, RequestError
from domain.message import Message
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.request import PROMPT_MAX_CHARS
from domain.shape import Image
from domain.shot import Page, Take
from handlers.views.acks import not_allowed, refused, unclear
from handlers.views.announcements import broadcast, file_comment, file_name, ping
from handlers.views.card import render_card
from handlers.views.details import details, full_prompt
from handlers.views.form import form_errors, request_form
from handlers.views.lists import show, status
from handlers.views.take_message import render_take
from handlers.views.take_words import PROMPT_SHOWN_CHARS
from sandbox.slack.block_checks import Inspection
from sandbox.slack.blocks import inspect_message, inspect_view
from tests.unit.views_gallery import STATES, T0, USUAL, clip_of, page_of, take_in

MESSAGE_BLOCKS_MAX, TEXT_MAX_CHARS = 50, 4_000
_FALLBACK = r"(?:\d\d:\d\d UTC|\d\d \w{3} \d{4}(?: \d\d:\d\d UTC)?)"
OURS = re.compile(rf"<@U0(?:ANA|BEA)>|<!date\^\d+\^[{{}}a-z_ ]+\|{_FALLBACK}>")
TRICKS = (
    "<!channel>",
    "<!here|here>",
    "<!cha<!channel>nnel>",
    "<@U1>",
    "<#C1|x>",
    "<!subteam^S1>",
    "<!date^1^{time}|x>",
    "<http://x.example|y>",
    "http://x.example",
    "@channel",
    "&lt;!channel&gt;",
    "&amp;",
    "```",
    "`",
    "*",
    "_",
    "~",
    ":boom:",
    "\n",
    "\r\n",
    "\u2028",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "é",
    "שלום",
    "عربي",
    '"}]}',
    "”",
    " · ",
    "$0.00",
)
HOSTILE = st.one_of(
    st.lists(st.sampled_from(TRICKS), min_size=1, max_size=60).map("".join),
    st.text(min_size=1, max_size=300),
    st.sampled_from(("&", "<", "👩", "`", "a ", "\n")).map(
        lambda c: (c * PROMPT_MAX_CHARS)[:4_000]
    ),
)
SHORT = 40


def shown(message: Message) -> list[Message]:
    """A message, once it was found to be one that Slack takes."""
    assert message.text
    assert len(message.text) <= TEXT_MAX_CHARS
    assert len(message.blocks) <= MESSAGE_BLOCKS_MAX
    for block in message.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
    assert inspect_message(list(message.blocks), Inspection("message")) == []
    return [message]


def view_of(view: dict[str, Any]) -> dict[str, Any]:
    """A modal, once it was found to be one that Slack takes."""
    View(**json.loads(json.dumps(view))).validate_json()
    look = Inspection("modal", scopes=frozenset({"files:read"}))
    assert inspect_view(view, look) == []
    return view


def strings(value: Any) -> Iterator[str]:
    """Every text in a message or view that Slack reads markup in."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, each in value.items():
                if key not in {"initial_value", "value", "private_metadata", "action_id"}:
                    yield from strings(each)
        case list() | tuple():
            for each in value:
                yield from strings(each)


def control(value: Any) -> list[str]:
    """Every control sequence, in order. Fails on an angle bracket that belongs to none of ours."""
    found: list[str] = []
    for text in strings(value):
        found += OURS.findall(text)
        assert not re.search("[<>]", OURS.sub("", text)), text
        assert not re.search(r"&(?!amp;|lt;|gt;)", text), text
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text), text
    return found


def acting(value: Any) -> list[str]:
    """What kinds of blocks there are, and what can be pressed, in order."""
    match value:
        case Mapping():
            own = [str(value[key]) for key in ("type", "action_id") if key in value]
            return own + [each for part in value.values() for each in acting(part)]
        case list() | tuple():
            return [each for part in value for each in acting(part)]
        case _:
            return []


def messages(page: Page, take: Take) -> Iterator[Message]:
    """Every message that shows a take."""
    yield render_take(page, take, now=T0 + 75, durations=USUAL)
    yield render_card(page, now=T0 + 75)
    yield ping(page, take)
    yield broadcast(page, take)
    yield show(page, now=T0 + 75)
    yield status([page], now=T0 + 75)


def hostile_take(state: str, text: str) -> Take:
    """A take in whose every text that is not ours there is `text`."""
    clip = clip_of(
        text,
        reference_image=Image(slack_file_id="F0FOX", name=text),
        config={"key": text[:200]},
    )
    take = take_in(state, number=2, clip=clip, changed=(text[:400], "night"))
    failure = take.execution.failure
    if failure is not None:
        worse = {"detail": text[:300], "field": failure.field or text[:40]}
        object.__setattr__(take.execution, "failure", failure.model_copy(update=worse))
    object.__setattr__(take, "sentence", text[:400])
    object.__setattr__(take.execution, "remote_id", text[:300])
    return take


@pytest.mark.parametrize("state", STATES)
@settings(max_examples=25, deadline=None)
@given(text=HOSTILE)
def test_no_text_breaks_or_acts_in_a_message(state: str, text: str) -> None:
    harmless = "a" * len(text)
    hostile, plain = hostile_take(state, text), hostile_take(state, harmless)
    first = take_in("done")
    pages = page_of(first, hostile, approved="req_1"), page_of(first, plain, approved="req_1")

    for ugly, nice in zip(messages(pages[0], hostile), messages(pages[1], plain), strict=True):
        shown(ugly)
        assert control(ugly.text) == control(nice.text)
        assert control(ugly.blocks) == control(nice.blocks)
        assert acting(ugly.blocks) == acting(nice.blocks)

    video = hostile.video or take_in("done").videos[0]
    assert control(file_comment(pages[0], hostile, video)) == ["<@U0ANA>"]
    assert re.fullmatch(r"V-142_take2_9x16\.mp4", file_name(pages[0], hostile, video))


@settings(max_examples=60, deadline=None)
@given(text=HOSTILE, state=st.sampled_from(sorted(STATES)))
def test_no_text_breaks_or_acts_in_a_modal(text: str, state: str) -> None:
    take = hostile_take(state, text)
    page = page_of(take)

    for view in (details(page, take), full_prompt(page, take)):
        view_of(view)
        control(view)
        shown(Message(view["title"]["text"], tuple(view["blocks"][:50])))
    form = request_form(
        private_metadata="{}",
        preferences=Preferences(),
        models=CATALOG,
        initial=clip_of(text[:4_000]),
        title=f"Edit {page.shot.label}",
    )
    control(view_of(form))


@settings(max_examples=100, deadline=None)
@given(text=HOSTILE)
def test_no_text_breaks_or_acts_in_a_quiet_answer(text: str) -> None:
    refusal = RequestError(f"No: {text}", field="model", suggestion=f"/video {text}"[:4_100])
    answers: tuple[Message, ...] = (
        refused(refusal),
        refused(RequestError(f"No: {text}")),
        not_allowed(NotAllowed(f"No: {text}")),
        unclear(text, Estimate(1, is_ceiling=True), draft_id="draft_1", sentence=text),
    )
    for answer in answers:
        shown(answer)
        assert control(answer.text) == control(answer.blocks) == []
    assert list(form_errors(refusal)) == ["model"]
    control(form_errors(refusal))


@settings(max_examples=100, deadline=None)
@given(text=HOSTILE)
def test_a_corrected_command_is_whole_however_long_it_is(text: str) -> None:
    answer = refused(RequestError("Not so.", suggestion=f"/video {text}"))

    written = "".join(str(block["text"]["text"]) for block in answer.blocks)
    letters = [char for char in text if char.isalnum() and char.isascii()]
    assert [char for char in unescaped(written) if char in letters].count("a") >= letters.count("a")
    assert unescaped(written).count("👩") == text.count("👩")
    assert unescaped(written).count("&") == text.count("&")


def unescaped(text: str) -> str:
    """What a person reads of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("kind", FailureClass)
def test_a_vendors_words_are_in_details_only(kind: FailureClass) -> None:
    take = take_in(f"failed_{kind.value}")
    page = page_of(take)

    told = [text for message in messages(page, take) for text in strings(message.blocks)]
    assert not [text for text in told if "vendor's own words" in text]
    assert any("vendor's own words" in text for text in strings(details(page, take)))


@pytest.mark.parametrize("state", STATES)
def test_the_fallback_says_state_price_and_prompt(state: str) -> None:
    take = take_in(state)
    message = render_take(page_of(take), take, now=T0 + 75, durations=USUAL)

    first, *_, last = message.text.split("\n")
    assert re.match(r"[A-Z][a-z' ]+ · V-142 take 1 · .*(\$\d|charged)", first)
    assert last == "“A red fox runs through snow”"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("view", ["take", "card"])
def test_the_same_state_gives_the_same_message(state: str, view: str) -> None:
    take = take_in(state)
    page = page_of(take)
    render: dict[str, Callable[[float], Message]] = {
        "take": lambda now: render_take(page, take, now=now, durations=USUAL),
        "card": lambda now: render_card(page, now=now),
    }

    assert render[view](T0 + 75.1) == render[view](T0 + 84.9)
    if view == "card":
        assert render[view](T0) == render[view](T0 + 100)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("prompt", ["short", "long " * 100])
def test_a_take_has_at_most_three_buttons_and_a_menu(state: str, prompt: str) -> None:
    take = take_in(state, clip=clip_of(prompt))
    message = render_take(page_of(take), take, now=T0 + 10_000, durations=USUAL)

    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    kinds = [element["type"] for row in rows for element in row]
    assert kinds.count("button") <= 3
    assert kinds.count("overflow") <= 1
    reachable = json.dumps(rows)
    assert ("show_prompt" in reachable) == (len(prompt) > PROMPT_SHOWN_CHARS)


def test_a_vendors_field_is_never_repeated() -> None:
    take = take_in("failed_bad_input")
    strange = Failure(kind=FailureClass.BAD_INPUT, field="<!channel> body.x", billed=False)
    object.__setattr__(take.execution, "failure", strange)

    message = render_take(page_of(take), take, now=T0 + 300, durations=USUAL)
    assert "fal can't use one of the settings." in message.text
