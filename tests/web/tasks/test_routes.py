from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.engagement.models import Contact
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import CaraCase, cara_case

ESCAPED = "Sam O&#39;Brien-Łukasz"


@pytest.fixture
def case(app: Flask) -> CaraCase:
    """Give a case on which nothing waits but the contact before the first workshop."""
    with app.app_context():
        return cara_case()


def new_task(case: CaraCase, kind: TaskKind = TaskKind.CALL_PARTICIPANT, to: str = "lead") -> int:
    who = {"lead": case.team.lead, "victim_safety": case.team.worker}[to].staff_id
    task = create_task(
        kind,
        to=to,
        staff_id=who,
        enrolment_id=case.enrolment_id,
        session_id=case.session_a_id,
        why="A text about this session did not arrive. Ring before it.",
        due_on=date(2026, 9, 2),
        now=clock.now(),
    )
    return task.id


def test_task_shows_what_is_needed_to_do_it(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        task_id = new_task(case)
        client = case.team.client(app, "lead")
        text = client.get(f"/tasks/{task_id}").text
        assert f"/tasks/{task_id}" in client.get("/tasks/").text
    for said in (ESCAPED, "07700 900101", "CARA part A", "Due tomorrow", "Finish task"):
        assert said in text


def test_task_finished_by_speaking_is_noted_as_a_contact(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        task_id = new_task(case)
        client = case.team.client(app, "lead")
        typed = {"about": str(task_id), "how": "He comes.", "spoke": "y"}
        response = client.post(f"/tasks/{task_id}", data=typed, follow_redirects=True)
        assert "The contact is noted as well." in response.text
        assert db.session.get_one(Task, task_id).done_how == "He comes."
        client.post(f"/tasks/{task_id}", data=typed)
        assert len(db.session.scalars(select(Contact)).all()) == 1
        assert "Done by Kit Lead." in client.get(f"/tasks/{task_id}").text


def test_task_without_a_word_is_refused(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        task_id = new_task(case)
        response = case.team.client(app, "lead").post(f"/tasks/{task_id}", data={"about": str(task_id)})
        assert response.status_code == 422
        assert "Say what you did" in response.text
        assert db.session.get_one(Task, task_id).done_at is None


def test_task_of_somebody_else_is_not_there(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        task_id = new_task(case)
        for role in (Role.CASEWORKER, Role.FACILITATOR, Role.VICTIM_SAFETY, Role.ENFORCEMENT, Role.POLICE):
            other = client_of(app, make_staff(role))
            assert other.get(f"/tasks/{task_id}").status_code == 404
            assert other.post(f"/tasks/{task_id}", data={"how": "x"}).status_code == 404


def test_partner_contact_is_finished_in_the_file_alone(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        task_id = db.session.scalars(select(Task.id).where(Task.kind == "partner_contact")).one()
        client = case.team.client(app, "worker")
        text = client.get(f"/tasks/{task_id}").text
        assert "<textarea" not in text and f"/partners/of/{case.enrolment_id}" in text
        typed = {"about": str(task_id), "how": "She said that"}
        assert client.post(f"/tasks/{task_id}", data=typed).status_code == 422
        assert db.session.get_one(Task, task_id).done_at is None


def test_sign_off_is_finished_on_its_own_page_alone(app: Flask) -> None:
    with app.app_context():
        case = cara_case(signed_off=False)
        task_id = db.session.scalars(select(Task.id).where(Task.kind == "sign_off")).one()
        client = case.team.client(app, "worker")
        text = client.get(f"/tasks/{task_id}").text
        assert f"/sign-offs/{case.enrolment_id}" in text and "Finish task" not in text
        typed = {"about": str(task_id), "how": "Done"}
        assert client.post(f"/tasks/{task_id}", data=typed).status_code == 422
        assert db.session.get_one(Task, task_id).done_at is None
