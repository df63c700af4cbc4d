"""Sending one text: every condition looked at again at the moment of sending, then one attempt.

No database connection is held while a provider answers.
"""

import random
from dataclasses import replace
from datetime import datetime

from programme_tracker.attendance.queries import mark_of
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.outcomes import Outcome as SendOutcome
from programme_tracker.messaging.providers import Carrier, Provider, ProviderError, mailer_for, outcome_of
from programme_tracker.messaging.queries import is_suppressed
from programme_tracker.messaging.rules import (
    BlockedReason,
    MessageKind,
    MessageState,
    Recipient,
    inside_window,
    next_inside,
)
from programme_tracker.messaging.services import (
    Claim,
    Handover,
    begin_sending,
    block,
    expire,
    finish,
    put_back,
)
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import shares_number
from programme_tracker.people.rules import is_under_16
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, SuspensionReason, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Session
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.victim_safety.services import partners_with_number
from programme_tracker.workflows.alerting import alert_ended, prepare_alert
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.recipients import lead_for
from programme_tracker.workflows.rules import RING_INSTEAD, SendFacts, why_not_send

RING_WHY = {
    BlockedReason.NUMBER_INVALID: "There is no mobile number to text. Ring about this session.",
    BlockedReason.NUMBER_UNUSABLE: "Number unusable. Reach them another way about this session.",
    BlockedReason.OPTED_OUT: "No texts since they asked us to stop. Ring about this session.",
    BlockedReason.NUMBER_SHARED: "The number is shared, so nothing was sent. Ring about this session.",
}

#: Said of a text that answers somebody and speaks of no session.
UNANSWERED = "Your answer to their text did not reach them. Ring instead."


def send_one(claim: Claim, provider: Provider, *, now: datetime) -> MessageState | None:
    """Look at every condition again, then make one attempt to send a claimed message."""
    prepared = _prepare(claim, now)
    db.session.close()
    if prepared is None:
        return None
    handover, attempts = prepared
    outcome: SendOutcome
    try:
        carrier: Carrier = mailer_for(current_settings()) if "@" in handover.to else provider
        outcome = carrier.send(**vars(handover))
    except ProviderError as error:
        outcome = outcome_of(error, attempts=attempts, now=now, jitter=random.random())  # noqa: S311 - spreads retries
    with transaction():
        state = finish(claim, outcome, now=now)
        if state in {MessageState.FAILED, MessageState.EXPIRED}:
            ring_after_failure(locked(Message, claim.message_id), now=now)
        if "@" in handover.to or state in {MessageState.FAILED, MessageState.EXPIRED}:
            alert_ended(locked(Message, claim.message_id), state, now=now)
    return state


def _prepare(claim: Claim, now: datetime) -> tuple[Handover, int] | None:
    """Decide about one claimed message in one transaction: what to send where, or None."""
    with transaction():
        message = locked(Message, claim.message_id)
        if now >= message.expires_at:
            expire(claim, now=now)
            return None
        if message.kind is MessageKind.ALERT:
            alert = prepare_alert(claim, message, now=now)
            return (alert, message.attempts) if alert else None
        later = _not_now(message, now)
        if later is not None:
            put_back(claim, send_at=later, cause="outside the hours for texts", now=now)
            return None
        enrolment = db.session.get_one(Enrolment, message.enrolment_id)
        number, reason = _number_and_reason(message, enrolment, now)
        if reason is not None:
            if block(claim, reason, now=now):
                _ask_somebody(message, enrolment, reason, now)
            return None
        handover = begin_sending(claim, to_address=number, now=now)
        return (handover, message.attempts) if handover else None


def _not_now(message: Message, now: datetime) -> datetime | None:
    """Return when a message may go, if not now: nothing leaves outside 09:00 to 20:00 London.

    A text about a session, other than a reminder, goes at once all the same when that session
    starts before 10:00 on the next morning (product.md §5).
    """
    general = policy_at(now).general
    if inside_window(now, general.text_opens, general.text_closes):
        return None
    opens = next_inside(now, general.text_opens, general.text_closes)
    early = at_local(local_date(opens), general.remind_at)
    announces = message.session_id is not None and message.kind is not MessageKind.REMINDER
    if announces and message.expires_at < early:
        return None
    return opens


def _number_and_reason(
    message: Message, enrolment: Enrolment, now: datetime
) -> tuple[str, BlockedReason | None]:
    person = enrolment.participant
    to_guardian = is_under_16(person.born_on, local_date(now))
    message.recipient = Recipient.GUARDIAN if to_guardian else Recipient.PARTICIPANT
    number = _number(person, to_guardian)
    facts = replace(
        _facts_of_person(enrolment, to_guardian, number),
        session_as_told=_session_as_told(message),
        outcome_recorded=_outcome_recorded(message),
    )
    return number, why_not_send(facts)


def texting_now(enrolment: Enrolment, now: datetime) -> tuple[str, BlockedReason | None]:
    """Return the number a text about no session would go to now, and why none may; for whoever writes one."""
    to_guardian = is_under_16(enrolment.participant.born_on, local_date(now))
    number = _number(enrolment.participant, to_guardian)
    return number, why_not_send(_facts_of_person(enrolment, to_guardian, number))


def _facts_of_person(enrolment: Enrolment, to_guardian: bool, number: str) -> SendFacts:
    person = enrolment.participant
    return SendFacts(
        gate_open=gate_is_open(Gate(enrolment.gate)),
        is_suspended=enrolment.status == EnrolmentStatus.SUSPENDED,
        in_custody=enrolment.suspension_reason == SuspensionReason.CUSTODY,
        has_ended=is_over(enrolment),
        consent_missing=_consent_missing(person, to_guardian),
        has_textable_number=bool(number),
        number_barred=bool(number) and (is_suppressed(number) or bool(partners_with_number(number))),
        number_shared=not to_guardian and shares_number(person),
        opted_out=person.opted_out_at is not None,
    )


def _number(person: Participant, to_guardian: bool) -> str:
    """Return the mobile a text goes to today, or an empty string when there is none."""
    typed = (person.guardian.mobile if person.guardian else None) if to_guardian else person.mobile
    if not typed:
        return ""
    number = normalise(typed, allow_drama=current_settings().demo)
    return number.e164 if number.is_textable else ""


def _consent_missing(person: Participant, to_guardian: bool) -> bool:
    """Tell whether nobody has agreed to texts at this number (product.md §5)."""
    if not to_guardian:
        return person.own_consent_at is None
    guardian = person.guardian
    return guardian is not None and (guardian.is_barred or not guardian.has_consented)


def _session_as_told(message: Message) -> bool:
    if message.session_id is None:
        return True
    session = db.session.get_one(Session, message.session_id)
    if message.kind is MessageKind.CANCELLED:
        return session.cancelled_at is not None
    return session.cancelled_at is None and session.version == message.session_version


def _outcome_recorded(message: Message) -> bool:
    if message.kind is MessageKind.CANCELLED or message.session_id is None:
        return False
    return mark_of(message.session_id, message.enrolment_id or 0) is not None


def _ask_somebody(message: Message, enrolment: Enrolment, reason: BlockedReason, now: datetime) -> None:
    """Turn a text that could not go into something a person does before the session."""
    if reason is BlockedReason.NUMBER_SHARED:
        ask_to_check(enrolment, "Another participant has this number too.", now=now)
    if reason not in RING_INSTEAD:
        return
    why = RING_WHY[reason] if message.session_id is not None else UNANSWERED
    ring(enrolment, message.session_id, why, now=now)


def ring(enrolment: Enrolment, session_id: int | None, why: str, *, now: datetime) -> None:
    """Ask the lead to ring the participant, today or before the session."""
    create_task(
        TaskKind.CALL_PARTICIPANT,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        session_id=session_id,
        why=why,
        due_on=local_date(now),
        now=now,
        actor=SYSTEM,
    )


def ring_after_failure(message: Message, *, now: datetime) -> None:
    """Ask the lead to ring about a session whose text did not arrive."""
    if message.enrolment_id is None or message.kind is MessageKind.ALERT:
        return
    enrolment = db.session.get_one(Enrolment, message.enrolment_id)
    why = "A text about this session did not arrive. Ring before it."
    if message.session_id is None:
        why = UNANSWERED
    ring(enrolment, message.session_id, why, now=now)
