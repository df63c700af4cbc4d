"""Two minutes before sign-out: the question, and what was typed comes back to the same person alone."""

from playwright.sync_api import Browser, Page, expect

from programme_tracker.accounts.sessions import end_sessions_of
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SystemClock
from tests.browser.desk import DESKTOP, Desk, sit_down
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import Team


def at_own_account(page: Page, address: str) -> None:
    page.goto(address + "/account/")


def sign_in(desk: Desk, username: str) -> None:
    desk.page.get_by_label("Sign-in name").fill(username)
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.get_by_role("button", name="Sign in", exact=True).click()


def end_all(installation: Installation, staff_id: int | None) -> None:
    with installation.app.app_context():
        end_sessions_of(staff_id or 0, "everywhere", actor=SYSTEM, now=SystemClock().now())


def test_typed_text_survives_the_sign_out_for_the_same_person_alone(
    browser: Browser, installation: Installation, team: Team
) -> None:
    # A watch of its own: being told that one is signed out is an answer that others complain of.
    desk = sit_down(browser, Watch(installation.address), DESKTOP)
    page = desk.page
    page.clock.install()
    username = installation.username_of(team.lead)
    desk.sign_in(username, PASSWORD)
    at_own_account(page, installation.address)
    page.get_by_label("Day", exact=True).first.fill("17")
    warning = page.get_by_role("alertdialog")
    page.clock.fast_forward(12 * 60 * 1000)
    expect(warning).to_be_hidden()
    page.clock.fast_forward(70 * 1000)
    expect(warning).to_contain_text("You will be signed out in two minutes")
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward(14 * 60 * 1000)
    end_all(installation, team.lead.staff_id)
    page.get_by_role("button", name="Stay signed in").click()
    sign_in(desk, username)
    expect(page.get_by_label("Day", exact=True).first).to_have_value("17")
    expect(page.get_by_text("What you typed before you were signed out is back.")).to_be_visible()
    page.clock.fast_forward(14 * 60 * 1000)
    end_all(installation, team.lead.staff_id)
    page.get_by_role("button", name="Stay signed in").click()
    sign_in(desk, installation.username_of(team.manager))
    expect(page.get_by_label("Day", exact=True).first).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    page.context.close()
