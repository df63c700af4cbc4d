"""What is there and what is missing before an enrolment ends, and where it led."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.escalation.services import open_case
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form, ProgrammePolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.services import has_left
from programme_tracker.scheduling.models import Booking
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.web.presentation import counted
from programme_tracker.workflows.completion import sessions_credited, topics_settled
from programme_tracker.workflows.leading_on import leads_on_to
from programme_tracker.workflows.standing import PARTS, parts_done, sittings_of
from programme_tracker.workflows.visibility import enrolment_for

#: What somebody went to, in words that name no programme, for a paper they may show anybody.
_NEUTRAL = {Form.ONE_TO_ONE: "appointment", Form.TWO_WORKSHOPS: "workshop"}


@dataclass(frozen=True)
class Condition:
    """One thing that completion asks for, and whether it is there."""

    text: str
    is_met: bool


@dataclass(frozen=True)
class Completion:
    """What completion asks for; ``needs_judgement`` where a person's word is the last of it."""

    conditions: Sequence[Condition]
    needs_judgement: bool

    @property
    def is_reached(self) -> bool:
        """Tell whether everything is there that is counted, judgement apart."""
        return all(condition.is_met for condition in self.conditions)


@dataclass(frozen=True)
class Ending:
    """What ends with an enrolment: appointments to come, texts about them, an open case."""

    bookings: Sequence[Booking]
    texts: int
    has_case: bool

    def consequences(self) -> list[str]:
        """Return in words what becomes of them."""
        given_up = f"{counted(len(self.bookings), 'coming appointment')} given up"
        said = [f"{given_up}, {counted(self.texts, 'text')} dropped.".capitalize()]
        if self.has_case:
            said.append("The open case stays open: who was told is still told, and decides.")
        return said


@dataclass(frozen=True)
class Certificate:
    """Whose certificate it is, what they attended in a neutral word, and when."""

    name: str
    noun: str
    days: Sequence[date]

    @property
    def counted(self) -> str:
        """How many there are, in words."""
        return counted(len(self.days), self.noun)


@dataclass(frozen=True)
class Linked:
    """The enrolment that came before and the one that followed, as far as one may see them."""

    before: Enrolment | None
    after: Enrolment | None


def completion_of(enrolment: Enrolment, now: datetime) -> Completion:
    """Return what completion asks for on this programme, each with whether it is there."""
    policy = programme_policy(enrolment.programme_code, now)
    if policy.completion_parts:
        done = parts_done(sittings_of(current_marks(enrolment.id)))
        conditions = [Condition(f"Part {part} attended", part in done) for part in sorted(PARTS)]
    else:
        conditions = _by_numbers(enrolment, policy)
    return Completion(conditions, policy.completion_judgement)


def _by_numbers(enrolment: Enrolment, policy: ProgrammePolicy) -> list[Condition]:
    wanted, there = policy.completion_attended, sessions_credited(enrolment)
    asked = f"{wanted} of {policy.sessions}" if wanted < policy.sessions else f"At least {wanted}"
    conditions = [Condition(f"{asked} attended: {there} so far", there >= wanted)]
    if policy.completion_topics:
        missing = sorted(
            {str(number) for number in range(1, policy.sessions + 1)} - topics_settled(enrolment), key=int
        )
        said = f"Every topic covered{': missing ' + ', '.join(missing) if missing else ''}"
        conditions.append(Condition(said, not missing))
    return conditions


def ending_of(enrolment: Enrolment, now: datetime) -> Ending:
    """Return what ends with an enrolment."""
    coming = [
        booking
        for booking in live_bookings(enrolment.id)
        if booking.session.starts_at > now and booking.session.cancelled_at is None
    ]
    planned = select(func.count()).where(
        Message.enrolment_id == enrolment.id,
        Message.recipient != Recipient.STAFF,
        Message.state == MessageState.PLANNED,
    )
    return Ending(coming, db.session.scalar(planned) or 0, open_case(enrolment.id) is not None)


def certificate_of(enrolment: Enrolment, now: datetime) -> Certificate:
    """Return the dates attended with credit, and a word for them that names no programme."""
    form = programme_policy(enrolment.programme_code, now).form
    days = [
        local_date(mark.session.starts_at)
        for mark in current_marks(enrolment.id)
        if OUTCOMES[Outcome(mark.outcome)].credit
    ]
    return Certificate(enrolment.participant.name, _NEUTRAL.get(form, "session"), days)


def linked(enrolment: Enrolment, actor: Actor) -> Linked:
    """Return the enrolments before and after this one."""
    after = leads_on_to(enrolment.id)
    return Linked(
        enrolment_for(actor, enrolment.previous_id) if enrolment.previous_id else None,
        enrolment_for(actor, after.id) if after else None,
    )


def may_lead_on(enrolment: Enrolment, found: Linked, now: datetime) -> bool:
    """Tell whether these are one-to-ones that may be followed by a group, and are not yet."""
    is_one_to_one = programme_policy(enrolment.programme_code, now).form is Form.ONE_TO_ONE
    has_next = found.after is not None and not has_left(found.after)
    return is_one_to_one and not has_next and not has_left(enrolment)
