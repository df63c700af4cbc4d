from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from programme_tracker.engagement.queries import contacts_of
from programme_tracker.kernel.database import db
from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.rules import SuspensionReason
from programme_tracker.workflows.suspending import suspend
from tests.factories import records
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import cara_case, go_to, sam
from tests.factories.voluntary import BORN_FOR_OCTOBER, Enrolled, enrolled, meet, move_on, wall

SHOWN = "Sam O&#39;Brien-Łukasz"


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled()


def typed(case: Enrolled, kind: str = "call", outcome: str = "no_answer", **given: str) -> dict[str, str]:
    return {"about": str(case.enrolment_id), "kind": kind, "outcome": outcome, "note": "rang twice"} | given


def path_of(case: Enrolled) -> str:
    return f"/enrolments/{case.enrolment_id}/contacts"


def test_attempt_without_an_answer_does_not_stop_the_clock(app: Flask, case: Enrolled) -> None:
    meet(case, wall(9, 2))
    go_to(wall(9, 10))
    answer = case.client(app).post(path_of(case), data=typed(case), follow_redirects=True).text
    assert "Attempt saved." in answer
    assert "Nobody was reached, so the time goes on." in answer
    assert "it counts as a red flag on Wed 16 Sep, 9am." in answer
    assert "one try" in answer
    for outcome, kind in (("spoke", "visit"), ("sent", "letter")):
        answer = (
            case.client(app).post(path_of(case), data=typed(case, kind, outcome), follow_redirects=True).text
        )
        assert "Contact saved." in answer
        assert "starts anew. Without contact it counts as a red flag on Thu 24 Sep, 9am." in answer
    move_on(wall(9, 23, 12))
    assert records.flags(case.enrolment_id) == []
    move_on(wall(9, 24, 9, 5))
    assert records.flags(case.enrolment_id) == [("no_contact", "red", "open")]


def test_log_lists_every_attempt_newest_first(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for kind, outcome, note in (
        ("call", "no_answer", "first"),
        ("visit", "spoke", "Łukasz’s door & bell"),
        ("letter", "sent", "third"),
    ):
        client.post(path_of(case), data=typed(case, kind, outcome, note=note))
    page = client.get(path_of(case)).text
    assert page.index("third") < page.index("Łukasz’s door &amp; bell") < page.index("first")
    for shown in ("Telephone call", "Visit", "Letter", "No answer", "We spoke", "Kit Lead"):
        assert shown in page
    assert f'href="{path_of(case)}"' in client.get(f"/enrolments/{case.enrolment_id}").text


def test_refusal_keeps_what_was_typed(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for wrong, said in (({"outcome": ""}, "Choose what came of it"), ({"about": "9"}, "about somebody else")):
        answer = client.post(path_of(case), data=typed(case) | wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert "rang twice" in answer.text
    assert contacts_of(case.enrolment_id) == []


def test_list_is_in_order_of_the_day_on_which_silence_counts(app: Flask, case: Enrolled) -> None:
    soon = enrolled(team=case.team, person=sam(name="Ted Example", mobile=None))
    waiting = enrolled(
        "linx", team=case.team, person=sam(name="Una Example", mobile=None, born_on=BORN_FOR_OCTOBER)
    )
    meet(case, wall(9, 4))
    meet(soon, wall(9, 2))
    go_to(wall(9, 10))
    page = case.client(app).get("/contacts/").text
    assert page.index("Ted Example") < page.index(SHOWN)
    assert "Wed 16 Sep, 9am" in page
    assert "Una Example" not in page
    assert waiting.enrolment_id


def test_list_says_what_the_system_will_do(app: Flask, case: Enrolled) -> None:
    """The day shown is the day on which the flag is really raised, across an attendance and a contact."""
    session_id = meet(case, wall(9, 2))
    go_to(wall(9, 2, 11))
    data = {"about": str(session_id), "token": "a" * 32, "outcome": "attended", "book_next": "no"}
    case.client(app).post(f"/week/sessions/{session_id}/record", data=data)
    page = case.client(app).get("/contacts/").text
    assert "Wed 16 Sep, 9am" in page
    assert "seen" in page
    move_on(wall(9, 16, 9))
    assert ("no_contact", "red", "open") in records.flags(case.enrolment_id)
    assert "Red flag since Wed 16 Sep" in case.client(app).get("/contacts/").text


def test_no_clock_runs_while_suspended_or_without_a_rule(app: Flask, case: Enrolled) -> None:
    meet(case, wall(9, 2))
    cara_case(case.team, person=sam(name="Ted Example", mobile=None))
    now = go_to(wall(9, 3))
    suspend(case.enrolment_id, SuspensionReason.ILLNESS, actor=case.team.lead, now=now)
    page = case.client(app).get("/contacts/").text
    assert "Not while suspended" in page
    assert "No such rule runs" in page


def test_list_holds_ones_own_people_and_the_managers_everybody(app: Flask, case: Enrolled) -> None:
    meet(case, wall(9, 2))
    other = make_staff(name="Dee Other")
    assert SHOWN not in client_of(app, other).get("/contacts/").text
    assert "Nobody of yours is on a programme now." in client_of(app, other).get("/contacts/").text
    assert SHOWN in case.client(app, "manager").get("/contacts/").text


def test_contacts_are_absent_for_others(app: Flask, case: Enrolled) -> None:
    for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(case)).status_code == 404
        assert case.client(app, who).get("/contacts/").status_code == 404
    assert case.client(app).get("/enrolments/999/contacts").status_code == 404


def test_number_of_queries_does_not_grow_with_people(app: Flask, case: Enrolled) -> None:
    meet(case, wall(9, 2))
    client = case.client(app)
    client.get("/contacts/")
    one = _count(lambda: client.get("/contacts/"))
    for number in (3, 4):
        other = NewParticipant(name=f"Ted Example {number}", born_on=sam().born_on)
        meet(enrolled(team=case.team, person=other), wall(9, number))
    made = cara_case(case.team, person=sam(name="Una Example", mobile=None))
    assert made
    assert _count(lambda: client.get("/contacts/")) <= one


def _count(deed: Callable[[], object]) -> int:
    statements: list[object] = []

    def note(*given: object) -> None:
        if given[2] != "BEGIN":
            statements.append(given[2])

    db.session.expunge_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)
