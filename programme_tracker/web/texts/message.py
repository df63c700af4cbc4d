"""One text's page: what it said, to whom, and its life step by step; taking it back."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.answers import BY_HAND
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import classify
from programme_tracker.messaging.queries import changes_of
from programme_tracker.messaging.rules import NOT_YET_GONE, MessageKind, Recipient
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.people.views import TEXT_CHIPS, TEXT_WORDS
from programme_tracker.web.presentation import moment_words, number_words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.web.texts.wording import MARKERS, step_words, why_not_gone
from programme_tracker.workflows.answering import take_back
from programme_tracker.workflows.visibility import message_for

bp = Blueprint("message", __name__, url_prefix="/messages")


@dataclass(frozen=True)
class Step:
    """One step of a text's life."""

    at: datetime
    title: str
    why: str
    marker: str


@dataclass(frozen=True)
class MessagePage:
    """Everything a text's page shows."""

    message: Message
    title: str
    chip: str
    facts: list[tuple[str, str]]
    steps: list[Step]
    why_not: str | None
    error: str | None
    enrolment_id: int | None
    may_be_taken_back: bool


@bp.get("/<int:message_id>")
@requires("text.see")
def show(message_id: int) -> ResponseReturnValue:
    """Show one text and what became of it."""
    return render_template("texts/message.html", page=page_of(_own(message_id), clock.now()))


@bp.post("/<int:message_id>/cancel")
@requires("text.answer")
def cancel(message_id: int) -> ResponseReturnValue:
    """Take a text back, if it has not gone."""
    message = _own(message_id)
    if message.recipient is Recipient.STAFF:
        abort(404)
    if take_back(message.id, actor=current_actor(), now=clock.now()):
        say("Cancelled.", "It has not gone and will not go.")
    else:
        say("Too late, it has gone.", "Ring if it said something wrong.", tone="warning")
    return redirect(url_for("message.show", message_id=message_id), code=303)


def _own(message_id: int) -> Message:
    return message_for(current_actor(), message_id) or abort(404)


def page_of(message: Message, now: datetime) -> MessagePage:
    """Return everything the page of a text shows."""
    kind = "Alert to staff" if message.kind is MessageKind.ALERT else TEXT_WORDS.get(message.kind, "Text")
    steps = [
        Step(change.at, *step_words(change), MARKERS.get(change.to_state, "plain"))
        for change in changes_of(message.id)
    ]
    return MessagePage(
        message=message,
        title=kind,
        chip=TEXT_CHIPS.get(message.state, message.state.value),
        facts=_facts(message, now),
        steps=steps,
        why_not=why_not_gone(message),
        error=_error(message.error_code),
        enrolment_id=message.enrolment_id,
        may_be_taken_back=message.state in NOT_YET_GONE and message.recipient is not Recipient.STAFF,
    )


def _facts(message: Message, now: datetime) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if message.enrolment_id is not None:
        enrolment = db.session.get_one(Enrolment, message.enrolment_id)
        facts += [("Participant", enrolment.participant.name), ("Programme", enrolment.programme.name)]
    guardian = message.recipient is Recipient.GUARDIAN
    number = number_words(message.to_address) if message.to_address else "found when it goes"
    facts.append(("To", f"{number}{', the guardian' if guardian else ''}"))
    if message.session_id is not None:
        session = db.session.get_one(Session, message.session_id)
        facts.append(("Session", f"{session_label(session, now)}, {moment_words(session.starts_at, now)}"))
    facts.append(("To go", moment_words(message.send_at, now)))
    by_hand = message.kind is MessageKind.ANSWER and message.template_version == BY_HAND
    wording = "written by hand" if by_hand else f"template version {message.template_version}"
    facts.append(("Wording", wording))
    if message.attempts:
        facts.append(("Attempts", str(message.attempts)))
    return facts


def _error(code: str | None) -> str | None:
    """Say what a provider's code means, with the code for whoever asks the provider."""
    return f"{classify(code).meaning.capitalize()} (code {code})." if code else None
