"""HeyGen's webhooks: unsigned ones at an address of ours a request, signed ones for all events.

A request's own `callback_url` is called without a signature (its token is all there is). Endpoints
that are registered once get `Heygen-Signature`, or `Signature` in v1: the hex HMAC-SHA256 of the
raw body with the endpoint's secret; the timestamp beside it is not signed, so `Heygen-Event-Id`
is what tells a replay (developers.heygen.com webhooks, docs.heygen.com). Sources differ in where
the ids stand, so they are looked for in both places.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from gateways.classify import Answer
from gateways.hooks import Delivery, Disbelief, Told, event_of, is_fresh, usable
from gateways.lenient import Lenient, Maybe, read_json

EVENT_ID_MAX_CHARS = 100


class _Ids(Lenient):
    session_id: Maybe[str] = None
    video_id: Maybe[str] = None
    video_translate_id: Maybe[str] = None


class _Body(_Ids):
    event_data: Maybe[_Ids] = None


class _Endpoint(Lenient):
    endpoint_id: Maybe[str] = None
    url: Maybe[str] = None
    secret: Maybe[str] = None
    signing_secret: Maybe[str] = None


class EndpointPage(Lenient):
    """A page of the endpoints that are registered; v1 has one page."""

    data: Maybe[list[Maybe[_Endpoint]]] = None
    has_more: Maybe[bool] = None
    next_token: Maybe[str] = None

    def id_at(self, url: str) -> str | None:
        """The id of the endpoint that is registered for an address."""
        return next(
            (each.endpoint_id for each in self.data or () if each and each.url == url), None
        )


class _Made(Lenient):
    data: Maybe[_Endpoint] = None


def ids_in(body: bytes) -> Sequence[str | None]:
    """The ids of a HeyGen event, that of a session before that of its video."""
    said = read_json(_Body, body)
    if said is None:
        return ()
    places = [said.event_data or _Ids(), said]
    return [
        found
        for place in places
        for found in (place.session_id, place.video_translate_id, place.video_id)
    ]


class HeyGenEvents:
    """Signed events of the endpoint that was registered (`HEYGEN_WEBHOOK_SECRET`)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def read(self, delivery: Delivery, now: float) -> Told | Disbelief:
        """What HeyGen says it is about. Raises nothing; never reads an unsigned body."""
        signature = delivery.only("heygen-signature")
        if signature is Disbelief.ABSENT:
            signature = delivery.only("signature")
        if isinstance(signature, Disbelief):
            return signature
        made = hmac.new(self._secret, delivery.body, hashlib.sha256).hexdigest()
        given = signature.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(made.encode(), given):
            return Disbelief.DIFFERENT
        timestamp = delivery.only("heygen-timestamp")
        if not isinstance(timestamp, Disbelief) and not is_fresh(timestamp, now):
            return Disbelief.STALE
        event = delivery.only("heygen-event-id")
        if isinstance(event, Disbelief) or not 0 < len(event) <= EVENT_ID_MAX_CHARS:
            event = event_of(delivery.body)
        return Told(usable(ids_in(delivery.body)), event, is_signed=True)


def endpoints_in(answer: Answer) -> EndpointPage | None:
    """The endpoints in an answer; None where it is no list of them."""
    page = read_json(EndpointPage, answer.body) if 200 <= answer.status < 300 else None
    return page if page is not None and page.data is not None else None


def secret_in(answer: Answer) -> str | None:
    """The secret of an endpoint that was made or rotated; sources disagree in its name."""
    made = read_json(_Made, answer.body) if 200 <= answer.status < 300 else None
    return (made.data.secret or made.data.signing_secret) if made and made.data else None
