"""Correcting marks: asking, what was marked before, and the second person's decision."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.attendance.queries import mark_of, open_request, submission_of
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted
from programme_tracker.web.registers.correcting import (
    AskedCorrection,
    asked_correction,
    history_of_marks,
    roles_in_words,
    told_of,
    waiting_list,
)
from programme_tracker.web.registers.forms import CorrectionForm, DifferencesForm
from programme_tracker.web.registers.receipt import remarks_of
from programme_tracker.web.registers.sheet import (
    Difference,
    both_page,
    differences,
    read_sheet,
    session_or_404,
)
from programme_tracker.web.registers.views import people_on
from programme_tracker.web.registers.wording import outcome_words, outcomes_offered
from programme_tracker.web.sessions.wording import session_heading
from programme_tracker.workflows import registers
from programme_tracker.workflows.reassessing import Reassessment

bp = Blueprint("corrections", __name__)


@bp.post("/sessions/<int:session_id>/register/differences")
@requires("register.correct")
def settle(session_id: int) -> ResponseReturnValue:
    """Turn the differences chosen between two registers into corrections."""
    session, form = session_or_404(session_id), DifferencesForm()
    if submission_of(session.id) is None or not form.is_about(session.id):
        abort(404)
    rows = read_sheet(session, people_on(session))
    chosen = [one for one in differences(session, rows) if one.correction and one.field_name in request.form]
    is_complete = form.validate_on_submit()
    if not chosen:
        form.refuse("Choose a difference to correct, or leave the register as it was submitted.")
    if not (is_complete and chosen):
        return both_page(session, form, rows, 422)
    try:
        return _settle(session, chosen, form)
    except RefusedError as refused:
        form.refuse(refused.message)
        return both_page(session, form, rows, 422)


def _settle(session: Session, chosen: list[Difference], form: DifferencesForm) -> ResponseReturnValue:
    """Correct each; those already made when one is refused stand, and are no difference any more."""
    why = form.why.data or ""
    made = [_request(session.id, one.enrolment_id, one.correction, why) for one in chosen if one.correction]
    _say_requested(made)
    return _to_receipt(session.id, settled=form.token.data if form.has_token else None)


@bp.get("/sessions/<int:session_id>/people/<int:enrolment_id>/correct")
@requires("register.correct")
def ask(session_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Show the mark that stands and ask what it should say."""
    session, mark = session_or_404(session_id), _mark(session_id, enrolment_id)
    return _ask_page(session, mark, _form(session, mark))


@bp.post("/sessions/<int:session_id>/people/<int:enrolment_id>/correct")
@requires("register.correct")
def correct(session_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Correct a mark; where somebody outside was told, keep it for a second person."""
    session, mark = session_or_404(session_id), _mark(session_id, enrolment_id)
    form = _form(session, mark)
    if form.validate_on_submit() and _is_fresh(form, mark):
        try:
            _say_requested([_request(session_id, enrolment_id, form.details, form.why.data or "")])
        except RefusedError as refused:
            form.refuse(refused.message, refused.field)
        else:
            return _to_receipt(session_id)
    if form.outcome.data and not form.errors:
        # Nothing is left to do: the same correction came twice.
        return _to_receipt(session_id)
    return _ask_page(session, mark, form)


def _is_fresh(form: CorrectionForm, mark: Mark) -> bool:
    """Tell whether there is something to correct in the mark that was on the screen."""
    seen: bool = form.seen_version.data == str(mark.id)
    if form.says_the_same(mark):
        if seen:
            form.refuse_same(mark)
        return False
    if not seen:
        said = outcome_words(mark.outcome)
        form.refuse(
            f"Somebody changed this mark meanwhile: it says “{said}” now. Correct it again if needed."
        )
        form.seen_version.data = str(mark.id)
    return seen


@bp.get("/sessions/<int:session_id>/people/<int:enrolment_id>/marks")
@requires("register.correct")
def history(session_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Show everything ever marked for one person at one session."""
    session, mark = session_or_404(session_id), _mark(session_id, enrolment_id)
    return render_template(
        "registers/history.html",
        session=session,
        heading=session_heading(session, clock.now()),
        mark=mark,
        submission=submission_of(session.id),
        past=history_of_marks(session_id, enrolment_id),
    )


@bp.get("/corrections")
@requires("correction.decide")
def waiting() -> ResponseReturnValue:
    """List the corrections that wait for a second person."""
    found = waiting_list(current_actor(), clock.now())
    return render_template("registers/corrections.html", waiting=found)


@bp.get("/corrections/<int:request_id>")
@requires("correction.decide")
def decide(request_id: int) -> ResponseReturnValue:
    """Show what was marked, what is asked for, and who was told so far."""
    return _decide_page(request_id, PageForm(about=str(request_id)))


@bp.post("/corrections/<int:request_id>")
@requires("correction.decide")
def decided(request_id: int) -> ResponseReturnValue:
    """Approve or refuse a correction."""
    found = asked_correction(request_id, current_actor(), clock.now())
    if found is None:
        say("Somebody has decided on this correction already.", tone="info")
        return redirect(url_for("corrections.waiting"), code=303)
    form, approve = PageForm(), "approve" in request.form
    try:
        registers.decide_correction(request_id, approve=approve, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        form.refuse(refused.message)
        return _decide_page(request_id, form)
    _say_decided(found, approve)
    return redirect(url_for("corrections.waiting"), code=303)


def _decide_page(request_id: int, form: PageForm) -> ResponseReturnValue:
    found = asked_correction(request_id, current_actor(), clock.now())
    if found is None:
        abort(404)
    told = told_of(found.session_id, found.enrolment_id)
    page = render_template(
        "registers/correction.html", asked=found, told=told, roles=roles_in_words(told), form=form
    )
    return page, 422 if form.errors else 200


def _say_decided(found: AskedCorrection, approved: bool) -> None:
    if not approved:
        say(f"Correction refused. The mark of {found.name} stays “{outcome_words(found.marked)}”.")
        return
    say(
        f"Correction approved. {found.name} is marked “{outcome_words(found.wanted)}”.",
        "Whoever had been told of the first mark gets a correction now, victim safety first.",
    )


def _form(session: Session, mark: Mark) -> CorrectionForm:
    grace = programme_policy(session.programme_code, clock.now()).late_grace_minutes
    first, more = outcomes_offered(grace)
    offered = [(value, outcome_words(value)) for value, _ in (*first, *more)]
    return CorrectionForm.of(mark, offered)


def _mark(session_id: int, enrolment_id: int) -> Mark:
    """Return the mark that stands, if a person may correct it."""
    mark = mark_of(session_id, enrolment_id)
    if mark is None or OUTCOMES[Outcome(mark.outcome)].system_only:
        abort(404)
    return mark


def _ask_page(session: Session, mark: Mark, form: CorrectionForm) -> ResponseReturnValue:
    page = render_template(
        "registers/correct.html",
        session=session,
        heading=session_heading(session, clock.now()),
        mark=mark,
        remarks=remarks_of(mark),
        form=form,
        submission=submission_of(session.id),
        waits=open_request(mark.id),
    )
    return page, 422 if form.errors else 200


def _request(
    session_id: int, enrolment_id: int, details: MarkDetails, why: str
) -> CorrectionRequest | Reassessment:
    return registers.request_correction(
        session_id, enrolment_id, details, why=why, actor=current_actor(), now=clock.now()
    )


def _say_requested(made: Sequence[CorrectionRequest | Reassessment]) -> None:
    """Say how many corrections stand already and how many wait."""
    kept = sum(isinstance(one, CorrectionRequest) for one in made)
    if len(made) > kept:
        said = "Mark corrected." if len(made) - kept == 1 else f"{len(made) - kept} marks corrected."
        say(said, "The first mark is kept, and what followed from it was worked out again.")
    if kept:
        say(
            f"{counted(kept, 'correction')} kept for a manager’s approval.".capitalize(),
            "Somebody outside was told of the first mark, so a second person must agree.",
            tone="warning",
        )


def _to_receipt(session_id: int, settled: str | None = None) -> ResponseReturnValue:
    submission = submission_of(session_id)
    if submission is None:
        return redirect(url_for("sessions.show", session_id=session_id), code=303)
    return redirect(url_for("registers.receipt", submission_id=submission.id, settled=settled), code=303)
