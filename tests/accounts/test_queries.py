from datetime import date

import pytest

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import (
    is_on_leave,
    leave_of,
    possible_deputies,
    staff_by_username,
    staff_with_role,
    stand_in,
)
from programme_tracker.accounts.services import disable_staff, record_leave, set_deputy
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.clock import SettableClock
from tests.factories.accounts import make_staff

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.each_store]

FIRST, LAST = date(2026, 9, 7), date(2026, 9, 11)


@pytest.fixture
def worker(clock: SettableClock) -> Staff:
    """Give a worker with a deputy, away from Monday to Friday."""
    staff, deputy = make_staff(Role.VICTIM_SAFETY), make_staff(Role.VICTIM_SAFETY)
    set_deputy(staff.id, deputy.id, actor=SYSTEM, now=clock.now())
    record_leave(staff.id, FIRST, LAST, actor=SYSTEM, now=clock.now())
    return staff


def test_staff_by_username_in_any_case() -> None:
    staff = make_staff(username="sam.example")
    assert staff_by_username(" SAM.Example") is staff
    assert staff_by_username("nobody") is None


def test_staff_with_role_counts_second_roles_but_no_disabled_accounts(clock: SettableClock) -> None:
    one = make_staff(Role.FACILITATOR, name="Ann")
    both = make_staff(Role.CASEWORKER, also_role=Role.FACILITATOR, name="Bea")
    gone = make_staff(Role.FACILITATOR, name="Cy")
    disable_staff(gone.id, actor=SYSTEM, now=clock.now())
    assert staff_with_role(Role.FACILITATOR) == [one, both]
    assert staff_with_role(Role.CASEWORKER) == [both]


def test_is_on_leave_on_both_ends_and_not_around_them(worker: Staff) -> None:
    days = [date(2026, 9, day) for day in (6, 7, 11, 12)]
    assert [is_on_leave(worker.id, day) for day in days] == [False, True, True, False]


def test_stand_in_is_oneself_when_there(worker: Staff) -> None:
    assert stand_in(worker.id, date(2026, 9, 6)) == worker.id


def test_stand_in_is_the_deputy_on_leave(worker: Staff) -> None:
    assert stand_in(worker.id, FIRST) == worker.deputy_id


def test_stand_in_is_nobody_when_the_deputy_is_away_too(worker: Staff, clock: SettableClock) -> None:
    assert worker.deputy_id is not None
    record_leave(worker.deputy_id, LAST, LAST, actor=SYSTEM, now=clock.now())
    assert stand_in(worker.id, LAST) is None


def test_stand_in_is_nobody_when_the_deputy_is_disabled(worker: Staff, clock: SettableClock) -> None:
    assert worker.deputy_id is not None
    disable_staff(worker.deputy_id, actor=SYSTEM, now=clock.now())
    assert stand_in(worker.id, FIRST) is None


def test_stand_in_is_the_deputy_of_a_disabled_account(worker: Staff, clock: SettableClock) -> None:
    disable_staff(worker.id, actor=SYSTEM, now=clock.now())
    assert stand_in(worker.id, date(2026, 9, 20)) == worker.deputy_id


def test_stand_in_is_nobody_without_a_deputy(clock: SettableClock) -> None:
    staff = make_staff()
    record_leave(staff.id, FIRST, LAST, actor=SYSTEM, now=clock.now())
    assert stand_in(staff.id, FIRST) is None
    assert stand_in(999, FIRST) is None


def test_leave_of_leaves_out_what_is_over(worker: Staff) -> None:
    assert len(leave_of(worker.id, LAST)) == 1
    assert leave_of(worker.id, date(2026, 9, 12)) == []


def test_possible_deputies_share_a_role_and_are_active(clock: SettableClock) -> None:
    staff = make_staff(Role.FACILITATOR, also_role=Role.CASEWORKER)
    colleague, gone = make_staff(Role.CASEWORKER), make_staff(Role.CASEWORKER)
    make_staff(Role.POLICE)
    disable_staff(gone.id, actor=SYSTEM, now=clock.now())
    assert possible_deputies(staff) == [colleague]
