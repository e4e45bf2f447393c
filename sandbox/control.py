"""The control API: what the page and the tests do as people (sandbox/README.md)."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.faults import Fault
from sandbox.slack import shapes, wording
from sandbox.slack.delivery import Ack, Kind, Retry
from sandbox.slack.errors import SlackError
from sandbox.slack.interactions import Refused
from sandbox.slack.modals import View
from sandbox.slack.server import SlackServer
from sandbox.slack.striking import AFTER, BEFORE
from sandbox.slack.web_api import METHODS
from sandbox.slack.world import Channel

Json = dict[str, Any]
Handler = Callable[[Json], Awaitable[Json]]
DELIVERY_KINDS: dict[str, Kind] = {
    "command": "commands",
    "event": "events",
    "action": "interactive",
}
OTHER_TARGETS = ("upload", "file", "response_url", *DELIVERY_KINDS.values())
HEYGEN_TARGETS = (
    *("submit", "check", "cancel", "upload", "file", "history", "account", "catalog"),
    *("training", "upkeep", "preview", "endpoints", "webhook"),
)
FAL_TARGETS = (
    *("submit", "check", "result", "cancel", "upload", "file", "webhook"),
    *("storage", "history", "delete", "pricing", "billing", "meta", "jwks"),
)
RUNWARE_TARGETS = (
    *("submit", "check", "upload", "file", "account", "catalog", "quote"),
    *("webhook", "delivery"),
)
JOB_FAULTS = (
    *("fail", "refuse", "unknown_status", "stuck", "late"),
    *("no_url", "no_video_id", "session_lost", "error_200"),
)
WEBHOOK_FAULTS = (
    "lost",
    "duplicate",
    "early",
    "forged",
    "stale",
    "rotated",
    "payload_error",
    "unsigned",
)
TARGETS: dict[str, tuple[str, ...]] = {
    "slack": (*OTHER_TARGETS, *METHODS),
    "heygen": HEYGEN_TARGETS,
    "fal": FAL_TARGETS,
    "runware": RUNWARE_TARGETS,
}
FAULT_KINDS = (*BEFORE, *AFTER, "not_shared", "expired_link", *JOB_FAULTS, *WEBHOOK_FAULTS)
RETRY_REASON = "http_timeout"


class Control:
    """Every control call, as one person or as the operator of the sandbox."""

    def __init__(
        self, slack: SlackServer, ledger: Callable[[], list[Json]], reset: Callable[[], None]
    ) -> None:
        self._slack = slack
        self._workspace, self._world = slack.workspace, slack.workspace.world
        self._ledger, self._reset_all = ledger, reset

    def add_routes(self, app: web.Application) -> None:
        """Register `/control/*`."""
        for name, handler in self._posts().items():
            app.router.add_post(f"/control/{name}", posting(handler))
        app.router.add_post("/control/upload", self._upload)
        app.router.add_get("/control/state", self._state)
        app.router.add_get("/control/messages", self._messages)
        app.router.add_get("/control/ledger", self._show_ledger)
        app.router.add_get("/control/traffic", self._traffic)

    def _posts(self) -> dict[str, Handler]:
        return {
            "command": self._command,
            "message": self._message,
            "reply": self._message,
            "edit": self._edit,
            "delete": self._delete,
            "click": self._click,
            "shortcut": self._shortcut,
            "submit_view": self._submit_view,
            "close_view": self._close_view,
            "options": self._options,
            "home": self._home,
            "invite": self._invite,
            "kick": self._kick,
            "deliver_again": self._deliver_again,
            "fault": self._fault,
            "disarm": self._disarm,
            "rates": self._rates,
            "clock": self._clock,
            "disconnect": self._disconnect,
            "uninstall": self._uninstall,
            "install": self._install,
            "request_url": self._request_url,
            "reset": self._reset,
        }

    def _place(self, body: Json) -> tuple[str, Channel]:
        """Who, and where. Errors: Refused for people who are not there."""
        user, channel = self._world.user(body["user"]), self._world.channel(body["channel"])
        if user.id not in channel.members:
            raise Refused(f"{user.name} is not in {channel.name}")
        return user.id, channel

    async def _command(self, body: Json) -> Json:
        user, channel = self._place(body)
        ack = await self._slack.interactions.command(
            user, channel, body["text"], in_thread=bool(body.get("thread_ts"))
        )
        return {"ack": ack.as_json()}

    async def _message(self, body: Json) -> Json:
        """A message, or a reply where there is a `thread_ts`."""
        user, channel = self._place(body)
        message = self._typed(user, body.get("text", ""))
        if thread_ts := body.get("thread_ts"):
            if thread_ts not in channel.messages:
                raise Refused("no such thread")
            message["thread_ts"] = channel.messages[thread_ts].get("thread_ts", thread_ts)
            if body.get("broadcast"):
                message["subtype"] = "thread_broadcast"
        files = [self._workspace.files.get(file_id) for file_id in body.get("files") or []]
        if None in files:
            raise Refused("no such file")
        if not files and not message["text"].strip():
            raise Refused("nothing to send")
        if files:
            present = [file for file in files if file is not None]
            return {"ts": self._workspace.files.share(channel, present, message)["ts"]}
        return {"ts": self._world.post(channel, message)["ts"]}

    def _typed(self, user: str, text: str) -> Json:
        text = wording.stored(text, self._world.resolve_name)
        blocks = wording.rich_text(text, self._workspace.ids.fresh("", 5))
        return {
            "user": user,
            "text": text,
            "client_msg_id": str(uuid.uuid4()),
            **({"blocks": blocks} if blocks else {}),
        }

    def _own_message(self, body: Json, *, admin_may: bool = False) -> tuple[str, Channel, str]:
        user, channel = self._place(body)
        message = channel.messages.get(body["ts"])
        if message is None:
            raise Refused("no such message")
        if message.get("user") != user and not (admin_may and self._world.users[user].is_admin):
            raise Refused("that is somebody else's message")
        return user, channel, body["ts"]

    async def _edit(self, body: Json) -> Json:
        user, channel, ts = self._own_message(body)
        typed = self._typed(user, body["text"])
        edited = {"user": user, "ts": self._world.clock.ts()}
        new = {"text": typed["text"], "blocks": typed.get("blocks"), "edited": edited}
        self._world.change(channel, ts, new)
        return {}

    async def _delete(self, body: Json) -> Json:
        _, channel, ts = self._own_message(body, admin_may=True)
        self._world.delete(channel, ts)
        return {}

    async def _click(self, body: Json) -> Json:
        user = self._world.user(body["user"]).id
        if "view_id" in body:
            view = self._view(body)
            return _acked(await self._slack.interactions.click(user, view, ts="", action=body))
        channel = self._world.channel(body["channel"])
        return _acked(
            await self._slack.interactions.click(user, channel, ts=body["ts"], action=body)
        )

    async def _shortcut(self, body: Json) -> Json:
        user, interactions = self._world.user(body["user"]).id, self._slack.interactions
        if "ts" not in body:
            return _acked(await interactions.global_shortcut(user, body["callback_id"]))
        channel = self._world.channel(body["channel"])
        callback_id = body["callback_id"]
        return _acked(
            await interactions.message_shortcut(user, callback_id, channel=channel, ts=body["ts"])
        )

    def _view(self, body: Json) -> View:
        """An open view of this person. Errors: SlackError not_found, Refused."""
        view = self._workspace.modals.find(body["view_id"])
        if view.user != self._world.user(body["user"]).id:
            raise Refused("that view is on somebody else's screen")
        return view

    async def _submit_view(self, body: Json) -> Json:
        view = self._view(body)
        if not self._workspace.modals.top(view):
            raise Refused("another view is on top of it")
        answer = await self._slack.interactions.submit(view, body.get("values") or {})
        if isinstance(answer, Ack):
            return {"ack": answer.as_json()}
        raise Refused("the form has errors", answer)

    async def _close_view(self, body: Json) -> Json:
        view = self._view(body)
        ack = await self._slack.interactions.close(view, whole_stack=bool(body.get("clear")))
        return _acked(ack) if ack else {}

    async def _options(self, body: Json) -> Json:
        """What an external select offers for typed text."""
        user, view = self._world.user(body["user"]), self._view(body)
        typed = str(body.get("value", ""))
        return _acked(
            await self._slack.interactions.suggest(
                user.id, view, action_id=body["action_id"], typed=typed
            )
        )

    async def _home(self, body: Json) -> Json:
        """A person opens the app's Home (`home`) or its DM (`messages`)."""
        self._slack.events.home_opened(self._world.user(body["user"]).id, body.get("tab", "home"))
        return {}

    async def _invite(self, body: Json) -> Json:
        self._world.join(self._world.channel(body["channel"]), self._world.user("ada").id)
        return {}

    async def _kick(self, body: Json) -> Json:
        self._world.leave(self._world.channel(body["channel"]))
        return {}

    async def _deliver_again(self, body: Json) -> Json:
        """The same delivery once more; with `retry` also with retry headers (events only)."""
        kind = DELIVERY_KINDS[body["kind"]]
        retry = Retry(1, RETRY_REASON) if body.get("retry") and kind == "events" else None
        index, times = int(body.get("index", -1)), int(body.get("times", 1))
        acks = [await self._workspace.delivery.again(kind, index, retry) for _ in range(times)]
        return {"acks": [ack.as_json() for ack in acks]}

    async def _fault(self, body: Json) -> Json:
        _need_known(body["target"], body["kind"])
        fault = Fault(
            target=body["target"],
            kind=body["kind"],
            times=int(body.get("times", 1)),
            after=int(body.get("after", 0)),
            params=dict(body.get("params") or {}),
        )
        self._workspace.faults.arm(fault)
        return {"fault": fault.as_json()}

    async def _disarm(self, body: Json) -> Json:
        words = (body.get("target"), body.get("kind"), body.get("params"))
        return {"disarmed": self._workspace.faults.disarm(*words)}

    async def _rates(self, body: Json) -> Json:
        self._workspace.limits.strict = bool(body["strict"])
        return {"strict": self._workspace.limits.strict}

    async def _clock(self, body: Json) -> Json:
        self._workspace.clock.skip(float(body["skip_s"]))
        return {}

    async def _disconnect(self, body: Json) -> Json:
        reason = body.get("reason", "refresh_requested")
        return {"sockets": await self._workspace.sockets.disconnect(reason)}

    async def _uninstall(self, body: Json) -> Json:
        """The bot's token is refused with `error` from now on; with `tells` the app hears of it."""
        self._workspace.refusal = str(body.get("error") or "account_inactive")
        if body.get("tells", True):
            self._slack.events.uninstalled()
        return {}

    async def _install(self, _body: Json) -> Json:
        self._workspace.refusal = ""
        return {}

    async def _request_url(self, body: Json) -> Json:
        """Set it; with `verify` only if the app answers Slack's challenge."""
        http = self._workspace.http
        before, http.url = http.url, body["url"]
        if body.get("verify") and not await http.verify(self._workspace.tokens.verification):
            http.url = before
            raise Refused("the URL did not answer the challenge")
        return {}

    async def _reset(self, _body: Json) -> Json:
        self._reset_all()
        return {}

    async def _upload(self, request: web.Request) -> web.Response:
        """A person's file, not shared yet: multipart `user` and `file`."""
        form = await request.post()
        sent, user = form.get("file"), form.get("user")
        if not isinstance(sent, web.FileField) or not isinstance(user, str):
            return _refusal("multipart user and file are needed")
        content = sent.file.read()
        try:
            owner = self._world.user(user).id
        except KeyError:
            return _refusal(f"unknown: {user}")
        file = self._workspace.files.expect(sent.filename, len(content), owner)
        await self._workspace.files.fill(file, content)
        file.complete, file.title = True, sent.filename
        shape = self._workspace.files.shape(file)
        self._workspace.tell({"type": "file", "file": shape})
        return web.json_response({"ok": True, "file": shape})

    async def _state(self, _request: web.Request) -> web.Response:
        world = self._world
        whispers = [
            {"channel": message["channel"], "user": user, "message": message}
            for user, messages in world.whispers.items()
            for message in messages
        ]
        bot = {**shapes.bot_profile(world), "user_id": world.bot.id, "app_id": world.app_id}
        return web.json_response(
            {
                "ok": True,
                "team": world.team,
                "me": world.user("ada").id,
                "users": [shapes.user_shape(world, user) for user in world.users.values()],
                "channels": [self._channel(channel) for channel in world.channels.values()],
                "bot": bot,
                "manifest": self._workspace.manifest.raw,
                "messages": {c.id: list(c.messages.values()) for c in world.channels.values()},
                "ephemerals": whispers,
                "views": self._workspace.modals.as_json(),
                "faults": self._workspace.faults.as_json(),
                "fault_targets": [f"{who}:{what}" for who in TARGETS for what in TARGETS[who]],
                "fault_kinds": FAULT_KINDS,
                "sockets": self._workspace.sockets.count,
                "strict_rates": self._workspace.limits.strict,
            }
        )

    def _channel(self, channel: Channel) -> Json:
        """A channel as the page lists it: for people, not only for the bot."""
        return {
            **shapes.channel_shape(self._world, channel),
            "name": channel.name,
            "kind": channel.kind,
            "members": sorted(channel.members),
            "is_member": self._world.bot.id in channel.members,
        }

    async def _messages(self, request: web.Request) -> web.Response:
        try:
            channel = self._world.channel(request.query["channel"])
        except KeyError:
            return _refusal("unknown channel")
        return web.json_response({"ok": True, "messages": list(channel.messages.values())})

    async def _show_ledger(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "ledger": self._ledger()})

    async def _traffic(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        entries = self._workspace.traffic.since(int(since) if since.isdecimal() else 0)
        return web.json_response({"ok": True, "traffic": entries})


def _need_known(target: str, kind: str) -> None:
    """A fault that could never strike would be a test that proves nothing. Errors: Refused."""
    system, _, what = target.partition(":")
    if what not in TARGETS.get(system, ()):
        raise Refused(f"no such fault target: {target}")
    if kind not in FAULT_KINDS:
        raise Refused(f"no such fault: {kind}")


def _acked(ack: Ack) -> Json:
    return {"ack": ack.as_json()}


def _refusal(error: str, **more: Any) -> web.Response:
    return web.json_response({"ok": False, "error": error, **more}, status=400)


def posting(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Read the JSON body, answer `ok`, and turn a refusal into its sentence."""

    async def serve(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                return _refusal("the body must be a JSON object")
            return web.json_response({"ok": True, **await handler(body)})
        except Refused as refused:
            words, *errors = refused.args
            return _refusal(words, **({"errors": errors[0]} if errors else {}))
        except SlackError as error:
            return _refusal(error.code)
        except KeyError as missing:
            return _refusal(f"unknown or missing: {missing.args[0]}")
        except (IndexError, ValueError, TypeError) as error:
            return _refusal(str(error))

    return serve
