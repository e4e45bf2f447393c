"""Every model at fal from a submit to a link, through our gateway and the sandbox's queue."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from PIL import Image

from domain.catalog import CATALOG
from domain.gateway import Accepted, Ended, Finished, Intent, Progress, Remote
from domain.offer import GatewayName, Offer, estimate
from domain.preferences import Preferences
from domain.request import REFERENCE_IMAGE, TAIL_IMAGE, Work
from domain.resolving import resolve
from domain.spoken import Agent, Kind
from gateways.fal import Fal
from gateways.http import Http
from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from tests.factories import clip
from tests.integration.gateway_servers import WallClock

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFERS = [offer for offer in CATALOG if offer.gateway is GatewayName.FAL]


@dataclass
class World:
    vendors: Vendors
    fal: Fal
    picture: str = ""

    async def made(
        self, offer: Offer, work: Work, links: dict[str, str], *, wished: bool = True
    ) -> Progress:
        """How a submit ends."""
        intent = Intent(
            execution_id="e",
            attempt=1,
            key=f"key of {offer.name} {sorted(links)}",
            offer=offer,
            work=work,
            links=links,
            wished=wished,
        )
        accepted = await self.fal.submit(intent, timeout_s=5)
        assert isinstance(accepted, Accepted), accepted
        remote = Remote(accepted.remote_id, accepted.handle, offer)
        async with asyncio.timeout(20):
            while not isinstance(seen := await self.fal.check(remote), Finished | Ended):
                await asyncio.sleep(0.02)
        return seen


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world() -> AsyncIterator[World]:
    vendors = await start(Faults(), Traffic(), pace_s=0.02)
    at, http = vendors.addresses, Http(WallClock())
    fal = Fal(
        http,
        key=at["fal_key"],
        queue_url=at["fal_queue_url"],
        rest_url=at["fal_rest_url"],
        cdn_url=at["fal_cdn_url"],
        api_url=at["fal_api_url"],
    )
    sketch = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(sketch, "PNG")
    picture = await fal.upload(sketch.getvalue(), "image/png", "picture.png")
    yield World(vendors, fal, picture)
    await http.aclose()
    await vendors.close()


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
async def test_each_offer_makes_what_it_is_asked_for(world: World, offer: Offer) -> None:
    limits = offer.limits
    asked: Work = Agent(prompt="an ad") if offer.kind is Kind.AGENT else clip()
    work = resolve(asked, offer, Preferences())
    links = {REFERENCE_IMAGE: world.picture} if limits.needs_image else {}

    finished = await world.made(offer, work, links)

    assert isinstance(finished, Finished), finished
    assert finished.served_from == offer.endpoint
    paid = world.vendors.ledger()[-1]
    assert paid["endpoint"] == offer.endpoint
    assert estimate(offer, work).micro_usd >= paid["usd"] * 1e6 - 10_000


@pytest.mark.parametrize(
    "offer", [each for each in OFFERS if each.limits.tail_image], ids=lambda offer: offer.name
)
async def test_each_offer_with_a_last_frame_gets_both(world: World, offer: Offer) -> None:
    work = resolve(clip(), offer, Preferences())
    links = {REFERENCE_IMAGE: world.picture, TAIL_IMAGE: world.picture}

    assert isinstance(await world.made(offer, work, links), Finished)
    paid = world.vendors.ledger()[-1]
    assert len(paid["images"]) == 2
    assert paid["endpoint"] == (offer.frames_endpoint or offer.image_endpoint)


@pytest.mark.parametrize(
    "offer", [each for each in OFFERS if each.limits.references_max], ids=lambda offer: offer.name
)
async def test_pictures_that_guide_have_an_endpoint_of_their_own(
    world: World, offer: Offer
) -> None:
    work = resolve(clip(prompt="@Image1 beside @Image2"), offer, Preferences())
    links = {f"references.{n}": world.picture for n in range(2)}

    assert isinstance(await world.made(offer, work, links), Finished)
    paid = world.vendors.ledger()[-1]
    assert paid["endpoint"] == offer.references_endpoint
    assert len(paid["images"]) == 2


async def test_a_wish_forbids_fals_own_substitution(world: World) -> None:
    """`X-Fal-Served-From` says who made it, where it is somebody else."""
    offer = next(each for each in OFFERS if each.model.name == "veo3")
    world.vendors.fal.switches.set("served_from", "fal-ai/veo3/fast")
    work = resolve(clip(), offer, Preferences())

    wished = await world.made(offer, work, {})
    unwished = await world.made(offer, work, {}, wished=False)
    world.vendors.fal.switches.reset()

    assert isinstance(wished, Finished)
    assert isinstance(unwished, Finished)
    assert (wished.served_from, unwished.served_from) == ("fal-ai/veo3", "fal-ai/veo3/fast")
