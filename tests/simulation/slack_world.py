"""Slack as everybody in it sees it: messages, files, and who is where. It outlives the bot."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation import surfaces
from tests.simulation.concern import Named, current_subject, subject_of
from tests.simulation.facts import ADMIN as ADMIN
from tests.simulation.facts import EPOCH, PICTURE_MAGIC, SOUND_MAGIC
from tests.simulation.facts import TEAMS as TEAMS

if TYPE_CHECKING:
    from tests.simulation.world import World

BOT_USER, BOT_ID, BOT_NAME = "UBOT", "BBOT", "dailies"
SHARE_DELAY_S = (0.0, 2.0)
TOLD_SHARE = 0.5  # of the removals; the others show at the first call that is refused


@dataclass(slots=True)
class Said:
    """One message. `texts` is everything it ever said, with the time it said so first; `stuck` why
    it can't be edited any more."""

    channel: str
    ts: str
    thread_ts: str | None
    author: str
    text: str
    blocks: list[dict[str, Any]]
    mark: str | None = None
    file_id: str | None = None
    deleted: bool = False
    stuck: str | None = None
    broadcast: bool = False  # shown in the channel, too
    texts: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Whisper:
    """Words for one person alone, where they saw them and when."""

    channel: str
    user: str
    text: str
    at: float


@dataclass(slots=True)
class File:
    """A file that is, or is to be, in Slack."""

    id: str
    name: str
    size_bytes: int
    content: bytes | None = None
    media_type: str = ""  # of what somebody posted
    shared_at: float | None = None
    place: tuple[str, str, str] | None = None  # channel, thread, comment
    ts: str | None = None


class NoSuch(Exception):
    """Slack's error word."""


def channel_of(team: int, number: int) -> str:
    """A channel of a team. Its name says whose it is."""
    return f"C{team}X{number}"


def team_of(channel: str) -> str:
    """The team of a channel."""
    return TEAMS[int(channel[1])]


def person_of(team: int, number: int) -> str:
    """A person of a team."""
    return f"U{team}X{number}"


class SlackWorld:
    """What is in Slack."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.messages: dict[tuple[str, str], Said] = {}
        self.whispers: list[Whisper] = []
        self.shown_alone: list[tuple[str, list[dict[str, Any]]]] = []
        self.files: dict[str, File] = {}
        self.triggers: dict[str, str] = {}  # whose click each trigger is: a team
        self.opened: dict[str, dict[str, Any]] = {}  # modals by the trigger of each
        self._by_subject: defaultdict[str, list[Said]] = defaultdict(list)
        self._unshown: list[File] = []
        self._closed: dict[str, str] = {}
        self._is_uninstalled = False
        self.was_closed = self.was_refused = False
        self._last_ts = 0.0
        self._counter = 0

    def call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One Web API call that Slack carries out. Raises `NoSuch`."""
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            self._world.checker.breach("HARNESS", f"the simulated Slack has no {method}")
            raise NoSuch("unknown_method")
        return {"ok": True, **handler(arguments)}

    def about(self, method: str, arguments: dict[str, Any]) -> str | None:
        """Which request, shot or execution a call is about."""
        mark = (arguments.get("metadata") or {}).get("event_payload", {}).get("mark")
        said = self.messages.get((arguments.get("channel", ""), arguments.get("ts", "")))
        if mark is None and said is not None and method != "conversations.replies":
            mark = said.mark
        return subject_of(mark) or current_subject()

    def close(self, channel: str, kind: str) -> None:
        """Nothing can be said in a channel any more, until all is healed."""
        if not self._world.faults.healed:
            self._closed[channel] = kind
        self.was_closed = True

    def uninstall(self) -> None:
        """Our token is worth nothing until the bot is installed again."""
        if not self._is_uninstalled and not self._world.faults.healed:
            self._world.faults.noted("slack.uninstalled")
            if self._world.faults.between(0, 1) < TOLD_SHARE:
                self._world.outside(self._world.tell_of_removal())
        self._is_uninstalled = not self._world.faults.healed
        self.was_refused = True

    def reopen(self) -> None:
        """All is as it was."""
        self._closed.clear()
        self._is_uninstalled = False
        self._world.silence.installed()

    def refusal(self, arguments: dict[str, Any]) -> str | None:
        """The fault that holds for a call, whatever else is drawn."""
        if self._is_uninstalled:
            self._world.silence.refused(arguments)
            return "slack.revoked"
        return self._closed.get(str(arguments.get("channel", "")))

    def say(self, channel: str, author: str, text: str, *, thread_ts: str | None = None) -> Said:
        """Somebody posts a message."""
        return self._put(channel, author, text, [], thread_ts)

    def post_picture(self) -> File:
        """A person has a picture in Slack."""
        file = File(self._name("F"), "cat.png", len(PICTURE_MAGIC), PICTURE_MAGIC, "image/png")
        self.files[file.id] = file
        return file

    def post_recording(self, name: str, length_s: float, *, token: str) -> File:
        """A person has said something into Slack, so long, for one story."""
        content = SOUND_MAGIC + f"{length_s} s {token}".encode()
        file = File(self._name("F"), name, len(content), content, "audio/mp4")
        self.files[file.id] = file
        return file

    def received(self, link: str, content: bytes) -> None:
        """Bytes came to an upload link."""
        self.files[link.rsplit("/", 1)[1]].content = content

    def responded(self, link: str, message: dict[str, Any]) -> None:
        """Words through a `response_url`, for its person alone."""
        user = link.rsplit("/", 1)[1]
        surfaces.said(self._world, f"D{user}", message)
        text = str(message["text"])
        self.whispers.append(Whisper(f"D{user}", user, text, self._world.loop.time()))
        self.shown_alone.append((user, message.get("blocks") or []))

    def was_told(self, user: str) -> bool:
        """Whether we ever said something to a person directly."""
        place = f"D{user}"
        return any(said.channel == place for said in self.messages.values()) or any(
            whisper.channel == place for whisper in self.whispers
        )

    def said_directly(self, user: str) -> list[str]:
        """What we ever said to a person directly."""
        place = f"D{user}"
        return [said.text for said in self.messages.values() if said.channel == place]

    def settle(self) -> None:
        """Share what is due to be shown by now."""
        now = self._world.loop.time()
        due = [file for file in self._unshown if (file.shared_at or 0.0) <= now]
        for file in due:
            self._unshown.remove(file)
            assert file.place is not None
            channel, thread_ts, comment = file.place
            said = self._put(channel, BOT_ID, comment, [], thread_ts)
            said.file_id, file.ts = file.id, said.ts

    def of(self, subject: str) -> list[Said]:
        """Our own messages about one subject, as their marks say: `card:<id>` or `take:<id>`."""
        return self._by_subject[subject]

    def beginning(self, kind: str, channel: str) -> list[Said]:
        """Our own cards or takes in a channel."""
        return [
            said
            for subject, messages in self._by_subject.items()
            if subject.startswith(kind)
            for said in messages
            if said.channel == channel
        ]

    def _put(
        self,
        channel: str,
        author: str,
        text: str,
        blocks: list[dict[str, Any]],
        thread_ts: str | None,
    ) -> Said:
        now = EPOCH + self._world.loop.time()
        self._last_ts = max(now, self._last_ts + 0.000_01)
        ts = f"{self._last_ts:.6f}"
        said = Said(channel, ts, thread_ts, author, text, blocks)
        said.texts.append((self._world.loop.time(), text))
        self.messages[channel, ts] = said
        about = Named(frozenset({ts, str(thread_ts)}))
        if author == BOT_ID and self._world.faults.draws("in.echo", about=about):
            self._world.outside(self._world.echo(said))
        return said

    def _name(self, prefix: str) -> str:
        self._counter += 1
        return f"{prefix}{self._counter:04}"

    def _found(self, channel: str, ts: str) -> Said:
        said = self.messages.get((channel, ts))
        if said is None or said.deleted:
            raise NoSuch("message_not_found")
        return said

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAMS[0], "user_id": BOT_USER, "bot_id": BOT_ID, "user": BOT_NAME}

    def _chat_postMessage(self, a: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 -- Slack's name
        surfaces.said(self._world, a["channel"], a)
        thread_ts = a.get("thread_ts")
        if thread_ts is not None:
            self._found(a["channel"], thread_ts)
        said = self._put(a["channel"], BOT_ID, a["text"], a.get("blocks") or [], thread_ts)
        said.broadcast = bool(a.get("reply_broadcast"))
        said.mark = (a.get("metadata") or {}).get("event_payload", {}).get("mark")
        self._by_subject[(said.mark or "").partition("/")[0]].append(said)
        return {"ts": said.ts, "channel": said.channel}

    def _chat_update(self, a: dict[str, Any]) -> dict[str, Any]:
        surfaces.said(self._world, a["channel"], a)
        said = self._found(a["channel"], a["ts"])
        if said.stuck is not None:
            raise NoSuch(said.stuck)
        said.text, said.blocks = a["text"], a.get("blocks") or []
        said.texts.append((self._world.loop.time(), said.text))
        return {"ts": said.ts}

    def _chat_postEphemeral(self, a: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 -- Slack's
        surfaces.said(self._world, a["channel"], a)
        now = self._world.loop.time()
        self.whispers.append(Whisper(a["channel"], a["user"], a["text"], now))
        self.shown_alone.append((a["user"], a.get("blocks") or []))
        return {"message_ts": "0"}

    def _chat_getPermalink(self, a: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 -- Slack's
        return {"permalink": f"https://x.slack.com/archives/{a['channel']}/p{a['message_ts']}"}

    def _conversations_open(self, a: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": f"D{a['users']}"}}

    def _conversations_history(self, a: dict[str, Any]) -> dict[str, Any]:
        return self._listed(a, None)

    def _conversations_replies(self, a: dict[str, Any]) -> dict[str, Any]:
        return self._listed(a, a["ts"])

    def _listed(self, a: dict[str, Any], thread_ts: str | None) -> dict[str, Any]:
        found = [
            {
                "ts": said.ts,
                "bot_id": said.author if said.author == BOT_ID else None,
                "metadata": {"event_type": "dailies", "event_payload": {"mark": said.mark}},
            }
            for said in self.messages.values()
            if said.channel == a["channel"]
            and (said.thread_ts == thread_ts or said.ts == thread_ts)
            and float(said.ts) >= float(a.get("oldest", 0.0))
            and not said.deleted
        ]
        return {"messages": found}

    def _files_getUploadURLExternal(self, a: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        surfaces.said(self._world, "", {"text": a["filename"]})
        file = File(self._name("F"), a["filename"], int(a["length"]))
        self.files[file.id] = file
        return {"file_id": file.id, "upload_url": f"https://files.slack.com/upload/{file.id}"}

    def _files_completeUploadExternal(self, a: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        file = self.files[a["files"][0]["id"]]
        if file.content is None or len(file.content) != file.size_bytes:
            raise NoSuch("file_upload_size_mismatch")
        said = {"text": a.get("initial_comment", ""), "blocks": _title(a["files"][0])}
        surfaces.said(self._world, a["channel_id"], said)
        file.place = (a["channel_id"], a["thread_ts"], a.get("initial_comment", ""))
        if not self._world.faults.strikes("slack.not_shared"):
            file.shared_at = self._world.loop.time() + self._world.latency(*SHARE_DELAY_S)
            self._unshown.append(file)
        return {"files": [{"id": file.id}]}

    def _files_info(self, a: dict[str, Any]) -> dict[str, Any]:
        self.settle()
        file = self.files.get(a["file"])
        if file is None:
            raise NoSuch("file_not_found")
        if file.media_type:
            url = f"https://files.slack.com/{file.id}"
            picture = {"name": file.name, "mimetype": file.media_type, "size": file.size_bytes}
            return {"file": {"id": file.id, "url_private": url, **picture}}
        shares = {"public": {file.place[0]: [{"ts": file.ts}]}} if file.ts and file.place else {}
        return {"file": {"id": file.id, "shares": shares}}

    def _files_delete(self, a: dict[str, Any]) -> dict[str, Any]:
        """Gone, from its thread too; a share that was still to come never comes."""
        self.settle()
        file = self.files.pop(a["file"], None)
        if file is None:
            raise NoSuch("file_not_found")
        if file in self._unshown:
            self._unshown.remove(file)
        if file.ts is not None and file.place is not None:
            self.messages[file.place[0], file.ts].deleted = True
        return {}

    def _views_open(self, a: dict[str, Any]) -> dict[str, Any]:
        trigger, view = str(a["trigger_id"]), a["view"]
        view = json.loads(view) if isinstance(view, str) else view
        place = self.triggers.get(trigger, "")
        surfaces.said(self._world, place, {"text": "", "blocks": [view]})
        self.opened[trigger] = view
        return {}


def _title(file: dict[str, Any]) -> list[dict[str, Any]]:
    """The title of a file, as strictly looked at as anything else."""
    return [{"type": "mrkdwn", "text": str(file.get("title", ""))}]
