"""Planning again what came to nothing, once what stood in its way is gone.

A number was corrected, sharing allowed, consent given, a suspension lifted: what the person still
needs to know goes now, as a text of its own. What came to nothing stays as it was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import NOT_YET_GONE, MessageKind
from programme_tracker.messaging.services import cancel_planned
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_booking
from programme_tracker.scheduling.rules import announcement_at
from programme_tracker.workflows.texting import put_text, window_of
from programme_tracker.workflows.told import ANNOUNCEMENTS, CAME_TO_NOTHING, MAY_HAVE_ARRIVED, texts_about


def plan_lost_texts(participant_id: int, *, actor: Actor, now: datetime, reminders: bool = True) -> int:
    """Plan anew every text to one person that came to nothing and is still of use; return how many.

    Of each session the last announcement, unless a text has told them that version since; or else,
    with ``reminders``, the last reminder when no other is still to come. Each goes as soon as
    texts may, before the start it tells of.
    """
    lost = select(Message.session_id, Message.enrolment_id).where(
        Message.participant_id == participant_id,
        Message.kind.in_((*ANNOUNCEMENTS, MessageKind.REMINDER)),
        Message.state.in_(CAME_TO_NOTHING),
        Message.expires_at > now,
    )
    with transaction():
        pairs = db.session.execute(lost.distinct().order_by(Message.session_id, Message.enrolment_id)).all()
        planned = [
            _plan_again(session_id, enrolment_id, reminders, actor=actor, now=now)
            for session_id, enrolment_id in pairs
            if session_id is not None and enrolment_id is not None
        ]
        return sum(planned)


def _plan_again(session_id: int, enrolment_id: int, reminders: bool, *, actor: Actor, now: datetime) -> bool:
    session = db.session.get_one(Session, session_id)
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    if not _may_hear(session, enrolment):
        return False
    texts = texts_about(session_id, enrolment_id)
    lost = lost_text(texts, session.version)
    if lost is None or (lost.kind is MessageKind.REMINDER and not reminders):
        return False
    general = policy_at(now).general
    tell_at = announcement_at(now, lost.expires_at, window_of(general))
    if tell_at >= lost.expires_at:
        return False
    put_text(
        lost.kind,
        session,
        enrolment,
        tell_at,
        actor=actor,
        now=now,
        offset_days=lost.offset_days,
        starts_at=lost.expires_at,
        again=sum(_same_cause(text, lost) for text in texts),
    )
    _drop_reminders_until(tell_at + timedelta(hours=general.reminder_drop_hours), texts, actor, now)
    return True


def _may_hear(session: Session, enrolment: Enrolment) -> bool:
    """Tell whether anything would still be said: what stands in the way now would only block it again."""
    return (
        not is_over(enrolment)
        and enrolment.status != EnrolmentStatus.SUSPENDED
        and gate_is_open(Gate(enrolment.gate))
        and session.submitted_at is None
        and live_booking(session.id, enrolment.id) is not None
    )


def lost_text(texts: Sequence[Message], version: int) -> Message | None:
    """Return the text about a session's present version that is to be told again, or None."""
    present = [text for text in texts if text.session_version == version]
    news = [text for text in present if text.kind in ANNOUNCEMENTS]
    if news and news[-1].state in CAME_TO_NOTHING:
        told_since = any(text.state in MAY_HAVE_ARRIVED for text in present)
        return None if told_since else news[-1]
    if any(text.state in NOT_YET_GONE for text in present):
        return None
    reminders = [text for text in present if text.kind is MessageKind.REMINDER]
    last = max(reminders, key=lambda text: (text.send_at, text.id), default=None)
    return last if last is not None and last.state in CAME_TO_NOTHING else None


def _same_cause(text: Message, other: Message) -> bool:
    return (text.kind, text.session_version, text.offset_days) == (
        other.kind,
        other.session_version,
        other.offset_days,
    )


def _drop_reminders_until(until: datetime, texts: Sequence[Message], actor: Actor, now: datetime) -> None:
    """Drop the reminders that would follow too soon (product.md §5)."""
    near = [
        text.key
        for text in texts
        if text.kind is MessageKind.REMINDER and text.state in NOT_YET_GONE and text.send_at <= until
    ]
    if near:
        cancel_planned(keys=near, cause="told again just before", actor=actor, now=now)
