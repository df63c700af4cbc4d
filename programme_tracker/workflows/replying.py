"""What comes back: replies and the provider's reports on delivery."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select

from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import EventKind, InboundMessage, ProviderEvent
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.queries import fields_of, phrases_in_force
from programme_tracker.messaging.replies import Reply, ReplyKind, classify
from programme_tracker.messaging.rules import SuppressionReason
from programme_tracker.messaging.services import event_done, record_inbound, suppress_number
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.services import opt_out
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.scheduling.services import confirm
from programme_tracker.victim_safety.services import Guard, guards_of
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.escalating import inform
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.recipients import victim_safety_for
from programme_tracker.workflows.ringing import ring

STOPPED = "They replied STOP: no text will go. Agree how to reach them."
STARTED = (
    "They replied START after STOP. No text goes until they tell you that they want texts, "
    "and you record it. Ring them."
)


def take_event(event_id: int, now: datetime) -> None:
    """Do what one kept call of the provider's asks, once: its row is the proof that it is done."""
    with transaction():
        event = db.session.get_one(ProviderEvent, event_id)
        fields = fields_of(event)
        if event.kind is EventKind.STATUS:
            take_report(
                fields.get("MessageStatus") or fields.get("SmsStatus", ""),
                now=now,
                message_id=event.message_id,
                sid=fields.get("MessageSid") or fields.get("SmsSid"),
                error_code=fields.get("ErrorCode") or None,
            )
        else:
            _take_inbound(event, fields, now)
        event_done(event.id, now=now)


def _take_inbound(event: ProviderEvent, fields: dict[str, str], now: datetime) -> None:
    media = fields.get("NumMedia", "0")
    receive_reply(
        fields["From"],
        fields.get("Body", ""),
        now=now,
        received_at=event.received_at,
        provider_sid=fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid"),
        stopped_at_provider=fields.get("OptOutType", "").upper() == "STOP",
        media_count=int(media) if media.isdecimal() and len(media) < 4 else 0,
    )


def receive_reply(
    from_number: str,
    body: str,
    *,
    now: datetime,
    received_at: datetime | None = None,
    provider_sid: str | None = None,
    stopped_at_provider: bool = False,
    media_count: int = 0,
) -> InboundMessage:
    """Take an inbound text and do what product.md §5 says of it; the same SID twice is one text.

    ``from_number`` is E.164, or a short code or a name, which belong to nobody here. What we read
    in the text decides; that the provider took it as STOP (``stopped_at_provider``) can only add
    to it. A text from a partner's safe number is for victim safety alone.
    """
    with transaction():
        number = _as_stored(from_number)
        reply = classify(body, phrases_in_force())
        if stopped_at_provider and not reply.opts_out:
            reply = replace(reply, opts_out=True, kind=_stopped(reply.kind))
        people, partners = _people_with(number), guards_of(number)
        inbound = record_inbound(
            from_address=number,
            body=body,
            received_at=received_at or now,
            reply=reply,
            now=now,
            provider_sid=provider_sid,
            participant_id=people[0].id if len(people) == 1 else None,
            is_quarantined=bool(partners),
            media_count=media_count,
        )
        if not inbound.is_new:
            return inbound.message
        if reply.kind is ReplyKind.WRONG_PERSON:
            suppress_number(number, SuppressionReason.WRONG_PERSON, actor=SYSTEM, now=now)
        if inbound.message.is_quarantined:
            _set_apart(people, partners, reply, now)
        elif any([_act_on(person, reply, now) for person in people]):
            inbound.message.waiting_since_at = None
        return inbound.message


def _as_stored(sender: str) -> str:
    """Return a sender's number as numbers are stored, or what else stands there, unchanged."""
    number = normalise(sender, allow_drama=True)
    return number.e164 if number.is_possible else sender


def _stopped(kind: ReplyKind) -> ReplyKind:
    return kind if kind is ReplyKind.WRONG_PERSON else ReplyKind.STOP


def _people_with(number: str) -> list[Participant]:
    """Return the participants whom this number belongs to, their guardians' numbers included."""
    found = (
        select(Participant)
        .outerjoin(Guardian, Guardian.participant_id == Participant.id)
        .where(or_(Participant.mobile == number, Guardian.mobile == number))
        .order_by(Participant.id)
    )
    return list(db.session.scalars(found))


def _act_on(person: Participant, reply: Reply, now: datetime) -> bool:
    """Do what a person's own reply asks; True when that is all, and nobody has to read it."""
    live = _live(person)
    if reply.opts_out:
        opt_out(person, actor=SYSTEM, now=now)
        return _ring_for(live, STOPPED, now)
    if reply.kind is ReplyKind.CONFIRM:
        return _confirm_next(live, now)
    if reply.kind is ReplyKind.CALL_ME:
        return _ring_for(live[:1], "They asked to be called, by replying 2.", now)
    if reply.kind is ReplyKind.START and person.opted_out_at is not None:
        return _ring_for(live[:1], STARTED, now)
    return False


def _live(person: Participant) -> list[Enrolment]:
    return [one for one in enrolments_of(person.id) if not is_over(one)]


def _ring_for(enrolments: list[Enrolment], why: str, now: datetime) -> bool:
    for enrolment in enrolments:
        ring(enrolment, None, why, now=now)
    return bool(enrolments)


def _confirm_next(live: list[Enrolment], now: datetime) -> bool:
    """Mark the next session of all that are booked as confirmed; False when none is."""
    bookings = [
        booking
        for enrolment in live
        for booking in live_bookings(enrolment.id)
        if booking.session.starts_at > now and booking.session.cancelled_at is None
    ]
    if bookings:
        confirm(min(bookings, key=lambda booking: booking.session.starts_at), now=now)
    return bool(bookings)


def _set_apart(people: list[Participant], partners: list[Guard], reply: Reply, now: datetime) -> None:
    """Keep a text from somebody else to victim safety; everybody else learns "number unusable" at most.

    Nothing in it counts as the participant's own answer, but "stop" is heeded from whoever holds
    the phone.
    """
    for person in people:
        if reply.opts_out:
            opt_out(person, actor=SYSTEM, now=now)
        for enrolment in _live(person):
            ask_to_check(enrolment, "Number unusable. Ask for another.", now=now)
    _tell_victim_safety(people, partners, now)


def _tell_victim_safety(people: list[Participant], partners: list[Guard], now: datetime) -> None:
    """Give victim safety what came from somebody else: each worker once; what it says stays apart."""
    linked = people or _linked_to(partners)
    live = [enrolment for person in linked for enrolment in _live(person)]
    kind = "number_conflict" if partners else "wrong_person"
    why = "A text came from a protected number." if partners else "A reply came from somebody else."
    told: set[int | None] = set()
    for enrolment in live:
        worker = victim_safety_for(enrolment, now)
        if worker.staff_id in told:
            continue
        told.add(worker.staff_id)
        facts = {"name": enrolment.participant.name, "reason": why}
        inform(NoticeDetails(kind=kind, enrolment_id=enrolment.id, facts=facts), [worker], now=now)
    if not live:
        details = NoticeDetails(kind=kind, enrolment_id=None)
        inform(details, [Addressee("victim_safety")], now=now)


def _linked_to(partners: list[Guard]) -> list[Participant]:
    ids = [partner.participant_id for partner in partners]
    return list(db.session.scalars(select(Participant).where(Participant.id.in_(ids))))
