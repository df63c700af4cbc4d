"""The inbox, a notice, and acknowledging it."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.escalation.models import Notice
from programme_tracker.escalation.queries import acknowledgeable
from programme_tracker.escalation.services import note_opened
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import Undo, say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.notices.views import inbox_of, notice_page
from programme_tracker.workflows.deciding import acknowledge_one
from programme_tracker.workflows.undoing import unacknowledge
from programme_tracker.workflows.visibility import notice_for

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("/")
@requires("notice.see")
def index() -> ResponseReturnValue:
    """Show my notices: those to acknowledge first."""
    return render_template("notices/index.html", inbox=inbox_of(current_actor()))


@bp.get("/<int:notice_id>")
@requires("notice.see")
def show(notice_id: int) -> ResponseReturnValue:
    """Show one notice, and note that it was opened by whom it is for."""
    notice, actor, now = _own(notice_id), current_actor(), clock.now()
    if notice.opened_at is None and acknowledgeable(notice, actor):
        note_opened(notice, actor=actor, now=now)
    return render_template("notices/show.html", page=notice_page(notice, actor, now))


@bp.post("/<int:notice_id>/acknowledge")
@requires("notice.acknowledge")
def acknowledge(notice_id: int) -> ResponseReturnValue:
    """Say that a notice was read; the second time changes nothing."""
    notice = acknowledge_one(_own(notice_id).id, actor=current_actor(), now=clock.now())
    decides = current_actor().has(Role.VICTIM_SAFETY) and notice.case_id is not None
    undo = Undo("Undo: not acknowledged", url_for("notices.take_back", notice_id=notice.id))
    say("Notice acknowledged.", _follows(notice, decides), undo=undo)
    if decides:
        return redirect(url_for("cases.show", case_id=notice.case_id), code=303)
    return redirect(url_for("notices.show", notice_id=notice.id), code=303)


@bp.post("/<int:notice_id>/take-back")
@requires("notice.acknowledge")
def take_back(notice_id: int) -> ResponseReturnValue:
    """Take back one's own acknowledgement of just now."""
    notice = _own(notice_id)
    try:
        unacknowledge(notice.id, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        say(refused.message, tone="warning")
    else:
        say("Acknowledgement taken back.", "The notice waits for it again, and is chased as before.", "info")
    return redirect(url_for("notices.show", notice_id=notice_id), code=303)


def _follows(notice: Notice, decides: bool) -> str:
    if decides and notice.kind != "correction":
        return "Nobody is chased any more. Decide next: proceed, proceed with a plan, or hold."
    return "Nobody is chased about it any more."


def _own(notice_id: int) -> Notice:
    notice = notice_for(current_actor(), notice_id)
    if notice is None:
        abort(404)
    return notice
