"""Without JavaScript everything is still there, and a double click is still one deed."""

from playwright.sync_api import Browser, ViewportSize

from tests.browser.desk import sit_down
from tests.browser.serving import Installation
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import ODD_NAME, Team, cara_case
from tests.factories.records import is_whole, times_audited


def test_register_submitted_twice_without_scripts_is_one(
    installation: Installation, team: Team, browser: Browser, watch: Watch, screen: ViewportSize
) -> None:
    with installation.app.app_context():
        case = cara_case(team)
    installation.move_to("2026-09-12 15:10")
    desk = sit_down(browser, watch, screen, scripts=False)
    desk.sign_in(installation.username_of(team.facilitator), PASSWORD)
    desk.go("My sessions")
    desk.follow("Open register")
    desk.choose(ODD_NAME, "Absent")
    desk.press("Submit register", twice=True)
    desk.sees("One absence.", "Victim safety was told at 3.10pm")
    with installation.app.app_context():
        assert times_audited("register.submitted") == times_audited("flag.raised") == 1
        assert times_audited("mark.made", enrolment_id=case.enrolment_id) <= 1
        assert is_whole()
