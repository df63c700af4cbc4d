"""One conversation: what was written both ways, and what may be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.rules import Channel, MessageKind, MessageState, Recipient
from programme_tracker.messaging.templates.queries import answer_texts
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.rules import is_under_16
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.people.views import TEXT_CHIPS, TEXT_WORDS
from programme_tracker.web.texts.inbox import NO_WORDS
from programme_tracker.workflows.answering import answered_as
from programme_tracker.workflows.visibility import may_see_enrolment, seen_people

MOST = 100


@dataclass(frozen=True)
class Line:
    """One text of a conversation; ``chip`` is the state of one of ours."""

    at: datetime
    words: str
    is_theirs: bool
    title: str
    chip: str = ""
    message_id: int | None = None
    is_waiting: bool = False
    note: str = ""


@dataclass(frozen=True)
class Thread:
    """A conversation with one person, or with a number that is not one person's alone."""

    title: str
    lines: list[Line]
    seen_up_to: int
    waits: bool
    person: Participant | None = None
    enrolments: Sequence[Enrolment] = ()
    #: Where an answer goes now, or why none may go.
    goes_to: str = ""
    why_not: str | None = None
    guardian_name: str = ""
    wrote_from: str = ""
    sharers: Sequence[Participant] = ()
    #: In the person's own language where there are any.
    neutral_answers: Sequence[str] = ()


def thread_with(participant_id: int, actor: Actor, now: datetime) -> Thread | None:
    """Return the conversation with a participant this person may see; None alike when there is none."""
    person = db.session.get(Participant, participant_id)
    enrolments = _seen_enrolments([participant_id], actor)
    if person is None or not (enrolments or participant_id in db.session.scalars(seen_people(actor))):
        return None
    theirs = _theirs(InboundMessage.participant_id == participant_id)
    enrolment, goes_to, why_not = answered_as(participant_id, now)
    programme_code = enrolment.programme_code if enrolment else ""
    callback = current_settings().callback_number
    minor = is_under_16(person.born_on, local_date(now))
    waiting = [text for text in theirs if text.waiting_since_at is not None]
    return Thread(
        title=person.name,
        lines=_woven(theirs, _ours(Message.participant_id == participant_id)),
        seen_up_to=max((text.id for text in theirs), default=0),
        waits=bool(waiting),
        person=person,
        enrolments=enrolments,
        goes_to=goes_to,
        why_not=why_not,
        guardian_name=person.guardian.name if minor and person.guardian else "",
        wrote_from=waiting[0].from_address if waiting else "",
        neutral_answers=answer_texts(programme_code, person.language, callback),
    )


def thread_of_number(inbound_id: int, actor: Actor) -> Thread | None:
    """Return the conversation with a number that nobody has, or that several people have.

    None when there is no such text or it was set apart.
    """
    text = db.session.get(InboundMessage, inbound_id)
    if text is None or text.is_quarantined or text.participant_id is not None:
        return None
    number = text.from_address
    theirs = _theirs((InboundMessage.from_address == number) & InboundMessage.participant_id.is_(None))
    return Thread(
        title=number,
        lines=_woven(theirs, _ours(Message.to_address == number)),
        seen_up_to=max((one.id for one in theirs), default=0),
        waits=any(one.waiting_since_at is not None for one in theirs),
        wrote_from=number,
        sharers=_with_number(number, actor),
    )


def _seen_enrolments(participant_ids: list[int], actor: Actor) -> Sequence[Enrolment]:
    found = select(Enrolment).where(Enrolment.participant_id.in_(participant_ids), may_see_enrolment(actor))
    return db.session.scalars(found.order_by(Enrolment.id.desc())).all()


def _with_number(number: str, actor: Actor) -> Sequence[Participant]:
    seen = select(Enrolment.participant_id).where(may_see_enrolment(actor))
    found = (
        select(Participant)
        .outerjoin(Guardian, Guardian.participant_id == Participant.id)
        .where(or_(Participant.mobile == number, Guardian.mobile == number), Participant.id.in_(seen))
        .order_by(Participant.id)
    )
    return db.session.scalars(found).all()


def _theirs(whose: ColumnElement[bool]) -> Sequence[InboundMessage]:
    """Return the latest texts that came in, newest first; what was set apart is not there."""
    found = select(InboundMessage).where(whose, InboundMessage.is_quarantined.is_(False))
    return db.session.scalars(found.order_by(InboundMessage.id.desc()).limit(MOST)).all()


def _ours(whose: ColumnElement[bool]) -> Sequence[Message]:
    """Return the latest texts that went, and answers whatever became of them."""
    found = select(Message).where(
        whose,
        Message.channel == Channel.SMS,
        Message.recipient != Recipient.STAFF,
        Message.state != MessageState.CANCELLED,
        or_(Message.handed_over_at.is_not(None), Message.kind == MessageKind.ANSWER),
    )
    return db.session.scalars(found.order_by(Message.id.desc()).limit(MOST)).all()


def _woven(theirs: Sequence[InboundMessage], ours: Sequence[Message]) -> list[Line]:
    lines = [_their_line(text) for text in reversed(theirs)] + [_our_line(text) for text in reversed(ours)]
    return sorted(lines, key=lambda line: line.at)[-MOST:]


def _their_line(text: InboundMessage) -> Line:
    media = NO_WORDS if not text.body.strip() else "A picture came with it. Pictures are not kept."
    return Line(
        at=text.received_at,
        words=text.body,
        is_theirs=True,
        title="They wrote",
        is_waiting=text.waiting_since_at is not None,
        note=media if text.media_count else "",
    )


def _our_line(text: Message) -> Line:
    return Line(
        at=text.handed_over_at or text.created_at,
        words=text.body,
        is_theirs=False,
        title=TEXT_WORDS.get(text.kind.value, "Text"),
        chip=TEXT_CHIPS.get(text.state, text.state.value),
        message_id=text.id,
    )
