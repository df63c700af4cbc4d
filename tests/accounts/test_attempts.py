from datetime import timedelta

import pytest
from sqlalchemy import select

from programme_tracker.accounts import sessions
from programme_tracker.accounts.attempts import AddressWaitsError, check_address, count_refusal
from programme_tracker.accounts.models import SignInAddress
from programme_tracker.accounts.rules import FREE_ATTEMPTS_OF_ADDRESS
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from tests.factories.accounts import PASSWORD, make_staff

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.each_store]

ADDRESS = "203.0.113.9"


def refuse(clock: SettableClock, address: str | None = ADDRESS, times: int = 1) -> None:
    for _ in range(times):
        count_refusal(address, now=clock.now())


def test_address_waits_longer_each_time_after_twenty_refusals(clock: SettableClock) -> None:
    refuse(clock, times=FREE_ATTEMPTS_OF_ADDRESS)
    check_address(ADDRESS, now=clock.now())
    for seconds in (30, 60, 120):
        refuse(clock)
        clock.advance(timedelta(seconds=seconds - 1))
        with pytest.raises(AddressWaitsError):
            check_address(ADDRESS, now=clock.now())
        clock.advance(timedelta(seconds=1))
        check_address(ADDRESS, now=clock.now())


def test_address_that_waits_refuses_every_name_alike(clock: SettableClock) -> None:
    make_staff(username="sam")
    names = ("nobody", "sam")
    for number in range(FREE_ATTEMPTS_OF_ADDRESS + 1):
        with pytest.raises(sessions.SignInRefusedError):
            sessions.sign_in(
                names[number % 2] + str(number),
                "wrong",
                now=clock.now(),
                longest=timedelta(1),
                address=ADDRESS,
            )
    for name in names:
        with pytest.raises(AddressWaitsError):
            sessions.sign_in(name, PASSWORD, now=clock.now(), longest=timedelta(1), address=ADDRESS)
    assert sessions.sign_in("sam", PASSWORD, now=clock.now(), longest=timedelta(1), address="198.51.100.7")


def test_address_is_stored_as_a_keyed_digest_and_forgotten_after_a_day(clock: SettableClock) -> None:
    refuse(clock)
    row = db.session.scalars(select(SignInAddress)).one()
    assert ADDRESS not in row.address_index
    clock.advance(timedelta(days=1, seconds=1))
    refuse(clock, "198.51.100.7")
    assert [one.failed_sign_ins for one in db.session.scalars(select(SignInAddress))] == [1]


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "::1"])
def test_own_machine_is_never_made_to_wait(clock: SettableClock, address: str | None) -> None:
    refuse(clock, address, times=FREE_ATTEMPTS_OF_ADDRESS + 5)
    check_address(address, now=clock.now())


def test_addresses_of_one_ipv6_home_count_as_one(clock: SettableClock) -> None:
    for number in range(FREE_ATTEMPTS_OF_ADDRESS + 1):
        refuse(clock, f"2001:db8:1:2::{number:x}")
    with pytest.raises(AddressWaitsError):
        check_address("2001:db8:1:2:ffff::1", now=clock.now())
    check_address("2001:db8:1:3::1", now=clock.now())
