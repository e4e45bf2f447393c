"""`python -m sandbox.vendors`: the vendors alone; prints one JSON line of addresses and serves."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import start

PACE_S = 6.0
QUICK_PACE_S = 0.2


def main() -> None:
    """Read the options and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.vendors", description=__doc__)
    parser.add_argument("--pace", type=float, default=PACE_S, help="seconds a render takes")
    parser.add_argument("--quick", action="store_true", help="small films in a fifth of a second")
    options = parser.parse_args()
    asyncio.run(_serve(QUICK_PACE_S if options.quick else options.pace))


async def _serve(pace_s: float) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    vendors = await start(Faults(), Traffic(), pace_s=pace_s)
    sys.stdout.write(json.dumps(vendors.addresses) + "\n")
    sys.stdout.flush()
    await stopped.wait()
    await vendors.close()


if __name__ == "__main__":
    main()
