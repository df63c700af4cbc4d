"""A facilitator's phone that loses its signal: what it keeps, and what it shows."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from programme_tracker.attendance.queries import marks_of_session
from tests.browser.desk import PHONE, Desk, sit_down
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import ODD_NAME, Team, cara_case, sam

#: What a browser without signal says by itself of every request; nothing else may be complained of.
_NO_SIGNAL = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION|status (401|404|409|422)\b")

_WAIT_FOR_KEPT = """
async (number) => {
  await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 200; tries += 1) {
    const rows = await Offline.store.all("sheets");
    if (rows.length >= number && (await caches.match("/offline/"))) return rows.length;
    await new Promise((go) => { setTimeout(go, 25); });
  }
  return -1;
}
"""

_EVERYTHING = """
async () => {
  const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? String.fromCharCode(...new Uint8Array(value.buffer || value)) : value;
  const kept = [];
  for (const kind of ["vaults", "sheets"]) {
    for (const row of await Offline.store.all(kind)) {
      kept.push(JSON.stringify(row, (name, value) => text(value)));
      if (row.key) kept.push(`extractable: ${row.key.extractable}`);
    }
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (/static/.test(request.url)) continue;
      const page = await (await cache.match(request)).text();
      kept.push(page.replace(/<template[^]*?<.template>/g, ""));
    }
  }
  return kept.join("\\n") + JSON.stringify(localStorage) + JSON.stringify(sessionStorage);
}
"""


@dataclass(frozen=True)
class Evening:
    """A session that has begun, with three men on it, as ids."""

    installation: Installation
    team: Team
    session_id: int
    men: tuple[int, int, int]

    @property
    def address(self) -> str:
        """Where its register is."""
        return f"{self.installation.address}/sessions/{self.session_id}/register"

    def standing(self) -> dict[int, str]:
        """Return the outcomes that the service has."""
        with self.installation.app.app_context():
            return {mark.enrolment_id: mark.outcome for mark in marks_of_session(self.session_id)}


def begun(installation: Installation, team: Team, wall: str = "2026-09-12 10:10") -> Evening:
    """Book three men on a workshop, and go to ten minutes after its start."""
    with installation.app.app_context():
        first = cara_case(team)
        both = (first.session_a_id, first.session_b_id)
        others = [
            cara_case(team, person=sam(name=name, mobile=f"07700 90010{number}"), sessions=both).enrolment_id
            for number, name in ((2, "Ali Example"), (3, "Zoë Ångström-Öz"))
        ]
    installation.move_to(wall)
    return Evening(installation, team, first.session_a_id or 0, (first.enrolment_id, others[0], others[1]))


@dataclass(frozen=True)
class Phone:
    """A facilitator's phone."""

    desk: Desk
    evening: Evening

    @property
    def page(self) -> Page:
        """The page it shows."""
        return self.desk.page

    def keeps(self, number: int = 1) -> None:
        """Wait until the page without signal and so many registers are on the phone."""
        assert self.page.evaluate(_WAIT_FOR_KEPT, number) >= number

    @contextmanager
    def without_signal(self) -> Iterator[None]:
        """Lose the signal until the end of the block."""
        self.page.context.set_offline(True)
        yield
        self.page.context.set_offline(False)

    def open_register(self) -> None:
        """Go to the register's address, with or without signal."""
        self.page.goto(self.evening.address)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Register:")

    def mark(self, who: str, outcome: str) -> None:
        """Tap an outcome beside a name, or beside initials."""
        row = self.page.get_by_role("group", name=who, exact=True)
        row.get_by_label(outcome, exact=True).check()

    def mark_all(self, *outcomes: str, named: bool = False) -> None:
        """Mark the three men, in the order of their names."""
        names = ("Ali Example", ODD_NAME, "Zoë Ångström-Öz") if named else ("A.E.", "S.O.", "Z.Å.")
        for who, outcome in zip(names, outcomes, strict=True):
            self.mark(who, outcome)

    def submit(self) -> None:
        """Press the button at the foot."""
        self.page.get_by_role("button", name=re.compile("^Submit register")).click()

    def says(self, *texts: str) -> None:
        """Wait until the page's own part says these."""
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def unsent(self) -> int:
        """Return how many marks wait on the phone."""
        return int(
            self.page.evaluate(
                "Offline.store.all('sheets').then((all) => all.reduce((sum, row) => sum + row.count, 0))"
            )
        )

    def stored(self) -> str:
        """Return everything the browser keeps of this site but files that are the same for everybody."""
        return str(self.page.evaluate(_EVERYTHING))

    def evaluates(self, script: str, *given: Any) -> Any:
        """Run a script in the page."""
        return self.page.evaluate(script, *given)

    def look(self, name: str) -> None:
        """Look at the page as everybody must be able to; TEST_PICTURES names a folder to keep pictures in."""
        self.desk.watch.look(self.page)
        folder = os.environ.get("TEST_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def take_phone(browser: Browser, evening: Evening, who: str = "facilitator") -> Phone:
    """Sign a member of the team in on a phone, and wait until it keeps what it must."""
    desk = sit_down(browser, Watch(evening.installation.address), PHONE)
    desk.sign_in(evening.installation.username_of(getattr(evening.team, who)), PASSWORD)
    phone = Phone(desk, evening)
    phone.keeps()
    return phone


def all_is_well(phone: Phone) -> None:
    """Fail with everything that was wrong on the phone's pages, but that there was no signal."""
    complaints = [one for one in phone.desk.watch.complaints if not _NO_SIGNAL.search(one)]
    assert complaints == [], "\n" + "\n".join(complaints)
