"""HeyGen's agents against the sandbox over real HTTP: sessions, their videos, and conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Rejected,
    Rendering,
    Trace,
    Uncertain,
)
from domain.spoken import CONTINUES, Agent
from tests.integration.heygen_account import AGENT, Account, earlier, opened, remote_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started() -> AsyncIterator[Account]:
    async with opened() as account:
        yield account


@pytest.fixture
def account(started: Account) -> Account:
    """HeyGen as if it had just been started."""
    started.faults.clear()
    started.vendors.reset()
    return started


@pytest.mark.parametrize("kind", ["hang", "reset_after", "garbage"])
@pytest.mark.parametrize("is_long", [False, True], ids=["tag in the title", "tag in the text"])
async def test_a_lost_session_is_found_by_its_tag(
    account: Account, kind: str, is_long: bool
) -> None:
    work = Agent(prompt="Tea. " * (400 if is_long else 1), aspect_ratio="16:9")
    await account.accepted(account.intent(AGENT, work))
    intent = account.intent(AGENT, work)
    account.arm("submit", kind)

    assert isinstance(await account.submit(intent, timeout_s=0.4), Uncertain)
    found = await account.gateway.look_up(intent, timeout_s=5)
    assert isinstance(found, Accepted)
    assert [entry["id"] for entry in account.ledger()][1:] == [found.remote_id]
    assert isinstance(await account.finished(remote_of(intent, found)), Finished)


async def test_a_session_that_was_never_made_is_not_found(account: Account) -> None:
    await account.accepted(account.intent(AGENT))
    intent = account.intent(AGENT)
    account.arm("submit", "close_after_read")

    assert isinstance(await account.submit(intent), Uncertain)
    assert isinstance(await account.gateway.look_up(intent, timeout_s=5), Uncertain)
    account.arm("history", "status", status=503)
    assert isinstance(await account.gateway.look_up(intent, timeout_s=5), Uncertain)
    account.arm("history", "hang")
    assert isinstance(await account.gateway.look_up(intent, timeout_s=0.3), Uncertain)
    assert len(account.ledger()) == 1


async def test_a_look_up_reads_what_is_worth_reading(account: Account) -> None:
    """Long prompts hide their tags from titles; what others have, or is older, is not read."""
    work = Agent(prompt="Tea. " * 400)
    older = [await account.accepted(account.intent(AGENT, work)) for _ in range(8)]
    intent = account.intent(AGENT, work)
    account.arm("submit", "reset_after")
    assert isinstance(await account.submit(intent), Uncertain)
    ours = account.ledger()[-1]["id"]

    others = frozenset(remote.remote_id for remote in older)
    for trace in (None, Trace(sent_at=0.0, others=others), Trace(sent_at=0.0, hinted_id=ours)):
        found = await account.gateway.look_up(replace(intent, trace=trace), timeout_s=5)
        assert isinstance(found, Accepted)
        assert found.remote_id == ours
    later = Trace(sent_at=4_000_000_000.0)
    assert isinstance(
        await account.gateway.look_up(replace(intent, trace=later), timeout_s=5), Uncertain
    )
    lying = Trace(sent_at=4_000_000_000.0, hinted_id=older[0].remote_id)
    assert isinstance(
        await account.gateway.look_up(replace(intent, trace=lying), timeout_s=5), Uncertain
    )


async def test_a_session_says_how_far_it_is_and_names_its_video_late(account: Account) -> None:
    remote = await account.accepted(account.intent(AGENT))
    seen = await account.until_over(remote)

    going = [progress for progress in seen if isinstance(progress, Rendering)]
    assert going == seen[:-1]
    assert not going[0].learned
    assert any("video_id" in progress.learned for progress in going)
    fractions = [progress.fraction for progress in going if progress.fraction is not None]
    assert len(fractions) == len(going)
    assert fractions == sorted(fractions)
    said = account.ledger()[0]["input"]
    assert said["incognito_mode"] is True
    assert (said["mode"], said["orientation"]) == ("generate", "portrait")
    assert said["prompt"].startswith("Make a 20-second video. A film about tea")


@pytest.mark.parametrize("share", [0, 0.9, 2.0], ids=["at once", "late", "never"])
async def test_a_video_may_be_named_at_any_time(account: Account, share: float) -> None:
    account.switch("agent_video_id_at", share)
    remote = await account.accepted(account.intent(AGENT))

    assert ("video_id" in remote.handle) is (share == 0)
    assert (await account.finished(remote)).remote_video_id


@pytest.mark.parametrize("fault", ["no_video_id", "session_lost"])
async def test_a_session_that_hides_its_video_or_is_lost(account: Account, fault: str) -> None:
    account.arm("submit", fault)
    finished = await account.finished(await account.accepted(account.intent(AGENT)))

    assert (await account.downloaded(finished.video_url))[4:8] == b"ftyp"
    assert finished.remote_video_id


async def test_a_conversation_asks_first_and_goes_on_with_what_is_said(account: Account) -> None:
    chat = Agent(prompt="A film about tea", chat=True)
    first = await account.accepted(account.intent(AGENT, chat))
    asked = (await account.until_over(first))[-1]
    assert isinstance(asked, Ended)
    assert asked.failure.field == "question"
    assert asked.failure.detail.endswith("?")
    assert account.ledger() == []

    answer = account.intent(
        AGENT, Agent(prompt="For tea lovers", chat=True), continues=(_asked(first),)
    )
    second = await account.accepted(answer)
    made = await account.finished(second)
    more = account.intent(
        AGENT, Agent(prompt="Shorter", chat=True), continues=(_asked(first), earlier(second, made))
    )
    third = await account.accepted(more)
    remade = await account.finished(third)

    assert remade.remote_video_id != made.remote_video_id
    assert len({first.remote_id, second.remote_id, third.remote_id}) == 3
    assert len(account.ledger()) == 2
    paths = {entry["endpoint"] for entry in account.ledger()}
    assert any(path.endswith(first.remote_id) for path in paths)


async def test_a_lost_message_of_a_conversation_is_found_in_it(account: Account) -> None:
    account.switch("agent_questions", 0)
    chat = Agent(prompt="A film about tea", chat=True)
    first = await account.accepted(account.intent(AGENT, chat))
    made = await account.finished(first)
    intent = account.intent(
        AGENT, Agent(prompt="Shorter", chat=True), continues=(earlier(first, made),)
    )
    assert isinstance(await account.gateway.look_up(intent, timeout_s=5), Uncertain)
    account.arm("submit", "reset_after")

    assert isinstance(await account.submit(intent), Uncertain)
    found = await account.gateway.look_up(intent, timeout_s=5)
    assert isinstance(found, Accepted)
    assert len(account.ledger()) == 2
    remade = await account.finished(remote_of(intent, found))
    assert remade.remote_video_id != made.remote_video_id


async def test_what_was_made_at_once_is_not_a_conversation(account: Account) -> None:
    first = await account.accepted(account.intent(AGENT))
    made = await account.finished(first)
    again = account.intent(AGENT, continues=(earlier(first, made),))
    second = await account.accepted(again)

    assert second.remote_id != first.remote_id
    assert [entry["endpoint"] for entry in account.ledger()] == ["/v3/video-agents"] * 2


async def test_a_session_is_stopped(account: Account) -> None:
    remote = await account.accepted(account.intent(AGENT))

    assert await account.gateway.cancel(remote) is Cancellation.REQUESTED
    assert isinstance((await account.until_over(remote))[-1], Ended)
    account.arm("cancel", "status", status=503)
    assert await account.gateway.cancel(remote) is Cancellation.UNREADABLE
    nobody = replace(remote, remote_id="f" * 32, handle={})
    assert await account.gateway.cancel(nobody) is Cancellation.TOO_LATE


def _asked(remote: Any) -> Any:
    """A conversation that has made nothing yet."""
    return earlier(remote, Finished("https://x/none.mp4"))


async def test_a_message_needs_a_conversation_that_began(account: Account) -> None:
    """Nothing is sent where there is none; a session that is gone says so, and parks nothing."""
    orphan = account.intent(AGENT, Agent(prompt="Shorter", chat=True, continues="r1"))
    refused = await account.submit(orphan)
    assert isinstance(refused, Rejected)
    assert (refused.failure.kind, refused.failure.field) == (FailureClass.BAD_INPUT, CONTINUES)
    assert refused.failure.billed is False

    account.switch("agent_questions", 0)
    account.arm("submit", "session_lost")
    first = await account.accepted(account.intent(AGENT, Agent(prompt="A film", chat=True)))
    made = await account.finished(first)
    message = Agent(prompt="Shorter", chat=True, continues="r1")
    lost = await account.submit(account.intent(AGENT, message, continues=(earlier(first, made),)))
    assert isinstance(lost, Rejected)
    assert (lost.failure.kind, lost.failure.field) == (FailureClass.BAD_INPUT, CONTINUES)
    assert len(account.ledger()) == 1


async def test_a_session_at_work_is_asked_again_later(account: Account) -> None:
    account.switch("agent_questions", 0)
    first = await account.accepted(account.intent(AGENT, Agent(prompt="A film", chat=True)))
    message = Agent(prompt="Shorter", chat=True, continues="r1")
    too_soon = account.intent(AGENT, message, continues=(_asked(first),))

    busy = await account.submit(too_soon)

    assert isinstance(busy, Rejected)
    assert busy.failure.kind is FailureClass.RATE
    assert len(account.ledger()) == 1
