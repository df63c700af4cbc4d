"""Trying a policy on the last 90 days of real registers, without writing anything."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.engagement.models import Flag, FlagState
from programme_tracker.engagement.rules import Finding, Level, Sitting, Standing, findings
from programme_tracker.kernel.database import db
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows.standing import sittings_of

TRIAL_DAYS = 90

#: One flag that a policy raises: programme code, rule id, level.
RaisedKey = tuple[str, str, str]
#: When a person cleared flags, by enrolment and rule id.
Clearings = dict[tuple[int, str], list[datetime]]


@dataclass(frozen=True)
class TrialLine:
    """What one rule would have done differently on one programme in the last 90 days."""

    programme: str
    rule: str
    level: str
    raised_now: int
    would_raise: int

    @property
    def more(self) -> int:
        """How many more flags there would have been; negative for fewer."""
        return self.would_raise - self.raised_now


def trial(policy: Policy, *, now: datetime) -> list[TrialLine]:
    """Say which flags ``policy`` would have raised in the last 90 days, against the one in force.

    Reads the marks that stand and writes nothing. Both policies are played through in the same way,
    so that flags really raised under older versions do not blur the difference. Rules that time
    alone fulfils are left out: what they would have done depends on contacts that a different
    policy would have brought about.
    """
    since = now - timedelta(days=TRIAL_DAYS)
    enrolments = _active_since(since)
    marks, cleared = _marks_of(enrolments), _clearings(enrolments)
    in_force, tried = Counter[RaisedKey](), Counter[RaisedKey]()
    present = policy_at(now)
    for enrolment in enrolments:
        history = marks[enrolment.id]
        in_force.update(_raised(enrolment, history, present, cleared, since))
        tried.update(_raised(enrolment, history, policy, cleared, since))
    return [TrialLine(*key, in_force[key], tried[key]) for key in sorted({*in_force, *tried})]


def _active_since(since: datetime) -> Sequence[Enrolment]:
    recent = select(Mark.enrolment_id).where(Mark.recorded_at >= since, Mark.is_current)
    found = select(Enrolment).where(Enrolment.id.in_(recent)).options(joinedload(Enrolment.participant))
    return db.session.scalars(found.order_by(Enrolment.id)).all()


def _marks_of(enrolments: Iterable[Enrolment]) -> dict[int, list[Mark]]:
    """Return the marks that stand of each enrolment, in order of session."""
    ids = [enrolment.id for enrolment in enrolments]
    found = (
        select(Mark)
        .join(Mark.session)
        .where(Mark.enrolment_id.in_(ids), Mark.is_current)
        .order_by(Session.starts_at, Session.id)
        .options(joinedload(Mark.session))
    )
    marks: dict[int, list[Mark]] = defaultdict(list)
    for mark in db.session.scalars(found):
        marks[mark.enrolment_id].append(mark)
    return marks


def _clearings(enrolments: Iterable[Enrolment]) -> Clearings:
    ids = [enrolment.id for enrolment in enrolments]
    found = select(Flag.enrolment_id, Flag.rule, Flag.ended_at).where(
        Flag.enrolment_id.in_(ids), Flag.state == FlagState.CLEARED.value, Flag.ended_at.is_not(None)
    )
    cleared: Clearings = defaultdict(list)
    for enrolment_id, rule, ended_at in db.session.execute(found):
        if ended_at is not None:
            cleared[enrolment_id, rule].append(ended_at)
    return cleared


def _raised(
    enrolment: Enrolment, marks: Sequence[Mark], policy: Policy, cleared: Clearings, since: datetime
) -> list[RaisedKey]:
    """Return the flags that one enrolment would have got since then, by the rules of raising them."""
    rules = policy.programmes.get(enrolment.programme_code)
    if rules is None:
        return []
    person = enrolment.participant
    standing = Standing(
        policy=rules, is_mandated=enrolment.is_mandated, risk=person.risk, is_priority=person.is_priority
    )
    recorded_at = {mark.session_id: mark.recorded_at for mark in marks}
    sittings: list[Sitting] = sittings_of(list(marks))
    raised = _flags_raised(enrolment.id, findings(sittings, standing), recorded_at, cleared)
    return [
        (enrolment.programme_code, finding.rule.value, finding.level.value)
        for finding, at in raised
        if at >= since
    ]


def _flags_raised(
    enrolment_id: int,
    found: Iterable[Finding],
    recorded_at: dict[int, datetime],
    cleared: Clearings,
) -> list[tuple[Finding, datetime]]:
    """Return the findings that raise a flag of their own, and when: one open flag per rule.

    An open amber flag gives way to a red one; a flag that a person cleared in fact is cleared here
    at the same moment, so that the rule may come true again.
    """
    standing: dict[str, tuple[Level, datetime]] = {}
    raised = []
    for finding in found:
        at = recorded_at[finding.session_id or 0]
        rule = finding.rule.value
        level, since = standing.get(rule, (None, at))
        was_cleared = any(since <= moment <= at for moment in cleared.get((enrolment_id, rule), ()))
        becomes_red = level is Level.AMBER and finding.level is Level.RED
        if level is None or was_cleared or becomes_red:
            standing[rule] = (finding.level, at)
            raised.append((finding, at))
    return raised
