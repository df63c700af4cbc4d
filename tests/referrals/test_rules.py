"""Eligibility, ages, likely duplicates, the caution's length, first contact."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.kernel.working_time import from_local
from programme_tracker.referrals.rules import (
    CARA_QUESTIONS,
    EligibilityQuestion,
    Identity,
    ReferralStatus,
    add_months,
    age_on,
    age_refusal,
    birthday_on,
    caution_length_check,
    eligibility,
    first_contact_due,
    likely_same_person,
    turns_sixteen_on,
)

GOOD = {question.key: "medium" if question.by_level else "yes" for question in CARA_QUESTIONS}
NUMBER = "+447700900123"
births = st.dates(date(1920, 1, 1), date(2020, 12, 31))


def test_eligibility_asks_what_cara_asks() -> None:
    assert list(GOOD) == [
        "adult",
        "intimate_partner",
        "eligible_offence",
        "admission",
        "no_violence_two_years",
        "not_serving_community_sentence",
        "dash_level",
        "victim_agrees",
    ]


def test_eligibility_accepts_when_every_answer_is_good() -> None:
    assert eligibility(GOOD).verdict is ReferralStatus.ACCEPTED


@pytest.mark.parametrize("question", CARA_QUESTIONS, ids=lambda question: question.key)
def test_eligibility_refuses_each_failing_answer_with_its_reason(question: EligibilityQuestion) -> None:
    result = eligibility({**GOOD, question.key: "high" if question.by_level else "no"})
    assert result.verdict is ReferralStatus.REJECTED
    assert result.reasons == (question.refuses_with,)


@pytest.mark.parametrize("key", list(GOOD))
def test_eligibility_holds_what_is_not_known_or_not_answered(key: str) -> None:
    not_known = eligibility({**GOOD, key: "unknown"})
    missing = eligibility({other: answer for other, answer in GOOD.items() if other != key})
    assert not_known == missing
    assert not_known.verdict is ReferralStatus.INFORMATION_REQUESTED
    assert [question.key for question in not_known.unknown] == [key]


def test_eligibility_refuses_even_when_something_else_is_not_known() -> None:
    result = eligibility({**GOOD, "admission": "no", "adult": "unknown"})
    assert result.verdict is ReferralStatus.REJECTED
    assert [question.key for question in result.unknown] == ["adult"]


def test_eligibility_by_the_dash_levels_a_force_allows() -> None:
    only_standard = frozenset({"standard"})
    assert eligibility(GOOD, allowed_dash=only_standard).verdict is ReferralStatus.REJECTED
    standard = {**GOOD, "dash_level": "standard"}
    assert eligibility(standard, allowed_dash=only_standard).verdict is ReferralStatus.ACCEPTED


@pytest.mark.parametrize(
    ("key", "answer"), [("admission", "maybe"), ("dash_level", "yes"), ("adult", "high")]
)
def test_eligibility_of_an_answer_that_is_none(key: str, answer: str) -> None:
    with pytest.raises(ValueError, match=key):
        eligibility({**GOOD, key: answer})


@pytest.mark.parametrize(
    ("born_on", "day", "age"),
    [
        (date(1990, 1, 31), date(2026, 1, 30), 35),
        (date(1990, 1, 31), date(2026, 1, 31), 36),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2012, 2, 29), date(2028, 2, 28), 15),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
    ],
)
def test_age_on_and_around_a_birthday(born_on: date, day: date, age: int) -> None:
    assert age_on(born_on, day) == age


@pytest.mark.parametrize(
    ("born_on", "birthday"),
    [
        (date(2011, 1, 9), date(2027, 1, 9)),
        (date(2012, 2, 29), date(2028, 2, 29)),
        (date(2084, 2, 29), date(2100, 3, 1)),
    ],
)
def test_turns_sixteen_on_the_birthday(born_on: date, birthday: date) -> None:
    assert turns_sixteen_on(born_on) == birthday


@given(births, st.integers(1, 90))
def test_birthday_is_the_first_day_of_an_age(born_on: date, age: int) -> None:
    birthday = birthday_on(born_on, age)
    assert age_on(born_on, birthday) == age
    assert age_on(born_on, birthday - timedelta(days=1)) == age - 1


@pytest.mark.parametrize(
    ("born_on", "refused"),
    [
        (date(2014, 12, 2), "The programme is for people aged 12 or over; this person is 11."),
        (date(2014, 12, 1), None),
        (date(2008, 12, 2), None),
        (date(2008, 12, 1), "The programme is for people aged 17 or under; this person is 18."),
    ],
)
def test_age_refusal_at_both_ends(born_on: date, refused: str | None) -> None:
    assert age_refusal(born_on, date(2026, 12, 1), 12, 17) == refused


def test_age_refusal_without_an_upper_limit() -> None:
    assert age_refusal(date(1930, 1, 1), date(2026, 12, 1), 16, None) is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("José  O'Brien", "jose obrien", True),
        ("Anne-Marie Łuczak", "ANNE MARIE LUCZAK", True),
        ("Maryjane Doe", "Mary Jane Doe", True),
        ("Doe John", "John Doe", True),
        ("John Doe", "Jon Doe", False),
        ("", " ", False),
        ("Straße", "STRASSE", True),
    ],
)
def test_likely_same_person_by_name_and_birth_date(a: str, b: str, same: bool) -> None:
    born_on = date(1990, 1, 31)
    assert likely_same_person(Identity(a, born_on), Identity(b, born_on)) is same
    assert not likely_same_person(Identity(a, born_on), Identity(b, date(1990, 1, 30)))
    assert not likely_same_person(Identity(a), Identity(b))


def test_likely_same_person_by_number() -> None:
    kev, ian = Identity("Kev", date(1990, 1, 1), NUMBER), Identity("Ian", date(1992, 2, 2), NUMBER)
    assert likely_same_person(kev, ian)
    assert not likely_same_person(Identity("Kev", number=""), Identity("Ian", number=""))


@pytest.mark.parametrize(
    ("issued_on", "expires_on"),
    [
        (date(2026, 10, 31), date(2027, 2, 28)),
        (date(2027, 10, 31), date(2028, 2, 29)),
        (date(2026, 9, 1), date(2027, 1, 1)),
        (date(2026, 1, 31), date(2026, 5, 31)),
    ],
)
def test_caution_length_of_four_calendar_months_clamped(issued_on: date, expires_on: date) -> None:
    assert caution_length_check(issued_on, expires_on) is None
    assert caution_length_check(issued_on, expires_on + timedelta(days=1))


def test_caution_length_of_sixteen_weeks_is_questioned() -> None:
    warning = caution_length_check(date(2026, 9, 1), date(2026, 12, 22))
    assert warning == (
        "Four months from 1 September 2026 is 1 January 2027, not 22 December 2026. "
        "Check the expiry date printed on the caution."
    )


@given(births, st.integers(0, 60))
def test_add_months_lands_in_the_month_asked_for(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("received", "lead", "manager"),
    [
        ("2026-11-20 09:00", "2026-11-27 09:00", "2026-12-04 09:00"),
        ("2026-10-20 23:30", "2026-10-27 09:00", "2026-11-03 09:00"),
        ("2026-07-01 00:30", "2026-07-08 09:00", "2026-07-15 09:00"),
    ],
)
def test_first_contact_is_due_in_a_week_and_a_fortnight(received: str, lead: str, manager: str) -> None:
    due = tuple(from_local(datetime.fromisoformat(text)) for text in (lead, manager))
    assert first_contact_due(from_local(datetime.fromisoformat(received))) == due
