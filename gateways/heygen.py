"""HeyGen: the seeds' workflow endpoint, the only HeyGen road to its thirteen video models.

It has no idempotency key, no list, no webhook and no cancel (seed 000): a submit whose answer is
lost stays uncertain. The legacy API was announced to end on 31 October 2026, so an endpoint that
is gone is an answer to be expected and not an error of ours.
"""

from __future__ import annotations

import logging
from enum import StrEnum
from functools import partial
from urllib.parse import quote

from domain.gateway import (
    Cancellation,
    Intent,
    Progress,
    Remote,
    Submission,
    Uncertain,
    Unreadable,
)
from domain.offer import GatewayName
from gateways import heygen_failures, heygen_wire
from gateways.classify import Answer, Dialect, classify_answer
from gateways.http import Body, Http, Wire
from gateways.lenient import UnfamiliarWords
from gateways.uploads import uploaded

API_URL = "https://api.heygen.com"
UPLOAD_URL = "https://upload.heygen.com"
# Where finished videos were seen (heygen-cli, seed 000). Links are re-signed at every check.
MEDIA_HOSTS = (".heygen.ai", ".heygen.com")

_EXECUTIONS = "/v1/workflows/executions"

_log = logging.getLogger(__name__)


class ApiVersion(StrEnum):
    """Which of HeyGen's APIs is used where it has two."""

    V2 = "v2"
    V3 = "v3"


class HeyGen:
    """`domain.ports.Gateway` on HeyGen's workflow executions."""

    name = GatewayName.HEYGEN

    def __init__(
        self,
        http: Http,
        *,
        api_key: str,
        api_url: str = API_URL,
        upload_url: str = UPLOAD_URL,
        version: ApiVersion = ApiVersion.V3,
    ) -> None:
        bind = partial(http.bind, headers={"X-Api-Key": api_key}, secrets=(api_key,))
        self._api: Wire = bind(api_url)
        self._uploads: Wire = bind(upload_url)
        self._version = version
        self._dialect = Dialect(
            accepted=heygen_wire.decode_accepted,
            refused=partial(heygen_failures.refused, secrets=(api_key,)),
        )
        self._unfamiliar = UnfamiliarWords(self.name)
        self._sunset_told = False

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """`POST /v1/workflows/executions`, once.

        The key is sent for HeyGen's own records; nothing says that this endpoint honours it.
        """
        answer = await self._api.submit(
            _EXECUTIONS,
            heygen_wire.encode_submission(intent),
            timeout_s=timeout_s,
            headers={"idempotency-key": intent.key},
        )
        if not isinstance(answer, Answer):
            return answer
        self._notice_sunset(answer)
        return classify_answer(answer, self._dialect)

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """Nothing can be looked up: no key is honoured, and there is no list (seed 000)."""
        return Uncertain("HeyGen has no list of workflow executions")

    async def check(self, remote: Remote) -> Progress:
        """`GET /v1/workflows/executions/{id}`."""
        answer = await self._api.read("GET", f"{_EXECUTIONS}/{quote(remote.remote_id, safe=':')}")
        if isinstance(answer, Unreadable):
            return answer
        if (word := heygen_wire.unfamiliar_word(answer)) is not None:
            self._unfamiliar.notice(word)
        return heygen_wire.decode_progress(answer, self._api.secrets)

    async def cancel(self, remote: Remote) -> Cancellation:
        """HeyGen has no cancel for workflow executions (seed 000)."""
        return Cancellation.NOT_OFFERED

    async def upload(self, content: bytes, media_type: str, filename: str) -> str:
        """A picture at HeyGen: `POST /v3/assets` (multipart), or the legacy upload host."""
        match self._version:
            case ApiVersion.V3:
                body = heygen_wire.encode_asset(content, media_type, filename)
                answer = await self._api.read("POST", "/v3/assets", body=body)
            case ApiVersion.V2:
                raw = Body(content, {"content-type": media_type})
                answer = await self._uploads.read("POST", "/v1/asset", body=raw)
        return uploaded(answer, read=heygen_wire.decode_asset, refused=self._dialect.refused)

    def _notice_sunset(self, answer: Answer) -> None:
        """Say once that HeyGen announces the end of this endpoint (`Sunset`, RFC 8594)."""
        if "sunset" in answer.headers and not self._sunset_told:
            self._sunset_told = True
            _log.warning("heygen announces the end of %s", _EXECUTIONS)
