"""Finding participants."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select

from programme_tracker.kernel.database import db
from programme_tracker.people.models import NumberSharing, Participant, SeparatedPair


def with_number(mobile: str) -> list[Participant]:
    """Return the participants whose own number is this E.164 number."""
    return list(
        db.session.scalars(select(Participant).where(Participant.mobile == mobile).order_by(Participant.id))
    )


def shares_number(person: Participant) -> bool:
    """Tell whether another participant has the same number and nobody has allowed it for all of them."""
    return person.mobile is not None and person.mobile in numbers_of_several([person.mobile])


def numbers_of_several(numbers: Collection[str]) -> set[str]:
    """Return those of these numbers that several participants have, and not all of them by leave."""
    found = _sharers(Participant.mobile.in_(numbers))
    return {number for number in db.session.scalars(found) if number}


def shared_numbers() -> list[str]:
    """Return every number that several participants have, and not all of them by leave."""
    found = _sharers(Participant.mobile.is_not(None)).order_by(Participant.mobile)
    return [number for number in db.session.scalars(found) if number]


def _sharers(condition: ColumnElement[bool]) -> Select[str | None]:
    allowed = (NumberSharing.participant_id == Participant.id) & (NumberSharing.number == Participant.mobile)
    return (
        select(Participant.mobile)
        .outerjoin(NumberSharing, allowed)
        .where(condition)
        .group_by(Participant.mobile)
        .having(func.count(Participant.id) > 1, func.count(NumberSharing.id) < func.count(Participant.id))
    )


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
