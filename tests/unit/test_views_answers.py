"""What one person is answered: quiet answers, lists, help, the form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.catalog import CATALOG
from domain.command import Help, parse
from domain.errors import FailureClass, RequestError
from domain.execution import State
from domain.offer import GatewayName
from domain.options import OPTIONS
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.selector import select
from domain.spoken import Kind
from domain.standing import Standing
from handlers.views import acks, lists
from handlers.views.details import details
from handlers.views.form import form_errors, request_form
from handlers.views.help_texts import help_text
from handlers.views.lists import Usage
from tests.unit.test_views_limits import shown, strings, view_of
from tests.unit.test_views_words import read
from tests.unit.views_gallery import CLIP, FOX_IMAGE, T0, clip_of, page_of, take_in

FOX = "“A red fox runs through snow”"
BOTH = Standing(gateways=frozenset(GatewayName))
HOUSE = Preferences()


def form(**changes: Any) -> dict[str, Any]:
    """A form on all models."""
    fields: dict[str, Any] = {
        "private_metadata": "{}",
        "preferences": HOUSE,
        "models": CATALOG,
        "initial": CLIP,
        "title": "New video",
    }
    return view_of(request_form(**(fields | changes)))


def field(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    """The element of one input."""
    found = next(block for block in view["blocks"] if block.get("block_id") == block_id)
    element: dict[str, Any] = found["element"]
    return element


def test_an_accepted_command_tells_what_was_understood() -> None:
    page, selection = page_of(take_in("starting")), select(CLIP, BOTH, HOUSE)

    assert shown(acks.started(page, "req_1", selection=selection, asks_first=False))[0].text == (
        "*V-142 take 1* starts in 5 s · Seedance 2.0 at fal · 5 s · 9:16 · 720p · sound"
        " · about $1.52\n"
        "Cancel or edit it in its thread."
    )
    assert acks.started(page, "req_1", selection=selection, asks_first=True).text.startswith(
        "*V-142 take 1* waits for your yes · Seedance 2.0 at fal"
    )
    moved = replace(selection, cause="Runware is out of credit")
    assert acks.started(page, "req_1", selection=moved, asks_first=False).text.endswith(
        "\nRunware is out of credit, so Seedance 2.0 at fal. Cancel or edit it in its thread."
    )
    unheard = acks.started(page, "req_1", selection=selection, asks_first=False, unheard=True)
    assert unheard.text.startswith("*V-142 take 1* waits: Slack does not let me post here now · ")
    assert "nothing is charged before" in unheard.text


def test_a_refusal_has_a_command_to_copy() -> None:
    refusal = RequestError(
        "Veo 3.1 makes 16:9, 9:16 or 1:1, not 21:9.", suggestion="/video a `fox` --aspect 16:9"
    )
    assert acks.refused(refusal).text == (
        "Veo 3.1 makes 16:9, 9:16 or 1:1, not 21:9.\nTry: `/video a 'fox' --aspect 16:9`"
    )


def test_a_command_with_lines_is_shown_with_its_lines() -> None:
    answer = acks.refused(RequestError("Not so.", suggestion="/video a fox\nin snow"))
    assert read(answer) == "Not so. Try:\n```/video a fox\nin snow```"


def test_not_in_the_channel_gives_the_exact_line() -> None:
    answer = shown(acks.not_in_channel("C0ROOM", "dailies", request_id="req_1"))[0]
    assert read(answer) == (
        "I'm not in <#C0ROOM> yet, so nothing was started and nothing is charged."
        " Type `/invite @dailies` there, then press Start now; I keep this for 24 hours.\n"
        "[Start now]"
    )
    assert answer.blocks[1]["elements"][0]["value"] == "req_1"


def test_an_unclear_reply_is_asked_about_with_its_price() -> None:
    answer = shown(
        acks.unclear("A red fox at night", Estimate(1_520_000, is_ceiling=False), draft_id="d_1")
    )[0]
    assert read(answer) == (
        "Should this be the next take?\n“A red fox at night”\n"
        "It starts only if you press Render.\n[Render · $1.52] [Edit]"
    )
    assert {element["value"] for element in answer.blocks[-1]["elements"]} == {"d_1"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("cancelled_free", "V-142 take 1 is cancelled · nothing charged."),
        (
            "cancelling",
            "Cancelling V-142 take 1. fal already has it and may still charge, up to $1.52."
            " The result is kept, not posted.",
        ),
        ("done", "Too late to cancel V-142 take 1: done · $1.52."),
        (
            "uncertain_for_good",
            "V-142 take 1 may have been charged, up to $1.52: nobody knows whether fal has it, so"
            " there is nothing to cancel. I won't start another.",
        ),
    ],
)
def test_a_press_on_cancel_is_answered_truthfully(state: str, said: str) -> None:
    take = take_in(state)
    assert shown(acks.cancelled(page_of(take), take))[0].text == said


def test_nothing_is_promised_while_storage_is_down() -> None:
    assert acks.unavailable().text == (
        "I can't write things down right now, so nothing was started and nothing is charged."
        " Try again in a minute."
    )
    assert acks.duplicate(page_of(take_in("running")), "req_1").text == (
        "That is V-142 take 1 already. Nothing was started twice."
    )


def test_models_lists_every_offer_with_a_key_and_says_what_is_missing() -> None:
    everything = read(shown(lists.models(BOTH, HOUSE))[0])
    clips = [offer for offer in CATALOG if offer.kind is Kind.CLIP]
    assert all(f"`{offer.model.name}`" in everything for offer in clips)
    assert "up to $0.00" not in everything
    assert "about $0.00" not in everything

    heygen = Standing(gateways=frozenset({GatewayName.HEYGEN}), parked=frozenset({"veo3@heygen"}))
    seen = read(shown(lists.models(heygen, Preferences(model="veo_3_1")))[0])
    there = {offer.name for offer in clips if offer.gateway is GatewayName.HEYGEN}
    assert seen.startswith(f"*{len(there - {'veo3@heygen'})} models* ")
    assert "`veo3` Veo 3 at HeyGen · parked: HeyGen stopped offering it\n" in seen
    assert "`veo_3_1` Veo 3.1 at HeyGen · up to $4.00 · 16:9, 9:16, 1:1 · image, last frame" in seen
    assert seen.endswith("No key is set for fal and Runware, so their models are not listed.")


EMPTY = replace(BOTH, refusing={GatewayName.FAL: FailureClass.CREDITS})


def test_models_says_which_gateway_is_left_alone_and_why() -> None:
    said = read(shown(lists.models(EMPTY, HOUSE))[0])

    assert "fal is out of credit. What others offer is made there meanwhile." in said
    assert "out of credit" not in read(shown(lists.models(BOTH, HOUSE))[0])


def test_a_form_names_what_is_chosen_now_and_why() -> None:
    words = "".join(strings(form(initial=None, standing=EMPTY)["blocks"]))

    assert "Without changes: Seedance 2.0 at Runware, because fal is out of credit" in words


def test_status_tells_what_is_under_way_and_why_it_waits() -> None:
    page = page_of(
        take_in("done"),
        take_in("running", number=2),
        take_in("held_person_slots", number=3),
        take_in("uncertain_for_good", number=4),
        take_in("uncertain", number=5),
    )
    seen = read(shown(lists.status([page], now=T0 + 200))[0])
    assert "V-142 take 5* · Checking · 2 min 40 s · <@U0ANA> · may have been charged" in seen
    assert "take 4" not in seen  # nobody looks for it any more
    page = page_of(*page.takes[:4])
    assert read(shown(lists.status([page], now=T0 + 75))[0]) == (
        "*2 takes under way*\n"
        "*V-142 take 2* · Rendering · 1 min 10 s · <@U0ANA> · about $1.52\n"
        f"{FOX}\n"
        "*V-142 take 3* · Waiting · <@U0ANA> · about $1.52\n"
        "Starts when one of yours finishes (3 of 3 are running).\n"
        f"{FOX}"
    )
    assert lists.status([], now=T0).text == "Nothing is running or waiting here."


def test_a_long_status_is_shortened_and_says_so() -> None:
    takes = [take_in("running", number=number, clip=clip_of("<" * 4_000)) for number in range(25)]
    seen = read(shown(lists.status([page_of(*takes)], now=T0 + 75))[0])

    assert seen.startswith("*25 takes under way*\n")
    assert seen.endswith("\nand 5 older")


def test_show_has_every_take_and_live_buttons() -> None:
    page = page_of(
        take_in("done"), take_in("running", number=2, changed=("night",)), approved="req_1"
    )
    assert read(shown(lists.show(page, now=T0 + 75))[0]) == (
        "*Rendering* · V-142 · <@U0ANA> · thread up to $3.04\n"
        "Take 1 · Done · approved · $1.52\n"
        "Take 2 · Rendering · changed: night · about $1.52\n"
        f"*Take 2* {FOX}\n"
        "Seedance 2.0 at fal · 5 s · 9:16 · 720p · sound · about $1.52\n"
        "[Cancel] [Details]"
    )
    first = lists.show(page, now=T0 + 75, take_number=1)
    assert first.blocks[-1]["elements"][0]["value"] == "req_1"


def test_usage_is_told_in_numbers() -> None:
    used = Usage(
        month="2026-11",
        budget_micro_usd=200_000_000,
        reserved_micro_usd=4_000_000,
        spent_micro_usd=12_400_000,
        my_reserved_micro_usd=1_520_000,
        my_spent_micro_usd=3_040_000,
        my_takes=1,
    )
    assert shown(lists.usage(used))[0].text == (
        "*November 2026* · spent $12.40 · reserved $4.00 · left $183.60 of $200.00\n"
        "You: 1 take · spent $3.04 · reserved $1.52"
    )
    assert "finished videos" not in read(shown(lists.usage(used))[0])
    kept = read(shown(lists.usage(replace(used, untold_micro_usd=2_480_000)))[0])
    assert "Of it $2.48 is for finished videos whose price the vendor never tells" in kept


def test_defaults_say_how_to_change_them() -> None:
    seen = read(shown(lists.defaults(Preferences(model="veo_3_1", duration_s=8)))[0])
    assert seen.startswith("*Defaults here* · model veo_3_1 · ")
    assert " · 8 s\n" in seen
    assert "`/video defaults --model veo_3_1 --aspect 9:16 --duration 5`" in seen


def test_help_knows_every_option_of_a_clip_and_every_verb() -> None:
    seen = read(shown(help_text())[0])
    for option in OPTIONS:
        expected = Kind.CLIP in option.kinds and option.name != "kind"
        assert (f"`{option.flag}" in seen) == expected
    for verb in ("models", "status", "show", "usage", "defaults", "cancel", "pause", "resume"):
        topic = parse(f"help {verb}")
        assert topic == Help(verb)
        assert f"/video {verb}" in help_text(verb).text


def test_help_tells_each_kind_with_its_own_options() -> None:
    told = {kind: read(shown(help_text(_asked(kind)))[0]) for kind in Kind}
    assert "Streaming avatars are gone" in told[Kind.AVATAR]
    assert "`--emotion" in told[Kind.AVATAR]
    assert "`--language" in told[Kind.TRANSLATION]
    assert "`--var" in told[Kind.TEMPLATE]
    assert "`--seed" not in told[Kind.AGENT]


def _asked(kind: Kind) -> str | None:
    asked = parse(f"help {kind}")
    assert isinstance(asked, Help)
    return asked.topic


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_can_be_asked_about(option: Any) -> None:
    asked = parse(f"help {option.flag}")
    assert isinstance(asked, Help)
    answer = shown(help_text(asked.topic))[0].text
    assert answer.startswith(f"`{option.flag}")
    assert all(choice in answer for choice in option.choices)


def test_the_form_carries_what_was_said_and_guesses_nothing() -> None:
    filled = form(initial=clip_of(duration_s=8))
    assert field(filled, "prompt")["initial_value"] == "A red fox runs through snow"
    assert field(filled, "model")["initial_option"]["value"] == "seedance_2_0"
    assert field(filled, "aspect_ratio")["initial_option"]["value"] == "9:16"
    assert field(filled, "duration_s")["initial_value"] == "8"

    empty = form(initial=None, preferences=Preferences(duration_s=8, model="veo_3_1"))
    fields = [block["element"] for block in empty["blocks"] if block["type"] == "input"]
    assert not [key for each in fields for key in each if key.startswith("initial")]
    assert "Without changes: Veo 3.1" in "".join(strings(empty["blocks"]))


def test_the_form_shows_the_price_before_anything_is_paid() -> None:
    words = form()["blocks"][-1]["elements"][0]["text"]
    assert words.startswith("Without changes: Seedance 2.0 at ")
    assert words.endswith("about $1.52. Nothing is charged before you press Render.")

    impossible = form(initial=clip_of(duration_s=99))["blocks"][-1]["elements"][0]["text"]
    assert impossible.startswith("Each model's price stands beside it.")


def test_a_model_is_listed_once_in_the_form() -> None:
    options = field(form(models=(*CATALOG, *CATALOG)), "model")["options"]
    clips = [offer.model.name for offer in CATALOG if offer.kind is Kind.CLIP]
    assert [option["value"] for option in options] == list(dict.fromkeys(clips))


def test_a_picture_stays_unless_it_is_replaced() -> None:
    block = form(initial=clip_of(reference_image=FOX_IMAGE))["blocks"][4]
    assert block["label"]["text"] == "Another image to start from"
    assert block["hint"]["text"] == "It starts from fox.png unless you add another."
    assert block["element"]["filetypes"] == ["jpg", "jpeg", "png", "webp"]


def test_a_long_title_and_a_long_prompt_fit() -> None:
    view = form(title="A title that is much too long for Slack", initial=clip_of("fox " * 1_000))
    assert len(view["title"]["text"]) == 24
    assert field(view, "prompt")["initial_value"].startswith("fox fox")
    assert field(view, "prompt_more")["initial_value"].endswith("fox ")


@pytest.mark.parametrize(
    ("named", "block_id"),
    [("duration_s", "duration_s"), ("model", "model"), ("seed", "prompt"), (None, "prompt")],
)
def test_a_refusal_stands_at_its_field(named: str | None, block_id: str) -> None:
    assert form_errors(RequestError("Not so.", field=named)) == {block_id: "Not so."}


def test_details_have_what_somebody_needs_to_ask_the_vendor() -> None:
    take = take_in("done", clip=clip_of(config={"motion": 0.5}))
    take = replace(take, execution=replace(take.execution, key="key_1", attempt=1))
    words = "\n".join(strings(view_of(details(page_of(take), take))))

    for needed in (
        "`req_abc`",
        "`exe_1`",
        "`key_1`",
        "Seed 7",
        '{"motion": 0.5}',
        f"sha256 `{'ab' * 32}`",
        "720×1280 · 5.04 s · sound · 1,234,567 bytes",
        "Estimate $1.52 · reserved $0.00 · billed $1.52",
        "Took 2 min 48 s",
    ):
        assert needed in words


def test_an_offer_that_is_gone_is_still_named() -> None:
    take = take_in("running")
    gone = replace(take.execution, offer="old_model@old_vendor", state=State.SUBMITTING)
    page = page_of(replace(take, execution=gone))

    seen = read(lists.show(page, now=T0 + 75))
    assert "old_model at old_vendor · 5 s · 9:16" in seen
