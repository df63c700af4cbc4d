"""Searching the audit trail: who did what, when, about whom; being asked is in the trail too."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.queries import all_staff
from programme_tracker.audit import services as audit
from programme_tracker.audit.queries import Sought, entries
from programme_tracker.kernel import clock
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import from_local
from programme_tracker.web.access import requires
from programme_tracker.web.identity import current_actor

bp = Blueprint("trail", __name__, url_prefix="/trail")

#: What an entry may be about, in words; a table's own name where it is none of these.
THINGS = {
    "AuditEntry": "entry",
    "Booking": "booking",
    "Case": "case",
    "Flag": "flag",
    "Group": "group",
    "InboundMessage": "text that came in",
    "Mark": "mark",
    "Message": "text",
    "Monitoring": "monitoring",
    "Notice": "notice",
    "Participant": "participant",
    "Partner": "partner’s file",
    "Referral": "referral",
    "RegisterSubmission": "register",
    "Session": "session",
    "SignInSession": "sign-in",
    "Staff": "account",
    "Task": "task",
}

#: Entries on a page.
MOST = 50


@bp.get("/")
@requires("trail.see")
def search() -> ResponseReturnValue:
    """Show the entries that match, newest first: never what an entry says beyond who, what and when."""
    sought, day = _sought(), _day(request.args.get("on"))
    with transaction():
        # What was typed stays out: somebody may have typed a name.
        asked = {name: value for name, value in vars(sought).items() if value is not None and name != "event"}
        audit.record("trail_searched", actor=current_actor(), at=clock.now(), sought=asked)
    found = entries(sought, MOST + 1)
    return render_template(
        "trail/search.html",
        found=found[:MOST],
        more=found[MOST - 1].sequence if len(found) > MOST else None,
        staff=all_staff(),
        sought=sought,
        day=day,
        things=THINGS,
    )


def _sought() -> Sought:
    """Read what is asked for; what cannot be read asks for nothing."""
    day = _day(request.args.get("on"))
    return Sought(
        actor_id=_number("who"),
        event=(request.args.get("what") or "").strip()[:100] or None,
        enrolment_id=_number("enrolment"),
        since=_midnight(day) if day else None,
        until=_midnight(day + timedelta(days=1)) if day else None,
        before=_number("before"),
    )


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None


def _day(text: str | None) -> date | None:
    given = (text or "").strip()
    parts = given.replace("/", " ").replace(".", " ").split()
    if len(parts) == 3:
        given = "-".join(part.zfill(2) for part in reversed(parts))
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return from_local(datetime.combine(day, time()))
