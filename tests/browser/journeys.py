"""Each role's main journey with the keyboard alone, from Today on: counted, for ``docs/journeys.md``.

``python -m tests.browser.journeys`` writes the file.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from programme_tracker.kernel.actor import Role
from tests.browser.desk import DESKTOP
from tests.browser.keyboard import Keyboard
from tests.browser.serving import listening
from tests.chromium import chromium_path
from tests.web.policy.scene import Scene, make_scene

FILE = Path(__file__).resolve().parents[2] / "docs" / "journeys.md"

#: Seconds that people take, of the keystroke-level model: to think of a step and touch something, and
#: to type a letter. Measured ones of a machine say nothing about a person.
THINK_AND_TOUCH, LETTER = 2.4, 0.28


@dataclass(frozen=True)
class Journey:
    """One journey: what it does, from Today to what says that it is done, and the most it may take."""

    role: Role
    title: str
    walk: Callable[[Keyboard], None]
    most_taps: int


@dataclass(frozen=True)
class Measured:
    """What a journey took: touches or keys of a person, and seconds of the machine."""

    journey: Journey
    taps: int
    keys: int
    letters: int
    seconds: float

    @property
    def persons_seconds(self) -> int:
        """Estimate what a practised person takes."""
        return round(self.taps * THINK_AND_TOUCH + self.letters * LETTER)


def _told(keyboard: Keyboard, words: str) -> None:
    expect(keyboard.page.get_by_role("status").first).to_contain_text(words)


def _to(keyboard: Keyboard, path: str) -> None:
    """Skip the frame and follow the page's first link to such a page."""
    keyboard.skip()
    keyboard.follow(keyboard.page.locator(f"main a[href*='{path}']").first)


def _press(keyboard: Keyboard, button: str, *, from_top: bool = False) -> None:
    if from_top:
        keyboard.skip()
    keyboard.follow(keyboard.page.get_by_role("main").get_by_role("button", name=button).first)


def submit_register(keyboard: Keyboard) -> None:
    """Mark everybody of the register that waits, and submit."""
    _to(keyboard, "/register")
    keyboard.skip()
    for row in keyboard.page.locator("main fieldset:has(input[value=attended])").all():
        keyboard.choose(row.locator("input[value=attended]"))
    _press(keyboard, "Submit register")
    _told(keyboard, "Register submitted.")


def acknowledge_and_decide(keyboard: Keyboard) -> None:
    """Read an alert of a missed workshop, acknowledge it, and decide that the others are told."""
    keyboard.skip()
    row = keyboard.page.locator("main li").filter(has_text="Jonah")
    keyboard.follow(row.locator("a[href*='/notices/']").first)
    _press(keyboard, "Acknowledge notice", from_top=True)
    _told(keyboard, "Notice acknowledged.")
    keyboard.skip()
    keyboard.choose(keyboard.page.locator("main input[value=proceed]"))
    _press(keyboard, "Save decision")
    _told(keyboard, "Decision saved.")


def book(keyboard: Keyboard) -> None:
    """Find somebody by a part of their name and book them on part A."""
    keyboard.write_into(keyboard.page.locator("input[type=search]:visible"), "Tariq")
    keyboard.enter()
    _to(keyboard, "/enrolments/")
    keyboard.follow(keyboard.page.locator("main a[href$='/book']").first)
    _press(keyboard, "Book part A", from_top=True)
    _told(keyboard, "booked for")


def decide_for_police(keyboard: Keyboard) -> None:
    """Enter what police decided on a breach."""
    _to(keyboard, "/police-decision")
    keyboard.skip()
    keyboard.choose(keyboard.page.locator("main input[value=excused]"))
    _press(keyboard, "Save the decision")
    _told(keyboard, "ecision")


def sign_a_hold(keyboard: Keyboard) -> None:
    """Decide on a hold that victim safety asked for."""
    keyboard.skip()
    keyboard.follow(keyboard.page.get_by_role("main").get_by_role("link", name="Sign or decline").first)
    _press(keyboard, "Sign the hold", from_top=True)
    _told(keyboard, "old")


def record_a_review(keyboard: Keyboard) -> None:
    """Write down what was done about somebody who is monitored."""
    keyboard.follow(keyboard.page.locator("nav[aria-label=Main] a[href='/monitoring/']"))
    _to(keyboard, "/monitoring/")
    keyboard.skip()
    box = keyboard.page.locator("main form textarea").first
    keyboard.write_into(box, "Visited with the neighbourhood team. Nothing new.")
    _press(keyboard, "Save review")
    _told(keyboard, "eview")


def open_an_account(keyboard: Keyboard) -> None:
    """Add a caseworker and get the one-time password to read out."""
    keyboard.follow(keyboard.page.locator("nav[aria-label=Main] a[href='/staff/']"))
    _to(keyboard, "/staff/new")
    keyboard.skip()
    page = keyboard.page
    keyboard.write_into(page.locator("main input[name=name]"), "Seán Newcomer")
    keyboard.write_into(page.locator("main input[name=username]"), "sean")
    keyboard.choose(page.locator("main input[value=caseworker]"))
    _press(keyboard, "Add account")
    expect(page.get_by_role("main")).to_contain_text("password")


JOURNEYS = (
    Journey(Role.FACILITATOR, "Takes a register of two people", submit_register, 4),
    Journey(Role.CASEWORKER, "Finds somebody and books part A", book, 4),
    Journey(Role.VICTIM_SAFETY, "Acknowledges an alert and decides", acknowledge_and_decide, 4),
    Journey(Role.POLICE, "Enters the decision on a breach", decide_for_police, 3),
    Journey(Role.ENFORCEMENT, "Writes down a review of monitoring", record_a_review, 4),
    Journey(Role.MANAGER, "Signs a hold", sign_a_hold, 2),
    Journey(Role.ADMIN, "Opens an account", open_an_account, 6),
)


def measure(journey: Journey, scene: Scene, home: str, browser: Browser) -> Measured:
    """Make a journey on the scene, which keeps what it wrote."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", viewport=DESKTOP)
    token = scene.of_role(journey.role)[0].token
    context.add_cookies([{"name": "pt_sign_in", "value": token, "url": home}])
    page = context.new_page()
    page.goto(f"{home}/today")
    keyboard, began = Keyboard(page), time.monotonic()
    journey.walk(keyboard)
    seconds = time.monotonic() - began
    context.close()
    return Measured(journey, keyboard.taps, keyboard.keys, keyboard.letters, seconds)


def as_page(found: list[Measured]) -> str:
    """Return the text of the file."""
    lines = [
        "# Journeys, counted",
        "",
        "Each role's main journey on the demo's data, from Today until the page says that it is done, with "
        "the keyboard alone in a browser. `make journeys` takes the figures anew; the tests make the same "
        "journeys and fail when one takes more touches than before.",
        "",
        "- **Touches**: links, boxes, choices and buttons, which is what a thumb or a mouse does.",
        "- **Keys**: Tab, Enter, Space and arrows of somebody who uses no pointer; **letters** come besides.",
        f"- **A person**: seconds by the keystroke-level model, {THINK_AND_TOUCH} for each touch with the "
        f"thought before it and {LETTER} for a letter. **The machine**: seconds of browser and server.",
        "",
        "| Role | Journey | Touches | Keys | Letters | A person | The machine |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.journey.role.value.replace('_', ' ')} | {one.journey.title} | {one.taps} | {one.keys} | "
        f"{one.letters} | {one.persons_seconds} s | {one.seconds:.1f} s |"
        for one in found
    ]
    return "\n".join(lines) + "\n"


def write_page() -> None:
    """Make every journey and write the file."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        scene = make_scene(Path(folder) / "own", Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        with listening(scene.app) as home:
            found = [measure(journey, scene, home, browser) for journey in JOURNEYS]
        browser.close()
    FILE.write_text(as_page(found), encoding="utf-8")


if __name__ == "__main__":
    write_page()
