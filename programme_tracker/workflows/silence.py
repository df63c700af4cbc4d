"""Who has not been reached, and from when that counts: several enrolments read at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.engagement.models import Contact
from programme_tracker.engagement.queries import REACHED_NOBODY
from programme_tracker.engagement.rules import Standing, silence_counts_at
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Policy
from programme_tracker.referrals.models import Enrolment, NeutralSpan
from programme_tracker.referrals.queries import Span, suspensions_among
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.workflows.standing import sittings_of


@dataclass(frozen=True)
class Silence:
    """One person: when last seen or reached, how often tried since, and when silence raises a flag.

    ``counts_at`` may have passed; None where no such clock runs.
    """

    enrolment: Enrolment
    last_seen_at: datetime | None
    last_reached_at: datetime | None
    tries_since: int
    last_try_at: datetime | None
    counts_at: datetime | None

    @property
    def counts_on(self) -> date | None:
        """The London date on which silence raises a flag."""
        return local_date(self.counts_at) if self.counts_at else None

    @property
    def in_touch_at(self) -> datetime | None:
        """The last attendance or contact, whichever is later."""
        known = [moment for moment in (self.last_seen_at, self.last_reached_at) if moment]
        return max(known, default=None)


@dataclass(frozen=True)
class _Read:
    """What the rule looks at, by enrolment."""

    marks: dict[int, list[Mark]]
    contacts: dict[int, list[Contact]]
    first_booked: dict[int, datetime]
    spans: dict[int, tuple[Span, ...]]


def silences(enrolments: Sequence[Enrolment], now: datetime) -> list[Silence]:
    """Weigh each enrolment, in the order given; the number of queries does not grow with them."""
    read, policy = _read([enrolment.id for enrolment in enrolments]), policy_at(now)
    return [_silence(enrolment, read, policy, now) for enrolment in enrolments]


def _read(ids: Collection[int]) -> _Read:
    marks: dict[int, list[Mark]] = defaultdict(list)
    rows = select(Mark).join(Mark.session).where(Mark.enrolment_id.in_(ids), Mark.is_current)
    for mark in db.session.scalars(
        rows.options(joinedload(Mark.session)).order_by(Session.starts_at, Session.id)
    ):
        marks[mark.enrolment_id].append(mark)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    made = select(Contact).where(Contact.enrolment_id.in_(ids)).order_by(Contact.made_at, Contact.id)
    for contact in db.session.scalars(made):
        contacts[contact.enrolment_id].append(contact)
    booked = (
        select(Booking.enrolment_id, func.min(Session.starts_at))
        .join(Booking.session)
        .where(Booking.enrolment_id.in_(ids), Booking.ended_at.is_(None))
        .group_by(Booking.enrolment_id)
    )
    first = {enrolment_id: at for enrolment_id, at in db.session.execute(booked)}
    return _Read(marks, contacts, first, _neutral_time(ids))


def _neutral_time(ids: Collection[int]) -> dict[int, tuple[Span, ...]]:
    spans = suspensions_among(ids)
    rows = select(NeutralSpan.enrolment_id, NeutralSpan.from_at, NeutralSpan.to_at)
    for enrolment_id, from_at, to_at in db.session.execute(rows.where(NeutralSpan.enrolment_id.in_(ids))):
        spans[enrolment_id] = (*spans.get(enrolment_id, ()), (from_at, to_at))
    return spans


def _silence(enrolment: Enrolment, read: _Read, policy: Policy, now: datetime) -> Silence:
    sittings = sittings_of(read.marks.get(enrolment.id, []))
    contacts = read.contacts.get(enrolment.id, [])
    reached = [one.made_at for one in contacts if one.outcome not in REACHED_NOBODY]
    seen = [sitting.starts_at for sitting in sittings if sitting.kind.attended]
    since = max([*reached, *seen], default=None)
    tries = [one.made_at for one in contacts if one.outcome in REACHED_NOBODY]
    tries = [moment for moment in tries if since is None or moment > since]
    held = [sitting.starts_at for sitting in sittings]
    booked = [read.first_booked[enrolment.id]] if enrolment.id in read.first_booked else []
    standing = Standing(
        policy=policy.programmes[enrolment.programme_code],
        enrolled_at=enrolment.enrolled_at,
        first_booked_at=min([*held, *booked], default=None),
        contacts=tuple(reached),
        suspensions=read.spans.get(enrolment.id, ()),
        is_live=not is_over(enrolment) and enrolment.status != EnrolmentStatus.BREACH_REPORTED,
        time_rules_at=policy.general.time_rules_at,
    )
    return Silence(
        enrolment=enrolment,
        last_seen_at=max(seen, default=None),
        last_reached_at=max(reached, default=None),
        tries_since=len(tries),
        last_try_at=max(tries, default=None),
        counts_at=silence_counts_at(sittings, standing, now),
    )
