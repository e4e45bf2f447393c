"""Where vendors may call us back: an address for each attempt that nobody can guess.

Its token is the execution, the attempt and an HMAC of both with `ENCRYPTION_KEY`: nothing of it is
stored, it is the same whenever it is asked for, and it says nothing about any other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from bot.settings import Settings
from domain.offer import GatewayName

WEBHOOKS_PATH = "/webhooks"
TOKEN_MAX_CHARS = 200

_PURPOSE = b"dailies webhook token 1"
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,80})\.([1-9][0-9]{0,5})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The addresses of one installation. `public_url` is where its web server is reached."""

    public_url: str
    key: bytes

    def url(self, gateway: GatewayName, execution_id: str, attempt: int) -> str:
        """Where a vendor may tell that this attempt has ended."""
        token = f"{execution_id}.{attempt}.{self._mark(gateway, execution_id, attempt)}"
        return f"{self.public_url.rstrip('/')}{WEBHOOKS_PATH}/{gateway.value}/{token}"

    def read(self, gateway: GatewayName, token: str) -> tuple[str, int] | None:
        """(execution, attempt) of a token that we made, None for any other; as long for each."""
        found = _TOKEN.fullmatch(token[: TOKEN_MAX_CHARS + 1])
        execution_id, attempt, given = found.groups() if found else ("none", "1", "")
        made = self._mark(gateway, execution_id, int(attempt))
        is_ours = hmac.compare_digest(made.encode(), given.encode())
        return (execution_id, int(attempt)) if is_ours and found else None

    def _mark(self, gateway: GatewayName, execution_id: str, attempt: int) -> str:
        said = b"\n".join((_PURPOSE, gateway.encode(), execution_id.encode(), b"%d" % attempt))
        digest = hmac.new(self.key, said, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def callbacks_of(settings: Settings) -> Callbacks | None:
    """The addresses, where there is a public one."""
    if settings.public_url is None or settings.encryption_key is None:
        return None
    key = settings.encryption_key.get_secret_value()
    padded = key + "=" * (-len(key) % 4)
    return Callbacks(settings.public_url, base64.b64decode(padded, altchars=b"-_"))
