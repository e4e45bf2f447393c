"""Every `/video …` that the README and `/video help` show is typed word for word: it is accepted or
asked about, and never refused because the sandbox knows no such name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.options import OPTIONS
from domain.spoken import Kind
from handlers.views.help_texts import help_text
from tests.architecture import ROOT
from tests.scenarios.stage import Stage
from tests.scenarios.test_spoken import _lists_are_read

_EXAMPLE = re.compile(r"`(/video[^`\n]*)`")
_UNKNOWN = re.compile(r"There is no |no option|has no variable|I don't know|is not there yet")


def examples() -> list[str]:
    """Each once, as it stands there; a shot's number is one that is there."""
    texts = [(ROOT / "README.md").read_text(encoding="utf-8"), *_help()]
    found = (line for text in texts for line in _EXAMPLE.findall(text))
    several = (line for each in found for line in _apart(each))
    return list(dict.fromkeys(re.sub(r"V-\d+", "V-1", line) for line in several))


def _help() -> Iterator[str]:
    topics = (*(kind.value for kind in Kind), *(option.flag for option in OPTIONS))
    for topic in (None, *topics):
        message = help_text(topic)
        yield f"{message.text}\n{message.blocks}"


def _apart(line: str) -> list[str]:
    """`/video help · models` is two commands."""
    first, *others = line.split(" · ")
    return [first, *(f"/video {other}" for other in others)]


def test_there_are_examples() -> None:
    found = examples()
    assert "/video --avatar Anna --script Hello …" in found
    assert "/video --template Launch --var headline=Hello" in found
    assert len(found) > 20


async def test_every_example_works_in_the_sandbox(stage: Stage) -> None:
    await stage.control.do("rates", strict=False)
    await _lists_are_read(stage)
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()
    await stage.prefers(confirm_above_micro_usd=0)
    unknown = {}
    for line in examples():
        told = await stage.ada.types(line)
        if _UNKNOWN.search(told):
            unknown[line] = told
    assert not unknown
    await stage.ada.types("/video resume")
    assert await stage.paid() == 1
