"""Another time for an appointment: who asked, why, and every move before."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import from_local, local_date, to_local
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.sessions.consequences import participants_hear
from programme_tracker.web.week.forms import RescheduleForm
from programme_tracker.web.week.one_person import moves_of, next_week, one_persons, only_person
from programme_tracker.workflows.sessions import move_session

bp = Blueprint("appointment_moves", __name__, url_prefix="/week/sessions")


@bp.get("/<int:session_id>/reschedule")
@requires("session.change")
def show(session_id: int) -> ResponseReturnValue:
    """Ask for the new time; a group's session has its own page for that."""
    session, booking = one_persons(session_id)
    if booking is None:
        return redirect(url_for("session_changes.move", session_id=session.id), code=303)
    wall = next_week(to_local(session.starts_at).replace(tzinfo=None))
    form = RescheduleForm(
        about=str(session.id), seen_version=str(session.version), on=wall.date(), starts=wall.time()
    )
    return _page(session, booking.enrolment, form)


@bp.post("/<int:session_id>/reschedule")
@requires("session.change")
def reschedule(session_id: int) -> ResponseReturnValue:
    """Move an appointment: victim safety hears first, then the participant by text."""
    session, enrolment = only_person(session_id)
    form, was_at = RescheduleForm(), session.starts_at
    if not form.validate_on_submit() or not _is_fresh(form, session):
        return _page(session, enrolment, form)
    now = clock.now()
    if session.starts_at != from_local(form.wall):
        reason = form.move_reason
        try:
            move_session(session.id, form.wall, reason=reason, actor=current_actor(), now=now)
        except RefusedError as refused:
            form.refuse(refused.message, {"starts": "on"}.get(refused.field or "", refused.field))
            return _page(session, enrolment, form)
    starts_at = from_local(form.wall)
    hears = participants_hear(min(was_at, starts_at), now)
    say(f"Moved to {moment_words(starts_at, now)}.", f"Victim safety was told. The text goes {hears}.")
    return redirect(url_for("week.show", on=local_date(starts_at).isoformat()), code=303)


def _is_fresh(form: RescheduleForm, session: Session) -> bool:
    """Tell whether the page showed the appointment as it is, or asks for the time it has already."""
    seen = form.is_about(session.id) and form.seen_version.data == str(session.version)
    if seen or (form.is_about(session.id) and session.starts_at == from_local(form.wall)):
        return True
    form.about.data, form.seen_version.data = str(session.id), str(session.version)
    when = moment_words(session.starts_at, clock.now())
    form.refuse(f"Somebody changed this meanwhile: it is {when} now. Look again, then send it once more.")
    return False


def _page(session: Session, enrolment: Enrolment, form: RescheduleForm) -> ResponseReturnValue:
    page = render_template(
        "week/reschedule.html",
        session=session,
        enrolment=enrolment,
        form=form,
        moves=moves_of(session.id),
        can_move=session.starts_at > clock.now() and session.cancelled_at is None,
        back=url_for("week.show", on=local_date(session.starts_at).isoformat()),
    )
    return page, 422 if form.errors else 200
