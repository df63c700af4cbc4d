"""Policy versions, their trial on real registers, and programmes added without code."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.audit.models import AuditEntry
from programme_tracker.engagement.models import Flag
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.programmes.models import PolicyVersion
from programme_tracker.programmes.queries import active_programmes, newest_version, policy_at
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate
from programme_tracker.workflows import deciding, groups, policies
from programme_tracker.workflows.policy_trial import TrialLine, trial
from programme_tracker.workflows.referring import refer, sign_off
from programme_tracker.workflows.registers import submit_register
from tests.factories.cases import Team, cara_referral, make_team, sam

THURSDAY = datetime(2026, 9, 10, 18, 30)  # noqa: DTZ001 - a wall time
TOMORROW = date(2026, 9, 2)

STRICTER = {"radar": {"consecutive_absences": 1}}


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        return make_team()


def joined(team: Team, programme: str = "radar", number: int = 0, group_id: int | None = None) -> Enrolment:
    """Refer somebody, sign them off and put them in a group."""
    now = clocks.now()
    enrolment = refer(
        sam(name=f"Sam Number {number}", mobile=f"07700 9001{number:02}"),
        cara_referral(
            team,
            programme_code=programme,
            route="self",
            referrer_id=team.lead.staff_id,
            caution_reference=None,
            caution_issued_on=None,
            caution_expires_on=None,
        ),
        actor=team.lead,
        now=now,
    )
    assert enrolment is not None
    sign_off(enrolment.id, Gate.GRANTED, actor=team.worker, now=now)
    if group_id is None:
        staff, count = [team.facilitator.staff_id or 0], 8 if programme == "radar" else None
        plan = groups.GroupPlan("Thursday", programme, THURSDAY, staff, sessions=count)
        group_id = groups.create_group(plan, actor=team.lead, now=now).id
    groups.join_group(enrolment.id, group_id, actor=team.lead, now=now)
    return enrolment


def hold_weeks(team: Team, clock: SettableClock, group_id: int, *weeks: Mapping[int, str]) -> None:
    """Let week after week go by and submit each register, outcomes by enrolment."""
    for week, outcomes in enumerate(weeks):
        session = groups.sessions_to_come(group_id, clock.now())[0]
        session_id, ends_at = session.id, session.starts_at + timedelta(hours=3)
        advance(clock, ends_at, RecordingProvider())
        marks = {enrolment_id: said(outcome) for enrolment_id, outcome in outcomes.items()}
        submit_register(session_id, marks, token=f"week {week}", actor=team.facilitator, now=clock.now())


def said(outcome: str) -> MarkDetails:
    if outcome == "absent_acceptable":
        return MarkDetails(Outcome(outcome), reason="work", evidence="a rota")
    return MarkDetails(Outcome(outcome))


def rows_of_every_table() -> dict[str, int]:
    counted = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return counted


def raised_in_fact() -> Counter[tuple[str, str]]:
    """Count the flags raised, by rule and level, without the rule that time alone fulfils as well."""
    found = select(Flag.rule, Flag.level).where(Flag.rule != "disengaged")
    return Counter((rule, level) for rule, level in db.session.execute(found))


def in_trial(lines: list[TrialLine]) -> dict[tuple[str, str], int]:
    return {(line.rule, line.level): line.raised_now for line in lines if line.rule != "disengaged"}


def a_term(app: Flask, team: Team, clock: SettableClock) -> Enrolment:
    """Play seven weeks of two people with every kind of trouble; return the first."""
    first = joined(team)
    group_id = first.group_id or 0
    second = joined(team, number=1, group_id=group_id)
    one, two = first.id, second.id
    hold_weeks(
        team,
        clock,
        group_id,
        {one: "attended", two: "attended_late"},
        {one: "absent", two: "absent_acceptable"},
        {one: "attended", two: "attended_late"},
        {one: "absent", two: "absent_acceptable"},
        {one: "absent", two: "absent"},
        {one: "absent", two: "absent"},
        {one: "attended", two: "attended_late"},
    )
    return first


def test_trial_of_the_policy_in_force_finds_what_was_raised_and_no_more(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        a_term(app, team, clock)
        lines = trial(policy_at(clock.now()), now=clock.now())
        assert [line.more for line in lines] == [0] * len(lines)
        assert in_trial(lines) == raised_in_fact()
        assert {line.rule for line in lines} >= {"consecutive_absences", "lateness", "first_absence"}


def test_trial_raises_again_what_a_person_has_cleared(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        enrolment = joined(team)
        group_id, one = enrolment.group_id or 0, enrolment.id
        hold_weeks(team, clock, group_id, {one: "absent"}, {one: "absent"})
        for flag in db.session.scalars(select(Flag).where(Flag.state == "open")).all():
            deciding.clear(flag.id, "talked", actor=team.lead, now=clock.now())
        hold_weeks(team, clock, group_id, {one: "attended"}, {one: "absent"}, {one: "absent"})
        lines = trial(policy_at(clock.now()), now=clock.now())
        assert in_trial(lines) == raised_in_fact()


def test_trial_of_a_stricter_policy_says_what_it_would_have_raised(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        enrolment = joined(team)
        one = enrolment.id
        hold_weeks(team, clock, enrolment.group_id or 0, {one: "absent"}, {one: "attended"})
        tried = trial(policies.changed(newest_version(), STRICTER), now=clock.now())
        assert {line for line in tried if line.more} == {
            TrialLine("radar", "consecutive_absences", "red", 0, 1),
            TrialLine("radar", "first_absence", "amber", 1, 0),
        }


def test_trial_leaves_out_what_lies_further_back(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        enrolment = joined(team)
        hold_weeks(team, clock, enrolment.group_id or 0, {enrolment.id: "absent"})
        assert trial(policy_at(clock.now()), now=clock.now() + timedelta(days=91)) == []


def test_trial_writes_nothing(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        a_term(app, team, clock)
        before = rows_of_every_table()
        assert trial(policies.changed(newest_version(), STRICTER), now=clock.now())
        assert not db.session.new and not db.session.dirty
        assert rows_of_every_table() == before


def test_trial_asks_as_often_for_three_people_as_for_one(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    from sqlalchemy import event

    def statements() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            trial(newest_version(), now=clock.now())
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    with app.app_context():
        enrolment = joined(team)
        group_id, one = enrolment.group_id or 0, enrolment.id
        hold_weeks(team, clock, group_id, {one: "absent"})
        with_one = statements()
        for number in (1, 2):
            joined(team, number=number, group_id=group_id)
        hold_weeks(team, clock, group_id, {one: "absent"})
        assert statements() == with_one


def test_version_starts_on_its_day_and_past_flags_keep_theirs(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        policies.make_version(STRICTER, from_on=TOMORROW, note="try", actor=team.manager, now=clock.now())
        assert policy_at(clock.now()).version == 1
        clock.advance(timedelta(days=1))
        assert policy_at(clock.now()).version == 2
        assert policy_at(clock.now()).programmes["radar"].consecutive_absences == 1
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "policy.version_made")).all()
        assert entry[-1].detail["number"] == 2


@pytest.mark.parametrize(
    ("overrides", "day", "note", "field"),
    [
        (STRICTER, date(2026, 9, 1), "today", "from_on"),
        (STRICTER, TOMORROW, " ", "note"),
        ({"radar": {"consecutive_absences": 2}}, TOMORROW, "nothing differs", None),
        ({"radar": {"min_age": 40, "max_age": 20}}, TOMORROW, "ages", "max_age"),
        ({"cara": {"mandated_session_missed": None}}, TOMORROW, "unreported", "mandated_session_missed"),
        ({"general": {"text_opens": "21:00"}}, TOMORROW, "hours", "text_closes"),
        ({"radar": {"sessions": 0}}, TOMORROW, "none", "sessions"),
    ],
)
def test_version_that_makes_no_sense_is_refused(
    app: Flask, team: Team, overrides: dict[str, dict[str, object]], day: date, note: str, field: str | None
) -> None:
    with app.app_context(), pytest.raises(RefusedError) as refused:
        policies.make_version(overrides, from_on=day, note=note, actor=team.manager, now=clocks.now())
    assert refused.value.field == field


def test_version_cannot_start_before_the_newest(app: Flask, team: Team) -> None:
    with app.app_context():
        now = clocks.now()
        later = date(2026, 11, 2)
        policies.make_version(STRICTER, from_on=later, note="first", actor=team.manager, now=now)
        change = {"linx": {"capacity": 8}}
        with pytest.raises(RefusedError, match="Version 2 starts on 2 November 2026"):
            policies.make_version(change, from_on=TOMORROW, note="second", actor=team.manager, now=now)
        policies.make_version(change, from_on=later, note="second", actor=team.manager, now=now)
        then = policy_at(now + timedelta(days=90))
        assert (then.programmes["linx"].capacity, then.programmes["radar"].consecutive_absences) == (8, 1)


def test_nobody_but_a_manager_changes_the_policy(app: Flask, team: Team) -> None:
    with app.app_context():
        for actor in (team.lead, team.admin, team.worker, team.enforcement):
            with pytest.raises(RefusedError) as refused:
                policies.make_version(STRICTER, from_on=TOMORROW, note="no", actor=actor, now=clocks.now())
            assert refused.value.code is Code.NOT_ALLOWED
            with pytest.raises(RefusedError):
                policies.add_programme("bbr", "BBR", "radar", actor=actor, now=clocks.now())


def test_programme_is_in_force_at_once_and_in_versions_still_to_come(app: Flask, team: Team) -> None:
    with app.app_context():
        now, later = clocks.now(), date(2026, 11, 2)
        policies.make_version(STRICTER, from_on=later, note="first", actor=team.manager, now=now)
        numbers = {"sessions": 24, "no_contact_days": 10}
        policies.add_programme("bbr", "BBR", "radar", numbers=numbers, actor=team.manager, now=now)
        today, then = policy_at(now), policy_at(now + timedelta(days=90))
        for policy in (today, then):
            assert policy.programmes["bbr"].title == "BBR"
            assert policy.programmes["bbr"].sessions == 24
        assert today.programmes["radar"].consecutive_absences == 2
        assert then.programmes["radar"].consecutive_absences == 1
        assert then.programmes["bbr"].consecutive_absences == 1
        assert [version.number for version in policies.versions()] == [4, 3, 2, 1]
        assert "BBR" in [programme.name for programme in active_programmes()]


@pytest.mark.parametrize(
    ("code", "title", "like", "field"),
    [
        ("Young Fathers", "Young Fathers", "linx", "code"),
        ("radar", "Another", "linx", "code"),
        ("general", "General", "linx", "code"),
        ("bbr", " ", "linx", "title"),
        ("bbr", "radar", "linx", "title"),
        ("bbr", "BBR", "nothing", "like"),
    ],
)
def test_programme_that_cannot_be_added_is_refused_beside_its_field(
    app: Flask, team: Team, code: str, title: str, like: str, field: str
) -> None:
    with app.app_context():
        with pytest.raises(RefusedError) as refused:
            policies.add_programme(code, title, like, actor=team.manager, now=clocks.now())
        assert refused.value.field == field
        assert db.session.scalar(select(func.count(PolicyVersion.number))) == 1


def test_person_goes_through_a_programme_that_was_added(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        policies.add_programme(
            "young_fathers",
            "Young Fathers",
            "young_adults",
            numbers={"sessions": 4, "completion_attended": 3, "consecutive_absences": 1, "max_age": 40},
            actor=team.manager,
            now=clock.now(),
        )
        enrolment = joined(team, "young_fathers")
        one = enrolment.id
        came, missed = {one: "attended"}, {one: "absent"}
        hold_weeks(team, clock, enrolment.group_id or 0, came, missed, came, came)
        enrolment = db.session.get_one(Enrolment, one)
        assert enrolment.status == EnrolmentStatus.COMPLETED
        (flag,) = db.session.scalars(select(Flag).where(Flag.enrolment_id == one)).all()
        assert (flag.rule, flag.level, flag.policy_version) == ("consecutive_absences", "red", 2)
        assert flag.findings[0].explanation.endswith("(rule: 1 in a row)")
        assert trial(policy_at(clock.now()), now=clock.now())[0].programme == "young_fathers"


def test_differences_name_programme_and_number(app: Flask, team: Team) -> None:
    with app.app_context():
        before = newest_version()
        after = policies.changed(before, {"radar": {"lateness": None}, "general": {"monitoring_months": 3}})
        assert policies.differences(before, after) == [
            policies.Difference("general", "monitoring_months", 2, 3),
            policies.Difference("radar", "lateness", 2, None),
        ]
        assert policies.differences(before, replace(before, version=9)) == []
        assert before.programmes["radar"].form is Form.WEEKLY_GROUP
