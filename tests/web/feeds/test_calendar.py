"""The private calendar as a calendar program reads it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from icalendar.cal import Component

from programme_tracker.accounts.feeds import READS_AN_HOUR, make_feed
from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.services import disable_staff, record_leave
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.services import MoveReason
from programme_tracker.web.feeds.calendar import london
from programme_tracker.workflows.sessions import cancel_session, move_session
from tests.factories.accounts import make_staff
from tests.factories.cases import ODD_NAME, OwnBrowser, cara_case, go_to
from tests.factories.groups import weekly_group
from tests.factories.voluntary import Enrolled, enrolled, meet, wall

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    """Give a man on Baseline, inside an application context."""
    app.test_client_class = OwnBrowser
    with app.app_context():
        yield enrolled()


@pytest.fixture
def program(app: Flask, case: Enrolled) -> FlaskClient:
    """Give a calendar program: it is not signed in and keeps no cookie."""
    return app.test_client(use_cookies=False)


def address_of(who: Actor) -> str:
    """Make somebody's address and return its path."""
    secret = make_feed(who.staff_id or 0, actor=who, now=clock.now())
    return f"/calendars/{secret}.ics"


def entries(program: FlaskClient, path: str) -> list[Any]:
    """Read a calendar as a program does, and return its entries in order."""
    answer = program.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data).events


def test_feed_tells_times_and_nothing_about_whom_or_what(case: Enrolled, program: FlaskClient) -> None:
    meet(case, wall(9, 7, 10), venue="Perpetrator Programme Centre")
    cara_case(case.team, part_b=None)
    answer = program.get(address_of(case.team.lead))
    text = answer.text
    for hidden in (
        ODD_NAME,
        "Sam",
        "Łukasz",
        "Baseline",
        "CARA",
        "Centre",
        "rogramme",
        "racker",
        "Kit",
        "Lead",
        "caution",
        "07700",
        "http",
    ):
        assert hidden not in text, hidden
    (one,) = Calendar.from_ical(answer.data).events
    assert (one["SUMMARY"], one["STATUS"], one["CLASS"]) == ("Appointment", "CONFIRMED", "PRIVATE")
    assert one.start == datetime(2026, 9, 7, 10, tzinfo=LONDON)
    assert one.end - one.start == timedelta(minutes=60)
    assert "LOCATION" not in one
    assert "DESCRIPTION" not in one
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_feed_holds_own_sessions_as_their_pages_do(case: Enrolled, program: FlaskClient) -> None:
    meet(case, wall(9, 7, 10))
    cara_case(case.team, part_b=None)
    (workshop,) = entries(program, address_of(case.team.facilitator))
    assert workshop["SUMMARY"] == "Group session"
    assert workshop.start == datetime(2026, 9, 12, 10, tzinfo=LONDON)
    for nobody in ("worker", "officer", "enforcement", "manager", "admin"):
        assert entries(program, address_of(getattr(case.team, nobody))) == []


@pytest.mark.parametrize(("month", "day"), [(10, 15), (15, 18)])
def test_weekly_group_keeps_its_wall_time_across_both_clock_changes(
    case: Enrolled, program: FlaskClient, month: int, day: int
) -> None:
    starts = wall(month, day, 18, 30)
    go_to(starts - timedelta(days=3))
    weekly_group(case.team, starts)
    found = entries(program, address_of(case.team.facilitator))[:4]
    assert {one.start.time().isoformat() for one in found} == {"18:30:00"}
    offsets = [one.start.utcoffset() for one in found]
    assert set(offsets) == {timedelta(0), timedelta(hours=1)}, "the change lies between them"
    assert all(one["DTSTART"].params["TZID"] == "Europe/London" for one in found)


@pytest.mark.parametrize(
    ("instant", "hours"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 1),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), 1),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 0),
        (datetime(2027, 7, 1, tzinfo=UTC), 1),
        (datetime(2031, 1, 1, tzinfo=UTC), 0),
    ],
)
def test_its_own_rules_of_london_time_are_londons(instant: datetime, hours: int) -> None:
    text = Calendar()
    text.add_component(london())
    (zone,) = Calendar.from_ical(text.to_ical()).timezones
    # By a name that no library knows, so that the rules in the file are what is used.
    zone["TZID"] = "Somewhere/Else"
    assert instant.astimezone(zone.to_tz(lookup_tzid=False)).utcoffset() == timedelta(hours=hours)
    assert instant.astimezone(LONDON).utcoffset() == timedelta(hours=hours)


def numbered(program: FlaskClient, path: str) -> tuple[str, int, str, Component]:
    """Return the identifier, number and state of the one entry."""
    (one,) = entries(program, path)
    return str(one["UID"]), int(one["SEQUENCE"]), str(one["STATUS"]), one


def test_moved_session_keeps_its_identifier_and_counts_up_and_cancelled_one_says_so(
    case: Enrolled, program: FlaskClient
) -> None:
    session_id = meet(case, wall(9, 7, 10))
    path = address_of(case.team.lead)
    first = numbered(program, path)
    reason = MoveReason("participant", "Work")
    move_session(session_id, wall(9, 8, 11), reason=reason, actor=case.team.lead, now=clock.now())
    moved = numbered(program, path)
    assert moved[0] == first[0]
    assert moved[1] > first[1]
    assert moved[3].start == datetime(2026, 9, 8, 11, tzinfo=LONDON)  # type: ignore[attr-defined]  # an event's
    cancel_session(session_id, "Staff ill", actor=case.team.lead, now=clock.now())
    gone = numbered(program, path)
    assert gone[0] == first[0]
    assert gone[1] > moved[1]
    assert gone[2] == "CANCELLED"
    renewed = numbered(program, address_of(case.team.lead))
    assert renewed[0] == first[0], "a new address makes no second entry of the same session"


def test_days_away_are_whole_days(case: Enrolled, program: FlaskClient) -> None:
    lead = case.team.lead
    record_leave(lead.staff_id or 0, date(2026, 9, 10), date(2026, 9, 11), actor=lead, now=clock.now())
    (one,) = entries(program, address_of(lead))
    assert (one["SUMMARY"], one.start, one.end) == ("Away", date(2026, 9, 10), date(2026, 9, 12))


def test_unknown_revoked_and_disabled_are_absent(app: Flask, case: Enrolled, program: FlaskClient) -> None:
    path = address_of(case.team.lead)
    assert program.get(path).status_code == 200
    client = case.client(app)
    page = client.post("/account/calendar/revoke", follow_redirects=True).text
    assert "Calendar address revoked." in page
    assert program.get(path).status_code == 404
    assert program.get("/calendars/unknown.ics").status_code == 404
    staff = make_staff(Role.CASEWORKER)
    path = address_of(staff.actor)
    assert program.get(path).status_code == 200
    disable_staff(staff.id, actor=case.team.admin, now=clock.now())
    assert program.get(path).status_code == 404


def test_role_that_runs_no_sessions_any_more_gets_none(case: Enrolled, program: FlaskClient) -> None:
    meet(case, wall(9, 7, 10))
    path = address_of(case.team.lead)
    assert len(entries(program, path)) == 1
    db.session.get_one(Staff, case.team.lead.staff_id).role = Role.ENFORCEMENT
    db.session.commit()
    assert entries(program, path) == []


def test_same_calendar_asked_for_again_is_not_sent_again(case: Enrolled, program: FlaskClient) -> None:
    meet(case, wall(9, 7, 10))
    path = address_of(case.team.lead)
    tag = program.get(path).headers["ETag"]
    again = program.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    meet(case, wall(9, 8, 10))
    assert program.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_asking_too_often_is_refused(case: Enrolled, program: FlaskClient) -> None:
    path = address_of(case.team.lead)
    assert {program.get(path).status_code for _ in range(READS_AN_HOUR)} == {200}
    refused = program.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")


def test_owner_is_shown_the_address_once(app: Flask, case: Enrolled, program: FlaskClient) -> None:
    client = case.client(app)
    assert "there is none" in client.get("/account/calendar/").text
    page = client.post("/account/calendar/make").text
    _, _, rest = page.partition('value="http://localhost/calendars/')
    secret = rest.partition(".ics")[0]
    assert len(secret) >= 43
    assert program.get(f"/calendars/{secret}.ics").status_code == 200
    later = client.get("/account/calendar/").text
    assert secret not in later
    assert "just now" in later
    assert "You made a calendar address" in client.get("/account/").text
    client.post("/account/calendar/make")
    assert program.get(f"/calendars/{secret}.ics").status_code == 404


def test_calendar_is_limited_in_size(
    case: Enrolled, program: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("programme_tracker.web.feeds.calendar.MOST", 2)
    for day in (7, 8, 9):
        meet(case, wall(9, day, 10))
    assert len(entries(program, address_of(case.team.lead))) == 2
