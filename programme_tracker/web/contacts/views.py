"""Who has not been reached lately, and one person's log of contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.engagement.models import Contact
from programme_tracker.engagement.queries import REACHED_NOBODY
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.web.people.timeline import CONTACT_WORDS, REACHED_WORDS
from programme_tracker.web.presentation import words
from programme_tracker.web.registers.receipt import staff_names
from programme_tracker.workflows.silence import Silence, silences
from programme_tracker.workflows.visibility import may_see_enrolment

MOST = 200

#: After the last of these nobody expects to be in touch, or time counts for nothing.
_UNDER_WAY = (
    EnrolmentStatus.ENROLLED.value,
    EnrolmentStatus.ATTENDING.value,
    EnrolmentStatus.SUSPENDED.value,
    EnrolmentStatus.BREACH_DECIDED.value,
)


@dataclass(frozen=True)
class ContactSeen:
    """One attempt or contact, in words; ``reached`` tells whether it stopped the clock."""

    at: datetime
    kind: str
    outcome: str
    reached: bool
    note: str
    by: str


def not_reached(actor: Actor, now: datetime) -> Sequence[Silence]:
    """Return one's people (a manager: everybody's), first whose silence counts soonest.

    Who is led by nobody in particular is every caseworker's. Where no clock runs the longest
    without contact comes first.
    """
    found = select(Enrolment).where(may_see_enrolment(actor), Enrolment.status.in_(_UNDER_WAY))
    if not actor.has(Role.MANAGER):
        found = found.where(or_(Enrolment.lead_id == actor.staff_id, Enrolment.lead_id.is_(None)))
    rows = db.session.scalars(
        found.order_by(Enrolment.reassess_at, Enrolment.id)
        .options(
            joinedload(Enrolment.participant), joinedload(Enrolment.programme), joinedload(Enrolment.lead)
        )
        .limit(MOST)
    ).all()
    return sorted(silences(rows, now), key=_soonest)


def _soonest(one: Silence) -> tuple[bool, datetime, str]:
    since = one.in_touch_at or one.enrolment.created_at
    return one.counts_at is None, one.counts_at or since, one.enrolment.participant.name_folded


def log_of(contacts: Sequence[Contact]) -> list[ContactSeen]:
    """Put contacts into words, newest first."""
    names = staff_names([row.made_by for row in contacts])
    return [
        ContactSeen(
            row.made_at,
            CONTACT_WORDS.get(row.kind, words(row.kind)),
            REACHED_WORDS.get(row.outcome or "", words(row.outcome) if row.outcome else "We spoke"),
            row.outcome not in REACHED_NOBODY,
            row.note or "",
            names.get(row.made_by or 0, "the system"),
        )
        for row in reversed(contacts)
    ]
