"""A facilitator's evening on a weak connection: what comes over the air, and how many taps it takes.

Seconds are printed (``pytest -s``) and kept in docs/offline.md; on a shared machine they prove nothing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import PHONE
from tests.browser.phones import Evening, begun
from tests.browser.serving import Installation
from tests.factories.accounts import PASSWORD
from tests.factories.cases import ODD_NAME, Team

#: What browsers' tools call "slow 3G": 400 kbit/s both ways, and 400 ms for every way there and back.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}

#: No page weighs more on a first visit; the files it shares with the one before come only once.
FIRST, LATER = 150_000, 60_000


@dataclass
class Journey:
    """One phone on a weak connection: every step with its seconds and bytes, and the taps."""

    page: Page
    steps: list[tuple[str, float, int]] = field(default_factory=list)
    taps: int = 0
    _bytes: int = 0

    def begin(self) -> None:
        """Slow the connection down and count what comes."""
        tools = self.page.context.new_cdp_session(self.page)
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", SLOW)
        tools.on("Network.loadingFinished", lambda told: self._count(int(told["encodedDataLength"])))

    def _count(self, number: int) -> None:
        self._bytes += number

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what leads to another page, until that is there."""
        self._bytes, started = 0, perf_counter()
        yield
        self.page.wait_for_load_state("load")
        self.steps.append((name, perf_counter() - started, self._bytes))

    def tap(self, role: str, name: str | re.Pattern[str]) -> None:
        """Tap something, and count it."""
        self.taps += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # a role's name

    def heading(self, text: str) -> None:
        """Wait for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text, timeout=60_000)


@pytest.fixture
def evening(installation: Installation, team: Team) -> Evening:
    """Give a session of three that began ten minutes ago."""
    return begun(installation, team)


def test_register_on_a_weak_connection_takes_few_taps_and_little_air(
    browser: Browser, evening: Evening
) -> None:
    # The worker's own requests are not slowed down by the browser's tools, so it stays out of this.
    context = browser.new_context(viewport=PHONE, service_workers="block")
    context.set_default_timeout(60_000)
    journey = Journey(context.new_page())
    journey.begin()
    page = journey.page
    with journey.step("sign-in page"):
        page.goto(evening.installation.address)
    page.get_by_label("Sign-in name").fill(evening.installation.username_of(evening.team.facilitator))
    page.get_by_label("Password").fill(PASSWORD)
    with journey.step("Today"):
        journey.tap("button", re.compile("^Sign in$"))
        journey.heading("Today")
    with journey.step("register"):
        journey.tap("link", re.compile("^Open register"))
        journey.heading("Register:")
    for name in ("Ali Example", ODD_NAME, "Zoë Ångström-Öz"):
        page.get_by_role("group", name=name, exact=True).get_by_label("Attended", exact=True).check()
        journey.taps += 1
    with journey.step("receipt"):
        journey.tap("button", "Submit register")
        journey.heading("Register submitted:")
    context.close()
    for name, seconds, number in journey.steps:
        print(f"{name}: {seconds:.1f} s, {number / 1000:.0f} kB")  # noqa: T201 - the figures
    print(f"{journey.taps} taps, {sum(step[1] for step in journey.steps):.1f} s of waiting")  # noqa: T201 - the figures
    # Sign in, open, one tap a person, submit.
    assert journey.taps == 3 + 3
    (_, _, first), *later = journey.steps
    assert first < FIRST
    assert [step for step in later if step[2] > LATER] == []
    assert len(evening.standing()) == 3
