from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from programme_tracker.accounts import services, sessions
from programme_tracker.accounts.models import SignInSession, Staff
from programme_tracker.accounts.passwords import is_outdated, is_password
from programme_tracker.accounts.queries import live_sessions, signed_in
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from tests.factories.accounts import PASSWORD, make_staff

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.each_store]

IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=10)


def enter(clock: SettableClock, username: str, password: str = PASSWORD) -> sessions.SignedIn:
    return sessions.sign_in(username, password, now=clock.now(), longest=LONGEST)


def is_open(token: str, clock: SettableClock) -> bool:
    return signed_in(token, now=clock.now(), idle=IDLE) is not None


def fail(clock: SettableClock, staff: Staff, times: int) -> None:
    for _ in range(times):
        with pytest.raises(sessions.SignInRefusedError):
            enter(clock, staff.username, "wrong")


def test_sign_in_opens_a_session_and_keeps_only_the_tokens_hash(clock: SettableClock) -> None:
    staff = make_staff(username="sam")
    entered = enter(clock, " SAM ")
    assert entered.staff_id == staff.id
    assert is_open(entered.token, clock)
    row = db.session.scalars(select(SignInSession)).one()
    assert entered.token not in {str(value) for value in vars(row).values()}


def test_sign_in_opens_another_session_each_time(clock: SettableClock) -> None:
    make_staff(username="sam")
    assert enter(clock, "sam").token != enter(clock, "sam").token


@pytest.mark.parametrize(("username", "password"), [("sam", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_sign_in_refused_is_audited_without_what_was_typed(
    clock: SettableClock, username: str, password: str
) -> None:
    make_staff(username="sam")
    with pytest.raises(sessions.SignInRefusedError):
        enter(clock, username, password)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.event == "sign_in_refused"
    typed: set[Any] = {username, password} - {""}
    assert not typed & set(map(str, entry.detail.values()))


def test_sign_in_refused_when_disabled(clock: SettableClock) -> None:
    staff = make_staff(is_active=False)
    with pytest.raises(sessions.SignInRefusedError):
        enter(clock, staff.username)


def test_sign_in_locks_after_five_wrong_passwords_even_for_the_right_one(clock: SettableClock) -> None:
    staff = make_staff()
    fail(clock, staff, 5)
    with pytest.raises(sessions.SignInRefusedError):
        enter(clock, staff.username)
    clock.advance(timedelta(seconds=29))
    with pytest.raises(sessions.SignInRefusedError):
        enter(clock, staff.username)
    clock.advance(timedelta(seconds=1))
    enter(clock, staff.username)
    assert (staff.failed_sign_ins, staff.locked_until) == (0, None)


def test_sign_in_lock_grows_and_is_not_stretched_by_trying_meanwhile(clock: SettableClock) -> None:
    staff = make_staff()
    fail(clock, staff, 5)
    clock.advance(timedelta(seconds=30))
    fail(clock, staff, 1)
    locked_until = staff.locked_until
    assert locked_until == clock.now() + timedelta(seconds=60)
    fail(clock, staff, 3)
    assert staff.locked_until == locked_until


def test_sign_in_rehashes_when_the_parameters_changed(clock: SettableClock) -> None:
    staff = make_staff()
    staff.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    db.session.commit()
    enter(clock, staff.username)
    assert not is_outdated(staff.password_hash)
    enter(clock, staff.username)


def test_sign_in_refused_when_the_password_changes_during_the_check(
    clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = make_staff()

    def slow_check(password_hash: str, password: str) -> bool:
        found = is_password(password_hash, password)
        services.reset_password(staff.id, actor=SYSTEM, now=clock.now())
        return found

    monkeypatch.setattr("programme_tracker.accounts.sessions.is_password", slow_check)
    with pytest.raises(sessions.SignInRefusedError):
        enter(clock, staff.username)


def test_session_ends_after_fifteen_idle_minutes(clock: SettableClock) -> None:
    token = sessions.open_session(make_staff(), now=clock.now(), longest=LONGEST)
    clock.advance(IDLE - timedelta(seconds=1))
    assert is_open(token, clock)
    clock.advance(timedelta(seconds=1))
    assert not is_open(token, clock)


def test_session_in_use_ends_after_ten_hours(clock: SettableClock) -> None:
    token = sessions.open_session(make_staff(), now=clock.now(), longest=LONGEST)
    for _ in range(59):
        clock.advance(timedelta(minutes=10))
        found = signed_in(token, now=clock.now(), idle=IDLE)
        assert found is not None
        sessions.keep_alive(found[0], now=clock.now())
    clock.advance(timedelta(minutes=10))
    assert not is_open(token, clock)


def test_keep_alive_writes_at_most_once_a_minute_and_never_backwards(clock: SettableClock) -> None:
    opened_at = clock.now()
    sessions.open_session(make_staff(), now=opened_at, longest=LONGEST)
    row = db.session.scalars(select(SignInSession)).one()
    sessions.keep_alive(row, now=opened_at + timedelta(seconds=59))
    assert row.last_seen_at == opened_at
    sessions.keep_alive(row, now=opened_at + timedelta(seconds=60))
    assert row.last_seen_at == opened_at + timedelta(seconds=60)
    sessions.keep_alive(row, now=opened_at - timedelta(hours=1))
    assert row.last_seen_at == opened_at + timedelta(seconds=60)


def test_end_session_ends_that_one_alone(clock: SettableClock) -> None:
    staff = make_staff()
    one, other = (sessions.open_session(staff, now=clock.now(), longest=LONGEST) for _ in range(2))
    sessions.end_session(one, actor=staff.actor, now=clock.now())
    sessions.end_session(one, actor=staff.actor, now=clock.now())
    assert not is_open(one, clock)
    assert is_open(other, clock)
    assert len(live_sessions(staff.id, now=clock.now(), idle=IDLE)) == 1


def test_end_sessions_of_ends_all_of_one_person(clock: SettableClock) -> None:
    staff, other = make_staff(), make_staff()
    own = [sessions.open_session(staff, now=clock.now(), longest=LONGEST) for _ in range(2)]
    others = sessions.open_session(other, now=clock.now(), longest=LONGEST)
    assert sessions.end_sessions_of(staff.id, "everywhere", actor=staff.actor, now=clock.now()) == 2
    assert not any(is_open(token, clock) for token in own)
    assert is_open(others, clock)
