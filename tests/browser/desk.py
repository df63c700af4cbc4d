"""One member of staff at a browser of their own: reads, chooses, types and presses as a person would."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.watching import Watch

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
SCREENS = {"phone": PHONE, "desktop": DESKTOP}


@dataclass(frozen=True)
class Desk:
    """A page somebody works with; each new page is looked at by the watch, which needs scripts."""

    page: Page
    watch: Watch
    has_scripts: bool = True

    @property
    def heading(self) -> str:
        """The page's one heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def is_phone(self) -> bool:
        """Tell whether the links are folded into the menu."""
        return self.page.viewport_size == PHONE

    def sign_in(self, username: str, password: str) -> None:
        """Sign in at the first page that asks."""
        self._arrive(lambda: self.page.goto(self.watch.home))
        self.page.get_by_label("Sign-in name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self._arrive(self.page.get_by_role("button", name="Sign in", exact=True).click)
        self.is_at("Today")

    def go(self, link: str) -> None:
        """Follow one of the links under the top bar, on a phone out of the menu."""
        if self.is_phone:
            self.page.get_by_text("Menu", exact=True).click()
        links = self.page.get_by_role("navigation", name="Main")
        self._arrive(links.get_by_role("link", name=link, exact=True).click)

    def follow(self, link: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Follow a link, the only one so named on the page or in a part of it."""
        self._arrive((within or self.page).get_by_role("link", name=_named(link)).click)

    def press(
        self, button: str | re.Pattern[str], *, within: Locator | None = None, twice: bool = False
    ) -> None:
        """Press a button that sends a form; ``twice`` as hasty people do."""
        name = _named(button)
        found = (within or self.page).get_by_role("button", name=name)
        self._arrive(found.dblclick if twice else found.click)

    def go_back(self) -> None:
        """Press the browser's back button."""
        self._arrive(lambda: self.page.go_back())

    def fill(self, **by_label: str) -> None:
        """Type into boxes; underscores in the names stand for spaces."""
        for label, text in by_label.items():
            self.box(label.replace("_", " ")).fill(text)

    def box(self, label: str) -> Locator:
        """Return the box or tick box of a label, "(optional)" left out."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \(optional\))?$"))

    def date(self, legend: str, day: str) -> None:
        """Type a date, "28 8 2026", into its three boxes."""
        parts = self.page.get_by_role("group", name=re.compile(f"^{re.escape(legend)}"))
        for label, text in zip(("Day", "Month", "Year"), day.split(), strict=True):
            parts.get_by_label(label).fill(text)

    def choose(self, legend: str, option: str) -> None:
        """Choose one of the options under a legend."""
        group = self.page.get_by_role("group", name=re.compile(f"^{re.escape(legend)}"))
        group.get_by_label(option, exact=True).check()

    def row(self, *texts: str) -> Locator:
        """Return the line of a list or table that holds these texts."""
        rows = self.page.get_by_role("main").locator("li, tbody tr")
        for text in texts:
            rows = rows.filter(has_text=text)
        return rows

    def part(self, heading: str) -> Locator:
        """Return the part of the page under a heading."""
        main = self.page.get_by_role("main")
        return main.locator("section").filter(has=self.page.get_by_role("heading", name=heading, level=2))

    def is_at(self, heading: str) -> None:
        """Wait for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def sees(self, *texts: str) -> None:
        """Wait until the page's own part shows these texts."""
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def sees_not(self, *texts: str) -> None:
        """Make sure that none of these texts is on the page."""
        shown = self.page.locator("body").inner_text()
        assert [text for text in texts if text.casefold() in shown.casefold()] == []

    def is_told(self, *texts: str) -> None:
        """Wait for the box that says what happened and what follows."""
        for text in texts:
            expect(self.page.get_by_role("status").first).to_contain_text(text)

    def _arrive(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, wait for it and look at it."""
        with self.page.expect_navigation():
            act()
        if self.has_scripts:
            self.watch.look(self.page)


def _named(words: str | re.Pattern[str]) -> re.Pattern[str]:
    """Return the name of a link or button, with or without whom it is about after a colon."""
    return words if isinstance(words, re.Pattern) else re.compile(rf"^{re.escape(words)}( ?:|$)")


def sit_down(browser: Browser, watch: Watch, screen: ViewportSize, *, scripts: bool = True) -> Desk:
    """Open a browser of one's own, in which nobody is signed in yet; it may do without scripts."""
    is_phone = screen == PHONE
    context = browser.new_context(
        viewport=screen,
        has_touch=is_phone,
        locale="en-GB",
        timezone_id="Europe/London",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(15_000)
    watch.over(context)
    return Desk(context.new_page(), watch, has_scripts=scripts)
