"""The inbox of replies, a conversation, and answering it."""

import secrets

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.answers import Measured, measured
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.templates.queries import banned_now
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.texts.forms import AnswerForm, ConsentForm
from programme_tracker.web.texts.inbox import inbox_of
from programme_tracker.web.texts.threads import Thread, thread_of_number, thread_with
from programme_tracker.workflows.answering import answer, deal_with_number, deal_with_person, record_consent

bp = Blueprint("texts", __name__, url_prefix="/messages")


@bp.get("/")
@requires("text.read")
def index() -> ResponseReturnValue:
    """Show the replies that wait for somebody: mine first, then the team's."""
    return render_template("texts/index.html", inbox=inbox_of(current_actor(), clock.now()))


@bp.get("/people/<int:participant_id>")
@requires("text.read")
def person(participant_id: int) -> ResponseReturnValue:
    """Show the conversation with one person."""
    thread = _own(participant_id)
    return _page(thread, _fresh_form(thread))


@bp.post("/people/<int:participant_id>")
@requires("text.answer")
def send(participant_id: int) -> ResponseReturnValue:
    """Answer, or show first what the answer would look like."""
    thread = _own(participant_id)
    form = _answer_form(thread)
    if form.validate_on_submit() and request.form.get("do") != "preview":
        planned = _answered(participant_id, form)
        if planned is not None:
            say("Answer saved.", _goes(planned))
            return redirect(url_for("texts.person", participant_id=participant_id), code=303)
    return _page(thread, form, preview=measured(form.words, banned_now()) if form.words else None)


def _answered(participant_id: int, form: AnswerForm) -> Message | None:
    """Plan what the form says; None, with the reason beside the field, when it may not go."""
    try:
        return answer(
            participant_id,
            form.words,
            token=form.token.data or "",
            seen_up_to=_seen(form.seen_version.data),
            actor=current_actor(),
            now=clock.now(),
        )
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return None


def _goes(planned: Message) -> str:
    now = clock.now()
    if planned.send_at <= now:
        return "It goes within a minute. The conversation is marked as dealt with."
    return f"It goes {moment_words(planned.send_at, now)}: texts go from 9am to 8pm."


@bp.post("/people/<int:participant_id>/dealt-with")
@requires("text.answer")
def person_dealt_with(participant_id: int) -> ResponseReturnValue:
    """Mark a person's texts as dealt with, up to the last one that was on the screen."""
    _own(participant_id)
    seen = _seen(request.form.get("seen"))
    return _marked(deal_with_person(participant_id, seen_up_to=seen, actor=current_actor(), now=clock.now()))


@bp.get("/numbers/<int:inbound_id>")
@requires("text.read")
def number(inbound_id: int) -> ResponseReturnValue:
    """Show the conversation with a number that is not one person's alone."""
    thread = thread_of_number(inbound_id, current_actor()) or abort(404)
    return render_template("texts/number.html", thread=thread, inbound_id=inbound_id)


@bp.post("/numbers/<int:inbound_id>/dealt-with")
@requires("text.answer")
def number_dealt_with(inbound_id: int) -> ResponseReturnValue:
    """Mark a number's texts as dealt with, up to the last one that was on the screen."""
    if thread_of_number(inbound_id, current_actor()) is None:
        abort(404)
    address = db.session.get_one(InboundMessage, inbound_id).from_address
    seen = _seen(request.form.get("seen"))
    return _marked(deal_with_number(address, seen_up_to=seen, actor=current_actor(), now=clock.now()))


@bp.route("/people/<int:participant_id>/consent", methods=["GET", "POST"])
@requires("text.answer")
def consent(participant_id: int) -> ResponseReturnValue:
    """Record that somebody who had stopped texts wants them again."""
    thread, form = _own(participant_id), ConsentForm()
    if form.validate_on_submit():
        record_consent(participant_id, form.how.data or "", actor=current_actor(), now=clock.now())
        say("Consent recorded.", "Texts planned from now on go again.")
        return redirect(url_for("texts.person", participant_id=participant_id), code=303)
    return render_template("texts/consent.html", thread=thread, form=form), 422 if form.errors else 200


def _marked(count: int) -> ResponseReturnValue:
    follows = "" if count else "Nothing more had to be done, or a newer text came in meanwhile."
    say("Marked as dealt with." if count else "Nothing was marked.", follows)
    return redirect(url_for("texts.index"), code=303)


def _own(participant_id: int) -> Thread:
    return thread_with(participant_id, current_actor(), clock.now()) or abort(404)


def _seen(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _answer_form(thread: Thread) -> AnswerForm:
    form = AnswerForm()
    form.neutral.set_choices((text, text) for text in thread.neutral_answers)
    return form


def _fresh_form(thread: Thread) -> AnswerForm:
    form = _answer_form(thread)
    form.token.data = secrets.token_hex(8)
    return form


def _page(thread: Thread, form: AnswerForm, preview: Measured | None = None) -> ResponseReturnValue:
    if form.seen_version.data is None:
        form.seen_version.data = str(thread.seen_up_to)
    page = render_template("texts/person.html", thread=thread, form=form, preview=preview)
    return page, 422 if form.errors else 200
