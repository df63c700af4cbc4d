"""Which state may follow which."""

from enum import StrEnum

import pytest

from programme_tracker.referrals.rules import (
    ALLOWED,
    EnrolmentStatus,
    Gate,
    PoliceDecision,
    ReferralStatus,
    gate_is_open,
    has_ended,
    is_live,
    may_change,
    may_reopen,
)

ENDED = {
    EnrolmentStatus.COMPLETED,
    EnrolmentStatus.WITHDRAWN,
    EnrolmentStatus.DESELECTED,
    EnrolmentStatus.TRANSFERRED,
}


@pytest.mark.parametrize("kind", [ReferralStatus, Gate, EnrolmentStatus])
def test_every_state_has_its_line_in_the_table(kind: type[StrEnum]) -> None:
    assert set(ALLOWED[kind]) == set(kind)
    for before, following in ALLOWED[kind].items():
        assert all(type(after) is kind for after in following)
        assert before not in following


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        (Gate.PENDING, Gate.GRANTED, True),
        (Gate.PENDING, Gate.REFUSED, True),
        (Gate.PENDING, Gate.NOT_APPLICABLE, True),
        (Gate.PENDING, Gate.WITHDRAWN, False),
        (Gate.GRANTED, Gate.WITHDRAWN, True),
        (Gate.GRANTED, Gate.REFUSED, False),
        (Gate.WITHDRAWN, Gate.GRANTED, True),
        (Gate.REFUSED, Gate.GRANTED, True),
        (ReferralStatus.RECEIVED, ReferralStatus.ACCEPTED, True),
        (ReferralStatus.INFORMATION_REQUESTED, ReferralStatus.ACCEPTED, True),
        (ReferralStatus.REJECTED, ReferralStatus.ACCEPTED, False),
        (EnrolmentStatus.WAITLISTED, EnrolmentStatus.ENROLLED, True),
        (EnrolmentStatus.ENROLLED, EnrolmentStatus.ATTENDING, True),
        (EnrolmentStatus.ATTENDING, EnrolmentStatus.COMPLETED, True),
        (EnrolmentStatus.ATTENDING, EnrolmentStatus.BREACH_REPORTED, True),
        (EnrolmentStatus.BREACH_REPORTED, EnrolmentStatus.BREACH_DECIDED, True),
        (EnrolmentStatus.BREACH_REPORTED, EnrolmentStatus.ATTENDING, True),
        (EnrolmentStatus.SUSPENDED, EnrolmentStatus.BREACH_REPORTED, True),
        (EnrolmentStatus.WAITLISTED, EnrolmentStatus.COMPLETED, False),
        (EnrolmentStatus.ATTENDING, EnrolmentStatus.BREACH_DECIDED, True),
        (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.ATTENDING, False),
        (EnrolmentStatus.COMPLETED, EnrolmentStatus.SUSPENDED, False),
    ],
)
def test_may_change_from_one_state_to_another(before: StrEnum, after: StrEnum, answer: bool) -> None:
    assert may_change(before, after) is answer


def test_may_change_between_kinds_is_an_error() -> None:
    with pytest.raises(TypeError, match="two kinds"):
        may_change(EnrolmentStatus.ATTENDING, Gate.WITHDRAWN)


@pytest.mark.parametrize("status", EnrolmentStatus)
@pytest.mark.parametrize("decision", [None, *PoliceDecision])
def test_live_ended_and_suspended_cover_every_enrolment_once(
    status: EnrolmentStatus, decision: PoliceDecision | None
) -> None:
    suspended = status is EnrolmentStatus.SUSPENDED
    assert [is_live(status, decision), has_ended(status, decision), suspended].count(True) == 1


def test_a_decided_breach_ends_only_when_charged() -> None:
    ending = {each for each in PoliceDecision if has_ended(EnrolmentStatus.BREACH_DECIDED, each)}
    assert ending == {PoliceDecision.CHARGED}


@pytest.mark.parametrize("status", EnrolmentStatus)
def test_reopening_is_for_what_has_ended(status: EnrolmentStatus) -> None:
    assert may_reopen(status, EnrolmentStatus.ENROLLED) is (
        status in ENDED | {EnrolmentStatus.BREACH_DECIDED}
    )
    assert not may_reopen(status, EnrolmentStatus.COMPLETED)


def test_gate_is_open_when_granted_or_not_applicable() -> None:
    assert {gate for gate in Gate if gate_is_open(gate)} == {Gate.GRANTED, Gate.NOT_APPLICABLE}
