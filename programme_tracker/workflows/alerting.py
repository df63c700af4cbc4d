"""Sending alerts to staff: counted when they leave, and never lost without a person knowing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from programme_tracker.accounts import second_factors
from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.accounts.services import change_contact
from programme_tracker.alerts.queries import address_of, choices_of, reach_of
from programme_tracker.alerts.rules import about_of, alert_words
from programme_tracker.alerts.services import (
    note_failing,
    note_working,
    sign_in_link,
    tell_by,
    tell_codes_reset,
)
from programme_tracker.escalation.models import Notice
from programme_tracker.escalation.rules import cannot_wait
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.rules import BlockedReason, Channel, MessageKind, MessageState
from programme_tracker.messaging.services import (
    Claim,
    Handover,
    begin_sending,
    block,
    carried_keys,
    take_along,
)
from programme_tracker.messaging.services.changes import move
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks

#: How long a mail whose answer was lost is left before a second copy of it goes.
SECOND_COPY_AFTER = timedelta(minutes=2)
MOST_COPIES = 2

_WAYS = {Channel.EMAIL: "email", Channel.SMS: "text"}


def prepare_alert(claim: Claim, message: Message, *, now: datetime) -> Handover | None:
    """Decide about one claimed alert: what to send where, or None when it must not go.

    Whatever else is due to the same address goes with it. What was read meanwhile is not counted,
    and when nothing is left nothing goes. The caller has the row locked, in a transaction.
    """
    staff = db.session.get_one(Staff, message.staff_id)
    address = address_of(staff, message.channel)
    if not staff.is_active or not address:
        reason = BlockedReason.NO_ADDRESS if staff.is_active else BlockedReason.ACCOUNT_DISABLED
        block(claim, reason, now=now)
        return None
    keys = take_along(message, now=now)
    notices, tasks = _unread(keys)
    codes_reset = any(about_of(key)[0] == "codes" for key in keys)
    if not notices and not tasks and not codes_reset:
        block(claim, BlockedReason.ALREADY_READ, now=now)
        return None
    message.body = alert_words(len(notices), tasks, sign_in_link(), codes_reset=codes_reset)
    return begin_sending(claim, to_address=address, now=now)


def _unread(keys: Iterable[str]) -> tuple[list[Notice], int]:
    """Return the notices that nobody has read and the number of tasks that nobody has done."""
    ids: dict[str, set[int]] = {"notice": set(), "task": set(), "codes": set()}
    for kind, number in map(about_of, keys):
        ids[kind].add(number)
    unread = select(Notice).where(
        Notice.id.in_(ids["notice"]),
        Notice.acknowledged_at.is_(None),
        Notice.must_acknowledge | Notice.opened_at.is_(None),
    )
    undone = select(func.count(Task.id)).where(Task.id.in_(ids["task"]), Task.done_at.is_(None))
    return list(db.session.scalars(unread)), db.session.scalar(undone) or 0


def reset_codes(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Take away somebody's app and recovery codes, end their sessions, and tell them at once."""
    with transaction():
        second_factors.reset_codes(staff_id, actor=actor, now=now)
        tell_codes_reset(staff_id, actor=actor, now=now)


def alert_ended(message: Message, state: MessageState | None, *, now: datetime) -> None:
    """See to what follows from the end of one attempt at an alert.

    One that did not arrive makes a task for the manager, once for each address, and what cannot
    wait goes another way if there is one. The caller is in a transaction.
    """
    if message.staff_id is None or message.kind is not MessageKind.ALERT:
        return
    arrived = {MessageState.SENT, MessageState.DELIVERED}
    if message.channel is Channel.EMAIL:
        # A mail server tells nothing after it took a mail.
        arrived.add(MessageState.ACCEPTED)
    if state in {MessageState.FAILED, MessageState.UNDELIVERED, MessageState.EXPIRED}:
        _address_fails(message, message.staff_id, now)
    elif state in arrived and note_working(message.staff_id, message.channel, now=now):
        _finish_check(message.staff_id, "alerts arrive again", SYSTEM, now)
    elif state is MessageState.UNKNOWN and message.channel is Channel.EMAIL:
        _may_be_lost(message, message.staff_id, now)


def alert_never_left(message_id: int, *, now: datetime) -> None:
    """Ask the manager to ring somebody whom an alert could not be sent to while it was of use.

    Asks for nothing when what it told of cannot wait was read meanwhile. The caller is in a transaction.
    """
    message = db.session.get_one(Message, message_id)
    notices, _ = _unread(carried_keys(message))
    if message.staff_id is None or not any(cannot_wait(one.kind, one.to_role) for one in notices):
        return
    staff = db.session.get_one(Staff, message.staff_id)
    why = f"An alert to {staff.name} could not be sent for a day. Ring them: an urgent notice is not read."
    create_task(
        TaskKind.CHECK_STAFF_ADDRESS,
        to="manager",
        why=why,
        due_on=local_date(now),
        about_staff_id=staff.id,
        now=now,
    )


def _may_be_lost(message: Message, staff_id: int, now: datetime) -> None:
    """Tell a person when even the second copy was not confirmed."""
    if message.attempts >= MOST_COPIES:
        _address_fails(message, staff_id, now)


def _address_fails(message: Message, staff_id: int, now: datetime) -> None:
    staff = db.session.get_one(Staff, staff_id)
    if note_failing(staff_id, message.channel, now=now):
        way = _WAYS[message.channel]
        create_task(
            TaskKind.CHECK_STAFF_ADDRESS,
            to="manager",
            why=f"Alerts to {staff.name} by {way} do not arrive. Ask them for another address,"
            " and ring them until they have one.",
            due_on=local_date(now),
            about_staff_id=staff_id,
            now=now,
        )
    _go_another_way(message, staff, now)


def _go_another_way(message: Message, staff: Staff, now: datetime) -> None:
    reach = reach_of(staff, choices_of(staff.id))
    others = reach.channels - reach.failing - {message.channel}
    notices, _ = _unread(carried_keys(message))
    for notice in notices:
        for other in others if cannot_wait(notice.kind, notice.to_role) else ():
            tell_by(other, staff.id, f"notice:{notice.id}", now=now)


def _finish_check(staff_id: int, how: str, actor: Actor, now: datetime) -> None:
    row = choices_of(staff_id)
    if row is None or (row.email_failed_at is None and row.mobile_failed_at is None):
        finish_tasks(TaskKind.CHECK_STAFF_ADDRESS, how=how, actor=actor, now=now, about_staff_id=staff_id)


def change_addresses(
    staff_id: int, *, email: str | None, mobile: str | None, actor: Actor, now: datetime
) -> None:
    """Change where somebody is alerted; what failed at an old address is forgotten.

    Raises RefusedError for what can be no address.
    """
    if mobile and not normalise(mobile, allow_drama=current_settings().demo).is_textable:
        message = "That is not a mobile that can get texts. Check it, or leave it empty."
        raise RefusedError(Code.NOT_ALLOWED, message, field="mobile")
    number = normalise(mobile, allow_drama=True).e164 if mobile else None
    with transaction():
        before = staff_by_id(staff_id)
        old = (before.email, before.mobile) if before else (None, None)
        staff = change_contact(staff_id, email=email, mobile=number, actor=actor, now=now)
        if staff.email != old[0]:
            note_working(staff_id, Channel.EMAIL, actor=actor, now=now)
        if staff.mobile != old[1]:
            note_working(staff_id, Channel.SMS, actor=actor, now=now)
        _finish_check(staff_id, "the address was changed", actor, now)


def send_lost_mails_again(*, now: datetime, limit: int = 50) -> int:
    """Let a second copy go of mails whose answer was lost; return how many.

    Mail cannot be asked about. The row has said ``unknown`` for two minutes by then, the copy has
    the same Message-ID, and after it nothing more is tried: a person is told instead.
    """
    lost = (
        select(Message.id)
        .where(
            Message.state == MessageState.UNKNOWN,
            Message.channel == Channel.EMAIL,
            Message.attempts < MOST_COPIES,
        )
        .order_by(Message.send_at)
        .limit(limit)
    )
    ids = list(db.session.scalars(lost))
    db.session.rollback()
    return sum(_send_again(message_id, now) for message_id in ids)


def _send_again(message_id: int, now: datetime) -> bool:
    with transaction():
        message = locked(Message, message_id)
        if message.state is not MessageState.UNKNOWN or _lost_at(message) > now - SECOND_COPY_AFTER:
            return False
        cause = "the answer was lost; a second copy under the same Message-ID"
        move(message, MessageState.PLANNED, cause=cause, now=now)
        message.send_at = now
        message.lease_token = None
        return True


def _lost_at(message: Message) -> datetime:
    found = select(func.max(MessageChange.at)).where(MessageChange.message_id == message.id)
    lost_at = db.session.scalar(found)
    assert lost_at is not None
    return lost_at
