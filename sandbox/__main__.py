"""`python -m sandbox`: prints one JSON line of addresses and tokens, serves until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from sandbox.running import start
from sandbox.slack.manifest import Manifest
from sandbox.slack.workspace import Options

DEFAULT_PACE_S = 6.0


def main() -> int:
    """Read the arguments and run. Returns the exit status."""
    arguments = _parser().parse_args()
    try:
        manifest = Manifest.load(arguments.manifest)
    except (OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"cannot read the manifest {arguments.manifest}: {error}\n")
        return 78
    return asyncio.run(_run(arguments, manifest))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--manifest", type=Path, default=Path("manifest.yml"))
    parser.add_argument("--transport", choices=("socket", "http"), default="socket")
    parser.add_argument("--request-url", help="where HTTP deliveries go; may be set later")
    parser.add_argument("--page-port", type=int, default=0, metavar="N")
    parser.add_argument("--pace", type=float, default=DEFAULT_PACE_S, metavar="SECONDS")
    parser.add_argument("--record", type=Path, metavar="DIR")
    parser.add_argument("--retry-scale", type=float, default=1 / 20, metavar="FACTOR")
    parser.add_argument("--rates", choices=("strict", "off"), default="strict")
    parser.add_argument("--seed-tokens", metavar="WORD", help="same ids and tokens every time")
    return parser


async def _run(arguments: argparse.Namespace, manifest: Manifest) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    options = Options(
        transport=arguments.transport,
        request_url=arguments.request_url,
        seed=arguments.seed_tokens,
        strict_rates=arguments.rates == "strict",
        retry_scale=arguments.retry_scale,
    )
    try:
        sandbox = await start(
            manifest,
            options,
            port=arguments.page_port,
            pace_s=arguments.pace,
            record=arguments.record,
        )
    except OSError as error:
        sys.stderr.write(f"cannot serve: {error}\n")
        return 75
    sys.stdout.write(json.dumps(sandbox.greeting()) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await sandbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
