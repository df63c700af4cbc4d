"""Flags explained: the rule, the sessions that led to it, the reminders before them, the policy version.

``templates/components/flag.html`` draws what ``explain_flags`` returns.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.attendance.models import Mark
from programme_tracker.engagement.models import Flag, FlagFinding
from programme_tracker.engagement.rules import RULE_TITLES, Rule
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Session
from programme_tracker.web.presentation import words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.workflows.reminder_record import reminders_before_each

#: How a flag that no longer stands is shown: the kind of a chip.
ENDED_CHIPS: Mapping[str, str] = {"superseded": "closed"}


@dataclass(frozen=True)
class SessionBehind:
    """One session that counts towards a flag, as it now stands."""

    session_id: int
    label: str
    starts_at: datetime
    outcome: str
    reason_offered: str
    reminders: str


@dataclass(frozen=True)
class ExplainedFlag:
    """One flag in plain words. ``sentences`` say what happened each time the rule came true."""

    flag_id: int
    enrolment_id: int
    title: str
    level: str
    state: str
    sentences: tuple[str, ...]
    sessions: tuple[SessionBehind, ...]
    policy_version: int
    raised_at: datetime
    ended_at: datetime | None
    end_reason: str | None

    @property
    def is_open(self) -> bool:
        """Tell whether the flag stands."""
        return self.state == "open"

    @property
    def chip(self) -> str:
        """Return the kind of its chip: its level while it stands, then what became of it."""
        return self.level if self.is_open else ENDED_CHIPS.get(self.state, self.state)


def explain_flags(
    enrolment_id: int, now: datetime, *, findings: Iterable[int] | None = None
) -> list[ExplainedFlag]:
    """Return every flag of an enrolment explained, open ones first, then the newest first.

    ``findings`` are the ids of those a reader was told of, who sees no others. What was withdrawn
    as recorded in error is left out of a flag that still stands.
    """
    told = None if findings is None else frozenset(findings)
    found = select(Flag).where(Flag.enrolment_id == enrolment_id).options(selectinload(Flag.findings))
    flags = [(flag, _shown(flag, told)) for flag in db.session.scalars(found.order_by(Flag.id.desc()))]
    seen = [(flag, rows) for flag, rows in flags if rows]
    sessions = _sessions(enrolment_id, [row for _, rows in seen for row in rows], now)
    ordered = sorted(seen, key=lambda pair: pair[0].state != "open")
    return [_explained(flag, rows, sessions) for flag, rows in ordered]


def _shown(flag: Flag, told: frozenset[int] | None) -> list[FlagFinding]:
    rows = [row for row in flag.findings if told is None or row.id in told]
    standing = [row for row in rows if row.withdrawn_at is None]
    return standing or rows


def _evidence(row: FlagFinding) -> list[int]:
    """Return the sessions that count towards a finding; none where time alone led to it."""
    ids = [int(session_id) for session_id in row.evidence]
    return ids or ([row.session_id] if row.session_id is not None else [])


def _sessions(enrolment_id: int, rows: Sequence[FlagFinding], now: datetime) -> dict[int, SessionBehind]:
    ids = {session_id for row in rows for session_id in _evidence(row)}
    reminders = reminders_before_each(ids, enrolment_id)
    return {
        mark.session_id: _session_behind(mark, reminders[mark.session_id], now)
        for mark in _marks(ids, enrolment_id)
    }


def _marks(session_ids: Collection[int], enrolment_id: int) -> Sequence[Mark]:
    found = (
        select(Mark)
        .where(Mark.session_id.in_(session_ids), Mark.enrolment_id == enrolment_id, Mark.is_current)
        .options(joinedload(Mark.session).joinedload(Session.group))
    )
    return db.session.scalars(found).all()


def _session_behind(mark: Mark, reminders: str, now: datetime) -> SessionBehind:
    return SessionBehind(
        session_id=mark.session_id,
        label=session_label(mark.session, now),
        starts_at=mark.session.starts_at,
        outcome=mark.outcome,
        reason_offered=words(mark.reason) if mark.reason else "",
        reminders=words(reminders.removeprefix("Reminders: ")),
    )


def _explained(
    flag: Flag, rows: Sequence[FlagFinding], sessions: Mapping[int, SessionBehind]
) -> ExplainedFlag:
    ids = {session_id for row in rows for session_id in _evidence(row) if session_id in sessions}
    behind = sorted((sessions[session_id] for session_id in ids), key=lambda one: one.starts_at)
    return ExplainedFlag(
        flag_id=flag.id,
        enrolment_id=flag.enrolment_id,
        title=RULE_TITLES[Rule(flag.rule)] if flag.rule in set(Rule) else words(flag.rule),
        level=flag.level,
        state=flag.state,
        sentences=tuple(dict.fromkeys(row.explanation for row in rows)),
        sessions=tuple(behind),
        policy_version=flag.policy_version,
        raised_at=flag.raised_at,
        ended_at=flag.ended_at,
        end_reason=flag.end_reason,
    )
