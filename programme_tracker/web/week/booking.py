"""Booking appointments with one person: one in two taps, or the same hour every week."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import (
    bank_holiday_name,
    from_local,
    is_english_bank_holiday,
    local_date,
)
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking
from programme_tracker.scheduling.queries import clash_for_participant, clash_for_staff
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.web.access import may_open, requires
from programme_tracker.web.bookings.views import barred, meeting_at, texts_in_words, unreachable
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.web.presentation import counted, day_words, moment_words
from programme_tracker.web.week.forms import AppointmentForm
from programme_tracker.web.week.one_person import last_venue, suggested_start
from programme_tracker.workflows.one_to_ones import book_one_to_one, book_weekly
from programme_tracker.workflows.sessions import SessionPlan, refuse_time
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("appointments", __name__, url_prefix="/enrolments/<int:enrolment_id>/appointments")


@dataclass(frozen=True)
class DateSeen:
    """One of several dates before they are booked; ``refusal`` says what stands against it."""

    starts_at: datetime
    refusal: str = ""


@bp.get("/")
@requires("booking.make")
def choose(enrolment_id: int) -> ResponseReturnValue:
    """Offer the likeliest next appointment; one more tap books it."""
    enrolment = _enrolment(enrolment_id)
    wall = suggested_start(enrolment, clock.now())
    venue = last_venue(enrolment.id)
    form = AppointmentForm(about=str(enrolment.id), on=wall.date(), starts=wall.time(), venue=venue)
    return _page(enrolment, form)


@bp.post("/")
@requires("booking.make")
def book(enrolment_id: int) -> ResponseReturnValue:
    """Book one appointment at once; several only after their dates were shown."""
    enrolment, form, now = _enrolment(enrolment_id), AppointmentForm(), clock.now()
    if not form.validate_on_submit() or not _is_about(form, enrolment):
        return _page(enrolment, form)
    plan, weeks = _plan(enrolment, form), form.weeks.data or 1
    dates = _dates(plan, weeks, enrolment) if weeks > 1 else []
    if dates and ("confirmed" not in request.form or any(one.refusal for one in dates)):
        return _dates_page(enrolment, form, plan, dates)
    try:
        made = _book(plan, enrolment, weeks, now)
    except RefusedError as refused:
        twin = meeting_at(enrolment, plan)
        if twin is None:
            form.refuse(refused.message, {"starts": "on"}.get(refused.field or "", refused.field))
            return _page(enrolment, form)
        made = [twin]
    return _booked(enrolment, made)


def _book(plan: SessionPlan, enrolment: Enrolment, weeks: int, now: datetime) -> list[Booking]:
    """Book one, on that very day, or several, bank holidays left out."""
    actor = current_actor()
    if weeks == 1:
        return [book_one_to_one(plan, enrolment.id, actor=actor, now=now).booking]
    return [one.booking for one in book_weekly(plan, enrolment.id, weeks, actor=actor, now=now)]


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _is_about(form: AppointmentForm, enrolment: Enrolment) -> bool:
    if form.is_about(enrolment.id):
        return True
    form.about.data = str(enrolment.id)
    form.refuse("This page was about somebody else. Nothing was booked. Check the name and send it again.")
    return False


def _plan(enrolment: Enrolment, form: AppointmentForm) -> SessionPlan:
    staff_ids = [require_person().staff_id]
    kind, venue = form.kind.data, form.venue.data or None
    return SessionPlan(enrolment.programme_code, form.wall, staff_ids, kind=kind, venue=venue)


def _dates(plan: SessionPlan, weeks: int, enrolment: Enrolment) -> list[DateSeen]:
    """Return the dates as they would be booked, each with what stands against it."""
    minutes = plan.minutes or programme_policy(plan.programme_code, clock.now()).minutes
    walls = weekly_starts(plan.starts, weeks, is_english_bank_holiday)
    return [_date(replace(plan, starts=wall, minutes=minutes), enrolment) for wall in walls]


def _date(plan: SessionPlan, enrolment: Enrolment) -> DateSeen:
    starts_at, minutes = from_local(plan.starts), plan.minutes or 0
    try:
        refuse_time(starts_at, clock.now())
    except RefusedError as refused:
        return DateSeen(starts_at, refused.message)
    if clash_for_staff(plan.staff_ids, starts_at, minutes):
        return DateSeen(starts_at, "You are busy then.")
    if clash_for_participant(enrolment.participant_id, starts_at, minutes):
        return DateSeen(starts_at, "They are booked elsewhere then.")
    return DateSeen(starts_at)


def _skipped(plan: SessionPlan, dates: Sequence[DateSeen]) -> list[tuple[date, str]]:
    """Return the bank holidays between the first week and the last, each with its name."""
    last, day = max(one.starts_at for one in dates), plan.starts.date()
    found = []
    while day <= last.date():
        if name := bank_holiday_name(day):
            found.append((day, name))
        day += timedelta(weeks=1)
    return found


def _dates_page(
    enrolment: Enrolment, form: AppointmentForm, plan: SessionPlan, dates: Sequence[DateSeen]
) -> ResponseReturnValue:
    refused = any(one.refusal for one in dates)
    page = render_template(
        "week/dates.html",
        enrolment=enrolment,
        form=form,
        dates=dates,
        refused=refused,
        skipped=_skipped(plan, dates),
        values=form.values(),
    )
    return page, 422 if refused else 200


def _booked(enrolment: Enrolment, made: Sequence[Booking]) -> ResponseReturnValue:
    now, first, last = clock.now(), made[0], made[-1]
    texts = texts_in_words(messages_for_session(first.session_id, enrolment.id), now)
    when = moment_words(first.session.starts_at, now)
    if len(made) == 1:
        said = f"Appointment booked for {when}."
    else:
        said = f"{counted(len(made), 'appointment').capitalize()} booked, from {when} to "
        said += f"{day_words(last.session.starts_at, local_date(now))}."
        texts = f"{texts} Each later one has its own reminder."
    say(said, unreachable(enrolment) or texts)
    if may_open("people.enrolment"):
        return redirect(url_for("people.enrolment", enrolment_id=enrolment.id), code=303)
    return redirect(url_for("week.show"), code=303)


def _page(enrolment: Enrolment, form: AppointmentForm) -> ResponseReturnValue:
    refused = barred(enrolment)
    page = render_template(
        "week/book.html",
        enrolment=enrolment,
        form=form,
        barred=refused.message if refused else None,
        waits=refused is not None and refused.code is Code.GATE_NOT_GRANTED,
        unreachable=unreachable(enrolment),
    )
    return page, 422 if form.errors else 200
