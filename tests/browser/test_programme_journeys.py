"""A weekly group, a month of one-to-ones and a sixteenth birthday, each on a phone."""

import re
from collections import Counter
from datetime import date

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import SignsIn
from tests.browser.desk import PHONE, Desk
from tests.browser.serving import Installation
from tests.factories.cases import ODD_NAME, Team, sam
from tests.factories.groups import referred
from tests.factories.records import events, is_whole
from tests.factories.voluntary import enrolled, young_person


@pytest.fixture
def screen() -> ViewportSize:
    """Look at a phone; every page is seen at both widths by the walk through all of them."""
    return PHONE


def find(desk: Desk, name: str) -> None:
    """Open somebody's page from the list of people."""
    desk.go("People")
    desk.follow(name)


def test_group_from_its_making_to_a_cancelled_night(
    installation: Installation, signs_in: SignsIn, team: Team
) -> None:
    with installation.app.app_context():
        referred(team, "Ben Dummy", mobile="07700 900121")
        referred(team, ODD_NAME, mobile="07700 900122")
    lead = signs_in("lead")
    _make_group(lead)
    for name in ("Ben Dummy", ODD_NAME):
        find(lead, name)
        lead.follow("Book a session")
        lead.press("Join the group", twice=True)
        lead.is_told("Booked on 20 sessions of Thursday RADAR")
    installation.move_to("2026-09-10 20:31")
    _take_register(signs_in("facilitator"))
    _cancel_second_night(lead)
    lead.follow("Two sessions", within=lead.page.get_by_role("table", name="People"))
    lead.sees("Thu 10 Sep")
    _happened_once(
        installation,
        {"group.added": 1, "register.submitted": 1, "session.cancelled": 1, "booking.made": 40},
    )


def _make_group(lead: Desk) -> None:
    lead.go("Sessions")
    lead.follow("Groups")
    lead.follow("Make a group")
    lead.press("Show the dates")
    lead.sees("There is a problem", "Enter the date of the first session")
    lead.choose("Programme", "RADAR")
    lead.date("First date", "10 9 2026")
    lead.fill(Start_time="18:30", Venue="Room 2, Invented House")
    lead.box("First facilitator").select_option(label="Fay Facilitator")
    lead.press("Show the dates")
    lead.sees("20 sessions", "The clocks change before Thu 29 Oct")
    lead.press("Make the group", twice=True)
    lead.is_told("Thursday RADAR made: 20 sessions")


def _take_register(facilitator: Desk) -> None:
    facilitator.go("My sessions")
    facilitator.sees("Registers missing")
    facilitator.follow(re.compile("^Open register"))
    row = facilitator.page.get_by_role("group", name="Ben Dummy")
    row.get_by_role("button", name=re.compile("^Now")).click()
    expect(row.get_by_label("or arrived at")).to_have_value("20:31")
    facilitator.choose("Ben Dummy", "Attended")
    expect(row.get_by_label("or arrived at")).to_have_value("")
    facilitator.choose(ODD_NAME, "Absent")
    facilitator.press("Submit register", twice=True)
    facilitator.is_told("Register submitted.")
    facilitator.sees("One absence.")


def _cancel_second_night(lead: Desk) -> None:
    lead.go("Sessions")
    lead.follow("Groups")
    lead.follow("Thursday RADAR")
    lead.follow(re.compile("^Week 2"), within=lead.page.get_by_role("table", name="Sessions to come"))
    lead.follow("Cancel the session")
    lead.box("Why it is cancelled").fill("The boiler is broken")
    lead.press(re.compile("^Cancel the session"), twice=True)
    lead.go("Sessions")
    lead.follow("Groups")
    lead.follow("Thursday RADAR")
    lead.sees("Cancelled", "The boiler is broken")


def test_month_of_one_to_ones(installation: Installation, signs_in: SignsIn, team: Team) -> None:
    with installation.app.app_context():
        enrolled(team=team, person=sam())
    lead = signs_in("lead")
    find(lead, ODD_NAME)
    lead.follow("Book an appointment")
    lead.press("Book the appointment", twice=True)
    lead.is_told("booked")
    installation.move_to("2026-09-02 11:30")
    lead.go("Today")
    lead.follow("Record", within=lead.part("Registers to submit"))
    lead.choose("How did it go?", "Attended")
    lead.press("Record and book the next one", twice=True)
    lead.is_told("attended", "Next appointment: Wed 9 Sep, 10am.")
    installation.move_to("2026-09-09 11:30")
    lead.go("My week")
    lead.press("No-show", twice=True)
    lead.is_told(f"No-show recorded: {ODD_NAME}.")
    find(lead, ODD_NAME)
    lead.follow("Record a contact")
    lead.choose("What came of it?", "We spoke")
    lead.press("Save contact", twice=True)
    lead.is_told("Contact saved.")
    _happened_once(installation, {"register.submitted": 2, "session.added": 2})


def test_sixteenth_birthday_stops_the_guardians_texts_until_consent(
    installation: Installation, signs_in: SignsIn, team: Team
) -> None:
    kim = young_person(born_on=date(2010, 9, 20))
    with installation.app.app_context():
        enrolled("linx", team=team, person=kim)
    lead = signs_in("lead")
    find(lead, kim.name)
    lead.sees("Gil Guardian until Sun 20 Sep")
    lead.follow("Guardian and consent")
    lead.box("Nothing may go to this guardian").check()
    lead.press("Save the guardian")
    lead.sees("There is a problem", "Say why nothing may go to this guardian")
    lead.fill(Why_nothing_may_go_to_them="A court order.")
    lead.press("Save the guardian", twice=True)
    lead.is_told("Guardian saved.", "No text goes to anybody: ring instead.")
    installation.move_to("2026-09-20 09:30")
    lead.go("Today")
    lead.follow("Open task", within=lead.row("ask for consent to text"))
    find(lead, kim.name)
    lead.follow("Guardian and consent")
    lead.sees("The young person’s own consent")
    lead.sees_not("perpetrator")
    lead.choose("Do they agree to texts in their own name?", "Yes, texts go to their own number")
    lead.press("Save the answer", twice=True)
    lead.is_told("Answer saved.", "Texts still to come go to their own number.")
    _happened_once(installation, {"guardian.changed": 2, "participant.own_consent": 1})


def _happened_once(installation: Installation, times: dict[str, int]) -> None:
    """Every button that mattered was pressed twice; a referral names the guardian once before."""
    with installation.app.app_context():
        counted = Counter(events())
        assert {name: counted[name] for name in times} == times
        assert is_whole()
