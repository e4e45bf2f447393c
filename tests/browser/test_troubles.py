"""What a person is told when something is not as it should be."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_a_flag_that_is_not_there_is_answered_with_the_command_that_works(
    ada: Person, running: Product
) -> None:
    prompt = "a balloon over the vineyard"
    ada.say(f"/video {prompt} --aspct 9:16")
    told = ada.whisper("Did you mean --aspect?")
    expect(told).to_contain_text(f"/video {prompt} --aspect 9:16")
    ada.photograph("unknown-flag")
    assert running.submitted(prompt) == []
    expect(ada.card(prompt)).to_have_count(0)


def test_slack_answering_429_delays_the_card_and_doubles_nothing(
    ada: Person, running: Product
) -> None:
    prompt = "rain on a tin roof"
    ada.arm("Slack answers 429")
    ada.say(f"/video {prompt}")
    ada.open_thread(prompt)
    ada.see_done(1)
    expect(ada.card(prompt)).to_have_count(1)
    expect(ada.takes).to_have_count(1)
    ada.one("traffic-toggle").click()
    ada.page.get_by_role("searchbox").fill("429")
    expect(ada.one("traffic")).to_contain_text("chat.postMessage")
    ada.photograph("slack-429")
    assert len(running.submitted(prompt)) == 1


def test_an_answer_that_is_lost_may_have_been_charged_and_is_never_sent_again(
    ada: Person, running: Product
) -> None:
    prompt = "two koi circle a leaf"
    ada.arm("HeyGen resets after acceptance")
    ada.say(f"/video {prompt} --model veo_3_1")
    ada.open_thread(prompt)
    expect(ada.take(1)).to_contain_text("may have been charged, up to $4.00", timeout=30_000)
    expect(ada.take(1)).to_contain_text("I won't start another")
    ada.photograph("may-have-been-charged")
    ada.press(ada.take(1), "Try again · may pay twice")
    expect(ada.page.get_by_role("dialog")).to_contain_text("Pay twice?")
    ada.photograph("pay-twice")
    ada.one("confirm-deny").click()
    assert len(running.submitted(prompt)) == 1


def test_where_dailies_is_not_a_member_it_says_how_to_invite_it_and_goes_on(
    ada: Person, running: Product
) -> None:
    prompt = "a marble rolls through a model city"
    ada.go_to("not-a-member")
    ada.say(f"/video {prompt}")
    told = ada.whisper("I'm not in #not-a-member yet")
    expect(told).to_contain_text("/invite @")
    expect(told).to_contain_text("nothing is charged")
    ada.photograph("not-a-member")
    assert running.submitted(prompt) == []
    ada.one("invite").click()
    told.get_by_role("button", name="Start now").click()
    ada.open_thread(prompt)
    ada.watch(ada.see_done(1))
    ada.photograph("not-a-member-done")
    assert len(running.submitted(prompt)) == 1
