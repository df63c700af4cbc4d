"""Writing in a partner's file: contacts, DASH, the plan, IMPACT answers, what has changed, who they are.

Whoever writes has given a reason first. When that runs out while somebody types, what they typed is
saved all the same: saving shows nothing.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.tasks.models import TaskKind
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import Written, read_details, read_file
from programme_tracker.victim_safety.rules import EntryKind, ImpactPoint
from programme_tracker.victim_safety.services import EntryDetails, note_seen
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.keeping.forms import EraseFileForm
from programme_tracker.web.keeping.routes import finished, rewrite_if_quick
from programme_tracker.web.partners import forms, views, wording
from programme_tracker.web.partners.routes import asked_for, view_of
from programme_tracker.web.reading import whole_number
from programme_tracker.workflows import erasing
from programme_tracker.workflows import partner_files as files
from programme_tracker.workflows.separating import mark_also_participant, unmark
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("partner_files", __name__, url_prefix="/partners")

METHODS = ["GET", "POST"]
ANOTHER = "This page was about somebody else. Nothing was saved. Check the name and send it again."


def _form_page(partner: Partner, form: PageForm, title: str, button: str, **more: Any) -> ResponseReturnValue:
    page = render_template(
        "partners/write.html",
        partner=partner,
        enrolment=views.newest_enrolment(partner.participant_id) or abort(404),
        details=read_details(partner),
        form=form,
        title=title,
        button=button,
        **more,
    )
    return page, 422 if form.errors else 200


def _may_show(partner: Partner) -> bool:
    """Tell whether a form may be shown, and note that it was; a sent one is taken all the same."""
    view = view_of(partner)
    if view is not None:
        note_seen(view, str(request.endpoint), actor=current_actor(), now=clock.now())
    return view is not None


def _to_file(partner_id: int) -> ResponseReturnValue:
    return redirect(url_for("partners.show", partner_id=partner_id), code=303)


def _write(
    partner_id: int,
    form: PageForm,
    page: tuple[str, str],
    save: Callable[[Partner], object],
    said: tuple[str, str],
    back: str | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """Show a form, or save what was sent and say what follows; a refusal goes on the form."""
    partner = asked_for(partner_id)
    if not form.is_submitted():
        form.about.data = str(partner_id)
    elif not form.is_about(partner_id):
        form.about.data = str(partner_id)
        form.refuse(ANOTHER)
    elif form.validate():
        try:
            save(partner)
        except RefusedError as refused:
            form.refuse(refused.message, refused.field)
        else:
            say(*said)
            return redirect(back, code=303) if back else _to_file(partner_id)
    if not _may_show(partner):
        if form.errors:
            say("Nothing was saved yet.", "Give your reason again, then write it once more.", tone="warning")
        return _to_file(partner_id)
    return _form_page(asked_for(partner_id), form, *page, **more)


def _stamp(wrong: Written | None) -> dict[str, Any]:
    """Return who writes, when, and which entry is put right."""
    return {"actor": current_actor(), "now": clock.now(), "corrects_id": wrong.id if wrong else None}


def _corrected(partner: Partner, kind: EntryKind, form: forms.EntryForm) -> Written | None:
    """Return the entry that a form puts right, and fill the form with it the first time."""
    entry_id = request.args.get("corrects", type=whole_number)
    if entry_id is None:
        return None
    found = [one for one in read_file(partner).of_kind(kind) if one.id == entry_id and one.stands]
    if not found:
        abort(404)
    if not form.is_submitted() and view_of(partner) is not None:
        form.show(found[0].content)
    return found[0]


@bp.route("/<int:partner_id>/contact", methods=METHODS)
@requires("partner.write")
def contact(partner_id: int) -> ResponseReturnValue:
    """Record a contact, or an attempt."""
    partner, form = asked_for(partner_id), forms.ContactForm()
    wrong = _corrected(partner, EntryKind.CONTACT, form)
    due = views.due_with(partner.participant_id)
    form.offer((one.task_id, one.why) for one in due if one.kind is TaskKind.PARTNER_CONTACT)

    def save(found: Partner) -> None:
        finishes = [int(one) for one in form.finishes.data or ()]
        files.record_contact(found.id, form.content, finishes=finishes, **_stamp(wrong))

    said = ("Contact saved.", "What it answers is done.")
    if form.outcome.data == "attempted":
        said = ("Attempt saved.", "The contact stays due.")
    return _write(partner_id, form, ("Record a contact", "Save contact"), save, said, wrong=wrong)


@bp.route("/<int:partner_id>/dash", methods=METHODS)
@requires("partner.write")
def dash(partner_id: int) -> ResponseReturnValue:
    """Record a DASH assessment."""
    partner, form = asked_for(partner_id), forms.DashForm()
    wrong = _corrected(partner, EntryKind.DASH, form)
    if not form.is_submitted() and wrong is None:
        form.assessor.data, form.assessed_on.data = current_actor().name, local_date(clock.now())

    def save(found: Partner) -> None:
        files.record_dash(found.id, form.content, **_stamp(wrong))

    said = ("DASH saved.", "Earlier assessments stay in the file.")
    return _write(partner_id, form, ("Record a DASH", "Save DASH"), save, said, wrong=wrong)


@bp.route("/<int:partner_id>/plan", methods=METHODS)
@requires("partner.write")
def plan(partner_id: int) -> ResponseReturnValue:
    """Write a new version of the safety plan, starting from the present one."""
    partner, form = asked_for(partner_id), forms.PlanForm()
    now_plans = [one for one in read_file(partner).of_kind(EntryKind.PLAN) if one.stands]
    if not form.is_submitted() and now_plans:
        form.show(now_plans[0].content)

    def save(found: Partner) -> None:
        files.write_plan(found.id, form.content, actor=current_actor(), now=clock.now())

    said = ("Safety plan saved.", "The version before stays in the file.")
    return _write(partner_id, form, ("Safety plan", "Save plan"), save, said)


@bp.route("/<int:partner_id>/changed", methods=METHODS)
@requires("partner.write")
def changed(partner_id: int) -> ResponseReturnValue:
    """Note what has changed; a new assessment falls due."""
    form = forms.ChangeForm()

    def save(found: Partner) -> None:
        files.note_change(found.id, form.content, actor=current_actor(), now=clock.now())

    said = ("Change saved.", "A new assessment is due by the end of the next working day.")
    return _write(partner_id, form, ("What has changed", "Save change"), save, said)


@bp.route("/<int:partner_id>/impact/<int:enrolment_id>/<point>", methods=METHODS)
@requires("partner.write")
def impact(partner_id: int, enrolment_id: int, point: str) -> ResponseReturnValue:
    """Record a partner's answers at one IMPACT time point."""
    partner, form = asked_for(partner_id), forms.ImpactForm()
    enrolment = enrolment_for(current_actor(), enrolment_id)
    if (
        enrolment is None
        or enrolment.participant_id != partner.participant_id
        or point not in set(ImpactPoint)
    ):
        abort(404)
    wrong = _corrected(partner, EntryKind.IMPACT, form)

    def save(found: Partner) -> None:
        corrects = wrong.id if wrong else None
        details = EntryDetails(EntryKind.IMPACT, form.content, enrolment_id, point, corrects)
        files.record_impact(found.id, details, actor=current_actor(), now=clock.now())

    title = f"IMPACT {point}: {wording.POINTS[point].lower()}"
    said = ("Answers saved.", "They stay in this file. The participant never sees them.")
    return _write(partner_id, form, (title, "Save answers"), save, said, wrong=wrong)


@bp.route("/<int:partner_id>/details", methods=METHODS)
@requires("partner.write")
def details(partner_id: int) -> ResponseReturnValue:
    """Change who a partner is and how to reach them; what was known before stays."""
    partner, form = asked_for(partner_id), forms.DetailsForm()
    form.worker.set_choices(views.workers())
    if not form.is_submitted():
        form.seen_version.data = str(partner.version)
        if view_of(partner) is not None:
            form.show(read_details(partner))

    def save(found: Partner) -> None:
        _refuse_stale(form, found)
        now, actor = clock.now(), current_actor()
        files.write_details(found.participant_id, form.details, actor=actor, now=now, partner_id=found.id)

    said = ("Details saved.", _about_number(form))
    return _write(partner_id, form, ("Change details", "Save details"), save, said)


def _refuse_stale(form: forms.DetailsForm, partner: Partner) -> None:
    if form.seen_version.data == str(partner.version):
        return
    form.seen_version.data = str(partner.version)
    said = "Somebody changed this meanwhile. Check it against the file, then save again."
    raise RefusedError(Code.NOT_ALLOWED, said)


def _about_number(form: forms.DetailsForm) -> str:
    if files.number_stands_with_participant(form.number.data):
        return "A participant has this number too: no text goes to it. Check which of them can see it."
    return "No text to a participant goes to the safe number." if form.number.data else ""


@bp.route("/of/<int:enrolment_id>/add", methods=METHODS)
@requires("partner.write")
def add(enrolment_id: int) -> ResponseReturnValue:
    """Add a partner, current or former, to a participant."""
    enrolment = enrolment_for(current_actor(), enrolment_id) or abort(404)
    form = forms.DetailsForm()
    form.worker.set_choices(views.workers())
    if not form.is_submitted():
        form.about.data, form.worker.data = str(enrolment.id), str(enrolment.worker_id or "")
    if form.validate_on_submit() and form.is_about(enrolment.id):
        files.write_details(enrolment.participant_id, form.details, actor=current_actor(), now=clock.now())
        say("Partner added.", _about_number(form))
        return redirect(url_for("partners.of_enrolment", enrolment_id=enrolment_id), code=303)
    return render_template("partners/add.html", enrolment=enrolment, form=form), 422 if form.errors else 200


@bp.route("/<int:partner_id>/erase", methods=METHODS)
@requires("partner.write")
def erase(partner_id: int) -> ResponseReturnValue:
    """Erase a file whose time is over, or whose partner asked for it; ask once, naming what follows."""
    partner, form = asked_for(partner_id), EraseFileForm()
    enrolment = views.newest_enrolment(partner.participant_id) or abort(404)
    back = url_for("partners.of_enrolment", enrolment_id=enrolment.id)

    def save(found: Partner) -> None:
        was_asked, because = form.why.data == "asked", form.because.data or ""
        erasing.erase_partner_file(
            found.id, because, was_asked=was_asked, actor=current_actor(), now=clock.now()
        )
        rewrite_if_quick()

    page = ("Erase the file", "Erase the file for good")
    follows = [
        "Everything in it goes: who they are, every contact, DASH, plan and answer. It cannot be undone.",
        "That it was there, who opened it and when stays in the trail, without a name.",
        "A backup made before still holds it, sealed, until it is deleted.",
    ]
    return _write(partner_id, form, page, save, ("File erased.", finished()), back=back, follows=follows)


@bp.route("/<int:partner_id>/also-participant", methods=METHODS)
@requires("partner.write")
def also(partner_id: int) -> ResponseReturnValue:
    """Say that a partner is on the system as a participant too; ask once, naming what follows."""
    form = forms.AlsoForm()

    def save(found: Partner) -> None:
        mark_also_participant(found.id, form.reference.data or "", actor=current_actor(), now=clock.now())

    said = ("They are kept apart from now on.", "Each sign-off has to be decided again.")
    follows = [
        "They never share staff, a venue or a day. Bookings are refused without a reason.",
        "Whoever works with one of them no longer finds the other.",
        "Each sign-off is decided again. Until then no text goes to either.",
        "Nobody but victim safety is told why.",
    ]
    page = ("They are a participant too", "Keep them apart")
    return _write(partner_id, form, page, save, said, follows=follows)


@bp.route("/<int:partner_id>/not-participant/<int:participant_id>", methods=METHODS)
@requires("partner.write")
def not_participant(partner_id: int, participant_id: int) -> ResponseReturnValue:
    """Say that a partner is not that participant after all."""
    partner, form = asked_for(partner_id), forms.NotForm()
    if participant_id not in [one[0] for one in views.links_of(read_file(partner))]:
        abort(404)

    def save(found: Partner) -> None:
        note = form.note.data or ""
        unmark(found.id, participant_id, note, actor=current_actor(), now=clock.now())

    said = ("They are no longer kept apart.", "Sign-offs that wait have to be decided all the same.")
    return _write(partner_id, form, ("It is somebody else", "Let them meet again"), save, said)
