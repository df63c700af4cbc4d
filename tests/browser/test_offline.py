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


def test_page_with_names_keeps_its_marks_and_sends_them_when_signal_is_back(phone: Phone) -> None:
    phone.open_register()
    phone.mark("Ali Example", "Attended")
    with phone.without_signal():
        phone.mark(ODD_NAME, "Absent")
        phone.says("No signal. 2 of 3 marked, kept on this phone.")
        phone.submit()
        phone.says("1 person is not complete. Nothing was submitted.")
        phone.mark("Zoë Ångström-Öz", "Attended")
        phone.page.get_by_role("button", name="Submit register").dblclick()
        phone.says("3 marks not sent yet. No signal: they go by themselves.")
        phone.look("named-waiting")
        phone.page.reload()
        phone.says("3 marks not sent yet")
        expect(phone.page.get_by_role("group", name="S.O.")).to_be_visible()
    phone.says("Sent 10.10am, receipt 1.")
    first, second, third = phone.evening.men
    assert phone.evening.standing() == {first: "absent", second: "attended", third: "attended"}


def test_signal_that_goes_while_submitting_leaves_the_page_without_signal_and_no_mark_behind(
    phone: Phone,
) -> None:
    # A phone that believes it has signal: the form goes off and nothing answers.
    phone.page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    phone.open_register()
    phone.mark_all("Attended", "Absent", "Attended", named=True)
    with phone.without_signal():
        phone.submit()
        phone.says("Initials and references only", "3 marks not sent yet")
        assert phone.unsent() == 3
    phone.page.reload()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Register submitted:", timeout=20_000)
    assert phone.unsent() == 0
    assert len(phone.evening.standing()) == 3


def test_nothing_readable_is_kept_and_nothing_at_all_after_signing_out(phone: Phone) -> None:
    phone.open_register()
    phone.mark("Ali Example", "Attended")
    stored = phone.stored()
    for secret in ("Ali", "Łukasz", "S.O.", "P000001", "attended", "CARA", "extractable: true", "Fay"):
        assert secret not in stored, secret
    assert "extractable: false" in stored
    phone.page.goto(phone.evening.installation.address + "/today")
    phone.says("1 mark not sent yet.", "It is kept on this phone; the register was not submitted.")
    phone.look("today-marked")
    leave(phone)
    question = phone.page.get_by_role("alertdialog")
    expect(question).to_contain_text("1 mark not sent yet")
    phone.look("leaving")
    phone.page.get_by_role("button", name="Stay signed in").last.click()
    expect(question).to_be_hidden()
    assert phone.unsent() == 1
    leave(phone)
    phone.page.get_by_role("button", name="Delete 1 mark and sign out").click()
    expect(phone.page.get_by_label("Sign-in name")).to_be_visible()
    assert phone.evaluates("Promise.all(['vaults', 'sheets'].map(Offline.store.all)).then(String)") == ","


def leave(phone: Phone) -> None:
    """Press Sign out, in the menu."""
    sign_out = phone.page.get_by_role("button", name="Sign out", exact=True).last
    if not sign_out.is_visible():
        phone.page.get_by_text("Menu", exact=True).click()
    sign_out.click()
