"""Every page about somebody is noted before it is shown; victim safety reads who looked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.web.looking import SUBJECTS
from programme_tracker.web.people.routes import THINGS
from tests.factories.cases import CaraCase, attend, cara_case
from tests.factories.records import is_whole, notices
from tests.web.policy.table import rows


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def case() -> CaraCase:
    """Give a case with a missed workshop."""
    made = cara_case()
    attend(made, made.session_a_id, "absent")
    return made


def reads() -> list[tuple[int | None, str, int | None, int | None]]:
    """Return who read what of which enrolment, oldest first."""
    db.session.rollback()
    found = select(AuditEntry).where(AuditEntry.event == "read").order_by(AuditEntry.sequence)
    return [
        (one.actor_id, one.subject_type, one.subject_id, one.enrolment_id)
        for one in db.session.scalars(found)
    ]


@pytest.mark.each_store
def test_pages_about_somebody_are_noted_once_a_minute_for_each_reader(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    lead, manager = case.team.client(app, "lead"), case.team.client(app, "manager")
    page = f"/enrolments/{case.enrolment_id}"
    assert lead.get(page).status_code == lead.get(f"{page}/details").status_code == 200
    assert manager.get(page).status_code == 200
    about = ("Enrolment", case.enrolment_id, case.enrolment_id)
    assert reads() == [(case.team.lead.staff_id, *about), (case.team.manager.staff_id, *about)]
    clock.advance(timedelta(minutes=1))
    assert lead.get(page).status_code == 200
    assert len(reads()) == 3
    assert is_whole()


def test_case_notice_register_referral_and_texts_are_noted(app: Flask, case: CaraCase) -> None:
    told = notices(case.enrolment_id, to="victim_safety")[0]
    worker, lead = case.team.client(app, "worker"), case.team.client(app, "lead")
    for client, path in (
        (worker, f"/notices/{told.id}"),
        (worker, f"/cases/{told.case_id}"),
        (worker, f"/referrals/{case.referral_id}"),
        (lead, f"/sessions/{case.session_a_id}/register"),
        (lead, f"/messages/people/{case.participant_id}"),
    ):
        assert client.get(path, follow_redirects=True).status_code == 200, path
    assert {"Notice", "Case", "Referral", "Participant"} <= {kind for _, kind, _, _ in reads()}
    assert {"Session", "RegisterSubmission"} & {kind for _, kind, _, _ in reads()}
    page = worker.get(f"/enrolments/{case.enrolment_id}/looked").text
    for shown in ("a notice about them", "their case", "their referral", "their texts", "Kit"):
        assert shown in page


def test_lists_and_what_is_absent_are_not_noted(app: Flask, case: CaraCase) -> None:
    lead = case.team.client(app, "lead")
    for path in ("/today", "/people/", "/sessions/", "/enrolments/999", "/cases/999"):
        lead.get(path)
    assert case.team.client(app, "officer").get(f"/enrolments/{case.enrolment_id}").status_code == 404
    assert reads() == []


def test_page_is_not_shown_when_its_read_cannot_be_noted(
    app: Flask, case: CaraCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the trail is full")

    client = case.team.client(app, "lead")
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setattr(audit, "record", fail)
    page = client.get(f"/enrolments/{case.enrolment_id}")
    assert page.status_code == 500
    assert "Łukasz" not in page.text
    assert client.get("/today").status_code == 200


def test_every_kind_of_record_in_an_address_is_noted_or_is_nobodys() -> None:
    named = {
        part.rstrip(">").split(":")[-1]
        for row in rows()
        for part in row.address.split("<")[1:]
        for part in [part.split(">")[0]]
    }
    nobodys = {
        "code", "day", "decision_id", "digits", "filename", "flag_id", "kind", "leave_id", "number",
        "partner_id", "point", "role", "secret", "section", "sign_in_id", "staff_id",
    }  # fmt: skip
    assert named - nobodys == set(SUBJECTS)
    assert {model.__name__ for model in SUBJECTS.values()} == set(THINGS)


def test_who_looked_is_victim_safetys_alone(app: Flask, case: CaraCase) -> None:
    path = f"/enrolments/{case.enrolment_id}/looked"
    for who in ("lead", "manager", "officer", "facilitator", "admin", "enforcement"):
        assert case.team.client(app, who).get(path).status_code == 404
    case.team.client(app, "lead").get(f"/enrolments/{case.enrolment_id}")
    worker = case.team.client(app, "worker")
    assert "their page" in worker.get(path).text
    assert path in worker.get(f"/enrolments/{case.enrolment_id}").text
