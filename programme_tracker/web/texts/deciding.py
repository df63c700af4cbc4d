"""A text of which nobody knows whether it went: a manager looks at both sides and decides."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import OneOfField, PageForm, Required
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.texts.message import page_of
from programme_tracker.workflows.settling import decide_unknown
from programme_tracker.workflows.visibility import message_for

bp = Blueprint("lost_texts", __name__, url_prefix="/messages")

WENT, NEVER = "went", "never"


class DecideForm(PageForm):
    """What became of a text, as a person judges it."""

    choice = OneOfField("What became of it?", [Required("Choose what became of it")])


@dataclass(frozen=True)
class Candidate:
    """One text that the provider lists for this number, as far as it shows it."""

    sid: str
    status: str
    created: str
    has_words: bool


@bp.get("/<int:message_id>/decide")
@requires("text.settings")
def show(message_id: int) -> ResponseReturnValue:
    """Show our side and the provider's."""
    message = _own(message_id)
    return _page(message, _form(message))


@bp.post("/<int:message_id>/decide")
@requires("text.settings")
def decide(message_id: int) -> ResponseReturnValue:
    """Record whether it went."""
    message = _own(message_id)
    form = _form(message)
    if not form.validate_on_submit():
        return _page(message, form)
    choice = str(form.choice.data)
    sid = None if choice in (WENT, NEVER) else choice
    try:
        decide_unknown(message_id, choice != NEVER, actor=current_actor(), now=clock.now(), sid=sid)
    except RefusedError as error:
        form.refuse(error.message, "choice")
        return _page(message, form)
    say("Decided.", "It goes again while it is of use." if choice == NEVER else "It is not sent again.")
    return redirect(url_for("message.show", message_id=message_id), code=303)


def _own(message_id: int) -> Message:
    message = message_for(current_actor(), message_id)
    if message is None or message.state is not MessageState.UNKNOWN:
        abort(404)
    return message


def _form(message: Message) -> DecideForm:
    form = DecideForm()
    listed = [(one.sid, f"It is the one of {one.created}: {one.status}") for one in _candidates(message)]
    form.choice.set_choices([*listed, (WENT, "It went"), (NEVER, "It did not: send it again")])
    return form


def _candidates(message: Message) -> list[Candidate]:
    return [
        Candidate(one["sid"], one["status"], _when(one.get("created_at")), bool(one.get("has_words")))
        for one in message.candidates or []
    ]


def _when(written: str | None) -> str:
    if not written:
        return "an unknown time"
    return moment_words(datetime.fromisoformat(written).astimezone(UTC), clock.now())


def _page(message: Message, form: DecideForm) -> ResponseReturnValue:
    page = render_template(
        "texts/decide.html",
        page=page_of(message, clock.now()),
        form=form,
        candidates=_candidates(message),
    )
    return page, 422 if form.errors else 200
