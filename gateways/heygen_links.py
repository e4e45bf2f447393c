"""What HeyGen calls a file that goes into a video: an address, and the asset that is kept there.

An upload answers both. Our link carries the asset's id after `#`, where no address of HeyGen's has
anything: some of its bodies take only ids, others only addresses, and an id outlives a signed
address.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from gateways.classify import is_remote_id

_MARK = "#asset="


class Request(BaseModel):
    """A body that is sent: nothing unknown, nothing converted, what was not said is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def encoded(self) -> bytes:
        """Its JSON."""
        return self.model_dump_json(exclude_none=True).encode()


class AssetByUrl(Request):
    """A file at a public https address."""

    type: Literal["url"] = "url"
    url: str


class AssetById(Request):
    """A file that was uploaded."""

    type: Literal["asset_id"] = "asset_id"
    asset_id: str


AssetInput = AssetByUrl | AssetById


def kept_link(url: str, asset_id: str | None) -> str:
    """The link of an upload."""
    return f"{url}{_MARK}{asset_id}" if asset_id and is_remote_id(asset_id) else url


def url_of(link: str | None) -> str | None:
    """The address alone."""
    return None if link is None else link.partition(_MARK)[0]


def asset_id_of(link: str | None) -> str | None:
    """The id alone, None where it was not uploaded here."""
    return link.partition(_MARK)[2] or None if link is not None else None


def asset_input(link: str) -> AssetInput:
    """The file as v3's bodies take it (`AssetInput`, heygen-cli)."""
    asset_id = asset_id_of(link)
    return AssetById(asset_id=asset_id) if asset_id else AssetByUrl(url=url_of(link) or link)
