"""Reading enrolments and their history."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import unseal
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, GateDecision, NeutralSpan, StatusChange
from programme_tracker.referrals.rules import EnrolmentStatus, Identity, likely_same_person

Span = tuple[datetime, datetime | None]


def suspensions_of(enrolment_id: int) -> tuple[Span, ...]:
    """Return when the enrolment was suspended: (from, to), the last with no end if it still is."""
    return suspensions_among((enrolment_id,)).get(enrolment_id, ())


def suspensions_among(enrolment_ids: Collection[int]) -> dict[int, tuple[Span, ...]]:
    """Return the same for several enrolments at once; those never suspended are left out."""
    rows = db.session.execute(
        select(
            StatusChange.enrolment_id,
            StatusChange.from_status,
            StatusChange.to_status,
            StatusChange.changed_at,
        )
        .where(StatusChange.enrolment_id.in_(enrolment_ids))
        .order_by(StatusChange.id)
    )
    spans: dict[int, list[Span]] = {}
    for enrolment_id, before, after, at in rows:
        own = spans.setdefault(enrolment_id, [])
        if after == EnrolmentStatus.SUSPENDED:
            own.append((at, None))
        elif before == EnrolmentStatus.SUSPENDED and own:
            own[-1] = (own[-1][0], at)
    return {enrolment_id: tuple(own) for enrolment_id, own in spans.items() if own}


def was_suspended_at(enrolment_id: int, moment: datetime) -> bool:
    """Tell whether an enrolment was suspended at an instant."""
    return any(
        start <= moment and (end is None or moment < end) for start, end in suspensions_of(enrolment_id)
    )


def neutral_spans_of(enrolment_id: int) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return the spans of time that count for nothing on an enrolment."""
    rows = db.session.execute(
        select(NeutralSpan.from_at, NeutralSpan.to_at).where(NeutralSpan.enrolment_id == enrolment_id)
    )
    return tuple((from_at, to_at) for from_at, to_at in rows)


def enrolments_of(participant_id: int) -> list[Enrolment]:
    """Return every enrolment of a participant, oldest first."""
    return list(
        db.session.scalars(
            select(Enrolment).where(Enrolment.participant_id == participant_id).order_by(Enrolment.id)
        )
    )


def likely_duplicates(sought: Identity) -> list[Participant]:
    """Return the participants who are probably this person: same number, or same name and birth date."""
    near = select(Participant).where(
        or_(Participant.born_on == sought.born_on, Participant.mobile == (sought.number or ""))
    )
    found = db.session.scalars(near.order_by(Participant.id))
    return [
        person
        for person in found
        if likely_same_person(sought, Identity(person.name, person.born_on, person.mobile))
    ]


def reason_given(decision: GateDecision) -> str | None:
    """Return why a sign-off was decided as it was; victim safety's own reasons are for them alone."""
    sealed = decision.reason_sealed
    return unseal(sealed, "gate_decisions", decision.id, "reason") if sealed else decision.reason


def gate_history(enrolment_id: int) -> list[GateDecision]:
    """Return every answer that was ever given to an enrolment's sign-off, newest first."""
    return list(
        db.session.scalars(
            select(GateDecision)
            .where(GateDecision.enrolment_id == enrolment_id)
            .order_by(GateDecision.id.desc())
        )
    )
