from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from programme_tracker.accounts import services
from programme_tracker.accounts.models import SignInSession, Staff, StaffLeave
from programme_tracker.accounts.passwords import is_password
from programme_tracker.accounts.queries import signed_in
from programme_tracker.accounts.sessions import open_session
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from tests.factories.accounts import PASSWORD, make_staff

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.each_store]

HOUR = timedelta(hours=1)


def events() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.sequence)))


def add(
    clock: SettableClock, username: str = "sam", role: Role = Role.POLICE, also: Role | None = None
) -> Staff:
    return services.add_staff(
        username=username,
        name="Sam Łoś",
        role=role,
        also_role=also,
        password=PASSWORD,
        actor=SYSTEM,
        now=clock.now(),
    )


def test_add_staff_stores_a_hash_and_asks_for_an_own_password(clock: SettableClock) -> None:
    staff = add(clock, " Sam ")
    assert staff.username == "sam"
    assert staff.must_change_password
    assert PASSWORD not in staff.password_hash
    assert is_password(staff.password_hash, PASSWORD)
    assert events() == ["staff_added"]


@pytest.mark.parametrize("username", ["SAM", "  "])
def test_add_staff_refused_when_the_name_is_taken_or_empty(clock: SettableClock, username: str) -> None:
    add(clock)
    with pytest.raises(RefusedError) as refused:
        add(clock, username)
    assert refused.value.field == "username"


def test_add_staff_refused_when_the_roles_do_not_go_together(clock: SettableClock) -> None:
    with pytest.raises(RefusedError):
        add(clock, role=Role.VICTIM_SAFETY, also=Role.CASEWORKER)


def test_staff_roles_are_checked_by_the_database_too() -> None:
    with pytest.raises(IntegrityError):
        make_staff(Role.POLICE, also_role=Role.CASEWORKER)


def test_disable_staff_ends_sessions_and_enable_brings_none_back(clock: SettableClock) -> None:
    staff = make_staff()
    token = open_session(staff, now=clock.now(), longest=HOUR)
    services.disable_staff(staff.id, actor=SYSTEM, now=clock.now())
    services.enable_staff(staff.id, actor=SYSTEM, now=clock.now())
    assert staff.is_active
    assert signed_in(token, now=clock.now(), idle=HOUR) is None
    assert db.session.scalars(select(SignInSession.ended_why)).all() == ["disabled"]


def test_reset_password_returns_one_that_works_once_and_unlocks(clock: SettableClock) -> None:
    staff = make_staff()
    staff.failed_sign_ins, staff.locked_until = 9, clock.now() + HOUR
    db.session.commit()
    password = services.reset_password(staff.id, actor=SYSTEM, now=clock.now())
    assert is_password(staff.password_hash, password)
    assert staff.must_change_password
    unlocked = db.session.scalars(select(Staff).where(Staff.locked_until.is_(None))).one()
    assert unlocked.failed_sign_ins == 0


def test_change_password_ends_every_session(clock: SettableClock) -> None:
    staff = make_staff(must_change_password=True)
    token = open_session(staff, now=clock.now(), longest=HOUR)
    services.change_password(
        staff.id, current=PASSWORD, new="kettle ocean lamp", actor=staff.actor, now=clock.now()
    )
    assert is_password(staff.password_hash, "kettle ocean lamp")
    assert not staff.must_change_password
    assert signed_in(token, now=clock.now(), idle=HOUR) is None
    assert events()[-2:] == ["session_ended", "password_changed"]


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [("wrong", "kettle ocean lamp", "current"), (PASSWORD, PASSWORD, "new"), (PASSWORD, "short", "new")],
)
def test_change_password_refused(clock: SettableClock, current: str, new: str, field: str) -> None:
    staff = make_staff()
    with pytest.raises(RefusedError) as refused:
        services.change_password(staff.id, current=current, new=new, actor=staff.actor, now=clock.now())
    assert refused.value.field == field
    assert is_password(staff.password_hash, PASSWORD)


def test_change_role_ends_sessions_and_keeps_both_in_the_audit(clock: SettableClock) -> None:
    staff = make_staff(Role.FACILITATOR)
    token = open_session(staff, now=clock.now(), longest=HOUR)
    services.change_role(staff.id, Role.FACILITATOR, Role.CASEWORKER, actor=SYSTEM, now=clock.now())
    assert staff.roles == {Role.FACILITATOR, Role.CASEWORKER}
    assert signed_in(token, now=clock.now(), idle=HOUR) is None
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "role_changed")).one()
    assert entry.detail == {"before": ["facilitator"], "after": ["caseworker", "facilitator"]}


def test_change_role_refused_when_the_roles_do_not_go_together(clock: SettableClock) -> None:
    staff = make_staff(Role.FACILITATOR)
    with pytest.raises(RefusedError):
        services.change_role(staff.id, Role.MANAGER, Role.POLICE, actor=SYSTEM, now=clock.now())


def test_record_leave_refused_when_it_ends_before_it_starts(clock: SettableClock) -> None:
    staff = make_staff()
    with pytest.raises(RefusedError):
        services.record_leave(
            staff.id, date(2026, 9, 2), date(2026, 9, 1), actor=staff.actor, now=clock.now()
        )


def test_cancel_leave_only_ones_own(clock: SettableClock) -> None:
    staff, other = make_staff(), make_staff()
    day = date(2026, 9, 2)
    leave = services.record_leave(staff.id, day, day, actor=staff.actor, now=clock.now())
    with pytest.raises(LookupError):
        services.cancel_leave(leave.id, staff_id=other.id, actor=other.actor, now=clock.now())
    services.cancel_leave(leave.id, staff_id=staff.id, actor=staff.actor, now=clock.now())
    assert db.session.scalars(select(StaffLeave)).all() == []
    assert events()[-1] == "leave_cancelled"


def test_set_deputy_refused_for_oneself_other_work_and_disabled(clock: SettableClock) -> None:
    staff = make_staff(Role.CASEWORKER)
    others = [staff, make_staff(Role.POLICE), make_staff(Role.CASEWORKER, is_active=False)]
    for deputy in others:
        with pytest.raises(RefusedError):
            services.set_deputy(staff.id, deputy.id, actor=staff.actor, now=clock.now())
    assert staff.deputy_id is None


def test_set_deputy_to_a_colleague_and_back_to_nobody(clock: SettableClock) -> None:
    staff, deputy = make_staff(), make_staff()
    services.set_deputy(staff.id, deputy.id, actor=staff.actor, now=clock.now())
    assert staff.deputy_id == deputy.id
    services.set_deputy(staff.id, None, actor=staff.actor, now=clock.now())
    assert staff.deputy_id is None
