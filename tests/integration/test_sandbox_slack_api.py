"""The local Web API is as strict as Slack's: tokens, scopes, errors, limits, arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.integration.sandbox_slack import LocalSlack, compact, local_slack, manifest

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack(strict_rates=False) as running:
        yield running


async def test_auth_test_names_the_bot(slack: LocalSlack) -> None:
    answer = await slack.client.auth_test()
    assert answer["user_id"] == slack.greeting["bot_user"]
    assert answer["team_id"] == slack.greeting["team_id"]
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
    ],
)
async def test_each_method_wants_its_own_token(
    slack: LocalSlack, token: str, method: str, error: str
) -> None:
    token = slack.greeting.get(f"slack_{token}_token", token)
    client = AsyncWebClient(token, base_url=slack.greeting["slack_api_url"], session=slack.session)
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method)
    assert refused.value.response["error"] == error


async def test_no_token_is_not_authed(slack: LocalSlack) -> None:
    async with slack.session.post(f"{slack.greeting['slack_api_url']}auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"


async def test_an_unknown_method_fails_loudly(slack: LocalSlack) -> None:
    assert (await slack.refusal("chat.scheduleMessage"))["error"] == "unknown_method"
    assert any("NOT BUILT" in note for note in slack.notes())


async def test_scopes_come_from_the_manifest() -> None:
    async with local_slack(manifest(without="chat:write")) as slack:
        refused = await slack.refusal("chat.postMessage", channel="general", text="hi")
        assert refused["error"] == "missing_scope"
        assert refused["needed"] == "chat:write"
        assert "users:read" in refused["provided"].split(",")
    async with local_slack(manifest(without="groups:history")) as slack:
        public, private = slack.channel("general"), slack.channel("secret-launch")
        assert (await slack.client.conversations_history(channel=public))["ok"]
        with pytest.raises(SlackApiError, match="missing_scope"):
            await slack.client.conversations_history(channel=private)


async def test_arguments_may_come_as_query_form_or_json(slack: LocalSlack) -> None:
    url, channel = f"{slack.greeting['slack_api_url']}chat.postMessage", slack.channel("general")
    headers = {"Authorization": f"Bearer {slack.greeting['slack_bot_token']}"}
    blocks = compact([SECTION])
    for sent in (
        {"params": {"channel": channel, "blocks": blocks}},
        {"data": {"channel": channel, "blocks": blocks}},
        {"json": {"channel": channel, "blocks": [SECTION]}},
    ):
        async with slack.session.post(url, headers=headers, **sent) as answer:
            assert (await answer.json())["message"]["blocks"][0]["text"] == SECTION["text"]


async def test_read_methods_ignore_json_bodies_as_slack_does(slack: LocalSlack) -> None:
    refused = await slack.refusal("files.getUploadURLExternal", filename="a.png", length=3)
    assert refused["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("not-a-member", "not_in_channel"),
        ("dm-ada-ben", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
    ],
)
async def test_where_the_bot_may_not_post(slack: LocalSlack, channel: str, error: str) -> None:
    channel_id = slack.greeting["channels"].get(channel, channel)
    refused = await slack.refusal("chat.postMessage", channel=channel_id, text="hi")
    assert refused["error"] == error


async def test_public_channels_are_open_with_the_public_scope() -> None:
    async with local_slack(manifest(also=("chat:write.public",))) as slack:
        posted = await slack.client.chat_postMessage(channel="#not-a-member", text="hi")
        assert posted["ok"]


async def test_a_kicked_bot_does_not_see_a_private_channel(slack: LocalSlack) -> None:
    await slack.control("kick", channel="secret-launch")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await slack.client.conversations_info(channel=slack.channel("secret-launch"))
    await slack.control("invite", channel="secret-launch")
    info = await slack.client.conversations_info(channel=slack.channel("secret-launch"))
    assert info["channel"]["is_member"] is True


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "msg_too_long"),
    ],
)
async def test_what_cannot_be_posted(
    slack: LocalSlack, args: dict[str, object], error: str
) -> None:
    refused = await slack.refusal("chat.postMessage", channel=slack.channel("general"), **args)
    assert refused["error"] == error


async def test_text_is_cut_at_forty_thousand_but_not_in_updates(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    posted = await slack.client.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    refused = await slack.refusal("chat.update", channel=channel, ts=posted["ts"], text="x" * 4001)
    assert refused["error"] == "msg_too_long"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a & b < c", "a &amp; b &lt; c"),
        ("a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"),
        ("see https://example.com/x.", "see <https://example.com/x>."),
        ("<!channel> and <https://example.com|x>", "<!channel> and <https://example.com|x>"),
    ],
)
async def test_an_apps_text_is_escaped_where_it_is_not(
    slack: LocalSlack, sent: str, kept: str
) -> None:
    posted = await slack.client.chat_postMessage(channel=slack.channel("general"), text=sent)
    assert posted["message"]["text"] == kept


async def test_threads_count_replies_and_refuse_a_reply_as_parent(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    parent = await slack.client.chat_postMessage(channel=channel, text="shot")
    reply = await slack.client.chat_postMessage(channel=channel, text="1", thread_ts=parent["ts"])
    await slack.control(
        "reply", user="ben", channel=channel, thread_ts=parent["ts"], text="2", broadcast=True
    )
    refused = await slack.refusal(
        "chat.postMessage", channel=channel, text="3", thread_ts=reply["ts"]
    )
    assert refused["error"] == "cannot_reply_to_message"
    thread = (await slack.client.conversations_replies(channel=channel, ts=parent["ts"]))[
        "messages"
    ]
    assert [message["text"] for message in thread] == ["shot", "1", "2"]
    assert thread[0]["reply_count"] == 2
    assert thread[1]["parent_user_id"] == slack.greeting["bot_user"]
    history = (await slack.client.conversations_history(channel=channel))["messages"]
    assert [message["text"] for message in history] == ["2", "shot"]
    assert history[0]["subtype"] == "thread_broadcast"
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await slack.client.conversations_replies(channel=channel, ts="1.000001")


async def test_history_and_replies_come_in_pages(slack: LocalSlack) -> None:
    channel = slack.channel("launch-film")
    for number in range(5):
        await slack.client.chat_postMessage(channel=channel, text=str(number))
    first = await slack.client.conversations_history(channel=channel, limit=3)
    assert [message["text"] for message in first["messages"]] == ["4", "3", "2"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    rest = await slack.client.conversations_history(channel=channel, limit=3, cursor=cursor)
    assert [message["text"] for message in rest["messages"]] == ["1", "0"]
    latest = first["messages"][1]["ts"]
    older = await slack.client.conversations_history(channel=channel, latest=latest, inclusive=True)
    assert [message["text"] for message in older["messages"]] == ["3", "2", "1", "0"]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await slack.client.conversations_history(channel=channel, cursor="elsewhere")


async def test_metadata_is_kept_by_updates_and_shown_when_asked(slack: LocalSlack) -> None:
    channel, metadata = slack.channel("general"), {"event_type": "shot", "event_payload": {"n": 1}}
    posted = await slack.client.chat_postMessage(channel=channel, text="a", metadata=metadata)
    await slack.client.chat_update(channel=channel, ts=posted["ts"], text="b")
    plain = await slack.client.conversations_replies(channel=channel, ts=posted["ts"])
    assert "metadata" not in plain["messages"][0]
    asked = await slack.client.conversations_replies(
        channel=channel, ts=posted["ts"], include_all_metadata=True
    )
    assert asked["messages"][0]["metadata"] == metadata


async def test_an_update_with_text_alone_removes_the_blocks(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    posted = await slack.client.chat_postMessage(channel=channel, text="a", blocks=[SECTION])
    assert posted["message"]["blocks"][0]["block_id"]
    updated = await slack.client.chat_update(channel=channel, ts=posted["ts"], text="b")
    assert "blocks" not in updated["message"]
    assert updated["message"]["edited"]["user"] == slack.greeting["bot_user"]


async def test_only_own_messages_change(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    theirs = (await slack.control("message", user="ada", channel=channel, text="mine"))["ts"]
    for method, error in (
        ("chat.update", "cant_update_message"),
        ("chat.delete", "cant_delete_message"),
    ):
        assert (await slack.refusal(method, channel=channel, ts=theirs, text="x"))["error"] == error
        gone = await slack.refusal(method, channel=channel, ts="1.000001", text="x")
        assert gone["error"] == "message_not_found"


async def test_a_deleted_parent_leaves_a_tombstone(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    parent = await slack.client.chat_postMessage(channel=channel, text="shot")
    await slack.client.chat_postMessage(channel=channel, text="take", thread_ts=parent["ts"])
    await slack.client.chat_delete(channel=channel, ts=parent["ts"])
    thread = (await slack.client.conversations_replies(channel=channel, ts=parent["ts"]))[
        "messages"
    ]
    assert [message.get("subtype") for message in thread] == ["tombstone", None]
    refused = await slack.refusal("chat.update", channel=channel, ts=parent["ts"], text="x")
    assert refused["error"] == "message_not_found"


async def test_an_ephemeral_is_for_one_member_and_cannot_be_updated(slack: LocalSlack) -> None:
    channel, cleo = slack.channel("secret-launch"), slack.user("cleo")
    refused = await slack.refusal("chat.postEphemeral", channel=channel, user=cleo, text="psst")
    assert refused["error"] == "user_not_in_channel"
    ada = slack.user("ada")
    sent = await slack.client.chat_postEphemeral(channel=channel, user=ada, text="psst")
    assert [whisper["text"] for whisper in slack.whispers("ada")] == ["psst"]
    assert slack.messages("secret-launch") == []
    refused = await slack.refusal("chat.update", channel=channel, ts=sent["message_ts"], text="x")
    assert refused["error"] == "message_not_found"


async def test_permalinks_lead_to_the_page(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    posted = await slack.client.chat_postMessage(channel=channel, text="a")
    link = await slack.client.chat_getPermalink(channel=channel, message_ts=posted["ts"])
    assert posted["ts"].replace(".", "") in link["permalink"]
    async with slack.session.get(link["permalink"]) as answer:
        assert answer.status == 200


async def test_people_channels_and_dms(slack: LocalSlack) -> None:
    ada = (await slack.client.users_info(user=slack.user("ada")))["user"]
    assert (ada["name"], ada["is_owner"]) == ("ada", True)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await slack.client.users_info(user="U0NOBODY")
    opened = await slack.client.conversations_open(users=slack.user("ben"))
    assert opened["channel"]["id"] == slack.channel("dm-ben")
    posted = await slack.client.chat_postMessage(channel=slack.user("ben"), text="hi")
    assert posted["channel"] == slack.channel("dm-ben")
    members = await slack.client.conversations_members(channel=slack.channel("secret-launch"))
    assert slack.user("cleo") not in members["members"]
    listed = await slack.client.conversations_list(types="public_channel,private_channel")
    names = {channel["name"]: channel["is_member"] for channel in listed["channels"]}
    assert names == {
        "general": True,
        "launch-film": True,
        "not-a-member": False,
        "secret-launch": True,
    }


async def test_a_channel_takes_one_post_a_second_after_a_burst() -> None:
    async with local_slack() as slack:
        general, other = slack.channel("general"), slack.channel("launch-film")
        for _ in range(4):
            await slack.client.chat_postMessage(channel=general, text="x")
        with pytest.raises(SlackApiError) as refused:
            await slack.client.chat_postMessage(channel=general, text="x")
        assert refused.value.response.status_code == 429
        assert refused.value.response["error"] == "ratelimited"
        assert refused.value.response.headers["Retry-After"] == "1"
        await slack.client.chat_postMessage(channel=other, text="x")
        await slack.control("clock", skip_s=1)
        await slack.client.chat_postMessage(channel=general, text="x")


async def test_tier_three_is_fifty_a_minute() -> None:
    async with local_slack() as slack:
        channel = slack.channel("general")
        ts = (await slack.client.chat_postMessage(channel=channel, text="x"))["ts"]
        for number in range(50):
            await slack.client.chat_update(channel=channel, ts=ts, text=str(number))
        with pytest.raises(SlackApiError) as refused:
            await slack.client.chat_update(channel=channel, ts=ts, text="51")
        assert 50 <= int(refused.value.response.headers["Retry-After"]) <= 60
        await slack.control("clock", skip_s=61)
        await slack.client.chat_update(channel=channel, ts=ts, text="51")


async def test_reactions_need_their_scope_and_come_once(slack: LocalSlack) -> None:
    channel = slack.channel("general")
    ts = (await slack.client.chat_postMessage(channel=channel, text="x"))["ts"]
    with pytest.raises(SlackApiError, match="missing_scope"):
        await slack.client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    async with local_slack(manifest(also=("reactions:write",))) as other:
        channel = other.channel("general")
        ts = (await other.client.chat_postMessage(channel=channel, text="x"))["ts"]
        await other.client.reactions_add(channel=channel, timestamp=ts, name="eyes")
        with pytest.raises(SlackApiError, match="already_reacted"):
            await other.client.reactions_add(channel=channel, timestamp=ts, name="eyes")
        assert other.messages("general")[0]["reactions"][0]["count"] == 1
