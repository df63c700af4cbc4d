"""The code after the password: setting up the app, taking codes, recovery codes, starting over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from programme_tracker.accounts.codes import (
    is_app_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    typed_code,
)
from programme_tracker.accounts.models import CodeSource, RecoveryCode, Staff
from programme_tracker.accounts.passwords import hash_password, is_password
from programme_tracker.accounts.queries import code_source, confirmed_source
from programme_tracker.accounts.sessions import (
    SignedIn,
    SignInRefusedError,
    end_session,
    end_sessions_of,
    forget_failures,
    note_refusal,
    open_session,
    refusal,
)
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import seal, unseal
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction

WRONG_CODE = "That is not the code your app shows now. Wait for the next one and enter that."


def secret_to_set_up(staff_id: int, *, actor: Actor, now: datetime) -> str:
    """Return the secret of the app that is being set up; the same until it was confirmed.

    Raises RefusedError when an app is set up already.
    """
    with transaction():
        locked(Staff, staff_id)
        source = code_source(staff_id)
        if source is None:
            source = add_source(staff_id, new_secret(), now=now)
            audit.record("code_app_offered", source, actor=actor, at=now)
        _refuse_second(source)
        return _secret(source)


def add_source(staff_id: int, secret: str, *, now: datetime) -> CodeSource:
    """Keep the secret of an app, sealed; the caller holds the transaction and writes the trail."""
    source = CodeSource(staff_id=staff_id, secret_sealed="", created_at=now)
    db.session.add(source)
    db.session.flush()
    source.secret_sealed = seal(secret, "code_sources", source.id, "secret")
    return source


@dataclass(frozen=True)
class SetUp:
    """What setting up an app leaves: recovery codes, told once, and the session it opened."""

    recovery_codes: list[str]
    signed_in: SignedIn


def confirm_app(staff_id: int, typed: str, *, now: datetime, longest: timedelta) -> SetUp:
    """Take the first code of a new app; every session before it ends and a proven one opens.

    Raises RefusedError when the code is not the app's, or another app is set up.
    """
    fresh, hashes = _fresh_codes()
    with transaction():
        staff = locked(Staff, staff_id)
        source = code_source(staff_id)
        if source is None:
            raise RefusedError(Code.NOT_ALLOWED, WRONG_CODE, field="code")
        _refuse_second(source)
        step = matching_step(_secret(source), typed_code(typed), now=now, last_step=source.last_step)
        if step is None:
            raise RefusedError(Code.NOT_ALLOWED, WRONG_CODE, field="code")
        source.confirmed_at, source.last_step = now, step
        _store_codes(staff_id, hashes)
        forget_failures(staff)
        end_sessions_of(staff_id, "replaced", actor=staff.actor, now=now)
        audit.record("code_app_set_up", staff, actor=staff.actor, at=now)
        token = open_session(staff, now=now, longest=longest, is_proven=True)
        return SetUp(fresh, SignedIn(staff_id, token, staff.must_change_password))


def _refuse_second(source: CodeSource) -> None:
    if source.confirmed_at is not None:
        message = "An app is set up for this account already. Change it on your account page."
        raise RefusedError(Code.NOT_ALLOWED, message, field="code")


@dataclass(frozen=True)
class Proven:
    """The session that a code opened, and whether it was a recovery code."""

    signed_in: SignedIn
    by_recovery_code: bool


def prove(
    staff_id: int, typed: str, *, token: str, now: datetime, longest: timedelta, address: str | None = None
) -> Proven:
    """Take the code after the password; the session of ``token`` ends and another one opens.

    Wrong codes count like wrong passwords and lock the account for a growing time. Raises
    SignInRefusedError, the same for every reason.
    """
    checked = _check(staff_id, typed)
    with transaction():
        staff = locked(Staff, staff_id)
        why = _take(staff, checked, now)
        if why is None:
            forget_failures(staff)
            end_session(token, "replaced", actor=staff.actor, now=now)
            audit.record("signed_in", staff, actor=staff.actor, at=now)
            fresh = open_session(staff, now=now, longest=longest, is_proven=True)
            entered = SignedIn(staff.id, fresh, staff.must_change_password)
            return Proven(entered, by_recovery_code=checked.recovery_id is not None)
        note_refusal(staff, why, address, now)
    # Raised only here: inside, it would take back the count.
    raise SignInRefusedError


def make_recovery_codes(staff_id: int, typed: str, *, actor: Actor, now: datetime) -> list[str]:
    """Replace somebody's own recovery codes, for a code of their app; return the new ones.

    Raises RefusedError for a wrong code, which counts.
    """
    checked, (fresh, hashes) = _check(staff_id, typed), _fresh_codes()
    with transaction():
        staff = locked(Staff, staff_id)
        why = _take(staff, checked, now)
        if why is None:
            _store_codes(staff_id, hashes)
            audit.record("recovery_codes_made", staff, actor=actor, at=now)
            return fresh
        note_refusal(staff, why, None, now)
    raise RefusedError(Code.NOT_ALLOWED, WRONG_CODE, field="code")


def forget_own_app(staff_id: int, typed: str, *, actor: Actor, now: datetime) -> None:
    """Take away somebody's own app for a last code of it, so that another can be set up.

    Every session of theirs ends. Raises RefusedError for a wrong code, which counts.
    """
    checked = _check(staff_id, typed)
    with transaction():
        staff = locked(Staff, staff_id)
        why = _take(staff, checked, now)
        if why is None:
            return _forget(staff, "code_app_changed", actor, now)
        note_refusal(staff, why, None, now)
    raise RefusedError(Code.NOT_ALLOWED, WRONG_CODE, field="code")


def reset_codes(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Take away somebody's app and recovery codes and end their sessions: the phone is lost.

    At the next sign-in, which the password alone opens, they set up an app anew.
    """
    with transaction():
        _forget(locked(Staff, staff_id), "code_app_reset", actor, now)


def _forget(staff: Staff, event: str, actor: Actor, now: datetime) -> None:
    db.session.execute(delete(CodeSource).where(CodeSource.staff_id == staff.id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    forget_failures(staff)
    end_sessions_of(staff.id, "codes_reset", actor=actor, now=now)
    audit.record(event, staff, actor=actor, at=now)


@dataclass(frozen=True)
class _Checked:
    """A typed code; the slow look through the recovery codes is done outside the transaction."""

    code: str
    recovery_id: int | None


def _check(staff_id: int, typed: str) -> _Checked:
    code = typed_code(typed)
    if is_app_code(code):
        return _Checked(code, None)
    unused = select(RecoveryCode).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    rows = [(row.id, row.code_hash) for row in db.session.scalars(unused)]
    return _Checked(code, next((key for key, code_hash in rows if is_password(code_hash, code)), None))


def _take(staff: Staff, checked: _Checked, now: datetime) -> str | None:
    """Use a code up; say why it is refused, counting a wrong one. The account's row is held."""
    if staff.locked_until is not None and now < staff.locked_until:
        return "locked"
    is_right = (
        _take_app_code(staff, checked.code, now)
        if checked.recovery_id is None
        else _take_recovery_code(checked.recovery_id, staff, now)
    )
    return refusal(staff, is_right, "wrong_code", now)


def _take_app_code(staff: Staff, code: str, now: datetime) -> bool:
    source = confirmed_source(staff.id)
    if source is None or not is_app_code(code):
        return False
    step = matching_step(_secret(source), code, now=now, last_step=source.last_step)
    if step is None:
        return False
    source.last_step = step
    return True


def _take_recovery_code(recovery_id: int, staff: Staff, now: datetime) -> bool:
    row = db.session.get(RecoveryCode, recovery_id, populate_existing=True)
    if row is None or row.used_at is not None:
        return False
    row.used_at = now
    audit.record("recovery_code_used", staff, actor=staff.actor, at=now)
    return True


def _secret(source: CodeSource) -> str:
    return unseal(source.secret_sealed, "code_sources", source.id, "secret")


def _fresh_codes() -> tuple[list[str], list[str]]:
    """Make recovery codes and their hashes, outside any transaction: hashing is slow on purpose."""
    fresh = new_recovery_codes()
    return fresh, [hash_password(typed_code(code)) for code in fresh]


def _store_codes(staff_id: int, hashes: list[str]) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    db.session.add_all(RecoveryCode(staff_id=staff_id, code_hash=code_hash) for code_hash in hashes)
