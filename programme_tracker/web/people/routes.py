"""Finding participants, and one participant's page."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from programme_tracker.engagement.queries import open_flags
from programme_tracker.escalation.services import open_case
from programme_tracker.kernel import clock
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Participant
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import Gate, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.web.access import requires
from programme_tracker.web.explained_flags import explain_flags
from programme_tracker.web.identity import current_actor
from programme_tracker.web.leaving.views import linked
from programme_tracker.web.people import views
from programme_tracker.web.people.results import results_of
from programme_tracker.web.people.timeline import entries_of, flag_title
from programme_tracker.web.presentation import day_words
from programme_tracker.web.reading import whole_number
from programme_tracker.web.youth.views import concerns, texts_go_to
from programme_tracker.workflows.looking import who_looked
from programme_tracker.workflows.police import awaits_decision
from programme_tracker.workflows.searching import find_people
from programme_tracker.workflows.suspending import MAY_BE_SUSPENDED
from programme_tracker.workflows.timeline import Kind, timeline_of
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("people", __name__)

#: More than anybody types to find somebody.
LONGEST_SEARCH = 100

#: Nobody turns further back than this.
LAST_PAGE = 1000

#: The latest looks at somebody that are listed.
MOST_LOOKS = 200

#: What was looked at, by the name the trail gives it.
THINGS = {
    "Enrolment": "their page",
    "Participant": "their texts",
    "Case": "their case",
    "Notice": "a notice about them",
    "Referral": "their referral",
    "Session": "a session they are or were booked on",
    "Group": "their group",
    "RegisterSubmission": "a register they are on",
    "Booking": "their booking",
    "CorrectionRequest": "a correction",
    "Monitoring": "their monitoring",
    "Task": "a task about them",
    "Message": "a text to them",
    "InboundMessage": "a text from them",
}


@bp.get("/people/")
@requires("people.see")
def search() -> ResponseReturnValue:
    """Find participants by part of a name, a reference or a number."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    page = request.args.get("page", 1, type=whole_number)
    found = find_people(current_actor(), text, page)
    return render_template(
        "people/search.html", search_query=text, results=results_of(found, current_actor())
    )


@bp.get("/enrolments/<int:enrolment_id>")
@requires("enrolment.see")
def enrolment(enrolment_id: int) -> ResponseReturnValue:
    """Show one participant on one programme, as far as the person signed in may see."""
    found = enrolment_for(current_actor(), enrolment_id) or abort(404)
    if found.participant.erased_at is not None:
        return render_template("people/erased.html", enrolment=found)
    return _reduced(found) if views.is_reduced(current_actor()) else _whole(found)


@bp.get("/enrolments/<int:enrolment_id>/flags/<int:flag_id>")
@requires("flag.see")
def flag(enrolment_id: int, flag_id: int) -> ResponseReturnValue:
    """Explain one flag: the rule, the sessions that led to it, the reminders before them."""
    found = enrolment_for(current_actor(), enrolment_id) or abort(404)
    flags = explain_flags(found.id, clock.now())
    shown = next((one for one in flags if one.flag_id == flag_id), None) or abort(404)
    return render_template("people/flag.html", enrolment=found, flag=shown, case=open_case(found.id))


@bp.get("/enrolments/<int:enrolment_id>/looked")
@requires("enrolment.looked")
def looked(enrolment_id: int) -> ResponseReturnValue:
    """Show victim safety who read pages about one participant."""
    found = enrolment_for(current_actor(), enrolment_id) or abort(404)
    seen = who_looked(found.participant_id, limit=MOST_LOOKS)
    return render_template("people/looked.html", enrolment=found, looks=seen, things=THINGS, most=MOST_LOOKS)


def _happened(enrolment: Enrolment) -> dict[str, Any]:
    """Return a page of the timeline, narrowed and turned to as the address says."""
    asked = [Kind(kind) for kind in request.args.getlist("show") if kind in set(Kind)]
    page = min(max(request.args.get("page", 1, type=whole_number), 1), LAST_PAGE)
    timeline = timeline_of(enrolment, current_actor(), asked, page)
    entries = entries_of(timeline, current_actor(), clock.now())
    return {"timeline": timeline, "entries": entries, "shown": asked[0].value if len(asked) == 1 else None}


def _reduced(enrolment: Enrolment) -> ResponseReturnValue:
    seen = views.sittings(enrolment, current_actor(), clock.now())
    return render_template(
        "people/enrolment_reduced.html",
        enrolment=enrolment,
        sittings=seen,
        next_sitting=views.next_sitting(seen),
        gate_open=gate_is_open(Gate(enrolment.gate)),
        suspended=views.is_suspended(enrolment),
        **_happened(enrolment),
    )


def _whole(enrolment: Enrolment) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    seen = views.sittings(enrolment, actor, now)
    flags = [(flag, flag_title(flag)) for flag in open_flags(enrolment.id)]
    return render_template(
        "people/enrolment.html",
        enrolment=enrolment,
        sittings=seen,
        next_sitting=views.next_sitting(seen),
        caution=views.caution_clock(enrolment, seen, now),
        case=open_case(enrolment.id),
        flags=sorted(flags, key=lambda pair: pair[0].level != "red"),
        works_case=views.sees_all(actor),
        gate_open=gate_is_open(Gate(enrolment.gate)),
        suspended=views.is_suspended(enrolment),
        can_suspend=enrolment.status in MAY_BE_SUSPENDED and not is_over(enrolment),
        is_over=is_over(enrolment),
        awaits_police=awaits_decision(enrolment),
        meets_alone=programme_policy(enrolment.programme_code, now).form is Form.ONE_TO_ONE,
        has_guardian=concerns(enrolment.participant, now),
        texts_to=_texts_to(enrolment.participant, now),
        linked=linked(enrolment, actor),
        **_happened(enrolment),
    )


def _texts_to(person: Participant, now: datetime) -> str | None:
    """Say who gets a young person's texts, and until when; None for an adult."""
    if not concerns(person, now):
        return None
    texts = texts_go_to(person, now)
    if texts.is_nobody:
        return f"nobody. {texts.problem}"
    until = f" until {day_words(texts.changes_on, local_date(now))}" if texts.changes_on else ""
    return f"{texts.whom}{until}"
