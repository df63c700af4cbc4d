"""Taking back an acknowledgement and a finished task of just now."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from programme_tracker.escalation.models import Decision, Notice
from programme_tracker.kernel import clock
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.deciding import decide
from tests.factories import records
from tests.factories.cases import CaraCase, attend, cara_case


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    """Give a case in which part A was missed, inside the application's context."""
    with app.app_context():
        made = cara_case()
        attend(made, made.session_a_id, "absent")
        yield made


def notice_of(case: CaraCase) -> Notice:
    """Return victim safety's notice."""
    return records.notices(case.enrolment_id, "breach", "victim_safety")[-1]


def test_acknowledgement_of_just_now_can_be_taken_back_and_is_chased_as_before(
    app: Flask, case: CaraCase
) -> None:
    client = case.team.client(app, "worker")
    notice_id, before = notice_of(case).id, notice_of(case).chase_at
    assert before is not None
    page = client.post(f"/notices/{notice_id}/acknowledge", follow_redirects=True).text
    assert "Undo: not acknowledged" in page
    assert f'action="/notices/{notice_id}/take-back"' in page
    assert notice_of(case).chase_at is None
    page = client.post(f"/notices/{notice_id}/take-back", follow_redirects=True).text
    assert "Acknowledgement taken back." in page
    assert "Acknowledge notice" in page
    notice = notice_of(case)
    assert (notice.acknowledged_at, notice.acknowledged_by, notice.chase_at) == (None, None, before)
    assert records.events("notice.acknowledgement_taken_back") == ["notice.acknowledgement_taken_back"]


def test_acknowledgement_cannot_be_taken_back_later_by_others_or_after_a_decision(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    client = case.team.client(app, "worker")
    path = f"/notices/{notice_of(case).id}"
    client.post(f"{path}/acknowledge")
    assert case.team.client(app, "officer").post(f"{path}/take-back").status_code == 404
    clock.advance(timedelta(minutes=11))
    later = case.team.client(app, "worker").post(f"{path}/take-back", follow_redirects=True).text
    assert "This can no longer be undone." in later
    assert notice_of(case).acknowledged_at is not None


def test_acknowledgement_stays_once_something_was_decided(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "worker")
    path = f"/notices/{notice_of(case).id}"
    client.post(f"{path}/acknowledge")
    decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())
    assert "This can no longer be undone." in client.post(f"{path}/take-back", follow_redirects=True).text
    assert notice_of(case).acknowledged_at is not None


def test_finished_task_of_just_now_can_be_opened_again(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    task_id = create_task(
        TaskKind.CALL_PARTICIPANT,
        to="lead",
        why="Ring about Monday.",
        due_on=date(2026, 9, 14),
        now=clock.now(),
        staff_id=case.team.lead.staff_id,
        enrolment_id=case.enrolment_id,
    ).id
    client = case.team.client(app, "lead")
    data = {"about": str(task_id), "how": "Rang, no answer."}
    page = client.post(f"/tasks/{task_id}", data=data, follow_redirects=True).text
    assert "Undo: open it again" in page
    page = client.post(f"/tasks/{task_id}/reopen", follow_redirects=True).text
    assert "Task opened again." in page
    assert db.session.get_one(Task, task_id).done_at is None
    client.post(f"/tasks/{task_id}", data=data)
    clock.advance(timedelta(minutes=11))
    late = case.team.client(app, "lead").post(f"/tasks/{task_id}/reopen", follow_redirects=True).text
    assert "This can no longer be undone." in late
    assert db.session.get_one(Task, task_id).done_at is not None
