"""How long a script takes to say."""

from __future__ import annotations

import pytest

from domain.pacing import length_s, spoken_s
from domain.pauses import pauses_s
from domain.shape import Media
from domain.spoken import Avatar, Scene, Voice

MINUTE = " ".join(["word"] * 150)


@pytest.mark.parametrize(
    ("script", "speed", "seconds"),
    [
        (MINUTE, 1.0, 60),
        (MINUTE, 1.5, 40),
        (MINUTE, 0.5, 120),
        ("Hi", 1.0, 1),
        ("", 1.0, 1),
        (f'{MINUTE} <break time="2s"/> {MINUTE}', 1.0, 122),
        (f'{MINUTE} <break time="1.5s" /> <BREAK time="500ms"/>', 1.0, 62),
        (f'{MINUTE} <break time="2s"/>', 1.5, 42),
        (f"{MINUTE} <break time='3s'>", 1.0, 63),
        (f"{MINUTE} <break/>", 1.0, 60.4),
    ],
)
def test_words_and_pauses(script: str, speed: float, seconds: float) -> None:
    assert spoken_s(script, speed) == pytest.approx(seconds)


CHINESE = "今天我们发布新的产品,请大家看一看。"  # 16 characters that are said
THAI = "วันนี้เราเปิดตัวสินค้าใหม่ของเรา"


@pytest.mark.parametrize(
    ("script", "least_s", "most_s"),
    [
        (CHINESE * 280, 15 * 60, 20 * 60),
        (f"{MINUTE} {CHINESE * 15}", 60 + 40, 60 + 60),
        ("きょうは、あたらしい、しょうひんを、ごしょうかいします。" * 10, 40, 60),
        ("안녕하세요 여러분 " * 60, 60, 120),
        (THAI * 60, 100, 200),
        ("x" * 1_500, 99, 101),
    ],
    ids=["Chinese", "two scripts", "kana", "Korean", "Thai", "one run of letters"],
)
def test_scripts_without_spaces_are_as_long_as_their_characters(
    script: str, least_s: float, most_s: float
) -> None:
    assert least_s <= spoken_s(script) <= most_s


def test_all_pauses_count_that_a_voice_will_make() -> None:
    script = (
        'a <break time="1s"/> b <break time = "500ms" /> c [pause 2s] d [pause] <break time="x"/>'
    )
    assert pauses_s(script) == 1 + 0.5 + 2 + 1


def test_scenes_follow_each_other() -> None:
    scenes = (
        Scene(script=MINUTE),
        Scene(script=MINUTE, voice=Voice(speed=1.5)),
        Scene(silence_s=12.5),
    )

    assert length_s(Avatar(scenes=scenes)) == pytest.approx(60 + 40 + 12.5)
    recorded = Scene(recording=Media(url="https://a.example/voice.mp3"))
    assert length_s(Avatar(scenes=(*scenes, recorded))) is None
