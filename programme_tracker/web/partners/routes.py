"""Partners' files: what is due, one participant's partners, and one file once a reason is given."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.models import Partner, PartnerView
from programme_tracker.victim_safety.queries import open_view, partners_of, read_file
from programme_tracker.victim_safety.rules import VIEW_LASTS, ViewReason
from programme_tracker.victim_safety.services import Looking, close_file, note_seen, open_file
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.web.partners import views, wording
from programme_tracker.web.partners.forms import NobodyForm, ReasonForm
from programme_tracker.workflows.partner_files import nobody_to_contact
from programme_tracker.workflows.safety_words import told_about
from programme_tracker.workflows.visibility import enrolment_for, partner_for

bp = Blueprint("partners", __name__, url_prefix="/partners")

MINUTES = int(VIEW_LASTS.total_seconds() // 60)


@bp.get("/")
@requires("partner.write")
def index() -> ResponseReturnValue:
    """List what is due with my partners, and everybody whose partners I support."""
    actor, now = current_actor(), clock.now()
    return render_template(
        "partners/index.html",
        due=views.contacts_due(actor, now),
        supported=views.supported(actor, now),
        words=wording,
    )


@bp.get("/of/<int:enrolment_id>")
@requires("partner.write")
def of_enrolment(enrolment_id: int) -> ResponseReturnValue:
    """Show which partners of one participant are on file, and what is due with them."""
    return _partners_page(_enrolment(enrolment_id), NobodyForm(about=str(enrolment_id)))


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _partners_page(enrolment: Enrolment, form: NobodyForm) -> ResponseReturnValue:
    page = render_template(
        "partners/of_enrolment.html",
        enrolment=enrolment,
        partners=partners_of([enrolment.participant_id]),
        due=views.due_with(enrolment.participant_id),
        told=told_about(enrolment.participant_id),
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/of/<int:enrolment_id>/nobody")
@requires("partner.write")
def nobody(enrolment_id: int) -> ResponseReturnValue:
    """Finish the contacts that are due because there is nobody to contact."""
    enrolment, form = _enrolment(enrolment_id), NobodyForm()
    if not form.validate_on_submit():
        return _partners_page(enrolment, form)
    nobody_to_contact(enrolment.id, form.why.data, actor=current_actor(), now=clock.now())
    say("Noted that nobody is contacted.", "The next contact falls due in its own time.")
    return redirect(url_for("partners.of_enrolment", enrolment_id=enrolment_id), code=303)


@bp.get("/<int:partner_id>")
@requires("partner.see")
def show(partner_id: int) -> ResponseReturnValue:
    """Show a file to whoever has given a reason lately; ask for the reason otherwise."""
    partner = asked_for(partner_id)
    view = view_of(partner)
    if view is None:
        return _reason_page(partner, ReasonForm(about=str(partner.id), reason=ViewReason.CONTACT_DUE.value))
    note_seen(view, "partners.show", actor=current_actor(), now=clock.now())
    return _file_page(asked_for(partner_id))


def asked_for(partner_id: int) -> Partner:
    """Return a partner whom the person signed in may ask for; answer 404 otherwise."""
    person = require_person()
    return partner_for(person.actor, partner_id, person.session_id, clock.now()) or abort(404)


def view_of(partner: Partner) -> PartnerView | None:
    """Return the leave to look into a file that a reason gave, in this sign-in."""
    person = require_person()
    return open_view(partner.id, person.staff_id, person.session_id, clock.now())


def _reason_page(partner: Partner, form: ReasonForm) -> ResponseReturnValue:
    enrolment = views.newest_enrolment(partner.participant_id) or abort(404)
    page = render_template(
        "partners/reason.html", partner=partner, enrolment=enrolment, form=form, minutes=MINUTES
    )
    return page, 422 if form.errors else 200


def _file_page(partner: Partner) -> ResponseReturnValue:
    view = view_of(partner) or abort(404)
    return render_template(
        "partners/show.html",
        partner=partner,
        enrolment=views.newest_enrolment(partner.participant_id) or abort(404),
        view=view,
        words=wording,
        **views.page_of(read_file(partner), clock.now()),
    )


@bp.post("/<int:partner_id>/open")
@requires("partner.write")
def open_one(partner_id: int) -> ResponseReturnValue:
    """Take the reason, and open the file for a while."""
    partner, form, person = asked_for(partner_id), ReasonForm(), require_person()
    if not form.validate_on_submit():
        return _reason_page(partner, form)
    looking = Looking(ViewReason(form.reason.data), form.words.data, person.session_id)
    try:
        open_file(partner.id, looking, actor=person.actor, now=clock.now())
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _reason_page(asked_for(partner_id), form)
    return redirect(url_for("partners.show", partner_id=partner_id), code=303)


@bp.post("/<int:partner_id>/close")
@requires("partner.see")
def close(partner_id: int) -> ResponseReturnValue:
    """Close the file before its time."""
    partner, person = asked_for(partner_id), require_person()
    enrolment = views.newest_enrolment(partner.participant_id) or abort(404)
    close_file(partner.id, person.session_id, actor=person.actor, now=clock.now())
    say("The file is closed.", "Give a reason to open it again.")
    return redirect(url_for("people.enrolment", enrolment_id=enrolment.id), code=303)
