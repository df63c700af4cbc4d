"""What the case pages show, as far as the reader may know it (product.md §1, §8)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.escalation.models import Case, CaseDecision, Monitoring, Notice
from programme_tracker.escalation.queries import addressed_to, holds_to_sign, unacknowledged_for
from programme_tracker.escalation.rules import ACTION_TITLES, latest_hold
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.cases.findings import FlagSeen, SessionSeen, findings_of, flags_of, sessions_of
from programme_tracker.web.cases.picture import NARROW, WIDE, CasePicture, draw_case
from programme_tracker.web.cases.steps import Step, Told, steps_of
from programme_tracker.web.notices.wording import recipient_words
from programme_tracker.web.presentation import day_words, moment_words, words
from programme_tracker.workflows.acting import actions_on, note_for
from programme_tracker.workflows.visibility import may_see_case

MOST = 200
CALENDAR = WorkingCalendar()


@dataclass(frozen=True)
class ActionSeen:
    """One action that was taken, as one reader may know it."""

    title: str
    note: str
    taken_at: datetime
    by: str


@dataclass(frozen=True)
class CasePage:
    """A case as one reader sees it."""

    case: Case
    name: str
    facts: list[tuple[str, str]]
    flags: list[FlagSeen]
    steps: list[Step]
    version: str
    is_reduced: bool
    sessions: list[SessionSeen] = field(default_factory=list)
    #: Who hears of it when victim safety proceeds.
    waiting: list[str] = field(default_factory=list)
    released_by_itself_at: datetime | None = None
    may_acknowledge: bool = False
    may_decide: bool = False
    hold_to_sign: CaseDecision | None = None
    latest_hold_at: datetime | None = None
    monitoring: Monitoring | None = None
    actions: list[ActionSeen] = field(default_factory=list)
    picture: CasePicture | None = None
    narrow_picture: CasePicture | None = None


@dataclass(frozen=True)
class CaseLine:
    """One case in the list of open ones."""

    case_id: int
    name: str
    programme: str
    why: str
    release_at: datetime | None
    is_held: bool


def case_page(case: Case, actor: Actor, now: datetime) -> CasePage:
    """Return the page: whole for victim safety, managers and caseworkers, reduced for enforcement."""
    whole = actor.has(Role.VICTIM_SAFETY, Role.MANAGER, Role.CASEWORKER)
    page = _whole_page(case, actor, now) if whole else _reduced_page(case, actor, now)
    return replace(
        page,
        actions=_actions(case, actor),
        picture=draw_case(page.steps, now, WIDE),
        narrow_picture=draw_case(page.steps, now, NARROW),
    )


def _actions(case: Case, actor: Actor) -> list[ActionSeen]:
    rows = actions_on(case.id, actor)
    names = names_of({row.taken_by for row in rows})
    return [
        ActionSeen(
            ACTION_TITLES.get(row.action, words(row.action)),
            note_for(row, actor),
            row.taken_at,
            names(row.taken_by),
        )
        for row in rows
    ]


def _reduced_page(case: Case, actor: Actor, now: datetime) -> CasePage:
    """Return what enforcement may know: risk, flags, the notices to it, and monitoring."""
    notices = [
        notice
        for notice in _notices(case, actor)
        if notice.released_at is not None and notice.kind != "chase"
    ]
    flags = flags_of(findings_of(case, actor))
    monitoring = _monitoring(case)
    told = Told(case, flags, notices, (), monitoring, _names(notices, ()), reads_reasons=False, now=now)
    enrolment = case.enrolment
    facts = [
        ("Programme", enrolment.programme.name),
        ("Risk", words(enrolment.participant.risk)),
        ("Priority", "Yes" if enrolment.participant.is_priority else "No"),
    ]
    return CasePage(
        case=case,
        name=enrolment.participant.name,
        facts=facts,
        flags=flags,
        steps=[step for step in steps_of(told) if step.title != "Police decide"],
        version=version_of(case),
        is_reduced=True,
        may_acknowledge=any(one.must_acknowledge for one in unacknowledged_for(case.enrolment_id, actor)),
        monitoring=monitoring,
    )


def _whole_page(case: Case, actor: Actor, now: datetime) -> CasePage:
    notices, decisions = _notices(case, None), case.decisions
    findings = findings_of(case, None)
    flags, monitoring = flags_of(findings), _monitoring(case)
    reads_reasons = actor.has(Role.VICTIM_SAFETY, Role.MANAGER)
    told = Told(case, flags, notices, decisions, monitoring, _names(notices, decisions), reads_reasons, now)
    waiting = [one for one in notices if one.released_at is None and one.cancelled_at is None]
    is_open = case.closed_at is None
    mandated = case.enrolment.is_mandated
    return CasePage(
        case=case,
        name=case.enrolment.participant.name,
        facts=_facts(case.enrolment, now),
        flags=flags,
        steps=steps_of(told),
        version=version_of(case),
        is_reduced=False,
        sessions=sessions_of(findings, case.enrolment_id, now),
        waiting=[recipient_words(notice) for notice in waiting],
        released_by_itself_at=min((one.release_at for one in waiting if one.release_at), default=None),
        may_acknowledge=any(one.must_acknowledge for one in unacknowledged_for(case.enrolment_id, actor)),
        may_decide=is_open and bool(waiting) and actor.has(Role.VICTIM_SAFETY),
        hold_to_sign=_hold_to_sign(case, now) if actor.has(Role.MANAGER) else None,
        latest_hold_at=latest_hold(now, mandated, policy_at(now).general, CALENDAR),
        monitoring=monitoring,
    )


def version_of(case: Case) -> str:
    """Return what changes whenever a case is decided on or somebody is told."""
    released = sum(notice.released_at is not None for notice in case.notices)
    signed = sum(bool(entry.cosigned_at or entry.declined_at) for entry in case.decisions)
    return f"{len(case.decisions)}.{signed}.{released}.{'closed' if case.closed_at else 'open'}"


def _notices(case: Case, reader: Actor | None) -> Sequence[Notice]:
    """Return a case's notices in the order they were made; only those to ``reader`` if given."""
    found = select(Notice).where(Notice.case_id == case.id).options(joinedload(Notice.staff))
    if reader is not None:
        found = found.where(addressed_to(reader))
    return db.session.scalars(found.order_by(Notice.id)).all()


def _names(notices: Sequence[Notice], decisions: Sequence[CaseDecision]) -> Callable[[int | None], str]:
    ids = {notice.acknowledged_by for notice in notices}
    return names_of(ids | {one for entry in decisions for one in (entry.decided_by, entry.cosigned_by)})


def names_of(ids: Collection[int | None]) -> Callable[[int | None], str]:
    """Return what names these members of staff, and anybody else "somebody"."""
    found = select(Staff.id, Staff.name).where(Staff.id.in_([one for one in ids if one is not None]))
    names = {staff_id: name for staff_id, name in db.session.execute(found)}
    return lambda staff_id: names.get(staff_id or 0, "somebody")


def _monitoring(case: Case) -> Monitoring | None:
    found = select(Monitoring).where(Monitoring.case_id == case.id).order_by(Monitoring.id.desc())
    return db.session.scalars(found.limit(1)).first()


def _hold_to_sign(case: Case, now: datetime) -> CaseDecision | None:
    return next((entry for entry in holds_to_sign(now) if entry.case_id == case.id), None)


def _facts(enrolment: Enrolment, now: datetime) -> list[tuple[str, str]]:
    person = enrolment.participant
    facts = [
        ("Programme", enrolment.programme.name + (", mandated" if enrolment.is_mandated else "")),
        ("Risk", words(person.risk) + (", priority" if person.is_priority else "")),
        ("Status", words(enrolment.status)),
        ("Lead", enrolment.lead.name if enrolment.lead else "nobody named"),
        ("Victim safety", enrolment.worker.name if enrolment.worker else "nobody named"),
    ]
    if enrolment.caution_reference:
        expires = day_words(enrolment.caution_expires_on, local_date(now))
        officer = enrolment.officer.name if enrolment.officer else "nobody named"
        facts += [("Caution", f"{enrolment.caution_reference}, expires {expires}"), ("Officer", officer)]
    return facts


def open_cases(actor: Actor, now: datetime) -> list[CaseLine]:
    """Return the open cases this person may see: those with the soonest release first."""
    release_at = (
        select(func.min(Notice.release_at))
        .where(Notice.case_id == Case.id, Notice.released_at.is_(None), Notice.cancelled_at.is_(None))
        .scalar_subquery()
    )
    found = (
        select(Case, release_at)
        .where(Case.closed_at.is_(None), may_see_case(actor))
        .order_by(release_at.is_(None), release_at, Case.id.desc())
        .limit(MOST)
        .options(
            joinedload(Case.enrolment).joinedload(Enrolment.participant),
            joinedload(Case.enrolment).joinedload(Enrolment.programme),
        )
    )
    reads_plans = actor.has(Role.VICTIM_SAFETY, Role.MANAGER, Role.CASEWORKER)
    return [
        CaseLine(
            case_id=case.id,
            name=case.enrolment.participant.name,
            programme=case.enrolment.programme.name,
            why=f"Opened {moment_words(case.opened_at, now)}.",
            release_at=at if reads_plans else None,
            is_held=reads_plans and case.hold_until is not None,
        )
        for case, at in db.session.execute(found)
    ]


def newest_case(enrolment_id: int, actor: Actor) -> Case | None:
    """Return the newest case of an enrolment that this person may see."""
    found = select(Case).where(Case.enrolment_id == enrolment_id, may_see_case(actor))
    return db.session.scalars(found.order_by(Case.id.desc()).limit(1)).first()
