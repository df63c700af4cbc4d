"""One person's appointments as an iCalendar file that tells nobody what they are about.

Calendars are synchronised to phones, watches and family computers: an entry says when, and
"Appointment", "Group session" or "Away", and nothing else. No names, no places, no programme.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from sqlalchemy import select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import LONDON, local_date, to_local
from programme_tracker.scheduling.models import Session, SessionKind, SessionStaff
from programme_tracker.workflows.visibility import may_see_session

#: What is told: from four weeks back to a year ahead, and never more entries than this.
BACK, AHEAD = timedelta(days=28), timedelta(days=366)
MOST = 1000

_ONE_PERSON = frozenset({SessionKind.ONE_TO_ONE.value, SessionKind.ASSESSMENT.value})

#: Which identifiers are ours. They are of a person and a session, so a new address changes none.
_OURS = uuid5(NAMESPACE_OID, "calendar entries")


def calendar_of(staff: Staff, now: datetime) -> bytes:
    """Return the calendar of the sessions somebody runs and of their days away.

    Sessions as their own pages show them; cancelled ones are marked so.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Work//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Work")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(london())
    for session in _sessions(staff, now):
        calendar.add_component(_appointment(session, staff.id))
    for leave in _leave(staff, local_date(now)):
        calendar.add_component(_away(leave))
    written: bytes = calendar.to_ical()
    return written


def london() -> Timezone:
    """Return the rules of London time: an hour ahead from the end of March to that of October."""
    zone = Timezone()
    zone.add("tzid", "Europe/London")
    for part, name, month, before, after in (
        (TimezoneDaylight(), "BST", 3, 0, 1),
        (TimezoneStandard(), "GMT", 10, 1, 0),
    ):
        # The last Sunday of the month at 01:00 UTC; wall time is that before the change.
        part.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, 1 + before))  # noqa: DTZ001 - a wall time
        part.add("rrule", vRecur(freq="yearly", bymonth=month, byday="-1su"))
        part.add("tzname", name)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        zone.add_component(part)
    return zone


def _sessions(staff: Staff, now: datetime) -> Sequence[Session]:
    own = select(SessionStaff.session_id).where(SessionStaff.staff_id == staff.id)
    found = select(Session).where(
        Session.id.in_(own),
        may_see_session(staff.actor),
        Session.starts_at >= now - BACK,
        Session.starts_at < now + AHEAD,
    )
    return db.session.scalars(found.order_by(Session.starts_at, Session.id).limit(MOST)).all()


def _leave(staff: Staff, today: date) -> Sequence[StaffLeave]:
    found = select(StaffLeave).where(StaffLeave.staff_id == staff.id, StaffLeave.to_on >= today - BACK)
    return db.session.scalars(found.order_by(StaffLeave.from_on, StaffLeave.id).limit(MOST)).all()


def _appointment(session: Session, staff_id: int) -> Event:
    event = Event()
    event.add("uid", str(uuid5(_OURS, f"{staff_id} session {session.id}")))
    event.add("dtstamp", session.cancelled_at or session.created_at)
    # Moving makes a new version of a session; cancelling it comes after all of them.
    event.add("sequence", 2 * (session.version - 1) + (session.cancelled_at is not None))
    event.add("summary", "Appointment" if session.kind in _ONE_PERSON else "Group session")
    event.add("dtstart", _wall(session.starts_at))
    event.add("dtend", _wall(session.starts_at + timedelta(minutes=session.minutes)))
    event.add("status", "CANCELLED" if session.cancelled_at else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if session.cancelled_at else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _away(leave: StaffLeave) -> Event:
    event = Event()
    event.add("uid", str(uuid5(_OURS, f"{leave.staff_id} leave {leave.id}")))
    event.add("dtstamp", datetime.combine(leave.from_on, datetime.min.time(), UTC))
    event.add("summary", "Away")
    event.add("dtstart", leave.from_on)
    event.add("dtend", leave.to_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _wall(moment: datetime) -> datetime:
    return to_local(moment).astimezone(LONDON)
