"""`SlackApi` against the sandbox's Slack: what it posts, finds, edits, uploads and downloads."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from PIL import Image

from bot.clock import SystemClock
from bot.slack import SERVERS_APART_S, SlackApi, open_session, web_client
from domain.message import Message, SlackRefused, SlackUnanswered
from tests.integration.sandbox_slack import LocalSlack, bolt, local_slack, over_sockets, until

SECTION = {"type": "section", "text": {"type": "plain_text", "text": "A fox in snow"}}
SAID = Message("Rendering: a fox in snow", (SECTION,))


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack(strict_rates=False) as local:
        yield local


@pytest.fixture
async def api(slack: LocalSlack) -> AsyncIterator[SlackApi]:
    async with open_session() as session:
        token, url = slack.greeting["slack_bot_token"], slack.greeting["slack_api_url"]
        yield SlackApi(web_client(token, url, session), session, SystemClock())


async def test_a_post_shows_text_and_blocks_and_no_links_unfold(
    slack: LocalSlack, api: SlackApi
) -> None:
    ts = await api.post(slack.channel("general"), SAID, mark="take:1")
    (message,) = slack.messages("general")
    assert (message["ts"], message["text"]) == (ts, SAID.text)
    assert message["blocks"][0]["text"] == SECTION["text"]
    assert message["metadata"] == {"event_type": "dailies", "event_payload": {"mark": "take:1"}}


async def test_a_reply_goes_into_its_thread_and_may_be_broadcast(
    slack: LocalSlack, api: SlackApi
) -> None:
    general = slack.channel("general")
    parent = await api.post(general, SAID)
    quiet = await api.post(general, Message("take 1"), thread_ts=parent)
    loud = await api.post(general, Message("done"), thread_ts=parent, broadcast=True)
    messages = {message["ts"]: message for message in slack.messages("general")}
    assert messages[quiet]["thread_ts"] == messages[loud]["thread_ts"] == parent
    assert messages[loud].get("subtype") == "thread_broadcast"
    assert "subtype" not in messages[quiet] or messages[quiet]["subtype"] != "thread_broadcast"


async def test_a_post_is_found_by_its_mark(slack: LocalSlack, api: SlackApi) -> None:
    general, before = slack.channel("general"), time.time()
    card = await api.post(general, SAID, mark="card:1")
    take = await api.post(general, SAID, thread_ts=card, mark="take:1")
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=before) == card
    assert await api.find(general, thread_ts=card, mark="take:1", oldest=before) == take
    assert await api.find(general, thread_ts=None, mark="card:2", oldest=before) is None
    assert await api.find(general, thread_ts=card, mark="card:2", oldest=before) is None


async def test_it_knows_what_time_it_is_at_slack_once_slack_has_answered(
    slack: LocalSlack, api: SlackApi
) -> None:
    assert api.now() is None
    ts = float(await api.post(slack.channel("general"), SAID, mark="card:1"))
    now = api.now()
    assert now is not None
    assert ts - 2.0 < now <= time.time()


async def test_a_post_of_which_nobody_knows_when_it_was_is_found(
    slack: LocalSlack, api: SlackApi
) -> None:
    general = slack.channel("general")
    card = await api.post(general, SAID, mark="card:1")
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=None) == card
    assert await api.find(general, thread_ts=None, mark="card:2", oldest=None) is None


async def test_an_older_post_and_somebody_elses_are_not_found(
    slack: LocalSlack, api: SlackApi
) -> None:
    general = slack.channel("general")
    await api.post(general, SAID, mark="card:1")
    await slack.control("message", user="ada", channel="general", text="card:1")
    later = time.time() + SERVERS_APART_S + 60
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=later) is None


async def test_a_post_is_found_behind_many_others(slack: LocalSlack, api: SlackApi) -> None:
    """The mark is on the second page of the history."""
    general, before = slack.channel("general"), time.time()
    card = await api.post(general, SAID, mark="card:1")
    for number in range(210):
        await api.post(general, Message(f"chatter {number}"))
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=before) == card


async def test_a_post_whose_answer_was_lost_is_found(slack: LocalSlack, api: SlackApi) -> None:
    general, before = slack.channel("general"), time.time()
    await slack.control("fault", target="slack:chat.postMessage", kind="reset_after")
    with pytest.raises(SlackUnanswered):
        await api.post(general, SAID, mark="card:1")
    (message,) = slack.messages("general")
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=before) == message["ts"]


async def test_an_edit_replaces_everything_and_keeps_the_mark(
    slack: LocalSlack, api: SlackApi
) -> None:
    general, before = slack.channel("general"), time.time()
    ts = await api.post(general, SAID, mark="card:1")
    for _ in range(2):
        await api.edit(general, ts, Message("Done"))
    (message,) = slack.messages("general")
    assert message["text"] == "Done"
    assert not any(block.get("text") == SECTION["text"] for block in message.get("blocks", []))
    assert await api.find(general, thread_ts=None, mark="card:1", oldest=before) == ts


async def test_a_whisper_is_for_one_person(slack: LocalSlack, api: SlackApi) -> None:
    await api.whisper(slack.channel("general"), slack.user("ada"), SAID)
    assert [one["text"] for one in slack.whispers("ada")] == [SAID.text]
    assert slack.whispers("ben") == []
    assert slack.messages("general") == []


async def test_a_direct_message_opens_the_conversation(slack: LocalSlack, api: SlackApi) -> None:
    await api.direct(slack.user("ada"), SAID)
    assert [one["text"] for one in slack.messages("dm-ada")] == [SAID.text]


async def test_a_response_url_is_answered_five_times_and_then_refused(
    slack: LocalSlack, api: SlackApi
) -> None:
    heard: list[str] = []
    bot = bolt(slack)

    @bot.app.command("/video")
    async def hear(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command["response_url"])
        await ack()

    async with over_sockets(slack, bot):
        await slack.control("command", user="ada", channel="general", text="/video a fox")
        await until(lambda: heard)
    for number in range(5):
        await api.respond(heard[0], Message(f"answer {number}"))
    with pytest.raises(SlackRefused):
        await api.respond(heard[0], Message("answer 6"))
    assert [one["text"] for one in slack.whispers("ada")] == [f"answer {n}" for n in range(5)]


async def test_a_file_is_streamed_shared_and_seen(slack: LocalSlack, api: SlackApi) -> None:
    general, content = slack.channel("general"), _picture()
    thread = await api.post(general, SAID)
    file_id, link = await api.reserve_file("V-1_take1.png", len(content))
    await api.upload(link, _chunks(content), len(content))
    assert await api.shared_at(file_id, general) is None
    await api.share(file_id, title="V-1 take 1", channel=general, thread_ts=thread, comment="Done")
    message = await until(lambda: slack.messages("general")[1:])
    assert await api.shared_at(file_id, general) == message[0]["ts"]
    assert message[0]["thread_ts"] == thread
    assert message[0]["files"][0]["title"] == "V-1 take 1"
    stored = slack.sandbox.workspace.files.get(file_id)
    assert stored is not None
    assert stored.content == content


async def test_an_upload_that_slack_says_is_shared_and_is_not(
    slack: LocalSlack, api: SlackApi
) -> None:
    general, content = slack.channel("general"), _picture()
    thread = await api.post(general, SAID)
    await slack.control("fault", target="slack:files.completeUploadExternal", kind="not_shared")
    file_id, link = await api.reserve_file("x.png", len(content))
    await api.upload(link, _chunks(content), len(content))
    await api.share(file_id, title="x", channel=general, thread_ts=thread, comment="")
    assert await api.shared_at(file_id, general) is None


async def test_a_file_that_somebody_posted_is_read_whole(slack: LocalSlack, api: SlackApi) -> None:
    content = _picture()
    posted = await slack.upload("ada", "fox.png", content)
    await slack.control(
        "message", user="ada", channel="general", text="this one", files=[posted["id"]]
    )
    file = await api.file(posted["id"])
    assert (file.name, file.media_type, file.size_bytes) == ("fox.png", "image/png", len(content))
    assert (file.width_px, file.height_px) == (64, 48)
    assert b"".join([chunk async for chunk in api.download(file)]) == content


async def test_a_file_that_is_not_there_is_refused(api: SlackApi) -> None:
    with pytest.raises(SlackRefused) as refused:
        await api.file("F0000")
    assert refused.value.code == "file_not_found"


REFUSED = [
    ({"kind": "error", "params": {"code": "channel_not_found"}}, "channel_not_found", None),
    ({"kind": "error", "params": {"code": "msg_too_long"}}, "msg_too_long", None),
    ({"kind": "rate_limited", "params": {"retry_after_s": 7}}, "ratelimited", 7.0),
]
UNANSWERED: list[dict[str, Any]] = [
    *({"kind": "error", "params": {"code": code}} for code in ("internal_error", "fatal_error")),
    {"kind": "error", "params": {"code": "service_unavailable"}},
    {"kind": "error_after", "params": {"code": "request_timeout"}},
    *({"kind": "status", "params": {"status": status}} for status in (500, 502, 503, 504)),
    *({"kind": kind} for kind in ("reset_before", "reset_after", "close_after_read", "garbage")),
    {"kind": "status_after", "params": {"status": 503}},
    {"kind": "hang", "params": {"seconds": 2}},
]


@pytest.mark.parametrize(("fault", "code", "retry_after_s"), REFUSED)
async def test_a_certain_no_is_refused(
    slack: LocalSlack,
    api: SlackApi,
    fault: dict[str, Any],
    code: str,
    retry_after_s: float | None,
) -> None:
    await slack.control("fault", target="slack:chat.postMessage", **fault)
    with pytest.raises(SlackRefused) as refused:
        await api.post(slack.channel("general"), SAID)
    assert (refused.value.code, refused.value.retry_after_s) == (code, retry_after_s)
    assert slack.messages("general") == []


@pytest.mark.parametrize("fault", UNANSWERED, ids=str)
async def test_everything_else_is_unanswered_and_never_repeated(
    slack: LocalSlack, api: SlackApi, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.CALL_TIMEOUT_S", 0.5)
    await slack.control("fault", target="slack:chat.postMessage", **fault)
    with pytest.raises(SlackUnanswered):
        await api.post(slack.channel("general"), SAID)
    calls = [one for one in slack.sandbox.traffic.since(0) if "chat.postMessage" in one["path"]]
    assert len(calls) <= 1
    assert len(slack.messages("general")) <= 1


async def test_where_it_may_not_post_it_says_so(slack: LocalSlack, api: SlackApi) -> None:
    with pytest.raises(SlackRefused) as refused:
        await api.post(slack.channel("not-a-member"), SAID)
    assert refused.value.code == "not_in_channel"


def _picture() -> bytes:
    """A PNG of some hundred kilobytes that does not compress."""
    noise = b"".join(hashlib.sha256(bytes([number % 256])).digest() for number in range(288))
    out = io.BytesIO()
    Image.frombytes("RGB", (64, 48), noise[: 64 * 48 * 3].ljust(64 * 48 * 3, b"x")).save(out, "PNG")
    return out.getvalue()


async def _chunks(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]
