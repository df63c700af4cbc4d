"""What a participant is found by, and what somebody asked for."""

import pytest

from programme_tracker.people.finding.rules import (
    Part,
    TermKind,
    asked_for,
    caution_terms,
    mobile_terms,
    name_terms,
    reference_terms,
    words_of,
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Seán O'Brien-Łukasz", ["sean", "obrien", "lukasz"]),
        ("Siân D’Arcy", ["sian", "darcy"]),
        ("Þór Æsir", ["thor", "aesir"]),
        ("Đặng Văn Ngọc", ["dang", "van", "ngoc"]),
        ("Mehmet Işık", ["mehmet", "isik"]),
        ("  Li  ", ["li"]),
        ("…", []),
    ],
)
def test_names_are_compared_by_plain_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words


def test_a_word_is_kept_with_its_endings_and_its_neighbour() -> None:
    terms = name_terms("Ann Smith-Li")
    assert {term for term, kind in terms if kind is TermKind.NAME} == {
        *("ann", "smith", "li", "annsmith", "smithli")
    }
    assert {term for term, kind in terms if kind is TermKind.WITHIN_NAME} == {"mith", "ith"}


def test_numbers_and_references_are_kept_by_their_endings() -> None:
    assert ("7700900123", TermKind.MOBILE) in mobile_terms("+447700900123")
    assert ("123", TermKind.MOBILE) in mobile_terms("+447700900123")
    assert mobile_terms(None) == set()
    assert ("000123", TermKind.REFERENCE) in reference_terms("P000123")
    assert ("cc2609123", TermKind.CAUTION) in caution_terms("CC/2609/123")
    assert caution_terms(None) == set()


@pytest.mark.parametrize(
    "typed",
    ["07700 900123", "+44 7700 900123", "+44 (0)7700 900 123", "0044 7700900123", "07700-900-123"],
)
def test_a_number_is_read_in_every_usual_form(typed: str) -> None:
    asked = asked_for(typed)
    assert any("7700900123" in part.beginnings for part in (*asked.parts, asked.code) if part)


@pytest.mark.parametrize("typed", ["P000042", "p42", "P 42", "000042", "42"])
def test_a_reference_is_read_however_short_it_is_typed(typed: str) -> None:
    assert asked_for(typed).reference == "P000042"


def test_words_and_figures_together_must_both_be_found() -> None:
    asked = asked_for("Li 0123")
    assert asked.parts == (Part(("li",), at_start=True), Part(("0123", "123")))


@pytest.mark.parametrize("typed", ["", " ", "a", "…", "7", "12", "%_"])
def test_too_little_is_said_to_be_too_little(typed: str) -> None:
    assert asked_for(typed).is_too_short


@pytest.mark.parametrize("typed", ["li", "J Smith", "123", "CC/2609/123"])
def test_enough_is_looked_for(typed: str) -> None:
    assert not asked_for(typed).is_too_short
