"""Victim safety's own list: texts that came from somebody else, or from a protected number."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage
from programme_tracker.people.models import Participant
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.texts.set_apart_list import read_apart, waiting_apart
from programme_tracker.workflows.answering import deal_with_set_apart, give_back, open_set_apart

bp = Blueprint("set_apart", __name__, url_prefix="/messages/set-apart")


@bp.get("/")
@requires("text.set_apart")
def index() -> ResponseReturnValue:
    """List the texts set apart, those not dealt with first; no words."""
    return render_template("texts/set_apart.html", waiting=waiting_apart(), done=read_apart())


@bp.get("/<int:inbound_id>")
@requires("text.set_apart")
def show(inbound_id: int) -> ResponseReturnValue:
    """Show one text set apart; that it was read is in the trail."""
    opened = open_set_apart(_own(inbound_id).id, actor=current_actor(), now=clock.now())
    participant_id = opened.inbound.participant_id
    person = db.session.get(Participant, participant_id) if participant_id else None
    return render_template("texts/set_apart_one.html", opened=opened, text=opened.inbound, person=person)


@bp.post("/<int:inbound_id>/dealt-with")
@requires("text.set_apart")
def dealt_with(inbound_id: int) -> ResponseReturnValue:
    """Say that a text was read and acted on."""
    deal_with_set_apart(_own(inbound_id).id, actor=current_actor(), now=clock.now())
    say("Marked as dealt with.", "It stays apart, and nothing goes to that number.")
    return redirect(url_for("set_apart.index"), code=303)


@bp.post("/<int:inbound_id>/give-back")
@requires("text.set_apart")
def given_back(inbound_id: int) -> ResponseReturnValue:
    """Say that the participant wrote it after all."""
    give_back(_own(inbound_id).id, actor=current_actor(), now=clock.now())
    say("Given to the lead.", "They read it now, and texts may go to the number again.")
    return redirect(url_for("set_apart.index"), code=303)


def _own(inbound_id: int) -> InboundMessage:
    text = db.session.get(InboundMessage, inbound_id)
    if text is None or not text.is_quarantined:
        abort(404)
    return text
