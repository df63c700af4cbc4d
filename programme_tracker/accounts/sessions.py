"""Signing in and out: passwords checked, sessions opened, kept alive and ended.

Sessions live here and not in the cookie, so that one taken back stays taken back: a cookie
replayed after signing out, a password or role change or disabling opens nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from programme_tracker.accounts.attempts import check_address, count_refusal
from programme_tracker.accounts.models import SignInSession, Staff
from programme_tracker.accounts.passwords import hash_password, is_outdated, is_password, waste_a_check
from programme_tracker.accounts.queries import staff_by_username, token_hash
from programme_tracker.accounts.rules import wait_after
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction

EndedWhy = Literal[
    "signed_out",
    "password_changed",
    "role_changed",
    "disabled",
    "everywhere",
    "elsewhere",
    "codes_reset",
    "replaced",
]

#: Seen again sooner than this is not written down: a page view must not cost a write each time.
SEEN_EVERY = timedelta(minutes=1)


#: How long a session may wait for the code, or for the app to be set up.
UNPROVEN_STAY = timedelta(minutes=15)


class SignInRefusedError(Exception):
    """Name, password or code wrong, account locked or disabled: never said which."""


@dataclass(frozen=True)
class SignedIn:
    """Whose password or code was right, and the token of the session it opened, told once."""

    staff_id: int
    token: str
    must_change_password: bool


def sign_in(
    username: str,
    password: str,
    *,
    now: datetime,
    longest: timedelta,
    address: str | None = None,
    code_follows: bool = False,
) -> SignedIn:
    """Check a name and password and open a session that ends after ``longest`` at the latest.

    Wrong passwords are counted in the database and lock the account for a growing time, in
    which even the right one is refused; so are refusals to one network ``address``. With
    ``code_follows`` the session only serves for giving the code, and the count goes on until then.
    Raises SignInRefusedError, the same for every reason, and AddressWaitsError.
    """
    check_address(address, now=now)
    staff = staff_by_username(username)
    if staff is None:
        waste_a_check(password)
        _record_unknown(address, now)
        raise SignInRefusedError
    checked = _Checked(staff.id, staff.password_hash, is_password(staff.password_hash, password))
    new_hash = hash_password(password) if checked.is_right and is_outdated(checked.password_hash) else None
    stay = min(longest, UNPROVEN_STAY) if code_follows else longest
    with transaction():
        staff = locked(Staff, checked.staff_id)
        is_right = checked.is_right and staff.password_hash == checked.password_hash
        why = refusal(staff, is_right, "wrong_password", now)
        if why is None:
            # The session opens in the same transaction: a reset at the same moment ends it or comes first.
            return _let_in(staff, new_hash, now, stay, code_follows)
        note_refusal(staff, why, address, now)
    # Raised only here: inside, it would take back the count.
    raise SignInRefusedError


@dataclass(frozen=True)
class _Checked:
    """A password checked outside the transaction, since the check is slow on purpose."""

    staff_id: int
    password_hash: str
    is_right: bool


def _record_unknown(address: str | None, now: datetime) -> None:
    """Note an attempt under a name that does not exist; the name may be a password mistyped."""
    with transaction():
        count_refusal(address, now=now)
        audit.record("sign_in_refused", None, actor=SYSTEM, at=now, why="unknown")


def _let_in(
    staff: Staff, new_hash: str | None, now: datetime, stay: timedelta, code_follows: bool
) -> SignedIn:
    staff.password_hash = new_hash or staff.password_hash
    if not code_follows:
        forget_failures(staff)
    audit.record("password_accepted" if code_follows else "signed_in", staff, actor=staff.actor, at=now)
    token = open_session(staff, now=now, longest=stay)
    return SignedIn(staff.id, token, staff.must_change_password)


def refusal(staff: Staff, is_right: bool, wrong: str, now: datetime) -> str | None:
    """Say why an attempt is refused, counting a ``wrong`` one; None when it is not.

    The caller holds the account's row, so that guesses side by side are all counted.
    """
    if not staff.is_active:
        return "disabled"
    if staff.locked_until is not None and now < staff.locked_until:
        return "locked"
    if is_right:
        return None
    staff.failed_sign_ins += 1
    wait = wait_after(staff.failed_sign_ins)
    staff.locked_until = now + wait if wait else None
    return wrong


def note_refusal(staff: Staff, why: str, address: str | None, now: datetime) -> None:
    """Count a refusal against the network address and put it in the trail; the caller raises."""
    count_refusal(address, now=now)
    audit.record("sign_in_refused", staff, actor=SYSTEM, at=now, why=why)


def forget_failures(staff: Staff) -> None:
    """Begin an account's count of failures anew."""
    staff.failed_sign_ins = 0
    staff.locked_until = None


def open_session(staff: Staff, *, now: datetime, longest: timedelta, is_proven: bool = False) -> str:
    """Open a session that ends after ``longest`` at the latest; return its token, once.

    ``is_proven`` says that a sign-in code was given.
    """
    token = secrets.token_urlsafe(32)
    with transaction():
        row = SignInSession(
            token_hash=token_hash(token),
            staff_id=staff.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + longest,
            is_proven=is_proven,
        )
        db.session.add(row)
        db.session.flush()
        audit.record("session_opened", row, actor=staff.actor, at=now)
    return token


def keep_alive(session: SignInSession, *, now: datetime) -> None:
    """Note that a session was used, at most once a minute. No deed, so no audit row."""
    if now - session.last_seen_at < SEEN_EVERY:
        return
    session_id = session.id
    with transaction():
        row = locked(SignInSession, session_id)
        row.last_seen_at = max(row.last_seen_at, now)


def end_session(token: str, why: EndedWhy = "signed_out", *, actor: Actor, now: datetime) -> None:
    """End the session a token opens; a token that opens none is no error."""
    with transaction():
        row = db.session.scalar(
            select(SignInSession).where(
                SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None)
            )
        )
        if row is not None:
            _end(row, why, actor, now)


def end_sessions_of(
    staff_id: int,
    why: EndedWhy,
    *,
    actor: Actor,
    now: datetime,
    only: int | None = None,
    but: int | None = None,
) -> int:
    """End every session of somebody; return how many were still open.

    ``only`` ends just that session, ``but`` spares it; a session of somebody else is never ended.
    """
    chosen = select(SignInSession).where(SignInSession.staff_id == staff_id, SignInSession.ended_at.is_(None))
    if only is not None:
        chosen = chosen.where(SignInSession.id == only)
    if but is not None:
        chosen = chosen.where(SignInSession.id != but)
    with transaction():
        rows = db.session.scalars(chosen).all()
        for row in rows:
            _end(row, why, actor, now)
    return len(rows)


def _end(row: SignInSession, why: EndedWhy, actor: Actor, now: datetime) -> None:
    row.ended_at, row.ended_why = now, why
    audit.record("session_ended", row, actor=actor, at=now, why=why)
