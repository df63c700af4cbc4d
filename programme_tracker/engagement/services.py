"""Writing flags, their findings, and contacts."""

from datetime import datetime

from programme_tracker.audit import services as audit
from programme_tracker.engagement.models import Contact, Flag, FlagFinding, FlagState
from programme_tracker.engagement.rules import Finding
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction


def raise_flag(
    enrolment_id: int, finding: Finding, explanation: str, policy_version: int, *, now: datetime
) -> FlagFinding:
    """Raise a flag for a finding; the system alone does this."""
    with transaction():
        flag = Flag(
            enrolment_id=enrolment_id,
            rule=finding.rule.value,
            level=finding.level.value,
            state=FlagState.OPEN.value,
            policy_version=policy_version,
            raised_at=now,
        )
        db.session.add(flag)
        db.session.flush()
        audit.record(
            "flag.raised",
            flag,
            actor=SYSTEM,
            at=now,
            enrolment_id=enrolment_id,
            rule=flag.rule,
            level=flag.level,
            policy_version=policy_version,
        )
        return _add_row(flag, finding, explanation, now)


def add_finding(flag: Flag, finding: Finding, explanation: str, *, now: datetime) -> FlagFinding:
    """Note one more time that an open flag's rule came true."""
    with transaction():
        row = _add_row(flag, finding, explanation, now)
        audit.record(
            "flag.found_again",
            flag,
            actor=SYSTEM,
            at=now,
            enrolment_id=flag.enrolment_id,
            rule=flag.rule,
            session_id=finding.session_id,
        )
        return row


def _add_row(flag: Flag, finding: Finding, explanation: str, now: datetime) -> FlagFinding:
    row = FlagFinding(
        flag=flag,
        session_id=finding.session_id,
        evidence=list(finding.evidence),
        since_on=finding.since_on,
        explanation=explanation,
        found_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def supersede(flag: Flag, *, now: datetime) -> None:
    """End an amber flag because the same rule is now red."""
    with transaction():
        flag.state, flag.ended_at = FlagState.SUPERSEDED.value, now
        flag.end_reason = "became red"
        db.session.flush()
        audit.record(
            "flag.superseded", flag, actor=SYSTEM, at=now, enrolment_id=flag.enrolment_id, rule=flag.rule
        )


def withdraw_finding(finding: FlagFinding, *, now: datetime) -> None:
    """Note that the outcome behind a finding was recorded in error."""
    with transaction():
        finding.withdrawn_at = finding.withdrawn_at or now


def end_flag(flag: Flag, state: FlagState, reason: str, *, actor: Actor, now: datetime) -> None:
    """End an open flag as recorded in error or cleared.

    A cleared one may still turn out to be recorded in error; otherwise what has ended stays so.
    """
    with transaction():
        was_cleared = flag.state == FlagState.CLEARED and state is FlagState.RECORDED_IN_ERROR
        if flag.state != FlagState.OPEN and not was_cleared:
            return
        flag.state, flag.ended_at = state.value, now
        flag.ended_by, flag.end_reason = actor.staff_id, reason
        audit.record(
            "flag.ended",
            flag,
            actor=actor,
            at=now,
            enrolment_id=flag.enrolment_id,
            rule=flag.rule,
            why=state.value,
        )


def clear_flag(flag: Flag, reason: str, *, actor: Actor, now: datetime) -> None:
    """Clear a flag: a person does so, with a reason (product.md §7)."""
    if actor.is_system or not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why the flag is cleared.", field="reason")
    if flag.state != FlagState.OPEN:
        raise RefusedError(Code.NOT_ALLOWED, "This flag has ended already.")
    end_flag(flag, FlagState.CLEARED, reason, actor=actor, now=now)


def add_contact(
    enrolment_id: int,
    kind: str,
    note: str | None,
    *,
    actor: Actor,
    now: datetime,
    outcome: str | None = None,
) -> Contact:
    """Record a contact with the participant and what came of it."""
    with transaction():
        contact = Contact(
            enrolment_id=enrolment_id,
            kind=kind,
            outcome=outcome,
            note=note,
            made_at=now,
            made_by=actor.staff_id,
        )
        db.session.add(contact)
        db.session.flush()
        audit.record("contact.made", contact, actor=actor, at=now, enrolment_id=enrolment_id, kind=kind)
        return contact
