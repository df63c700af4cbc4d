from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.attendance.rules import OUTCOMES, Outcome, Reason, mark_faults, outcome_for_arrival

STARTS_AT = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)


def arriving_at(hour: int, minute: int, second: int = 0, grace: int = 15) -> Outcome:
    return outcome_for_arrival(STARTS_AT, STARTS_AT.replace(hour=hour, minute=minute, second=second), grace)


@pytest.mark.parametrize(
    ("hour", "minute", "second", "outcome"),
    [
        (18, 0, 0, Outcome.ATTENDED),
        (18, 30, 0, Outcome.ATTENDED),
        (18, 30, 59, Outcome.ATTENDED),
        (18, 31, 0, Outcome.ATTENDED_LATE),
        (18, 44, 0, Outcome.ATTENDED_LATE),
        (18, 45, 59, Outcome.ATTENDED_LATE),
        (18, 46, 0, Outcome.REFUSED_LATE),
    ],
)
def test_arrival_within_and_after_the_grace(hour: int, minute: int, second: int, outcome: Outcome) -> None:
    assert arriving_at(hour, minute, second) is outcome


@pytest.mark.parametrize(
    ("minute", "outcome"), [(30, Outcome.ATTENDED), (31, Outcome.REFUSED_LATE), (37, Outcome.REFUSED_LATE)]
)
def test_arrival_without_grace_is_refused_when_late(minute: int, outcome: Outcome) -> None:
    assert arriving_at(18, minute, grace=0) is outcome


def test_arrival_is_compared_as_instants_across_the_hour_that_comes_twice() -> None:
    london = ZoneInfo("Europe/London")
    starts_at = datetime(2026, 10, 25, 1, 50, tzinfo=london, fold=0)
    an_hour_late = datetime(2026, 10, 25, 1, 50, tzinfo=london, fold=1)
    assert outcome_for_arrival(starts_at, an_hour_late, 15) is Outcome.REFUSED_LATE


@given(seconds=st.integers(-4 * 3600, 4 * 3600), grace=st.integers(0, 60))
def test_arrival_agrees_with_counting_minutes(seconds: int, grace: int) -> None:
    minutes_late = seconds // 60
    expected = (
        Outcome.ATTENDED
        if minutes_late <= 0
        else Outcome.ATTENDED_LATE
        if minutes_late <= grace
        else Outcome.REFUSED_LATE
    )
    assert outcome_for_arrival(STARTS_AT, STARTS_AT + timedelta(seconds=seconds), grace) is expected


def names(**kind: bool) -> set[str]:
    (flag,) = kind
    return {outcome.value for outcome in Outcome if getattr(OUTCOMES[outcome], flag)}


def test_outcomes_count_as_the_register_table_says() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert names(credit=True) == {"attended", "attended_late"}
    assert names(attended=True) == {"attended", "attended_late", "left_early"}
    assert names(late=True) == {"attended_late"}
    assert names(unexplained=True) == {"sent_home", "refused_late", "absent", "absent_unacceptable"}
    assert names(acceptable=True) == {"absent_acceptable"}
    assert names(neutral=True) == {"excused_provider", "excused_suspended"} == names(system_only=True)
    assert names(needs_note=True) == {"left_early", "sent_home"}
    assert names(needs_reason=True) == {"absent_acceptable"}
    assert names(missed=True) == names(unexplained=True) | names(acceptable=True)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_exactly_one_of_four_things(outcome: Outcome) -> None:
    kind = outcome.kind
    assert [kind.attended, kind.unexplained, kind.acceptable, kind.neutral].count(True) == 1


def test_mark_of_an_acceptable_absence_needs_reason_evidence_and_authoriser() -> None:
    assert set(mark_faults(Outcome.ABSENT_ACCEPTABLE)) == {"reason", "evidence", "authoriser"}
    assert mark_faults(Outcome.ABSENT_ACCEPTABLE, Reason.MEDICAL, "hospital letter", None, 4) == {}
    assert set(mark_faults(Outcome.ABSENT_ACCEPTABLE, Reason.MEDICAL, "  ", None, "")) == {
        "evidence",
        "authoriser",
    }


@pytest.mark.parametrize("outcome", [Outcome.LEFT_EARLY, Outcome.SENT_HOME])
def test_mark_that_needs_a_note_is_refused_without_one(outcome: Outcome) -> None:
    assert set(mark_faults(outcome, note=" \n")) == {"note"}
    assert mark_faults(outcome, note="went home ill") == {}


@pytest.mark.parametrize("outcome", [Outcome.EXCUSED_PROVIDER, Outcome.EXCUSED_SUSPENDED])
def test_mark_that_only_the_system_sets_is_refused(outcome: Outcome) -> None:
    assert set(mark_faults(outcome, Reason.WORK, "rota", "note", 1)) == {"outcome"}


@pytest.mark.parametrize("outcome", [Outcome.ABSENT, Outcome.ABSENT_ACCEPTABLE])
def test_mark_with_an_unknown_reason_is_refused(outcome: Outcome) -> None:
    assert mark_faults(outcome, "weather", "photo", None, 1) == {"reason": "Choose a reason from the list."}


def test_mark_of_an_unexplained_absence_may_carry_a_reason_offered() -> None:
    assert mark_faults(Outcome.ABSENT, Reason.MEDICAL) == {}
