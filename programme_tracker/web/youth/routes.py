"""A young person's guardian and consent."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.rules import age_on, is_under_16
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import day_words
from programme_tracker.web.youth.forms import YES, ConsentForm, GuardianForm, version_of
from programme_tracker.web.youth.views import TextsGoTo, concerns, texts_go_to
from programme_tracker.web.youth.words import person_word
from programme_tracker.workflows.changing_people import PersonChange, answer_own_consent, change_person
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("youth", __name__, url_prefix="/enrolments/<int:enrolment_id>/guardian")
bp.app_template_global("person_word")(person_word)

#: Which field shows what a workflow refuses.
_BESIDE = {"guardian_mobile": "mobile"}


@bp.get("/")
@requires("people.change")
def show(enrolment_id: int) -> ResponseReturnValue:
    """Show the guardian, who gets texts now and from when, and the young person's own consent."""
    enrolment = _enrolment(enrolment_id)
    return _page(enrolment, _guardian_form(enrolment), ConsentForm(about=str(enrolment.id)))


@bp.post("/")
@requires("people.change")
def guardian(enrolment_id: int) -> ResponseReturnValue:
    """Name the guardian, or change what is known of them."""
    enrolment, form = _enrolment(enrolment_id), GuardianForm().offering_languages()
    asking = ConsentForm(formdata=None, about=str(enrolment.id))
    if not form.validate_on_submit() or not _is_fresh(form, enrolment):
        return _page(enrolment, form, asking)
    change = PersonChange(guardian=form.details, guardian_language=form.language.data)
    try:
        change_person(enrolment.participant_id, change, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        form.refuse(refused.message, _BESIDE.get(refused.field or "", refused.field))
        return _page(_enrolment(enrolment_id), form, asking)
    say("Guardian saved.", in_words(texts_go_to(_enrolment(enrolment_id).participant, clock.now())))
    return _back(enrolment_id)


@bp.post("/own-consent")
@requires("people.change")
def own_consent(enrolment_id: int) -> ResponseReturnValue:
    """Record what the young person answered about texts in their own name."""
    enrolment, form = _enrolment(enrolment_id), ConsentForm()
    if not form.validate_on_submit() or not _is_about(form, enrolment):
        return _page(enrolment, _guardian_form(enrolment), form)
    agrees = form.agrees.data == YES
    try:
        answer_own_consent(enrolment.participant_id, agrees, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _page(_enrolment(enrolment_id), _guardian_form(enrolment), form)
    follows = "Texts still to come go to their own number." if agrees else "No text goes: ring instead."
    say("Answer saved.", follows)
    return _back(enrolment_id)


def in_words(texts: TextsGoTo) -> str:
    """Say who gets texts now."""
    if texts.is_nobody:
        return f"{texts.problem} No text goes to anybody: ring instead."
    until = f" until {day_words(texts.changes_on, local_date(clock.now()))}" if texts.changes_on else ""
    return f"Texts go to {texts.whom}{until}."


def _enrolment(enrolment_id: int) -> Enrolment:
    found = enrolment_for(current_actor(), enrolment_id)
    if found is None or not concerns(found.participant, clock.now()):
        abort(404)
    return found


def _guardian_form(enrolment: Enrolment) -> GuardianForm:
    return GuardianForm.of(enrolment.id, enrolment.participant.guardian)


def _is_about(form: PageForm, enrolment: Enrolment) -> bool:
    if form.is_about(enrolment.id):
        return True
    form.about.data = str(enrolment.id)
    form.refuse("This page was about somebody else. Nothing was saved. Check the name and send it again.")
    return False


def _is_fresh(form: PageForm, enrolment: Enrolment) -> bool:
    """Tell whether the page was about this person, as they are known now."""
    version = version_of(enrolment.participant.guardian)
    if form.is_about(enrolment.id) and form.seen_version.data == version:
        return True
    form.about.data, form.seen_version.data = str(enrolment.id), version
    form.refuse("Somebody changed this meanwhile. Look at what is known below, then send it again.")
    return False


def _back(enrolment_id: int) -> ResponseReturnValue:
    return redirect(url_for("youth.show", enrolment_id=enrolment_id), code=303)


def _page(enrolment: Enrolment, form: GuardianForm, consent: ConsentForm) -> ResponseReturnValue:
    person, now = enrolment.participant, clock.now()
    texts = texts_go_to(person, now)
    page = render_template(
        "youth/show.html",
        enrolment=enrolment,
        guardian=person.guardian,
        form=form,
        consent=consent,
        texts=texts,
        said=in_words(texts),
        age=age_on(person.born_on, local_date(now)),
        is_child=is_under_16(person.born_on, local_date(now)),
    )
    return page, 422 if form.errors or consent.errors else 200
