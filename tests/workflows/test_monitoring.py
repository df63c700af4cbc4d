"""Monitoring after a voluntary red: reviewed, extended or closed by a person, never by itself."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.escalation.models import Monitoring, MonitoringEntry
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import from_local, to_local
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.tasks.models import Task
from programme_tracker.workflows import finishing, monitoring
from tests.factories.cases import Team, make_team
from tests.factories.monitoring import Watched, monitored

STARTED_ON = date(2026, 9, 18)


@pytest.fixture
def team(app: Flask, clock: SettableClock) -> Team:
    with app.app_context():
        return make_team()


def go_to(clock: SettableClock, day: date, hour: int = 12) -> None:
    wall = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 - a wall time
    advance(clock, from_local(wall), RecordingProvider())


def asked(enrolment_id: int) -> list[tuple[date, str, bool]]:
    """Return the reviews asked for: the day, why, and whether they are done."""
    found = select(Task).where(Task.kind == "review_monitoring", Task.enrolment_id == enrolment_id)
    rows = db.session.scalars(found.order_by(Task.id))
    return [(task.due_on, task.why, task.done_at is not None) for task in rows]


def again(row: Watched) -> Monitoring:
    return db.session.get_one(Monitoring, row.id, populate_existing=True)


def test_monitoring_starts_when_enforcement_is_told(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        row = again(monitored(team, clock))
        assert (row.starts_on, row.ends_on) == (STARTED_ON, date(2026, 11, 18))
        assert row.review_at is not None
        assert to_local(row.review_at).replace(tzinfo=None) == datetime(2026, 10, 18, 9)  # noqa: DTZ001 - wall


def test_review_is_noted_and_the_next_one_planned(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        row = monitored(team, clock)
        go_to(clock, date(2026, 10, 18))
        assert asked(row.enrolment_id) == [(date(2026, 10, 18), "Review what has been done and seen.", False)]
        monitoring.record_review(row.id, "Visited; no call-outs", actor=team.enforcement, now=clock.now())
        assert asked(row.enrolment_id)[0][2]
        review_at = again(row).review_at
        assert review_at is not None and review_at.date() == date(2026, 11, 18)
        (entry,) = db.session.scalars(select(MonitoringEntry))
        assert (entry.kind, entry.note, entry.made_by) == (
            "reviewed",
            "Visited; no call-outs",
            team.enforcement.staff_id,
        )


def test_monitoring_never_closes_itself_and_keeps_asking(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        row = monitored(team, clock)
        go_to(clock, date(2026, 11, 18))
        decide = [one for one in asked(row.enrolment_id) if one[1] == monitoring.DECIDE_WHY]
        assert decide == [(date(2026, 11, 18), monitoring.DECIDE_WHY, False)]
        go_to(clock, date(2026, 12, 20))
        assert [one for one in asked(row.enrolment_id) if one[1] == monitoring.DECIDE_WHY] == decide
        assert again(row).closed_at is None


def test_task_finished_by_a_note_is_asked_again_until_somebody_decides(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        row = monitored(team, clock)
        go_to(clock, date(2026, 11, 18))
        for task in db.session.scalars(select(Task).where(Task.kind == "review_monitoring")).all():
            finishing.finish(task.id, "seen", actor=team.enforcement, now=clock.now())
        go_to(clock, date(2026, 11, 26))
        assert asked(row.enrolment_id)[-1] == (date(2026, 11, 25), monitoring.DECIDE_WHY, False)
        monitoring.record_review(row.id, "Nothing new", actor=team.manager, now=clock.now())
        assert not asked(row.enrolment_id)[-1][2]


def test_extension_counts_from_the_end_and_closing_needs_a_reason(
    app: Flask, team: Team, clock: SettableClock
) -> None:
    with app.app_context():
        row = monitored(team, clock)
        go_to(clock, date(2026, 11, 18))
        monitoring.extend(row.id, months=1, note="still at risk", actor=team.enforcement, now=clock.now())
        assert again(row).ends_on == date(2026, 12, 18)
        assert all(done for *_, done in asked(row.enrolment_id))
        with pytest.raises(RefusedError):
            monitoring.close(row.id, " ", actor=team.enforcement, now=clock.now())
        monitoring.close(row.id, "Moved away", actor=team.enforcement, now=clock.now())
        assert (again(row).close_reason, again(row).review_at) == ("Moved away", None)
        assert list(db.session.scalars(select(MonitoringEntry.kind))) == ["extended", "closed"]


def test_closed_monitoring_stays_closed(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        row = monitored(team, clock)
        now = clock.now() + timedelta(days=1)
        monitoring.close(row.id, "Moved away", actor=team.manager, now=now)
        for deed in (
            lambda: monitoring.extend(row.id, months=1, actor=team.manager, now=now),
            lambda: monitoring.close(row.id, "Again", actor=team.manager, now=now),
            lambda: monitoring.record_review(row.id, "Again", actor=team.manager, now=now),
        ):
            with pytest.raises(RefusedError, match="closed already"):
                deed()


def test_nobody_else_decides_on_monitoring(app: Flask, team: Team, clock: SettableClock) -> None:
    with app.app_context():
        row = monitored(team, clock)
        for actor in (team.lead, team.worker, team.officer, team.facilitator, team.admin):
            with pytest.raises(RefusedError, match="Enforcement decides"):
                monitoring.record_review(row.id, "note", actor=actor, now=clock.now())
