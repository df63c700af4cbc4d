from datetime import datetime, timedelta
from typing import Any

import pytest

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Session
from programme_tracker.web.registers.followed import what_followed
from programme_tracker.web.registers.receipt import standing_marks
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.registers import submit_register
from programme_tracker.workflows.sessions import SessionPlan, create_session
from tests.factories.cases import CaraCase, attend, cara_case, go_to, sam

VOLUNTARY: dict[str, Any] = {
    "programme_code": "baseline",
    "caution_reference": None,
    "caution_issued_on": None,
    "caution_expires_on": None,
}


def said(session_id: int | None) -> list[str]:
    session = db.session.get_one(Session, session_id)
    return [
        sentence
        for one in what_followed(session, standing_marks(session.id), clock.now())
        for sentence in one.sentences
    ]


def one_to_one(case: CaraCase, starts: datetime, outcome: str) -> int:
    lead = case.team.lead
    plan = SessionPlan("baseline", starts, [lead.staff_id or 0], kind="one_to_one")
    session = create_session(plan, actor=lead, now=clock.now())
    book(session.id, case.enrolment_id, actor=lead, now=clock.now())
    now = go_to(starts + timedelta(hours=2))
    marks = {case.enrolment_id: MarkDetails(Outcome(outcome))}
    submit_register(session.id, marks, token=str(session.id), actor=lead, now=now)
    return session.id


def test_attendance_leads_to_nothing(case: CaraCase) -> None:
    attend(case, case.session_a_id, "attended")
    assert said(case.session_a_id) == []


def test_both_parts_attended_are_said_to_be_done(case: CaraCase) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "attended")
    assert said(case.session_b_id) == ["Both parts are done."]


def test_mandated_miss_says_who_is_told_and_when(case: CaraCase) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    assert said(case.session_b_id) == [
        "Victim safety was told at 3.10pm; the officer is told by Mon 12 Oct, 5pm."
    ]


@pytest.mark.parametrize("risk", ["standard", "high"])
def test_voluntary_miss_reads_alike_whatever_the_risk(case: CaraCase, risk: str) -> None:
    person = sam(name="Bo Example", mobile="07700 900104", risk=risk)
    bo = cara_case(case.team, person=person, booked=False, sessions=(None, None), **VOLUNTARY)
    session_id = one_to_one(bo, datetime(2026, 9, 10, 14), "absent")  # noqa: DTZ001 - a wall time
    assert said(session_id) == ["The lead follows this up."]
