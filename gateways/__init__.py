"""Whom we call and pay: one class per vendor API (`domain.ports.Gateway`), wire in and out.

`build` makes the gateways whose account is given. How to add one: `README.md` beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, assert_never

from domain.offer import GatewayName
from domain.ports import Casting, Gateway, LikenessVendor
from gateways import fal, fal_hooks, heygen, heygen_hooks, runware
from gateways.fal import Fal
from gateways.fal_hooks import FalHooks
from gateways.heygen import ApiVersion, HeyGen
from gateways.heygen_catalog import HeyGenCatalog
from gateways.hooks import Hooks, Unsigned
from gateways.http import Http, host_of
from gateways.runware import Runware
from gateways.runware_wire import Delivery

_DEFAULT_URLS = frozenset(
    {
        *(heygen.API_URL, heygen.UPLOAD_URL),
        *(fal.QUEUE_URL, fal.REST_URL, fal.CDN_URL),
        runware.API_URL,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeyGenAccount:
    """What HeyGen needs: `HEYGEN_API_KEY`, `HEYGEN_API_URL`, `HEYGEN_UPLOAD_URL`,
    `HEYGEN_API_VERSION`."""

    gateway: ClassVar[GatewayName] = GatewayName.HEYGEN
    media_hosts: ClassVar[tuple[str, ...]] = heygen.MEDIA_HOSTS

    api_key: str
    api_url: str = heygen.API_URL
    upload_url: str = heygen.UPLOAD_URL
    version: ApiVersion = ApiVersion.V3

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address of this account."""
        return self.api_url, self.upload_url


@dataclass(frozen=True, slots=True, kw_only=True)
class FalAccount:
    """What fal needs: `FAL_KEY`, `FAL_QUEUE_URL`, `FAL_REST_URL`, `FAL_CDN_URL`,
    `FAL_API_URL`, `FAL_JWKS_URL`, `FAL_WEBHOOK_USER_ID`."""

    gateway: ClassVar[GatewayName] = GatewayName.FAL
    media_hosts: ClassVar[tuple[str, ...]] = fal.MEDIA_HOSTS

    key: str
    queue_url: str = fal.QUEUE_URL
    rest_url: str = fal.REST_URL
    cdn_url: str = fal.CDN_URL
    api_url: str = fal.API_URL
    jwks_url: str = fal_hooks.JWKS_URL
    webhook_user_id: str | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address of this account."""
        return self.queue_url, self.rest_url, self.cdn_url


@dataclass(frozen=True, slots=True, kw_only=True)
class RunwareAccount:
    """What Runware needs: `RUNWARE_API_KEY`, `RUNWARE_API_URL`, and how results are wanted."""

    gateway: ClassVar[GatewayName] = GatewayName.RUNWARE
    media_hosts: ClassVar[tuple[str, ...]] = runware.MEDIA_HOSTS

    api_key: str
    api_url: str = runware.API_URL
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address of this account."""
        return (self.api_url,)


Account = HeyGenAccount | FalAccount | RunwareAccount


def build(http: Http, *accounts: Account) -> dict[GatewayName, Gateway]:
    """The gateways of these accounts. Raises ValueError where an address or a key cannot be used;
    the message has neither."""
    return {account.gateway: _gateway(http, account) for account in accounts}


def castings(http: Http, *accounts: Account) -> dict[GatewayName, Casting]:
    """The lists that these accounts can cast from. Raises ValueError as `build` does."""
    return {
        account.gateway: _catalog(http, account)
        for account in accounts
        if isinstance(account, HeyGenAccount)
    }


def likeness_vendor(http: Http, *accounts: Account) -> LikenessVendor | None:
    """Where people's own faces and voices are made: HeyGen's v3. Raises ValueError as `build`."""
    for account in accounts:
        if isinstance(account, HeyGenAccount) and account.version is ApiVersion.V3:
            return _catalog(http, account)
    return None


def hooks(http: Http, *accounts: Account) -> dict[GatewayName, Hooks]:
    """How the webhooks of these accounts are read. Raises ValueError where an address cannot be
    used."""
    return {account.gateway: _hooks(http, account) for account in accounts}


def result_hosts(
    *accounts: Account, listed: Iterable[str] = ()
) -> dict[GatewayName, frozenset[str]]:
    """Where results may come from, by gateway: the vendor's own hosts, those of its configured
    addresses, and those the operator listed (exact, or `.suffix`)."""
    everywhere = {host.lower() for host in listed}
    return {
        account.gateway: frozenset({*account.media_hosts, *map(host_of, account.urls)} | everywhere)
        for account in accounts
    }


def private_hosts(*accounts: Account, listed: Iterable[str] = ()) -> frozenset[str]:
    """The hosts that the operator named, which downloads may reach by plain http and on private
    addresses. A vendor's default address is not one, nor is a whole `.suffix`."""
    configured = {url for account in accounts for url in account.urls} - _DEFAULT_URLS
    exact = {host.lower() for host in listed if not host.startswith(".")}
    return frozenset(map(host_of, configured)) | exact


def _catalog(http: Http, account: HeyGenAccount) -> HeyGenCatalog:
    return HeyGenCatalog(
        http,
        api_key=account.api_key,
        api_url=account.api_url,
        upload_url=account.upload_url,
        version=account.version,
    )


def _gateway(http: Http, account: Account) -> Gateway:
    match account:
        case HeyGenAccount():
            return HeyGen(
                http,
                api_key=account.api_key,
                api_url=account.api_url,
                upload_url=account.upload_url,
                version=account.version,
            )
        case FalAccount():
            return Fal(
                http,
                key=account.key,
                queue_url=account.queue_url,
                rest_url=account.rest_url,
                cdn_url=account.cdn_url,
                api_url=account.api_url,
            )
        case RunwareAccount():
            return Runware(
                http,
                api_key=account.api_key,
                api_url=account.api_url,
                delivery=account.delivery,
            )
        case _:
            assert_never(account)


def _hooks(http: Http, account: Account) -> Hooks:
    match account:
        case HeyGenAccount():
            return Unsigned(heygen_hooks.ids_in)
        case FalAccount():
            return FalHooks(http, jwks_url=account.jwks_url, user_id=account.webhook_user_id)
        case RunwareAccount():
            return Unsigned(lambda _: ())  # the id is ours: its task's (runware.ai/docs, webhooks)
        case _:
            assert_never(account)
