"""Whose each record is, said a second time: plain loops over the rows, no condition of the application's."""

from collections import defaultdict

from sqlalchemy import select

from programme_tracker.accounts.models import SignInSession, Staff, StaffLeave
from programme_tracker.attendance.models import RegisterSubmission
from programme_tracker.escalation.models import Monitoring, Notice
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking, Session, SessionStaff
from programme_tracker.tasks.models import Task
from programme_tracker.victim_safety.models import PartnerView
from programme_tracker.victim_safety.rules import ViewReason

#: (kind, id) → the accounts whose own it is.
Owners = dict[tuple[str, int], set[int]]


def owners() -> Owners:
    """Return whose every record is, as docs/policy.md says; needs a context."""
    found: Owners = defaultdict(set)
    people = list(db.session.scalars(select(Staff)))
    _sessions(found)
    _notices(found, people)
    _enrolments(found)
    _tasks(found, people)
    for referral in db.session.scalars(select(Referral)):
        found["referral", referral.id].add(referral.referrer_id)
    for view in db.session.scalars(select(PartnerView).where(PartnerView.reason == ViewReason.BREAK_GLASS)):
        found["partner", view.partner_id].add(view.staff_id)
    for leave in db.session.scalars(select(StaffLeave)):
        found["leave", leave.id].add(leave.staff_id)
    for sign_in in db.session.scalars(select(SignInSession)):
        found["sign-in", sign_in.id].add(sign_in.staff_id)
    return found


def _sessions(found: Owners) -> None:
    for staffing in db.session.scalars(select(SessionStaff)):
        found["session", staffing.session_id].add(staffing.staff_id)
    for session in db.session.scalars(select(Session)):
        if session.group_id is not None:
            found["group", session.group_id] |= found["session", session.id]
    for submission in db.session.scalars(select(RegisterSubmission)):
        found["register", submission.id] |= found["session", submission.session_id]


def _addressed(notice: Notice, people: list[Staff]) -> set[int]:
    if notice.staff_id is not None:
        return {notice.staff_id}
    role = "caseworker" if notice.to_role == "lead" else notice.to_role
    return {one.id for one in people if role in {held.value for held in one.roles}}


def _notices(found: Owners, people: list[Staff]) -> None:
    notices = [one for one in db.session.scalars(select(Notice)) if one.released_at is not None]
    enforcement = {one.id for one in people if Role.ENFORCEMENT in one.roles}
    for notice in notices:
        told = _addressed(notice, people)
        found["notice", notice.id] |= told
        if notice.kind == "chase" and notice.about_id is not None:
            found["notice", notice.about_id] |= told
        if notice.enrolment_id is not None:
            found["enrolment", notice.enrolment_id] |= told & enforcement
        if notice.case_id is not None:
            found["case", notice.case_id] |= told & enforcement
    for watched in db.session.scalars(select(Monitoring)):
        found["monitoring", watched.id] |= found["case", watched.case_id]


def _enrolments(found: Owners) -> None:
    for enrolment in db.session.scalars(select(Enrolment)):
        found["enrolment", enrolment.id] |= {enrolment.referrer_id}
        if enrolment.officer_id is not None:
            found["enrolment", enrolment.id].add(enrolment.officer_id)
    for booking in db.session.scalars(select(Booking)):
        found["enrolment", booking.enrolment_id] |= found["session", booking.session_id]
    for enrolment in db.session.scalars(select(Enrolment)):
        found["participant", enrolment.participant_id] |= found["enrolment", enrolment.id]


def _tasks(found: Owners, people: list[Staff]) -> None:
    for task in db.session.scalars(select(Task)):
        role = "caseworker" if task.to_role == "lead" else task.to_role
        whole_role = {one.id for one in people if role in {held.value for held in one.roles}}
        found["task", task.id] |= whole_role if task.staff_id is None else {task.staff_id}
