"""The worker, the page without signal, what a phone keeps, and the door where it hands marks in."""

from flask import Blueprint, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from programme_tracker.kernel import clock
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import public, requires
from programme_tracker.web.identity import current_actor
from programme_tracker.web.offline.receiving import read_handed, receive
from programme_tracker.web.offline.sheets import kept_sheet, phone_key, sessions_to_keep
from programme_tracker.web.offline.worker import SCRIPTS, STYLES, worker_script
from programme_tracker.web.reading import whole_number
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.registers.wording import REASONS, outcomes_offered
from programme_tracker.workflows.looking import note_read

bp = Blueprint("offline", __name__)

_NOT_UNDERSTOOD = {
    "error": "not_understood",
    "message": "The service could not read this register. Load the page again with signal.",
}


@bp.get("/service-worker.js")
@public
def worker() -> ResponseReturnValue:
    """Give the script that answers without signal; from the root, since it looks after every address."""
    return current_app.response_class(worker_script(), mimetype="text/javascript")


@bp.get("/offline/")
@public
def page() -> ResponseReturnValue:
    """Show the page without signal. It is the same for everybody: what it shows comes from the phone."""
    choices = {"with_grace": outcomes_offered(1), "without": outcomes_offered(0)}
    return render_template(
        "offline/page.html", choices=choices, reasons=REASONS, styles=STYLES, scripts=SCRIPTS
    )


@bp.get("/offline/registers")
@requires("register.submit")
def registers() -> ResponseReturnValue:
    """Give what this person's phone keeps: registers near now, the key they are sealed with, a form token."""
    actor, now = current_actor(), clock.now()
    found = sessions_to_keep(actor, request.args.get("register", type=whole_number), now)
    for session in found:
        note_read(Session, session.id, str(request.endpoint), actor=actor, now=now)
    vault, key_id = request.args.get("vault", "")[:64], request.args.get("key")
    return {
        "person": actor.staff_id,
        "now": now.isoformat(),
        "key": phone_key(actor.staff_id or 0, vault, key_id),
        "form_token": generate_csrf(),
        "registers": [kept_sheet(one, now) for one in found],
    }


@bp.post("/offline/sessions/<int:session_id>/register")
@requires("register.submit")
def hand_in(session_id: int) -> ResponseReturnValue:
    """Take a register that was marked on a phone."""
    session_or_404(session_id)
    handed = read_handed(session_id)
    if handed is None:
        return jsonify(_NOT_UNDERSTOOD), 400
    said, status = receive(session_id, handed)
    return jsonify(said), status
