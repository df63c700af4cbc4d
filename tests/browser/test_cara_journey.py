"""One man's way through CARA, in a browser, from the officer's referral to the notice withdrawn."""

import re
from collections import Counter

from tests.browser import cara_steps as steps
from tests.browser.conftest import SignsIn
from tests.browser.desk import Desk
from tests.browser.serving import Installation
from tests.factories.records import events, is_whole

#: What nobody who picks up his phone may learn from it.
TELLING = (
    "cara",
    "workshop",
    "police",
    "caution",
    "offence",
    "partner",
    "invented house",
    "programme",
    "sam",
)

#: How often each deed is in the trail when no button did anything twice.
TIMES = {
    "referral.received": 1,
    "referral.decided": 1,
    "session.added": 2,
    "booking.made": 2,
    "register.submitted": 2,
    "case.decided": 1,
    "correction.requested": 1,
    "correction.decided": 1,
    "notice.acknowledged": 4,
}


def test_cara_journey_from_referral_to_correction(installation: Installation, signs_in: SignsIn) -> None:
    officer, caseworker, worker = signs_in("officer"), signs_in("lead"), signs_in("worker")
    _arrange(officer, caseworker, worker)
    installation.move_to("2026-09-11 12:00")
    _texts_are_discreet(steps.read_phone(caseworker))
    facilitator = signs_in("facilitator")
    _attend_a(installation, facilitator)
    _miss_b(installation, facilitator)
    steps.answer_alert(worker)
    steps.acknowledge(officer, steps.NAME, steps.REFERENCE, "Not attended")
    steps.ask_correction(facilitator)
    steps.approve_correction(signs_in("manager"))
    steps.acknowledge(worker, steps.NAME, "recorded in error")
    steps.acknowledge(officer, steps.NAME, steps.REFERENCE, "recorded in error")
    _is_completed(officer, caseworker)
    _nothing_happened_twice(installation)


def _arrange(officer: Desk, caseworker: Desk, worker: Desk) -> None:
    steps.refer(officer)
    caseworker.go("Today")
    steps.accept(caseworker)
    worker.go("Today")
    steps.sign_off(worker)
    steps.book_both(caseworker)


def _texts_are_discreet(texts: list[str]) -> None:
    assert [text.split()[0] for text in texts].count("Reminder:") == 3
    for text in texts:
        assert re.search(r"(Sat|Sun) \d+ (Sep|Oct) 10am\. .*Queries \d+", text)
        assert [word for word in TELLING if word.casefold() in text.casefold()] == []


def _attend_a(installation: Installation, facilitator: Desk) -> None:
    installation.move_to("2026-09-12 15:10")
    steps.fill_register(facilitator, "Attended")
    facilitator.sees("No absence.")


def _miss_b(installation: Installation, facilitator: Desk) -> None:
    installation.move_to("2026-10-10 15:10")
    steps.fill_register(facilitator, "Absent")
    facilitator.sees(
        "One absence.", "Victim safety was told at 3.10pm; the officer is told by Mon 12 Oct, 5pm."
    )


def _is_completed(officer: Desk, caseworker: Desk) -> None:
    officer.go("Referrals")
    officer.follow(steps.NAME)
    officer.sees_not("Not attended", "Police are asked to decide")
    steps.find(caseworker, "brien-łuk")
    caseworker.sees("Completed")


def _nothing_happened_twice(installation: Installation) -> None:
    """Every button that mattered was pressed twice."""
    with installation.app.app_context():
        counted = Counter(events())
        assert {name: counted[name] for name in TIMES} == TIMES
        assert is_whole()
