"""Tasks: the same thing is asked of the same people once, until it is done."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task, finish_task, finish_tasks
from tests.factories.records import events, is_whole

pytestmark = pytest.mark.each_store
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


def ask(kind: TaskKind = TaskKind.CALL_PARTICIPANT, **given: Any) -> Task:
    content: dict[str, Any] = {"to": "lead", "why": "Ring.", "due_on": date(2026, 9, 1), "enrolment_id": 7}
    return create_task(kind, now=NOW, **(content | given))


def open_tasks() -> int:
    return db.session.scalar(select(func.count()).where(Task.done_at.is_(None))) or 0


def test_same_task_is_asked_once_until_it_is_done(app: Flask) -> None:
    with app.app_context():
        first = ask()
        assert ask(why="Ring again.").id == first.id
        assert events("task.created") == ["task.created"]
        finish_task(first, how="rang", actor=SYSTEM, now=NOW)
        assert ask().id != first.id
        assert is_whole()


@pytest.mark.parametrize(
    "given",
    [{"staff_id": 3}, {"session_id": 4}, {"enrolment_id": 8}, {"to": "manager"}, {"again": True}],
)
def test_another_task_for_other_people_or_things(app: Flask, given: dict[str, Any]) -> None:
    with app.app_context():
        ask()
        ask(**given)
        assert open_tasks() == 2


def test_finishing_twice_keeps_how_it_was_first_done(app: Flask) -> None:
    with app.app_context():
        task = ask()
        for how in ("rang", "wrote"):
            finish_task(task, how=how, actor=SYSTEM, now=NOW)
        assert (task.done_how, task.done_at) == ("rang", NOW)
        assert events("task.done") == ["task.done"]


def test_finishing_all_of_a_kind_leaves_the_others(app: Flask) -> None:
    with app.app_context():
        ask()
        ask(session_id=4)
        ask(enrolment_id=8)
        ask(TaskKind.SIGN_OFF)
        finish_tasks(TaskKind.CALL_PARTICIPANT, how="rang", actor=SYSTEM, now=NOW, enrolment_id=7)
        left = db.session.scalars(select(Task).where(Task.done_at.is_(None)).order_by(Task.id))
        assert [(task.kind, task.enrolment_id) for task in left] == [
            ("call_participant", 8),
            ("sign_off", 7),
        ]
