"""Slack as the notifier and `prepare` see it: `domain.ports.Slack` over one client.

Never retries: `chat.postMessage` knows no idempotency key, so a repeated post is a second message
(slack_sdk's own handlers would repeat it). What may have happened is `SlackUnanswered`, and
`find` looks for it by the mark that every post carries as metadata.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.setting_rules import is_private
from bot.slack_answers import answered, refused
from bot.slack_clock import SlackClock
from bot.slack_transfers import SlackHosts, SlackTransfers
from domain.message import Message, SlackFile, SlackRefused, SlackUnanswered
from domain.ports import Clock

CALL_TIMEOUT_S = 15.0
OPEN_TIMEOUT_S = 2.0  # a trigger lives three seconds
CONNECT_TIMEOUT_S = 10.0
SESSION_TIMEOUT_S = 30.0
CONNECTIONS_MAX = 100

METADATA_EVENT = "dailies"
SERVERS_APART_S = 60.0  # the one that answered before a post, and the one that gave it its ts
FIND_PAGE_MESSAGES = 200
FIND_PAGES_MAX = 5

_HIDE_LINKS = {"unfurl_links": False, "unfurl_media": False}


def open_session() -> aiohttp.ClientSession:
    """The one session of all Slack calls. slack_sdk ignores its own timeout when it is given a
    session, so the session carries one."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
        timeout=aiohttp.ClientTimeout(total=SESSION_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def web_client(
    token: str | None, api_url: str, session: aiohttp.ClientSession | None
) -> AsyncWebClient:
    """Slack's client as everybody here uses it: Bolt, Socket Mode, and `SlackApi`."""
    client = AsyncWebClient(
        token=token,
        base_url=api_url,
        session=session,
        timeout=int(SESSION_TIMEOUT_S),
        retry_handlers=[],
    )
    # slack_sdk takes HTTPS_PROXY for every address and knows no NO_PROXY.
    client.proxy = _proxy_for(api_url)
    return client


class SlackApi:
    """`domain.ports.Slack`. Every call ends within `CALL_TIMEOUT_S`, bytes excepted."""

    def __init__(
        self, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self._client = client
        self._time = SlackClock(clock)
        self._session = session
        self._hosts = SlackHosts(api_url=client.base_url)
        self._transfers = SlackTransfers(
            session, self._hosts, token=client.token or "", proxy=client.proxy
        )

    def now(self) -> float | None:
        """Slack's own time, Unix seconds."""
        return self._time.now()

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        mark: str | None = None,
    ) -> str:
        """`chat.postMessage`; the new message's `ts`."""
        more: dict[str, Any] = {**_HIDE_LINKS}
        if thread_ts is not None:
            more |= {"thread_ts": thread_ts, "reply_broadcast": broadcast}
        if mark is not None:
            payload = {"mark": mark}
            more["metadata"] = {"event_type": METADATA_EVENT, "event_payload": payload}
        more |= _content(message)
        body = await self._call("chat.postMessage", {"channel": channel, **more})
        return str(body["ts"])

    async def find(
        self, channel: str, *, thread_ts: str | None, mark: str, oldest: float | None
    ) -> str | None:
        """Look through the channel, or the thread, from `SERVERS_APART_S` before `oldest` on.

        With `oldest` Slack begins with what is nearest to it, without at the newest message
        (slackhq/slack-api-docs#4), so the pages are enough either way.
        """
        method = "conversations.history" if thread_ts is None else "conversations.replies"
        query: dict[str, Any] = {
            "channel": channel,
            "limit": FIND_PAGE_MESSAGES,
            "include_all_metadata": True,
        }
        if oldest is not None:
            query["oldest"] = f"{oldest - SERVERS_APART_S:.6f}"
        if thread_ts is not None:
            query["ts"] = thread_ts
        for _ in range(FIND_PAGES_MAX):
            body = await self._call(method, query, verb="GET")
            if ts := _marked(body.get("messages") or [], mark):
                return ts
            query["cursor"] = (body.get("response_metadata") or {}).get("next_cursor") or ""
            if not query["cursor"]:
                return None
        return None

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """`chat.update`: the message is then exactly `message`; doing it twice is harmless."""
        arguments = {"channel": channel, "ts": ts, **_content(message), **_HIDE_LINKS}
        await self._call("chat.update", arguments)

    async def permalink(self, channel: str, ts: str) -> str:
        """`chat.getPermalink`."""
        where = {"channel": channel, "message_ts": ts}
        body = await self._call("chat.getPermalink", where, verb="GET")
        return str(body["permalink"])

    async def whisper(
        self, channel: str, user: str, message: Message, *, thread_ts: str | None = None
    ) -> None:
        """`chat.postEphemeral`."""
        arguments = {"channel": channel, "user": user, **_content(message)}
        if thread_ts is not None:
            arguments["thread_ts"] = thread_ts
        await self._call("chat.postEphemeral", arguments)

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """`views.open`."""
        async with answered(OPEN_TIMEOUT_S):
            await self._client.views_open(trigger_id=trigger_id, view=dict(view))

    async def update_view(self, view_id: str, hash_: str, view: Mapping[str, Any]) -> None:
        """`views.update`."""
        async with answered(OPEN_TIMEOUT_S):
            await self._client.views_update(view_id=view_id, hash=hash_, view=dict(view))

    async def direct(self, user: str, message: Message) -> None:
        """Open the person's conversation with us, then post there."""
        body = await self._call("conversations.open", {"users": user})
        await self.post(str(body["channel"]["id"]), message)

    async def respond(self, response_url: str, message: Message) -> None:
        """Only the person sees it, and what they pressed stays. Five answers in 30 minutes
        (docs.slack.dev/interactivity/handling-user-interaction); then `SlackRefused`."""
        if not self._hosts.is_response_link(response_url):
            raise SlackRefused("response_url_not_slack")
        body = {"response_type": "ephemeral", "replace_original": False, **_content(message)}
        async with (
            answered(CALL_TIMEOUT_S),
            self._session.post(
                response_url, json=body, proxy=self._client.proxy, allow_redirects=False
            ) as response,
        ):
            word = (await response.text(errors="replace")).strip()
            if response.status != 200:
                raise refused(response.status, response.headers, word[:80] or "expired_url")

    async def reserve_file(self, filename: str, size_bytes: int) -> tuple[str, str]:
        """`files.getUploadURLExternal`: (file id, upload link). No `alt_txt`: with it Slack says
        ok and never shares the file (slackapi/python-slack-sdk#1818)."""
        arguments = {"filename": filename, "length": size_bytes}
        body = await self._call("files.getUploadURLExternal", arguments, verb="GET")
        return str(body["file_id"]), str(body["upload_url"])

    async def upload(self, link: str, chunks: AsyncIterator[bytes], size_bytes: int) -> None:
        """Stream the bytes to the link that `reserve_file` gave."""
        await self._transfers.upload(link, chunks, size_bytes)

    async def share(
        self, file_id: str, *, title: str, channel: str, thread_ts: str, comment: str
    ) -> None:
        """`files.completeUploadExternal`. Slack shares later, and sometimes never: `shared_at`."""
        arguments: dict[str, Any] = {
            "files": [{"id": file_id, "title": title}],
            "channel_id": channel,
            "thread_ts": thread_ts,
        }
        if comment:
            arguments["initial_comment"] = comment
        await self._call("files.completeUploadExternal", arguments)

    async def discard_file(self, file_id: str) -> None:
        """`files.delete`. What is gone already is as good as deleted."""
        try:
            await self._call("files.delete", {"file": file_id})
        except SlackRefused as refused:
            if refused.code not in {"file_not_found", "file_deleted"}:
                raise

    async def shared_at(self, file_id: str, channel: str) -> str | None:
        """`files.info`: where the file is seen. One that was never finished is not known."""
        try:
            shares = (await self._file(file_id)).get("shares") or {}
        except SlackRefused as refused:
            if refused.code != "file_not_found":
                raise
            return None
        for kind in ("public", "private"):
            for share in (shares.get(kind) or {}).get(channel) or []:
                return str(share["ts"])
        return None

    async def file(self, file_id: str) -> SlackFile:
        """`files.info`. A file that was deleted or lives elsewhere is `SlackRefused`."""
        file = await self._file(file_id)
        url = file.get("url_private_download") or file.get("url_private")
        if not url or file.get("mode") in {"tombstone", "external", "hidden_by_limit"}:
            raise SlackRefused("file_not_found")
        return SlackFile(
            id=file_id,
            name=str(file.get("name") or file_id),
            media_type=str(file.get("mimetype") or "application/octet-stream"),
            size_bytes=int(file.get("size") or 0),
            url=str(url),
            width_px=file.get("original_w"),
            height_px=file.get("original_h"),
        )

    def download(self, file: SlackFile) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody posted, as many as its kind may have
        (`domain.file_limits`)."""
        return self._transfers.download(file)

    async def _file(self, file_id: str) -> dict[str, Any]:
        body = await self._call("files.info", {"file": file_id}, verb="GET")
        file = body.get("file")
        return file if isinstance(file, dict) else {}

    async def _call(
        self, method: str, arguments: dict[str, Any], *, verb: str = "POST"
    ) -> dict[str, Any]:
        """One Web API call. A body without what was promised is unanswered, not a bug of ours."""
        async with answered(CALL_TIMEOUT_S):
            if verb == "GET":
                answer = await self._client.api_call(method, http_verb="GET", params=arguments)
            else:
                answer = await self._client.api_call(method, json=arguments)
            self._time.hear(answer.headers)
            if not isinstance(answer.data, dict):
                raise ValueError("not a JSON object")
            return _Promised(answer.data)


class _Promised(dict[str, Any]):
    """An answer whose missing member means that we do not know what Slack did."""

    def __missing__(self, name: str) -> Any:
        raise SlackUnanswered(f"the answer has no {name}")


def _content(message: Message) -> dict[str, Any]:
    """Text alone removes the blocks that were there (docs: /reference/methods/chat.update)."""
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}


def _marked(messages: Sequence[dict[str, Any]], mark: str) -> str | None:
    for message in messages:
        metadata = message.get("metadata") or {}
        is_ours = metadata.get("event_type") == METADATA_EVENT and message.get("bot_id")
        if is_ours and (metadata.get("event_payload") or {}).get("mark") == mark:
            return str(message["ts"])
    return None


def _proxy_for(url: str) -> str | None:
    """The proxy of the environment for this address. None for this machine's network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_private(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
