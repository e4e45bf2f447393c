"""The storage benchmark still runs, and says what it promises to say."""

from __future__ import annotations

import json

import pytest

import bench.storage
from bench.__main__ import main


def test_its_last_line_is_one_json_object_with_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storage", "--seconds", "0.03", "--rounds", "1"]) == 0

    table, _, last = capsys.readouterr().out.strip().rpartition("\n")
    figures = json.loads(last)
    assert figures["bench"] == "storage"
    for work in bench.storage.WORK:
        for callers in bench.storage.CONCURRENCY:
            assert figures[f"{work}s_c{callers}_to_floor"] > 0
            assert figures[f"{work}s_c{callers}_to_sqlalchemy"] > 0
    assert figures["transactions_c50_to_aiosqlite"] > 1
    assert len(table.splitlines()) >= 1 + 3 * 2 * 2


def test_a_name_that_is_no_benchmark_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert "storage" in capsys.readouterr().err
