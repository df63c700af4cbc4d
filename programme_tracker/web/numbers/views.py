"""Whose number stands in the way of texts, and why: one look at the database a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message, SuppressedNumber
from programme_tracker.messaging.numbers import display, normalise
from programme_tracker.messaging.rules import Channel, MessageState, SuppressionReason
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.queries import shared_numbers
from programme_tracker.people.rules import is_under_16
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.presentation import moment_words
from programme_tracker.workflows.visibility import may_see_enrolment

#: The longest list shown; the rest follows when these are done.
MOST = 200
#: How far back a text that failed still says something of its number.
LOOK_BACK = timedelta(days=30)

_FAILED = (MessageState.FAILED, MessageState.UNDELIVERED)
_TOLD = (*_FAILED, MessageState.DELIVERED)


@dataclass(frozen=True)
class NumberRow:
    """One person whose number needs somebody: why, and the one thing to do."""

    name: str
    why: str
    action: str
    url: str


@dataclass(frozen=True)
class Worklist:
    """One kind of trouble and whom it concerns."""

    title: str
    rows: list[NumberRow]


def worklists(actor: Actor, now: datetime) -> list[Worklist]:
    """Return every list that holds somebody, the most silent first."""
    today = local_date(now)
    lists = [
        Worklist("No number", _missing(actor, today)),
        Worklist("Not a mobile number", _impossible(actor, today)),
        Worklist("Shared with somebody else", _shared(actor, today)),
        Worklist("Held back", _suppressed(actor, today)),
        Worklist("The last text failed", _failing(actor, today, now)),
    ]
    return [one for one in lists if one.rows]


def _texted(today: date) -> ColumnElement[str | None]:
    """Return the number texts go to: under 16 the guardian's (product.md §5)."""
    return case((Participant.born_on > _sixteen_before(today), Guardian.mobile), else_=Participant.mobile)


def _sixteen_before(today: date) -> date:
    """Return the birth date of somebody who turns 16 today; who was born on 29 February, on the 28th."""
    return date(today.year - 16, today.month, min(today.day, 28) if today.month == 2 else today.day)


def _people(actor: Actor) -> Select[Enrolment]:
    """Select the newest enrolment under way of each person, by name."""
    newest = select(func.max(Enrolment.id)).where(Enrolment.ended_at.is_(None), may_see_enrolment(actor))
    return (
        select(Enrolment)
        .join(Enrolment.participant)
        .outerjoin(Guardian, Guardian.participant_id == Participant.id)
        .where(Enrolment.id.in_(newest.group_by(Enrolment.participant_id)))
        .options(joinedload(Enrolment.participant).joinedload(Participant.guardian))
        .order_by(Participant.name_folded, Enrolment.id)
        .limit(MOST)
    )


def _row(enrolment: Enrolment, why: str, action: str, view: str) -> NumberRow:
    return NumberRow(enrolment.participant.name, why, action, url_for(view, enrolment_id=enrolment.id))


def _change(enrolment: Enrolment, why: str, today: date, action: str = "Change number") -> NumberRow:
    """Return the row whose remedy is another number: a child's is the guardian's."""
    if is_under_16(enrolment.participant.born_on, today):
        return _row(enrolment, why, "Change guardian", "youth.show")
    return _row(enrolment, why, action, "enrolments.details")


def _missing(actor: Actor, today: date) -> list[NumberRow]:
    found = db.session.scalars(_people(actor).where(func.coalesce(_texted(today), "") == ""))
    why = "Nothing can be texted. Enter a mobile number, or ring instead."
    return [_change(one, why, today, "Enter number") for one in found]


def _impossible(actor: Actor, today: date) -> list[NumberRow]:
    texted = _texted(today)
    # A British mobile is +447 and nine figures; 070 and 076 are not mobiles. Others are looked at.
    doubtful = or_(
        ~texted.startswith("+447"),
        texted.startswith("+4470"),
        texted.startswith("+4476"),
        func.length(texted) != 13,
    )
    rows = []
    for one in db.session.scalars(_people(actor).where(doubtful)):
        person = one.participant
        child = is_under_16(person.born_on, today)
        number = (person.guardian.mobile if person.guardian else "") if child else person.mobile
        reason = normalise(number or "", allow_drama=current_settings().demo).reason
        if number and reason:
            rows.append(_change(one, f"{display(number)}: {reason}", today))
    return rows


def _shared(actor: Actor, today: date) -> list[NumberRow]:
    numbers = shared_numbers()
    own = Participant.born_on <= _sixteen_before(today)
    found = list(db.session.scalars(_people(actor).where(Participant.mobile.in_(numbers), own)))
    return [_row(one, _sharers(one, found), "Allow sharing", "enrolments.share_number") for one in found]


def _sharers(enrolment: Enrolment, found: Sequence[Enrolment]) -> str:
    number = enrolment.participant.mobile or ""
    names = [
        one.participant.name
        for one in found
        if one.participant.mobile == number and one.participant_id != enrolment.participant_id
    ]
    return f"{display(number)} is also the number of {', '.join(names) or 'somebody whose programme ended'}."


def _suppressed(actor: Actor, today: date) -> list[NumberRow]:
    held = select(SuppressedNumber.number, SuppressedNumber.reason).where(
        SuppressedNumber.lifted_at.is_(None)
    )
    reasons = {number: reason for number, reason in db.session.execute(held)}
    found = db.session.scalars(_people(actor).where(Participant.mobile.in_(reasons)))
    return [_held_row(one, reasons[one.participant.mobile or ""], today) for one in found]


def _held_row(enrolment: Enrolment, reason: SuppressionReason, today: date) -> NumberRow:
    if reason is SuppressionReason.WRONG_PERSON:
        return _change(enrolment, "Number unusable. Ask for another.", today)
    why = "Texts could not be delivered to it. Check it with them, then let texts go again."
    return _row(enrolment, why, "Let texts go again", "enrolments.lift_number")


def _failing(actor: Actor, today: date, now: datetime) -> list[NumberRow]:
    last = (
        select(func.max(Message.id))
        .where(
            Message.channel == Channel.SMS,
            Message.participant_id.is_not(None),
            Message.state.in_(_TOLD),
            Message.created_at > now - LOOK_BACK,
        )
        .group_by(Message.participant_id)
    )
    failed = select(Message.participant_id, Message.handed_over_at, Message.send_at).where(
        Message.id.in_(last), Message.state.in_(_FAILED)
    )
    moments = {person: handed or due for person, handed, due in db.session.execute(failed)}
    found = db.session.scalars(_people(actor).where(Enrolment.participant_id.in_(moments)))
    return [
        _row(
            one,
            f"{moment_words(moments[one.participant_id], now)}. Ring, and check the number.",
            "Record the call",
            "contacts.log",
        )
        for one in found
    ]
