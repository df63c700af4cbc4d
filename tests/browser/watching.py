"""What no page may ever do: keep somebody out, scroll sideways, complain, or reach another machine."""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, ViewportSize

#: What WCAG 2.2 asks at levels A and AA.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
RUN_AXE = """
async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.html) }));
}
"""

#: How far the page sticks out of the window, and what of it does, as the beginning of its markup.
STICKING_OUT = """
() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter(
    (one) => one.getBoundingClientRect().right > page.clientWidth + 0.5);
  const said = out.slice(0, 8).map((one) => one.outerHTML.slice(0, 120));
  return [`${page.scrollWidth} of ${page.clientWidth} px`, ...said];
}
"""

#: A window of 1280 px at 400 %.
ZOOMED: ViewportSize = {"width": 320, "height": 256}

#: Chromium says so of every page of such a status; whether one may have it is decided elsewhere.
_SAYS_STATUS = "Failed to load resource: the server responded with a status of"


@dataclass
class Watch:
    """Remembers what went wrong in one browser while somebody worked with it."""

    home: str
    complaints: list[str] = field(default_factory=list)
    pages_seen: int = 0

    def over(self, context: BrowserContext) -> None:
        """Watch every page that is opened in a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script failed: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def look(self, page: Page, *, at_widths: tuple[ViewportSize, ...] = (ZOOMED,)) -> None:
        """Check the page shown with axe, and that it scrolls sideways neither as it is nor zoomed in."""
        self.pages_seen += 1
        self._axe(page)
        self._sideways(page)
        usual = page.viewport_size
        assert usual is not None
        for size in at_widths:
            page.set_viewport_size(size)
            self._sideways(page)
        page.set_viewport_size(usual)

    def all_is_well(self) -> None:
        """Fail with everything that went wrong."""
        assert self.complaints == [], "\n" + "\n".join(self.complaints)

    def _axe(self, page: Page) -> None:
        if not page.evaluate("Boolean(window.axe)"):
            page.evaluate(AXE_SCRIPT)
        violations: list[dict[str, Any]] = page.evaluate(RUN_AXE, STANDARD)
        self.complaints += [
            f"{_where(page)}: axe {one['id']}, {one['help']}: {one['at'][:3]}" for one in violations
        ]

    def _sideways(self, page: Page) -> None:
        found = page.evaluate(STICKING_OUT)
        if found:
            width = (page.viewport_size or ZOOMED)["width"]
            self.complaints.append(f"{_where(page)} scrolls sideways at {width} px: " + "\n    ".join(found))

    def _console(self, message: ConsoleMessage) -> None:
        """A violation of the content security policy is an error of the console too."""
        if message.type in {"error", "warning"} and not message.text.startswith(_SAYS_STATUS):
            self.complaints.append(f"console at {message.location.get('url')}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        """A page may answer 422 to what was typed; nothing else may be refused."""
        asked = response.request
        # The worker that looks after pages without signal asks on the page's behalf.
        is_form = (asked.service_worker or asked.is_navigation_request()) and asked.method == "POST"
        if response.status >= 400 and not (is_form and response.status == 422):
            self.complaints.append(f"status {response.status}: {response.request.method} {response.url}")


def _where(page: Page) -> str:
    return f"{page.url.partition('//')[2].partition('/')[2] or 'home'} “{page.title()}”"
