"""Somebody away: the sessions they would run, and the tasks that are theirs."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from programme_tracker.accounts.services import cancel_leave, set_deputy
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Group, Session
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows import being_away
from programme_tracker.workflows.groups import join_group
from programme_tracker.workflows.staffing import set_staff
from programme_tracker.workflows.visibility import open_tasks_for
from tests.factories.accounts import make_staff
from tests.factories.cases import Team, make_team
from tests.factories.groups import referred, weekly_group
from tests.factories.voluntary import move_on, wall


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        return make_team()


def group_of_two(team: Team) -> tuple[int, Actor]:
    """Make a Thursday group that two people run; return it and the second of them."""
    second = make_staff(Role.FACILITATOR, name="Gus Second").actor
    staff_ids = [team.facilitator.staff_id or 0, second.staff_id or 0]
    return weekly_group(team, staff_ids=staff_ids), second


def first_session(group_id: int) -> Session:
    return db.session.get_one(Group, group_id).sessions[0]


def asked_for_staff() -> list[int | None]:
    db.session.rollback()
    return [
        task.session_id for task in db.session.query(Task).filter_by(kind=TaskKind.STAFFING, done_at=None)
    ]


def test_leave_taken_the_day_before_asks_for_cover_at_once(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, second = group_of_two(team)
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        move_on(wall(9, 9, 8))
        assert asked_for_staff() == []
        days = (date(2026, 9, 9), date(2026, 9, 11))
        being_away.record_leave(second.staff_id or 0, *days, actor=second, now=clock.now())
        move_on(wall(9, 9, 8, 1))
        assert asked_for_staff() == [first_session(group_id).id]


def test_closed_account_asks_for_cover_48_hours_before(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, second = group_of_two(team)
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        being_away.disable(second.staff_id or 0, actor=team.admin, now=clock.now())
        move_on(wall(9, 8, 18, 29))
        assert asked_for_staff() == []
        move_on(wall(9, 8, 18, 30))
        assert asked_for_staff() == [first_session(group_id).id]


def test_first_person_booked_within_48_hours_has_it_looked_at(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        move_on(wall(9, 9, 10))
        assert asked_for_staff() == []
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        move_on(wall(9, 9, 10, 1))
        assert asked_for_staff() == [first_session(group_id).id]


def test_one_of_two_taken_off_late_is_noticed_and_cover_settles_it(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, second = group_of_two(team)
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        move_on(wall(9, 9, 10))
        session_id = first_session(group_id).id
        set_staff(session_id, [second.staff_id or 0], actor=team.lead, now=clock.now())
        move_on(wall(9, 9, 10, 1))
        assert asked_for_staff() == [session_id]
        both = [team.facilitator.staff_id or 0, second.staff_id or 0]
        set_staff(session_id, both, actor=team.lead, now=clock.now())
        assert asked_for_staff() == []


def seen_by(actor: Actor, now: datetime) -> list[int]:
    return [task.id for task in open_tasks_for(actor, today=local_date(now))]


def test_tasks_follow_to_the_deputy_or_the_whole_role_and_come_back(app: Flask, team: Team) -> None:
    with app.app_context():
        now = clock.now()
        deputy, third = (make_staff(Role.CASEWORKER, name=name).actor for name in ("Lou Deputy", "Lea Third"))
        task = create_task(
            TaskKind.CALL_PARTICIPANT,
            to="lead",
            staff_id=team.lead.staff_id,
            why="Ring him.",
            due_on=date(2026, 9, 2),
            now=now,
        )
        lead_id = team.lead.staff_id or 0
        assert [seen_by(actor, now) for actor in (team.lead, deputy, third)] == [[task.id], [], []]
        leave = being_away.record_leave(lead_id, date(2026, 9, 2), date(2026, 9, 3), actor=team.lead, now=now)
        away = now + timedelta(days=1)
        assert [seen_by(actor, away) for actor in (deputy, third)] == [[task.id], [task.id]]
        set_deputy(lead_id, deputy.staff_id, actor=team.lead, now=now)
        assert [seen_by(actor, away) for actor in (deputy, third)] == [[task.id], []]
        being_away.record_leave(
            deputy.staff_id or 0, date(2026, 9, 2), date(2026, 9, 2), actor=deputy, now=now
        )
        assert seen_by(third, away) == [task.id]
        assert seen_by(third, away + timedelta(days=1)) == []
        assert seen_by(team.worker, away) == []
        back = now + timedelta(days=3)
        assert [seen_by(actor, back) for actor in (team.lead, deputy, third)] == [[task.id], [], []]
        cancel_leave(leave.id, staff_id=lead_id, actor=team.lead, now=now)
        assert seen_by(third, away) == []
