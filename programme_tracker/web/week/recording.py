"""Recording an appointment and booking the next one, in one form."""

from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.attendance.queries import mark_of, submission_of
from programme_tracker.attendance.rules import Outcome
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session, SessionKind
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.web.access import may, requires
from programme_tracker.web.bookings.views import meeting_at, texts_in_words
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.registers.wording import Choices, outcome_words, outcomes_offered
from programme_tracker.web.week.forms import NextForm, RecordForm
from programme_tracker.web.week.one_person import one_persons, only_person, suggested_start
from programme_tracker.web.week.routes import what_follows
from programme_tracker.workflows.one_to_ones import book_one_to_one
from programme_tracker.workflows.registers import submit_register
from programme_tracker.workflows.sessions import SessionPlan

bp = Blueprint("appointment_records", __name__, url_prefix="/week/sessions")


@bp.get("/<int:session_id>/record")
@requires("register.submit")
def show(session_id: int) -> ResponseReturnValue:
    """Ask how an appointment went and when the next one is."""
    session, booking = one_persons(session_id)
    if booking is None or session.cancelled_at is not None or session.starts_at > clock.now():
        return redirect(url_for("registers.show", session_id=session.id), code=303)
    return _page(session, booking.enrolment, _blank(session, booking.enrolment))


@bp.post("/<int:session_id>/record")
@requires("register.submit")
def record(session_id: int) -> ResponseReturnValue:
    """Submit the register of one, then book the next; a refused booking leaves the register."""
    session, enrolment = only_person(session_id)
    form = _sent(session)
    if not _stands(form, session) or not _is_recorded(session, enrolment, form):
        return _page(session, enrolment, form)
    said = _said(session, enrolment)
    if not (form.wants_next and may("booking.make")):
        say(said, what_follows(session))
        return _back(session)
    try:
        booking = _book_next(session, enrolment, form)
    except RefusedError as refused:
        form = _only_next(form)
        form.refuse(f"The next appointment was not booked. {refused.message}", "on")
        return _page(session, enrolment, form)
    say(said, f"{what_follows(session)} {_next_in_words(booking)}".strip())
    return _back(session)


def _sent(session: Session) -> NextForm:
    """Return the form that was sent: once a register is in, only the next appointment is asked for."""
    if submission_of(session.id) is not None:
        form = NextForm()
    else:
        form = RecordForm()
        form.outcome.set_choices(_offered(session))
    form.validate_on_submit()
    return form


def _stands(form: NextForm, session: Session) -> bool:
    """Tell whether everything asked for is there and about this appointment; say what is not."""
    if not form.is_about(session.id):
        form.refuse("This page was about another appointment, so nothing was saved. Check the name.")
    if isinstance(form, RecordForm):
        form.is_marked(current_actor().staff_id)
    elif _is_other_sheet(form, session):
        form.refuse("Somebody recorded this meanwhile. Your outcome was not saved: correct theirs if wrong.")
    return form.asks_for_next()


def _is_other_sheet(form: NextForm, session: Session) -> bool:
    """Tell whether an outcome was sent for a register that came in from another sheet."""
    submission = submission_of(session.id)
    return (
        bool(request.form.get("outcome")) and submission is not None and submission.token != form.token.data
    )


def _is_recorded(session: Session, enrolment: Enrolment, form: NextForm) -> bool:
    """Submit the register of one, unless it is in; tell whether it is there now."""
    if not isinstance(form, RecordForm):
        return True
    try:
        submit_register(
            session.id,
            {enrolment.id: form.details},
            token=form.token.data or uuid4().hex,
            actor=current_actor(),
            now=clock.now(),
        )
    except RefusedError as refused:
        form.refuse(refused.message)
        return False
    return True


def _book_next(session: Session, enrolment: Enrolment, form: NextForm) -> Booking:
    plan = SessionPlan(
        enrolment.programme_code,
        form.wall,
        [person.id for person in session.staff],
        kind=SessionKind.ONE_TO_ONE.value,
        venue=form.venue.data or None,
    )
    try:
        return book_one_to_one(plan, enrolment.id, actor=current_actor(), now=clock.now()).booking
    except RefusedError:
        # The same form sent twice finds the appointment that it made the first time.
        twin = meeting_at(enrolment, plan)
        if twin is None:
            raise
        return twin


def _said(session: Session, enrolment: Enrolment) -> str:
    mark = mark_of(session.id, enrolment.id)
    how = outcome_words(mark.outcome) if mark else "no mark needed"
    return f"Recorded for {enrolment.participant.name}: {how[:1].lower()}{how[1:]}."


def _next_in_words(booking: Booking) -> str:
    now = clock.now()
    texts = texts_in_words(messages_for_session(booking.session_id, booking.enrolment_id), now)
    return f"Next appointment: {moment_words(booking.session.starts_at, now)}. {texts}"


def _only_next(form: NextForm) -> NextForm:
    """Return what was typed about the next appointment, for a register that is in."""
    return form if not isinstance(form, RecordForm) else NextForm()


def _back(session: Session) -> ResponseReturnValue:
    return redirect(url_for("week.show", on=local_date(session.starts_at).isoformat()), code=303)


def _offered(session: Session) -> Choices:
    grace = programme_policy(session.programme_code, clock.now()).late_grace_minutes
    first, more = outcomes_offered(grace)
    return [(value, "No-show" if value == Outcome.ABSENT else words) for value, words in [*first, *more]]


def _blank(session: Session, enrolment: Enrolment) -> NextForm:
    """Return a sheet with the next appointment a week after the last one, or none where one is booked."""
    wall = suggested_start(enrolment, clock.now())
    given = {
        "book_next": "no" if _coming(enrolment) else "yes",
        "on": wall.date(),
        "starts": wall.time(),
        "venue": session.venue.name if session.venue else None,
    }
    if submission_of(session.id) is not None:
        return NextForm(about=str(session.id), token=uuid4().hex, **given)
    return RecordForm.of(session, _offered(session), **given)


def _coming(enrolment: Enrolment) -> Booking | None:
    now = clock.now()
    ahead = (one for one in live_bookings(enrolment.id) if one.session.starts_at > now)
    return next((one for one in ahead if one.session.cancelled_at is None), None)


def _page(session: Session, enrolment: Enrolment, form: NextForm) -> ResponseReturnValue:
    mark, submission = mark_of(session.id, enrolment.id), submission_of(session.id)
    coming = _coming(enrolment)
    page = render_template(
        "week/record.html",
        session=session,
        enrolment=enrolment,
        form=form,
        outcome=outcome_words(mark.outcome) if mark else None,
        submission=submission,
        follows=what_follows(session) if submission else "",
        coming=coming.session.starts_at if coming else None,
        back=url_for("week.show", on=local_date(session.starts_at).isoformat()),
    )
    return page, 422 if form.errors else 200
