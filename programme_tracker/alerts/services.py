"""Planning alerts in the transaction of their cause, and keeping what staff chose."""

from datetime import datetime, timedelta

from programme_tracker.accounts.models import Staff
from programme_tracker.alerts.models import StaffAlerts
from programme_tracker.alerts.queries import addressed, choices_of, reach_of
from programme_tracker.alerts.rules import (
    DIGEST_HOURS,
    MUST_HEAR,
    Wishes,
    alert_key,
    alert_words,
    digest_channels,
    next_digest,
    urgent_channels,
)
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import WorkingCalendar
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Channel, MessageKind, Recipient
from programme_tracker.messaging.services import put

CALENDAR = WorkingCalendar()

#: From then on an alert is of no more use: whoever has not signed in has been chased by now.
OF_USE_FOR = timedelta(hours=24)


def tell(
    to_role: str,
    staff_id: int | None,
    about: str,
    *,
    urgent: bool,
    now: datetime,
    actor: Actor = SYSTEM,
) -> list[Message]:
    """Plan one alert of ``about`` for everybody meant, by each channel they are alerted by.

    ``about`` is ``notice:ID`` or ``task:ID``; nobody is alerted of one thing twice by one
    channel. What is urgent goes at once, at any hour; the rest with the next working day's
    digest (product.md §8).
    """
    planned = []
    with transaction():
        for person, choices in addressed(to_role, staff_id):
            wishes, reach = choices.wishes if choices else Wishes(), reach_of(person, choices)
            if urgent:
                channels, send_at = urgent_channels(wishes, reach, person.roles), now
            else:
                channels = digest_channels(wishes, reach)
                send_at = next_digest(now, wishes.digest_hour or 0, CALENDAR)
            planned += [_put(person.id, one, about, send_at, actor, now) for one in channels]
    return planned


def tell_by(channel: Channel, staff_id: int, about: str, *, now: datetime) -> Message:
    """Plan an urgent alert for one person by one channel: for when another failed."""
    with transaction():
        return _put(staff_id, channel, about, now, SYSTEM, now)


def tell_codes_reset(staff_id: int, *, actor: Actor, now: datetime) -> list[Message]:
    """Plan an alert that somebody's sign-in codes were reset, at once and by all they are reached by.

    Whatever they wish: with their codes gone, a password is all that stands before their pages.
    """
    with transaction():
        staff = locked(Staff, staff_id)
        about = f"codes:{int(now.timestamp())}"
        channels = reach_of(staff, choices_of(staff_id)).channels if staff.is_active else frozenset()
        return [_put(staff_id, one, about, now, actor, now) for one in Channel if one in channels]


def _put(
    staff_id: int, channel: Channel, about: str, send_at: datetime, actor: Actor, now: datetime
) -> Message:
    kind = about.partition(":")[0]
    return put(
        key=alert_key(channel, staff_id, about),
        kind=MessageKind.ALERT,
        recipient=Recipient.STAFF,
        channel=channel,
        staff_id=staff_id,
        # Counted again when it leaves, together with what else waits then.
        body=alert_words(kind == "notice", kind == "task", sign_in_link(), codes_reset=kind == "codes"),
        template_version=1,
        send_at=send_at,
        expires_at=send_at + OF_USE_FOR,
        actor=actor,
        now=now,
    )


def sign_in_link() -> str:
    """Return the address of Today, which asks whoever is not signed in to do so."""
    return f"{current_settings().public_url}/"


def choose(staff_id: int, wishes: Wishes, *, actor: Actor, now: datetime) -> None:
    """Keep how somebody wants to be alerted.

    Raises RefusedError when somebody who must hear of what is urgent would hear by nothing, and
    for an hour at which no digest goes.
    """
    if wishes.digest_hour is not None and wishes.digest_hour not in DIGEST_HOURS:
        raise RefusedError(Code.NOT_ALLOWED, "Choose one of the times.", field="digest")
    with transaction():
        staff = locked(Staff, staff_id)
        if staff.roles & MUST_HEAR and not (wishes.urgent_by_email or wishes.urgent_by_text):
            message = "Choose email, text or both: what is urgent must reach you."
            raise RefusedError(Code.NOT_ALLOWED, message, field="urgent")
        row = _row(staff_id)
        row.urgent_by_email, row.urgent_by_text = wishes.urgent_by_email, wishes.urgent_by_text
        row.digest_hour = wishes.digest_hour
        audit.record("alerts_chosen", staff, actor=actor, at=now, **vars(wishes))


def note_failing(staff_id: int, channel: Channel, *, now: datetime) -> bool:
    """Note that nothing arrives at somebody's address; True when that is news."""
    with transaction():
        row = _row(staff_id)
        name = _column(channel)
        if getattr(row, name) is not None:
            return False
        setattr(row, name, now)
        audit.record("alert_address_failing", row, actor=SYSTEM, at=now, channel=channel)
        return True


def note_working(staff_id: int, channel: Channel, *, actor: Actor = SYSTEM, now: datetime) -> bool:
    """Note that an address works again, or was changed; True when it was failing."""
    row = choices_of(staff_id)
    if row is None or getattr(row, _column(channel)) is None:
        return False
    with transaction():
        row = locked(StaffAlerts, staff_id)
        setattr(row, _column(channel), None)
        audit.record("alert_address_working", row, actor=actor, at=now, channel=channel)
    return True


def _column(channel: Channel) -> str:
    return "email_failed_at" if channel is Channel.EMAIL else "mobile_failed_at"


def _row(staff_id: int) -> StaffAlerts:
    """Return somebody's row for change, made on first use under the lock of their account."""
    locked(Staff, staff_id)
    row = choices_of(staff_id)
    if row is None:
        wishes = Wishes()
        row = StaffAlerts(staff_id=staff_id, **vars(wishes))
        db.session.add(row)
        db.session.flush()
    return row
