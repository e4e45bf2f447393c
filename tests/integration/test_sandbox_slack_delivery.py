"""Commands and events reach a real Bolt app, signed over HTTP or through Socket Mode."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt import BoltResponse

from tests.integration.sandbox_slack import (
    Bot,
    LocalSlack,
    bolt,
    local_slack,
    manifest,
    over_http,
    over_sockets,
    serving,
    until,
)

Json = dict[str, Any]


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[LocalSlack]:
    async with local_slack(transport=request.param, ack_limit_s=0.3) as running:
        yield running


def connected(slack: LocalSlack, bot: Bot) -> Any:
    """The app on the transport that this sandbox delivers by."""
    is_socket = slack.greeting["transport"] == "socket"
    return over_sockets(slack, bot) if is_socket else over_http(slack, bot)


async def test_a_command_arrives_and_its_ack_is_whispered(slack: LocalSlack) -> None:
    bot, commands = bolt(slack), []

    @bot.app.command("/video")
    async def answer(ack: Any, body: Json) -> None:
        commands.append(body)
        await ack("Queued.")

    async with connected(slack, bot):
        done = await slack.control(
            "command", user="ada", channel="not-a-member", text="/video a <fox>\n& @ben #general"
        )
    assert done["ack"]["status"] == 200
    assert done["ack"]["elapsed_ms"] < 300
    body = commands[0]
    ben, general = slack.user("ben"), slack.channel("general")
    assert body["text"] == f"a &lt;fox&gt;\n&amp; <@{ben}|ben> <#{general}|general>"
    assert (body["channel_name"], body["is_enterprise_install"]) == ("not-a-member", "false")
    assert body["api_app_id"].startswith("A")
    assert [whisper["text"] for whisper in slack.whispers("ada")] == ["Queued."]
    assert slack.messages("not-a-member") == []


async def test_an_in_channel_ack_is_seen_by_all_also_between_people(slack: LocalSlack) -> None:
    bot = bolt(slack)

    @bot.app.command("/video")
    async def answer(ack: Any) -> None:
        await ack(text="Here.", response_type="in_channel")

    async with connected(slack, bot):
        await slack.control("command", user="ada", channel="dm-ada-ben", text="/video a fox")
    message = slack.messages("dm-ada-ben")[0]
    assert (message["text"], message["subtype"]) == ("Here.", "bot_message")


async def test_text_is_raw_without_should_escape() -> None:
    raw = manifest()
    raw["features"]["slash_commands"][0]["should_escape"] = False
    async with local_slack(raw) as slack:
        bot, texts = bolt(slack), []

        @bot.app.command("/video")
        async def answer(ack: Any, body: Json) -> None:
            texts.append(body["text"])
            await ack()

        async with over_sockets(slack, bot):
            await slack.control("command", user="ada", channel="general", text="/video <b> & @ben")
        assert texts == ["<b> & @ben"]
        assert slack.whispers("ada") == []


async def test_commands_are_refused_in_threads_and_when_unknown(slack: LocalSlack) -> None:
    place = {"user": "ada", "channel": "general"}
    ts = (await slack.control("message", **place, text="hello"))["ts"]
    for text, thread, sentence in (
        ("/video a fox", ts, "/video is not supported in threads. Sorry!"),
        ("/film a fox", None, "/film is not a valid command."),
    ):
        status, answer = await slack.try_control("command", **place, text=text, thread_ts=thread)
        assert (status, answer["error"]) == (400, sentence)


async def test_a_late_ack_is_an_operation_timeout(slack: LocalSlack) -> None:
    bot = bolt(slack)

    @bot.app.command("/video")
    async def answer(ack: Any) -> None:
        await asyncio.sleep(0.5)
        await ack("too late")

    async with connected(slack, bot):
        done = await slack.control("command", user="ada", channel="general", text="/video a fox")
        assert (done["ack"]["status"], done["ack"]["error"]) == (None, "operation_timeout")
        await asyncio.sleep(0.3)
    words = [whisper["text"] for whisper in slack.whispers("ada")]
    assert words == ["/video failed with the error “operation_timeout”"]
    assert slack.whispers("ada")[0]["user"] == "USLACKBOT"


async def test_nobody_there_is_dispatch_failed(slack: LocalSlack) -> None:
    done = await slack.control("command", user="ada", channel="general", text="/video a fox")
    assert (done["ack"]["status"], done["ack"]["error"]) == (None, "dispatch_failed")
    assert "dispatch_failed" in slack.whispers("ada")[0]["text"]


async def test_an_error_status_is_dispatch_failed() -> None:
    async with local_slack(transport="http") as slack:
        bot = bolt(slack)

        @bot.app.command("/video")
        async def answer() -> None:
            raise ValueError("broken listener")

        async with over_http(slack, bot):
            place = {"user": "ada", "channel": "general"}
            done = await slack.control("command", **place, text="/video a fox")
        assert (done["ack"]["status"], done["ack"]["error"]) == (500, "dispatch_failed")


async def test_replies_mentions_and_own_posts_are_events(slack: LocalSlack) -> None:
    bot = bolt(slack)
    async with connected(slack, bot):
        general = slack.channel("general")
        shot = await slack.client.chat_postMessage(channel=general, text="shot")
        await slack.control(
            "reply", user="ben", channel="general", thread_ts=shot["ts"], text="@dailies slower"
        )
        await until(lambda: len(bot.heard) == 3)
    own = next(event for event in bot.events("message") if "bot_id" in event)
    assert (own["user"], own["channel_type"]) == (slack.greeting["bot_user"], "channel")
    reply = next(event for event in bot.events("message") if "bot_id" not in event)
    mention = bot.events("app_mention")[0]
    assert reply["text"] == f"<@{slack.greeting['bot_user']}> slower"
    assert (reply["thread_ts"], reply["parent_user_id"]) == (shot["ts"], own["user"])
    assert (mention["ts"], mention["thread_ts"]) == (reply["ts"], shot["ts"])
    wrappers = {body["event_id"]: body for body in bot.heard}
    assert len(wrappers) == 3
    wrapper = bot.heard[0]
    assert wrapper["type"] == "event_callback"
    assert wrapper["authorizations"][0]["user_id"] == slack.greeting["bot_user"]
    assert wrapper["team_id"] == slack.greeting["team_id"]


async def test_edits_deletes_files_and_broadcasts_have_their_subtypes(slack: LocalSlack) -> None:
    bot = bolt(slack)
    shape = await slack.upload("ada", "fox.txt", b"fox")
    place = {"user": "ada", "channel": "launch-film"}
    async with connected(slack, bot):
        ts = (await slack.control("message", **place, text="one"))["ts"]
        await slack.control("edit", **place, ts=ts, text="two")
        await slack.control("reply", **place, thread_ts=ts, text="all", broadcast=True)
        await slack.control("message", **place, text="look", files=[shape["id"]])
        own = await slack.client.chat_postMessage(channel=slack.channel("launch-film"), text="a")
        await slack.client.chat_update(channel=own["channel"], ts=own["ts"], text="b")
        await slack.client.chat_delete(channel=own["channel"], ts=own["ts"])
        await until(lambda: len(bot.heard) == 7)
    events = sorted(bot.events("message"), key=lambda event: float(event["ts"]))
    assert [event.get("subtype") for event in events] == [
        None,
        "message_changed",
        "thread_broadcast",
        "file_share",
        None,
        "message_changed",
        "message_deleted",
    ]
    assert events[1]["message"]["text"] == "two"
    assert events[1]["previous_message"]["text"] == "one"
    assert events[2]["root"]["ts"] == ts
    assert events[3]["files"][0]["id"] == shape["id"]
    assert events[6]["deleted_ts"] == own["ts"]


async def test_only_members_with_scope_and_subscription_hear() -> None:
    quiet = manifest(without="im:history")
    quiet["settings"]["event_subscriptions"]["bot_events"].remove("message.groups")
    async with local_slack(quiet) as slack:
        bot = bolt(slack)
        async with over_sockets(slack, bot):
            for channel in ("dm-ada", "secret-launch", "not-a-member"):
                await slack.control("message", user="ada", channel=channel, text="@dailies psst")
            await slack.control("message", user="ada", channel="general", text="hello")
            await until(lambda: len(bot.heard) == 2)
            await asyncio.sleep(0.05)
        assert [event["text"] for event in bot.events("message")] == ["hello"]
        # a mention has its own subscription and scope, and a DM has none
        assert [event["channel"] for event in bot.events("app_mention")] == [
            slack.channel("secret-launch")
        ]


async def test_an_invitation_is_seen_and_opens_the_channel(slack: LocalSlack) -> None:
    bot = bolt(slack)
    async with connected(slack, bot):
        await slack.control("invite", channel="not-a-member")
        await slack.control("message", user="ben", channel="not-a-member", text="welcome")
        await until(lambda: len(bot.heard) == 2)
    kinds = sorted(str(event.get("subtype")) for event in bot.events("message"))
    assert kinds == ["None", "channel_join"]


async def test_unacked_events_are_retried_with_headers_and_reasons() -> None:
    seen: list[tuple[str | None, str | None, str]] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        headers = request.headers
        retry = headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")
        seen.append((*retry, body["event_id"]))
        if len(seen) == 1:
            return web.Response(status=500)
        if len(seen) == 2:
            await asyncio.sleep(1)
        return web.Response(status=200 if len(seen) == 4 else 404)

    app = web.Application()
    app.router.add_post("/slack/events", answer)
    async with local_slack(transport="http", ack_limit_s=0.1) as slack, serving(app) as base:
        await slack.control("request_url", url=f"{base}/slack/events")
        await slack.control("message", user="ada", channel="general", text="hello")
        await until(lambda: len(seen) == 4)
        await asyncio.sleep(0.1)
    assert [(num, reason) for num, reason, _ in seen] == [
        (None, None),
        ("1", "http_error"),
        ("2", "http_timeout"),
        ("3", "http_error"),
    ]
    assert len({event_id for *_, event_id in seen}) == 1


async def test_no_retry_is_honoured_and_lost_events_are_noted() -> None:
    calls = []

    async def answer(_request: web.Request) -> web.Response:
        calls.append(1)
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"} if calls[1:] else {})

    app = web.Application()
    app.router.add_post("/", answer)
    async with local_slack(transport="http") as slack, serving(app) as base:
        slack.sandbox.workspace.http.url = base
        await slack.control("message", user="ada", channel="general", text="hello")
        await until(lambda: len(calls) == 2)
        await asyncio.sleep(0.1)
        assert len(calls) == 2
        slack.sandbox.workspace.http.url = None
        await slack.control("message", user="ada", channel="general", text="lost")
        await until(lambda: any("LOST" in note for note in slack.notes()))


async def test_sockets_retry_with_attempt_and_reason() -> None:
    async with local_slack(ack_limit_s=0.05) as slack:
        token = slack.greeting["slack_app_token"]
        opened = await slack.client.apps_connections_open(app_token=token)
        envelopes: list[Json] = []
        async with slack.session.ws_connect(opened["url"]) as ws:
            assert (await ws.receive_json())["type"] == "hello"
            await slack.control("message", user="ada", channel="general", text="hello")
            envelopes += [await ws.receive_json() for _ in range(4)]
            await ws.send_json({"envelope_id": envelopes[-1]["envelope_id"]})
        attempts = [(one["retry_attempt"], one["retry_reason"]) for one in envelopes]
        assert attempts == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
        assert len({one["envelope_id"] for one in envelopes}) == 4
        assert len({one["payload"]["event_id"] for one in envelopes}) == 1
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await slack.session.ws_connect(opened["url"])  # a ticket is for one use


@pytest.mark.parametrize("reason", ["refresh_requested", "drop"])
async def test_bolt_comes_back_after_a_disconnect(reason: str) -> None:
    async with local_slack() as slack:
        bot = bolt(slack)
        async with over_sockets(slack, bot) as handler:
            handler.client.ping_interval = 0.1
            sockets = slack.sandbox.workspace.sockets
            await slack.control("disconnect", reason=reason)
            await until(lambda: sockets.count == 1, limit_s=15)
            await slack.control("message", user="ada", channel="general", text="hello again")
            await until(lambda: bot.heard)


async def test_an_event_sent_while_nobody_listens_is_retried_later() -> None:
    async with local_slack(retry_scale=1 / 120) as slack:
        bot = bolt(slack)
        await slack.control("message", user="ada", channel="general", text="anyone?")
        await asyncio.sleep(0.05)
        async with over_sockets(slack, bot):
            await until(lambda: bot.heard)


async def test_sockets_stay_closed_when_slack_delivers_by_http() -> None:
    async with local_slack(transport="http") as slack:
        with pytest.raises(Exception, match="forbidden_socket_mode"):
            await slack.client.apps_connections_open(app_token=slack.greeting["slack_app_token"])


async def test_the_signature_is_the_one_bolt_checks() -> None:
    async with local_slack(transport="http") as slack:
        bot = bolt(slack)
        async with over_http(slack, bot) as base:
            url = f"{base}/slack/events"
            forged = {"X-Slack-Signature": "v0=0", "X-Slack-Request-Timestamp": "1"}
            async with slack.session.post(url, data=b"{}", headers=forged) as answer:
                assert answer.status == 401
            await slack.control("request_url", url=url, verify=True)
            nowhere = f"{base}/elsewhere"
            status, _ = await slack.try_control("request_url", url=nowhere, verify=True)
            assert status == 400
            assert slack.sandbox.workspace.http.url == url


async def test_the_same_delivery_comes_again(slack: LocalSlack) -> None:
    bot, commands = bolt(slack), []

    @bot.app.command("/video")
    async def answer(ack: Any, body: Json) -> None:
        commands.append(body)
        await ack("Queued.")

    async with connected(slack, bot):
        await slack.control("command", user="ada", channel="general", text="/video a fox")
        await slack.control("message", user="ada", channel="general", text="hello")
        await until(lambda: bot.heard)
        again = await slack.control("deliver_again", kind="command", times=2)
        await slack.control("deliver_again", kind="event", retry=True)
    assert [ack["status"] for ack in again["acks"]] == [200, 200]
    assert len({body["trigger_id"] for body in commands}) == 1
    assert len(commands) == 3
    assert [body["event_id"] for body in bot.heard] == [bot.heard[0]["event_id"]] * 2
    assert len(slack.whispers("ada")) == 1


async def test_a_lost_ack_shows_an_error_although_the_app_acted(slack: LocalSlack) -> None:
    bot, commands = bolt(slack), []

    @bot.app.command("/video")
    async def answer(ack: Any, body: Json) -> None:
        commands.append(body)
        await ack("Queued.")

    async with connected(slack, bot):
        await slack.control("fault", target="slack:commands", kind="reset_after")
        await slack.control("command", user="ada", channel="general", text="/video a fox")
        await slack.control("fault", target="slack:events", kind="reset_after")
        await slack.control("message", user="ada", channel="general", text="hello")
        await until(lambda: len(bot.heard) == 2)
    assert len(commands) == 1
    assert "operation_timeout" in slack.whispers("ada")[0]["text"]
    assert bot.heard[0]["event_id"] == bot.heard[1]["event_id"]


async def test_bolt_can_answer_no_retry() -> None:
    async with local_slack(transport="http") as slack:
        bot, calls = bolt(slack), []

        @bot.app.middleware
        async def refuse(next: Any) -> BoltResponse:  # noqa: A002 # Bolt's own name for it
            calls.append(next)
            return BoltResponse(status=500, headers={"x-slack-no-retry": "1"})

        async with over_http(slack, bot):
            await slack.control("message", user="ada", channel="general", text="hello")
            await until(lambda: calls)
            await asyncio.sleep(0.1)
        assert len(calls) == 1


async def test_hundreds_of_messages_are_no_trouble(slack: LocalSlack) -> None:
    bot = bolt(slack)
    async with connected(slack, bot):
        for number in range(200):
            await slack.control("message", user="ada", channel="general", text=f"n {number}")
        # A busy machine's late answer is delivered again: what counts is that none is missing.
        await until(lambda: len({event["text"] for event in bot.events("message")}) == 200)
    assert json.dumps(slack.messages("general"))
