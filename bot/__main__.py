"""`python -m bot`. Says what is missing before anything that is missing is imported."""

from __future__ import annotations

import sys

PYTHON_MIN = (3, 11)
EXIT_CONFIG = 78


def main() -> int:
    """Run the command line. Returns only where it could not begin."""
    if sys.version_info < PYTHON_MIN:
        have = ".".join(str(part) for part in sys.version_info[:3])
        return _refuse(f"Dailies needs Python 3.11 or newer, this is {have}.")
    try:
        from bot.cli import start
    except ModuleNotFoundError as error:
        return _refuse(
            f"{error.name} is not installed here. Start with bin/sandbox or bin/run, which "
            "install everything into .venv, or with .venv/bin/python -m bot."
        )
    start(sys.argv[1:])
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return EXIT_CONFIG


if __name__ == "__main__":
    sys.exit(main())
