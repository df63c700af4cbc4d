"""Finding participants."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select

from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant, SeparatedPair


def with_number(mobile: str) -> list[Participant]:
    """Return the participants whose own number is this E.164 number."""
    return list(
        db.session.scalars(select(Participant).where(Participant.mobile == mobile).order_by(Participant.id))
    )


def shares_number(person: Participant) -> bool:
    """Tell whether another participant has the same number and nobody has allowed it."""
    if person.mobile is None or person.sharing_allowed_because:
        return False
    others = select(Participant.id).where(Participant.mobile == person.mobile, Participant.id != person.id)
    return db.session.scalars(others.limit(1)).first() is not None


def numbers_of_several(numbers: Collection[str]) -> set[str]:
    """Return those of these numbers that more than one participant has."""
    found = select(Participant.mobile).where(Participant.mobile.in_(numbers)).group_by(Participant.mobile)
    return {number for number in db.session.scalars(found.having(func.count() > 1)) if number}


def separated_from(participant_id: int) -> frozenset[int]:
    """Return the ids of everybody whom this person must not meet."""
    pairs = db.session.execute(
        select(SeparatedPair.first_id, SeparatedPair.second_id).where(
            or_(SeparatedPair.first_id == participant_id, SeparatedPair.second_id == participant_id)
        )
    )
    return frozenset(second if first == participant_id else first for first, second in pairs)


def born_on_of(day: date) -> list[Participant]:
    """Return the participants born on a day."""
    return list(db.session.scalars(select(Participant).where(Participant.born_on == day)))
