"""What happened to one enrolment, newest first, as one reader may see it.

One statement finds which happenings a page holds, whatever they are; then one for each sort of
happening reads them. So the number of statements does not depend on how much happened.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import CatchUp, Mark
from programme_tracker.engagement.models import Contact, Flag
from programme_tracker.escalation.models import (
    Case,
    CaseAction,
    CaseDecision,
    Monitoring,
    MonitoringEntry,
    Notice,
)
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.referrals.models import Enrolment, GateDecision, PoliceDecisionEntry, StatusChange
from programme_tracker.referrals.rules import Gate
from programme_tracker.scheduling.models import Booking, Session, SessionMove
from programme_tracker.workflows.visibility import may_see_case, may_see_notice, may_see_session

#: So many happenings are on one page.
PER_PAGE = 40

#: Texts that have not gone, or were dropped before they went, are no happening yet.
_NOT_YET = (MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENDING, MessageState.CANCELLED)


class Kind(StrEnum):
    """By what a timeline can be narrowed."""

    SESSIONS = "sessions"
    ATTENDANCE = "attendance"
    TEXTS = "texts"
    CONTACTS = "contacts"
    FLAGS = "flags"
    NOTICES = "notices"
    DECISIONS = "decisions"


class Sort(StrEnum):
    """What happened."""

    STATUS = "status"
    GATE = "gate"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    GIVEN_UP = "given_up"
    MOVED = "moved"
    MARK = "mark"
    CATCH_UP = "catch_up"
    FLAG = "flag"
    FLAG_ENDED = "flag_ended"
    CONTACT = "contact"
    DECISION = "decision"
    ACTION = "action"
    POLICE = "police"
    MONITORING = "monitoring"
    NOTICE = "notice"
    TEXT = "text"
    REPLY = "reply"


@dataclass(frozen=True)
class Happening:
    """One thing that happened, and the row that says so."""

    at: datetime
    sort: Sort
    row: Any


@dataclass(frozen=True)
class Timeline:
    """One page of what happened. ``names`` are those of the staff in it, by id."""

    happenings: Sequence[Happening] = ()
    kinds: Sequence[Kind] = ()
    page: int = 1
    has_more: bool = False
    names: Mapping[int, str] = field(default_factory=dict)
    #: How many bookings were made or given up at one moment: whoever joins a group is booked on all.
    together: Mapping[tuple[Sort, datetime], int] = field(default_factory=dict)

    def by(self, staff_id: int | None) -> str:
        """Return a colleague's name, or that it was the system."""
        return self.names.get(staff_id or 0, "the system")


@dataclass(frozen=True)
class _Source:
    """Where one sort of happening stands: when it was, which rows count, and what is read with them."""

    sort: Sort
    kind: Kind
    model: type[Any]
    at: Any
    counts: ColumnElement[bool]
    with_it: tuple[ORMOption, ...] = ()
    #: Of several rows of one moment only the first is a happening; the others are counted.
    at_once: bool = False


def works_case(actor: Actor) -> bool:
    """Tell whether somebody works the case, and so reads what colleagues noted."""
    return actor.has(Role.CASEWORKER, Role.MANAGER)


def timeline_of(enrolment: Enrolment, actor: Actor, kinds: Collection[Kind] = (), page: int = 1) -> Timeline:
    """Return one page of what happened, of these ``kinds`` alone if any are given.

    Caseworkers, managers and victim safety see every kind. Facilitators see bookings and attendance
    at the sessions they run. Who else asks sees nothing.
    """
    sources = _sources(enrolment, actor)
    open_kinds = [kind for kind in Kind if any(source.kind is kind for source in sources)]
    wanted = [source for source in sources if not kinds or source.kind in kinds]
    if not wanted:
        return Timeline(kinds=open_kinds)
    found = _index(wanted, page)
    rows = _rows(wanted, found[:PER_PAGE])
    happened = [Happening(at, Sort(sort), rows[sort, key]) for at, sort, key in found[:PER_PAGE]]
    together = _together(wanted, happened)
    return Timeline(happened, open_kinds, page, len(found) > PER_PAGE, _names(happened), together)


def _index(sources: Sequence[_Source], page: int) -> list[tuple[datetime, str, int]]:
    """Return when, what and which, newest first; of one moment what follows comes before its cause."""
    parts = [
        select(
            source.at.label("at"),
            literal(source.sort.value).label("sort"),
            literal(place).label("place"),
            source.model.id.label("key"),
        ).where(source.counts, *_first_of_its_moment(source))
        for place, source in enumerate(sources)
    ]
    every = union_all(*parts).subquery()
    found = (
        select(every.c.at, every.c.sort, every.c.key)
        .order_by(every.c.at.desc(), every.c.place.desc(), every.c.key.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    return [(at, sort, key) for at, sort, key in db.session.execute(found)]


def _first_of_its_moment(source: _Source) -> list[ColumnElement[bool]]:
    if not source.at_once:
        return []
    first = select(func.min(source.model.id)).where(source.counts).group_by(source.at)
    return [source.model.id.in_(first)]


def _together(
    sources: Sequence[_Source], happenings: Sequence[Happening]
) -> dict[tuple[Sort, datetime], int]:
    counted: dict[tuple[Sort, datetime], int] = {}
    for source in sources:
        moments = {one.at for one in happenings if source.at_once and one.sort is source.sort}
        if moments:
            found = select(source.at, func.count()).where(source.counts, source.at.in_(moments))
            for at, many in db.session.execute(found.group_by(source.at)):
                counted[source.sort, at] = many
    return counted


def _rows(
    sources: Sequence[_Source], found: Sequence[tuple[datetime, str, int]]
) -> dict[tuple[str, int], Any]:
    rows: dict[tuple[str, int], Any] = {}
    for source in sources:
        ids = [key for _, sort, key in found if sort == source.sort]
        if ids:
            read: Select[Any] = select(source.model).where(source.model.id.in_(ids)).options(*source.with_it)
            rows |= {(source.sort.value, row.id): row for row in db.session.scalars(read)}
    return rows


#: Where the rows name somebody of the staff.
_STAFF = (
    *("changed_by", "decided_by", "booked_by", "ended_by", "moved_by", "recorded_by", "closed_by"),
    *("made_by", "taken_by", "entered_by", "staff_id"),
)


def _names(happenings: Sequence[Happening]) -> dict[int, str]:
    ids = {getattr(one.row, name, None) for one in happenings for name in _STAFF}
    found = select(Staff.id, Staff.name).where(Staff.id.in_([one for one in ids if one is not None]))
    return {staff_id: name for staff_id, name in db.session.execute(found)}


def _sources(enrolment: Enrolment, actor: Actor) -> list[_Source]:
    """Return where this reader's happenings stand, causes before what follows from them."""
    if actor.has(Role.CASEWORKER, Role.MANAGER, Role.VICTIM_SAFETY):
        return [
            *_standing(enrolment),
            *_sessions(enrolment, true()),
            *_attendance(enrolment, true()),
            *_flags(enrolment),
            *_contacts(enrolment),
            *_decisions(enrolment, actor),
            *_notices(enrolment, actor),
            *_texts(enrolment, actor),
        ]
    if actor.has(Role.FACILITATOR):
        own = may_see_session(actor)
        return [*_sessions(enrolment, own), *_attendance(enrolment, own)]
    return []


def _standing(enrolment: Enrolment) -> list[_Source]:
    about = enrolment.id
    return [
        _Source(
            Sort.STATUS,
            Kind.DECISIONS,
            StatusChange,
            StatusChange.changed_at,
            StatusChange.enrolment_id == about,
        ),
        _Source(
            Sort.GATE,
            Kind.DECISIONS,
            GateDecision,
            GateDecision.decided_at,
            (GateDecision.enrolment_id == about) & (GateDecision.decision != Gate.PENDING.value),
        ),
    ]


def _sessions(enrolment: Enrolment, seen: ColumnElement[bool]) -> list[_Source]:
    """Return bookings, and moves of the sessions booked; of the ``seen`` sessions alone."""
    session = (joinedload(Booking.session).joinedload(Session.group),)
    sessions = select(Session.id).where(seen)
    mine = (Booking.enrolment_id == enrolment.id) & Booking.session_id.in_(sessions)
    booked = select(Booking.session_id).where(mine)

    def of_booking(sort: Sort, at: InstrumentedAttribute[Any], *, at_once: bool = True) -> _Source:
        return _Source(sort, Kind.SESSIONS, Booking, at, mine & at.is_not(None), session, at_once)

    return [
        of_booking(Sort.BOOKED, Booking.booked_at),
        of_booking(Sort.CONFIRMED, Booking.confirmed_at, at_once=False),
        of_booking(Sort.GIVEN_UP, Booking.ended_at),
        _Source(
            Sort.MOVED,
            Kind.SESSIONS,
            SessionMove,
            SessionMove.moved_at,
            SessionMove.session_id.in_(booked),
        ),
    ]


def _attendance(enrolment: Enrolment, seen: ColumnElement[bool]) -> list[_Source]:
    """Return marks, and how absences were closed; of the ``seen`` sessions alone."""
    sessions = select(Session.id).where(seen)
    return [
        _Source(
            Sort.MARK,
            Kind.ATTENDANCE,
            Mark,
            Mark.recorded_at,
            (Mark.enrolment_id == enrolment.id) & Mark.session_id.in_(sessions),
            (joinedload(Mark.session).joinedload(Session.group),),
        ),
        _Source(
            Sort.CATCH_UP,
            Kind.ATTENDANCE,
            CatchUp,
            CatchUp.closed_at,
            (CatchUp.enrolment_id == enrolment.id) & CatchUp.missed_session_id.in_(sessions),
        ),
    ]


def _flags(enrolment: Enrolment) -> list[_Source]:
    own, findings = Flag.enrolment_id == enrolment.id, (selectinload(Flag.findings),)
    return [
        _Source(Sort.FLAG, Kind.FLAGS, Flag, Flag.raised_at, own, findings),
        _Source(Sort.FLAG_ENDED, Kind.FLAGS, Flag, Flag.ended_at, own & Flag.ended_at.is_not(None), findings),
    ]


def _contacts(enrolment: Enrolment) -> list[_Source]:
    return [
        _Source(Sort.CONTACT, Kind.CONTACTS, Contact, Contact.made_at, Contact.enrolment_id == enrolment.id)
    ]


def _decisions(enrolment: Enrolment, actor: Actor) -> list[_Source]:
    cases = select(Case.id).where(Case.enrolment_id == enrolment.id, may_see_case(actor))
    watched = select(Monitoring.id).where(Monitoring.case_id.in_(cases))
    case = (joinedload(CaseDecision.case),)
    return [
        _Source(
            Sort.DECISION,
            Kind.DECISIONS,
            CaseDecision,
            CaseDecision.decided_at,
            CaseDecision.case_id.in_(cases),
            case,
        ),
        _Source(Sort.ACTION, Kind.DECISIONS, CaseAction, CaseAction.taken_at, CaseAction.case_id.in_(cases)),
        _Source(
            Sort.POLICE,
            Kind.DECISIONS,
            PoliceDecisionEntry,
            PoliceDecisionEntry.decided_at,
            PoliceDecisionEntry.enrolment_id == enrolment.id,
        ),
        _Source(
            Sort.MONITORING,
            Kind.DECISIONS,
            MonitoringEntry,
            MonitoringEntry.made_at,
            MonitoringEntry.monitoring_id.in_(watched),
        ),
    ]


def _notices(enrolment: Enrolment, actor: Actor) -> list[_Source]:
    seen = (Notice.enrolment_id == enrolment.id) & Notice.released_at.is_not(None) & may_see_notice(actor)
    return [_Source(Sort.NOTICE, Kind.NOTICES, Notice, Notice.released_at, seen)]


def _texts(enrolment: Enrolment, actor: Actor) -> list[_Source]:
    """Return the texts that went or were held back, and replies for those who work the case.

    A reply that may be somebody else's is victim safety's alone, elsewhere.
    """
    sent = (
        (Message.enrolment_id == enrolment.id)
        & (Message.recipient != Recipient.STAFF)
        & Message.state.not_in(_NOT_YET)
    )
    at = func.coalesce(Message.delivered_at, Message.handed_over_at, Message.send_at)
    sources = [_Source(Sort.TEXT, Kind.TEXTS, Message, at, sent)]
    if works_case(actor):
        reply = (
            InboundMessage.participant_id == enrolment.participant_id
        ) & InboundMessage.is_quarantined.is_(False)
        sources.append(_Source(Sort.REPLY, Kind.TEXTS, InboundMessage, InboundMessage.received_at, reply))
    return sources
