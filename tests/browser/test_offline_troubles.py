"""What goes wrong around a register on a phone: shown in words, decided by a person, no mark lost."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import select

from programme_tracker.accounts.models import SignInSession
from programme_tracker.accounts.sessions import end_sessions_of
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SystemClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.services import set_cancelled
from programme_tracker.web import static_files
from programme_tracker.web.offline import worker
from programme_tracker.workflows.registers import submit_register
from tests.browser.desk import PHONE, sit_down
from tests.browser.phones import Evening, Phone, all_is_well, begun, take_phone
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import Team
from tests.factories.records import times_audited


@pytest.fixture
def evening(installation: Installation, team: Team) -> Evening:
    """Give a session that began ten minutes ago."""
    return begun(installation, team)


@pytest.fixture
def phone(browser: Browser, evening: Evening) -> Iterator[Phone]:
    """Give the facilitator's phone with three marks submitted on it, and no signal."""
    made = take_phone(browser, evening)
    made.page.context.set_offline(True)
    made.open_register()
    made.mark_all("Attended", "Absent", "Attended")
    made.submit()
    made.says("3 marks not sent yet")
    yield made
    made.page.context.close()
    all_is_well(made)


def within(evening: Evening) -> Flask:
    return evening.installation.app


def test_register_of_a_colleague_is_shown_beside_and_a_person_chooses(phone: Phone) -> None:
    evening = phone.evening
    first, second, third = evening.men
    with within(evening).app_context():
        marks = {who: MarkDetails(Outcome.ATTENDED) for who in evening.men}
        submit_register(evening.session_id, marks, token="desk", actor=evening.team.lead, now=clock.now())
    phone.page.context.set_offline(False)
    phone.says("3 marks not sent yet.", "Kit Lead submitted this register", "until you decide")
    table = phone.page.get_by_role("table", name="Both registers")
    expect(table.get_by_role("row").filter(has_text="S.O.")).to_contain_text("AttendedAbsent")
    phone.look("beside")
    assert phone.unsent() == 3
    assert set(evening.standing().values()) == {"attended"}
    phone.page.get_by_role("button", name="Choose, with names").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Two registers:")
    phone.look("both-named")
    phone.page.get_by_role("checkbox").check()
    phone.page.get_by_label("Why your marks are right").fill("I stood at the door")
    phone.page.get_by_role("button", name="Correct the marks chosen").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Register submitted:")
    phone.page.wait_for_function("Offline.store.all('sheets').then((all) => all.every((row) => !row.count))")
    assert evening.standing() == {first: "absent", second: "attended", third: "attended"}


def test_sign_in_that_ended_locks_the_marks_until_the_same_person_is_back(
    phone: Phone,
) -> None:
    evening = phone.evening
    with within(evening).app_context():
        staff = evening.team.facilitator.staff_id or 0
        end_sessions_of(staff, "everywhere", actor=SYSTEM, now=SystemClock().now())
    phone.page.context.set_offline(False)
    phone.says("Sign in with signal to open registers here.", "3 marks not sent yet")
    phone.look("locked")
    assert "extractable" not in phone.stored()
    # A colleague signs in on this phone: told that marks are here, and shown none.
    phone.page.goto(evening.installation.address)
    expect(phone.page.get_by_text("3 marks not sent yet.")).to_be_visible()
    sign_in(phone, evening.installation.username_of(evening.team.lead))
    phone.says("3 marks not sent yet that a colleague made on this phone.")
    phone.look("of-a-colleague")
    phone.page.goto(f"{evening.installation.address}/offline/")
    phone.says("No register is kept here now.")
    phone.page.goto(f"{evening.installation.address}/today")
    phone.page.get_by_text("Menu", exact=True).click()
    phone.page.get_by_role("button", name="Sign out").last.click()
    assert evening.standing() == {}
    expect(phone.page.get_by_label("Sign-in name")).to_be_visible()
    sign_in(phone, evening.installation.username_of(evening.team.facilitator))
    expect(phone.page.get_by_text("Sent 10.10am, receipt 1.")).to_be_visible()
    assert len(evening.standing()) == 3
    assert phone.unsent() == 0


def test_sign_in_that_ran_out_leaves_the_marks_open_and_leads_back_to_them(phone: Phone) -> None:
    evening = phone.evening
    with within(evening).app_context(), transaction():
        for row in db.session.scalars(select(SignInSession)):
            row.expires_at = row.created_at
    phone.page.context.set_offline(False)
    phone.says("3 marks not sent yet.", "Your sign-in ran out.")
    expect(phone.page.get_by_role("group", name="S.O.").get_by_label("Absent", exact=True)).to_be_checked()
    phone.look("ran-out")
    phone.page.get_by_role("link", name="Sign in", exact=True).click()
    phone.says("3 marks not sent yet.", "Sign in and they are sent.")
    phone.look("sign-in")
    phone.page.get_by_label("Sign-in name").fill(evening.installation.username_of(evening.team.facilitator))
    phone.page.get_by_label("Password").fill(PASSWORD)
    phone.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Register submitted:")
    assert len(evening.standing()) == 3
    assert phone.unsent() == 0


def test_signing_out_without_signal_empties_the_phone_and_says_what_is_left_to_do(
    browser: Browser, evening: Evening
) -> None:
    phone = take_phone(browser, evening)
    phone.page.context.set_offline(True)
    phone.page.get_by_text("Menu", exact=True).click()
    phone.page.get_by_role("button", name="Sign out", exact=True).last.click()
    phone.says("Not signed out yet", "Everything of yours on this phone was deleted")
    phone.look("not-signed-out")
    phone.page.goto(evening.address)
    phone.says("Sign in with signal to open registers here.")
    phone.page.context.close()
    all_is_well(phone)


def test_clock_of_the_phone_that_is_wrong_writes_the_right_time(browser: Browser, evening: Evening) -> None:
    phone = take_phone(browser, evening)
    phone.page.context.add_init_script("const now = Date.now; Date.now = () => now() + 3 * 3600 * 1000;")
    phone.page.goto(f"{evening.installation.address}/offline/?register={evening.session_id}")
    # The service has answered, and the phone knows how far its clock is off.
    expect(phone.page.get_by_role("link", name="Open the page with names")).to_be_visible()
    phone.page.context.set_offline(True)
    phone.page.reload()
    phone.page.get_by_role("button", name="Now").first.click()
    expect(phone.page.get_by_placeholder("10:00").first).to_have_value("10:10")
    phone.says("1 of 3 marked, kept on this phone")
    phone.page.context.close()
    all_is_well(phone)


def sign_in(phone: Phone, username: str) -> None:
    phone.page.get_by_label("Sign-in name").fill(username)
    phone.page.get_by_label("Password").fill(PASSWORD)
    phone.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Today")


def test_cancelled_session_is_told_and_the_marks_stay_until_they_are_deleted(phone: Phone) -> None:
    evening = phone.evening
    with within(evening).app_context():
        session = db.session.get_one(Session, evening.session_id)
        set_cancelled(session, "no heating", actor=evening.team.lead, now=clock.now())
    phone.page.context.set_offline(False)
    phone.says("This session was cancelled, so it has no register.", "3 marks not sent yet")
    phone.look("cancelled")
    phone.page.get_by_role("button", name="Delete the marks on this phone").click()
    assert phone.unsent() == 3
    phone.page.get_by_role("button", name="Yes, delete 3 marks from this phone").click()
    phone.says("No register is kept here now.")
    assert phone.unsent() == 0
    assert evening.standing() == {}


def test_new_version_replaces_the_worker_and_leaves_the_marks(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (static_files, worker):
        monkeypatch.setattr(module, "build", lambda: "0123456789ab")
    phone.page.context.set_offline(False)
    phone.says("Sent 10.10am, receipt 1.")
    phone.page.goto(f"{phone.evening.installation.address}/offline/")
    new = "without-signal-0123456789ab"
    phone.page.wait_for_function(f"caches.keys().then((names) => names.join() === '{new}')")
    phone.page.context.set_offline(True)
    phone.page.reload()
    phone.says("No register is kept here now.")


def test_browser_that_keeps_nothing_says_so_and_the_ordinary_form_works(
    browser: Browser, evening: Evening
) -> None:
    desk = sit_down(browser, Watch(evening.installation.address), PHONE)
    desk.page.add_init_script("IDBFactory.prototype.open = () => { throw new Error('private'); }")
    desk.sign_in(evening.installation.username_of(evening.team.facilitator), PASSWORD)
    phone = Phone(desk, evening)
    phone.open_register()
    phone.says("This browser cannot keep marks without signal.")
    phone.look("cannot-keep")
    phone.mark_all("Attended", "Absent", "Attended", named=True)
    phone.submit()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Register submitted:")
    assert len(evening.standing()) == 3
    phone.page.context.close()
    all_is_well(phone)


def lose(phone: Phone, *fates: str) -> list[str]:
    """Let the first tries to hand a register in meet these fates; return what all of them met."""
    left, met = list(fates), []

    def meet(route: Route) -> None:
        fate = left.pop(0) if left else "arrives"
        met.append(fate)
        if fate == "request lost":
            route.abort("connectionfailed")
        elif fate == "answer lost":
            route.fetch()
            route.abort("connectionreset")
        elif fate == "doubled":
            route.fetch()
            route.fulfill(response=route.fetch())
        else:
            route.continue_()

    phone.page.route("**/offline/sessions/*/register", meet)
    return met


def test_lost_and_doubled_requests_make_one_register(phone: Phone) -> None:
    met = lose(phone, "request lost", "answer lost", "doubled")
    phone.page.context.set_offline(False)
    # It is tried again by itself after four seconds, then eight.
    phone.page.get_by_text("Sent 10.10am, receipt 1.").wait_for(timeout=60_000)
    assert met == ["request lost", "answer lost", "doubled"]
    first, second, third = phone.evening.men
    assert phone.evening.standing() == {first: "absent", second: "attended", third: "attended"}
    with within(phone.evening).app_context():
        assert times_audited("register.submitted") == 1


def test_mark_changed_after_an_answer_was_lost_is_laid_beside_what_the_service_took(phone: Phone) -> None:
    met = lose(phone, "answer lost")
    with phone.page.expect_event("requestfailed", lambda one: one.url.endswith("/register")):
        phone.page.context.set_offline(False)
    # Before it is tried again by itself, the signal is gone once more, and he changes a mark.
    phone.page.context.set_offline(True)
    phone.mark("S.O.", "Attended")
    phone.says("3 of 3 marked, kept on this phone")
    phone.page.context.set_offline(False)
    phone.submit()
    phone.says("You submitted this register Sat 12 Sep, 10.10am, with other marks.")
    table = phone.page.get_by_role("table", name="Both registers")
    expect(table.get_by_role("row").filter(has_text="S.O.")).to_contain_text("AbsentAttended")
    assert met[0] == "answer lost"
    assert set(met[1:]) == {"arrives"}
    assert phone.unsent() == 3
    assert phone.evening.standing()[phone.evening.men[0]] == "absent"
