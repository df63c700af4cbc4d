"""The board of open cautions: who sees it, in which order, and that its order is the rule's."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.attendance.queries import current_marks
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import SeparatedPair
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import Gate
from programme_tracker.web.cautions import standing
from programme_tracker.web.cautions.standing import board_of
from programme_tracker.workflows.referring import receive, sign_off
from programme_tracker.workflows.standing import parts_done, sittings_of
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import (
    CaraCase,
    Team,
    attend,
    cara_case,
    cara_referral,
    make_team,
    make_workshops,
    sam,
)

SHOWN = "Sam O&#39;Brien-Łukasz"


@pytest.fixture
def team(app: Flask) -> Iterator[Team]:
    """Give one of each role, inside the application's context."""
    with app.app_context():
        yield make_team()


def named(team: Team, name: str, expires_on: date, **given: object) -> CaraCase:
    """Make a case of somebody else whose caution expires on a day."""
    person = sam(name=name, mobile=None, born_on=date(1985, 1, 1) + timedelta(days=len(name)))
    return cara_case(team, person=person, caution_expires_on=expires_on, **given)  # type: ignore[arg-type]  # factories' own words


def test_board_shows_every_date_of_a_caution_as_picture_and_table(app: Flask, team: Team) -> None:
    cara_case(team)
    page = team.client(app, "lead").get("/cautions/").text
    for shown in (
        SHOWN,
        "C/2026/0117, issued Fri 28 Aug",
        "The open cautions on one time axis",
        'role="img"',
        "Today is Tue 1 Sep",
        "What the shapes mean",
        "The same as a table",
        "Mon 30 Nov",
        "Mon 28 Dec",
        "Sat 12 Sep",
        "Sat 10 Oct",
        "Due Mon 30 Nov, 90 days left",
    ):
        assert shown in page, shown
    assert page.count('<svg class="board-') == 2


@pytest.mark.parametrize("who", ["lead", "worker", "manager"])
def test_board_is_for_who_works_the_case(app: Flask, team: Team, who: str) -> None:
    cara_case(team)
    assert SHOWN in team.client(app, who).get("/cautions/").text


@pytest.mark.parametrize("who", ["facilitator", "officer", "enforcement", "admin"])
def test_board_is_absent_for_the_others(app: Flask, team: Team, who: str) -> None:
    assert team.client(app, who).get("/cautions/").status_code == 404


def test_least_time_left_comes_first_by_the_day_of_the_part_that_is_next(app: Flask, team: Team) -> None:
    sessions = make_workshops(team)
    early = cara_case(team, sessions=sessions)
    attend(early, early.session_a_id, "attended")
    # Part A is done: the expiry counts, which is after the other's last day for part A.
    named(team, "Ann Later", date(2027, 1, 20), signed_off=False)
    named(team, "Ben Soonest", date(2026, 11, 20), signed_off=False)
    named(team, "Cal Last", date(2027, 2, 20), signed_off=False)
    board = board_of(team.lead, clock.now(), mine=False, page=1)
    assert [one.name for one in board.cautions] == [
        "Ben Soonest",
        "Ann Later",
        "Sam O'Brien-Łukasz",
        "Cal Last",
    ]
    assert [(one.next_part, one.last_day) for one in board.cautions][1:3] == [
        ("A", date(2026, 12, 23)),
        ("B", date(2026, 12, 28)),
    ]


def test_missed_part_b_puts_part_a_next_again_and_both_no_longer_fit_says_so(app: Flask, team: Team) -> None:
    case = cara_case(team, caution_expires_on=date(2026, 10, 20))
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    (one,) = board_of(team.lead, clock.now(), mine=False, page=1).cautions
    assert (one.next_part, one.last_day, one.fits) == ("A", date(2026, 9, 22), False)
    assert [(part.part, part.state) for part in one.parts] == [("A", "attended"), ("B", "missed")]
    assert "Both parts no longer fit" in team.client(app, "lead").get("/cautions/").text


@pytest.mark.parametrize(
    "outcomes",
    [("attended",), ("absent",), ("refused_late",), ("attended", "absent"), ("attended", "attended")],
)
def test_order_counts_part_a_as_the_rule_does(app: Flask, team: Team, outcomes: tuple[str, ...]) -> None:
    case = cara_case(team)
    for session_id, outcome in zip((case.session_a_id, case.session_b_id), outcomes, strict=False):
        attend(case, session_id, outcome)
    counts = "A" in parts_done(sittings_of(current_marks(case.enrolment_id)))
    found = db.session.scalars(select(Enrolment.id).where(standing._has_attended_a())).all()
    assert bool(found) == counts


def test_ended_cautions_and_other_programmes_are_not_on_it(app: Flask, team: Team) -> None:
    case = cara_case(team)
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "attended")
    board = board_of(team.lead, clock.now(), mine=False, page=1)
    assert (board.count, list(board.cautions)) == (0, [])
    assert "No caution runs." in team.client(app, "lead").get("/cautions/").text


def test_mine_leaves_colleagues_out(app: Flask, team: Team) -> None:
    cara_case(team)
    colleague = client_of(app, make_staff(Role.CASEWORKER, name="Dee Colleague"))
    assert SHOWN in colleague.get("/cautions/").text
    page = colleague.get("/cautions/?whose=mine").text
    assert SHOWN not in page
    assert "None of your people has a caution that runs." in page
    for who in ("lead", "worker"):
        assert SHOWN in team.client(app, who).get("/cautions/?whose=mine").text


def test_the_other_side_is_on_nobodys_board(app: Flask, team: Team) -> None:
    mine = named(team, "Ann Mine", date(2027, 1, 20), signed_off=False)
    other = make_staff(Role.CASEWORKER, name="Dee Other").actor
    theirs = named(team, "Ben Theirs", date(2027, 1, 20), signed_off=False)
    enrolment = db.session.get_one(Enrolment, theirs.enrolment_id)
    enrolment.lead_id, enrolment.worker_id = other.staff_id, None
    db.session.commit()
    first, second = sorted((mine.participant_id, theirs.participant_id))
    db.session.add(SeparatedPair(first_id=first, second_id=second, created_at=clock.now()))
    db.session.commit()
    page = team.client(app, "lead").get("/cautions/").text
    assert "Ann Mine" in page
    assert "Ben Theirs" not in page


def test_suspended_and_waiting_ones_say_so(app: Flask, team: Team) -> None:
    case = cara_case(team)
    named(team, "Ann Waiting", date(2027, 1, 20), signed_off=False)
    sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=team.worker, now=clock.now(), reason="Said so")
    page = team.client(app, "lead").get("/cautions/").text
    assert "Suspended" in page
    assert "Sign-off not granted" in page
    assert "Said so" not in page


def test_pages_hold_a_fixed_number_in_one_order(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PAGE", 2)
    for number in range(5):
        named(team, "A" * (number + 1), date(2027, 1, 20) - timedelta(days=number), signed_off=False)
    pages = [board_of(team.lead, clock.now(), mine=False, page=page).cautions for page in (1, 2, 3)]
    assert [[len(one.name) for one in page] for page in pages] == [[5, 4], [3, 2], [1]]
    client = team.client(app, "lead")
    assert "Ones with more time" in client.get("/cautions/").text
    assert "page 3 of 3" in client.get("/cautions/?page=3").text
    assert "page 3 of 3" in client.get("/cautions/?page=999").text
    assert client.get("/cautions/?page=nonsense").status_code == 200


def test_number_of_statements_does_not_grow_with_cautions(
    app: Flask, team: Team, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    sessions = make_workshops(team)
    cara_case(team, sessions=sessions)
    client = team.client(app, "lead")
    client.get("/cautions/")
    one = queries_of(lambda: client.get("/cautions/"))
    for name in ("Ann One", "Ben Twoo"):
        named(team, name, date(2027, 1, 20), sessions=sessions)
    assert queries_of(lambda: client.get("/cautions/")) <= one


def test_referral_with_a_caution_that_nobody_decided_is_pointed_at(app: Flask, team: Team) -> None:
    receive(sam(), cara_referral(team), actor=team.officer, now=clock.now())
    page = team.client(app, "lead").get("/cautions/").text
    assert "One referral with a caution waits for a decision." in page
