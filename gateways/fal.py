"""fal: its queue, and the storage where reference pictures go.

No idempotency key exists (docs.fal.ai): each POST is a new, billable request, and the official
client re-posts a submit up to ten times. So it is not used, and a submit whose answer is lost is
looked for: as the request that a webhook named, else in the request history (`fal_history.py`).
"""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import quote

from domain.errors import Failure
from domain.gateway import (
    Accepted,
    Cancellation,
    Intent,
    Progress,
    Rejected,
    Remote,
    Submission,
    Trace,
    Uncertain,
    Unreadable,
)
from domain.offer import GatewayName
from domain.ports import UploadFailed
from domain.stored import Content
from gateways import fal_failures, fal_history, fal_inputs, fal_wire
from gateways.classify import Answer, Dialect, classify_answer, is_remote_id
from gateways.http import Body, Http, host_of, json_body, origin_of
from gateways.lenient import UnfamiliarWords
from gateways.pinning import refusal
from gateways.uploads import uploaded

QUEUE_URL = "https://queue.fal.run"
REST_URL = "https://rest.fal.ai"
API_URL = "https://api.fal.ai/v1"
CDN_URL = "https://v3.fal.media"
# Result hosts seen: v3.fal.media, v3b.fal.media (docs.fal.ai, data retention).
MEDIA_HOSTS = ("fal.media", ".fal.media")
# How long fal keeps what we upload and what it renders. A late video is adopted up to 24 h after
# its deadline, so a day is too short; fal's default is "at least 7 days".
OBJECT_LIFE_S = 3 * 24 * 3600

# Where `storage/upload/initiate` sends files (fal-client 1.0.3, fal-js 1.10.1).
_STORAGE_HOSTS = (".fal.media", "storage.googleapis.com")


class Fal:
    """`domain.ports.Gateway` on fal's queue."""

    name = GatewayName.FAL

    def __init__(
        self,
        http: Http,
        *,
        key: str,
        queue_url: str = QUEUE_URL,
        rest_url: str = REST_URL,
        api_url: str = API_URL,
        cdn_url: str = CDN_URL,
    ) -> None:
        bind = partial(http.bind, headers={"Authorization": f"Key {key}"}, secrets=(key,))
        self._http = http
        self._queue, self._rest, self._api = bind(queue_url), bind(rest_url), bind(api_url)
        # The CDN never sees the key: it takes a token that the REST host hands out.
        self._cdn = http.bind(cdn_url, secrets=(key,))
        self._storage_hosts = {*_STORAGE_HOSTS, host_of(cdn_url)}
        self._plain_hosts: set[str] = set() if cdn_url.startswith("https:") else {host_of(cdn_url)}
        self._lifecycle = fal_wire.encode_lifecycle(OBJECT_LIFE_S)
        refused = partial(fal_failures.refused, secrets=(key,))
        self._dialect = Dialect(accepted=self._accepted, refused=refused)
        self._unfamiliar = UnfamiliarWords(self.name)

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """`POST /{endpoint}`, once. Inputs that no endpoint takes are refused before sending."""
        endpoint = fal_inputs.endpoint_of(intent)
        if isinstance(endpoint, Failure):
            return Rejected(endpoint)
        headers = {"x-fal-object-lifecycle-preference": self._lifecycle}
        if intent.wished:
            # Forbids that fal answers with another model or provider (docs.fal.ai, parameters).
            headers["x-app-fal-disable-fallback"] = "true"
        answer = await self._queue.submit(
            fal_wire.submit_path(endpoint, intent.callback_url),
            fal_inputs.encode_submission(intent),
            timeout_s=timeout_s,
            headers=headers,
        )
        return classify_answer(answer, self._dialect) if isinstance(answer, Answer) else answer

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """Found by reading only: the request that a webhook named, then the request history."""
        endpoint, trace = fal_inputs.endpoint_of(intent), intent.trace
        if isinstance(endpoint, Failure) or trace is None:
            return Uncertain("nothing is known of it")
        try:
            async with asyncio.timeout(timeout_s):
                hinted = await self._hinted(endpoint, trace)
                return hinted or await self._in_history(intent, endpoint, trace)
        except TimeoutError:
            return Uncertain("fal did not tell in time what became of it")

    async def _hinted(self, endpoint: str, trace: Trace) -> Accepted | None:
        """What a webhook said, if fal says it too: the account has such a request there."""
        hinted = trace.hinted_id
        if hinted is None or hinted in trace.others or not is_remote_id(hinted):
            return None
        path = f"{fal_wire.request_path(endpoint, quote(hinted, safe=':'))}/status"
        answer = await self._queue.read("GET", path)
        return Accepted(hinted) if fal_wire.is_known(answer) else None

    async def _in_history(self, intent: Intent, endpoint: str, trace: Trace) -> Submission:
        body, cursor = fal_inputs.encode_submission(intent), None
        found: list[tuple[float, str]] = []
        for _ in range(fal_history.PAGES_MAX):
            path = fal_history.history_path(endpoint, trace, cursor)
            page = await self._api.read("GET", path)
            if isinstance(page, Unreadable) or not fal_history.is_history(page):
                return Uncertain("fal's request history cannot be read")
            found += fal_history.ours_in(page, endpoint, body, trace)
            cursor = fal_history.next_cursor(page)
            if cursor is None:
                break
        if not found:
            return Uncertain("fal's request history does not show it")
        if trace.twins and not fal_inputs.has_own_seed(intent):
            return Uncertain("what fal's request history shows may be one that is on the wire")
        return Accepted(min(found)[1])

    async def check(self, remote: Remote) -> Progress:
        """The status, and once that is COMPLETED the result: there is no other word for failed."""
        status = await self._queue.read("GET", self._address(remote, "status_url", "/status"))
        if isinstance(status, Unreadable):
            return status
        if (word := fal_wire.unfamiliar_word(status)) is not None:
            self._unfamiliar.notice(word)
        progress = fal_wire.decode_status(status, self._queue.secrets)
        if progress is not None:
            return progress
        result = await self._queue.read("GET", self._address(remote, "response_url"))
        if isinstance(result, Unreadable):
            return result
        return fal_wire.decode_result(result, status, secrets=self._queue.secrets)

    async def cancel(self, remote: Remote) -> Cancellation:
        """`PUT …/cancel`. A render that has begun may still finish and be billed."""
        answer = await self._queue.read("PUT", self._address(remote, "cancel_url", "/cancel"))
        if isinstance(answer, Unreadable):
            return Cancellation.UNREADABLE
        return fal_wire.decode_cancel(answer)

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        """A picture on fal's CDN; where that is broken, through an upload that was initiated."""
        try:
            return await self._upload_to_cdn(content, media_type, filename)
        except UploadFailed as failed:
            if failed.final:
                raise
        return await self._upload_initiated(content, media_type, filename)

    def _accepted(self, answer: Answer) -> Accepted | None:
        """An acceptance keeps only addresses of the queue itself: they are called with our key."""
        accepted = fal_wire.decode_accepted(answer)
        if accepted is None:
            return None
        own = {name: url for name, url in accepted.handle.items() if self._queue.own(url)}
        return Accepted(accepted.remote_id, own)

    def _address(self, remote: Remote, name: str, suffix: str = "") -> str:
        given = remote.handle.get(name, "")
        if self._queue.own(given):
            return given
        request_id = quote(remote.remote_id, safe=":")
        return fal_wire.request_path(remote.offer.endpoint, request_id) + suffix

    async def _upload_to_cdn(self, content: Content, media_type: str, filename: str) -> str:
        """A token first, then the bytes (fal-client 1.0.3)."""
        asked = await self._rest.read(
            "POST", "/storage/auth/token?storage_type=fal-cdn-v3", body=json_body(b"{}")
        )
        token = uploaded(asked, read=fal_wire.decode_token, refused=self._dialect.refused)
        headers = {
            "content-type": media_type,
            "authorization": token,
            "x-fal-file-name": quote(filename),
            "x-fal-object-lifecycle": self._lifecycle,
            "x-fal-object-lifecycle-preference": self._lifecycle,
        }
        answer = await self._cdn.read("POST", "/files/upload", body=Body(content, headers))
        return uploaded(answer, read=fal_wire.decode_stored, refused=self._dialect.refused)

    async def _upload_initiated(self, content: Content, media_type: str, filename: str) -> str:
        """The way fal-client falls back to: an address that takes the bytes without our key."""
        wish = fal_wire.encode_initiation(filename, media_type)
        headers = {"x-fal-object-lifecycle-preference": self._lifecycle}
        asked = await self._rest.read(
            "POST", "/storage/upload/initiate?storage_type=gcs", body=json_body(wish, headers)
        )
        place = uploaded(asked, read=self._initiated, refused=self._dialect.refused)
        storage = self._http.bind(origin_of(place.upload_url))
        body = Body(content, {"content-type": media_type})
        answer = await storage.read("PUT", place.upload_url, body=body)
        return uploaded(answer, read=lambda _: place.file_url, refused=self._dialect.refused)

    def _initiated(self, answer: Answer) -> fal_wire.Initiated | None:
        """Only storage that fal is known to use, or the configured CDN, gets people's pictures."""
        place = fal_wire.decode_initiated(answer)
        if place is None:
            return None
        refused = refusal(
            place.upload_url, hosts=self._storage_hosts, private_hosts=self._plain_hosts
        )
        return place if refused is None else None
