"""Where a download may connect to: listed hosts, and of these only public addresses.

A vendor's answer names the file to fetch, and whoever can forge that answer must not reach the
network this process stands in (OWASP ASVS 5.0, 1.3.6). So a link is checked by its host before,
and the resolver on aiohttp's connector hands out only addresses that were checked: what was
looked at is what is connected to, and a second DNS answer changes nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from gateways.lenient import URL_MAX_CHARS

_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_V4_COMPATIBLE = IPv6Network("::/96")
# What a link may be made of; a backslash or a space is read differently by different parsers.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%|{}^`-]+", re.IGNORECASE)


class NotPublic(OSError):
    """A host name led to an address that is not on the public internet."""


def refusal(url: str, *, hosts: Collection[str], private_hosts: Collection[str]) -> str | None:
    """Why `url` must not be fetched, or None.

    `hosts` are exact names, or `.suffix` for every name below. Those that are also in
    `private_hosts` (what the operator configured) may be plain http, any port and any address.
    """
    host = _host_of(url)
    if host is None:
        return "not a plain http(s) link"
    if not _is_listed(host, hosts):
        return f"{host[:100]} is not a host that files may come from"
    if host in private_hosts:
        return None
    if not url.lower().startswith("https://"):
        return "not https"
    return None if urlsplit(url).port in {None, 443} else "not the https port"


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also when it hides an IPv4 one.

    Python calls `64:ff9b::/96`, `2002::/16` and `::/96` global whatever they embed.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        embedded = _embedded_v4(ip)
        if embedded is not None:
            return is_public(str(embedded))
        if ip.is_site_local or ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class PinnedResolver(AbstractResolver):
    """Resolves for aiohttp's connector, which connects to exactly these addresses.

    Every address of a name must be public, or none is used; `private_hosts` are exempt.
    """

    def __init__(
        self, private_hosts: Collection[str], *, resolver: AbstractResolver | None = None
    ) -> None:
        self._private_hosts = private_hosts
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises `NotPublic`, and OSError where there are none."""
        found = await self._resolver.resolve(host, port, family)
        if host.lower() not in self._private_hosts and not all(
            is_public(address["host"]) for address in found
        ):
            raise NotPublic(f"{host} leads to an address that is not public")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _host_of(url: str) -> str | None:
    """The host, where two parsers agree on it and no user name stands before it."""
    if len(url) > URL_MAX_CHARS or not _PLAIN_URL.fullmatch(url):
        return None
    try:
        split, parsed = urlsplit(url), httpx.URL(url)
        agreed = split.port == (parsed.port or split.port) and split.username is None
    except (ValueError, httpx.InvalidURL):
        return None
    host = split.hostname
    return host if agreed and host and host == parsed.raw_host.decode("ascii").lower() else None


def _is_listed(host: str, hosts: Collection[str]) -> bool:
    return any(
        host.endswith(listed) if listed.startswith(".") else host == listed for listed in hosts
    )


def _embedded_v4(ip: IPv6Address) -> IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _SIX_TO_FOUR:
        return ip.sixtofour
    if ip in _NAT64 or ip in _V4_COMPATIBLE:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return None
