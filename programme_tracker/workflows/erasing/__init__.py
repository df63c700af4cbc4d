"""Erasing a participant whose time here is over, or a partner's file: the counts stay, the person goes.

Rows stay with their ids, so marks, flags and notices are still counted; every word, number and date by
which somebody could be known is taken out of them (``columns``). The trail holds no such word, so its
chain stays whole. What a database's files keep of old values in places no statement reads is rewritten
afterwards (``rewrite``).
"""

from datetime import datetime

from sqlalchemy import Table, delete, select, update

from programme_tracker.attendance.models import CatchUp
from programme_tracker.audit import services as audit
from programme_tracker.kernel import rewriting
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.services import forget_numbers
from programme_tracker.people.models import Erasure, KeepingOrder, Participant
from programme_tracker.people.rules import names_in
from programme_tracker.tasks.models import Task
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import read_details
from programme_tracker.victim_safety.services import delete_file
from programme_tracker.workflows.erasing.allowed import Standing, order_on, standing_of
from programme_tracker.workflows.erasing.columns import CHANGED, DELETED, ERASED, OF_PARTNERS
from programme_tracker.workflows.erasing.scope import Conditions, enrolments_of, numbers_of, rows_of
from programme_tracker.workflows.permissions import require

PARTICIPANT, PARTNER = "participant", "partner"


def erase_participant(participant_id: int, because: str, *, actor: Actor, now: datetime) -> Erasure:
    """Take everything by which a participant could be known out of every table; a manager does so.

    Raises RefusedError while anything about them is under way, before the time to keep them is over,
    against an order to keep them, while victim safety keeps a file, and for a reason that names them.
    """
    require(actor, Role.MANAGER, why="Only a manager may erase somebody.")
    with transaction():
        person = locked(Participant, participant_id)
        _refuse_participant(person, because, now)
        numbers = numbers_of(person.id)
        _erase_rows(rows_of(person.id, numbers))
        _finish(person.id, now)
        forget_numbers(numbers)
        db.session.refresh(person)
        person.erased_at = now
        erasure = _note(PARTICIPANT, person.id, because, actor, now)
        audit.record("participant.erased", person, actor=actor, at=now)
        return erasure


def _refuse_participant(person: Participant, because: str, now: datetime) -> None:
    if person.erased_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "They were erased already.")
    if not because.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why they are erased.", field="because")
    if names_in(because, person.name):
        raise RefusedError(
            Code.NOT_ALLOWED, "Leave their name out: the reason is kept when they are gone.", field="because"
        )
    if why := what_forbids(standing_of(person, now), now):
        raise RefusedError(Code.NOT_ALLOWED, why)


def what_forbids(standing: Standing, now: datetime) -> str | None:
    """Say in a sentence or two why a participant cannot be erased now; None when they can."""
    if standing.under_way:
        return " ".join(standing.under_way)
    if standing.order is not None:
        return "There is an order to keep them. End it first."
    if standing.keep_until is not None and standing.is_kept_on(local_date(now)):
        return f"They are kept until {standing.keep_until:%-d %B %Y}."
    if standing.has_partner_file:
        return "Victim safety still keeps something about them. Ask victim safety to finish first."
    return None


def _erase_rows(conditions: Conditions) -> None:
    """Delete or empty every row about somebody. Past the session's book-keeping: nothing of it is used."""
    db.session.flush()
    for name, condition in conditions.items():
        table = _table(name)
        if name in DELETED:
            db.session.execute(delete(table).where(condition))
        elif name in CHANGED:
            db.session.execute(update(table).where(condition).values(**CHANGED[name]))
    waived = CatchUp.waived_because.is_not(None) & conditions["catch_ups"]
    db.session.execute(update(_table("catch_ups")).where(waived).values(waived_because=ERASED))
    db.session.expire_all()


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _finish(participant_id: int, now: datetime) -> None:
    """Close what would go on asking about somebody who is gone."""
    mine = enrolments_of(participant_id)
    theirs = Task.enrolment_id.in_(mine) | (Task.participant_id == participant_id)
    tasks = db.session.scalars(select(Task).where(theirs, Task.done_at.is_(None)))
    for task in tasks:
        task.done_at, task.done_how = now, ERASED


def _note(subject: str, subject_id: int, because: str, actor: Actor, now: datetime) -> Erasure:
    erasure = Erasure(
        subject=subject,
        subject_id=subject_id,
        because=because.strip(),
        erased_at=now,
        erased_by=actor.staff_id,
    )
    db.session.add(erasure)
    db.session.flush()
    return erasure


def erase_partner_file(
    partner_id: int, because: str, *, was_asked: bool, actor: Actor, now: datetime
) -> Erasure:
    """Delete a partner's file; victim safety does so.

    ``was_asked`` says that the partner asked for it: then the time to keep it need not be over, only
    everything about the participant. Raises RefusedError otherwise, against an order to keep them,
    and for a reason that names the partner.
    """
    require(actor, Role.VICTIM_SAFETY, why="Ask victim safety.")
    with transaction():
        partner = locked(Partner, partner_id)
        person = locked(Participant, partner.participant_id)
        if not because.strip():
            raise RefusedError(Code.NOT_ALLOWED, "Say why the file is erased.", field="because")
        if names_in(because, read_details(partner).name) or names_in(because, person.name):
            raise RefusedError(
                Code.NOT_ALLOWED,
                "Leave every name out: the reason is kept when the file is gone.",
                field="because",
            )
        if why := what_keeps_file(person, was_asked=was_asked, now=now):
            raise RefusedError(Code.NOT_ALLOWED, why)
        erasure = _note(PARTNER, partner.id, because, actor, now)
        audit.record("partner.erased", partner, actor=actor, at=now)
        delete_file(partner.id)
        return erasure


def what_keeps_file(person: Participant, *, was_asked: bool, now: datetime) -> str | None:
    """Say why a partner's file cannot be erased now; None when it can."""
    standing = standing_of(person, now)
    if standing.under_way:
        return " ".join(standing.under_way)
    if standing.order is not None:
        return "There is an order to keep everything about them."
    if not was_asked and standing.keep_until is not None and standing.is_kept_on(local_date(now)):
        return f"The file is kept until {standing.keep_until:%-d %B %Y}, unless the partner asks."
    return None


def keep_longer(participant_id: int, because: str, *, actor: Actor, now: datetime) -> KeepingOrder:
    """Order that somebody is kept past their time, such as for an inquiry into a death (domain.md §8)."""
    require(actor, Role.MANAGER, why="Ask a manager.")
    if not because.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say who ordered it and why.", field="because")
    with transaction():
        person = locked(Participant, participant_id)
        known = order_on(person.id)
        if known is not None:
            return known
        order = KeepingOrder(
            participant_id=person.id, because=because.strip(), since_at=now, placed_by=actor.staff_id
        )
        db.session.add(order)
        db.session.flush()
        audit.record("participant.kept_longer", person, actor=actor, at=now, order_id=order.id)
        return order


def end_order(participant_id: int, because: str, *, actor: Actor, now: datetime) -> None:
    """End the order to keep somebody; without one nothing changes."""
    require(actor, Role.MANAGER, why="Ask a manager.")
    if not because.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why the order ends.", field="because")
    with transaction():
        person = locked(Participant, participant_id)
        order = order_on(person.id)
        if order is not None:
            order.ended_at, order.ended_by, order.ended_because = now, actor.staff_id, because.strip()
            audit.record("participant.order_ended", person, actor=actor, at=now, order_id=order.id)


def unwritten() -> int:
    """Count the erasures after which the database's files were not rewritten."""
    return len(db.session.scalars(select(Erasure.id).where(Erasure.rewritten_at.is_(None))).all())


def rewrite(*, now: datetime) -> int:
    """Rewrite the database's files, so that nothing erased is left in them; return for how many erasures.

    Outside any transaction. On PostgreSQL each table is locked while it is rewritten, and only the
    database's owner may do so.
    """
    waiting = db.session.scalars(select(Erasure.id).where(Erasure.rewritten_at.is_(None))).all()
    db.session.rollback()
    if not waiting:
        return 0
    rewriting.rewrite([*CHANGED, *DELETED, *OF_PARTNERS, "catch_ups", "suppressed_numbers"])
    with transaction():
        for erasure in db.session.scalars(select(Erasure).where(Erasure.id.in_(waiting))):
            erasure.rewritten_at = now
            audit.record("erasure.rewritten", erasure, actor=SYSTEM, at=now)
    return len(waiting)
