"""Referring somebody, the list of referrals, and one referral with the decision on it."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.people.models import Participant
from programme_tracker.people.services import NewParticipant
from programme_tracker.programmes.models import Programme
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import Identity, ReferralStatus
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.referrals import views
from programme_tracker.web.referrals.forms import (
    AcceptForm,
    AnswersForm,
    CautionForm,
    PersonForm,
    ReasonForm,
    ReferralForm,
    chosen_id,
)
from programme_tracker.workflows import referring
from programme_tracker.workflows.police import awaits_decision
from programme_tracker.workflows.visibility import referral_for

bp = Blueprint("referrals", __name__, url_prefix="/referrals")


@bp.get("/")
@requires("referral.see")
def index() -> ResponseReturnValue:
    """List the referrals: those that wait first."""
    actor = current_actor()
    return render_template(
        "referrals/index.html",
        waiting=views.waiting_referrals(actor),
        decided=views.decided_referrals(actor),
        decides=actor.has(*referring.MAY_TRIAGE),
        most=views.MOST,
    )


@bp.get("/new")
@requires("referral.make")
def choose_programme() -> ResponseReturnValue:
    """Ask for which programme; an officer has only one and goes straight there."""
    offered = views.programmes_to_refer_to(current_actor(), clock.now())
    if len(offered) == 1:
        return redirect(url_for("referrals.new", code=offered[0].code))
    return render_template("referrals/choose_programme.html", programmes=offered)


@bp.route("/new/<code>", methods=["GET", "POST"])
@requires("referral.make")
def new(code: str) -> ResponseReturnValue:
    """Ask what a referral needs, and take it in."""
    programme = _programme(code)
    form = _referral_form(programme)
    _offer_doubles(form)
    if form.validate_on_submit() and not _asks_who(form):
        try:
            referral = _receive(form, programme)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            _say_received(referral)
            return redirect(url_for("referrals.show", referral_id=referral.id), code=303)
    page = render_template("referrals/new.html", form=form, programme=programme)
    return page, 422 if form.errors else 200


def _programme(code: str) -> Programme:
    offered = views.programmes_to_refer_to(current_actor(), clock.now())
    programme = next((one for one in offered if one.code == code), None)
    return programme or abort(404)


def _referral_form(programme: Programme) -> CautionForm | ReferralForm:
    policy = programme_policy(programme.code, clock.now())
    form = CautionForm() if views.is_under_caution(programme.code, clock.now()) else ReferralForm()
    if current_actor().has(Role.POLICE):
        del form.officer
    else:
        form.officer.set_choices(views.officers())
    if isinstance(form, ReferralForm) and policy.min_age >= 16:
        del form.guardian_name, form.guardian_mobile, form.guardian_agrees
    return form


def _offer_doubles(form: PersonForm) -> None:
    """Offer the known people who look like the one who was typed; none when it was sent before."""
    if not form.is_submitted() or views.was_received(form.request_key.data):
        return
    sought = Identity(form.name.data or "", form.born_on.data, form.mobile.data)
    form.offer_doubles(views.doubles(current_actor(), sought))


def _asks_who(form: PersonForm) -> bool:
    """Ask once whether it is somebody known; tell whether that is still to be answered."""
    if not form.same_as.choices or form.same_as.data:
        return False
    form.refuse("Somebody like this is known already. Say whether it is the same person.", "same_as")
    return True


def _receive(form: CautionForm | ReferralForm, programme: Programme) -> Referral:
    actor = current_actor()
    person: NewParticipant | Participant = form.new_person()
    if form.person_id is not None:
        person = db.session.get_one(Participant, form.person_id)
    by_officer = "officer" in form and isinstance(form, CautionForm)
    referrer_id = chosen_id(form.officer.data) if by_officer else actor.staff_id
    assert referrer_id is not None
    details = form.details(programme.code, referrer_id)
    return referring.receive(person, details, actor=actor, now=clock.now())


def _say_received(referral: Referral) -> None:
    reasons = " ".join(f"{reason.rstrip('.')}." for reason in referral.reasons)
    if referral.status == ReferralStatus.REJECTED:
        say("This referral was not accepted.", reasons, tone="warning")
    elif referral.status == ReferralStatus.INFORMATION_REQUESTED:
        say("Referral received. It waits until you answer what is not known.", reasons, tone="warning")
    elif current_actor().has(Role.POLICE):
        say(
            "Referral received.",
            "The team checks whether this person is known already and decides. The answer is shown here.",
        )
    else:
        say("Referral received.", "Decide on it below, or leave it in the list of new referrals.")


@bp.get("/<int:referral_id>")
@requires("referral.see")
def show(referral_id: int) -> ResponseReturnValue:
    """Show one referral."""
    referral = _own(referral_id)
    return _page(referral, _accept_form(referral))


def _own(referral_id: int) -> Referral:
    return referral_for(current_actor(), referral_id) or abort(404)


def _accept_form(referral: Referral) -> AcceptForm | None:
    """Return the form that accepts, for those who decide and while there is something to decide."""
    actor, now = current_actor(), clock.now()
    undecided = referral.status in views.WAITING and not views.open_questions(referral, now)
    if not undecided or not actor.has(*referring.MAY_TRIAGE):
        return None
    person = referral.participant
    sought = Identity(person.name, person.born_on, person.mobile)
    doubles = views.doubles(actor, sought, but=person.id)
    return AcceptForm.for_referral(referral, doubles, actor.staff_id, views.colleagues())


def _page(referral: Referral, form: AcceptForm | None) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    enrolment = referral.enrolment
    page = render_template(
        "referrals/show.html",
        referral=referral,
        form=form,
        answers=views.answered(referral, now),
        open_questions=views.open_questions(referral, now),
        decides=actor.has(*referring.MAY_TRIAGE) and referral.status in views.WAITING,
        is_police=actor.has(Role.POLICE),
        decided_by=views.name_of(referral.decided_by),
        workshops=views.workshops_seen(enrolment, now),
        notices=views.notices_for(actor, enrolment),
        awaits_police=enrolment is not None and awaits_decision(enrolment),
    )
    return page, 422 if form is not None and form.errors else 200


@bp.post("/<int:referral_id>/accept")
@requires("referral.decide")
def accept(referral_id: int) -> ResponseReturnValue:
    """Accept a referral: it becomes an enrolment, and victim safety is asked to sign it off."""
    referral = _own(referral_id)
    form = _accept_form(referral)
    if form is None:
        return _decided_already(referral)
    if form.validate_on_submit():
        try:
            enrolment = _accept(referral_id, form)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Referral accepted.", "Victim safety is asked to sign it off. Nothing goes out before that.")
            return redirect(url_for("people.enrolment", enrolment_id=enrolment.id), code=303)
    return _page(_own(referral_id), form)


def _accept(referral_id: int, form: AcceptForm) -> Enrolment:
    return referring.accept(
        referral_id,
        lead_id=form.lead_id,
        worker_id=form.worker_id,
        person_id=form.person_id,
        actor=current_actor(),
        now=clock.now(),
    )


def _decided_already(referral: Referral) -> ResponseReturnValue:
    say("This referral was decided meanwhile.", "See below what it says now.", tone="warning")
    return redirect(url_for("referrals.show", referral_id=referral.id), code=303)


@bp.route("/<int:referral_id>/refuse", methods=["GET", "POST"])
@requires("referral.decide")
def refuse(referral_id: int) -> ResponseReturnValue:
    """Refuse a referral with a reason."""
    said = ("Referral not accepted.", "The referrer sees the reason on the referral’s page.")
    return _decide_against(referral_id, ReferralStatus.REJECTED, "referrals/refuse.html", said)


@bp.route("/<int:referral_id>/ask", methods=["GET", "POST"])
@requires("referral.decide")
def ask(referral_id: int) -> ResponseReturnValue:
    """Ask the referrer for information."""
    said = ("Information asked for.", "The referral waits. The referrer sees the question on its page.")
    return _decide_against(referral_id, ReferralStatus.INFORMATION_REQUESTED, "referrals/ask.html", said)


def _decide_against(
    referral_id: int, status: ReferralStatus, template: str, said: tuple[str, str]
) -> ResponseReturnValue:
    referral = _own(referral_id)
    if referral.status not in views.WAITING:
        return _decided_already(referral)
    form = ReasonForm(about=str(referral.id))
    if form.validate_on_submit():
        try:
            referring.decide_against(
                referral.id, status, form.reason.data or "", actor=current_actor(), now=clock.now()
            )
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say(*said)
            return redirect(url_for("referrals.show", referral_id=referral_id), code=303)
    return render_template(template, referral=_own(referral_id), form=form), 422 if form.errors else 200


@bp.route("/<int:referral_id>/answers", methods=["GET", "POST"])
@requires("referral.make")
def answer(referral_id: int) -> ResponseReturnValue:
    """Answer what a held referral left open."""
    referral = _own(referral_id)
    questions = views.open_questions(referral, clock.now())
    if not questions:
        return redirect(url_for("referrals.show", referral_id=referral.id), code=303)
    form = AnswersForm.for_questions(questions, referral)
    if form.validate_on_submit():
        try:
            referral = referring.answer(referral.id, form.answers(), actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            _say_received(referral)
            return redirect(url_for("referrals.show", referral_id=referral_id), code=303)
    return render_template(
        "referrals/answers.html", referral=referral, form=form
    ), 422 if form.errors else 200
