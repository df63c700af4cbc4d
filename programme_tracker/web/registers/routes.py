"""The register of a session, its receipt, and the list of one's own sessions."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.attendance.queries import submission_of
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.registers.forms import DifferencesForm, RegisterForm
from programme_tracker.web.registers.receipt import first_marks, receipt_for
from programme_tracker.web.registers.sheet import (
    Rows,
    both_page,
    draft_key,
    read_sheet,
    refuse_other_sheet,
    says_the_same,
    session_or_404,
    settled_token,
    sheet_page,
    token_of,
)
from programme_tracker.web.registers.views import own_sessions, people_on
from programme_tracker.web.sessions.wording import session_heading
from programme_tracker.workflows import registers

bp = Blueprint("registers", __name__)


@bp.get("/my-sessions")
@requires("register.submit")
def mine() -> ResponseReturnValue:
    """Show the sessions one runs: registers overdue, then the next."""
    return render_template("registers/mine.html", own=own_sessions(current_actor(), clock.now()))


@bp.get("/sessions/<int:session_id>/register")
@requires("register.submit")
def show(session_id: int) -> ResponseReturnValue:
    """Show the register to be filled in, or its receipt once it was submitted."""
    session, now = session_or_404(session_id), clock.now()
    submission = submission_of(session.id)
    if submission is not None:
        return redirect(url_for("registers.receipt", submission_id=submission.id), code=303)
    people = people_on(session)
    if session.starts_at > now or session.cancelled_at is not None:
        heading = session_heading(session, now)
        return render_template("registers/not_open.html", session=session, people=people, heading=heading)
    return sheet_page(session, RegisterForm.blank(session), people, {})


@bp.post("/sessions/<int:session_id>/register")
@requires("register.submit")
def submit(session_id: int) -> ResponseReturnValue:
    """Submit a session's register and show what followed from it."""
    session, form = session_or_404(session_id), RegisterForm()
    refuse_other_sheet(form, session)
    people = people_on(session)
    rows = read_sheet(session, people)
    if submission_of(session.id) is None and any(row.errors for row in rows.values()):
        return sheet_page(session, form, people, rows)
    try:
        return _submit(session, form, rows)
    except RefusedError as refused:
        if submission_of(session.id) is not None:
            return both_page(session, DifferencesForm(), rows, 409)
        form.refuse(refused.message)
        return sheet_page(session, form, people, rows)


def _submit(session: Session, form: RegisterForm, rows: Rows) -> ResponseReturnValue:
    """Submit the marks; the same sheet sent twice leads to the same receipt."""
    done = registers.submit_register(
        session.id,
        {enrolment_id: row.details for enrolment_id, row in rows.items() if row.details is not None},
        token=f"{session.id}:{form.token.data}",
        actor=current_actor(),
        now=clock.now(),
    )
    if done.again and not says_the_same(rows, first_marks(session.id)):
        # The same sheet, changed since it was taken: neither replaces the other by itself.
        return both_page(session, DifferencesForm(), rows, 409)
    if not done.again:
        say("Register submitted.", "What followed is below. A mark that is wrong can be corrected.")
    return redirect(url_for("registers.receipt", submission_id=done.submission.id), code=303)


@bp.get("/registers/<int:submission_id>")
@requires("register.submit")
def receipt(submission_id: int) -> ResponseReturnValue:
    """Show a submitted register and what followed from it."""
    actor, now = current_actor(), clock.now()
    found = receipt_for(actor, submission_id, now)
    if found is None:
        abort(404)
    is_own = found.submission.submitted_by == actor.staff_id
    return render_template(
        "registers/receipt.html",
        receipt=found,
        heading=session_heading(found.session, now),
        # Only one's own draft is done with: another's submission must not throw mine away.
        draft_done=draft_key(found.session, actor) if is_own else None,
        submission_done=settled_token() or (token_of(found.submission) if is_own else None),
    )
