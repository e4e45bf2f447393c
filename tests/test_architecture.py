"""The house stands as DESIGN.md section 1 draws it, and its rules bite."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import architecture as rules
from tests.architecture import OTHERS, PRODUCT, ROOT, Source

Rule = Callable[[Source], Iterator[str]]

EVERYWHERE: tuple[Rule, ...] = (
    rules.wrong_imports,
    rules.wrong_libraries,
    rules.oversize,
    rules.silenced,
    rules.empty_words,
)
PRODUCT_ONLY: tuple[Rule, ...] = (rules.wrong_effects, rules.wrong_sql)
BINARY = frozenset({".png", ".jpg", ".ico", ".woff2", ".mp4", ".gif", ".webp"})

PLANTED: tuple[tuple[Rule, str, str], ...] = (
    (rules.wrong_imports, "domain/x.py", "from storage.rows import Row"),
    (rules.wrong_imports, "storage/x.py", "import gateways.http"),
    (rules.wrong_imports, "gateways/x.py", "from handlers import ids"),
    (rules.wrong_imports, "handlers/x.py", "from bot.settings import load"),
    (rules.wrong_imports, "handlers/x.py", "from gateways.fal import Fal"),
    (rules.wrong_imports, "handlers/views/x.py", "from storage.shots import shot_by_id"),
    (rules.wrong_imports, "handlers/views/x.py", "from handlers import forms"),
    (rules.wrong_imports, "bot/x.py", "def f():\n    from sandbox.running import start"),
    (rules.wrong_imports, "bot/x.py", "import tests.conftest"),
    (rules.wrong_imports, "sandbox/x.py", "from domain.request import Clip"),
    (rules.wrong_imports, "storage/x.py", "from . import rows"),
    (rules.wrong_libraries, "domain/x.py", "import httpx"),
    (rules.wrong_libraries, "domain/x.py", "import asyncio"),
    (rules.wrong_libraries, "domain/x.py", "import os.path"),
    (rules.wrong_libraries, "storage/x.py", "import slack_sdk.errors"),
    (rules.wrong_libraries, "gateways/x.py", "import fal_client"),
    (rules.wrong_libraries, "handlers/x.py", "import aiohttp"),
    (rules.wrong_libraries, "handlers/views/x.py", "from slack_sdk.models import blocks"),
    (rules.oversize, "bot/x.py", "def f():\n" + "    a = 1\n" * 40),
    (rules.oversize, "bench/x.py", "def f():\n" + "    a = 1\n" * 60),
    (rules.oversize, "bot/x.py", "a = 1\n" * 301),
    (rules.oversize, "sandbox/x.py", "a = 1\n" * 501),
    (rules.wrong_effects, "domain/x.py", "import time\nnow = time.time()"),
    (rules.wrong_effects, "bot/x.py", "from time import monotonic as m\nm()"),
    (rules.wrong_effects, "bot/x.py", "import datetime as d\nd.datetime.now(d.UTC)"),
    (rules.wrong_effects, "bot/x.py", "from datetime import datetime\ndatetime.now()"),
    (rules.wrong_effects, "storage/x.py", "import uuid\nuuid.uuid4()"),
    (rules.wrong_effects, "gateways/x.py", "import random"),
    (rules.wrong_effects, "handlers/x.py", "from secrets import token_hex"),
    (rules.wrong_effects, "bot/x.py", "import asyncio\nasync def f():\n  await asyncio.sleep(1)"),
    (
        rules.wrong_effects,
        "bot/x.py",
        "from asyncio import sleep\nasync def f():\n  await sleep(1)",
    ),
    (rules.wrong_effects, "bot/x.py", "from asyncio import to_thread as t\nt(print)"),
    (rules.wrong_effects, "bot/x.py", "def f(loop):\n  loop.run_in_executor(None, print)"),
    (rules.wrong_effects, "bot/x.py", "import threading"),
    (rules.wrong_effects, "bot/x.py", "from concurrent.futures import ThreadPoolExecutor"),
    (rules.wrong_effects, "bot/logs.py", "import time\ntime.sleep(1)"),
    (rules.wrong_sql, "storage/x.py", 'def f(n): return f"SELECT * FROM a WHERE b = {n}"'),
    (rules.wrong_sql, "storage/x.py", 'def f(n): return "DELETE FROM a WHERE b = " + n'),
    (rules.wrong_sql, "storage/x.py", 'def f(n): return "SELECT " "x FROM a WHERE b = %s" % n'),
    (rules.wrong_sql, "storage/x.py", 'def f(n): return "SELECT x FROM {}".format(n)'),
    (rules.wrong_sql, "storage/rows.py", 'OTHER = f"INSERT INTO a VALUES ({1})"'),
    (rules.wrong_sql, "bot/x.py", 'Q = "SELECT id FROM execution"'),
    (rules.silenced, "bot/x.py", "import os  # no" + "qa"),
    (rules.silenced, "bot/x.py", "x = 1  # type:" + " ignore"),
    (rules.empty_words, "bot/job_manager.py", ""),
    (rules.empty_words, "bot/x.py", "class ShotHelper: pass"),
)

ALLOWED: tuple[tuple[Rule, str, str], ...] = (
    (rules.wrong_imports, "handlers/views/x.py", "from handlers import ids\nimport domain.money"),
    (rules.wrong_imports, "bot/x.py", "from handlers.views import card"),
    (rules.wrong_libraries, "domain/x.py", "import pydantic, re, decimal, datetime"),
    (rules.oversize, "bot/x.py", 'def f():\n    """a\n' + "b\n" * 90 + '    """\n    return 1'),
    (rules.wrong_effects, "bot/clock.py", "import time\ntime.time()"),
    (rules.wrong_effects, "bot/x.py", "import asyncio\nasyncio.timeout(1)\nclock.sleep(1)"),
    (rules.wrong_sql, "storage/x.py", 'Q = "SELECT a FROM b WHERE c = :c"\nP = f"PRAGMA x = {1}"'),
    (rules.wrong_sql, "storage/rows.py", 'INSERT_VIDEO = f"INSERT INTO video ({1}) VALUES ({2})"'),
    (rules.wrong_sql, "bot/x.py", 'SAID = "Select a model first"'),
    (rules.silenced, "bot/x.py", "import os  # noqa: F401 -- for others"),
)


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    _holds(rule, *PRODUCT, *OTHERS)


@pytest.mark.parametrize("rule", PRODUCT_ONLY, ids=lambda rule: rule.__name__)
def test_every_product_file_keeps_the_rule(rule: Rule) -> None:
    _holds(rule, *PRODUCT)


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_violation_is_found(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source.of(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED)
def test_what_is_allowed_is_not_found(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source.of(path, text))) == []


def test_the_excused_files_and_constants_still_need_it() -> None:
    for path in rules.PORT_IMPLEMENTATIONS:
        bare = Source.of(f"bot/not_{Path(path).name}", (ROOT / path).read_text("utf-8"))
        assert list(rules.wrong_effects(bare)), f"{path} is excused for nothing"
    for path in rules.SQL_BUILT_FROM_NAMES:
        bare = Source.of("storage/not_excused.py", (ROOT / path).read_text("utf-8"))
        assert list(rules.wrong_sql(bare)), f"{path} is excused for nothing"


@pytest.mark.parametrize("name", PRODUCT)
def test_packages_come_from_this_checkout(name: str) -> None:
    file = importlib.import_module(name).__file__
    assert file is not None
    assert Path(file).resolve() == ROOT / name / "__init__.py"


def test_every_folder_of_code_is_in_the_table() -> None:
    folders = {path.parts[0] for path in map(Path, _tracked()) if path.suffix == ".py"}
    assert folders <= rules.OURS


def test_no_module_hides_a_library_or_the_standard_library() -> None:
    assert not {name for name in rules.OURS if name in sys.stdlib_module_names}


def test_nothing_that_is_committed_knows_a_machine() -> None:
    found = [
        broken
        for path in _tracked()
        if Path(path).suffix not in BINARY and (ROOT / path).is_file()
        for broken in rules.machine_paths(path, (ROOT / path).read_text("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize("path", ["/hom" + "e/ada/x", "/User" + "s/ada/x", "/roo" + "t/.venv"])
def test_a_machine_is_recognised(path: str) -> None:
    assert list(rules.machine_paths("README.md", f"run {path} now"))


def _holds(rule: Rule, *folders: str) -> None:
    broken = [one for source in rules.sources(*folders) for one in rule(source)]
    assert not broken, "\n" + "\n".join(broken)


def _tracked() -> list[str]:
    listing = subprocess.run(
        ("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [path for path in listing.stdout.split("\0") if path]
