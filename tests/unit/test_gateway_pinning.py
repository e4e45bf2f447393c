"""Downloads reach listed hosts on public addresses, and nothing else."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from gateways.pinning import NotPublic, PinnedResolver, is_public, refusal

HOSTS = {"files.heygen.ai", ".fal.media", "127.0.0.1"}
PRIVATE = {"127.0.0.1"}


def _refusal(url: str) -> str | None:
    return refusal(url, hosts=HOSTS, private_hosts=PRIVATE)


@pytest.mark.parametrize(
    "url",
    [
        "https://files.heygen.ai/v.mp4?Signature=a~b%2F&Expires=1",
        "https://v3b.fal.media/files/b/x.mp4",
        "HTTPS://V3.FAL.MEDIA:443/x",
        "http://127.0.0.1:8123/video/x.mp4?Expires=1",
        "https://127.0.0.1/x",
    ],
)
def test_listed_hosts_are_fetched(url: str) -> None:
    assert _refusal(url) is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "files.heygen.ai", "//files.heygen.ai/x", "/etc/passwd", "file:///etc/passwd"),
        *("javascript:alert(1)", "data:text/plain,x", "gopher://files.heygen.ai/", "https:///x"),
        *(
            "http://files.heygen.ai/v.mp4",
            "ftp://files.heygen.ai/v",
            "https://files.heygen.ai:8443/",
        ),
        *(
            "https://evil.example/v.mp4",
            "https://files.heygen.ai.evil.example/",
            "https://fal.media/",
        ),
        *("https://evilfal.media/x", "https://heygen.ai/x", "https://xfiles.heygen.ai/"),
        *("https://files.heygen.ai@evil.example/", "https://evil.example@files.heygen.ai/"),
        *("https://u:p@files.heygen.ai/", "https://evil.example\\@files.heygen.ai/"),
        *("https://files.heygen.ai\\.evil.example/", "https://evil.example#.fal.media"),
        *(
            "https://files.heygen.ai /x",
            "https://files.heygen.ai\t/x",
            "https://files.heygen.ai\n/",
        ),
        *("https://files.heygen.ai./x", "https://fíles.heygen.ai/", "https://files。heygen.ai/"),
        *("http://localhost/x", "http://0.0.0.0/", "http://2130706433/", "http://0x7f.1/"),
        *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data"),
        *("http://127.1/", "http://0177.0.0.1/", "http://127.0.0.1.nip.io/", "http://127.0.0.2/"),
        *(
            "https://[fe80::1%25eth0]/",
            "https://files.heygen.ai:99999/",
            "https://files.heygen.ai:x/",
        ),
        "https://files.heygen.ai/" + "a" * 9_000,
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    assert _refusal(url)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "ff0e::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1", "2001:db8::1"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:1::1"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_by_what_it_embeds(address: object) -> None:
    plain = is_public(str(address))

    assert is_public(f"::ffff:{address}") == plain
    assert is_public(f"64:ff9b::{address}") == plain


class _Answers(AbstractResolver):
    """Answers each question with the next list of addresses."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._answers.pop(0)
        ]

    async def close(self) -> None:
        self._answers.clear()


async def test_every_address_of_a_name_must_be_public() -> None:
    resolver = PinnedResolver(PRIVATE, resolver=_Answers(["1.1.1.1", "10.0.0.1"], ["1.1.1.1"]))

    with pytest.raises(NotPublic):
        await resolver.resolve("files.heygen.ai", 443)
    assert [found["host"] for found in await resolver.resolve("files.heygen.ai", 443)] == [
        "1.1.1.1"
    ]


async def test_a_name_that_turns_private_is_refused_when_it_is_asked_again() -> None:
    resolver = PinnedResolver(PRIVATE, resolver=_Answers(["1.1.1.1"], ["127.0.0.1"]))
    await resolver.resolve("rebind.example", 443)

    with pytest.raises(NotPublic):
        await resolver.resolve("rebind.example", 443)


async def test_a_host_the_operator_named_may_be_private() -> None:
    resolver = PinnedResolver({"sandbox"}, resolver=_Answers(["172.18.0.2"]))

    assert (await resolver.resolve("SANDBOX", 8000))[0]["host"] == "172.18.0.2"
