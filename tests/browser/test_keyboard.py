"""The keyboard alone is enough: to sign in, to fill in a register, and to put right what was wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.desk import Desk, sit_down
from tests.browser.keyboard import Keyboard
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import ODD_NAME, Team, cara_case


@pytest.fixture
def desk(
    browser: Browser, installation: Installation, team: Team, watch: Watch, screen: ViewportSize
) -> Iterator[Desk]:
    """Give a browser on the first page, with a register of one person that waits."""
    with installation.app.app_context():
        cara_case(team)
    installation.move_to("2026-09-12 15:10")
    found = sit_down(browser, watch, screen)
    found.page.goto(installation.address)
    yield found
    found.page.context.close()


def _open_register(keyboard: Keyboard, username: str) -> None:
    keyboard.write("Sign-in name", username)
    keyboard.write("Password", PASSWORD)
    keyboard.enter()
    keyboard.tab_to(keyboard.page.get_by_role("link", name="Open register"))
    keyboard.enter()


def test_register_by_keyboard_alone(installation: Installation, team: Team, desk: Desk) -> None:
    keyboard, page = Keyboard(desk.page), desk.page
    _open_register(keyboard, installation.username_of(team.facilitator))
    row = page.get_by_role("group", name=ODD_NAME)
    keyboard.tab_to(row.get_by_label("Attended", exact=True))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(row.get_by_label("Attended", exact=True)).to_be_checked()
    keyboard.tab_to(page.get_by_role("button", name="Submit register"))
    keyboard.enter()
    desk.is_told("Register submitted.")
    desk.watch.look(page)
    keyboard.tab_to(page.get_by_role("link", name=f"Correct the mark of {ODD_NAME}"))


def test_register_without_mark_takes_the_keyboard_to_what_is_wrong(
    installation: Installation, team: Team, desk: Desk
) -> None:
    keyboard, page = Keyboard(desk.page), desk.page
    _open_register(keyboard, installation.username_of(team.facilitator))
    keyboard.tab_to(page.get_by_role("button", name="Submit register"))
    keyboard.enter()
    assert page.title().startswith("Error: ")
    summary = page.get_by_role("alert", name="There is a problem")
    expect(summary).to_be_focused()
    desk.watch.look(page)
    keyboard.tab_to(summary.get_by_role("link"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name=ODD_NAME)).to_be_focused()
    keyboard.tab_to(page.get_by_role("group", name=ODD_NAME).get_by_label("Attended", exact=True))


def test_sign_in_refused_takes_the_keyboard_to_the_summary(desk: Desk) -> None:
    keyboard, page = Keyboard(desk.page), desk.page
    keyboard.tab_to(page.get_by_role("link", name="Skip to the page"))
    keyboard.write("Sign-in name", "nobody")
    keyboard.tab_to(page.get_by_role("button", name="Sign in", exact=True))
    keyboard.enter()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    keyboard.tab_to(summary.get_by_role("link").first)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Sign-in name")).to_have_value("nobody")
