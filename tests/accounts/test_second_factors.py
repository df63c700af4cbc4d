from datetime import timedelta

import pytest
from sqlalchemy import func, select

from programme_tracker.accounts import second_factors, sessions
from programme_tracker.accounts.codes import code_at
from programme_tracker.accounts.models import CodeSource, RecoveryCode, SignInSession, Staff
from programme_tracker.accounts.queries import account_events, recovery_codes_left, signed_in
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from tests.factories.accounts import PASSWORD, SECRET, make_staff, set_up_app

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.each_store]

LONGEST = timedelta(hours=10)


@pytest.fixture
def sam() -> Staff:
    """Give somebody whose app is set up."""
    staff = make_staff(username="sam")
    set_up_app(staff)
    return staff


def enter(clock: SettableClock) -> str:
    entered = sessions.sign_in("sam", PASSWORD, now=clock.now(), longest=LONGEST, code_follows=True)
    return entered.token


def prove(staff: Staff, typed: str, clock: SettableClock, token: str = "") -> second_factors.Proven:
    token = token or enter(clock)
    return second_factors.prove(staff.id, typed, token=token, now=clock.now(), longest=LONGEST)


def is_open(token: str, clock: SettableClock) -> bool:
    return signed_in(token, now=clock.now(), idle=timedelta(minutes=15)) is not None


def set_up(staff: Staff, clock: SettableClock) -> list[str]:
    secret = second_factors.secret_to_set_up(staff.id, actor=staff.actor, now=clock.now())
    code = code_at(secret, clock.now())
    done = second_factors.confirm_app(staff.id, code, now=clock.now(), longest=LONGEST)
    return done.recovery_codes


def test_prove_ends_the_session_before_and_opens_a_proven_one(sam: Staff, clock: SettableClock) -> None:
    before = enter(clock)
    after = prove(sam, code_at(SECRET, clock.now()), clock, before).signed_in.token
    assert not is_open(before, clock)
    assert is_open(after, clock)
    proven = select(func.count()).where(SignInSession.is_proven)
    assert db.session.scalar(proven) == 1


def test_prove_with_a_code_that_was_used_is_refused(sam: Staff, clock: SettableClock) -> None:
    code = code_at(SECRET, clock.now())
    prove(sam, code, clock)
    for seconds in (0, 20, 40):
        clock.advance(timedelta(seconds=seconds))
        with pytest.raises(sessions.SignInRefusedError):
            prove(sam, code, clock)


def test_prove_wrong_five_times_waits_whatever_the_password_says(sam: Staff, clock: SettableClock) -> None:
    for _ in range(5):
        with pytest.raises(sessions.SignInRefusedError):
            # The right password each time, which must not clear the count.
            prove(sam, "000000", clock)
    with pytest.raises(sessions.SignInRefusedError):
        prove(sam, code_at(SECRET, clock.now()), clock, token="-")
    clock.advance(timedelta(seconds=30))
    assert prove(sam, code_at(SECRET, clock.now()), clock)
    db.session.expire_all()
    assert db.session.get_one(Staff, sam.id).failed_sign_ins == 0


def test_prove_refused_is_audited_without_what_was_typed(sam: Staff, clock: SettableClock) -> None:
    with pytest.raises(sessions.SignInRefusedError):
        prove(sam, "937465", clock)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert entry is not None
    assert (entry.event, entry.detail) == ("sign_in_refused", {"why": "wrong_code"})


def test_secret_is_the_same_until_confirmed_and_sealed(clock: SettableClock) -> None:
    staff = make_staff()
    one, two = (
        second_factors.secret_to_set_up(staff.id, actor=staff.actor, now=clock.now()) for _ in range(2)
    )
    assert one == two
    assert one not in db.session.scalars(select(CodeSource)).one().secret_sealed


def test_set_up_with_a_wrong_code_leaves_nothing_confirmed(clock: SettableClock) -> None:
    staff = make_staff()
    second_factors.secret_to_set_up(staff.id, actor=staff.actor, now=clock.now())
    with pytest.raises(RefusedError):
        second_factors.confirm_app(staff.id, "000000", now=clock.now(), longest=LONGEST)
    assert recovery_codes_left(staff.id) == 0


def test_set_up_twice_is_refused(sam: Staff, clock: SettableClock) -> None:
    with pytest.raises(RefusedError):
        second_factors.secret_to_set_up(sam.id, actor=sam.actor, now=clock.now())
    with pytest.raises(RefusedError):
        second_factors.confirm_app(sam.id, code_at(SECRET, clock.now()), now=clock.now(), longest=LONGEST)


def test_recovery_code_signs_in_once_and_is_kept_as_its_hash(clock: SettableClock) -> None:
    staff = make_staff(username="sam")
    first, second, *_ = set_up(staff, clock)
    stored = set(db.session.scalars(select(RecoveryCode.code_hash)))
    assert all(first not in one and first.replace("-", "") not in one for one in stored)
    assert prove(staff, first.upper().replace("-", " "), clock).by_recovery_code
    assert recovery_codes_left(staff.id) == 7
    with pytest.raises(sessions.SignInRefusedError):
        prove(staff, first, clock)
    assert prove(staff, second, clock).by_recovery_code


def test_recovery_code_of_somebody_else_is_refused(sam: Staff, clock: SettableClock) -> None:
    other = set_up(make_staff(), clock)
    with pytest.raises(sessions.SignInRefusedError):
        prove(sam, other[0], clock)


def test_new_recovery_codes_need_a_code_and_replace_the_old(clock: SettableClock) -> None:
    staff = make_staff(username="sam")
    old = set_up(staff, clock)
    source = db.session.scalars(select(CodeSource)).one()
    with pytest.raises(RefusedError):
        second_factors.make_recovery_codes(staff.id, "000000", actor=staff.actor, now=clock.now())
    clock.advance(timedelta(seconds=60))
    code = code_at(second_factors._secret(source), clock.now())
    fresh = second_factors.make_recovery_codes(staff.id, code, actor=staff.actor, now=clock.now())
    with pytest.raises(sessions.SignInRefusedError):
        prove(staff, old[0], clock)
    assert prove(staff, fresh[0], clock)


def test_reset_ends_sessions_and_takes_everything_away(clock: SettableClock) -> None:
    staff = make_staff(username="sam")
    codes = set_up(staff, clock)
    token = prove(staff, codes[0], clock).signed_in.token
    second_factors.reset_codes(staff.id, actor=SYSTEM, now=clock.now())
    assert not is_open(token, clock)
    assert db.session.scalars(select(CodeSource)).all() == []
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert "code_app_reset" in {event.event for event in account_events(staff.id)}
    with pytest.raises(sessions.SignInRefusedError):
        prove(staff, codes[1], clock)


def test_own_app_is_forgotten_only_for_a_code(sam: Staff, clock: SettableClock) -> None:
    with pytest.raises(RefusedError):
        second_factors.forget_own_app(sam.id, "000000", actor=sam.actor, now=clock.now())
    second_factors.forget_own_app(sam.id, code_at(SECRET, clock.now()), actor=sam.actor, now=clock.now())
    assert second_factors.secret_to_set_up(sam.id, actor=sam.actor, now=clock.now()) != SECRET
