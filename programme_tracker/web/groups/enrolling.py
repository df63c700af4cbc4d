"""A place in a group from the person's side: enrolling, waiting, changing to another group."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.groups.choosing import (
    Choice,
    barred_words,
    choice_for,
    choices_for,
    first_words,
    held_group,
    starts_for,
    transfer_consequences,
)
from programme_tracker.web.groups.forms import StartForm
from programme_tracker.web.groups.planning import GROUP_FORMS
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted, day_words, moment_words
from programme_tracker.workflows import groups, journeys
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("group_places", __name__, url_prefix="/enrolments/<int:enrolment_id>/group")

CHANGED = "Somebody changed this enrolment meanwhile. Look again, then decide."


@bp.get("")
@requires("booking.make")
def choose(enrolment_id: int) -> ResponseReturnValue:
    """Show the groups this person may join, or change to, and why not where they may not."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    choices = choices_for(enrolment, now)
    return render_template(
        "groups/choose.html",
        enrolment=enrolment,
        person=enrolment.participant,
        choices=choices,
        own=held_group(enrolment, now),
        barred=barred_words(enrolment),
        takes_groups=programme_policy(enrolment.programme_code, now).form in GROUP_FORMS,
    )


@bp.get("/<int:group_id>")
@requires("booking.make")
def start(enrolment_id: int, group_id: int) -> ResponseReturnValue:
    """Ask with which session this person starts, or ask once before a transfer."""
    enrolment = _enrolment(enrolment_id)
    choice = choice_for(enrolment, group_id, clock.now()) or abort(404)
    return _page(enrolment, choice, _form(enrolment, choice))


@bp.post("/<int:group_id>")
@requires("booking.make")
def started(enrolment_id: int, group_id: int) -> ResponseReturnValue:
    """Enrol in the group; the same button pressed twice enrols once."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    choice = choice_for(enrolment, group_id, now) or abort(404)
    form = _form(enrolment, choice)
    if choice.is_own:
        return _back(enrolment_id)
    if form.validate_on_submit() and form.is_about(enrolment.id):
        try:
            _join(enrolment, choice, int(form.first.data), now)
        except RefusedError as refused:
            form.refuse(refused.message)
        else:
            return _back(enrolment_id)
    return _page(enrolment, choice, form)


def _join(enrolment: Enrolment, choice: Choice, number: int, now: datetime) -> None:
    name = enrolment.participant.name
    sessions = groups.join_group(
        enrolment.id, choice.group_id, actor=current_actor(), now=now, from_session=number
    )
    booked = counted(len(sessions), "session")
    say(
        f"{name} is enrolled in {choice.name}: {booked}, first {moment_words(sessions[0].starts_at, now)}.",
        "One text about the first session goes; reminders follow.",
    )


@bp.post("/<int:group_id>/transfer")
@requires("booking.make")
def transfer(enrolment_id: int, group_id: int) -> ResponseReturnValue:
    """Move somebody to this group; the same button pressed twice moves once."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    choice = choice_for(enrolment, group_id, now) or abort(404)
    form = _form(enrolment, choice)
    if choice.is_own:
        return _back(enrolment_id)
    if form.seen_version.data != str(enrolment.version):
        form.refuse(CHANGED)
        return _page(enrolment, choice, form)
    try:
        journeys.transfer(enrolment.id, group_id, actor=current_actor(), now=now)
    except RefusedError as refused:
        form.refuse(refused.message)
        return _page(enrolment, choice, form)
    first = first_words(choice, now)
    say(f"Moved to {choice.name}, first {first}.", "Victim safety was told the new night.")
    return _back(enrolment_id)


@bp.post("/<int:group_id>/wait")
@requires("booking.make")
def wait(enrolment_id: int, group_id: int) -> ResponseReturnValue:
    """Put this person on the group's waiting list; once is enough."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    choice = choice_for(enrolment, group_id, now) or abort(404)
    try:
        groups.wait_for_place(enrolment.id, choice.group_id, actor=current_actor(), now=now)
    except RefusedError as refused:
        say(refused.message, tone="warning")
    else:
        say(f"On the waiting list of {choice.name}.", "The lead gets a task when a place is free.")
    return _back(enrolment_id)


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _back(enrolment_id: int) -> ResponseReturnValue:
    return redirect(url_for("group_places.choose", enrolment_id=enrolment_id), code=303)


def _form(enrolment: Enrolment, choice: Choice) -> StartForm:
    """Return the form with each session to come and the topics owed from it on."""
    now = clock.now()
    form = StartForm()
    form.first.set_choices(
        (str(session.number or 0), _start_words(session, owed, now))
        for session, owed in starts_for(enrolment, choice, now)
    )
    if not form.is_submitted():
        form.about.data, form.seen_version.data = str(enrolment.id), str(enrolment.version)
    return form


def _start_words(session: Session, owed: str, now: datetime) -> str:
    day = day_words(session.starts_at, local_date(now))
    return f"Week {session.number}, {day}: {f'owes {owed}' if owed else 'owes nothing'}"


def _page(enrolment: Enrolment, choice: Choice, form: StartForm) -> ResponseReturnValue:
    now = clock.now()
    own = held_group(enrolment, now)
    refused = barred_words(enrolment) or choice.refusal
    page = render_template(
        "groups/transfer.html" if own else "groups/start.html",
        enrolment=enrolment,
        person=enrolment.participant,
        choice=choice,
        own=own,
        form=form,
        refused=refused,
        consequences=transfer_consequences(enrolment, choice, now) if own else [],
    )
    return page, 422 if form.errors else 200
