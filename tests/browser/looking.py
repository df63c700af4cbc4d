"""What every page must be: for every eye, every hand, every width, and light."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from tests.browser.watching import RUN_AXE, STANDARD, STICKING_OUT

#: The most that a page weighs when nothing of it is known yet, as it comes over the line.
MOST_BYTES = 150_000

#: One main heading, none that skips a rank, what moves although less motion was asked for, what is too
#: small for a thumb, and what has the focus without showing it.
_FAULTS = """
(isPhone) => {
  const faults = [];
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
  const main = headings.filter((one) => one.tagName === "H1");
  if (main.length !== 1) faults.push(`${main.length} main headings`);
  let rank = 0;
  for (const one of headings) {
    const own = Number(one.tagName[1]);
    if (own > rank + 1) faults.push(`“${one.textContent.slice(0, 40)}” is of rank ${own} after ${rank}`);
    rank = own;
  }
  const moves = [...document.querySelectorAll("body *")].find((one) => {
    const look = getComputedStyle(one);
    const times = look.transitionDuration.split(", ").map(parseFloat);
    return look.animationName !== "none" || times.some((time) => time > 0);
  });
  if (moves) faults.push(`moves: ${moves.outerHTML.slice(0, 80)}`);
  const takes = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const stops = [...document.querySelectorAll(takes)].filter((one) => !one.disabled && shown(one));
  for (const one of stops) {
    one.focus({ preventScroll: true });
    if (document.activeElement !== one) continue;
    const drawn = [one, ...(one.labels || [])];
    const isRinged = drawn.some((part) => {
      const look = getComputedStyle(part);
      return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
    });
    if (!isRinged) faults.push(`shows no focus: ${one.outerHTML.slice(0, 100)}`);
    one.blur();
  }
  if (!isPhone) return faults;
  const pressed = stops.filter((one) => !one.matches("a:not(.btn), .visually-hidden, .skip-link"));
  for (const one of pressed) {
    const areas = [one, ...(one.labels || [])].map((part) => part.getBoundingClientRect());
    const height = Math.max(...areas.map((area) => area.height));
    if (height < 43.5) faults.push(`${height.toFixed(1)} px high: ${one.outerHTML.slice(0, 100)}`);
  }
  return faults;
}
"""

#: What the page and all that it asked for weigh as sent.
_WEIGHT = """
() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)
"""


@dataclass
class Look:
    """Looks at pages, and remembers what was wrong and the heaviest."""

    complaints: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)

    def at(self, page: Page, name: str, sizes: Sequence[ViewportSize], with_axe: Sequence[int]) -> None:
        """Look at the page shown at every size, with axe at these widths."""
        for size in sizes:
            page.set_viewport_size(size)
            found = [*page.evaluate(STICKING_OUT)]
            if size["width"] in with_axe:
                found += self._axe(page)
            if size is sizes[0]:
                found += page.evaluate(_FAULTS, size["width"] < 400)
            self.complaints += [f"{name} at {size['width']} px: {fault}" for fault in found]

    def weigh(self, page: Page, name: str) -> None:
        """Weigh the page shown."""
        weight = int(page.evaluate(_WEIGHT))
        self.weights[name] = weight
        if weight > MOST_BYTES:
            self.complaints.append(f"{name} weighs {weight} bytes")

    def _axe(self, page: Page) -> list[str]:
        if not page.evaluate("Boolean(window.axe)"):
            page.evaluate(AXE_SCRIPT)
        found: list[dict[str, Any]] = page.evaluate(RUN_AXE, STANDARD)
        return [f"axe {one['id']}, {one['help']}: {one['at'][:3]}" for one in found]
