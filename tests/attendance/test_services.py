"""Registers and marks as rows: one that counts, all that ever stood."""

import pytest
from sqlalchemy.exc import IntegrityError

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks, history_of, mark_of, marks_of_session
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import (
    MarkDetails,
    add_correction_request,
    add_mark,
    add_submission,
    close_correction_request,
    submission_with,
)
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.transaction import transaction
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import is_whole, refused, times_audited
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

NOW = wall("2026-09-12 15:10")


def mark(
    case: CaraCase, details: MarkDetails, actor: Actor | None = None, corrects: Mark | None = None
) -> Mark:
    session = db.session.get_one(Session, case.session_a_id)
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    who = actor or case.team.facilitator
    return add_mark(session, enrolment, details, actor=who, now=NOW, corrects=corrects)


def test_submission_is_found_by_its_token_and_ends_the_asking(case: CaraCase) -> None:
    session = db.session.get_one(Session, case.session_a_id)
    made = add_submission(session, "token", actor=case.team.facilitator, now=NOW)
    found = submission_with("token")
    assert found is not None and found.id == made.id
    assert submission_with("other") is None
    assert (session.submitted_at, session.register_due_at) == (NOW, None)
    with pytest.raises(IntegrityError):
        add_submission(session, "token", actor=case.team.facilitator, now=NOW)


def test_one_mark_counts_and_the_old_ones_stay(case: CaraCase) -> None:
    first = mark(case, MarkDetails(Outcome.ABSENT))
    second = mark(case, MarkDetails(Outcome.ATTENDED), corrects=first)
    standing = mark_of(case.session_a_id or 0, case.enrolment_id)
    assert standing is not None and standing.id == second.id
    assert [one.id for one in history_of(case.session_a_id or 0, case.enrolment_id)] == [second.id, first.id]
    assert [one.id for one in current_marks(case.enrolment_id)] == [second.id]
    assert [one.id for one in marks_of_session(case.session_a_id or 0)] == [second.id]
    with pytest.raises(IntegrityError):
        mark(case, MarkDetails(Outcome.ABSENT))


def test_mark_lacking_what_it_needs_is_refused_beside_its_field(case: CaraCase) -> None:
    for details, field in (
        (MarkDetails(Outcome.LEFT_EARLY), "note"),
        (MarkDetails(Outcome.SENT_HOME, note=" "), "note"),
        (MarkDetails(Outcome.ABSENT_ACCEPTABLE, evidence="letter"), "reason"),
        (MarkDetails(Outcome.ABSENT_ACCEPTABLE, reason="medical"), "evidence"),
        (MarkDetails(Outcome.ABSENT, reason="because"), "reason"),
        (MarkDetails(Outcome.EXCUSED_SUSPENDED), "outcome"),
    ):
        with refused(Code.NOT_ALLOWED) as caught:
            mark(case, details)
        assert caught.value.field == field


def test_outcomes_of_the_system_are_set_by_it_alone(case: CaraCase) -> None:
    assert mark(case, MarkDetails(Outcome.EXCUSED_PROVIDER), actor=SYSTEM).recorded_by is None


def test_acceptable_absence_names_who_accepted_it(case: CaraCase) -> None:
    letter = MarkDetails(Outcome.ABSENT_ACCEPTABLE, "medical", "letter")
    accepted = mark(case, letter)
    assert accepted.authorised_by == case.team.facilitator.staff_id
    assert mark(case, MarkDetails(Outcome.ABSENT), corrects=accepted).authorised_by is None


def test_mark_keeps_how_matters_stood(case: CaraCase, clock: SettableClock) -> None:
    made = mark(case, MarkDetails(Outcome.ABSENT))
    with transaction():
        enrolment = db.session.get_one(Enrolment, case.enrolment_id)
        enrolment.participant.risk, enrolment.is_mandated = "high", False
    assert (made.was_mandated, made.at_high_risk) == (True, False)


def test_correction_asked_for_is_decided_once(case: CaraCase) -> None:
    made = mark(case, MarkDetails(Outcome.ABSENT))
    came = MarkDetails(Outcome.ATTENDED)
    request = add_correction_request(made, came, "wrong line", actor=case.team.facilitator, now=NOW)
    close_correction_request(request, approved=False, actor=case.team.manager, now=NOW)
    with refused(Code.NOT_ALLOWED):
        close_correction_request(request, approved=True, actor=case.team.manager, now=NOW)
    with refused(Code.NOT_ALLOWED):
        add_correction_request(made, came, "wrong line", actor=SYSTEM, now=NOW)
    assert times_audited("correction.requested") == times_audited("correction.decided") == 1
    assert is_whole()
