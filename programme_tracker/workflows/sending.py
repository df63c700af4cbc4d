"""Sending texts: every condition looked at again at the moment of sending, then one attempt each.

Three steps, so that no database connection is held while a provider answers, and so that many
texts share the cost of one transaction: ``prepare`` decides and notes the attempts, ``attempt``
calls the provider and touches no database, ``record_results`` notes how they ended.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.outcomes import Accepted, RetryAt
from programme_tracker.messaging.providers import Carrier, Provider, ProviderError, mailer_for, outcome_of
from programme_tracker.messaging.providers.signals import NO_ANSWER
from programme_tracker.messaging.queries import is_paused, signal_table
from programme_tracker.messaging.rules import (
    BlockedReason,
    Channel,
    MessageKind,
    MessageState,
    Recipient,
    inside_window,
    next_inside,
)
from programme_tracker.messaging.services import (
    Claim,
    Handover,
    begin,
    block,
    expire,
    finish,
    finish_accepted,
    held_claims,
    put_back,
)
from programme_tracker.people.models import Participant
from programme_tracker.people.rules import is_under_16
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, SuspensionReason, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.workflows.alerting import alert_ended, prepare_alert
from programme_tracker.workflows.delivering import UNANSWERED, jitter, lock_enrolment, take_consequences
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.ringing import ring
from programme_tracker.workflows.rules import RING_INSTEAD, SendFacts, why_not_send
from programme_tracker.workflows.surroundings import Surroundings, surroundings_of

log = logging.getLogger(__name__)

RING_WHY = {
    BlockedReason.NUMBER_INVALID: "There is no mobile number to text. Ring about this session.",
    BlockedReason.NUMBER_UNUSABLE: "Number unusable. Reach them another way about this session.",
    BlockedReason.OPTED_OUT: "No texts since they asked us to stop. Ring about this session.",
    BlockedReason.NUMBER_SHARED: "The number is shared, so nothing was sent. Ring about this session.",
}

#: What was decided about a text holds for so long: then the conditions are looked at again. Far
#: shorter than a lease, so that nothing leaves after its lease ran out.
TURN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Prepared:
    """One attempt that is noted and may be made ``within`` so long of its noting, never later.

    ``mailer`` carries it if it is a mail, else the provider of texts does.
    """

    claim: Claim
    handover: Handover
    attempts: int
    within: timedelta
    mailer: Carrier | None = None


@dataclass(frozen=True)
class Result:
    """How one attempt ended; None when its turn came too late and the provider was not called."""

    prepared: Prepared
    answer: Accepted | ProviderError | None


def attempt(prepared: Prepared, provider: Provider, *, noted: float) -> Result:
    """Call the provider once; ``noted`` is the monotonic time at which the attempt was noted.

    Touches no database, so any thread may do it. Whatever goes wrong in the provider's own code
    counts as a lost answer: the text may have gone.
    """
    if monotonic() - noted >= prepared.within.total_seconds():
        return Result(prepared, None)
    try:
        carrier: Carrier = prepared.mailer or provider
        return Result(prepared, carrier.send(**vars(prepared.handover)))
    except ProviderError as error:
        return Result(prepared, error)
    except Exception as error:
        log.exception("the provider failed", extra={"item": prepared.claim.message_id})
        return Result(prepared, ProviderError(NO_ANSWER, detail=type(error).__name__))


def prepare(claims: Sequence[Claim], *, now: datetime) -> list[Prepared]:
    """Decide about claimed messages in one transaction, and note the attempts of those that may go.

    What somebody else is looking at just then is decided by itself, after the rest.
    """
    with transaction():
        held = held_claims(claims, wait=len(claims) == 1)
        prepared = _decide_all({claim: row for claim, row in held.items() if _is_claimed(row)}, now)
    left = [claim for claim in claims if claim not in held] if len(claims) > 1 else []
    for claim in left:
        prepared += prepare([claim], now=now)
    return prepared


def _is_claimed(message: Message) -> bool:
    return message.state is MessageState.CLAIMED


def _decide_all(held: dict[Claim, Message], now: datetime) -> list[Prepared]:
    if is_paused(now):
        texts = {claim: row for claim, row in held.items() if row.channel is Channel.SMS}
        for claim, message in texts.items():
            put_back(claim, send_at=message.send_at, cause="sending is paused", now=now)
        held = {claim: row for claim, row in held.items() if claim not in texts}
    around = surroundings_of(held.values(), _number_today(now))
    # Looked at anew each time: an alert takes others along, and those are not sent then.
    decided = [
        _decide(claim, message, around, now) for claim, message in held.items() if _is_claimed(message)
    ]
    return [one for one in decided if one is not None]


def _decide(claim: Claim, message: Message, around: Surroundings, now: datetime) -> Prepared | None:
    """Decide about one held message: what to send where, or None."""
    if now >= message.expires_at:
        expire(claim, now=now)
        return None
    if message.kind is MessageKind.ALERT:
        return _decide_alert(claim, message, now)
    later = _not_now(message, now)
    if later is not None:
        put_back(claim, send_at=later, cause="outside the hours for texts", now=now)
        return None
    enrolment = around.enrolment_of(message)
    number, reason = _number_and_reason(message, enrolment, around, now)
    if reason is not None:
        if block(claim, reason, now=now):
            _ask_somebody(message, enrolment, reason, now)
        return None
    handover = begin(message, to_address=number, now=now)
    return Prepared(claim, handover, message.attempts, _within(message, now))


def _decide_alert(claim: Claim, message: Message, now: datetime) -> Prepared | None:
    handover = prepare_alert(claim, message, now=now)
    if handover is None:
        return None
    mailer = mailer_for(current_settings()) if message.channel is Channel.EMAIL else None
    return Prepared(claim, handover, message.attempts, TURN_WITHIN, mailer)


def _within(message: Message, now: datetime) -> timedelta:
    """Return for how long a text may go now: neither past its use nor past the hours for texts."""
    general = policy_at(now).general
    ends = [TURN_WITHIN, message.expires_at - now]
    if inside_window(now, general.text_opens, general.text_closes):
        ends.append(at_local(local_date(now), general.text_closes) - now + timedelta(seconds=1))
    return min(ends)


def record_results(results: Collection[Result], *, now: datetime) -> None:
    """Note how attempts ended: all that the provider took at once, the others one by one."""
    taken = {
        result.prepared.claim: result.answer
        for result in results
        if isinstance(result.answer, Accepted) and result.prepared.mailer is None
    }
    done = finish_accepted(taken, now=now) if taken else set()
    for result in results:
        if result.prepared.claim not in done:
            _record_one(result, now)


def _record_one(result: Result, now: datetime) -> None:
    """Note how one attempt ended, with all that follows from it."""
    claim, answer = result.prepared.claim, result.answer
    with transaction():
        lock_enrolment(claim.message_id)
        if isinstance(answer, ProviderError):
            state = _record_error(result, answer, now)
        else:
            ended = answer or RetryAt(now, "its turn came too late", spends_attempt=False)
            state = finish(claim, ended, now=now)
        if state is not None:
            alert_ended(locked(Message, claim.message_id), state, now=now)


def _record_error(result: Result, error: ProviderError, now: datetime) -> MessageState | None:
    table = signal_table()
    outcome = outcome_of(error, attempts=result.prepared.attempts, now=now, jitter=jitter(), table=table)
    state = finish(result.prepared.claim, outcome, now=now)
    if state is not None:
        message = locked(Message, result.prepared.claim.message_id)
        take_consequences(message, error.row_by(table), now=now)
    return state


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
    message: Message, enrolment: Enrolment, around: Surroundings, now: datetime
) -> tuple[str, BlockedReason | None]:
    person = enrolment.participant
    to_guardian = is_under_16(person.born_on, local_date(now))
    message.recipient = Recipient.GUARDIAN if to_guardian else Recipient.PARTICIPANT
    number = _number(person, to_guardian)
    facts = replace(
        _facts_of_person(enrolment, to_guardian, number, around),
        session_as_told=_session_as_told(message, around),
        outcome_recorded=_outcome_recorded(message, around),
    )
    return number, why_not_send(facts)


def texting_now(enrolment: Enrolment, now: datetime) -> tuple[str, BlockedReason | None]:
    """Return the number a text about no session would go to now, and why none may; for whoever writes one."""
    to_guardian = is_under_16(enrolment.participant.born_on, local_date(now))
    number = _number(enrolment.participant, to_guardian)
    around = surroundings_of([], _number_today(now), also=[enrolment])
    return number, why_not_send(_facts_of_person(enrolment, to_guardian, number, around))


def _facts_of_person(enrolment: Enrolment, to_guardian: bool, number: str, around: Surroundings) -> SendFacts:
    person = enrolment.participant
    return SendFacts(
        gate_open=gate_is_open(Gate(enrolment.gate)),
        is_suspended=enrolment.status == EnrolmentStatus.SUSPENDED,
        in_custody=enrolment.suspension_reason == SuspensionReason.CUSTODY,
        has_ended=is_over(enrolment),
        consent_missing=_consent_missing(person, to_guardian),
        has_textable_number=bool(number),
        number_barred=number in around.barred_numbers,
        number_shared=not to_guardian and around.is_shared(person),
        opted_out=person.opted_out_at is not None,
    )


def _number_today(now: datetime) -> Callable[[Participant], str]:
    """Return how to find the number that texts about a person go to today."""
    return lambda person: _number(person, is_under_16(person.born_on, local_date(now)))


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


def _session_as_told(message: Message, around: Surroundings) -> bool:
    if message.session_id is None:
        return True
    session = around.session_of(message)
    if message.kind is MessageKind.CANCELLED:
        return session.cancelled_at is not None
    return session.cancelled_at is None and session.version == message.session_version


def _outcome_recorded(message: Message, around: Surroundings) -> bool:
    return message.kind is not MessageKind.CANCELLED and around.has_mark(message)


def _ask_somebody(message: Message, enrolment: Enrolment, reason: BlockedReason, now: datetime) -> None:
    """Turn a text that could not go into something a person does before the session."""
    if reason is BlockedReason.NUMBER_SHARED:
        ask_to_check(enrolment, "Another participant has this number too.", now=now)
    if reason not in RING_INSTEAD:
        return
    why = RING_WHY[reason] if message.session_id is not None else UNANSWERED
    ring(enrolment, message.session_id, why, now=now)
