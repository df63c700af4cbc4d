"""Sending texts: every condition looked at again at the moment of sending, then one attempt each.

Three steps, so that no database connection is held while a provider answers, and so that many
texts share the cost of one transaction: ``prepare`` decides and notes the attempts, ``attempt``
calls the provider and touches no database, ``record_results`` notes how they ended.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
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
    Going,
    Handover,
    HeldMessage,
    begin_all,
    block,
    claimed,
    expire,
    finish,
    finish_accepted,
    held_claims,
    put_back,
)
from programme_tracker.people.rules import is_under_16
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import (
    EnrolmentStatus,
    Gate,
    PoliceDecision,
    SuspensionReason,
    gate_is_open,
    has_ended,
)
from programme_tracker.workflows.alerting import alert_ended, alert_never_left, prepare_alert
from programme_tracker.workflows.delivering import UNANSWERED, jitter, lock_enrolment, take_consequences
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.ringing import ring
from programme_tracker.workflows.rules import RING_INSTEAD, SendFacts, why_not_send
from programme_tracker.workflows.surroundings import Addressee, Surroundings, surroundings_of

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
        unsent = {claim: row for claim, row in held.items() if row.state is MessageState.CLAIMED}
        prepared = _decide_all(unsent, now)
    left = [claim for claim in claims if claim not in held] if len(claims) > 1 else []
    for claim in left:
        prepared += prepare([claim], now=now)
    return prepared


def _decide_all(held: dict[Claim, HeldMessage], now: datetime) -> list[Prepared]:
    """Decide about held messages: those that may go are noted together, the others one by one."""
    if is_paused(now):
        texts = {claim: row for claim, row in held.items() if row.channel is Channel.SMS}
        for claim, message in texts.items():
            put_back(claim, send_at=message.send_at, cause="sending is paused", now=now)
        held = {claim: row for claim, row in held.items() if claim not in texts}
    around = surroundings_of(held.values(), _number_today(now))
    hours = _hours(now)
    going: dict[Claim, Going] = {}
    others: dict[Claim, HeldMessage] = {}
    for claim, message in held.items():
        one = _going(message, around, hours, now)
        if one is None:
            others[claim] = message
        else:
            going[claim] = one
    decided = _begin_all(going, hours, now)
    for claim, message in others.items():
        alone = _decide(claim, message, around, hours, now)
        if alone is not None:
            decided.append(alone)
    return decided


def _begin_all(going: dict[Claim, Going], hours: "_Hours", now: datetime) -> list[Prepared]:
    handovers = begin_all(list(going.values()), now=now)
    return [
        Prepared(claim, handover, one.message.attempts + 1, _within(one.message, hours, now))
        for (claim, one), handover in zip(going.items(), handovers, strict=True)
    ]


def _going(message: HeldMessage, around: Surroundings, hours: "_Hours", now: datetime) -> Going | None:
    """Return where a text goes if every condition holds; None for all that is looked at by itself."""
    if message.kind is MessageKind.ALERT or now >= message.expires_at:
        return None
    if _not_now(message, hours) is not None:
        return None
    addressee = around.addressees.get(message.enrolment_id or 0)
    if addressee is None or _reason(message, addressee, around, now) is not None:
        return None
    return Going(message, around.numbers[addressee.enrolment_id], _recipient(addressee, now))


def _decide(
    claim: Claim, message: HeldMessage, around: Surroundings, hours: "_Hours", now: datetime
) -> Prepared | None:
    """See to one held message that is no text or may not go: an alert may, as it says itself.

    Raises LookupError for a text about no enrolment.
    """
    if now >= message.expires_at:
        if expire(claim, now=now) and message.kind is MessageKind.ALERT:
            alert_never_left(message.id, now=now)
        return None
    if message.kind is MessageKind.ALERT:
        return _decide_alert(claim, now)
    later = _not_now(message, hours)
    if later is not None:
        put_back(claim, send_at=later, cause="outside the hours for texts", now=now)
        return None
    addressee = around.addressees[message.enrolment_id or 0]
    reason = _reason(message, addressee, around, now)
    assert reason is not None, "what may go was noted with the others"
    if block(claim, reason, now=now, recipient=_recipient(addressee, now)):
        _ask_somebody(message, reason, now)
    return None


def _decide_alert(claim: Claim, now: datetime) -> Prepared | None:
    # Looked at anew: another alert may have taken it along, and then it is not sent.
    message = claimed(claim)
    handover = None if message is None else prepare_alert(claim, message, now=now)
    if message is None or handover is None:
        return None
    mailer = mailer_for(current_settings()) if message.channel is Channel.EMAIL else None
    return Prepared(claim, handover, message.attempts, TURN_WITHIN, mailer)


@dataclass(frozen=True)
class _Hours:
    """The hours for texts at one moment; ``shut_at`` is the first instant after them, None outside."""

    shut_at: datetime | None
    #: When texts may go next; the moment itself inside the hours.
    opens: datetime
    #: What starts before it cannot wait for the opening.
    early: datetime


def _hours(now: datetime) -> _Hours:
    general = policy_at(now).general
    opens = next_inside(now, general.text_opens, general.text_closes)
    shut_at = None
    if inside_window(now, general.text_opens, general.text_closes):
        shut_at = at_local(local_date(now), general.text_closes) + timedelta(seconds=1)
    return _Hours(shut_at, opens, at_local(local_date(opens), general.remind_at))


def _within(message: HeldMessage, hours: _Hours, now: datetime) -> timedelta:
    """Return for how long a text may go now: neither past its use nor past the hours for texts."""
    ends = [now + TURN_WITHIN, message.expires_at]
    if hours.shut_at is not None:
        ends.append(hours.shut_at)
    return min(ends) - now


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


def _not_now(message: HeldMessage, hours: _Hours) -> datetime | None:
    """Return when a message may go, if not now: nothing leaves outside 09:00 to 20:00 London.

    A text about a session, other than a reminder, goes at once all the same when that session
    starts before 10:00 on the next morning (product.md §5).
    """
    if hours.shut_at is not None:
        return None
    announces = message.session_id is not None and message.kind is not MessageKind.REMINDER
    if announces and message.expires_at < hours.early:
        return None
    return hours.opens


def _to_guardian(addressee: Addressee, now: datetime) -> bool:
    return is_under_16(addressee.born_on, local_date(now))


def _recipient(addressee: Addressee, now: datetime) -> Recipient:
    return Recipient.GUARDIAN if _to_guardian(addressee, now) else Recipient.PARTICIPANT


def _reason(
    message: HeldMessage, addressee: Addressee, around: Surroundings, now: datetime
) -> BlockedReason | None:
    is_told_all_the_same = message.kind is MessageKind.CANCELLED
    return why_not_send(
        _facts_of_person(
            addressee,
            around,
            now,
            session_as_told=_session_as_told(message, around),
            outcome_recorded=not is_told_all_the_same and around.has_mark(message),
        )
    )


def texting_now(enrolment: Enrolment, now: datetime) -> tuple[str, BlockedReason | None]:
    """Return the number a text about no session would go to now, and why none may; for whoever writes one."""
    around = surroundings_of([], _number_today(now), also=[enrolment.id])
    addressee = around.addressees[enrolment.id]
    return around.numbers[enrolment.id], why_not_send(_facts_of_person(addressee, around, now))


def _facts_of_person(
    addressee: Addressee,
    around: Surroundings,
    now: datetime,
    *,
    session_as_told: bool = True,
    outcome_recorded: bool = False,
) -> SendFacts:
    to_guardian = _to_guardian(addressee, now)
    number = around.numbers[addressee.enrolment_id]
    return SendFacts(
        gate_open=gate_is_open(Gate(addressee.gate)),
        is_suspended=addressee.status == EnrolmentStatus.SUSPENDED,
        in_custody=addressee.suspension_reason == SuspensionReason.CUSTODY,
        has_ended=_has_ended(addressee),
        session_as_told=session_as_told,
        outcome_recorded=outcome_recorded,
        consent_missing=_consent_missing(addressee, to_guardian),
        has_textable_number=bool(number),
        number_barred=number in around.barred_numbers,
        number_shared=not to_guardian and addressee.mobile in around.shared_numbers,
        opted_out=addressee.opted_out_at is not None,
    )


def _has_ended(addressee: Addressee) -> bool:
    decision = PoliceDecision(addressee.police_decision) if addressee.police_decision else None
    return has_ended(EnrolmentStatus(addressee.status), decision)


def _number_today(now: datetime) -> Callable[[Addressee], str]:
    """Return how to find the number that texts about a person go to today: a mobile, or ""."""
    day, allow_drama = local_date(now), current_settings().demo

    def number_of(addressee: Addressee) -> str:
        to_guardian = is_under_16(addressee.born_on, day)
        typed = addressee.guardian_mobile if to_guardian else addressee.mobile
        if not typed:
            return ""
        number = normalise(typed, allow_drama=allow_drama)
        return number.e164 if number.is_textable else ""

    return number_of


def _consent_missing(addressee: Addressee, to_guardian: bool) -> bool:
    """Tell whether nobody has agreed to texts at this number (product.md §5)."""
    if not to_guardian:
        return addressee.own_consent_at is None
    has_guardian = addressee.guardian_id is not None
    return has_guardian and (bool(addressee.guardian_is_barred) or not addressee.guardian_has_consented)


def _session_as_told(message: HeldMessage, around: Surroundings) -> bool:
    if message.session_id is None:
        return True
    session = around.sessions[message.session_id]
    if message.kind is MessageKind.CANCELLED:
        return session.cancelled_at is not None
    return session.cancelled_at is None and session.version == message.session_version


def _ask_somebody(message: HeldMessage, reason: BlockedReason, now: datetime) -> None:
    """Turn a text that could not go into something a person does before the session."""
    enrolment = db.session.get_one(Enrolment, message.enrolment_id)
    if reason is BlockedReason.NUMBER_SHARED:
        ask_to_check(enrolment, "Another participant has this number too.", now=now)
    if reason not in RING_INSTEAD:
        return
    why = RING_WHY[reason] if message.session_id is not None else UNANSWERED
    ring(enrolment, message.session_id, why, now=now)
