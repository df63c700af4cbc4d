"""The end of an enrolment, each way with its consequences named before its button."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.services import is_over
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.leaving.forms import CompleteForm, LeaveForm, PlainForm
from programme_tracker.web.leaving.views import (
    certificate_of,
    completion_of,
    ending_of,
    linked,
    may_lead_on,
)
from programme_tracker.workflows import journeys
from programme_tracker.workflows.leading_on import refer_on
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("leaving", __name__, url_prefix="/enrolments/<int:enrolment_id>/leaving")

#: The group programme that one-to-ones lead on to (product.md §3).
NEXT_PROGRAMME = "radar"

Write = Callable[[Actor, datetime], object]


@dataclass(frozen=True)
class Way:
    """One way for an enrolment to end: its page, its button, and what is said afterwards."""

    title: str
    button: str
    happened: str
    told: str


WITHDRAW = Way(
    "They leave",
    "Withdraw them and tell victim safety now",
    "Enrolment ended: they left.",
    "Victim safety is told first, then the referrer.",
)
DESELECT = Way(
    "We end it",
    "Deselect them and tell victim safety now",
    "Enrolment ended: we ended it.",
    "Victim safety is told first, then the referrer.",
)
COMPLETE = Way(
    "Complete",
    "Complete and tell victim safety now",
    "Completed.",
    "Victim safety is told first, then the lead and whoever referred.",
)


@bp.get("/")
@requires("people.change")
def show(enrolment_id: int) -> ResponseReturnValue:
    """Show how this enrolment may end, what is there for it and what is missing."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    found = linked(enrolment, current_actor())
    return render_template(
        "leaving/show.html",
        enrolment=enrolment,
        is_over=is_over(enrolment),
        completion=completion_of(enrolment, now),
        certificate=certificate_of(enrolment, now),
        linked=found,
        may_lead_on=may_lead_on(enrolment, found, now),
    )


@bp.route("/withdraw", methods=["GET", "POST"])
@requires("people.change")
def withdraw(enrolment_id: int) -> ResponseReturnValue:
    """End the enrolment because the person leaves."""
    form = LeaveForm(about=str(enrolment_id))
    return _end(
        enrolment_id,
        WITHDRAW,
        form,
        lambda actor, now: journeys.withdraw(enrolment_id, form.reason.data or "", actor=actor, now=now),
    )


@bp.route("/deselect", methods=["GET", "POST"])
@requires("people.change")
def deselect(enrolment_id: int) -> ResponseReturnValue:
    """End the enrolment because the provider ends it."""
    form = LeaveForm(about=str(enrolment_id))
    return _end(
        enrolment_id,
        DESELECT,
        form,
        lambda actor, now: journeys.deselect(enrolment_id, form.reason.data or "", actor=actor, now=now),
    )


@bp.route("/complete", methods=["GET", "POST"])
@requires("people.change")
def complete(enrolment_id: int) -> ResponseReturnValue:
    """Complete the enrolment, by a person's judgement where the programme asks for one."""
    enrolment = _enrolment(enrolment_id)
    needed = completion_of(enrolment, clock.now())
    if not needed.is_reached or is_over(enrolment):
        return _back(enrolment)
    form = (CompleteForm if needed.needs_judgement else PlainForm)(about=str(enrolment_id))
    judged = needed.needs_judgement
    return _end(
        enrolment_id,
        COMPLETE,
        form,
        lambda actor, now: journeys.complete(enrolment_id, actor=actor, now=now, group_ready=judged),
    )


@bp.post("/refer-on")
@requires("people.change")
def lead_on(enrolment_id: int) -> ResponseReturnValue:
    """Refer somebody on to the group programme; asked twice it is one referral."""
    enrolment = _enrolment(enrolment_id)
    try:
        made = refer_on(enrolment.id, NEXT_PROGRAMME, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        say(refused.message, tone="warning")
        return _back(enrolment)
    say(
        f"Referred on to {made.programme.name}.",
        f"Victim safety decides anew. {enrolment.programme.name} goes on until the group starts.",
    )
    return _back(enrolment)


@bp.get("/certificate")
@requires("people.change")
def certificate(enrolment_id: int) -> ResponseReturnValue:
    """Show a paper of the dates attended that names neither the programme nor its purpose."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    found = certificate_of(enrolment, now)
    if not found.days:
        abort(404)
    return render_template("leaving/certificate.html", certificate=found, enrolment=enrolment, now=now)


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _back(enrolment: Enrolment) -> ResponseReturnValue:
    return redirect(url_for("leaving.show", enrolment_id=enrolment.id), code=303)


def _end(enrolment_id: int, way: Way, form: PageForm, write: Write) -> ResponseReturnValue:
    """Ask once, naming what follows, then end it; a refusal keeps what was typed."""
    enrolment = _enrolment(enrolment_id)
    if is_over(enrolment):
        say("This enrolment has ended already.", tone="info")
        return _back(enrolment)
    if form.validate_on_submit() and _is_about(form, enrolment_id):
        try:
            write(current_actor(), clock.now())
        except RefusedError as refused:
            form.refuse(refused.message, refused.field)
        else:
            say(way.happened, way.told)
            return _back(enrolment)
    ending = ending_of(_enrolment(enrolment_id), clock.now())
    page = render_template("leaving/end.html", enrolment=enrolment, form=form, way=way, ending=ending)
    return page, 422 if form.errors else 200


def _is_about(form: PageForm, enrolment_id: int) -> bool:
    if form.is_about(enrolment_id):
        return True
    form.about.data = str(enrolment_id)
    form.refuse("This page was about somebody else. Nothing was saved. Check the name and send it again.")
    return False
