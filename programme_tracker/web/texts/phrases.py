"""Phrases that tell of the wrong person: the manager's list, and trying it on a text."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.messaging.queries import phrases_in_force
from programme_tracker.messaging.replies import Reply, ReplyKind, classify
from programme_tracker.messaging.services import list_phrase
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.texts.forms import PhraseForm, RemoveForm, TryForm

bp = Blueprint("phrases", __name__, url_prefix="/messages/phrases")

#: What the application makes of a text.
MEANS = {
    ReplyKind.WRONG_PERSON: "Set apart for victim safety. Nothing more goes to the number.",
    ReplyKind.STOP: "No text goes to them any more, and the lead is asked to ring.",
    ReplyKind.START: "Read by the lead. Texts come back only when they tell staff so.",
    ReplyKind.HELP: "Read by the lead.",
    ReplyKind.CONFIRM: "The next session is marked as confirmed.",
    ReplyKind.CALL_ME: "The lead is asked to ring today.",
    ReplyKind.OTHER: "Read by the lead.",
}


@bp.get("/")
@requires("text.settings")
def index() -> ResponseReturnValue:
    """Show the phrases, and what a text would be taken as."""
    return _page(PhraseForm())


@bp.post("/")
@requires("text.settings")
def add() -> ResponseReturnValue:
    """Add a phrase."""
    form = PhraseForm()
    if form.validate_on_submit():
        try:
            list_phrase(form.phrase.data or "", True, actor=current_actor(), now=clock.now())
        except ValueError:
            form.refuse("Enter at least one word", "phrase")
        else:
            say("Phrase added.", "A text that holds it goes to victim safety alone from now on.")
            return redirect(url_for("phrases.index"), code=303)
    return _page(form)


@bp.post("/remove")
@requires("text.settings")
def remove() -> ResponseReturnValue:
    """Take a phrase off the list."""
    phrase = request.form.get("listed", "")
    if phrase in phrases_in_force():
        list_phrase(phrase, False, actor=current_actor(), now=clock.now())
        say("Phrase taken off.", f"“{phrase}” alone sets no text apart any more.")
    return redirect(url_for("phrases.index"), code=303)


def _page(form: PhraseForm) -> ResponseReturnValue:
    trying = TryForm(formdata=request.args if "said" in request.args else None, meta={"csrf": False})
    listed = phrases_in_force()
    removing = RemoveForm(formdata=None)
    removing.listed.set_choices((one, one) for one in listed)
    tried = classify(trying.said.data, listed) if trying.said.data else None
    page = render_template(
        "texts/phrases.html",
        form=form,
        trying=trying,
        removing=removing,
        phrases=listed,
        tried=_meaning(tried),
    )
    return page, 422 if form.errors else 200


def _meaning(reply: Reply | None) -> str | None:
    if reply is None:
        return None
    also = " It also stops every text to them." if reply.is_wrong_person and reply.opts_out else ""
    return MEANS[reply.kind] + also
