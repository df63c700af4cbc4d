"""Keeping and erasing: whose time is over, one person's page, and what a manager decides."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock, rewriting
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.people.models import Participant
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.keeping.forms import EndOrderForm, EraseForm, OrderForm
from programme_tracker.web.keeping.views import orders, page_of, people_over
from programme_tracker.workflows import erasing

bp = Blueprint("keeping", __name__, url_prefix="/keeping")


@bp.get("/")
@requires("person.erase")
def index() -> ResponseReturnValue:
    """List whose time here is over, and who is kept longer by order."""
    return render_template(
        "keeping/index.html", over=people_over(clock.now()), orders=orders(), unwritten=erasing.unwritten()
    )


@bp.get("/<int:participant_id>")
@requires("person.erase")
def show(participant_id: int) -> ResponseReturnValue:
    """Show how somebody stands before an erasure, and ask what to do."""
    return _page(_person(participant_id))


@bp.post("/<int:participant_id>/erase")
@requires("person.erase")
def erase(participant_id: int) -> ResponseReturnValue:
    """Erase somebody."""
    person, form = _person(participant_id), EraseForm()

    def deed() -> None:
        because = form.because.data or ""
        erasing.erase_participant(person.id, because, actor=current_actor(), now=clock.now())

    return _done(person, form, deed, ("Erased.", finished())) or _page(_person(participant_id), erase=form)


@bp.post("/<int:participant_id>/keep")
@requires("person.erase")
def keep(participant_id: int) -> ResponseReturnValue:
    """Order that somebody is kept longer."""
    person, form = _person(participant_id), OrderForm()

    def deed() -> None:
        erasing.keep_longer(person.id, form.because.data or "", actor=current_actor(), now=clock.now())

    said = ("They are kept until the order ends.", "Nobody can erase them meanwhile.")
    return _done(person, form, deed, said) or _page(_person(participant_id), keep=form)


@bp.post("/<int:participant_id>/keep/end")
@requires("person.erase")
def end(participant_id: int) -> ResponseReturnValue:
    """End the order to keep somebody."""
    person, form = _person(participant_id), EndOrderForm()

    def deed() -> None:
        erasing.end_order(person.id, form.because.data or "", actor=current_actor(), now=clock.now())

    said = ("The order has ended.", "The usual time to keep them counts again.")
    return _done(person, form, deed, said) or _page(_person(participant_id), end=form)


def finished() -> str:
    """Say what is left to do after an erasure."""
    if rewriting.is_quick():
        return "Nothing of them is left in the database’s file."
    return "Their words are out of reach now. The files are rewritten by the command in the README."


def rewrite_if_quick() -> None:
    """Rewrite a small database at once; a large one waits for its command."""
    if rewriting.is_quick():
        erasing.rewrite(now=clock.now())


def _person(participant_id: int) -> Participant:
    return db.session.get(Participant, participant_id) or abort(404)


def _done(
    person: Participant, form: PageForm, deed: Callable[[], None], said: tuple[str, str]
) -> ResponseReturnValue | None:
    """Do what the form asks for and go back to the page; None, with why not on the form, if refused."""
    participant_id = person.id
    if not form.validate_on_submit():
        return None
    if not form.is_about(participant_id):
        form.about.data = str(participant_id)
        form.refuse("This page was about somebody else. Nothing was saved. Check the name and send it again.")
        return None
    try:
        deed()
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return None
    rewrite_if_quick()
    say(*said)
    return redirect(url_for("keeping.show", participant_id=participant_id), code=303)


def _page(
    person: Participant,
    erase: EraseForm | None = None,
    keep: OrderForm | None = None,
    end: EndOrderForm | None = None,
) -> ResponseReturnValue:
    about = {"about": str(person.id)}
    forms = {
        "erase": erase or EraseForm(formdata=None, **about),
        "keep": keep or OrderForm(formdata=None, **about),
        "end": end or EndOrderForm(formdata=None, **about),
    }
    page = render_template("keeping/show.html", page=page_of(person, clock.now()), forms=forms)
    return page, 422 if any(form.errors for form in forms.values()) else 200
