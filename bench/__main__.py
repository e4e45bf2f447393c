"""`python -m bench NAME …`: run one benchmark, print its table and its figures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the benchmark that is named first; the others are its own arguments."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    if not arguments or arguments[0] not in names:
        print(f"usage: python -m bench {{{','.join(names)}}} …", file=sys.stderr)
        return 2
    name, *others = arguments
    print(importlib.import_module(f"bench.{name}").main(others).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
