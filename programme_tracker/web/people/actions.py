"""What may be done about a participant: each asks on a page of its own what follows from it."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.engagement.queries import open_flags
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import PoliceDecision, SuspensionReason
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.people.deeds import DEEDS
from programme_tracker.web.people.forms import (
    ConfirmForm,
    ConsentAgainForm,
    DangerForm,
    DetailsForm,
    PoliceDecisionForm,
    ReasonForm,
    SuspendForm,
)
from programme_tracker.web.people.timeline import flag_title
from programme_tracker.web.presentation import number_words
from programme_tracker.workflows import changing_people, deciding, police, suspending
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("enrolments", __name__, url_prefix="/enrolments")

#: Writes what a form asks; may return what follows, in place of the deed's usual sentence.
Write = Callable[[Actor, datetime], object]


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _back(enrolment: Enrolment) -> str:
    """Return the page to go back to: police have no page of the participant, only the referral's."""
    if current_actor().has(Role.POLICE):
        return url_for("referrals.show", referral_id=enrolment.referral_id)
    return url_for("people.enrolment", enrolment_id=enrolment.id)


def _deed(
    name: str, enrolment: Enrolment, form: PageForm, write: Write, about: str = ""
) -> ResponseReturnValue:
    """Ask for a deed, do it, say what follows; a refusal goes on the form and keeps what was typed."""
    deed, enrolment_id, back = DEEDS[name], enrolment.id, _back(enrolment)
    if form.validate_on_submit() and _is_about(form, enrolment_id):
        try:
            follows = write(current_actor(), clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say(deed.happened, follows if isinstance(follows, str) else deed.follows)
            return redirect(back, code=303)
    enrolment = _enrolment(enrolment_id)
    page = render_template(
        "people/deed.html", deed=deed, enrolment=enrolment, form=form, back=back, about=about
    )
    return page, 422 if form.errors else 200


def _is_about(form: PageForm, enrolment_id: int) -> bool:
    if form.is_about(enrolment_id):
        return True
    form.refuse("This page was about somebody else. Nothing was saved. Check the name and send it again.")
    form.about.data = str(enrolment_id)
    return False


@bp.route("/<int:enrolment_id>/suspend", methods=["GET", "POST"])
@requires("enrolment.change")
def suspend(enrolment_id: int) -> ResponseReturnValue:
    """Suspend the enrolment."""
    form = SuspendForm(about=str(enrolment_id))
    return _deed(
        "suspend",
        _enrolment(enrolment_id),
        form,
        lambda actor, now: suspending.suspend(
            enrolment_id, SuspensionReason(form.reason.data), actor=actor, now=now
        ),
    )


@bp.route("/<int:enrolment_id>/resume", methods=["GET", "POST"])
@requires("enrolment.change")
def resume(enrolment_id: int) -> ResponseReturnValue:
    """Resume the enrolment where it was."""
    return _deed(
        "resume",
        _enrolment(enrolment_id),
        ConfirmForm(about=str(enrolment_id)),
        lambda actor, now: suspending.resume(enrolment_id, actor=actor, now=now),
    )


@bp.route("/<int:enrolment_id>/consent", methods=["GET", "POST"])
@requires("people.change")
def consent(enrolment_id: int) -> ResponseReturnValue:
    """Record that somebody who had texted STOP agreed to texts again."""
    enrolment = _enrolment(enrolment_id)
    if enrolment.participant.opted_out_at is None:
        say("Texts are not stopped.", "There is no consent to record.", tone="info")
        return redirect(_back(enrolment), code=303)
    form, person_id = ConsentAgainForm(about=str(enrolment_id)), enrolment.participant_id
    return _deed(
        "consent",
        enrolment,
        form,
        lambda actor, now: changing_people.agree_to_texts(
            person_id, form.reason.data or "", actor=actor, now=now
        ),
    )


@bp.route("/<int:enrolment_id>/details", methods=["GET", "POST"])
@requires("people.change")
def details(enrolment_id: int) -> ResponseReturnValue:
    """Change the participant's number, risk or priority."""
    enrolment = _enrolment(enrolment_id)
    person = enrolment.participant
    form = DetailsForm.for_person(enrolment_id, person)
    return _deed("details", enrolment, form, lambda actor, now: _change(enrolment_id, form, actor, now))


def _change(enrolment_id: int, form: DetailsForm, actor: Actor, now: datetime) -> str:
    person = _enrolment(enrolment_id).participant
    if form.seen_version.data != str(person.version):
        form.seen_version.data = str(person.version)
        raise stale(number_words(person.mobile), person.risk)
    change = changing_people.PersonChange(
        mobile=form.mobile.data if form.mobile.data != person.mobile else changing_people.UNSET,
        language=form.language.data if form.language.data != person.language else None,
        risk=form.risk.data if form.risk.data != person.risk else None,
        is_priority=bool(form.is_priority.data) if form.is_priority.data != person.is_priority else None,
    )
    changing_people.change_person(person.id, change, actor=actor, now=now)
    return "Texts still to come go by the new facts."


def stale(number: str, risk: str) -> RefusedError:
    """Return the refusal of a save that was made from an older version, naming what it says now."""
    return RefusedError(
        Code.NOT_ALLOWED,
        f"Somebody changed this meanwhile: the number is now {number} and the risk {risk}. "
        "What you typed is below. Send it again to put it in its place.",
    )


@bp.route("/<int:enrolment_id>/share-number", methods=["GET", "POST"])
@requires("people.change")
def share_number(enrolment_id: int) -> ResponseReturnValue:
    """Allow a number that several people have by design."""
    enrolment = _enrolment(enrolment_id)
    person_id, form = enrolment.participant_id, ReasonForm(about=str(enrolment_id))
    return _deed(
        "share_number",
        enrolment,
        form,
        lambda actor, now: changing_people.share_number(
            person_id, form.reason.data or "", actor=actor, now=now
        ),
        about=number_words(enrolment.participant.mobile),
    )


@bp.route("/<int:enrolment_id>/lift-number", methods=["GET", "POST"])
@requires("people.change")
def lift_number(enrolment_id: int) -> ResponseReturnValue:
    """Let texts go again to a number that could not be delivered to."""
    enrolment = _enrolment(enrolment_id)
    person_id, form = enrolment.participant_id, ReasonForm(about=str(enrolment_id))
    return _deed(
        "lift_number",
        enrolment,
        form,
        lambda actor, now: changing_people.lift_number(
            person_id, form.reason.data or "", actor=actor, now=now
        ),
        about=number_words(enrolment.participant.mobile),
    )


@bp.route("/<int:enrolment_id>/re-arrest", methods=["GET", "POST"])
@requires("enrolment.change")
def rearrest(enrolment_id: int) -> ResponseReturnValue:
    """Record a re-arrest: victim safety first, then it waits for police."""
    enrolment = _enrolment(enrolment_id)
    if enrolment.suspension_reason == SuspensionReason.REARREST or not enrolment.is_mandated:
        say("Nothing to record.", "It is recorded already, or nothing mandated is under way.", tone="info")
        return redirect(_back(enrolment), code=303)
    person_id = enrolment.participant_id
    form = ConfirmForm(about=str(enrolment_id))
    return _deed(
        "rearrest",
        enrolment,
        form,
        lambda actor, now: suspending.rearrest(person_id, actor=actor, now=now),
    )


@bp.route("/<int:enrolment_id>/danger", methods=["GET", "POST"])
@requires("case.danger")
def danger(enrolment_id: int) -> ResponseReturnValue:
    """Tell everybody at once that danger is imminent."""
    form = DangerForm(about=str(enrolment_id))
    return _deed(
        "danger",
        _enrolment(enrolment_id),
        form,
        lambda actor, now: police.danger(enrolment_id, form.reason.data or "", actor=actor, now=now),
    )


@bp.route("/<int:enrolment_id>/flags/<int:flag_id>/clear", methods=["GET", "POST"])
@requires("flag.clear")
def clear(enrolment_id: int, flag_id: int) -> ResponseReturnValue:
    """Clear a flag with a reason."""
    enrolment = _enrolment(enrolment_id)
    flag = next((one for one in open_flags(enrolment.id) if one.id == flag_id), None) or abort(404)
    form = ReasonForm(about=str(enrolment_id))
    return _deed(
        "clear",
        enrolment,
        form,
        lambda actor, now: deciding.clear(flag_id, form.reason.data or "", actor=actor, now=now),
        about=flag_title(flag),
    )


@bp.route("/<int:enrolment_id>/police-decision", methods=["GET", "POST"])
@requires("police.decide")
def police_decision(enrolment_id: int) -> ResponseReturnValue:
    """Enter what police decided; never inferred."""
    enrolment = _enrolment(enrolment_id)
    if not police.awaits_decision(enrolment):
        say("Police are not asked to decide on this now.", tone="info")
        return redirect(_back(enrolment), code=303)
    form = PoliceDecisionForm.for_enrolment(enrolment)
    return _deed(
        "police_decision", enrolment, form, lambda actor, now: _decided(enrolment_id, form, actor, now)
    )


def _decided(enrolment_id: int, form: PoliceDecisionForm, actor: Actor, now: datetime) -> str:
    decision = PoliceDecision(form.decision.data)
    police.police_decision(
        enrolment_id,
        decision,
        actor=actor,
        now=now,
        caution_expires_on=form.caution_expires_on.data,
        note=form.note.data or None,
    )
    if decision is PoliceDecision.CHARGED:
        return "The enrolment has ended and its coming workshops are given up."
    return "The case is settled. Workshops can be booked again."
