"""Somebody who works with the keyboard alone, and how much they press."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

#: More stops than any of these pages has between two things somebody wants.
MOST_STOPS = 90

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


@dataclass
class Keyboard:
    """Somebody who uses no pointer.

    ``taps`` counts what a thumb would touch instead: each box, choice, link and button. ``keys``
    counts every key but those that write, which ``letters`` counts.
    """

    page: Page
    taps: int = 0
    keys: int = 0
    letters: int = 0

    def press(self, key: str) -> None:
        """Press a key that writes nothing."""
        self.page.keyboard.press(key)
        self.keys += 1

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until a thing has the focus; every stop on the way shows where it is."""
        self._tab_until(lambda: wanted.evaluate("(one) => one === document.activeElement"), str(wanted))

    def _tab_until(self, is_there: Callable[[], bool], wanted: str) -> None:
        for _ in range(MOST_STOPS):
            self.press("Tab")
            fault = self.page.evaluate(_SEEN)
            assert not fault, f"{self.page.evaluate('document.activeElement.outerHTML')[:200]} {fault}"
            if is_there():
                return
        raise AssertionError(f"{wanted} is not reached by the Tab key")

    def write(self, label: str, text: str) -> None:
        """Go to a box and type."""
        self.write_into(self.page.get_by_label(label, exact=True), text)

    def write_into(self, box: Locator, text: str) -> None:
        """Go to a box and type."""
        self.tab_to(box)
        self.page.keyboard.type(text)
        self.taps += 1
        self.letters += len(text)

    def choose(self, option: Locator) -> None:
        """Choose one of several: Tab leads to one of them, arrows to the others."""
        of_group = f"[name='{option.get_attribute('name')}']:not([type=hidden])"
        is_in = "(css) => document.activeElement.matches(css)"
        self._tab_until(lambda: self.page.evaluate(is_in, of_group), of_group)
        self.press("Space")
        for _ in range(self.page.locator(of_group).count()):
            if option.is_checked():
                break
            self.press("ArrowDown")
        assert option.is_checked()
        self.taps += 1

    def skip(self) -> None:
        """Skip the links at the top, as the first stop of every page allows."""
        self.press("Tab")
        self.press("Enter")

    def follow(self, link: Locator) -> None:
        """Go to a link or a button, press it and wait for the next page."""
        self.tab_to(link)
        self.taps += 1
        self.enter()

    def enter(self) -> None:
        """Press Enter and wait for the next page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
