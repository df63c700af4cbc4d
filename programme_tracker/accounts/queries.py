"""Reading accounts: who there is, who is away, who stands in, who is signed in."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select

from programme_tracker.accounts.models import CodeSource, RecoveryCode, SignInSession, Staff, StaffLeave
from programme_tracker.accounts.rules import normal_username
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db


def staff_by_id(staff_id: int) -> Staff | None:
    """Return one account, disabled ones too."""
    return db.session.get(Staff, staff_id)


def staff_by_username(username: str) -> Staff | None:
    """Return the account with this sign-in name in any case, disabled ones too."""
    return db.session.scalar(select(Staff).where(Staff.username == normal_username(username)))


def staff_with_role(role: Role) -> list[Staff]:
    """Return the active accounts that hold a role, by name."""
    return list(
        db.session.scalars(
            select(Staff)
            .where(Staff.is_active, or_(Staff.role == role, Staff.also_role == role))
            .order_by(Staff.name, Staff.id)
        )
    )


def all_staff() -> Sequence[Staff]:
    """Return every account, active ones first, by name."""
    return db.session.scalars(select(Staff).order_by(Staff.is_active.desc(), Staff.name, Staff.id)).all()


def is_on_leave(staff_id: int, on: date) -> bool:
    """Tell whether somebody is away on a London date."""
    leave = select(StaffLeave.id).where(
        StaffLeave.staff_id == staff_id, StaffLeave.from_on <= on, StaffLeave.to_on >= on
    )
    return db.session.scalar(leave.limit(1)) is not None


def stand_in(staff_id: int, on: date) -> int | None:
    """Return who answers for somebody on a London date: themselves, or their deputy.

    None when neither is there (on leave or disabled): then the whole role is told
    (product.md §8.1).
    """
    person = db.session.get(Staff, staff_id)
    if person is None:
        return None
    if _is_there(person, on):
        return person.id
    deputy = db.session.get(Staff, person.deputy_id) if person.deputy_id is not None else None
    return deputy.id if deputy is not None and _is_there(deputy, on) else None


def _is_there(person: Staff, on: date) -> bool:
    return person.is_active and not is_on_leave(person.id, on)


def leave_of(staff_id: int, since: date) -> Sequence[StaffLeave]:
    """Return somebody's leave that ends on ``since`` or later, soonest first."""
    return db.session.scalars(
        select(StaffLeave)
        .where(StaffLeave.staff_id == staff_id, StaffLeave.to_on >= since)
        .order_by(StaffLeave.from_on, StaffLeave.id)
    ).all()


def all_leave(since: date) -> Sequence[StaffLeave]:
    """Return the leave of everybody with an active account that ends on ``since`` or later, soonest first."""
    return db.session.scalars(
        select(StaffLeave)
        .join(Staff, Staff.id == StaffLeave.staff_id)
        .where(StaffLeave.to_on >= since, Staff.is_active)
        .order_by(StaffLeave.from_on, Staff.name, StaffLeave.id)
    ).all()


def possible_deputies(staff: Staff) -> list[Staff]:
    """Return the active colleagues who hold one of somebody's roles, by name."""
    return list(
        db.session.scalars(
            select(Staff)
            .where(
                Staff.is_active,
                Staff.id != staff.id,
                or_(Staff.role.in_(staff.roles), Staff.also_role.in_(staff.roles)),
            )
            .order_by(Staff.name, Staff.id)
        )
    )


def token_hash(token: str) -> str:
    """Return the SHA-256 of a session's token, in hex: all that the database keeps of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_taken_back(token: str) -> bool:
    """Tell whether a sign-in was ended by somebody's deed, and did not just run out."""
    ended = select(SignInSession.id).where(
        SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_not(None)
    )
    return bool(token) and db.session.scalar(ended) is not None


def signed_in(token: str, *, now: datetime, idle: timedelta) -> tuple[SignInSession, Staff] | None:
    """Return the live session a cookie's token opens, and whose it is.

    None when it was ended, ran out, idled for ``idle`` or longer, or its owner is disabled.
    """
    row = db.session.execute(
        select(SignInSession, Staff)
        .join(Staff, Staff.id == SignInSession.staff_id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.last_seen_at > now - idle,
            Staff.is_active,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def live_sessions(staff_id: int, *, now: datetime, idle: timedelta) -> Sequence[SignInSession]:
    """Return somebody's sessions that still work, the last used first."""
    return db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.staff_id == staff_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.last_seen_at > now - idle,
        )
        .order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())
    ).all()


def confirmed_source(staff_id: int) -> CodeSource | None:
    """Return the app that makes somebody's sign-in codes, None before it was shown to work."""
    source = code_source(staff_id)
    return source if source is not None and source.confirmed_at is not None else None


def code_source(staff_id: int) -> CodeSource | None:
    """Return the app of somebody's sign-in codes, shown to work or not yet."""
    return db.session.scalar(select(CodeSource).where(CodeSource.staff_id == staff_id))


def recovery_codes_left(staff_id: int) -> int:
    """Count somebody's recovery codes that were not used yet."""
    unused = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def staff_with_codes() -> set[int]:
    """Return the accounts whose app was shown to work."""
    return set(db.session.scalars(select(CodeSource.staff_id).where(CodeSource.confirmed_at.is_not(None))))


#: What is done to an account that its owner should hear of, whoever did it.
TELLING_EVENTS = (
    "signed_in",
    "sign_in_refused",
    "password_changed",
    "password_reset",
    "role_changed",
    "staff_enabled",
    "code_app_set_up",
    "code_app_changed",
    "code_app_reset",
    "recovery_codes_made",
    "recovery_code_used",
    "calendar_feed_made",
    "calendar_feed_revoked",
)


def account_events(staff_id: int, limit: int = 10) -> Sequence[AuditEntry]:
    """Return what lately happened to somebody's account, the newest first."""
    return db.session.scalars(_events_of(staff_id, TELLING_EVENTS).limit(limit)).all()


def reset_by_somebody(staff_id: int) -> AuditEntry | None:
    """Return the entry of an administrator's reset of somebody's codes that nothing followed yet."""
    last = db.session.scalars(_events_of(staff_id, ("code_app_set_up", "code_app_reset")).limit(1)).first()
    return last if last is not None and last.event == "code_app_reset" else None


def _events_of(staff_id: int, events: tuple[str, ...]) -> Select[AuditEntry]:
    return (
        select(AuditEntry)
        .where(
            AuditEntry.subject_type == "Staff",
            AuditEntry.subject_id == staff_id,
            AuditEntry.event.in_(events),
        )
        .order_by(AuditEntry.sequence.desc())
    )
