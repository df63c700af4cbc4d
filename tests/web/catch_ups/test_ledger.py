from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from programme_tracker.attendance.models import CatchUp
from programme_tracker.attendance.rules import AbsenceState, NamedCatchUp, Outcome, absence_state
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Group, Session
from programme_tracker.web.catch_ups.views import absences_of
from programme_tracker.workflows.completion import topics_settled
from programme_tracker.workflows.groups import join_group
from programme_tracker.workflows.registers import submit_register
from programme_tracker.workflows.sessions import cancel_session
from tests.factories.cases import ODD_NAME, Team, attend, cara_case, go_to
from tests.factories.groups import MONDAY, hold, referred, weekly_group

ESCAPED = "Sam O&#39;Brien-Łukasz"
MADE = {"on-day": "17", "on-month": "9", "on-year": "2026", "starts": "2pm", "venue": "Room 9"}


def missed_first(team: Team, name: str = ODD_NAME, group_id: int | None = None) -> tuple[int, int]:
    """Let somebody miss the first session of a group; return the enrolment and the session."""
    group_id = group_id or weekly_group(team)
    person = referred(team, name)
    join_group(person, group_id, actor=team.lead, now=clock.now())
    hold(team, group_id, 1, **{f"e{person}": "absent"})
    return person, next(one.id for one in db.session.get_one(Group, group_id).sessions if one.number == 1)


def state(person: int) -> AbsenceState:
    db.session.rollback()
    return absences_of([person], clock.now())[person][0].state


def make(client: Any, person: int, session_id: int, **given: Any) -> Any:
    data = MADE | {"about": str(session_id)} | given
    return client.post(f"/enrolments/{person}/catch-ups/{session_id}/make", data=data)


@pytest.mark.parametrize(
    ("waived", "named", "expected"),
    [
        (False, None, "open"),
        (True, None, "waived"),
        (False, NamedCatchUp(is_cancelled=False, is_booked=True), "named"),
        (False, NamedCatchUp(is_cancelled=True, is_booked=True), "open"),
        (False, NamedCatchUp(is_cancelled=False, is_booked=False), "open"),
        (False, NamedCatchUp(False, True, Outcome.ATTENDED), "caught_up"),
        (False, NamedCatchUp(False, True, Outcome.ABSENT), "open"),
        (False, NamedCatchUp(False, True, Outcome.LEFT_EARLY), "open"),
    ],
)
def test_absence_is_open_until_a_catch_up_stands(
    waived: bool, named: NamedCatchUp | None, expected: str
) -> None:
    assert absence_state(is_waived=waived, catch_up=named) == expected


def test_list_shows_open_absences_of_mine_first(app: Flask, team: Team) -> None:
    with app.app_context():
        missed_first(team)
        mine = team.client(app, "lead").get("/catch-ups/").text
        assert ESCAPED in mine and ODD_NAME not in mine
        assert "Thursday RADAR, week 1" in mine and "Name a catch-up" in mine
        assert (
            "No absence of yours is open." in team.client(app, "manager").get("/catch-ups/?whose=mine").text
        )
        assert ESCAPED in team.client(app, "manager").get("/catch-ups/").text


def test_list_takes_the_same_queries_with_one_and_with_three(app: Flask, team: Team) -> None:
    def cost() -> int:
        client, seen = team.client(app, "manager"), []

        def note(*rest: Any) -> None:
            seen.append(rest[2])

        assert client.get("/catch-ups/").status_code == 200
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            client.get("/catch-ups/")
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    with app.app_context():
        group_id = weekly_group(team)
        people = [referred(team, f"Man {place}") for place in range(3)]
        for person in people:
            join_group(person, group_id, actor=team.lead, now=clock.now())
        hold(team, group_id, 1, **{f"e{people[0]}": "absent"})
        one = cost()
        hold(team, group_id, 2, **{f"e{person}": "absent" for person in people})
        assert cost() == one > 0


def test_making_a_catch_up_books_and_names_it_once(app: Flask, team: Team) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        client = team.client(app, "lead")
        page = client.get(f"/enrolments/{person}/catch-ups/{missed}").text
        assert "No session to come covers this topic for them yet." in page
        staff = [team.lead.staff_id]
        assert [make(client, person, missed, staff=staff).status_code for _ in range(2)] == [303, 303]
        session = db.session.scalars(select(Session).where(Session.kind == "catch_up")).one()
        assert (session.topic, to_local(session.starts_at).hour) == ("1", 14)
        assert db.session.scalars(select(Booking).where(Booking.session_id == session.id)).one()
        assert state(person) is AbsenceState.NAMED
        ledger = client.get(f"/enrolments/{person}/catch-ups").text
    assert "Catch-up named" in ledger and "RADAR catch-up, topic 1, Thu 17 Sep, 2pm" in ledger


def test_catch_up_attended_closes_and_missed_opens_again(app: Flask, team: Team) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        make(team.client(app, "lead"), person, missed, staff=[team.facilitator.staff_id])
        session = db.session.scalars(select(Session).where(Session.kind == "catch_up")).one()
        go_to(to_local(session.starts_at).replace(tzinfo=None) + timedelta(hours=2))
        marks = {person: MarkDetails(Outcome.ATTENDED)}
        submit_register(session.id, marks, token="made-up", actor=team.facilitator, now=clock.now())
        assert state(person) is AbsenceState.CAUGHT_UP
        group_id = session.group_id or 1
        page = team.client(app, "lead").get(f"/groups/{group_id}").text
    assert ">X+</span>" in page and "Absent, made up" in page


def test_other_groups_session_on_the_topic_is_offered_and_named(app: Flask, team: Team) -> None:
    with app.app_context():
        weekly_group(team, MONDAY, name="Monday RADAR")
        person, missed = missed_first(team)
        client, path = team.client(app, "lead"), f"/enrolments/{person}/catch-ups/{missed}"
        page = client.get(path).text
        assert "Monday RADAR, week 1, Mon 14 Sep, 6pm" in page and "Book and name it" in page
        other = db.session.scalars(
            select(Session).join(Group).where(Group.name == "Monday RADAR", Session.number == 1)
        ).one()
        stale = client.post(path, data={"session": str(other.id), "seen_version": "0"})
        assert stale.status_code == 422 and "That session was changed meanwhile." in stale.text
        data = {"session": str(other.id), "seen_version": "1"}
        assert [client.post(path, data=data).status_code for _ in range(2)] == [303, 303]
        assert len(db.session.scalars(select(CatchUp)).all()) == 1
        assert state(person) is AbsenceState.NAMED
        assert client.post(path, data={"session": "9999", "seen_version": "1"}).status_code == 404


def test_refusal_keeps_what_was_typed(app: Flask, team: Team) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        client = team.client(app, "lead")
        past = make(client, person, missed, **{"on-day": "3", "staff": [team.lead.staff_id]})
        nobody = make(client, person, missed)
    assert past.status_code == 422 and "Choose a time still to come." in past.text
    assert 'id="on-error"' in past.text and 'value="Room 9"' in past.text
    assert nobody.status_code == 422 and "Choose at least one person who runs it" in nobody.text


def test_cancelled_night_is_to_be_made_up_and_is_no_absence(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        person = referred(team)
        join_group(person, group_id, actor=team.lead, now=clock.now())
        session = db.session.get_one(Group, group_id).sessions[0]
        cancel_session(session.id, "Boiler broken", actor=team.lead, now=clock.now())
        page = team.client(app, "lead").get(f"/enrolments/{person}/catch-ups").text
    assert "Cancelled by us" in page and "No absence; its topic is owed." in page


def test_manager_waives_with_a_reason(app: Flask, team: Team) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        path = f"/enrolments/{person}/catch-ups/{missed}/waive"
        client = team.client(app, "manager")
        assert client.get(path).status_code == 200
        assert "Say why no catch-up is needed" in client.post(path, data={"about": str(missed)}).text
        data = {"about": str(missed), "because": "Topic covered one-to-one"}
        assert client.post(path, data=data).status_code == 303
        again = client.post(path, data=data)
        assert again.status_code == 422 and "waived the catch-up already" in again.text
        ledger = client.get(f"/enrolments/{person}/catch-ups").text
        assert team.client(app, "lead").get(path).status_code == 404
        assert team.client(app, "lead").post(path, data=data).status_code == 404
        assert topics_settled(db.session.get_one(Enrolment, person)) == {"1"}
        session = db.session.get_one(Session, missed)
        group = client.get(f"/groups/{session.group_id}").text.split('id="people"')[-1]
    assert "Waived" in ledger and "Topic covered one-to-one" in ledger
    assert 'data-label="Topics owed"><span>None</span>' in group


@pytest.mark.parametrize("who", ["facilitator", "worker", "officer", "enforcement", "admin"])
def test_ledger_is_absent_for_everybody_else(app: Flask, team: Team, who: str) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        client = team.client(app, who)
        base = f"/enrolments/{person}/catch-ups"
        for path in ("/catch-ups/", base, f"{base}/{missed}", f"{base}/{missed}/waive"):
            assert client.get(path).status_code == 404, path
        assert make(client, person, missed).status_code == 404


def test_session_not_missed_has_no_page(app: Flask, team: Team) -> None:
    with app.app_context():
        person, missed = missed_first(team)
        client = team.client(app, "lead")
        assert client.get(f"/enrolments/{person}/catch-ups/{missed + 1}").status_code == 404
        assert client.get(f"/enrolments/{person + 50}/catch-ups").status_code == 404


def test_missed_workshop_asks_for_both_parts_again(app: Flask, team: Team) -> None:
    with app.app_context():
        case = cara_case(team)
        attend(case, case.session_a_id, "absent")
        client = team.client(app, "lead")
        page = client.get(f"/enrolments/{case.enrolment_id}/catch-ups").text
        assert "Both parts are to be repeated." in page and "Book both parts again" in page
        path = f"/enrolments/{case.enrolment_id}/catch-ups/{case.session_a_id}"
        assert client.get(path).location.endswith(f"/enrolments/{case.enrolment_id}/book")
        assert client.post(path, data={"session": "1"}).status_code == 404
