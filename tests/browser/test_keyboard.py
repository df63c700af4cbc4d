"""The keyboard alone is enough: to sign in, to fill in a register, and to put right what was wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.desk import Desk, sit_down
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import ODD_NAME, Team, cara_case

#: More stops than any of these pages has between two things somebody wants.
MOST_STOPS = 60

#: Whether the thing with the focus shows it, by its outline or that of its label, and stands free of
#: the bar at the foot.
_SEEN = """
() => {
  const one = document.activeElement;
  const drawn = [one, ...(one.labels || [])];
  const ringed = drawn.find((part) => {
    const look = getComputedStyle(part);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  });
  if (!ringed) return "shows no focus";
  const box = ringed.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return drawn.some((part) => part.contains(top) || top?.contains(part)) ? "" : "is covered";
}
"""


@dataclass(frozen=True)
class Keyboard:
    """Somebody who uses no pointer."""

    page: Page

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until a thing has the focus; every stop on the way shows where it is."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            fault = self.page.evaluate(_SEEN)
            assert not fault, f"{self.page.evaluate('document.activeElement.outerHTML')[:200]} {fault}"
            if wanted.evaluate("(one) => one === document.activeElement"):
                return
        raise AssertionError(f"{wanted} is not reached by the Tab key")

    def write(self, label: str, text: str) -> None:
        """Go to a box and type."""
        self.tab_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Press Enter and wait for the next page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


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
