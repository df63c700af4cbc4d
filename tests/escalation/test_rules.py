"""Who is told what, in which order and by when."""

from datetime import UTC, datetime, timedelta

import pytest

from programme_tracker.escalation.rules import (
    ALLOWED_FACTS,
    Addressee,
    CaseFacts,
    acknowledge_by,
    each_once,
    facts_for,
    latest_hold,
    manager_chase_at,
    must_be_acknowledged,
    notice_kind,
    told_on_release,
)
from programme_tracker.kernel.working_time import WorkingCalendar
from programme_tracker.programmes.rules import GeneralPolicy

POLICY, CALENDAR = GeneralPolicy(), WorkingCalendar()
#: 16:00 in London on Friday 11 September 2026.
FRIDAY = datetime(2026, 9, 11, 15, tzinfo=UTC)

EVERYTHING = {name: f"about {name}" for names in ALLOWED_FACTS.values() for name in names}


def facts(**given: object) -> CaseFacts:
    content: dict[str, object] = {
        "is_mandated": True,
        "risk": "medium",
        "is_priority": False,
        "officer_id": 1,
        "lead_id": 2,
        "referrer_id": 3,
    }
    return CaseFacts(**(content | given))  # type: ignore[arg-type]  # as given by the test


def test_police_may_be_told_what_the_domain_allows_and_no_more() -> None:
    assert set(facts_for("police", EVERYTHING)) == {
        "name",
        "caution_reference",
        "session_on",
        "session_label",
        "attendance",
        "reason_offered",
        "danger",
    }


@pytest.mark.parametrize("recipient", ALLOWED_FACTS)
def test_unknown_and_empty_facts_never_leave(recipient: str) -> None:
    assert (
        facts_for(recipient, {"partner_name": "x", "safe_number": "y", "name": None, "programme": ""}) == {}
    )


def test_reminders_and_risk_stay_from_police_and_referrer() -> None:
    for recipient in ("police", "referrer"):
        assert not {"risk", "reminders", "explanations", "outcome"} & ALLOWED_FACTS[recipient]


@pytest.mark.parametrize(
    ("kind", "recipient", "answer"),
    [
        ("breach", "police", True),
        ("breach", "lead", False),
        ("correction", "enforcement", True),
        ("completed", "police", False),
        ("chase", "victim_safety", False),
        ("number_conflict", "victim_safety", True),
    ],
)
def test_acknowledgement_is_asked_of_those_who_act(kind: str, recipient: str, answer: bool) -> None:
    assert must_be_acknowledged(kind, recipient) is answer


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["police", "lead", "referrer"]),
        ({"referrer_id": 1}, ["police", "lead"]),
        ({"officer_id": None}, ["enforcement", "lead", "referrer"]),
        ({"is_mandated": False}, ["enforcement", "lead", "referrer"]),
        ({"is_mandated": False, "risk": "standard"}, ["lead", "referrer"]),
        (
            {"is_mandated": False, "risk": "standard", "is_priority": True},
            ["enforcement", "lead", "referrer"],
        ),
        ({"is_mandated": False, "referrer_id": 2}, ["enforcement", "lead"]),
    ],
)
def test_told_on_release_by_mandate_and_risk(given: dict[str, object], expected: list[str]) -> None:
    assert [one.recipient for one in told_on_release(facts(**given))] == expected


def test_each_person_once_as_the_first_of_what_they_are() -> None:
    named = [Addressee("referrer", 1), Addressee("manager"), Addressee("police", 1), Addressee("manager")]
    assert each_once(named) == [Addressee("police", 1), Addressee("manager"), Addressee("manager")]


def test_acknowledge_by_working_hours_or_the_clock() -> None:
    by = [acknowledge_by("victim_safety", FRIDAY, risk, POLICY, CALENDAR) for risk in ("medium", "high")]
    assert by == [datetime(2026, 9, 14, 11, tzinfo=UTC), FRIDAY + timedelta(hours=1)]
    assert acknowledge_by("police", FRIDAY, "high", POLICY, CALENDAR) == FRIDAY + timedelta(hours=24)
    assert manager_chase_at(FRIDAY, POLICY) == FRIDAY + timedelta(hours=48)


def test_latest_hold_of_a_mandated_case_is_one_working_day() -> None:
    assert latest_hold(FRIDAY, True, POLICY, CALENDAR) == datetime(2026, 9, 14, 16, tzinfo=UTC)
    assert latest_hold(FRIDAY, False, POLICY, CALENDAR) is None


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        ({"mandated_session_missed", "cannot_complete_in_time"}, "breach"),
        ({"cannot_complete_in_time", "disengaged"}, "cannot_complete"),
        ({"consecutive_absences", "absences_in_window"}, "non_engagement"),
    ],
)
def test_notice_kind_is_the_gravest(rules: set[str], kind: str) -> None:
    assert notice_kind(rules) == kind
