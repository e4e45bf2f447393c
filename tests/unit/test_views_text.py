"""The escaper, and the phrases for money, time and people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RequestError
from domain.pricing import Estimate
from domain.schedule import NO_HISTORY, Durations
from handlers.views import text
from handlers.views.form import joined_prompt, split_prompt


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("<!cha<!channel>nnel>", "&lt;!cha&lt;!channel&gt;nnel&gt;"),
        ("&lt;", "&amp;lt;"),
        ("one\n two\t three", "one two three"),
        ("a\x00b\u202ec", "abc"),
        ("e\u0301", "é"),
    ],
)
def test_escape_shows_what_was_typed_and_does_nothing(typed: str, shown: str) -> None:
    assert text.escape(typed) == shown


def test_lines_are_kept_where_asked() -> None:
    assert text.escape("a\r\nb", keep_lines=True) == "a\nb"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_shortened_text_is_never_longer(typed: str, chars: int) -> None:
    short = text.shorten(typed, chars)
    assert len(short) <= chars
    assert short == typed or short.endswith("…")


def test_a_cut_leaves_no_joiner_behind() -> None:
    assert text.shorten("👩\u200d👩\u200d👧", 3) == "👩…"


@given(st.text(alphabet=st.sampled_from("ab<&👩\n"), max_size=400))
def test_pieces_are_whole_together_and_small_alone(typed: str) -> None:
    pieces = list(text.pieces(typed, 50))

    assert all(len(piece.encode("utf-16-le")) // 2 <= 50 for piece in pieces)
    whole = "".join(pieces).replace("&lt;", "<").replace("&amp;", "&")
    assert whole == typed


@given(
    st.text(alphabet=st.sampled_from("ab👩 \n"), max_size=4_000).map(str.strip),
    st.integers(min_value=1, max_value=9),
)
def test_a_long_prompt_goes_through_several_fields_unharmed(prompt: str, times: int) -> None:
    pieces = split_prompt(prompt * times)

    assert all(text.utf16_len(piece) <= 3_000 for piece in pieces)
    assert "".join(joined_prompt(*pieces).split()) == "".join((prompt * times).split())
    assert (len(pieces) > 1) == (text.utf16_len(prompt * times) > 3_000)


def test_a_long_prompt_is_cut_between_words() -> None:
    prompt = "fox " * 1_900 + "end"
    pieces = split_prompt(prompt)

    assert joined_prompt(*pieces) == prompt
    assert [piece.endswith("fox") for piece in pieces] == [True, True, False]
    assert all(piece.startswith("fox") for piece in pieces)


def test_what_no_form_holds_is_refused_with_a_sentence() -> None:
    with pytest.raises(RequestError, match="60,000 characters are more than a form holds"):
        split_prompt("x" * 60_000)
    assert len(split_prompt("x" * 56_000)) == 20


@pytest.mark.parametrize("bad", ["", "u1", "U1>", "U1|x", "!channel", "<@U1>", "U1\n"])
def test_only_a_user_id_becomes_a_mention(bad: str) -> None:
    assert text.mention("W0ABC") == "<@W0ABC>"
    with pytest.raises(ValueError, match="Slack markup"):
        text.mention(bad)


@pytest.mark.parametrize("bad", ["http://x.example", "https://x|y", "https://x>", "javascript:1"])
def test_only_https_becomes_a_link(bad: str) -> None:
    with pytest.raises(ValueError, match="Slack markup"):
        text.link(bad, "here")


def test_moments_are_shown_in_the_readers_own_time() -> None:
    at = 1_794_000_600.7
    assert text.local_time(at) == "<!date^1794000600^{time}|21:30 UTC>"
    assert text.local_day(at) == "<!date^1794000600^{date_short_pretty}|06 Nov 2026>"


@pytest.mark.parametrize(
    ("estimate", "words", "on_a_button"),
    [
        (Estimate(1_520_000, is_ceiling=False), "about $1.52", "$1.52"),
        (Estimate(4_000_000, is_ceiling=True), "up to $4.00", "up to $4.00"),
        (Estimate(1_234_000_000, is_ceiling=False), "about $1,234.00", "$1,234.00"),
    ],
)
def test_money_says_how_sure_it_is(estimate: Estimate, words: str, on_a_button: str) -> None:
    assert text.money(estimate) == words
    assert text.price(estimate) == on_a_button


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (70, "1 min 10 s"),
        (168, "2 min 48 s"),
        (3_900, "1 h 05 min"),
    ],
)
def test_elapsed_time_in_words(seconds: float, words: str) -> None:
    assert text.elapsed_words(seconds) == words


@pytest.mark.parametrize(("seconds", "coarse"), [(-3, 0), (4.9, 0), (59, 55), (69.9, 60), (70, 70)])
def test_elapsed_time_moves_in_steps(seconds: float, coarse: float) -> None:
    assert text.coarse_s(seconds) == coarse


@pytest.mark.parametrize(
    ("p50_s", "p90_s", "words"),
    [
        (120, 240, "usually 2–4 min here"),
        (22, 44, "usually 20–45 s here"),
        (48, 160, "usually 50 s – 3 min here"),
        (120, 125, "usually 2 min here"),
        (1, 2, "usually 5 s here"),
        (40, 59, "usually 40 s – 1 min here"),
    ],
)
def test_usual_time_comes_from_our_own_runs(p50_s: float, p90_s: float, words: str) -> None:
    assert text.usual_words(Durations(samples=9, p50_s=p50_s, p90_s=p90_s)) == words
    assert text.usual_words(NO_HISTORY) == "no timing data yet"
