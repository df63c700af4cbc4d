from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from programme_tracker.jobs.failures import note_failure
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from tests.factories.cases import CaraCase, attend, cara_case, go_to, make_team

ESCAPED = "Sam O&#39;Brien-Łukasz"


def page(app: Flask, case: CaraCase) -> str:
    response = case.team.client(app, "manager").get("/overdue/")
    assert response.status_code == 200
    return response.text


def test_nothing_late_is_said_kindly(app: Flask) -> None:
    with app.app_context():
        case = cara_case()
        assert "Nothing is late." in page(app, case)


def test_unanswered_notices_are_late_the_longest_first(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case()
        attend(case, case.session_a_id, "absent")
        advance(clock, clock.now() + timedelta(days=5), RecordingProvider())
        text = page(app, case)
    first = text.index("Victim safety (Vic Worker) has not acknowledged it.")
    assert first < text.index("Police (Pat Officer) has not acknowledged it.")
    assert ESCAPED in text


def test_register_is_late_from_noon_of_the_next_working_day(app: Flask) -> None:
    with app.app_context():
        case = cara_case()
        go_to(datetime(2026, 9, 14, 11, 59))  # noqa: DTZ001 - a wall time
        assert "Run by Fay Facilitator" not in page(app, case)
        go_to(datetime(2026, 9, 14, 12, 1))  # noqa: DTZ001 - a wall time
        assert "CARA part A, Sat 12 Sep, 10am" in page(app, case)


def test_task_is_late_the_day_after_it_was_due(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case()
        create_task(
            TaskKind.CALL_PARTICIPANT,
            to="lead",
            enrolment_id=case.enrolment_id,
            why="Ring.",
            due_on=date(2026, 8, 31),
            now=clock.now(),
        )
        text = page(app, case)
    assert f"{ESCAPED}: ring the participant" in text
    assert "For every caseworker." in text


def test_work_that_failed_is_shown_without_what_it_was_about(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case()
        note_failure("release", 7, ValueError("Sam Secret"), now=clock.now())
        text = page(app, case)
    assert "Releasing a notice, number 7" in text and "Failed one time" in text
    assert "Sam Secret" not in text


def test_texts_that_wait_too_long_are_said_in_red(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case()
        clock.advance(timedelta(minutes=5))
        assert "Texts and mails are not going out" not in page(app, case)
        clock.advance(timedelta(minutes=1))
        text = page(app, case)
    assert "Texts and mails are not going out" in text and "notice-danger" in text


@pytest.mark.parametrize("who", ["officer", "worker", "lead", "facilitator", "enforcement", "admin"])
def test_page_of_what_is_late_is_for_managers_alone(app: Flask, who: str) -> None:
    with app.app_context():
        team = make_team()
        assert team.client(app, who).get("/overdue/").status_code == 404
