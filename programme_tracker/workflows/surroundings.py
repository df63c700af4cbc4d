"""What the conditions of sending look at, read for many messages at once.

Read inside the transaction that decides, so that it is as new as the decision.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.attendance.queries import marked_pairs
from programme_tracker.kernel.database import db
from programme_tracker.messaging.queries import suppressed
from programme_tracker.messaging.services import HeldMessage
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.queries import numbers_of_several
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.victim_safety.services import protected_numbers


@dataclass(frozen=True, slots=True)
class Addressee:
    """One enrolment as the conditions of sending see it, with its person and their guardian."""

    enrolment_id: int
    gate: str
    status: str
    suspension_reason: str | None
    police_decision: str | None
    born_on: date
    mobile: str | None
    own_consent_at: datetime | None
    opted_out_at: datetime | None
    #: None where there is no guardian.
    guardian_id: int | None
    guardian_mobile: str | None
    guardian_has_consented: bool | None
    guardian_is_barred: bool | None


#: In the order of the fields.
_COLUMNS = (
    *(Enrolment.id, Enrolment.gate, Enrolment.status, Enrolment.suspension_reason),
    *(Enrolment.police_decision, Participant.born_on, Participant.mobile),
    *(Participant.own_consent_at, Participant.opted_out_at),
    *(Guardian.id, Guardian.mobile, Guardian.has_consented, Guardian.is_barred),
)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session as the conditions of sending see it."""

    session_id: int
    version: int
    cancelled_at: datetime | None


@dataclass(frozen=True)
class Surroundings:
    """The enrolments and sessions that messages speak of, and what stands against their numbers."""

    addressees: dict[int, Addressee]
    #: The number (E.164) that texts about an enrolment go to; empty where there is none.
    numbers: dict[int, str]
    sessions: dict[int, SessionFacts]
    marked: set[tuple[int, int]]
    #: Suppressed numbers and partners' numbers, E.164.
    barred_numbers: set[str]
    shared_numbers: set[str]

    def has_mark(self, message: HeldMessage) -> bool:
        """Tell whether an outcome is recorded for the session a message speaks of."""
        return (message.session_id, message.enrolment_id) in self.marked


def surroundings_of(
    messages: Collection[HeldMessage],
    number_of: Callable[[Addressee], str],
    *,
    also: Collection[int] = (),
) -> Surroundings:
    """Read everything that decides about ``messages``; ``number_of`` gives a person's number, or "".

    ``also`` are the ids of enrolments that are looked at besides.
    """
    enrolment_ids = {one.enrolment_id for one in messages if one.enrolment_id is not None}
    session_ids = {one.session_id for one in messages if one.session_id is not None}
    people = _addressees({*enrolment_ids, *also})
    numbers = {one.enrolment_id: number_of(one) for one in people}
    known = set(numbers.values()) - {""}
    return Surroundings(
        addressees={one.enrolment_id: one for one in people},
        numbers=numbers,
        sessions=_sessions(session_ids),
        marked=marked_pairs(session_ids, enrolment_ids),
        barred_numbers=suppressed(known) | protected_numbers(known),
        shared_numbers=numbers_of_several({one.mobile for one in people if one.mobile}),
    )


def _addressees(enrolment_ids: Collection[int]) -> list[Addressee]:
    found = (
        select(*_COLUMNS)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .outerjoin(Guardian, Guardian.participant_id == Participant.id)
        .where(Enrolment.id.in_(enrolment_ids))
    )
    return [Addressee(*tuple(row)) for row in db.session.execute(found)]


def _sessions(session_ids: Collection[int]) -> dict[int, SessionFacts]:
    found = select(Session.id, Session.version, Session.cancelled_at).where(Session.id.in_(session_ids))
    return {row.id: SessionFacts(*row) for row in db.session.execute(found)}
