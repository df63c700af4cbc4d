"""Which cautions are open, the one with least time left first, and how each one's parts stand."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Policy
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import ReferralStatus
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.rules import (
    PartRules,
    last_day_for_part_a,
    last_day_for_part_b,
    pair_fits,
)
from programme_tracker.workflows.parts import PART_A, PART_B
from programme_tracker.workflows.standing import PARTS, parts_done, sittings_of
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_referral

#: Cautions on one page.
PAGE = 20

_CREDITS = [outcome.value for outcome, kind in OUTCOMES.items() if kind.credit]
_MISSES = [outcome.value for outcome, kind in OUTCOMES.items() if kind.missed]

_WAITING = (ReferralStatus.RECEIVED.value, ReferralStatus.INFORMATION_REQUESTED.value)


@dataclass(frozen=True)
class PartSeen:
    """One sitting of part A or B: attended, missed or booked, and its London date."""

    part: str
    state: str
    on: date


@dataclass(frozen=True)
class OpenCaution:
    """One caution that runs: its days, its parts, and by when which part must be held.

    ``fits`` is false once both parts can no longer be held before the expiry.
    """

    enrolment_id: int
    name: str
    reference: str
    status: str
    gate: str
    issued_on: date
    expires_on: date
    last_day_a: date
    last_day_b: date
    parts: Sequence[PartSeen]
    next_part: str
    last_day: date
    fits: bool

    def shown(self, part: str) -> PartSeen | None:
        """Return how a part stands: as it was held or is booked last."""
        return next((one for one in reversed(self.parts) if one.part == part), None)


@dataclass(frozen=True)
class Board:
    """One page of the open cautions, how many there are, and referrals whose caution runs undecided."""

    cautions: Sequence[OpenCaution]
    count: int
    page: int
    undecided: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.count // PAGE), 1)


def board_of(actor: Actor, now: datetime, *, mine: bool, page: int) -> Board:
    """Return one page (the first is 1) of the cautions this person may see, least time first.

    ``mine`` leaves those of colleagues out. The number of statements does not grow with them.
    """
    open_ones = [may_see_enrolment(actor), Enrolment.caution_expires_on.is_not(None)]
    open_ones.append(Enrolment.ended_at.is_(None))
    if mine:
        open_ones.append(or_(Enrolment.lead_id == actor.staff_id, Enrolment.worker_id == actor.staff_id))
    count = db.session.scalar(select(func.count()).select_from(Enrolment).where(*open_ones)) or 0
    page = min(max(page, 1), max(-(-count // PAGE), 1))
    policy = policy_at(now)
    gaps = {code: rules.part_gap_min_days for code, rules in policy.programmes.items()}
    ids = _soonest(open_ones, gaps, PAGE * page)[PAGE * (page - 1) :]
    return Board(_cautions(ids, policy, local_date(now)), count, page, _undecided(actor))


def _soonest(open_ones: Collection[ColumnElement[bool]], gaps: Mapping[str, int], most: int) -> list[int]:
    """Return the first enrolments in order of their last possible day.

    That day is the expiry for who attended part A, and a fixed number of days before it for who
    did not: each of these is read in order of expiry, and the two are merged.
    """
    has_a = _has_attended_a()
    found = [(last, key) for last, key in _read([*open_ones, has_a], most)]
    for gap in sorted(set(gaps.values())):
        codes = [code for code, days in gaps.items() if days == gap]
        waiting = _read([*open_ones, ~has_a, Enrolment.programme_code.in_(codes)], most)
        found += [(last - timedelta(days=gap), key) for last, key in waiting]
    return [key for _, key in sorted(found)[:most]]


def _read(conditions: Collection[ColumnElement[bool]], most: int) -> Sequence[tuple[date, int]]:
    found = select(Enrolment.caution_expires_on, Enrolment.id).where(*conditions)
    ordered = found.order_by(Enrolment.caution_expires_on, Enrolment.id).limit(most)
    return [(last, key) for last, key in db.session.execute(ordered) if last is not None]


def _has_attended_a() -> ColumnElement[bool]:
    """Build the condition that a part A counts: attended, and no part missed after it.

    ``workflows.standing.parts_done`` says the same of one person's sittings.
    """
    missed, missed_session = aliased(Mark), aliased(Session)
    undone = (
        exists()
        .where(missed.session_id == missed_session.id, missed.enrolment_id == Mark.enrolment_id)
        .where(missed.is_current, missed.outcome.in_(_MISSES), missed_session.part.in_(PARTS))
        .where(missed_session.starts_at > Session.starts_at)
    )
    attended = (
        exists()
        .where(Mark.session_id == Session.id, Mark.enrolment_id == Enrolment.id)
        .where(Mark.is_current, Mark.outcome.in_(_CREDITS), Session.part == PART_A)
    )
    return attended.where(~undone)


def _undecided(actor: Actor) -> int:
    found = select(func.count()).select_from(Referral)
    conditions = (Referral.status.in_(_WAITING), Referral.caution_expires_on.is_not(None))
    return db.session.scalar(found.where(may_see_referral(actor), *conditions)) or 0


def _cautions(ids: Sequence[int], policy: Policy, today: date) -> list[OpenCaution]:
    wanted = select(Enrolment).where(Enrolment.id.in_(ids))
    whole = wanted.options(joinedload(Enrolment.participant), joinedload(Enrolment.referral))
    enrolments = {one.id: one for one in db.session.scalars(whole)}
    marks, booked = _marks(ids), _booked(ids)
    return [_caution(enrolments[key], marks[key], booked[key], policy, today) for key in ids]


def _marks(ids: Collection[int]) -> defaultdict[int, list[Mark]]:
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    of_parts = (
        select(Mark)
        .join(Mark.session)
        .options(contains_eager(Mark.session))
        .where(Mark.enrolment_id.in_(ids), Mark.is_current, Session.part.in_(PARTS))
        .order_by(Session.starts_at, Session.id)
    )
    for mark in db.session.scalars(of_parts):
        found[mark.enrolment_id].append(mark)
    return found


def _booked(ids: Collection[int]) -> defaultdict[int, list[tuple[int, PartSeen]]]:
    """Return the parts that are booked, each with its session, in order."""
    found: defaultdict[int, list[tuple[int, PartSeen]]] = defaultdict(list)
    live = (
        select(Booking.enrolment_id, Session.id, Session.part, Session.starts_at)
        .join(Session, Session.id == Booking.session_id)
        .where(Booking.enrolment_id.in_(ids), Booking.ended_at.is_(None))
        .where(Session.part.in_(PARTS), Session.cancelled_at.is_(None))
        .order_by(Session.starts_at, Session.id)
    )
    for enrolment_id, session_id, part, starts_at in db.session.execute(live):
        found[enrolment_id].append((session_id, PartSeen(part or "", "booked", local_date(starts_at))))
    return found


def _caution(
    enrolment: Enrolment,
    marks: list[Mark],
    booked: Sequence[tuple[int, PartSeen]],
    policy: Policy,
    today: date,
) -> OpenCaution:
    expires_on = enrolment.caution_expires_on or date.max
    asked = policy.programmes[enrolment.programme_code]
    rules = PartRules(asked.part_gap_min_days, asked.part_gap_max_days)
    done = parts_done(sittings_of(marks))
    last_a, last_b = last_day_for_part_a(expires_on, rules), last_day_for_part_b(expires_on)
    next_part = PART_B if PART_A in done else PART_A
    marked = {mark.session_id for mark in marks}
    held = [part for mark in marks for part in _held(mark)]
    to_come = [part for session_id, part in booked if session_id not in marked]
    return OpenCaution(
        enrolment_id=enrolment.id,
        name=enrolment.participant.name,
        reference=enrolment.caution_reference or "not known",
        status=enrolment.status,
        gate=enrolment.gate,
        issued_on=enrolment.caution_issued_on or local_date(enrolment.referral.received_at),
        expires_on=expires_on,
        last_day_a=last_a,
        last_day_b=last_b,
        parts=sorted(chain(held, to_come), key=lambda part: part.on),
        next_part=next_part,
        last_day=last_b if PART_A in done else last_a,
        fits=done.keys() >= PARTS
        or pair_fits(today, done[PART_A].on if PART_A in done else None, expires_on, rules),
    )


def _held(mark: Mark) -> list[PartSeen]:
    """Return how a mark shows on the board; what was excused does not count and is left out."""
    kind = OUTCOMES[Outcome(mark.outcome)]
    state = "attended" if kind.credit else "missed" if kind.missed else ""
    return [PartSeen(mark.session.part or "", state, local_date(mark.session.starts_at))] if state else []
