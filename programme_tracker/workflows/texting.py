"""Planning texts in the same transaction as what they speak of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import local_date, to_local
from programme_tracker.messaging import wording
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageKind, MessageState, Recipient
from programme_tracker.messaging.services import cancel_planned, put
from programme_tracker.messaging.templates.queries import template_for
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.people.models import Participant
from programme_tracker.people.rules import is_under_16
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import GeneralPolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import is_first_booked
from programme_tracker.scheduling.rules import (
    TextWindow,
    announcement_at,
    change_announcement_at,
    reminder_plans,
)
from programme_tracker.workflows.told import last_told, texts_about


def window_of(general: GeneralPolicy) -> TextWindow:
    """Return the hours in which texts may go, as the policy has them."""
    return TextWindow(opens=general.text_opens, closes=general.text_closes, remind_at=general.remind_at)


def plan_booked(
    session: Session,
    enrolment: Enrolment,
    *,
    actor: Actor,
    now: datetime,
    announce: bool = True,
    is_first: bool | None = None,
) -> None:
    """Plan the ``booked`` text and the reminders of a new booking (product.md §5).

    ``is_first`` says whether it is the person's first of a group, where that is known already.
    """
    general = policy_at(now).general
    announced_at = None
    if announce:
        announced_at = announcement_at(now, session.starts_at, window_of(general))
        put_text(MessageKind.BOOKED, session, enrolment, announced_at, actor=actor, now=now)
    _plan_reminders(session, enrolment, announced_at, actor=actor, now=now, is_first=is_first)


def plan_joined(
    sessions: Sequence[Session], enrolment: Enrolment, *, actor: Actor, now: datetime, announce: bool
) -> None:
    """Plan the texts of somebody just booked on a group's ``sessions``, in order of date.

    Only the first of them is announced, and reminded of more often.
    """
    begins = is_first_booked(sessions[0], enrolment.id)
    for place, session in enumerate(sessions):
        plan_booked(
            session,
            enrolment,
            actor=actor,
            now=now,
            announce=announce and place == 0,
            is_first=begins and place == 0,
        )


def plan_changed(
    session: Session,
    enrolment: Enrolment,
    was_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    announce: bool = True,
) -> None:
    """Plan the text of a moved session and its new reminders.

    Victim safety is told first, the participant a quarter of an hour later (product.md §9). When
    a whole group moves, only the next session of each person is announced. The text says what
    differs from what they were last told: moves that nobody has heard of yet are one, a move there
    and back is none, and who was not told of the booking yet is told the new time as a booking.
    """
    told = last_told(session, texts_about(session.id, enrolment.id), just_moved=True)
    drop_planned(session, enrolment, "the session moved", actor=actor, now=now)
    announced_at = told.announced_at
    if told.awaits_booked or (announce and not (told.is_sure and told.starts_at == session.starts_at)):
        sooner = min((at for at in (was_at, session.starts_at) if at > now), default=session.starts_at)
        announced_at = change_text_at(sooner, now)
        kind = MessageKind.BOOKED if told.awaits_booked else MessageKind.CHANGED
        was_told = told.starts_at if kind is MessageKind.CHANGED and told.is_sure else None
        put_text(kind, session, enrolment, announced_at, actor=actor, now=now, was_at=was_told)
    _plan_reminders(session, enrolment, announced_at, actor=actor, now=now)


def plan_cancelled(session: Session, enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Plan the ``cancelled`` text of a session the provider cancels; its other texts are dropped.

    It names the time they were last told, which a move that nobody has heard of does not change.
    """
    told = last_told(session, texts_about(session.id, enrolment.id))
    known = told.is_sure and told.starts_at > now
    drop_planned(session, enrolment, "the session was cancelled", actor=actor, now=now)
    starts_at = told.starts_at if known else session.starts_at
    tell_at = change_text_at(starts_at, now)
    put_text(MessageKind.CANCELLED, session, enrolment, tell_at, actor=actor, now=now, starts_at=starts_at)


def drop_planned(session: Session, enrolment: Enrolment, cause: str, *, actor: Actor, now: datetime) -> None:
    """Cancel every text about one session to one person that has not gone yet."""
    cancel_planned(cause=cause, actor=actor, now=now, enrolment_id=enrolment.id, session_id=session.id)


def change_text_at(starts_at: datetime, now: datetime) -> datetime:
    """Return when participants hear of a change decided now; ``starts_at`` as product.md §9 has it."""
    general = policy_at(now).general
    return change_announcement_at(
        now,
        starts_at,
        window_of(general),
        timedelta(minutes=general.change_delay_minutes),
        timedelta(hours=general.change_at_once_hours),
    )


def _plan_reminders(
    session: Session,
    enrolment: Enrolment,
    announced_at: datetime | None,
    *,
    actor: Actor,
    now: datetime,
    is_first: bool | None = None,
) -> None:
    policy = policy_at(now)
    plans = reminder_plans(
        session.starts_at,
        _offsets(session, enrolment, now, is_first),
        now,
        announced_at,
        window_of(policy.general),
        timedelta(hours=policy.general.reminder_drop_hours),
    )
    for plan in plans:
        put_text(
            MessageKind.REMINDER,
            session,
            enrolment,
            plan.send_at,
            actor=actor,
            now=now,
            offset_days=plan.offset_days,
        )


def _offsets(session: Session, enrolment: Enrolment, now: datetime, is_first: bool | None) -> Sequence[int]:
    """Return how many days before a session its reminders go; more for the first of a group."""
    programme = policy_at(now).programmes[enrolment.programme_code]
    if is_first is None:
        is_first = session.group_id is not None and is_first_booked(session, enrolment.id)
    if is_first:
        return programme.first_session_reminder_days
    return programme.reminder_days


def put_text(
    kind: MessageKind,
    session: Session,
    enrolment: Enrolment,
    send_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    offset_days: int | None = None,
    was_at: datetime | None = None,
    starts_at: datetime | None = None,
    again: int = 0,
) -> None:
    """Put one text in the outbox; its key makes the same cause one text however often it comes.

    ``starts_at`` is the start it tells of, the session's unless given: it is of use until then.
    ``again`` counts the texts of the same cause before it that came to nothing.
    """
    starts_at = starts_at or session.starts_at
    text = _worded(kind, enrolment, send_at, starts_at, was_at)
    cause = f"session:{session.id}.{session.version}:{enrolment.id}:{kind.value}:{offset_days or 0}"
    put(
        key=f"{cause}:{again}" if again else cause,
        kind=kind,
        recipient=Recipient.GUARDIAN if _goes_to_guardian(enrolment, send_at) else Recipient.PARTICIPANT,
        body=text.body,
        template_version=text.template_version,
        template_id=text.template_id,
        send_at=send_at,
        expires_at=starts_at,
        participant_id=enrolment.participant_id,
        enrolment_id=enrolment.id,
        session_id=session.id,
        session_version=session.version,
        offset_days=offset_days,
        actor=actor,
        now=now,
    )


def _goes_to_guardian(enrolment: Enrolment, send_at: datetime) -> bool:
    return is_under_16(enrolment.participant.born_on, local_date(send_at))


def _worded(
    kind: MessageKind,
    enrolment: Enrolment,
    send_at: datetime,
    starts_at: datetime,
    was_at: datetime | None,
) -> wording.Wording:
    """Write a text in the language of whoever will read it, by the template of their programme."""
    person = enrolment.participant
    reader = (person.guardian if _goes_to_guardian(enrolment, send_at) else None) or person
    chosen = template_for(Place(kind, enrolment.programme_code, reader.language))
    text = wording.render(
        kind,
        templates={kind: chosen.template},
        words=chosen.words,
        starts_local=to_local(starts_at).replace(tzinfo=None),
        callback=current_settings().callback_number,
        moved_from=to_local(was_at).replace(tzinfo=None) if was_at else None,
    )
    return replace(text, template_id=chosen.row_id)


def word_anew(person: Participant, *, now: datetime) -> None:
    """Write the texts to a person that have not gone anew, since they read another language now."""
    found = select(Message).where(
        Message.participant_id == person.id,
        Message.kind.in_(wording.SESSION_KINDS),
        Message.state == MessageState.PLANNED,
        Message.expires_at > now,
    )
    with transaction():
        for message in db.session.scalars(found.order_by(Message.id).with_for_update()).all():
            enrolment = db.session.get_one(Enrolment, message.enrolment_id)
            was_at = _was_told(message) if message.kind is MessageKind.CHANGED else None
            text = _worded(message.kind, enrolment, message.send_at, message.expires_at, was_at)
            message.body, message.template_id = text.body, text.template_id
            message.template_version = text.template_version


def _was_told(message: Message) -> datetime | None:
    session = db.session.get_one(Session, message.session_id)
    told = last_told(session, texts_about(session.id, message.enrolment_id or 0))
    return told.starts_at if told.is_sure else None
