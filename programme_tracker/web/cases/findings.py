"""What led to a case: the rules that came true, and the sessions behind them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.engagement.models import Flag, FlagFinding
from programme_tracker.engagement.rules import RULE_TITLES, Rule
from programme_tracker.escalation.models import Case, Notice, NoticeFinding
from programme_tracker.escalation.queries import addressed_to
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Session
from programme_tracker.web.people.views import TextSeen, texts_by_session
from programme_tracker.web.presentation import words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.workflows.reminder_record import reminders_before_each


@dataclass(frozen=True)
class FlagSeen:
    """One flag: its rule in plain words, what happened each time, and the policy that says so."""

    flag_id: int
    title: str
    level: str
    state: str
    explanations: tuple[str, ...]
    policy_version: int
    raised_at: datetime
    ended_at: datetime | None
    end_reason: str | None

    @property
    def is_open(self) -> bool:
        """Tell whether the flag stands."""
        return self.state == "open"


@dataclass(frozen=True)
class SessionSeen:
    """One session behind a flag: what was recorded and whether the reminders arrived."""

    session_id: int
    label: str
    starts_at: datetime
    held_on: date
    outcome: str
    reason_offered: str
    reminders: str
    #: The texts about it, each with its page.
    texts: Sequence[TextSeen] = ()


def findings_of(case: Case, reader: Actor | None) -> Sequence[FlagFinding]:
    """Return the findings that a case's notices report; those told to ``reader`` alone if given."""
    told = select(NoticeFinding.finding_id).join(Notice, Notice.id == NoticeFinding.notice_id)
    told = told.where(Notice.case_id == case.id)
    if reader is not None:
        told = told.where(Notice.released_at.is_not(None), addressed_to(reader))
    found = (
        select(FlagFinding)
        .where(FlagFinding.id.in_(told))
        .order_by(FlagFinding.id)
        .options(joinedload(FlagFinding.flag))
    )
    return db.session.scalars(found).all()


def flags_of(findings: Sequence[FlagFinding]) -> list[FlagSeen]:
    """Return the flags of these findings, each once, the newest first."""
    flags = {finding.flag.id: finding.flag for finding in findings}
    return [_flag_seen(flag, findings) for flag in sorted(flags.values(), key=lambda one: -one.id)]


def _flag_seen(flag: Flag, findings: Sequence[FlagFinding]) -> FlagSeen:
    rule = Rule(flag.rule) if flag.rule in set(Rule) else None
    return FlagSeen(
        flag_id=flag.id,
        title=RULE_TITLES[rule] if rule else words(flag.rule),
        level=flag.level,
        state=flag.state,
        explanations=tuple(one.explanation for one in findings if one.flag_id == flag.id),
        policy_version=flag.policy_version,
        raised_at=flag.raised_at,
        ended_at=flag.ended_at,
        end_reason=flag.end_reason,
    )


def sessions_of(findings: Sequence[FlagFinding], enrolment_id: int, now: datetime) -> list[SessionSeen]:
    """Return the sessions that count towards these findings, in order of date."""
    ids = {int(session_id) for finding in findings for session_id in finding.evidence}
    ids |= {finding.session_id for finding in findings if finding.session_id is not None}
    marks = _marks(ids, enrolment_id)
    told, texts = reminders_before_each(ids, enrolment_id), texts_by_session(enrolment_id)
    return [
        _session_seen(mark, told[mark.session_id], texts.get(mark.session_id, ()), now)
        for mark in sorted(marks, key=lambda mark: mark.session.starts_at)
    ]


def _marks(session_ids: Collection[int], enrolment_id: int) -> Sequence[Mark]:
    found = (
        select(Mark)
        .where(Mark.session_id.in_(session_ids), Mark.enrolment_id == enrolment_id, Mark.is_current)
        .options(joinedload(Mark.session).joinedload(Session.group))
    )
    return db.session.scalars(found).all()


def _session_seen(mark: Mark, told: str, texts: Sequence[TextSeen], now: datetime) -> SessionSeen:
    session = mark.session
    told = told.removeprefix("Reminders: ")
    return SessionSeen(
        session_id=session.id,
        label=session_label(session, now),
        starts_at=session.starts_at,
        held_on=local_date(session.starts_at),
        outcome=mark.outcome,
        reason_offered=words(mark.reason) if mark.reason else "none",
        reminders=told[:1].upper() + told[1:],
        texts=texts,
    )
