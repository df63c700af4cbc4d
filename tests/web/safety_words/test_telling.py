"""A caseworker's word to victim safety: sealed, read by victim safety alone, and followed by a task."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from programme_tracker.kernel.database import db
from programme_tracker.victim_safety.models import SafetyWord
from tests.factories.records import tasks, times_audited
from tests.factories.voluntary import Enrolled, enrolled

SAID = "He said that Ann Newpartner moves in."


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled()


def path_of(case: Enrolled) -> str:
    return f"/enrolments/{case.enrolment_id}/tell-victim-safety/"


def form(case: Enrolled, **given: str) -> dict[str, str]:
    return {"about": str(case.enrolment_id), "what": "new_partner", "words": SAID} | given


def test_word_reaches_victim_safety_as_a_task_and_nobody_else(app: Flask, case: Enrolled) -> None:
    lead = case.client(app)
    page = lead.post(path_of(case), data=form(case), follow_redirects=True).text
    assert "Victim safety is told." in page and "Newpartner" not in page
    (task,) = tasks("partner_assessment", case.enrolment_id)
    assert (task.to_role, task.staff_id) == ("victim_safety", case.team.worker.staff_id)
    assert "partner" not in task.why and str(task.due_on) == "2026-09-02"
    read = case.client(app, "worker").get(f"/partners/of/{case.enrolment_id}").text
    assert SAID in read and "They have a new partner" in read and "Kit Lead" in read
    for who in ("lead", "manager", "facilitator", "officer", "enforcement"):
        client = case.client(app, who)
        for path in (
            path_of(case),
            f"/enrolments/{case.enrolment_id}",
            f"/partners/of/{case.enrolment_id}",
            "/",
        ):
            assert "Newpartner" not in client.get(path, follow_redirects=True).text
    stored = db.session.execute(text("SELECT words_sealed FROM safety_words")).scalar_one()
    assert "Newpartner" not in stored and times_audited("safety_word.said") == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [({"what": ""}, "Choose what has changed"), ({"about": "99"}, "about somebody else")],
)
def test_word_that_is_not_whole_is_asked_for_again(
    app: Flask, case: Enrolled, given: dict[str, str], says: str
) -> None:
    answer = case.client(app).post(path_of(case), data=form(case, **given))
    assert answer.status_code == 422 and says in answer.text and SAID in answer.text
    assert not db.session.scalars(db.select(SafetyWord)).all() and not tasks("partner_assessment")
