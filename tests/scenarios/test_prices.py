"""Stories of money told and money paid: the estimate, what the take says in the end, and what
stands in the vendor's own ledger are the same cents, for each kind of work."""

from __future__ import annotations

import pytest

from domain.execution import Execution
from domain.money import as_usd
from domain.pricing import whole_cents
from tests.scenarios.conftest import OpenStage
from tests.scenarios.pictures import picture
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage
from tests.scenarios.test_likenesses import _agrees, _form_of
from tests.scenarios.test_spoken import _lists_are_read

TEN_SECONDS = " ".join(["word"] * 25)  # longer than any film of the sandbox lasts

PHOTO = "Abigail Sofa Side"

KNOWN_BEFORE = {
    "studio avatar": "/video --avatar Anna --script Hello and welcome to all of you",
    "photo avatar": f'/video --avatar "{PHOTO}" --script {TEN_SECONDS}',
    "older engine": f'/video --avatar "{PHOTO}" --engine avatar_iii --script {TEN_SECONDS}',
    "in 4K": "/video --avatar Anna --resolution 4k --script Hello and welcome to all of you",
    "scenes": "/video --avatar Anna --script Hello and welcome\n---\nHere is the second scene",
    "template": '/video --template Launch --var headline="The new bottle"',
    "clip at fal": "/video a fox in snow --model seedance_2_0",
    "other clip at fal": "/video a fox in snow --model kling_v3 --duration 5",
}


@pytest.mark.parametrize("line", KNOWN_BEFORE.values(), ids=KNOWN_BEFORE)
async def test_the_price_told_is_the_price_paid(stage: Stage, line: str) -> None:
    await _lists_are_read(stage)

    told = await stage.ada.types(line)

    execution, message = await _done(stage)
    assert not execution.is_ceiling
    assert f"about {as_usd(execution.estimate_micro_usd)}" in told
    assert execution.billed_micro_usd == execution.estimate_micro_usd
    assert f"Calculated {as_usd(execution.estimate_micro_usd)}" in message["text"]
    (entry,) = await stage.ledger()
    assert execution.billed_micro_usd == _cents(entry), entry["input"]


async def test_an_avatar_of_ones_own_costs_what_a_photo_costs(stage: Stage) -> None:
    await _agrees(stage, await _form_of(stage, "make_avatar", "mia.png", picture()), "Mia")
    await stage.ada.is_told("*Mia* is ready")

    told = await stage.ada.types(f"/video --avatar Mia --script {TEN_SECONDS}")

    assert "Mia · voice Paul - Natural" in told, "nobody is surprised by who speaks"
    execution, _ = await _done(stage)
    *_, entry = await stage.ledger()
    assert (execution.estimate_micro_usd, execution.billed_micro_usd) == (500_000, 500_000)
    assert _cents(entry) == 500_000


async def test_a_translation_costs_what_was_told(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.ada.types("/video a fox in snow --model seedance_2_0 --duration 6")
    await stage.take().is_done()
    await stage.ada.types("/video --source V-1 --language German")

    execution, message = await _done(stage, take=2)

    *_, entry = await stage.ledger()
    assert "Calculated" in message["text"]
    assert execution.billed_micro_usd == _cents(entry) <= execution.estimate_micro_usd


async def test_an_agent_never_costs_more_than_was_told(stage: Stage) -> None:
    told = await stage.ada.types("/video --kind agent a tour of the harbour --duration 20")

    execution, message = await _done(stage)

    assert "up to $2.00" in told
    assert "Cost not told, up to $2.00" in message["text"]
    (entry,) = await stage.ledger()
    assert execution.billed_micro_usd is None
    assert _cents(entry) <= execution.reserved_micro_usd


async def test_runware_is_billed_what_it_says(open_stage: OpenStage) -> None:
    async with open_stage(gateways=("runware",)) as stage:
        await stage.ada.types("/video a fox in snow")

        execution, message = await _done(stage)

        (entry,) = await stage.ledger()
        billed = execution.billed_micro_usd
        assert billed is not None
        assert billed == round(entry["usd"] * 1_000_000)
        assert billed <= execution.estimate_micro_usd
        assert f"Billed {as_usd(billed)}" in message["text"]


async def _done(stage: Stage, *, take: int = 1) -> tuple[Execution, Json]:
    await stage.take(take).is_done()
    message = await stage.take(take).message()
    assert message is not None
    return (await stage.take(take).written()).execution, message


def _cents(entry: Json) -> int:
    """What the vendor's ledger has, as a person is told money: a begun cent counts."""
    return whole_cents(round(entry["usd"] * 1_000_000))
