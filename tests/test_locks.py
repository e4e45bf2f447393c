"""The lock files hold every dependency, by hash, and name nobody's package index."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import pytest

from tests.architecture import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_and_no_path_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted|file:|@ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_pinned_and_hashed(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text("utf-8"))
    for entry in entries:
        assert _PINNED.match(entry), entry.splitlines()[0]
        assert _HASHED.search(entry), entry.splitlines()[0]


def test_the_lock_holds_every_dependency() -> None:
    assert _named("dependencies") <= _pins("requirements.lock").keys()


def test_the_development_lock_holds_every_dependency() -> None:
    wanted = _named("dependencies") | _named("dev")
    assert wanted <= _pins("requirements-dev.lock").keys()


def test_both_locks_agree() -> None:
    """bin/test makes a .venv that bin/run can use as it is."""
    runtime, development = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert runtime.items() <= development.items()


def test_tools_stay_out_of_production() -> None:
    assert not _named("dev") & _pins("requirements.lock").keys()


@cache
def _pins(lock: str) -> dict[str, str]:
    found = _PINNED.findall((ROOT / lock).read_text("utf-8"))
    return {_normal(name): version for name, version in found}


def _named(group: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project[group] if group == "dependencies" else project["optional-dependencies"][group]
    return {_normal(re.split(r"[\[<>=!~;\s]", line, maxsplit=1)[0]) for line in lines}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
