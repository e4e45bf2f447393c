"""HeyGen's Video Agent: an idea becomes a session, and the session a video.

The two are two things (heygen-cli `gen/video-agent.go`; vm0 PR #32989): a session learns its video
late, may end or be lost while the video is finished, and fails without a reason. So the video is
looked at as soon as it has a name, and asked for before anything is given up.

No key can be relied on here: a lost session is found again by a tag at the end of its prompt. A
session made for a conversation (`chat`) takes further messages; what it asks is told, never
answered by us. One that asks although nobody can answer it is given time to go on, counted from
when it began to ask, and then stopped (`POST …/stop`, heygen-cli `gen/video-agent.go`), which costs
nothing: left alone it could still make a video that is paid and that nobody fetches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from domain.errors import Failure, FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Earlier,
    Ended,
    Finished,
    Intent,
    Progress,
    Rejected,
    Remote,
    Rendering,
    Submission,
    Trace,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.offers.heygen import AGENTS_ROAD, VIDEOS_ROAD
from domain.spoken import QUESTION, Agent
from gateways import heygen_failures
from gateways import heygen_sessions as wire
from gateways.classify import Answer, is_remote_id
from gateways.heygen_calls import Calls
from gateways.heygen_progress import (
    ASKING_WORD,
    FAILED_WORDS,
    FINISHED_WORDS,
    decode_progress,
    failed_check,
    progress_of,
)

ASKING_GRACE_S = 300.0  # for a session that was not to ask, to go on by itself
SESSIONS_SEARCHED = 50  # one page
TRANSCRIPTS_READ = 6
CLOCKS_DIFFER_S = 300.0

# What a handle holds beside the remote id.
SESSION, MODE, KNOWN, VIDEO = "session_id", "mode", "known_videos", "video_id"
ASKING_SINCE, STOPPED = "asking_since", "stopped"


class Agents:
    """`heygen_road.Road` of `/v3/video-agents`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """A new session, or the next message of one that can be talked to; refused unsent where a
        conversation is to go on that is none."""
        earlier = _conversation(intent)
        if earlier is None and isinstance(intent.work, Agent) and intent.work.continues is not None:
            return Rejected(heygen_failures.no_conversation("it never began"))
        if earlier is None:
            path, content = AGENTS_ROAD, wire.encode_session(intent)
        else:
            path = f"{AGENTS_ROAD}/{quote(_session_id(earlier))}"
            content = wire.encode_message(intent)
        answer = await self._calls.submit(
            intent, path, content, accepted=wire.decode_accepted, timeout_s=timeout_s
        )
        if not isinstance(answer, Accepted):
            return answer
        return replace(answer, handle={**answer.handle, **_handle(intent)})

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """The session whose first message, or the conversation whose last ones, carry our tag."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._found(intent)
        except TimeoutError:
            return Uncertain("HeyGen's sessions could not be read in time")

    async def check(self, remote: Remote) -> Progress:
        """The video once it has a name, before that the session."""
        known = remote.handle.get(VIDEO)
        if known is not None:
            progress = await self._video(known)
            if isinstance(progress, Waiting | Rendering):
                return Rendering(await self._fraction(remote))
            if not isinstance(progress, Unknown):
                return progress
        answer = await self._session(remote)
        if isinstance(answer, Unreadable):
            return answer
        failed = failed_check(answer, self._calls.secrets)
        if isinstance(failed, Unknown):
            return await self._made(remote) or failed
        session = wire.decode_session(answer)
        if failed is not None or session is None:
            return failed or decode_progress(answer, self._calls.secrets)
        return await self._progress(remote, session, now=answer.at)

    async def cancel(self, remote: Remote) -> Cancellation:
        """`POST …/stop`: it stops at the next checkpoint."""
        path = f"{AGENTS_ROAD}/{quote(_session_id(remote))}/stop"
        answer = await self._calls.read(path, method="POST", content=b"{}")
        if isinstance(answer, Unreadable) or answer.status >= 500 or answer.status == 429:
            return Cancellation.UNREADABLE
        return Cancellation.REQUESTED if answer.status < 300 else Cancellation.TOO_LATE

    async def _progress(self, remote: Remote, session: wire.Session, *, now: float) -> Progress:
        """What a session says, once its video was asked."""
        new = session.video_id if session.video_id not in _known(remote) else None
        if new is not None:
            return _learning(await self._video(new), session, new)
        word = session.word
        if word in FINISHED_WORDS | FAILED_WORDS | {ASKING_WORD}:
            made = await self._made(remote)
            if made is not None:
                return made
        if word in FINISHED_WORDS:
            return Unreadable("completed without a video")
        if word in FAILED_WORDS and STOPPED not in remote.handle:
            return Ended(wire.failure_of_session(session, self._calls.secrets))
        if word in FAILED_WORDS or (word == ASKING_WORD and not session.is_unanswered):
            return await self._asking(remote, session, now)
        began_again = {ASKING_SINCE: ""} if remote.handle.get(ASKING_SINCE) else {}
        return Rendering(session.fraction, began_again)

    async def _asking(self, remote: Remote, session: wire.Session, now: float) -> Progress:
        """It waits for an answer: a conversation's next message, or nobody's. That one is stopped,
        and asked once more, because what is nearly done is finished and paid for."""
        question = _question(session, self._calls.secrets)
        if remote.handle.get(MODE) == "chat":
            return Ended(question)
        if STOPPED in remote.handle:
            return Ended(question.model_copy(update={"billed": None}))
        since = remote.handle.get(ASKING_SINCE)
        if not since:
            return Rendering(session.fraction, {ASKING_SINCE: str(now)})
        if now < float(since) + ASKING_GRACE_S:
            return Rendering(session.fraction)
        if await self.cancel(remote) is Cancellation.UNREADABLE:
            return Rendering(session.fraction)
        return Rendering(session.fraction, {STOPPED: str(now)})

    async def _session(self, remote: Remote | Earlier) -> Answer | Unreadable:
        return await self._calls.read(f"{AGENTS_ROAD}/{quote(_session_id(remote))}")

    async def _fraction(self, remote: Remote) -> float | None:
        """How far it is: only the session says so."""
        answer = await self._session(remote)
        session = None if isinstance(answer, Unreadable) else wire.decode_session(answer)
        return session.fraction if session else None

    async def _video(self, video_id: str) -> Progress:
        answer = await self._calls.read(f"{VIDEOS_ROAD}/{quote(video_id)}")
        if isinstance(answer, Unreadable):
            return answer
        return decode_progress(answer, self._calls.secrets)

    async def _made(self, remote: Remote) -> Progress | None:
        """The newest video of the session that was not there before; None without one."""
        answer = await self._calls.read(f"{AGENTS_ROAD}/{quote(_session_id(remote))}/videos")
        failed = (
            answer if isinstance(answer, Unreadable) else failed_check(answer, self._calls.secrets)
        )
        if failed is not None or isinstance(answer, Unreadable):
            return None if isinstance(failed, Unknown) else failed
        known = _known(remote)
        videos = [video for video in wire.decode_videos(answer) if video.id not in known]
        if not videos:
            return None
        made, video_id = progress_of(videos[0], self._calls.secrets), videos[0].id
        learned = {VIDEO: video_id} if video_id else {}
        return Rendering(learned=learned) if isinstance(made, Waiting | Rendering) else made

    async def _found(self, intent: Intent) -> Submission:
        earlier = _conversation(intent)
        if earlier is not None:
            return await self._found_message(intent, earlier)
        answer = await self._calls.read(f"{AGENTS_ROAD}?limit={SESSIONS_SEARCHED}")
        if isinstance(answer, Unreadable):
            return Uncertain(answer.reason)
        tag, sessions = wire.tag_of(intent.key), wire.decode_list(answer)
        named = [one.session_id for one in sessions if tag in (one.title or "")]
        for session_id in named or _worth_reading(sessions, intent.trace):
            if session_id and (named or await self._says(session_id, tag)):
                return Accepted(session_id, {SESSION: session_id, **_handle(intent)})
        return Uncertain("none of HeyGen's sessions carries this request's tag")

    async def _found_message(self, intent: Intent, earlier: Earlier) -> Submission:
        session_id, tag = _session_id(earlier), wire.tag_of(intent.key)
        if await self._says(session_id, tag):
            # Its own name for the message is lost; ours is as good, for checks ask the session.
            return Accepted(f"{session_id}:{tag}", {SESSION: session_id, **_handle(intent)})
        return Uncertain("the conversation does not have this request's message")

    async def _says(self, session_id: str, tag: str) -> bool:
        answer = await self._calls.read(f"{AGENTS_ROAD}/{quote(session_id)}")
        session = None if isinstance(answer, Unreadable) else wire.decode_session(answer)
        return session is not None and session.says(tag)


def _worth_reading(sessions: Sequence[wire.Session], trace: Trace | None) -> list[str]:
    """The sessions whose title does not say whose they are: first the one that a webhook named,
    none that another execution has, none that is older than the submit."""
    hinted = trace.hinted_id if trace else None
    others = trace.others if trace else frozenset()
    since = trace.sent_at - CLOCKS_DIFFER_S if trace else 0.0
    unclaimed = [
        one.session_id
        for one in sessions
        if one.session_id
        and one.session_id not in others
        and not wire.has_tag(one.title or "")
        and (one.created_at is None or one.created_at >= since)
    ]
    first = [hinted] if hinted and is_remote_id(hinted) else []
    return list(dict.fromkeys((*first, *unclaimed)))[:TRANSCRIPTS_READ]


def _conversation(intent: Intent) -> Earlier | None:
    """The first turn of the session that takes another message; None where there is none."""
    first = next(iter(intent.continues), None)
    return first if first is not None and first.handle.get(MODE) == "chat" else None


def _handle(intent: Intent) -> Mapping[str, str]:
    """What later checks must know: whether the session may ask, and which videos are older."""
    if _conversation(intent) is None:
        return {MODE: wire.mode_of(intent)}
    older = [name for turn in intent.continues for name in _made_in(turn)]
    return {MODE: "chat", KNOWN: ",".join(dict.fromkeys(older))}


def _made_in(turn: Earlier) -> list[str]:
    """The videos that a session had after a turn, as far as we saw them."""
    named = (turn.handle.get(VIDEO), turn.remote_video_id)
    return [*filter(None, (*turn.handle.get(KNOWN, "").split(","), *named))]


def _known(remote: Remote) -> frozenset[str]:
    return frozenset(filter(None, remote.handle.get(KNOWN, "").split(",")))


def _session_id(remote: Remote | Earlier) -> str:
    return remote.handle.get(SESSION, remote.remote_id)


def _learning(progress: Progress, session: wire.Session, video_id: str) -> Progress:
    """What a session's video says; as long as it is being made, the session knows how far."""
    match progress:
        case Finished() | Ended():
            return progress
        case _:
            return Rendering(session.fraction, {VIDEO: video_id})


def _question(session: wire.Session, secrets: tuple[str, ...]) -> Failure:
    """It made nothing and waits for an answer: the person's next message is that answer."""
    asked = wire.last_words(session, secrets) or "the agent waits for an answer"
    return Failure(kind=FailureClass.BAD_INPUT, field=QUESTION, detail=asked, billed=False)
