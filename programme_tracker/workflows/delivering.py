"""What follows from the provider's news, whether it came as an answer, a callback or when asked.

One table of signals serves all three (messaging.providers.signals).
"""

import random
from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message, MessageAttempt
from programme_tracker.messaging.outcomes import RetryAt
from programme_tracker.messaging.providers import SignalKind, after_refusal, classify
from programme_tracker.messaging.providers.signals import SignalRow
from programme_tracker.messaging.queries import held_for_person, signal_table
from programme_tracker.messaging.rules import MessageKind, MessageState, SuppressionReason, state_of_status
from programme_tracker.messaging.services import (
    pause_sending,
    plan_again,
    record_delivery,
    suppress_number,
)
from programme_tracker.people.services import opt_out
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.alerting import alert_ended
from programme_tracker.workflows.numbers import ask_to_check
from programme_tracker.workflows.ringing import ring

_FAILED = frozenset({MessageState.FAILED, MessageState.UNDELIVERED})

#: What the lead reads when a text did not arrive, where the table knows more than that.
_RING_WHY = {
    SignalKind.STOPPED: "They have stopped texts with the network. Agree how to reach them.",
    SignalKind.NUMBER: "The number cannot get texts. Ring before the session, and ask for another number.",
    SignalKind.UNREACHABLE: "The phone was off or out of reach each time we tried. Ring before the session.",
}
_RING_FOR_ANYTHING_ELSE = "A text about this session did not arrive. Ring before it."

#: Said of a text that answers somebody and speaks of no session.
UNANSWERED = "Your answer to their text did not reach them. Ring instead."


def take_report(
    status: str,
    *,
    now: datetime,
    message_id: int | None = None,
    sid: str | None = None,
    error_code: str | None = None,
) -> Message | None:
    """Take the provider's report on a message; return the message if the report was news.

    A failure that may pass plans another attempt; one that will not makes a call before the session.
    """
    with transaction():
        if state_of_status(status) in _FAILED:
            lock_enrolment(message_id, sid)
        was_held = _is_held_for_person(message_id)
        message = record_delivery(
            status, now=now, message_id=message_id, sid=sid, error_code=error_code, is_kept=bool(sid)
        )
        if message is not None and message.state in _FAILED:
            _after_failed_delivery(message, error_code or "", now)
        if message is not None:
            alert_ended(message, message.state, now=now)
            if was_held:
                _settled_itself(message, now)
        return message


def _is_held_for_person(message_id: int | None) -> bool:
    found = select(Message.id).where(Message.id == message_id, Message.needs_person_at.is_not(None))
    return message_id is not None and db.session.scalar(found) is not None


def _settled_itself(message: Message, now: datetime) -> None:
    """Take the question back that was put to the manager, unless another text still asks it."""
    about = (message.enrolment_id, message.session_id)
    if any((other.enrolment_id, other.session_id) == about for other in held_for_person()):
        return
    finish_tasks(
        TaskKind.SETTLE_TEXT,
        how="the provider told us",
        actor=SYSTEM,
        now=now,
        enrolment_id=message.enrolment_id,
        session_id=message.session_id,
    )


def lock_enrolment(message_id: int | None, sid: str | None = None) -> None:
    """Lock the enrolment of a message that may fail, before the message, as every workflow does."""
    if message_id is None:
        message_id = db.session.scalar(
            select(MessageAttempt.message_id).where(MessageAttempt.provider_sid == sid)
        )
    enrolment_id = db.session.scalar(select(Message.enrolment_id).where(Message.id == message_id))
    if enrolment_id is not None and db.session.get(Enrolment, enrolment_id) is not None:
        locked(Enrolment, enrolment_id)


def _after_failed_delivery(message: Message, signal: str, now: datetime) -> None:
    row = classify(signal, table=signal_table())
    retry = after_refusal(row, signal, attempts=message.attempts, now=now, jitter=jitter())
    if isinstance(retry, RetryAt) and retry.at < message.expires_at:
        plan_again(message, retry, now=now)
    take_consequences(message, row, now=now)


def jitter() -> float:
    """Return how far to spread a doubling wait, from 0 to 1."""
    return random.random()  # noqa: S311 - spreads retries


def take_consequences(message: Message, row: SignalRow, *, now: datetime) -> None:
    """Do what the table says of a refusal: pause, tell the manager, give up the number, have them rung.

    ``message`` is held and stands where the refusal left it; one that is planned again, or is not
    about a session, makes nobody ring.
    """
    if row.pause is not None:
        pause_sending(now + row.pause, row.meaning, now=now)
    if row.alarm:
        tell_manager(f"Texts: {row.meaning}.", now=now)
    if message.state in {*_FAILED, MessageState.EXPIRED}:
        _give_up(message, row, now)


def tell_manager(why: str, *, now: datetime) -> None:
    """Ask the manager to look at how texts are sent; one open task at a time."""
    create_task(TaskKind.SENDING_FAULT, to="manager", why=why, due_on=local_date(now), now=now)


def _give_up(message: Message, row: SignalRow, now: datetime) -> None:
    if message.kind is MessageKind.ALERT:
        return
    if row.kind is SignalKind.NUMBER and message.to_address:
        suppress_number(message.to_address, SuppressionReason.UNDELIVERABLE, actor=SYSTEM, now=now)
    enrolment = _enrolment_of(message)
    if enrolment is None:
        return
    if row.kind is SignalKind.STOPPED:
        opt_out(enrolment.participant, actor=SYSTEM, now=now)
    if row.kind is SignalKind.NUMBER:
        ask_to_check(enrolment, "Texts to this number do not arrive. Ask for another.", now=now)
    why = _RING_WHY.get(row.kind, _RING_FOR_ANYTHING_ELSE if message.session_id else UNANSWERED)
    ring(enrolment, message.session_id, why, now=now)


def _enrolment_of(message: Message) -> Enrolment | None:
    if message.enrolment_id is None:
        return None
    return db.session.get(Enrolment, message.enrolment_id)
