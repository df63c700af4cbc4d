"""What the conditions of sending look at, read for many messages at once.

Read inside the transaction that decides, so that it is as new as the decision.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.queries import marked_pairs
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.queries import suppressed
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import numbers_of_several
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.victim_safety.services import protected_numbers


@dataclass(frozen=True)
class Surroundings:
    """The enrolments and sessions that messages speak of, and what stands against their numbers."""

    enrolments: dict[int, Enrolment]
    sessions: dict[int, Session]
    marked: set[tuple[int, int]]
    #: Suppressed numbers and partners' numbers, E.164.
    barred_numbers: set[str]
    shared_numbers: set[str]

    def enrolment_of(self, message: Message) -> Enrolment:
        """Return whom a message speaks to. Raises LookupError when there is no such enrolment."""
        return self.enrolments[message.enrolment_id or 0]

    def session_of(self, message: Message) -> Session:
        """Return what a message speaks of. Raises LookupError when there is no such session."""
        return self.sessions[message.session_id or 0]

    def has_mark(self, message: Message) -> bool:
        """Tell whether an outcome is recorded for the session a message speaks of."""
        return (message.session_id, message.enrolment_id) in self.marked

    def is_shared(self, person: Participant) -> bool:
        """Tell whether another participant has the same number and nobody has allowed it."""
        return person.mobile in self.shared_numbers


def surroundings_of(
    messages: Collection[Message],
    number_of: Callable[[Participant], str],
    *,
    also: Collection[Enrolment] = (),
) -> Surroundings:
    """Read everything that decides about ``messages``; ``number_of`` gives a person's number, or "".

    ``also`` are enrolments that are looked at besides.
    """
    enrolment_ids = {one.enrolment_id for one in messages if one.enrolment_id is not None}
    session_ids = {one.session_id for one in messages if one.session_id is not None}
    with_person = joinedload(Enrolment.participant).joinedload(Participant.guardian)
    enrolments = {
        one.id: one
        for one in db.session.scalars(
            select(Enrolment).where(Enrolment.id.in_(enrolment_ids)).options(with_person)
        )
    }
    sessions = db.session.scalars(select(Session).where(Session.id.in_(session_ids)))
    enrolments |= {one.id: one for one in also}
    people = [one.participant for one in enrolments.values()]
    numbers = {number_of(person) for person in people} - {""}
    return Surroundings(
        enrolments=enrolments,
        sessions={one.id: one for one in sessions},
        marked=marked_pairs(session_ids, enrolment_ids),
        barred_numbers=suppressed(numbers) | protected_numbers(numbers),
        shared_numbers=numbers_of_several({one.mobile for one in people if one.mobile}),
    )
