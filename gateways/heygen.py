"""HeyGen: one account behind several roads. An offer's `road` says which one it takes.

v3 (`/v3/videos`, `/v3/video-agents`, `/v3/video-translations`, `/v3/templates`), the seeds' v1 and
v2 of the same, and the seeds' workflow endpoint, the only HeyGen road to its thirteen video models.
v1 and v2 were announced to end on 31 October 2026, so an endpoint that is gone is an answer to be
expected and not an error of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.errors import Failure, FailureClass
from domain.gateway import Cancellation, Intent, Progress, Rejected, Remote, Submission
from domain.offer import GatewayName
from domain.offers import heygen as roads
from domain.offers.workflows import WORKFLOW_ROAD
from domain.spoken import SOURCE, Translation
from domain.spoken_fitting import unsayable
from domain.stored import Content
from gateways.heygen_agents import Agents
from gateways.heygen_calls import API_URL, Calls
from gateways.heygen_legacy import OLD_AGENTS, OLD_VIDEOS, OLD_WEBM
from gateways.heygen_road import Endpoint, PlainRoad, Road
from gateways.heygen_templates import OLD_TEMPLATES, TEMPLATES
from gateways.heygen_translations import OLD_TRANSLATIONS, TRANSLATIONS
from gateways.heygen_uploads import UPLOAD_URL, ApiVersion, Uploads
from gateways.heygen_videos import VIDEOS
from gateways.heygen_workflows import WORKFLOWS
from gateways.http import Http

__all__ = ["API_URL", "MEDIA_HOSTS", "UPLOAD_URL", "ApiVersion", "HeyGen"]

# Where finished videos were seen (heygen-cli, seed 000). Links are re-signed at every check.
MEDIA_HOSTS = (".heygen.ai", ".heygen.com")

_ENDPOINTS: Mapping[str, Endpoint] = {
    WORKFLOW_ROAD: WORKFLOWS,
    roads.VIDEOS_ROAD: VIDEOS,
    roads.TRANSLATIONS_ROAD: TRANSLATIONS,
    roads.TEMPLATES_ROAD: TEMPLATES,
    roads.OLD_VIDEOS_ROAD: OLD_VIDEOS,
    roads.OLD_WEBM_ROAD: OLD_WEBM,
    roads.OLD_AGENTS_ROAD: OLD_AGENTS,
    roads.OLD_TRANSLATIONS_ROAD: OLD_TRANSLATIONS,
    roads.OLD_TEMPLATES_ROAD: OLD_TEMPLATES,
}


class HeyGen:
    """`domain.ports.Gateway` on HeyGen's APIs."""

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
        calls = Calls(http, api_key=api_key, api_url=api_url)
        self._uploads = Uploads(http, calls, upload_url=upload_url, version=version)
        self._roads: dict[str, Road] = {
            road: PlainRoad(calls, endpoint) for road, endpoint in _ENDPOINTS.items()
        }
        self._roads[roads.AGENTS_ROAD] = Agents(calls)

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """One POST on the offer's road. What its wire cannot say is refused before sending."""
        wrong = unsayable(intent.work, intent.offer)
        if wrong is not None:
            refused = Failure(kind=FailureClass.BAD_INPUT, field=wrong.field, detail=wrong.sentence)
            return Rejected(refused)
        missing = next((place for place in _places(intent) if place not in intent.links), None)
        if missing is not None:
            return Rejected(Failure(kind=FailureClass.OURS, detail=f"no link for {missing}"))
        return await self._roads[intent.offer.road].submit(intent, timeout_s=timeout_s)

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """By the same key or by a tag, where the offer's `dedupe` says so."""
        return await self._roads[intent.offer.road].look_up(intent, timeout_s=timeout_s)

    async def check(self, remote: Remote) -> Progress:
        """How far it is."""
        return await self._roads[remote.offer.road].check(remote)

    async def cancel(self, remote: Remote) -> Cancellation:
        """A session is stopped; a video that has not begun is deleted."""
        return await self._roads[remote.offer.road].cancel(remote)

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        """A file at HeyGen."""
        return await self._uploads.upload(content, media_type, filename)


def _places(intent: Intent) -> Iterator[str]:
    """Every place of the work that needs a link."""
    yield from intent.work.media
    if isinstance(intent.work, Translation):
        yield SOURCE
