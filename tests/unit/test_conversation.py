"""A reply to an agent's take: the next message, a video of its own, a question, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.conversation import RESHAPED, Turn, read_turn, said_in
from domain.errors import RequestError
from domain.reply import NEW_IMAGE, Chatter, Instruction, Reading, Reply, Unclear
from domain.shape import Media
from domain.spoken import AGENT_FILES_MAX, AGENT_PROMPT_MAX_CHARS, Agent

IDEA = Agent(prompt="A film about tea", chat=True, voice="Anna", aspect_ratio="16:9")
ONGOING = Turn(whole=IDEA, root="r1")
APART = Turn(whole=IDEA, because="take 1 was not made with --chat")
ASKED = Turn(whole=IDEA, root="r1", is_asked=True)
PICTURE = Media(slack_file_id="F1", name="logo.png", media_type="image/png")
FILM = Media(slack_file_id="F2", name="talk.mp4", media_type="video/mp4")


def read(
    text: str,
    turn: Turn = ONGOING,
    *,
    by: bool = True,
    bot: bool = False,
    files: Sequence[Media] = (),
) -> Reading:
    has_image = any(file.is_picture for file in files)
    return read_turn(Reply(text, by, has_image, bot), turn, files)


def agent(reading: Reading) -> Agent:
    assert not isinstance(reading, Chatter)
    assert isinstance(reading.work, Agent)
    return reading.work


def test_a_message_is_the_words_of_the_reply_and_nothing_else() -> None:
    reading = read("slower, at night")
    assert isinstance(reading, Instruction)
    work = agent(reading)
    assert (work.prompt, work.continues, work.voice) == ("slower, at night", "r1", "Anna")
    assert work.otherwise == IDEA.model_copy(
        update={"prompt": "A film about tea\nslower, at night"}
    )


def test_without_a_conversation_everything_said_so_far_is_asked_for_anew() -> None:
    reading = read("slower, at night", APART)
    assert isinstance(reading, Instruction)
    work = agent(reading)
    assert (work.prompt, work.continues) == ("A film about tea\nslower, at night", None)
    assert work.otherwise is None
    assert reading.changed == (
        "a new session: take 1 was not made with --chat",
        "slower, at night",
    )


@pytest.mark.parametrize("turn", [ONGOING, ASKED, APART], ids=["ongoing", "asked", "apart"])
@pytest.mark.parametrize(
    "text", ["<@U1|ben> for tea lovers", "who is it for?", "", "🎉", "<@U1|ben> what do you think?"]
)
def test_talk_starts_nothing(text: str, turn: Turn) -> None:
    assert not isinstance(read(text, turn), Instruction)
    assert not isinstance(read(text, turn, by=False), Instruction)


@pytest.mark.parametrize("text", ["for tea lovers, friendly", "yes", "blue"])
def test_a_possible_answer_is_offered_to_who_was_asked_and_never_started(text: str) -> None:
    reading = read(text, ASKED)
    assert isinstance(reading, Unclear)
    assert agent(reading).prompt == text
    assert isinstance(read(text, ASKED, by=False), Chatter)


@pytest.mark.parametrize("text", ["for tea lovers", "yes", "remove the logo", "もっとゆっくり"])
def test_an_answer_with_a_mention_goes_on_at_once(text: str) -> None:
    reading = read(text, ASKED, bot=True)
    assert not isinstance(reading, Chatter)
    assert isinstance(reading, Instruction) is (text != "yes"), "a yes may be mere praise: a button"
    assert agent(reading).prompt == text


def test_only_a_conversation_can_take_something_away() -> None:
    assert isinstance(read("remove the logo", bot=True), Instruction)
    assert isinstance(read("remove the logo", APART, bot=True), Unclear)
    assert isinstance(read("remove the logo"), Unclear), "without a mention a button comes first"


def test_only_a_conversation_can_be_told_the_opposite() -> None:
    slow = IDEA.model_copy(update={"prompt": "A slow film about tea; slower"})
    assert isinstance(read("faster", Turn(whole=slow, root="r1")), Instruction)
    assert isinstance(read("faster", Turn(whole=slow, because="x")), Unclear)


def test_what_no_message_can_change_begins_a_session() -> None:
    reading = read("vertical, 9:16")
    assert isinstance(reading, Instruction)
    work = agent(reading)
    assert (work.continues, work.aspect_ratio) == (None, "9:16")
    assert reading.changed[0] == f"a new session: {RESHAPED}"
    assert agent(read("slower, 16:9")).continues == "r1"


def test_a_length_is_said_in_the_message_and_counts_for_its_price() -> None:
    work = agent(read("slower --duration 45"))
    assert work.prompt == "slower Make it 45 seconds long."
    assert (work.duration_s, work.continues) == (45, "r1")


def test_a_picture_goes_along_with_this_message_only() -> None:
    whole = IDEA.model_copy(update={"files": (Media(slack_file_id="F0"),)})
    work = agent(read("slower", Turn(whole=whole, root="r1"), files=[PICTURE]))
    assert work.files == (PICTURE,)
    assert work.otherwise is not None
    assert work.otherwise.files == (Media(slack_file_id="F0"), PICTURE)
    alone = agent(read("", files=[PICTURE]))
    assert (alone.prompt, alone.files) == ("Use the attached picture.", (PICTURE,))


def test_any_file_goes_along_with_words_that_ask_for_something() -> None:
    reading = read("slower", files=[PICTURE, FILM])
    assert isinstance(reading, Instruction)
    assert agent(reading).files == (PICTURE, FILM)
    apart = read("slower", APART, files=[PICTURE, FILM])
    assert isinstance(apart, Instruction)
    assert apart.changed[1:] == ("slower", NEW_IMAGE, "with talk.mp4")


def test_a_film_alone_is_meant_where_it_mentions_us_and_asked_about_otherwise() -> None:
    meant = read("", files=[FILM], bot=True)
    assert isinstance(meant, Instruction)
    assert agent(meant).prompt == "Use the attached file."
    assert isinstance(read("", files=[FILM]), Unclear)
    assert isinstance(read("", files=[FILM], by=False), Chatter)
    assert isinstance(read("<@U1|ben> have a look", files=[FILM]), Chatter)
    assert isinstance(read("thanks!", files=[FILM]), Chatter)
    assert isinstance(read("thanks!", files=[FILM], bot=True), Unclear)


def test_more_files_than_an_agent_takes_are_refused() -> None:
    full = IDEA.model_copy(update={"files": (FILM,) * AGENT_FILES_MAX})
    with pytest.raises(RequestError, match="takes 20 files; with these it would have 21"):
        read("slower", Turn(whole=full, because="x"), files=[PICTURE])
    assert agent(read("slower", Turn(whole=full, root="r1"), files=[PICTURE])).otherwise is None


def test_a_second_reply_is_added_to_an_open_message() -> None:
    first = agent(read("slower"))
    second = read("at night", Turn(whole=IDEA, root="r1", so_far=first))
    work = agent(second)
    assert (work.prompt, work.continues) == ("slower\nat night", "r1")
    assert work.otherwise is not None
    assert work.otherwise.prompt == "A film about tea\nslower\nat night"
    apart = agent(read("slower", APART))
    again = agent(read("at night", Turn(whole=IDEA, because="x", so_far=apart)))
    assert again.prompt == "A film about tea\nslower\nat night"


def test_once_more_adds_no_words() -> None:
    assert agent(read("again", APART)).prompt == IDEA.prompt
    assert agent(read("again")).prompt == "again"


def test_a_flag_that_no_agent_takes_is_refused() -> None:
    with pytest.raises(RequestError, match="does not go with an agent video"):
        read("slower --seed 4")
    assert agent(read("--voice Ben")).voice == "Ben"


def test_a_message_fits_where_all_of_it_does_not() -> None:
    long = IDEA.model_copy(update={"prompt": "x" * (AGENT_PROMPT_MAX_CHARS - 3)})
    work = agent(read("slower", Turn(whole=long, root="r1")))
    assert (work.prompt, work.otherwise) == ("slower", None)
    with pytest.raises(RequestError, match="10,004 characters: at most 10,000"):
        read("slower", Turn(whole=long, because="x"))


def test_what_is_filled_in_by_hand_is_still_a_message() -> None:
    filled = Agent(prompt="At night", chat=True, avatar="look-1")
    work = said_in(ONGOING, "At night", filled)
    assert (work.prompt, work.continues, work.avatar, work.voice) == (
        "At night",
        "r1",
        "look-1",
        None,
    )
