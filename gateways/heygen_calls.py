"""How HeyGen's API is called: our key, its refusals, and its notices of the end of v1 and v2."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from domain.gateway import Accepted, Intent, NotSent, Rejected, Submission, Uncertain, Unreadable
from domain.request import Clip
from domain.spoken import Agent
from gateways import heygen_failures
from gateways.classify import Answer, Dialect, classify_answer
from gateways.heygen_progress import unfamiliar_word
from gateways.http import Body, Http, Wire, json_body
from gateways.lenient import Lenient, Maybe, UnfamiliarWords, read_json
from gateways.redact import detail

API_URL = "https://api.heygen.com"
# v2 lists more than a thousand avatars in one answer (postiz-app#1838).
LIST_MAX_BYTES = 16 * 1024 * 1024
LIST_TIMEOUT_S = 30.0
CURRENT = "/v3/"

_log = logging.getLogger(__name__)


class _Warning(Lenient):
    message: Maybe[str] = None


class _Warned(Lenient):
    warning: Maybe[_Warning] = None


class Calls:
    """HeyGen's API host with one key. Raises ValueError for an address or key that cannot be used;
    the message has neither."""

    def __init__(self, http: Http, *, api_key: str, api_url: str = API_URL) -> None:
        self.secrets = (api_key,)
        self.base_url = api_url
        self._wire: Wire = http.bind(api_url, headers={"X-Api-Key": api_key}, secrets=self.secrets)
        self.refused = partial(heygen_failures.refused, secrets=self.secrets)
        self._unfamiliar = UnfamiliarWords("heygen")
        self._ending: set[str] = set()

    async def submit(
        self,
        intent: Intent,
        path: str,
        content: bytes,
        *,
        accepted: Callable[[Answer], Accepted | None],
        timeout_s: float,
    ) -> Submission:
        """The one paid POST of a road, with the intent's key.

        The key is sent to every endpoint; which of them honours it is the offer's `dedupe`.
        """
        answer = await self._post(path, content, key=intent.key, timeout_s=timeout_s)
        if not isinstance(answer, Answer):
            return answer
        self._notice_end(answer, intent.offer.road)
        if intent.continues:
            ended = heygen_failures.conversation_refused(answer, self.secrets)
            if ended is not None:
                return ended
        named = _names_something(intent)
        missing = heygen_failures.missing_input(answer, self.secrets, named=named)
        if missing is not None:
            return Rejected(missing)
        return classify_answer(answer, Dialect(accepted=accepted, refused=self.refused))

    async def pay(
        self,
        path: str,
        content: bytes,
        *,
        key: str,
        accepted: Callable[[Answer], Accepted | None],
        timeout_s: float,
    ) -> Submission:
        """A paid POST that is no video."""
        answer = await self._post(path, content, key=key, timeout_s=timeout_s)
        if not isinstance(answer, Answer):
            return answer
        return classify_answer(answer, Dialect(accepted=accepted, refused=self.refused))

    async def _post(
        self, path: str, content: bytes, *, key: str, timeout_s: float
    ) -> Answer | NotSent | Uncertain:
        headers = {"idempotency-key": key}
        return await self._wire.submit(path, content, timeout_s=timeout_s, headers=headers)

    async def read(
        self, path: str, *, method: str = "GET", content: bytes | None = None
    ) -> Answer | Unreadable:
        """A call that may be repeated, of our own host."""
        body = None if content is None else json_body(content)
        answer = await self._wire.read(method, path, body=body)
        if isinstance(answer, Answer) and (word := unfamiliar_word(answer)) is not None:
            self._unfamiliar.notice(word)
        return answer

    async def list(self, path: str) -> Answer | Unreadable:
        """A list, or a page of one."""
        return await self._wire.read(
            "GET", path, timeout_s=LIST_TIMEOUT_S, max_bytes=LIST_MAX_BYTES
        )

    async def put(self, path: str, body: Body) -> Answer | Unreadable:
        """POST a file or a word about one, which costs nothing and may be repeated."""
        return await self._wire.read("POST", path, body=body)

    def _notice_end(self, answer: Answer, road: str) -> None:
        """Say once a road that HeyGen announces its end: `Sunset` (RFC 8594), `Deprecation`, or a
        `warning` beside the data (postiz-app#1838)."""
        warned = read_json(_Warned, answer.body)
        words = warned.warning.message if warned and warned.warning else None
        announced = words or not {"sunset", "deprecation"}.isdisjoint(answer.headers)
        if not announced or road in self._ending:
            return
        self._ending.add(road)
        date = answer.headers.get("sunset", "")
        said = detail(" ".join(filter(None, (date, words))), self.secrets)
        _log.warning("heygen announces the end of %s: %s", road, said)


def _names_something(intent: Intent) -> bool:
    """Whether the work names an avatar, a voice, a template or a file, which may not be there (any
    more); a bare 404 about anything else is about the endpoint, and on v1 and v2, whose end HeyGen
    has announced, always."""
    if not intent.offer.road.startswith(CURRENT):
        return False
    match work := intent.work:
        case Clip():
            return bool(work.avatars or work.media)
        case Agent():
            return any((work.avatar, work.voice, work.style, work.files, intent.continues))
        case _:
            return True
