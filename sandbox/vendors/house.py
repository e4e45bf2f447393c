"""What the parts of one vendor share: the wire, the account that pays, and the open questions."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.vendors.jobs import Account
from sandbox.vendors.switches import Switches
from sandbox.vendors.wire import Wire


@dataclass(frozen=True)
class House:
    """One vendor behind all of its hosts."""

    wire: Wire
    account: Account
    switches: Switches
