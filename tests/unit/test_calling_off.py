"""A reply that does nothing but call off is never the next take; anything more is another thing."""

from __future__ import annotations

import pytest

from domain.calling_off import CallOff, called_off

PLAIN, TO_ANYBODY = CallOff(), CallOff(is_plain=False)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("cancel", PLAIN),
        ("Cancel!", PLAIN),
        ("cancel it", PLAIN),
        ("please cancel this one now", PLAIN),
        ("cancel, please", PLAIN),
        ("abort", PLAIN),
        ("bitte abbrechen", PLAIN),
        ("annuler s’il te plaît", PLAIN),
        ("cancelar por favor", PLAIN),
        ("iptal et", PLAIN),
        ("stop", TO_ANYBODY),
        ("Stop it.", TO_ANYBODY),
        ("nevermind", TO_ANYBODY),
        ("never mind!", TO_ANYBODY),
        ("nvm", TO_ANYBODY),
        ("cancel everything", CallOff(every=True)),
        ("stop them all", CallOff(every=True, is_plain=False)),
        ("cancel take 2", CallOff(take=2)),
    ],
)
def test_what_calls_off(words: str, meant: CallOff) -> None:
    assert called_off(words) == meant


@pytest.mark.parametrize(
    "words",
    [
        "",
        "slower",
        "stop the dog from barking",
        "stop motion",
        "never mind the rain, brighter",
        "cancel culture explained",
        "can we cancel?",
        "don't cancel",
        "cancel --model veo_3_1",
        "<@U0BEN> cancel",
        "the last one",
    ],
)
def test_what_does_not(words: str) -> None:
    assert called_off(words) is None
