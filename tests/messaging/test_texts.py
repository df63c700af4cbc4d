"""Length on the air, and words that must not be there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.messaging.texts import (
    BANNED_WORDS,
    GSM7_BASIC,
    GSM7_EXTENDED,
    banned_words,
    gsm7_segments,
    is_gsm7,
    problems_of,
)

plain = st.text(st.sampled_from(sorted(GSM7_BASIC)))
extended = st.text(st.sampled_from(sorted(GSM7_BASIC | GSM7_EXTENDED)))


def test_alphabet_has_its_128_places() -> None:
    assert len(GSM7_BASIC) == 127  # the 128th is the escape to the extension table


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the pair does not fit the first segment's last place
        ("ŵ" * 70, 1),
        ("ŵ" * 71, 2),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
        ("a" * 106 + "’", 2),
    ],
)
def test_segments_are_counted(text: str, segments: int) -> None:
    assert gsm7_segments(text) == segments


@given(plain)
def test_segments_of_plain_text_follow_from_its_length(text: str) -> None:
    assert gsm7_segments(text) == (1 if len(text) <= 160 else -(-len(text) // 153))


@given(extended, extended)
def test_segments_never_shrink_when_text_is_added(text: str, more: str) -> None:
    assert is_gsm7(text + more)
    assert gsm7_segments(text + more) >= gsm7_segments(text)


@given(st.text())
def test_segments_of_any_text_are_counted(text: str) -> None:
    assert gsm7_segments(text) >= 1


@pytest.mark.parametrize("word", BANNED_WORDS)
def test_banned_word_is_found_in_any_case(word: str) -> None:
    assert word in banned_words(f"About your {word.upper()}, at 6pm")
    assert word in banned_words(f"({word.lower()}s)")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DOMESTIC-ABUSE", ["domestic", "abuse"]),
        ("the police's view", ["police"]),
        ("young\nadults", ["young adults"]),
        ("You were cautioned", ["caution"]),
        ("ｐｏｌｉｃｅ", ["police"]),
        ("We precautionarily courteously carat", []),
        ("Reminder: appointment Thu 26 Nov 6.30pm. Queries 01632 960001.", []),
    ],
)
def test_banned_words_are_whole_words(text: str, found: list[str]) -> None:
    assert banned_words(text) == found


def test_banned_words_can_be_given() -> None:
    assert banned_words("See you at the Elm Centre", ["Elm Centre", "Oak"]) == ["Elm Centre"]


@pytest.mark.parametrize(
    "text", ["Your caution", "See https://example.org", "See www.example.org", "Don’t forget", "a" * 161]
)
def test_problem_is_named(text: str) -> None:
    assert problems_of(text)


def test_discreet_text_has_no_problem() -> None:
    assert problems_of("Reminder: appointment Thu 26 Nov 6.30pm. Queries 01632 960001.") == []
