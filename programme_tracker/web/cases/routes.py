"""Case pages: look, acknowledge, decide, and sign a hold."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.escalation.models import Case, Decision
from programme_tracker.escalation.rules import ActionKind
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.cases.forms import ActionForm, DecisionForm, SignatureForm
from programme_tracker.web.cases.views import case_page, newest_case, open_cases, version_of
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.notices.wording import recipient_words
from programme_tracker.web.presentation import moment_words
from programme_tracker.workflows import acting, deciding
from programme_tracker.workflows.visibility import case_for

bp = Blueprint("cases", __name__, url_prefix="/cases")

CHANGED = "Somebody else did something on this case meanwhile. Look at the steps, then decide again."


@bp.get("/")
@requires("case.see")
def index() -> ResponseReturnValue:
    """Show the open cases I may see."""
    return render_template("cases/index.html", cases=open_cases(current_actor(), clock.now()))


@bp.get("/<int:case_id>")
@requires("case.see")
def show(case_id: int) -> ResponseReturnValue:
    """Show one case."""
    case = own_case(case_id)
    return page_of(case, _blank(case))


@bp.get("/of/<int:enrolment_id>")
@requires("case.see")
def of_enrolment(enrolment_id: int) -> ResponseReturnValue:
    """Lead to an enrolment's newest case."""
    case = newest_case(enrolment_id, current_actor()) or abort(404)
    return redirect(url_for("cases.show", case_id=case.id))


@bp.post("/<int:case_id>/acknowledge")
@requires("notice.acknowledge")
def acknowledge(case_id: int) -> ResponseReturnValue:
    """Acknowledge what I was told of this person; a second time changes nothing."""
    case = own_case(case_id)
    try:
        deciding.acknowledge(case.enrolment_id, actor=current_actor(), now=clock.now())
    except RefusedError:
        say("You have acknowledged this already.", tone="info")
    else:
        decides = current_actor().has(Role.VICTIM_SAFETY)
        say("Acknowledged.", "Nobody is chased any more." + (" Decide next." if decides else ""))
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@bp.post("/<int:case_id>/decide")
@requires("case.decide")
def decide(case_id: int) -> ResponseReturnValue:
    """Write victim safety's decision."""
    case, form = own_case(case_id), DecisionForm()
    if form.validate_on_submit() and form.is_about(case.id) and form.is_complete():
        try:
            _decide(case, form, clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            return redirect(url_for("cases.show", case_id=case_id), code=303)
    return page_of(own_case(case_id), form)


def _decide(case: Case, form: DecisionForm, now: datetime) -> None:
    if form.seen_version.data != version_of(case):
        form.seen_version.data = version_of(case)
        raise RefusedError(Code.NOT_ALLOWED, CHANGED)
    actor, decision, reason = current_actor(), Decision(form.decision.data), form.reason.data or ""
    if decision is Decision.HOLD and form.review_at is not None:
        deciding.propose_hold(
            case.enrolment_id, reason=reason, hold_until=form.review_at, actor=actor, now=now
        )
        say("A manager is asked to sign the hold.", "Until it is signed, every deadline stands.")
        return
    deciding.decide(case.enrolment_id, decision, reason=reason or None, actor=actor, now=now)
    say("Decision saved.", _told_now(case, now))


def _told_now(case: Case, now: datetime) -> str:
    released = [one for one in case.notices if one.released_at == now and one.to_role != "victim_safety"]
    told = [recipient_words(one) for one in released]
    return f"Told now: {', '.join(told)}." if told else "Nobody else had to be told."


@bp.post("/<int:case_id>/holds/<int:decision_id>")
@requires("case.cosign")
def sign(case_id: int, decision_id: int) -> ResponseReturnValue:
    """Sign a hold or decline it."""
    case, form = own_case(case_id), SignatureForm()
    if not form.validate_on_submit() or decision_id not in {entry.id for entry in case.decisions}:
        abort(404)
    agree, now = form.answer.data == "sign", clock.now()
    try:
        entry = deciding.cosign_hold(decision_id, agree=agree, actor=current_actor(), now=now)
    except RefusedError as error:
        say(error.message, tone="warning")
    else:
        until = moment_words(entry.hold_until, now)
        say(
            "Hold signed." if agree else "Hold declined.",
            f"Nobody else is told before {until}." if agree else "Every deadline stands.",
        )
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@bp.post("/<int:case_id>/act")
@requires("case.act")
def act(case_id: int) -> ResponseReturnValue:
    """Note an action that was taken; pressing the button twice notes it once."""
    case, form = own_case(case_id), ActionForm()
    if form.validate_on_submit() and form.is_about(case.id):
        action, note = ActionKind(form.action.data), (form.note.data or "").strip() or None
        try:
            acting.record_action(case.id, action, note, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Action noted.", "Nobody is told by this. Every deadline stands.")
            return redirect(url_for("cases.show", case_id=case_id), code=303)
    return page_of(own_case(case_id), _blank(case), form)


def own_case(case_id: int) -> Case:
    """Return a case the person signed in may see; answer 404 otherwise."""
    return case_for(current_actor(), case_id) or abort(404)


def page_of(case: Case, form: DecisionForm, action: ActionForm | None = None) -> ResponseReturnValue:
    """Draw a case's page with its forms as they are."""
    page = case_page(case, current_actor(), clock.now())
    action = action or ActionForm(formdata=None, about=str(case.id))
    status = 422 if form.errors or action.errors else 200
    return render_template("cases/show.html", page=page, form=form, action=action), status


def _blank(case: Case) -> DecisionForm:
    return DecisionForm(formdata=None, about=str(case.id), seen_version=version_of(case))
