from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.engagement.rules import Finding, Sitting, Standing, next_moment, time_finding
from programme_tracker.programmes.rules import DEFAULT_POLICY

LONDON = ZoneInfo("Europe/London")
A_WHILE = datetime(2027, 12, 1, tzinfo=UTC)


def london(text: str) -> datetime:
    """Return the instant of London wall time such as ``2026-09-01 09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def attended(text: str, outcome: Outcome = Outcome.ATTENDED, **more: Any) -> Sitting:
    starts_at = london(text)
    return Sitting(
        session_id=1, starts_at=starts_at, on=date.fromisoformat(text[:10]), outcome=outcome, **more
    )


def baseline(**more: Any) -> Standing:
    given = {"enrolled_at": london("2026-09-01 09:30")} | more
    return Standing(policy=DEFAULT_POLICY.programmes["baseline"], **given)


def cara(**more: Any) -> Standing:
    given = {"caution_expires_on": date(2027, 1, 1)} | more
    return Standing(policy=DEFAULT_POLICY.programmes["cara"], is_mandated=True, **given)


def due_at(standing: Standing, *sittings: Sitting, now: str = "2026-09-01 10:00") -> datetime | None:
    """Return the next moment and check that the finding is made then and not a second before."""
    due = next_moment(sittings, standing, london(now))
    if due is not None:
        assert time_finding(sittings, standing, due - timedelta(seconds=1)) == []
        assert [one.takes_effect_at for one in time_finding(sittings, standing, due)] == [due]
        assert next_moment(sittings, standing, due) is None
    return due


def test_no_contact_is_found_at_nine_on_its_day() -> None:
    assert due_at(baseline()) == london("2026-09-15 09:00")


def test_no_contact_keeps_nine_o_clock_across_the_clock_change() -> None:
    assert due_at(baseline(enrolled_at=london("2026-10-20 09:30")), now="2026-10-20 10:00") == london(
        "2026-11-03 09:00"
    )


def test_no_contact_says_since_when() -> None:
    (finding,) = time_finding([], baseline(), A_WHILE)
    assert finding == Finding(
        rule=finding.rule,
        level=finding.level,
        takes_effect_at=london("2026-09-15 09:00"),
        since_on=date(2026, 9, 1),
    )
    assert (finding.rule, finding.level) == ("no_contact", "red")


@pytest.mark.parametrize(
    ("programme", "rule", "day"),
    [
        ("radar", "disengaged", "2026-09-22 09:00"),
        ("awareness", "disengaged", "2026-09-22 09:00"),
        ("baseline", "no_contact", "2026-09-15 09:00"),
        ("linx", None, None),
        ("young_adults", None, None),
        ("cara", None, None),
    ],
)
def test_contact_rule_of_each_programme(programme: str, rule: str | None, day: str | None) -> None:
    standing = replace(baseline(), policy=DEFAULT_POLICY.programmes[programme])
    assert due_at(standing) == (london(day) if day else None)
    assert [one.rule for one in time_finding([], standing, A_WHILE)] == ([rule] if rule else [])


def test_no_contact_counts_from_the_first_booked_session_even_ahead() -> None:
    standing = baseline(first_booked_at=london("2026-09-19 14:00"))
    assert due_at(standing) == london("2026-10-03 09:00")


@pytest.mark.parametrize("outcome", [Outcome.ATTENDED, Outcome.ATTENDED_LATE, Outcome.LEFT_EARLY])
@pytest.mark.parametrize("is_assessment", [True, False])
def test_no_contact_counts_from_the_last_attendance(outcome: Outcome, is_assessment: bool) -> None:
    sitting = attended("2026-09-10 14:00", outcome, is_assessment=is_assessment)
    assert due_at(baseline(), sitting, now="2026-09-11 09:00") == london("2026-09-24 09:00")


@pytest.mark.parametrize(
    "outcome", [Outcome.ABSENT, Outcome.ABSENT_ACCEPTABLE, Outcome.EXCUSED_PROVIDER, Outcome.SENT_HOME]
)
def test_no_contact_is_not_put_off_by_a_miss(outcome: Outcome) -> None:
    assert due_at(baseline(), attended("2026-09-10 14:00", outcome)) == london("2026-09-15 09:00")


@pytest.mark.parametrize("field", ["last_contact_at", "contacts"])
def test_no_contact_counts_from_the_last_contact(field: str) -> None:
    contact = london("2026-09-11 11:00")
    standing = baseline(**{field: (contact,) if field == "contacts" else contact})
    assert due_at(standing, now="2026-09-11 12:00") == london("2026-09-25 09:00")


def test_no_contact_judged_as_of_an_earlier_moment_ignores_what_came_later() -> None:
    standing = baseline(contacts=(london("2026-09-15 11:00"),))
    assert len(time_finding([], standing, london("2026-09-15 09:00"))) == 1
    assert time_finding([], standing, london("2026-09-15 12:00")) == []


def test_no_contact_clock_does_not_run_before_enrolment() -> None:
    assert due_at(baseline(enrolled_at=None, first_booked_at=london("2026-09-02 14:00"))) is None


@pytest.mark.parametrize("make", [baseline, cara])
def test_nothing_is_found_once_the_enrolment_is_over(make: Any) -> None:
    assert due_at(make(is_live=False)) is None
    assert time_finding([], make(is_live=False), A_WHILE) == []


def test_no_contact_stops_while_suspended() -> None:
    standing = baseline(suspensions=((london("2026-09-08 10:00"), None),))
    assert due_at(standing, now="2026-09-08 10:00") is None
    assert time_finding([], standing, A_WHILE) == []


def test_no_contact_is_put_off_by_the_days_suspended() -> None:
    standing = baseline(suspensions=((london("2026-09-08 16:00"), london("2026-09-18 09:00")),))
    assert due_at(standing, now="2026-09-18 09:00") == london("2026-09-25 09:00")


def test_no_contact_is_put_off_by_overlapping_suspensions_once() -> None:
    suspensions = (
        (london("2026-09-10 10:00"), london("2026-09-14 10:00")),
        (london("2026-09-08 10:00"), london("2026-09-12 10:00")),
    )
    assert due_at(baseline(suspensions=suspensions), now="2026-09-14 10:00") == london("2026-09-21 09:00")


def test_no_contact_is_put_off_only_by_suspension_after_the_last_contact() -> None:
    standing = baseline(
        suspensions=((london("2026-09-03 10:00"), london("2026-09-10 10:00")),),
        contacts=(london("2026-09-08 10:00"),),
    )
    assert due_at(standing, now="2026-09-10 10:00") == london("2026-09-24 09:00")


def test_no_contact_that_fell_due_before_a_suspension_keeps_its_day() -> None:
    standing = baseline(suspensions=((london("2026-09-15 10:00"), london("2026-09-20 10:00")),))
    (finding,) = time_finding([], standing, london("2026-09-21 10:00"))
    assert finding.takes_effect_at == london("2026-09-15 09:00")


@pytest.mark.parametrize(
    ("start", "end", "due"),
    [
        ("2026-09-15 08:00", "2026-09-15 09:00", "2026-09-15 09:00"),
        ("2026-09-15 08:00", "2026-09-15 10:00", "2026-09-16 09:00"),
        ("2026-09-15 09:00", "2026-09-18 10:00", "2026-09-15 09:00"),
        ("2026-09-14 23:00", "2026-09-15 08:00", "2026-09-16 09:00"),
    ],
)
def test_no_contact_with_a_suspension_about_its_very_moment(start: str, end: str, due: str) -> None:
    standing = baseline(suspensions=((london(start), london(end)),))
    (finding,) = time_finding([], standing, london("2026-09-20 09:00"))
    assert finding.takes_effect_at == london(due)


def test_cannot_complete_the_day_after_the_last_day_for_part_a() -> None:
    assert due_at(cara(), now="2026-11-20 09:00") == london("2026-12-05 09:00")


def test_cannot_complete_the_day_after_the_expiry_once_part_a_is_done() -> None:
    standing = cara(part_a_attended_on=date(2026, 12, 1))
    assert due_at(standing, now="2026-12-06 09:00") == london("2027-01-02 09:00")


def test_cannot_complete_at_once_when_part_a_left_no_room() -> None:
    standing = cara(part_a_attended_on=date(2026, 12, 20))
    assert [one.rule for one in time_finding([], standing, london("2026-12-20 16:00"))] == [
        "cannot_complete_in_time"
    ]


@pytest.mark.parametrize(
    "more", [{"parts_complete": True}, {"awaiting_register": True}, {"caution_expires_on": None}]
)
def test_cannot_complete_is_not_found(more: dict[str, Any]) -> None:
    assert time_finding([], cara(**more), A_WHILE) == []
    assert due_at(cara(**more), now="2026-11-20 09:00") is None


def test_cannot_complete_is_found_during_a_suspension_for_the_caution_runs_on() -> None:
    standing = cara(suspensions=((london("2026-11-21 10:00"), None),))
    assert due_at(standing, now="2026-11-22 09:00") == london("2026-12-05 09:00")


def test_cannot_complete_is_off_where_the_policy_says_so() -> None:
    policy = replace(DEFAULT_POLICY.programmes["cara"], cannot_complete_in_time=False)
    assert due_at(replace(cara(), policy=policy)) is None


def test_time_of_day_is_the_policys() -> None:
    assert due_at(baseline(time_rules_at=time(7, 30))) == london("2026-09-15 07:30")


# A second, naive statement: London days are walked through one by one, and each whose closing
# midnight is spent in suspension is struck off.


def naive_due(standing: Standing, sittings: list[Sitting], now: datetime, days: int) -> datetime | None:
    """Say when ``days`` days without contact are over, if nothing else happens."""
    begun = [(start, end or A_WHILE) for start, end in standing.suspensions if start <= now]
    if standing.enrolled_at is None or not standing.is_live or any(now < end for _, end in begun):
        return None
    since = [standing.enrolled_at]
    since += [standing.first_booked_at] if standing.first_booked_at else []
    since += [one.starts_at for one in sittings if OUTCOMES[one.outcome].attended and one.starts_at <= now]
    since += [one for one in standing.contacts if one <= now]
    day, left = max(since).astimezone(LONDON).date(), days
    while left or any(start < nine(day) < end for start, end in begun):
        midnight = nine(day) + timedelta(hours=15)
        if not any(max(start, *since) < midnight <= end for start, end in begun):
            left = max(left - 1, 0)
        day += timedelta(days=1)
    return nine(day)


def nine(day: date) -> datetime:
    return datetime.combine(day, time(9), LONDON).astimezone(UTC)


MOMENTS = st.builds(
    lambda days, hour: nine(date(2026, 9, 1) + timedelta(days=days)) + timedelta(hours=hour),
    st.integers(0, 90),
    st.sampled_from([-9, -1, 0, 1, 14]),
)


@st.composite
def standings(draw: st.DrawFn) -> tuple[Standing, list[Sitting]]:
    """Build standings with up to three suspensions, contacts and sittings each."""
    spans = [sorted(draw(st.tuples(MOMENTS, MOMENTS))) for _ in range(draw(st.integers(0, 3)))]
    standing = Standing(
        policy=DEFAULT_POLICY.programmes[draw(st.sampled_from(["baseline", "radar"]))],
        enrolled_at=draw(st.none() | MOMENTS | MOMENTS),
        first_booked_at=draw(st.none() | MOMENTS),
        contacts=tuple(draw(st.lists(MOMENTS, max_size=3))),
        suspensions=tuple((start, end if draw(st.integers(0, 9)) else None) for start, end in spans),
        is_live=draw(st.sampled_from([True, True, True, False])),
    )
    outcomes = draw(st.lists(st.tuples(st.sampled_from(Outcome), MOMENTS), max_size=3))
    sittings = [
        Sitting(session_id=n, starts_at=at, on=at.astimezone(LONDON).date(), outcome=outcome)
        for n, (outcome, at) in enumerate(outcomes)
    ]
    return standing, sittings


@given(case=standings(), now=MOMENTS)
def test_contact_rules_agree_with_the_naive_statement(
    case: tuple[Standing, list[Sitting]], now: datetime
) -> None:
    standing, sittings = case
    days = standing.policy.no_contact_days or standing.policy.disengaged_days or 0
    expected = naive_due(standing, sittings, now, days)
    made = [one.takes_effect_at for one in time_finding(sittings, standing, now)]
    coming = next_moment(sittings, standing, now)
    assert made == ([expected] if expected and expected <= now else [])
    assert coming == (expected if expected and expected > now else None)


@given(case=standings(), now=MOMENTS)
def test_next_moment_is_where_the_answer_changes_and_none_before(
    case: tuple[Standing, list[Sitting]], now: datetime
) -> None:
    standing, sittings = case
    standing = replace(standing, contacts=tuple(one for one in standing.contacts if one <= now))
    standing = replace(
        standing, suspensions=tuple(one for one in standing.suspensions if one[1] and one[1] <= now)
    )
    sittings = [one for one in sittings if one.starts_at <= now]
    coming = next_moment(sittings, standing, now)
    before = time_finding(sittings, standing, now)
    last = coming - timedelta(microseconds=1) if coming else A_WHILE
    assert time_finding(sittings, standing, last) == before
    if coming:
        assert coming > now
        assert time_finding(sittings, standing, coming) != before
