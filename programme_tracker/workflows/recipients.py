"""Who answers for whom today: assigned workers, deputies on leave, or a whole role."""

from datetime import datetime

from programme_tracker.accounts.queries import staff_by_id, stand_in
from programme_tracker.escalation.rules import Addressee
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment


def today_for(addressee: Addressee, now: datetime) -> int | None:
    """Return who is told today: the one named, their deputy when on leave, else the whole role.

    A referrer or an officer keeps a notice that is addressed to them alone: nobody else of their
    role may see the case, so it stays theirs when no deputy is there.
    """
    if addressee.staff_id is None:
        return None
    person = stand_in(addressee.staff_id, local_date(now))
    if person is None and addressee.recipient in {"police", "referrer"}:
        return addressee.staff_id
    return person


def victim_safety_for(enrolment: Enrolment, now: datetime) -> Addressee:
    """Return the victim-safety worker who is told of this enrolment today."""
    return Addressee("victim_safety", _present(enrolment.worker_id, now))


def lead_for(enrolment: Enrolment, now: datetime) -> Addressee:
    """Return the lead of this enrolment today; nobody named means every caseworker."""
    return Addressee("lead", _present(enrolment.lead_id, now))


def _present(staff_id: int | None, now: datetime) -> int | None:
    return None if staff_id is None else stand_in(staff_id, local_date(now))


def deputy_of(staff_id: int | None, now: datetime) -> int | None:
    """Return the deputy of a worker who did not answer, if there today; None means the whole role."""
    person = staff_by_id(staff_id) if staff_id is not None else None
    if person is None or person.deputy_id is None:
        return None
    return stand_in(person.deputy_id, local_date(now))
