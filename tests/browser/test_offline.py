"""The register without signal, in a real browser: opened, marked, submitted, kept, sent, and never lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.phones import Evening, Phone, all_is_well, begun, take_phone
from tests.browser.serving import Installation
from tests.factories.cases import ODD_NAME, Team
from tests.factories.records import is_whole, times_audited


@pytest.fixture
def evening(installation: Installation, team: Team) -> Evening:
    """Give a session that began ten minutes ago."""
    return begun(installation, team)


@pytest.fixture
def phone(browser: Browser, evening: Evening) -> Iterator[Phone]:
    """Give the facilitator's phone, signed in, with tonight's register on it."""
    made = take_phone(browser, evening)
    yield made
    made.page.context.close()
    all_is_well(made)


def test_register_is_opened_marked_submitted_and_reloaded_without_signal_and_sent_after(phone: Phone) -> None:
    evening = phone.evening
    with phone.without_signal():
        phone.open_register()
        phone.says("Initials and references only", "0 of 3 marked")
        phone.look("open")
        phone.mark_all("Attended", "Absent", "Attended")
        phone.submit()
        phone.says("3 marks not sent yet", "No signal.")
        phone.page.reload()
        phone.says("3 marks not sent yet")
        expect(
            phone.page.get_by_role("group", name="S.O.").get_by_label("Absent", exact=True)
        ).to_be_checked()
        phone.look("waiting")
        assert phone.unsent() == 3
        assert evening.standing() == {}
    phone.says("Sent 10.10am, receipt 1.", "Nothing of this register is left on this phone.")
    phone.look("sent")
    first, second, third = evening.men
    assert evening.standing() == {first: "absent", second: "attended", third: "attended"}
    assert phone.unsent() == 0
    phone.page.get_by_role("link", name="Open the receipt").click()
    phone.says("What followed", ODD_NAME)
    with evening.installation.app.app_context():
        assert times_audited("register.submitted") == 1
        assert is_whole()
