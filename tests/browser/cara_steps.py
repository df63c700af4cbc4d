"""What each member of the team does in a CARA case, step by step, in the words on their pages."""

import re

from playwright.sync_api import expect

from tests.browser.desk import Desk

NAME = "Sam O'Brien-Łukasz"
MOBILE = "07700 900101"
REFERENCE = "C/2026/0117"
VENUE = "Room 4, Invented House"

#: Each question of CARA by its first words, answered as it must be.
ANSWERS = {
    "Is the person 18": "Yes",
    "Was the offence against": "Yes",
    "Is the offence one": "Yes",
    "Has the person admitted": "Yes",
    "Has the person had no conviction": "Yes",
    "Is the person free": "Yes",
    "What is the DASH level": "Medium",
    "Has the victim been contacted": "Yes",
}


def refer(officer: Desk) -> None:
    """Refer the man; the expiry is not four months on, so it is asked whether it is as printed."""
    officer.go("Referrals")
    officer.follow("Refer somebody")
    officer.fill(Full_name=NAME, Mobile_number=MOBILE, Caution_reference=REFERENCE)
    officer.date("Date of birth", "31 1 1990")
    officer.date("Date the caution was issued", "28 8 2026")
    officer.date("Date the caution expires", "31 12 2026")
    officer.choose("Risk", "Medium")
    for question, answer in ANSWERS.items():
        officer.choose(question, answer)
    officer.press("Send referral")
    officer.sees("There is a problem", "tick the box below")
    assert officer.page.title().startswith("Error: ")
    officer.box("The expiry date is as printed on the caution").check()
    officer.press("Send referral", twice=True)
    officer.sees(NAME, REFERENCE)


def accept(caseworker: Desk) -> None:
    """Take the man on from Today, with a victim-safety worker."""
    caseworker.follow("Decide on referral", within=caseworker.row(NAME))
    expect(caseworker.box("Lead caseworker")).to_have_value(re.compile(r"\d+"))
    caseworker.box("Victim-safety worker").select_option(label="Vic Worker")
    caseworker.press("Accept referral", twice=True)
    caseworker.sees("Sign-off waiting")


def sign_off(worker: Desk) -> None:
    """Grant the sign-off that Today asks for."""
    worker.follow("Look at sign-off", within=worker.row(NAME))
    worker.choose("Your decision", "Grant: texts may go and sessions may be booked")
    worker.press("Save decision", twice=True)
    worker.sees("Sign-off granted")


def book_both(caseworker: Desk) -> None:
    """Make both workshops, since none is planned, and book the man on them."""
    for part, day in (("A", "12 9 2026"), ("B", "10 10 2026")):
        _open_bookings(caseworker)
        nothing = caseworker.page.get_by_text("None is planned.").first
        caseworker.follow("Make a session", within=nothing)
        make_workshop(caseworker, part, day)
    _open_bookings(caseworker)
    for part in "AB":
        caseworker.press(f"Book part {part}", twice=True)
        caseworker.is_told(f"art {part} booked for")
    assert caseworker.page.get_by_role("link", name=re.compile("^Take off")).count() == 2


def _open_bookings(caseworker: Desk) -> None:
    caseworker.go("People")
    caseworker.follow(NAME)
    caseworker.follow("Book a session")


def find(caseworker: Desk, part_of_name: str) -> None:
    """Find him by a part of his name and open his page."""
    caseworker.go("People")
    caseworker.fill(**{"Name, reference or number": part_of_name})
    caseworker.press("Search people")
    caseworker.follow(NAME)


def make_workshop(caseworker: Desk, part: str, day: str) -> None:
    """Make a workshop that the facilitator runs, from 10am."""
    caseworker.choose("Programme", "CARA")
    caseworker.choose("What is it?", f"Workshop, part {part}")
    caseworker.date("Date", day)
    caseworker.fill(Start_time="10:00", Venue=VENUE)
    caseworker.choose("Who runs it", "Fay Facilitator")
    caseworker.press("Make the session", twice=True)
    caseworker.is_told("Session made: ")
    caseworker.sees("0 of 12 taken", VENUE)


def read_phone(anybody: Desk) -> list[str]:
    """Look at his phone on the demonstration's page and return the texts on it, oldest first."""
    anybody.follow("Move the clock")
    anybody.follow("See the phones")
    anybody.follow(f"More texts, and reply as {MOBILE}")
    anybody.page.get_by_text("Earlier texts").click()
    anybody.sees("Reminder: appointment")
    lines = anybody.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
    return [found[0] for line in lines if (found := re.search("(Your appointment|Reminder:).*", line))]


def fill_register(facilitator: Desk, outcome: str) -> None:
    """Open the register from Today and submit it with one mark; going back sends nothing again."""
    facilitator.go("Today")
    facilitator.follow("Open register", within=facilitator.part("Registers to submit"))
    expect(facilitator.page.get_by_role("status")).to_have_text("0 of 1 marked")
    facilitator.choose(NAME, outcome)
    expect(facilitator.page.get_by_role("status")).to_have_text("1 of 1 marked")
    facilitator.press("Submit register", twice=True)
    facilitator.is_told("Register submitted.")
    receipt = facilitator.page.url
    facilitator.go_back()
    assert facilitator.page.url == receipt, "the sheet that was sent leads to its receipt"


def answer_alert(worker: Desk) -> None:
    """Find the alert on Today, acknowledge it, and decide that police are told."""
    worker.go("Today")
    worker.follow("Read notice", within=worker.part("To acknowledge"))
    worker.sees(NAME, "Mandated session missed", "Reminders before it")
    worker.press("Acknowledge notice", twice=True)
    worker.is_told("Notice acknowledged.")
    worker.choose("Your decision", "Proceed: tell the others now")
    worker.press("Save decision", twice=True)
    worker.is_told("Decision saved.")


def acknowledge(somebody: Desk, *facts: str) -> None:
    """Read the one notice that waits, see these facts, and acknowledge it."""
    somebody.go("Inbox")
    somebody.follow("Read notice", within=somebody.part("To acknowledge"))
    somebody.sees(*facts)
    somebody.press("Acknowledge notice", twice=True)
    somebody.is_told("Notice acknowledged.")
    somebody.go_back()
    expect(somebody.page.get_by_role("button", name="Acknowledge notice")).to_have_count(0)
    somebody.go("Today")
    assert somebody.part("To acknowledge").count() == 0


def ask_correction(facilitator: Desk) -> None:
    """Say on the receipt that he was there after all."""
    facilitator.follow(f"Correct the mark of {NAME}")
    facilitator.choose("What should it say?", "Attended")
    facilitator.fill(Why_the_mark_is_wrong="Wrong row tapped: he was there from 10am.")
    facilitator.press("Correct the mark", twice=True)
    facilitator.is_told("kept for a manager’s approval")
    facilitator.sees("Correction waits for approval")


def approve_correction(manager: Desk) -> None:
    """Agree, as the second person."""
    manager.go("Today")
    manager.follow("Look at correction", within=manager.row(NAME))
    manager.sees("Wrong row tapped", "Pat Officer")
    manager.press(
        re.compile("^Approve and send the correction to victim safety, then the officer"), twice=True
    )
    manager.is_told(f"Correction approved. {NAME} is marked “Attended”.")
