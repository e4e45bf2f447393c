"""What people read, word by word: the main states of a take, and what is said once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Failure, FailureClass
from domain.file_limits import UNFIT_FILE
from domain.message import Message
from domain.preferences import Preferences
from domain.schedule import NO_HISTORY
from domain.shot import Outcome, OutcomeKind, Page, Take
from domain.spoken import QUESTION, Agent, Avatar, Scene
from handlers.views.announcements import (
    broadcast,
    file_comment,
    file_name,
    file_title,
    ping,
    preview_comment,
    preview_name,
)
from handlers.views.card import render_card
from handlers.views.remotion import snippet
from handlers.views.state_words import HouseRules
from handlers.views.take_message import render_take
from tests.unit.views_gallery import FOX_IMAGE, T0, USUAL, clip_of, page_of, take_in

FOX = "“A red fox runs through snow”"
FACTS = "Seedance 2.0 at fal · 5 s · 9:16 · 720p · sound"


def read(message: Message) -> str:
    """A message as it is seen: paragraphs, then the buttons in brackets."""
    lines: list[str] = []
    for block in message.blocks:
        match block["type"]:
            case "section":
                lines.append(block["text"]["text"])
            case "context":
                lines += [element["text"] for element in block["elements"]]
            case "actions":
                lines.append(" ".join(_pressable(element) for element in block["elements"]))
    return "\n".join(lines)


def _pressable(element: dict[str, object]) -> str:
    if element["type"] == "button":
        text = element["text"]
        assert isinstance(text, dict)
        return f"[{text['text']}]"
    options = element["options"]
    assert isinstance(options, list)
    return f"[⋯ {', '.join(option['text']['text'] for option in options)}]"


def taken(take: Take, page: Page | None = None, *, now: float = T0 + 75) -> str:
    """The take's message, seen."""
    return read(render_take(page or page_of(take), take, now=now, durations=USUAL))


def test_starting_counts_down_and_can_be_cancelled_free() -> None:
    take = take_in("starting")

    assert taken(take, now=T0 + 0.2) == (
        "*Starting in 5 s* · V-142 take 1 · <@U0ANA>\n"
        f"{FOX}\n"
        f"{FACTS} · about $1.52\n"
        "Seedance 2.0 at fal, the default for the keys that are set, about $1.52.\n"
        "[Cancel: free] [Edit]"
    )
    assert render_take(page_of(take), take, now=T0, durations=USUAL).text == (
        f"Starting in 5 s · V-142 take 1 · about $1.52\n{FOX}"
    )


def test_a_price_above_the_threshold_is_asked_first() -> None:
    assert taken(take_in("asking")) == (
        "*Needs your yes* · V-142 take 1 · <@U0ANA>\n"
        "More than $5.00 is asked first. Nothing is charged before it.\n"
        f"{FOX}\n"
        f"{FACTS} · about $6.00\n"
        "Seedance 2.0 at fal, the default for the keys that are set, about $1.52.\n"
        "[Render · $6.00] [Edit] [Cancel]"
    )


def test_rendering_tells_elapsed_and_usual_time() -> None:
    assert taken(take_in("running")) == (
        "*Rendering* · V-142 take 1 · <@U0ANA>\n"
        "1 min 10 s · usually 2–4 min here · you may leave\n"
        f"{FOX}\n"
        f"{FACTS} · about $1.52\n"
        "[Cancel] [Details]"
    )


def test_rendering_without_history_says_so() -> None:
    take = take_in("running")
    message = render_take(page_of(take), take, now=T0 + 53, durations=NO_HISTORY)

    assert message.text == (
        f"Rendering · V-142 take 1 · about $1.52\n45 s · no timing data yet · you may leave\n{FOX}"
    )


def test_rendering_longer_than_usual_is_said() -> None:
    line = taken(take_in("running"), now=T0 + 305).split("\n")[1]
    assert line == "5 min · longer than usual · usually 2–4 min here · you may leave"


def test_a_queue_at_the_gateway_is_told_with_its_position() -> None:
    line = taken(take_in("waiting_there")).split("\n")[1]
    assert line == "3 ahead at fal · 1 min 10 s · usually 2–4 min here · you may leave"


def test_done_tells_billed_beside_the_estimate() -> None:
    take = take_in("done", number=2, changed=("night", "16:9 → 9:16"))
    page = page_of(take_in("done"), take)

    assert taken(take, page) == (
        "*Done* · V-142 take 2 · <@U0ANA> · changed: night, 16:9 → 9:16\n"
        "Billed $1.52 (estimate $1.52) · made in 2 min 48 s · thread $3.04\n"
        f"{FOX}\n"
        f"{FACTS}\n"
        "[New take] [Approve] [⋯ Variation · $1.52, Details]"
    )
    assert render_take(page, take, now=T0 + 200, durations=USUAL).text == (
        "Done · V-142 take 2 · $1.52\n"
        "Billed $1.52 (estimate $1.52) · made in 2 min 48 s · thread $3.04\n"
        f"{FOX}"
    )


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("done_calculated", "Calculated $1.52 (estimate $1.52) · made in 2 min 48 s"),
        ("done_cost_unknown", "Cost not told, up to $4.00 · made in 2 min 48 s"),
    ],
)
def test_a_bill_that_nobody_sent_is_not_called_one(state: str, line: str) -> None:
    assert taken(take_in(state)).split("\n")[1] == line


def test_an_approved_take_names_who_approved_it() -> None:
    take = take_in("done")

    seen = taken(take, page_of(take, approved="req_1"))
    assert "\n*Approved* by <@U0BEA>\n" in seen
    assert seen.endswith("\n[New take] [⋯ Variation · $1.52, Details]")


def test_a_refused_image_is_not_blamed_on_the_words() -> None:
    take = take_in("failed_image", number=3, clip=clip_of(reference_image=FOX_IMAGE))

    assert taken(take) == (
        "*Not made* · V-142 take 3 · <@U0ANA> · not charged\n"
        "Seedance 2.0 refused the image, not your words. Retrying won't help.\n"
        f"{FOX}\n"
        f"{FACTS} · from an image\n"
        "[Replace image] [Details]"
    )


def test_a_failure_that_may_pass_can_be_tried_again_with_its_price() -> None:
    assert taken(take_in("failed_transient")) == (
        "*Not made* · V-142 take 1 · <@U0ANA> · not charged\n"
        "fal broke off. Your words are fine: try again.\n"
        f"{FOX}\n"
        f"{FACTS}\n"
        "[Try again · $1.52] [Edit] [Details]"
    )


@pytest.mark.parametrize("kind", FailureClass)
def test_what_somebody_else_mends_can_be_tried_again(kind: FailureClass) -> None:
    """Only what was asked for itself has to change before it is asked for again."""
    is_about_the_work = kind in {
        FailureClass.REFUSED_CONTENT,
        FailureClass.BAD_INPUT,
        FailureClass.GONE,
    }
    assert ("[Try again · " in taken(take_in(f"failed_{kind.value}"))) is not is_about_the_work


def test_a_picture_that_we_cannot_use_is_not_blamed_on_the_vendor() -> None:
    ours = Failure(
        kind=FailureClass.BAD_INPUT,
        field=UNFIT_FILE,
        detail="That file is not a picture I can use (PNG, JPEG or WebP).",
    )
    take = take_in("failed_bad_input", clip=clip_of(reference_image=FOX_IMAGE))
    take = replace(take, execution=replace(take.execution, failure=ours))

    seen = taken(take)
    assert "That file is not a picture I can use (PNG, JPEG or WebP). Post another one." in seen
    assert "fal can't use" not in seen
    assert "[Replace image]" in seen


def test_a_doubt_is_told_with_what_it_may_cost() -> None:
    take = take_in("uncertain", number=3)
    # fal calls back for two hours after the submit; the next look (`due_at`) promises nothing
    end = f"<!date^{int(T0) + 5 + 7_200}^{{date_short_pretty}} {{time}}|06 Nov 2026 23:20 UTC>"

    assert taken(take) == (
        "*Checking* · V-142 take 3 · <@U0ANA> · may have been charged, up to $1.52\n"
        f"fal gave no clear answer. I won't start another; I keep looking until {end} and tell it"
        " here if it ran.\n"
        f"{FOX}\n"
        f"{FACTS}\n"
        "[Try again · may pay twice] [Details]"
    )


def test_a_doubt_that_nobody_looks_into_promises_nothing() -> None:
    assert taken(take_in("uncertain_for_good")).split("\n")[:2] == [
        "*Uncertain* · V-142 take 1 · <@U0ANA> · may have been charged, up to $1.52",
        "fal gave no clear answer. I won't start another; fal's own history shows whether it ran.",
    ]


@pytest.mark.parametrize("state", ["uncertain", "expired", "failed_unbilled_unknown"])
def test_paying_twice_is_asked_for(state: str) -> None:
    take = take_in(state)
    message = render_take(page_of(take), take, now=T0 + 75, durations=USUAL)

    again = message.blocks[-1]["elements"][0]
    assert again["text"]["text"] == "Try again · may pay twice"
    assert again["confirm"]["text"]["text"] == (
        "fal may have charged the first one, up to $1.52. This starts another for $1.52."
    )


@pytest.mark.parametrize(
    ("state", "asked"), [("starting", False), ("held_budget", False), ("running", True)]
)
def test_cancel_asks_only_once_money_is_at_stake(state: str, asked: bool) -> None:
    take = take_in(state)
    message = render_take(page_of(take), take, now=T0 + 75, durations=USUAL)

    cancel = message.blocks[-1]["elements"][0]
    assert cancel["action_id"] == "cancel_take"
    assert ("confirm" in cancel) == asked


@pytest.mark.parametrize(
    ("state", "head", "line"),
    [
        ("cancelled_free", "nothing charged", "It was stopped before it cost anything."),
        (
            "cancelled_there",
            "may still be charged, up to $1.52",
            "It was already at fal, which may still charge. A result is kept, not posted.",
        ),
        (
            "cancelled_made",
            "charged $1.52",
            "It was already made. The result is kept, not posted.",
        ),
    ],
)
def test_cancel_tells_the_truth(state: str, head: str, line: str) -> None:
    assert taken(take_in(state)).split("\n")[:2] == [
        f"*Cancelled* · V-142 take 1 · <@U0ANA> · {head}",
        line,
    ]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("held_person_slots", "Starts when one of yours finishes (2 of 2 are running)."),
        ("held_workspace_slots", "Starts when one of the team's finishes (8 of 8 are running)."),
        (
            "held_budget",
            "The month's budget of $200.00 has no room for about $1.52. It starts on"
            " <!date^1796083200^{date_short_pretty}|01 Dec 2026>, or when an admin raises the"
            " budget; nothing is charged.",
        ),
        (
            "held_approval",
            "More than $25.00 needs an admin's yes. Nothing is charged before it.",
        ),
    ],
)
def test_waiting_says_why_and_what_ends_it(state: str, line: str) -> None:
    take = take_in(state)
    rules = HouseRules(
        preferences=Preferences(person_slots=2),
        budget_micro_usd=200_000_000,
        resets_at=1_796_083_200.0,
    )
    message = render_take(page_of(take), take, now=T0 + 75, durations=USUAL, rules=rules)

    assert message.text.split("\n")[1] == line


def test_the_card_shows_state_prompt_latest_take_and_money() -> None:
    latest = take_in("running", number=2, changed=("night",))
    page = page_of(take_in("done"), latest, approved="req_1")

    card = render_card(page, now=T0 + 75)
    assert read(card) == (
        "*Rendering* · V-142 · <@U0ANA>\n"
        f"{FOX}\n"
        f"Take 2 · changed: night · {FACTS} · about $1.52\n"
        "2 takes · thread up to $3.04 · take 1 approved by <@U0BEA>"
        " · reply in the thread for the next take\n"
        "[Cancel] [Details]"
    )
    assert card.text == f"Rendering · V-142 · about $1.52\n{FOX}"


def test_an_approved_shot_says_so_first() -> None:
    card = render_card(page_of(take_in("done"), approved="req_1"), now=T0 + 75)
    assert card.text.startswith("Approved: take 1 · V-142 · $1.52")


def test_a_long_prompt_is_shortened_and_whole_behind_a_button() -> None:
    take = take_in("done", clip=clip_of("snow and ice " * 40))

    card = read(render_card(page_of(take), now=T0 + 75))
    prompt = card.split("\n")[1]
    assert len(prompt) <= 202
    assert prompt.endswith("…”")
    assert card.endswith("[New take] [Approve] [Full prompt] [⋯ Variation · $1.52, Details]")


def test_a_thumbnail_is_an_image_file_with_words_for_it() -> None:
    card = render_card(page_of(take_in("done")), now=T0, thumbnail_file_id="F0THUMB")
    assert card.blocks[1]["accessory"] == {
        "type": "image",
        "slack_file": {"id": "F0THUMB"},
        "alt_text": "First frame of V-142 take 1",
    }


def test_a_file_that_slack_does_not_show_can_be_uploaded_again() -> None:
    take = take_in("done")
    assert take.video is not None
    unshared = replace(take, videos=(replace(take.video, slack_file_ts=None),))

    soon, later = taken(unshared, now=T0 + 175), taken(unshared, now=T0 + 600)
    assert "safe here" not in soon
    assert "Slack has not shown the file yet. It is safe here" in later
    assert soon.endswith("[⋯ Variation · $1.52, Upload again, Details]")


def test_the_file_mentions_its_requester_once() -> None:
    take = take_in("done", number=2)
    page = page_of(take)

    assert (
        file_comment(page, take, take.videos[0])
        == "<@U0ANA> V-142 take 2 is done · $1.52 · 5 s · 9:16"
    )
    assert file_name(page, take, take.videos[0]) == "V-142_take2_9x16.mp4"
    assert file_title(page, take, take.videos[0]) == "V-142 take 2 · 9:16"


def test_a_late_arrival_is_not_charged_again() -> None:
    told = Outcome(kind=OutcomeKind.SUCCEEDED, at=T0 + 1_300, revised_at=T0 + 1_500)
    take = replace(take_in("done"), outcome=told)

    assert file_comment(page_of(take), take, take.videos[0]).endswith(
        " · arrived late, not charged again"
    )
    assert "2 min 48 s · arrived late, not charged again\n" in taken(take)


def test_the_channel_hears_of_a_take_and_of_an_approval() -> None:
    take = take_in("done")

    assert broadcast(page_of(take), take).text == (
        f"V-142 take 1 is done · 5 s · 9:16 · it is in this thread\n{FOX}"
    )
    approved = broadcast(page_of(take, approved="req_1"), take, "https://s.example/p1?a=1&b=2")
    assert approved.text == (
        "V-142 take 1 is approved by <@U0BEA> · 5 s · 9:16"
        f" · <https://s.example/p1?a=1&amp;b=2|watch it>\n{FOX}"
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            "failed_image",
            "<@U0ANA> V-142 take 1 was not made · not charged\n"
            "Seedance 2.0 refused the image, not your words. Retrying won't help.",
        ),
        (
            "expired",
            "<@U0ANA> V-142 take 1 has expired · may have been charged, up to $1.52\n"
            "Nothing came from fal in a day. I stopped looking and started no other.",
        ),
        (
            "expired_made",
            "<@U0ANA> V-142 take 1 has expired · charged, up to $1.52\n"
            "fal made it, but its file could not be fetched for a day. I stopped trying.",
        ),
        (
            "late",
            "<@U0ANA> V-142 take 1 is late · about $1.52\n"
            "fal has not finished. I keep looking until"
            " <!date^1794087605^{date_short_pretty} {time}|07 Nov 2026 21:40 UTC>,"
            " and start no other; nothing is charged again.",
        ),
        (
            "late_limited",
            "<@U0ANA> V-142 take 1 is late · about $1.52\n"
            "fal made it, but I may not fetch its file: it is too large, or lies at an address that"
            " is not on my list. An admin is told. I keep looking until"
            " <!date^1794087605^{date_short_pretty} {time}|07 Nov 2026 21:40 UTC>"
            " and start no other.",
        ),
    ],
)
def test_the_requester_is_pinged_where_there_is_no_video(state: str, said: str) -> None:
    take = take_in(state)
    assert ping(page_of(take), take).text == said


def asked_take(*, chat: bool = False) -> Take:
    """An agent's take that came to a question."""
    take = take_in("failed_image")
    question = Failure(
        kind=FailureClass.BAD_INPUT, field=QUESTION, detail="For whom? <!here>", billed=False
    )
    said = Agent(prompt="A film about tea", chat=chat)
    execution = replace(take.execution, offer="heygen_agent@heygen", work=said, failure=question)
    return replace(take, execution=execution)


def test_a_question_of_an_agent_is_shown_with_how_to_answer() -> None:
    seen = taken(asked_take(chat=True))

    assert seen.startswith("*Needs an answer* · V-142")
    assert "The agent asks: “For whom? &lt;!here&gt;”" in seen
    assert "Reply in this thread with your answer." in seen
    assert "Its session takes no answer" in taken(asked_take())
    assert "needs an answer · not charged" in ping(page_of(asked_take()), asked_take()).text


def transparent_take() -> Take:
    """A done take in which somebody speaks in front of nothing."""
    take = take_in("done")
    work = Avatar(scenes=(Scene(script="Hello", avatar="look-1"),), transparent=True)
    assert take.video is not None
    video = replace(take.video, media_key="videos/T1/e.webm", duration_s=4.02)
    execution = replace(take.execution, offer="heygen_avatar@heygen", work=work)
    return replace(take, execution=execution, videos=(video,))


def test_a_transparent_video_offers_a_snippet_that_renders() -> None:
    take = transparent_take()
    assert "[New take] [Approve] [Remotion snippet]" in taken(take)
    assert "Remotion" not in taken(take_in("done"))

    view = snippet(page_of(take), take)
    code = view["blocks"][1]["text"]["text"]
    assert "npm i remotion @remotion/cli react react-dom" in str(view["blocks"][0])
    assert "&lt;AbsoluteFill" in code, "what is copied is what was written, tags and all"
    assert " transparent /&gt;" in code
    assert "durationInFrames={100}" in code
    assert all(len(block["text"]["text"]) <= 3_000 for block in view["blocks"][:4])
    assert (code.count("{"), code.count("(")) == (code.count("}"), code.count(")"))


def test_a_preview_says_what_it_is() -> None:
    take = transparent_take()
    assert take.video is not None
    assert preview_name("V-1_take2_16x9.webm") == "V-1_take2_16x9_preview.mp4"
    assert "a preview over a plain colour" in preview_comment(page_of(take), take, take.video)
    long = replace(take.video, duration_s=31.0)
    assert "of the first 30 s" in preview_comment(page_of(take), take, long)
