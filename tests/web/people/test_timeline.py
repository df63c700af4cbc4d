"""The timeline of a participant: what each role reads, narrowed by kind, paged, in few statements."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from programme_tracker.engagement.models import Contact, Flag
from programme_tracker.escalation.models import Case, Decision
from programme_tracker.escalation.rules import ActionKind
from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.acting import record_action
from programme_tracker.workflows.deciding import decide
from programme_tracker.workflows.timeline import PER_PAGE, Kind, Sort, timeline_of
from tests.factories.cases import CaraCase, attend, cara_case

PAGE = "/enrolments/1"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def case() -> CaraCase:
    """Give a case in which part A was missed, and victim safety decided to proceed."""
    case = cara_case()
    attend(case, case.session_a_id, "absent")
    decide(
        case.enrolment_id,
        Decision.PROCEED,
        actor=case.team.worker,
        now=kernel_clock.now(),
        reason="She is away until Monday",
    )
    return case


def calls(case: CaraCase, many: int, note: str = "Rang about the bus") -> None:
    """Add so many telephone calls, an hour apart."""
    for number in range(many):
        made_at = kernel_clock.now() - timedelta(hours=number)
        db.session.add(
            Contact(
                enrolment_id=case.enrolment_id,
                kind="call",
                outcome="spoke",
                note=note,
                made_at=made_at,
                made_by=case.team.lead.staff_id,
            )
        )
    db.session.commit()


def statements(case: CaraCase) -> int:
    """Count what one page of the lead's timeline reads."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        timeline_of(enrolment, case.team.lead)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sum(one.startswith("SELECT") for one in seen)


def test_statements_do_not_grow_with_what_happened(case: CaraCase) -> None:
    calls(case, 1)
    few = statements(case)
    calls(case, 3 * PER_PAGE)
    assert statements(case) <= few
    everything = len(Sort)
    assert few <= everything + 2


def test_newest_comes_first_and_pages_hold_everything_once(case: CaraCase) -> None:
    calls(case, PER_PAGE + 5)
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    pages = [timeline_of(enrolment, case.team.lead, page=number) for number in (1, 2, 3)]
    assert len(pages[0].happenings) == PER_PAGE
    assert [one.has_more for one in pages] == [True, False, False]
    every = [one for page in pages for one in page.happenings]
    assert len({(one.sort, one.row.id) for one in every}) == len(every)
    assert [one.at for one in every] == sorted((one.at for one in every), reverse=True)


@pytest.mark.parametrize(
    ("show", "there", "gone"),
    [
        ("contacts", "Rang about the bus", "Notice: mandated session missed"),
        ("notices", "Notice: mandated session missed", "Rang about the bus"),
        ("flags", "Flag: Mandated session missed", "Notice: mandated session missed"),
        ("decisions", "Victim safety decided", "Flag: Mandated"),
        ("attendance", "Part A, Sat 12 Sep", "Enrolment began"),
        ("nonsense", "Enrolment began", "Nothing of this kind"),
    ],
)
def test_page_is_narrowed_by_kind(app: Flask, case: CaraCase, show: str, there: str, gone: str) -> None:
    calls(case, 1)
    page = case.team.client(app, "lead").get(PAGE, query_string={"show": show}).text
    happened = page.split('id="happened"')[1]
    assert there in happened
    assert gone not in happened


def test_bookings_of_one_moment_are_one_line(app: Flask, case: CaraCase) -> None:
    page = case.team.client(app, "lead").get(PAGE, query_string={"show": "sessions"}).text
    happened = page.split('id="happened"')[1]
    assert happened.count("Booked on 2 sessions") == 1
    assert "The first: Part A, Sat 12 Sep, 10am." in happened


def test_empty_kind_and_turned_too_far_say_so(app: Flask, case: CaraCase) -> None:
    lead = case.team.client(app, "lead")
    assert "Nothing of this kind has happened yet." in lead.get(f"{PAGE}?show=contacts").text
    assert "That was everything." in lead.get(f"{PAGE}?page=7").text
    assert lead.get(f"{PAGE}?page=-3").status_code == 200


def test_facilitator_reads_attendance_at_own_sessions_alone(app: Flask, case: CaraCase) -> None:
    calls(case, 1)
    page = case.team.client(app, "facilitator").get(PAGE).text
    assert "Part A, Sat 12 Sep" in page
    for hidden in (
        "Rang about",
        "Notice:",
        "Flag:",
        "Victim safety decided",
        "Enrolment began",
        "She is away",
    ):
        assert hidden not in page
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    assert set(timeline_of(enrolment, case.team.facilitator).kinds) == {Kind.SESSIONS, Kind.ATTENDANCE}


def test_victim_safety_reads_no_notes_and_the_lead_not_their_reasons(app: Flask, case: CaraCase) -> None:
    calls(case, 1)
    worker = case.team.client(app, "worker").get(PAGE).text
    assert "Rang about the bus" not in worker
    assert "She is away until Monday" in worker
    assert "She is away until Monday" not in case.team.client(app, "lead").get(PAGE).text


@pytest.mark.parametrize("who", ["officer", "enforcement", "admin"])
def test_others_have_no_timeline(case: CaraCase, who: str) -> None:
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    found = timeline_of(enrolment, getattr(case.team, who))
    assert (list(found.happenings), list(found.kinds)) == ([], [])


def test_lines_lead_where_they_speak_of(app: Flask, case: CaraCase) -> None:
    found = db.session.query(Case).one()
    record_action(found.id, ActionKind.MARAC, None, actor=case.team.lead, now=kernel_clock.now())
    page = case.team.client(app, "lead").get(PAGE).text.split('id="happened"')[1]
    flag = db.session.query(Flag).first()
    assert flag is not None
    assert f'href="/enrolments/1/flags/{flag.id}"' in page
    assert 'href="/cases/1"' in page
    assert "Action taken: Referred to MARAC" in page
    assert f'href="/sessions/{case.session_a_id}' in page


def test_flag_is_explained_on_a_page_of_its_own(app: Flask, case: CaraCase) -> None:
    lead = case.team.client(app, "lead")
    page = lead.get(f"{PAGE}/flags/1").text
    for said in ("Why this flag was raised", "Mandated session missed", "CARA part A", "policy version 1"):
        assert said in page
    assert lead.get(f"{PAGE}/flags/99").status_code == 404
    for who in ("facilitator", "officer", "enforcement", "admin"):
        assert case.team.client(app, who).get(f"{PAGE}/flags/1").status_code == 404
