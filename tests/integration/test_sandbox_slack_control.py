"""The control API, its guard, the event stream, faults on the wire, and the program itself."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox_slack import ROOT, LocalSlack, local_slack, until

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack(strict_rates=False) as running:
        yield running


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "own"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
    ],
)
async def test_only_the_own_page_may_act(slack: LocalSlack, headers: Json, status: int) -> None:
    if headers.get("Origin") == "own":
        headers = {"Origin": slack.sandbox.url}
    body = {"user": "ada", "channel": "general", "text": "hello"}
    url = f"{slack.greeting['control_url']}/message"
    async with slack.session.post(url, json=body, headers=headers) as answer:
        assert answer.status == status
    assert len(slack.messages("general")) == (1 if status == 200 else 0)
    events = f"{slack.greeting['page_url']}page/events"
    async with slack.session.get(events, headers=headers) as answer:
        assert answer.status == status


async def test_what_people_type_is_stored_as_slack_stores_it(slack: LocalSlack) -> None:
    place = {"user": "ada", "channel": "general"}
    ben, general = slack.user("ben"), slack.channel("general")
    for typed, stored in (
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        (f"hi <@{ben}> & <!here>", f"hi <@{ben}> &amp; <!here>"),
        ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
        ("<https://example.com|example>", "<https://example.com|example>"),
        (
            "@Ben in #general, not me@general.org",
            f"<@{ben}> in <#{general}|general>, not me@general.org",
        ),
        ("<script>", "&lt;script&gt;"),
        ("<@nobody>", "&lt;@nobody&gt;"),
    ):
        await slack.control("message", **place, text=typed)
        assert slack.messages("general")[-1]["text"] == stored
    rich = slack.messages("general")[1]["blocks"][0]["elements"][0]["elements"]
    assert rich[1] == {"type": "user", "user_id": ben}
    assert rich[2] == {"type": "text", "text": " & "}


async def test_people_do_only_what_slack_lets_them(slack: LocalSlack) -> None:
    mine = {"user": "ada", "channel": "general"}
    theirs = {"user": "ben", "channel": "general"}
    ts = (await slack.control("message", **mine, text="mine"))["ts"]
    for call, body in (
        ("edit", {**theirs, "ts": ts, "text": "x"}),
        ("delete", {**theirs, "ts": ts}),
        ("message", {**mine, "text": "  "}),
        ("message", {**mine, "text": "x", "files": ["F0"]}),
        ("message", {"user": "cleo", "channel": "secret-launch", "text": "x"}),
        ("message", {"user": "dan", "channel": "general", "text": "x"}),
        ("reply", {**mine, "thread_ts": "1.000001", "text": "x"}),
        ("click", {"user": "ada"}),
        ("fault", {"target": "slack:chat.posted", "kind": "status"}),
        ("fault", {"target": "slack:chat.update", "kind": "explode"}),
        ("deliver_again", {"kind": "action"}),
    ):
        status, answer = await slack.try_control(call, **body)
        assert (status, answer["ok"]) == (400, False), (call, body)
        assert answer["error"]
    ts_of_ben = (await slack.control("message", **theirs, text="his"))["ts"]
    await slack.control("delete", **mine, ts=ts_of_ben)  # an owner may
    assert len(slack.messages("general")) == 1


async def test_the_state_is_everything_the_page_needs(slack: LocalSlack) -> None:
    general = slack.channel("general")
    await slack.client.chat_postMessage(channel=general, text="hello")
    await slack.client.chat_postEphemeral(channel=general, user=slack.user("ben"), text="psst")
    state = await slack.look("state")
    assert state["messages"][general][0]["text"] == "hello"
    assert [(e["user"], e["message"]["text"]) for e in state["ephemerals"]] == [
        (slack.user("ben"), "psst")
    ]
    assert {channel["name"] for channel in state["channels"]} >= {"general", "dm-ada", "dm-ada-ben"}
    assert state["bot"]["user_id"] == slack.greeting["bot_user"]
    assert state["me"] == slack.user("ada")
    assert state["manifest"]["features"]["slash_commands"][0]["command"] == "/video"


async def test_the_stream_tells_what_happens(slack: LocalSlack) -> None:
    events: list[Json] = []
    hear = events.append

    async def listen() -> None:
        async with slack.session.get(f"{slack.greeting['page_url']}page/events") as stream:
            async for line in stream.content:
                if line.startswith(b"data: "):
                    hear(json.loads(line[6:]))

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.05)
    general = slack.channel("general")
    posted = await slack.client.chat_postMessage(channel=general, text="hello")
    await slack.client.chat_update(channel=general, ts=posted["ts"], text="changed")
    await slack.client.chat_delete(channel=general, ts=posted["ts"])
    await slack.client.chat_postEphemeral(channel=general, user=slack.user("ada"), text="psst")
    await slack.upload("ada", "a.txt", b"words")
    await slack.control("fault", target="slack:chat.update", kind="slow")
    await slack.control("reset")
    await until(lambda: any(event["type"] == "reset" for event in events))
    kinds = [event["type"] for event in events if event["type"] != "traffic"]
    assert kinds[:5] == ["message", "message", "message_deleted", "ephemeral", "file"]
    assert kinds[5:] == ["fault", "fault", "reset"]
    armed = [event["faults"] for event in events if event["type"] == "fault"]
    assert [len(faults) for faults in armed] == [1, 0]
    texts = [event["message"]["text"] for event in events if event["type"] == "message"]
    assert texts == ["hello", "changed"]
    assert any(event["type"] == "traffic" for event in events)
    listening.cancel()


async def test_a_reset_empties_everything_but_people(slack: LocalSlack) -> None:
    before = slack.sandbox.greeting()
    await slack.control("message", user="ada", channel="general", text="hello")
    await slack.control("kick", channel="general")
    await slack.control("fault", target="slack:chat.postMessage", kind="status")
    await slack.control("reset")
    state = await slack.look("state")
    assert not any(state["messages"].values())
    assert (state["faults"], state["ephemerals"]) == ([], [])
    assert slack.sandbox.greeting() == before
    posted = await slack.client.chat_postMessage(channel=slack.channel("general"), text="again")
    assert posted["ok"]


async def fault(slack: LocalSlack, kind: str, **params: Any) -> None:
    await slack.control("fault", target="slack:chat.postMessage", kind=kind, params=params)


async def post(slack: LocalSlack) -> Any:
    return await slack.client.chat_postMessage(channel=slack.channel("general"), text="x")


@pytest.mark.parametrize(
    ("kind", "params", "happens"),
    [
        ("rate_limited", {"retry_after_s": 7}, False),
        ("status", {"status": 503}, False),
        ("status_after", {"status": 500}, True),
        ("error", {"code": "is_archived"}, False),
        ("error_after", {"code": "internal_error"}, True),
        ("garbage", {}, True),
    ],
)
async def test_faults_answer_wrongly_before_or_after_the_effect(
    slack: LocalSlack, kind: str, params: Json, happens: bool
) -> None:
    await fault(slack, kind, **params)
    with pytest.raises(SlackApiError) as refused:
        await post(slack)
    response = refused.value.response
    assert len(slack.messages("general")) == happens
    if "status" in params:
        assert response.status_code == params["status"]
    if "code" in params:
        assert response["error"] == params["code"]
    if "retry_after_s" in params:
        assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    await post(slack)  # used up


@pytest.mark.parametrize(
    ("kind", "happens"),
    [("reset_before", False), ("reset_after", True), ("close_after_read", False), ("hang", True)],
)
async def test_faults_break_the_connection_before_or_after_the_effect(
    slack: LocalSlack, kind: str, happens: bool
) -> None:
    await fault(slack, kind, seconds=0.05)
    with pytest.raises(aiohttp.ClientConnectionError):
        await post(slack)
    assert len(slack.messages("general")) == happens
    posts = [e for e in slack.sandbox.traffic.since(0) if e["path"] == "/api/chat.postMessage"]
    assert [(entry["status"], entry["note"]) for entry in posts] == [(None, f"FAULT {kind}")]
    await post(slack)


async def test_a_slow_answer_is_right_and_faults_can_wait_their_turn(slack: LocalSlack) -> None:
    body = {"target": "slack:chat.postMessage", "kind": "slow", "params": {"seconds": 0.1}}
    await slack.control("fault", **body, after=1)
    await post(slack)
    started = asyncio.get_running_loop().time()
    await post(slack)
    assert asyncio.get_running_loop().time() - started >= 0.1


async def test_armed_faults_can_be_taken_back(slack: LocalSlack) -> None:
    await fault(slack, "status")
    await fault(slack, "reset_before")
    await slack.control("fault", target="slack:upload", kind="status")
    gone = await slack.control("disarm", target="slack:chat.postMessage", kind="status")
    assert gone["disarmed"] == 1
    armed = (await slack.look("state"))["faults"]
    assert [one["kind"] for one in armed] == ["reset_before", "status"]
    assert (await slack.control("disarm"))["disarmed"] == 2
    await post(slack)


async def test_a_response_url_can_fail(slack: LocalSlack) -> None:
    await slack.control("command", user="ada", channel="general", text="/video a fox")
    urls = slack.sandbox.workspace.grants.response_urls()
    await slack.control("fault", target="slack:response_url", kind="status")
    async with slack.session.post(slack.sandbox.url + urls[0], json={"text": "x"}) as answer:
        assert answer.status == 503
    async with slack.session.post(slack.sandbox.url + urls[0], json={"text": "x"}) as answer:
        assert answer.status == 200


async def test_the_same_seed_gives_the_same_workspace_but_new_deliveries() -> None:
    async with local_slack(seed="fox") as one, local_slack(seed="fox") as two:
        for key in ("slack_bot_token", "slack_signing_secret", "team_id", "users", "channels"):
            assert one.greeting[key] == two.greeting[key]
        assert one.sandbox.workspace.ids.fresh("Ev") != two.sandbox.workspace.ids.fresh("Ev")
    async with local_slack() as one, local_slack() as two:
        assert one.greeting["slack_bot_token"] != two.greeting["slack_bot_token"]


@pytest.mark.process
async def test_the_program_says_one_line_records_and_stops_at_sigterm(tmp_path: Path) -> None:
    arguments = ["--manifest", "manifest.yml", "--pace", "0.1", "--record", str(tmp_path / "seen")]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert program.stdout is not None
    greeting = json.loads(await asyncio.wait_for(program.stdout.readline(), 20))
    async with aiohttp.ClientSession() as session:
        async with session.get(greeting["page_url"]) as answer:
            assert answer.status == 200
        body = {"user": "ada", "channel": "general", "text": "hello"}
        async with session.post(f"{greeting['control_url']}/message", json=body) as answer:
            assert (await answer.json())["ok"]
        async with session.get(f"{greeting['control_url']}/ledger") as answer:
            assert await answer.json() == {"ok": True, "ledger": []}
        async with session.get(f"{greeting['page_url']}page/events"):
            program.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(program.wait(), 5) == 0
    assert greeting["heygen_api_url"].startswith("http://127.0.0.1:")
    recorded = json.loads((tmp_path / "seen" / "messages.json").read_text())
    assert recorded["general"][0]["text"] == "hello"
    assert (tmp_path / "seen" / "traffic.jsonl").read_text()


@pytest.mark.process
async def test_a_broken_manifest_is_said_in_a_sentence(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--manifest", str(tmp_path / "none.yml")),
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    _, words = await asyncio.wait_for(program.communicate(), 20)
    assert program.returncode == 78
    assert b"cannot read the manifest" in words
    assert b"Traceback" not in words
