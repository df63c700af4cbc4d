"""Writing cases and notices. Order and deadlines come from the rules; chains from workflows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.escalation.models import (
    Case,
    CaseAction,
    CaseDecision,
    Decision,
    Notice,
    NoticeFinding,
)
from programme_tracker.escalation.rules import ActionKind, Addressee, facts_for, must_be_acknowledged
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction


class NoticeOrderError(Exception):
    """Enforcement was about to be told before victim safety."""


@dataclass(frozen=True)
class NoticeDetails:
    """What a notice is about, whoever gets it."""

    kind: str
    enrolment_id: int | None
    facts: dict[str, Any] = field(default_factory=dict)
    case_id: int | None = None
    session_id: int | None = None
    about_id: int | None = None
    finding_ids: tuple[int, ...] = ()


def open_case(enrolment_id: int) -> Case | None:
    """Return the enrolment's open case, if it has one."""
    return db.session.scalars(
        select(Case).where(Case.enrolment_id == enrolment_id, Case.closed_at.is_(None))
    ).first()


def ensure_case(enrolment_id: int, *, now: datetime) -> Case:
    """Return the enrolment's open case, opened now if there is none."""
    with transaction():
        case = open_case(enrolment_id)
        if case is None:
            case = Case(enrolment_id=enrolment_id, opened_at=now)
            db.session.add(case)
            db.session.flush()
            audit.record("case.opened", case, actor=SYSTEM, at=now, enrolment_id=enrolment_id)
        return case


def close_case(case: Case, reason: str, *, actor: Actor, now: datetime) -> None:
    """Close a case, saying why; a closed one stays as it is."""
    with transaction():
        if case.closed_at is not None:
            return
        case.closed_at, case.closed_by, case.close_reason = now, actor.staff_id, reason
        case.hold_until = None
        audit.record("case.closed", case, actor=actor, at=now, enrolment_id=case.enrolment_id)


def plan_notice(
    details: NoticeDetails,
    addressee: Addressee,
    *,
    release_at: datetime | None,
    now: datetime,
    deadline_at: datetime | None = None,
) -> Notice:
    """Make a notice to be released later, holding only what its recipient may know."""
    with transaction():
        notice = Notice(
            case_id=details.case_id,
            enrolment_id=details.enrolment_id,
            kind=details.kind,
            to_role=addressee.recipient,
            staff_id=addressee.staff_id,
            about_id=details.about_id,
            session_id=details.session_id,
            facts=facts_for(addressee.recipient, details.facts),
            planned_at=now,
            deadline_at=deadline_at,
            release_at=release_at,
            must_acknowledge=must_be_acknowledged(details.kind, addressee.recipient),
        )
        db.session.add(notice)
        db.session.flush()
        for finding_id in details.finding_ids:
            db.session.add(NoticeFinding(notice_id=notice.id, finding_id=finding_id))
        if release_at is not None:
            # One that goes at once is recorded when it goes.
            audit.record(
                "notice.planned",
                notice,
                actor=SYSTEM,
                at=now,
                enrolment_id=notice.enrolment_id,
                kind=notice.kind,
                to=notice.to_role,
                release_at=release_at,
            )
        return notice


def release(
    notice: Notice,
    *,
    staff_id: int | None,
    chase_at: datetime | None,
    now: datetime,
    actor: Actor = SYSTEM,
    about: str | None = None,
    out_of_order: bool = False,
) -> None:
    """Release a notice, once. Raises NoticeOrderError if victim safety was not told first.

    ``staff_id`` is who answers for the addressee today. ``out_of_order`` is for imminent danger
    alone, and is recorded.
    """
    with transaction():
        if notice.released_at is not None or notice.cancelled_at is not None:
            return
        if not out_of_order:
            _check_victim_safety_first(notice)
        notice.staff_id = staff_id
        notice.released_at, notice.release_at = now, None
        notice.acknowledge_by = chase_at
        notice.chase_at = chase_at if notice.must_acknowledge else None
        audit.record(
            "notice.released",
            notice,
            actor=actor,
            at=now,
            enrolment_id=notice.enrolment_id,
            kind=notice.kind,
            to=notice.to_role,
            staff_id=staff_id,
            about=about,
            session_id=notice.session_id,
            order_waived=out_of_order,
        )


def _check_victim_safety_first(notice: Notice) -> None:
    """See that every finding an enforcement notice reports has reached victim safety."""
    if notice.to_role not in {"police", "enforcement"}:
        return
    told = (
        select(NoticeFinding.finding_id)
        .join(Notice, Notice.id == NoticeFinding.notice_id)
        .where(Notice.to_role == "victim_safety", Notice.released_at.is_not(None))
    )
    untold = select(NoticeFinding.finding_id).where(
        NoticeFinding.notice_id == notice.id, NoticeFinding.finding_id.not_in(told)
    )
    if db.session.scalars(untold.limit(1)).first() is not None:
        raise NoticeOrderError(f"Victim safety has not been told of what notice {notice.id} says.")


def change_facts(notice: Notice, facts: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Bring a notice that has not gone up to date, within what its recipient may know."""
    with transaction():
        told = {name: value for name, value in notice.facts.items() if name not in facts}
        told |= facts_for(notice.to_role, facts)
        if notice.released_at is None and told != notice.facts:
            notice.facts = told
            audit.record(
                "notice.brought_up_to_date", notice, actor=actor, at=now, enrolment_id=notice.enrolment_id
            )


def cancel_notice(notice: Notice, *, actor: Actor, now: datetime) -> bool:
    """Cancel a notice that has not been released; False when it is too late."""
    with transaction():
        if notice.released_at is not None or notice.cancelled_at is not None:
            return False
        notice.cancelled_at, notice.release_at = now, None
        audit.record(
            "notice.cancelled",
            notice,
            actor=actor,
            at=now,
            enrolment_id=notice.enrolment_id,
            kind=notice.kind,
            to=notice.to_role,
            staff_id=notice.staff_id,
        )
        return True


def note_opened(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Note that a notice was opened by somebody it is addressed to; the first time counts."""
    with transaction():
        notice = locked(Notice, notice.id)
        if notice.opened_at is not None or notice.released_at is None:
            return
        notice.opened_at = now
        audit.record("notice.opened", notice, actor=actor, at=now, enrolment_id=notice.enrolment_id)


def acknowledge_notice(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Note that a notice was read by somebody it is addressed to; the first one counts."""
    with transaction():
        if notice.acknowledged_at is not None or notice.released_at is None:
            return
        notice.acknowledged_at, notice.acknowledged_by = now, actor.staff_id
        notice.opened_at = notice.opened_at or now
        notice.chase_at = None
        audit.record(
            "notice.acknowledged",
            notice,
            actor=actor,
            at=now,
            enrolment_id=notice.enrolment_id,
            kind=notice.kind,
            to=notice.to_role,
        )


def take_back_acknowledgement(
    notice: Notice, *, chase_at: datetime | None, actor: Actor, now: datetime
) -> None:
    """Let a notice wait for its acknowledgement again; ``chase_at`` is when it is chased next."""
    with transaction():
        notice.acknowledged_at, notice.acknowledged_by = None, None
        notice.chase_at = chase_at
        audit.record(
            "notice.acknowledgement_taken_back",
            notice,
            actor=actor,
            at=now,
            enrolment_id=notice.enrolment_id,
            kind=notice.kind,
            to=notice.to_role,
        )


def notices_reporting(finding_ids: Iterable[int]) -> list[Notice]:
    """Return the notices that report any of these findings, victim safety's first."""
    ids = list(finding_ids)
    if not ids:
        return []
    found = select(NoticeFinding.notice_id).where(NoticeFinding.finding_id.in_(ids))
    notices = db.session.scalars(select(Notice).where(Notice.id.in_(found)).order_by(Notice.id))
    return sorted(notices, key=lambda notice: notice.to_role != "victim_safety")


def add_decision(
    case: Case,
    decision: Decision,
    reason: str | None,
    hold_until: datetime | None,
    *,
    actor: Actor,
    now: datetime,
) -> CaseDecision:
    """Write one decision of victim safety; rows are only added."""
    if actor.staff_id is None:
        raise RefusedError(Code.NOT_ALLOWED, "A person decides on a case.")
    with transaction():
        entry = CaseDecision(
            case=case,
            decision=decision.value,
            reason=reason,
            hold_until=hold_until,
            decided_at=now,
            decided_by=actor.staff_id,
        )
        db.session.add(entry)
        db.session.flush()
        audit.record(
            "case.decided",
            case,
            actor=actor,
            at=now,
            enrolment_id=case.enrolment_id,
            decision=decision.value,
            hold_until=hold_until,
        )
        return entry


def decline(entry: CaseDecision, *, actor: Actor, now: datetime) -> None:
    """Note that a manager did not sign a hold."""
    with transaction():
        entry.declined_at = now
        audit.record(
            "case.hold_declined", entry.case, actor=actor, at=now, enrolment_id=entry.case.enrolment_id
        )


def cosign(entry: CaseDecision, *, actor: Actor, now: datetime) -> None:
    """Note a manager's co-signature on a hold."""
    with transaction():
        entry.cosigned_at, entry.cosigned_by = now, actor.staff_id
        audit.record(
            "case.hold_cosigned", entry.case, actor=actor, at=now, enrolment_id=entry.case.enrolment_id
        )


def add_action(
    case: Case, action: ActionKind, note: str | None, *, actor: Actor, now: datetime
) -> CaseAction:
    """Note an action taken on a case; rows are only added. A person takes it, never the system."""
    if actor.staff_id is None:
        raise RefusedError(Code.NOT_ALLOWED, "A person acts on a case.")
    with transaction():
        entry = CaseAction(
            case_id=case.id, action=action.value, note=note, taken_at=now, taken_by=actor.staff_id
        )
        db.session.add(entry)
        audit.record(
            "case.acted", case, actor=actor, at=now, enrolment_id=case.enrolment_id, action=action.value
        )
        return entry
