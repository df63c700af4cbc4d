"""Changing accounts: adding, disabling, roles, passwords, leave and deputies."""

from datetime import date, datetime
from urllib.parse import urlsplit

from programme_tracker.accounts.common_passwords import context_words, is_common, is_of_context
from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.accounts.passwords import hash_password, is_password, one_time_password
from programme_tracker.accounts.queries import staff_by_username
from programme_tracker.accounts.rules import is_email, may_hold, normal_username, password_fault
from programme_tracker.accounts.sessions import end_sessions_of, forget_failures
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction


def add_staff(
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    actor: Actor,
    now: datetime,
    also_role: Role | None = None,
    email: str | None = None,
    mobile: str | None = None,
    must_change_password: bool = True,
) -> Staff:
    """Add an account with a password that its owner changes at the first sign-in.

    Raises RefusedError when the name is empty or taken or the roles do not go together.
    """
    username = normal_username(username)
    _check_roles(role, also_role)
    password_hash = hash_password(password)
    with transaction():
        _check_username(username)
        staff = Staff(
            username=username,
            name=name.strip(),
            role=role,
            also_role=also_role,
            email=email,
            mobile=mobile,
            password_hash=password_hash,
            must_change_password=must_change_password,
            created_at=now,
        )
        db.session.add(staff)
        db.session.flush()
        audit.record("staff_added", staff, actor=actor, at=now, roles=sorted(staff.roles))
    return staff


def _check_username(username: str) -> None:
    if not username:
        raise RefusedError(Code.NOT_ALLOWED, "Enter a sign-in name.", field="username")
    if staff_by_username(username) is not None:
        message = "Another account has that sign-in name. Choose another."
        raise RefusedError(Code.NOT_ALLOWED, message, field="username")


def _check_roles(role: Role, also_role: Role | None) -> None:
    if not may_hold(role, also_role):
        message = "One account holds one role, or facilitator and caseworker together."
        raise RefusedError(Code.NOT_ALLOWED, message, field="also_role")


def change_contact(
    staff_id: int, *, email: str | None, mobile: str | None, actor: Actor, now: datetime
) -> Staff:
    """Change where somebody is alerted, and return their account.

    Raises RefusedError for what can be no address. A number is checked by whoever asks, since
    what counts as one depends on the installation.
    """
    email = (email or "").strip() or None
    if email is not None and not is_email(email):
        message = "Enter an email address, for example pat@example.org."
        raise RefusedError(Code.NOT_ALLOWED, message, field="email")
    with transaction():
        staff = locked(Staff, staff_id)
        changed = sorted(
            name for name, value in (("email", email), ("mobile", mobile)) if getattr(staff, name) != value
        )
        if changed:
            staff.email, staff.mobile = email, mobile
            audit.record("contact_changed", staff, actor=actor, at=now, changed=changed)
    return staff


def disable_staff(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Stop somebody from signing in and end their sessions. The account stays for the record."""
    with transaction():
        staff = locked(Staff, staff_id)
        staff.is_active = False
        end_sessions_of(staff_id, "disabled", actor=actor, now=now)
        audit.record("staff_disabled", staff, actor=actor, at=now)


def enable_staff(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Let somebody sign in again, with the password they had."""
    with transaction():
        staff = locked(Staff, staff_id)
        staff.is_active = True
        forget_failures(staff)
        audit.record("staff_enabled", staff, actor=actor, at=now)


def reset_password(staff_id: int, *, actor: Actor, now: datetime) -> str:
    """Give somebody a one-time password, end their sessions, and return it to be read out."""
    password = one_time_password()
    password_hash = hash_password(password)
    with transaction():
        staff = locked(Staff, staff_id)
        staff.password_hash = password_hash
        staff.must_change_password = True
        forget_failures(staff)
        end_sessions_of(staff_id, "password_changed", actor=actor, now=now)
        audit.record("password_reset", staff, actor=actor, at=now)
    return password


def change_password(staff_id: int, *, current: str, new: str, actor: Actor, now: datetime) -> None:
    """Change somebody's own password and end every session of theirs.

    Raises RefusedError when the present password is wrong or the new one will not do.
    """
    staff = db.session.get_one(Staff, staff_id)
    old_hash = staff.password_hash
    _check_new_password(staff, current, new)
    new_hash = hash_password(new)
    with transaction():
        staff = locked(Staff, staff_id)
        if staff.password_hash != old_hash:
            raise RefusedError(Code.NOT_ALLOWED, "Your password was changed meanwhile. Start again.")
        staff.password_hash = new_hash
        staff.must_change_password = False
        end_sessions_of(staff_id, "password_changed", actor=actor, now=now)
        audit.record("password_changed", staff, actor=actor, at=now)


def _check_new_password(staff: Staff, current: str, new: str) -> None:
    if not is_password(staff.password_hash, current):
        message = "That is not your present password. Enter it again."
        raise RefusedError(Code.NOT_ALLOWED, message, field="current")
    if new == current:
        raise RefusedError(Code.NOT_ALLOWED, "Choose a password other than the present one.", field="new")
    fault = password_fault(new, staff.username) or _guessable(staff, new)
    if fault is not None:
        raise RefusedError(Code.NOT_ALLOWED, fault, field="new")


def _guessable(staff: Staff, new: str) -> str | None:
    """Say why others would soon guess a password: it is known from leaks, or about oneself or us."""
    if is_common(new):
        return "Many people use that password, so it is guessed first. Three unrelated words are better."
    host = urlsplit(current_settings().public_url).hostname or ""
    if is_of_context(new, context_words([staff.name, staff.username, host])):
        return "Use other words than names: your own, our programmes' or this product's are tried first."
    return None


def change_role(
    staff_id: int, role: Role, also_role: Role | None = None, *, actor: Actor, now: datetime
) -> None:
    """Give somebody other roles and end their sessions.

    Raises RefusedError when the roles do not go together.
    """
    _check_roles(role, also_role)
    with transaction():
        staff = locked(Staff, staff_id)
        before = sorted(staff.roles)
        staff.role, staff.also_role = role, also_role
        end_sessions_of(staff_id, "role_changed", actor=actor, now=now)
        audit.record("role_changed", staff, actor=actor, at=now, before=before, after=sorted(staff.roles))


def record_leave(staff_id: int, from_on: date, to_on: date, *, actor: Actor, now: datetime) -> StaffLeave:
    """Note that somebody is away, London dates, both included.

    Raises RefusedError when the leave ends before it starts.
    """
    if to_on < from_on:
        message = "The last day is before the first. Check both dates."
        raise RefusedError(Code.NOT_ALLOWED, message, field="to_on")
    with transaction():
        leave = StaffLeave(staff_id=staff_id, from_on=from_on, to_on=to_on)
        db.session.add(leave)
        db.session.flush()
        audit.record(
            "leave_recorded", leave, actor=actor, at=now, staff_id=staff_id, from_on=from_on, to_on=to_on
        )
    return leave


def cancel_leave(leave_id: int, *, staff_id: int, actor: Actor, now: datetime) -> None:
    """Take back somebody's leave; raise LookupError when it is not theirs."""
    with transaction():
        leave = locked(StaffLeave, leave_id)
        if leave.staff_id != staff_id:
            raise LookupError(f"StaffLeave {leave_id} is not there")
        audit.record("leave_cancelled", leave, actor=actor, at=now, staff_id=staff_id)
        db.session.flush()
        db.session.delete(leave)


def set_deputy(staff_id: int, deputy_id: int | None, *, actor: Actor, now: datetime) -> None:
    """Name who stands in for somebody on leave, or nobody.

    Raises RefusedError unless the deputy is an active colleague who holds one of their roles.
    """
    with transaction():
        staff = locked(Staff, staff_id)
        if deputy_id is not None:
            _check_deputy(staff, deputy_id)
        staff.deputy_id = deputy_id
        audit.record("deputy_set", staff, actor=actor, at=now, deputy_id=deputy_id)


def _check_deputy(staff: Staff, deputy_id: int) -> None:
    deputy = db.session.get(Staff, deputy_id)
    fits = deputy is not None and deputy.id != staff.id and deputy.is_active and deputy.roles & staff.roles
    if not fits:
        message = "Choose a colleague who does the same work and has an active account."
        raise RefusedError(Code.NOT_ALLOWED, message, field="deputy")
