"""What happens along the way: contacts, catch-ups, transfers, completion, leaving."""

from dataclasses import replace
from datetime import datetime

from programme_tracker.attendance.models import CatchUp
from programme_tracker.attendance.queries import catch_up_of, mark_of
from programme_tracker.attendance.rules import Outcome
from programme_tracker.audit import services as audit
from programme_tracker.engagement.models import Contact
from programme_tracker.engagement.services import add_contact
from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment, NeutralSpan
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.referrals.services import is_over, set_status
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.scheduling.rules import transfer_gap_is_neutral
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import finish_tasks
from programme_tracker.workflows.booking import give_up
from programme_tracker.workflows.completion import is_complete
from programme_tracker.workflows.credits import finish_enrolment
from programme_tracker.workflows.escalating import inform, person_facts, session_facts
from programme_tracker.workflows.groups import join_group, lock_group, offer_freed_place, stop_waiting
from programme_tracker.workflows.permissions import DELIVERY, require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for, victim_safety_for


def record_contact(
    enrolment_id: int,
    kind: str,
    note: str | None,
    *,
    actor: Actor,
    now: datetime,
    outcome: str | None = None,
) -> Contact:
    """Record a contact with the participant; the no-contact clock starts anew.

    ``outcome`` is "spoke", "no_answer", "left_message" or "sent"; an attempt that reached nobody is
    kept but is no contact, so the clock goes on.
    """
    require(actor, *DELIVERY, why="Ask the caseworker to record this contact.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        contact = add_contact(enrolment_id, kind, note, outcome=outcome, actor=actor, now=now)
        plan_next_look(enrolment, now)
        return contact


def name_catch_up(
    enrolment_id: int, missed_session_id: int, session_id: int, *, actor: Actor, now: datetime
) -> CatchUp:
    """Name the session that closes an absence."""
    require(actor, *DELIVERY, why="Ask the caseworker to name the catch-up.")
    with transaction():
        locked(Enrolment, enrolment_id)
        _refuse_unless_missed(missed_session_id, enrolment_id)
        session = db.session.get_one(Session, session_id)
        if session.cancelled_at is not None or session_id == missed_session_id:
            raise RefusedError(Code.NOT_ALLOWED, "Choose another session as the catch-up.")
        return _close_absence(enrolment_id, missed_session_id, session_id, None, actor, now)


def _refuse_unless_missed(session_id: int, enrolment_id: int) -> None:
    mark = mark_of(session_id, enrolment_id)
    if mark is None or Outcome(mark.outcome).kind.attended:
        raise RefusedError(Code.NOT_ALLOWED, "Only a missed session needs a catch-up.")


def waive_absence(
    enrolment_id: int, missed_session_id: int, because: str, *, actor: Actor, now: datetime
) -> CatchUp:
    """Close an absence without a catch-up: a manager may, with a reason."""
    require(actor, Role.MANAGER, why="Only a manager may waive a catch-up.")
    if not because.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why no catch-up is needed.", field="because")
    with transaction():
        locked(Enrolment, enrolment_id)
        _refuse_unless_missed(missed_session_id, enrolment_id)
        return _close_absence(enrolment_id, missed_session_id, None, because.strip(), actor, now)


def _close_absence(
    enrolment_id: int,
    missed_session_id: int,
    session_id: int | None,
    waived_because: str | None,
    actor: Actor,
    now: datetime,
) -> CatchUp:
    standing = catch_up_of(enrolment_id, missed_session_id)
    if standing is not None and standing.waived_because is not None:
        raise RefusedError(Code.NOT_ALLOWED, "A manager has waived the catch-up already.")
    if standing is not None and session_id is not None and standing.session_id == session_id:
        return standing
    entry = CatchUp(
        enrolment_id=enrolment_id,
        missed_session_id=missed_session_id,
        session_id=session_id,
        waived_because=waived_because,
        closed_at=now,
        closed_by=actor.staff_id,
    )
    db.session.add(entry)
    db.session.flush()
    finish_tasks(
        TaskKind.BOOK_CATCH_UP,
        how="named" if session_id else "waived",
        actor=actor,
        now=now,
        enrolment_id=enrolment_id,
        session_id=missed_session_id,
    )
    audit.record(
        "absence.closed",
        entry,
        actor=actor,
        at=now,
        enrolment_id=enrolment_id,
        session_id=session_id,
        missed_session_id=missed_session_id,
    )
    return entry


def transfer(enrolment_id: int, group_id: int, *, actor: Actor, now: datetime) -> Enrolment:
    """Move a person to another group of the programme, credit and streak kept (product.md §4).

    Victim safety is told the new night at once.
    """
    require(actor, *DELIVERY, why="Ask a caseworker to make this transfer.")
    with transaction():
        group = lock_group(group_id)
        enrolment = locked(Enrolment, enrolment_id)
        if group.programme_code != enrolment.programme_code:
            raise RefusedError(Code.NOT_ALLOWED, "That group belongs to another programme.")
        for booking in live_bookings(enrolment.id):
            in_old_group = booking.session.group_id == enrolment.group_id
            if in_old_group and booking.session.starts_at > now:
                give_up(booking, "transferred to another group", actor=actor, now=now)
        left_group_id = enrolment.group_id
        sessions = join_group(enrolment.id, group.id, actor=actor, now=now)
        _count_short_gap_for_nothing(enrolment, sessions[0].starts_at, now)
        facts = person_facts(enrolment) | session_facts(sessions[0])
        details = NoticeDetails(
            kind="transferred", enrolment_id=enrolment.id, facts=facts, session_id=sessions[0].id
        )
        worker = victim_safety_for(enrolment, now)
        inform(replace(details, kind="programme_change"), [worker], now=now, actor=actor)
        inform(details, [worker, lead_for(enrolment, now)], now=now, actor=actor)
        audit.record("enrolment.transferred", enrolment, actor=actor, at=now, enrolment_id=enrolment.id)
        if left_group_id is not None:
            offer_freed_place(left_group_id, now=now)
        return enrolment


def _count_short_gap_for_nothing(enrolment: Enrolment, next_at: datetime, now: datetime) -> None:
    """Let a gap between two groups of up to 14 days count for nothing (product.md §4)."""
    days = policy_at(now).general.transfer_neutral_days
    if transfer_gap_is_neutral(local_date(now), local_date(next_at), days):
        span = NeutralSpan(
            enrolment_id=enrolment.id, from_at=now, to_at=next_at, why="transfer between groups"
        )
        db.session.add(span)
        plan_next_look(enrolment, now)


def complete(enrolment_id: int, *, actor: Actor, now: datetime, group_ready: bool = False) -> Enrolment:
    """Judge that a programme is complete, where somebody's judgement is needed."""
    require(actor, Role.CASEWORKER, Role.MANAGER, why="The caseworker judges completion.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        if is_over(enrolment) or not is_complete(enrolment, now, group_ready):
            raise RefusedError(Code.NOT_ALLOWED, "What the programme asks for has not been reached yet.")
        finish_enrolment(enrolment, actor=actor, now=now)
        plan_next_look(enrolment, now)
        return enrolment


def withdraw(enrolment_id: int, reason: str, *, actor: Actor, now: datetime) -> Enrolment:
    """End an enrolment because the person leaves; victim safety is told first."""
    return _leave(enrolment_id, EnrolmentStatus.WITHDRAWN, reason, actor, now)


def deselect(enrolment_id: int, reason: str, *, actor: Actor, now: datetime) -> Enrolment:
    """End an enrolment because the provider ends it; victim safety is told first."""
    return _leave(enrolment_id, EnrolmentStatus.DESELECTED, reason, actor, now)


def _leave(enrolment_id: int, status: EnrolmentStatus, reason: str, actor: Actor, now: datetime) -> Enrolment:
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to end this enrolment.")
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why the enrolment ends.", field="reason")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        set_status(enrolment, status, actor=actor, now=now, reason=reason)
        for booking in live_bookings(enrolment.id):
            if booking.session.starts_at > now:
                give_up(booking, status.value, actor=actor, now=now)
        addressees = [victim_safety_for(enrolment, now), Addressee("referrer", enrolment.referrer_id)]
        details = NoticeDetails(kind="withdrawn", enrolment_id=enrolment.id, facts=person_facts(enrolment))
        inform(details, addressees, now=now, actor=actor)
        plan_next_look(enrolment, now)
        stop_waiting(enrolment.id, status.value, actor=actor, now=now)
        if enrolment.group_id is not None:
            offer_freed_place(enrolment.group_id, now=now)
        return enrolment
