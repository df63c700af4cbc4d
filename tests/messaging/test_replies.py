"""What inbound texts mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.messaging.replies import (
    DEFAULT_WRONG_PERSON_PHRASES,
    OPT_OUT_WORDS,
    Reply,
    ReplyKind,
    classify,
)

K = ReplyKind


@pytest.mark.parametrize("word", sorted(OPT_OUT_WORDS))
@pytest.mark.parametrize("shape", ["{}", "{} please", " {}!", "“{}”", "🛑 {}.", "{}\nthis is spam"])
def test_opt_out_word_alone_or_first_stops(word: str, shape: str) -> None:
    for said in (word, word.upper(), word.title()):
        assert classify(shape.format(said)) == Reply(K.STOP, opts_out=True)


@pytest.mark.parametrize("body", ["I will stop by at 6", "Stopped for petrol", "weekend ok?", "Ending soon"])
def test_opt_out_word_elsewhere_goes_to_a_person(body: str) -> None:
    assert classify(body) == Reply(K.OTHER)


@pytest.mark.parametrize(
    "body", ["1", " 1. ", "1️⃣", "１", "1 👍", "ok", "OK!", "Okay thanks", "yes", "YES please", "Yes 🙂"]
)
def test_one_ok_or_yes_confirms(body: str) -> None:
    assert classify(body) == Reply(K.CONFIRM)


@pytest.mark.parametrize("body", ["2", "2.", "2 please", "2️⃣ thanks"])
def test_two_asks_for_a_call(body: str) -> None:
    assert classify(body) == Reply(K.CALL_ME)


@pytest.mark.parametrize(
    "body",
    [
        "1 2",
        "12",
        "yes but I'll be late",
        "1 or 2?",
        "thanks",
        "👍",
        "",
        "   ",
        "ok who is it for",
        "help me he is here",
        "start time?",
    ],
)
def test_anything_else_goes_to_a_person(body: str) -> None:
    assert classify(body) == Reply(K.OTHER)


@pytest.mark.parametrize(
    ("body", "kind"), [("START", K.START), ("Unstop", K.START), ("HELP", K.HELP), ("info?", K.HELP)]
)
def test_start_and_help_are_understood_alone(body: str, kind: ReplyKind) -> None:
    assert classify(body) == Reply(kind)


@pytest.mark.parametrize("phrase", DEFAULT_WRONG_PERSON_PHRASES)
def test_wrong_person_phrase_is_found_anywhere_with_or_without_apostrophes(phrase: str) -> None:
    for said in (phrase, phrase.upper(), phrase.replace("'", ""), phrase.replace("'", "’")):
        assert classify(f"sorry, {said}.").is_wrong_person


def test_ex_who_answers_is_the_wrong_person() -> None:
    assert classify("he left, this is his ex. dont text again") == Reply(K.WRONG_PERSON)


@pytest.mark.parametrize(
    "body", ["STOP this is his ex", "end of the road who is this?", "Cancel. Wrong number"]
)
def test_wrong_person_who_stops_is_both(body: str) -> None:
    assert classify(body) == Reply(K.WRONG_PERSON, opts_out=True)


def test_confirmation_from_the_wrong_person_confirms_nothing() -> None:
    assert classify("1 but who is this") == Reply(K.WRONG_PERSON)


@pytest.mark.parametrize("body", ["she left early", "this exam", "his example", "whose is this"])
def test_phrases_are_whole_words(body: str) -> None:
    assert classify(body, ["his ex", "who is this"]) == Reply(K.OTHER)


def test_phrases_can_be_given() -> None:
    assert classify("Not this phone, love", ["not this phone"]).is_wrong_person


@given(st.text(), st.sampled_from(sorted(OPT_OUT_WORDS)))
def test_stop_is_never_lost_whatever_follows(rest: str, word: str) -> None:
    assert classify(f"{word} {rest}").opts_out


@given(st.text(), st.text())
def test_wrong_person_is_never_lost_whatever_stands_around(before: str, after: str) -> None:
    assert classify(f"{before} wrong number {after}").is_wrong_person
