"""What comes back: replies and the provider's reports on delivery."""

from datetime import datetime

from sqlalchemy import or_, select

from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.replies import Reply, ReplyKind, classify
from programme_tracker.messaging.rules import MessageState, SuppressionReason
from programme_tracker.messaging.services import record_delivery, record_inbound, suppress_number
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.services import opt_out
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.scheduling.services import confirm
from programme_tracker.victim_safety.services import partners_with_number
from programme_tracker.workflows.escalating import inform
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.recipients import victim_safety_for
from programme_tracker.workflows.sending import ring, ring_after_failure

_FAILED = {MessageState.FAILED, MessageState.UNDELIVERED}


def receive_reply(
    from_number: str, body: str, *, now: datetime, provider_sid: str | None = None
) -> InboundMessage:
    """Take an inbound text and do what product.md §5 says of it; the same SID twice is one text.

    ``from_number`` is E.164. A text from a partner's safe number is for victim safety alone.
    """
    with transaction():
        people = _people_with(from_number)
        reply = classify(body)
        protected = bool(partners_with_number(from_number))
        inbound = record_inbound(
            from_address=from_number,
            body=body,
            received_at=now,
            reply=reply,
            now=now,
            provider_sid=provider_sid,
            participant_id=people[0].id if len(people) == 1 else None,
            is_quarantined=protected,
        )
        if not inbound.is_new:
            return inbound.message
        for person in people:
            _act_on(person, from_number, reply, now)
        if reply.kind is ReplyKind.WRONG_PERSON:
            suppress_number(from_number, SuppressionReason.WRONG_PERSON, actor=SYSTEM, now=now)
        if reply.kind is ReplyKind.WRONG_PERSON or protected:
            _tell_victim_safety(people, from_number, protected, now)
        return inbound.message


def _people_with(number: str) -> list[Participant]:
    """Return the participants whom this number belongs to, their guardians' numbers included."""
    found = (
        select(Participant)
        .outerjoin(Guardian, Guardian.participant_id == Participant.id)
        .where(or_(Participant.mobile == number, Guardian.mobile == number))
        .order_by(Participant.id)
    )
    return list(db.session.scalars(found))


def _act_on(person: Participant, number: str, reply: Reply, now: datetime) -> None:
    live = [one for one in enrolments_of(person.id) if not is_over(one)]
    if reply.opts_out:
        opt_out(person, actor=SYSTEM, now=now)
        for enrolment in live:
            ring(enrolment, None, "They replied STOP: no text will go. Agree how to reach them.", now=now)
    if reply.kind is ReplyKind.CONFIRM:
        _confirm_next(live, now)
    if reply.kind is ReplyKind.CALL_ME:
        for enrolment in live[:1]:
            ring(enrolment, None, "They asked to be called, by replying 2.", now=now)
    if reply.kind is ReplyKind.WRONG_PERSON:
        for enrolment in live:
            ask_to_check(enrolment, "Number unusable. Ask for another.", now=now)


def _confirm_next(live: list[Enrolment], now: datetime) -> None:
    """Mark the next session of all that are booked as confirmed."""
    bookings = [
        booking
        for enrolment in live
        for booking in live_bookings(enrolment.id)
        if booking.session.starts_at > now and booking.session.cancelled_at is None
    ]
    if bookings:
        confirm(min(bookings, key=lambda booking: booking.session.starts_at), now=now)


def _tell_victim_safety(people: list[Participant], number: str, protected: bool, now: datetime) -> None:
    """Give victim safety what came from somebody else: each worker once; what it says stays apart."""
    live = [
        enrolment for person in people for enrolment in enrolments_of(person.id) if not is_over(enrolment)
    ]
    kind = "number_conflict" if protected else "wrong_person"
    told: set[int | None] = set()
    for enrolment in live:
        worker = victim_safety_for(enrolment, now)
        if worker.staff_id in told:
            continue
        told.add(worker.staff_id)
        facts = {"name": enrolment.participant.name, "reason": "A reply came from somebody else."}
        inform(NoticeDetails(kind=kind, enrolment_id=enrolment.id, facts=facts), [worker], now=now)
    if not live:
        details = NoticeDetails(kind=kind, enrolment_id=None)
        inform(details, [Addressee("victim_safety")], now=now)


def receive_delivery(
    status: str,
    *,
    now: datetime,
    message_id: int | None = None,
    sid: str | None = None,
    error_code: str | None = None,
) -> Message | None:
    """Take the provider's report; a reminder that failed makes a call before the session."""
    with transaction():
        message = record_delivery(status, now=now, message_id=message_id, sid=sid, error_code=error_code)
        if message is not None and message.state in _FAILED:
            ring_after_failure(message, now=now)
        return message
