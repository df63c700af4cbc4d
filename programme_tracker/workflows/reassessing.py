"""Looking at an enrolment again: findings to flags, flags to tasks and notices, the next moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from programme_tracker.engagement.models import Flag, FlagFinding, FlagState
from programme_tracker.engagement.queries import (
    FindingKey,
    found_before,
    open_flags,
    standing_or_cleared_flags,
)
from programme_tracker.engagement.rules import (
    Finding,
    Level,
    Rule,
    Sitting,
    Standing,
    explain,
    findings,
    next_moment,
    time_finding,
)
from programme_tracker.engagement.services import (
    add_finding,
    end_flag,
    raise_flag,
    supersede,
    withdraw_finding,
)
from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.programmes.queries import policy_at, policy_version
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.escalating import close_groundless_case, report, undo_notices
from programme_tracker.workflows.recipients import lead_for
from programme_tracker.workflows.standing import History, history_of, sittings_of, standing_of
from programme_tracker.workflows.time_tasks import make_due_time_tasks, next_time_task

CALENDAR = WorkingCalendar()

#: A rule whose every finding is reported, even while its flag is open: each mandated miss must
#: reach the police (product.md §12.3).
REPORTED_EACH_TIME = frozenset({Rule.MANDATED_SESSION_MISSED})


@dataclass(frozen=True)
class Reassessment:
    """What looking again led to: new findings and the flags that were recorded in error."""

    raised: tuple[FlagFinding, ...] = ()
    withdrawn: tuple[Flag, ...] = ()
    corrected: tuple[Notice, ...] = ()

    @property
    def undoes_what_left(self) -> bool:
        """Tell whether somebody beyond victim safety had been told of what no longer stands."""
        return any(notice.to_role != "victim_safety" for notice in self.corrected)


def reassess(
    enrolment: Enrolment,
    *,
    now: datetime,
    touched: Collection[int] = (),
    actor: Actor = SYSTEM,
) -> Reassessment:
    """Apply the rules of product.md §7 to one enrolment and do what follows.

    ``touched`` are the sessions whose outcomes were just written: only these and later ones can
    raise an outcome flag, so that a new policy does not judge the past. The caller holds the
    transaction and the enrolment's lock. Idempotent: nothing new, nothing written.
    """
    history = history_of(enrolment)
    withdrawn = _withdraw_errors(enrolment, history, actor, now) if touched else []
    found = _by_outcome(enrolment, history, touched, now) + _by_time(enrolment, history, now)
    raised = _raise(enrolment, found, sittings_of(history.marks), now)
    corrected: list[Notice] = []
    if withdrawn:
        fallen = [row.id for flag in withdrawn for row in flag.findings if row.withdrawn_at]
        corrected = undo_notices(fallen, actor=actor, now=now)
        close_groundless_case(enrolment, actor=actor, now=now)
    _follow_up(enrolment, raised, now)
    make_due_time_tasks(enrolment, now=now)
    plan_next_look(enrolment, now, history)
    return Reassessment(tuple(raised), tuple(withdrawn), tuple(corrected))


def plan_next_look(enrolment: Enrolment, now: datetime, history: History | None = None) -> None:
    """Store the next instant when time alone could change the answer for an enrolment.

    What time has brought about already and nobody has looked at yet stays due: a worker that was
    down at its moment must still find it, whatever was written since.
    """
    history = history or history_of(enrolment)
    standing = standing_of(enrolment, history, now)
    moments = [next_moment(sittings_of(history.marks), standing, now), next_time_task(enrolment, now)]
    if _unseen(enrolment, _by_time(enrolment, history, now, standing)):
        moments += _looked_at(enrolment, now)
    enrolment.reassess_at = min((moment for moment in moments if moment), default=None)


def _looked_at(enrolment: Enrolment, now: datetime) -> list[datetime]:
    """Return the instants as of which time's doing is looked at: now, and one that was missed."""
    missed = enrolment.reassess_at
    return [missed, now] if missed is not None and missed < now else [now]


def _by_outcome(
    enrolment: Enrolment, history: History, touched: Collection[int], now: datetime
) -> list[Finding]:
    """Return the findings of the touched sessions and of those after the earliest of them."""
    marks = history.marks
    starts = [mark.session.starts_at for mark in marks if mark.session_id in touched]
    if not starts:
        return []
    since = min(starts)
    late_enough = {mark.session_id for mark in marks if mark.session.starts_at >= since}
    standing = standing_of(enrolment, history, now)
    return [one for one in findings(sittings_of(marks), standing) if one.session_id in late_enough]


def _by_time(
    enrolment: Enrolment, history: History, now: datetime, standing: Standing | None = None
) -> list[Finding]:
    """Return what time has brought about; ``standing`` is the one at ``now``, where it is known."""
    known = {now: standing} if standing is not None else {}
    found: dict[FindingKey, Finding] = {}
    for moment in _looked_at(enrolment, now):
        then = known.get(moment) or standing_of(enrolment, history, moment)
        found |= {_key(one): one for one in time_finding(sittings_of(history.marks), then, moment)}
    return list(found.values())


def _unseen(enrolment: Enrolment, found: list[Finding]) -> bool:
    """Tell whether looking again would raise any of these."""
    if not found:
        return False
    known, standing = found_before(enrolment.id), _open_by_rule(enrolment)
    return any(_is_news(finding, known, standing) for finding in found)


def _open_by_rule(enrolment: Enrolment) -> dict[str, Flag]:
    return {flag.rule: flag for flag in open_flags(enrolment.id)}


def _is_news(finding: Finding, known: Collection[FindingKey], standing: Mapping[str, Flag]) -> bool:
    """Tell whether a finding is neither known nor covered by a flag that stands."""
    if _key(finding) in known:
        return False
    flag = standing.get(finding.rule.value)
    return flag is None or finding.rule in REPORTED_EACH_TIME or _becomes_red(flag, finding)


def _becomes_red(flag: Flag, finding: Finding) -> bool:
    return flag.level == Level.AMBER and finding.level is Level.RED


def _raise(
    enrolment: Enrolment, found: list[Finding], sittings: list[Sitting], now: datetime
) -> list[FlagFinding]:
    """Raise what is new: one open flag per rule, and no session twice for one rule."""
    if not found:
        return []
    policy = policy_at(now)
    rules = policy.programmes[enrolment.programme_code]
    known, standing = found_before(enrolment.id), _open_by_rule(enrolment)
    raised = []
    for finding in found:
        if not _is_news(finding, known, standing):
            continue
        flag = standing.get(finding.rule.value)
        words = explain(finding, sittings, rules)
        if flag is not None and _becomes_red(flag, finding):
            supersede(flag, now=now)
            flag = None
        if flag is None:
            row = raise_flag(enrolment.id, finding, words, policy.version, now=now)
            standing[finding.rule.value] = row.flag
        else:
            row = add_finding(flag, finding, words, now=now)
        raised.append(row)
    return raised


def _key(finding: Finding) -> FindingKey:
    return (finding.rule.value, finding.level.value, finding.session_id, finding.since_on)


def _withdraw_errors(enrolment: Enrolment, history: History, actor: Actor, now: datetime) -> list[Flag]:
    """End the flags that the outcomes which now stand no longer support.

    A flag that a person cleared was told of all the same, so it is looked at too.
    """
    ended = []
    for flag in standing_or_cleared_flags(enrolment.id):
        standing_rows = [row for row in flag.findings if row.withdrawn_at is None]
        fallen = [row for row in standing_rows if not _still_stands(row, enrolment, history, now)]
        for row in fallen:
            withdraw_finding(row, now=now)
        if fallen and len(fallen) == len(standing_rows):
            end_flag(flag, FlagState.RECORDED_IN_ERROR, "corrected", actor=actor, now=now)
        if fallen:
            ended.append(flag)
    return ended


def _still_stands(row: FlagFinding, enrolment: Enrolment, history: History, now: datetime) -> bool:
    """Tell whether a finding would be made again, under the policy its flag names."""
    flag = row.flag
    policy = policy_version(flag.policy_version)
    sittings = sittings_of(history.marks)
    if row.session_id is None:
        # It was live when this was found; that it is not now, since police have it, undoes nothing.
        standing = replace(standing_of(enrolment, history, row.found_at, policy), is_live=True)
        again = time_finding(sittings, standing, row.found_at)
        return any(one.rule == flag.rule for one in again)
    # An amber that a red swallows today is true all the same, if its own rule holds.
    made = findings(sittings, standing_of(enrolment, history, now, policy), keep_swallowed=True)
    return any(_bears_out(one, row) for one in made)


def _bears_out(one: Finding, row: FlagFinding) -> bool:
    """Tell whether what would be found now supports what was found then.

    The same session must do it; or, for a rule that adds sessions up, another that still counts
    a session the flag was raised for: two absences in a row stay so when a third joins them.
    What is only amber now bears out no red.
    """
    was_red = row.flag.level == Level.RED
    if one.rule != row.flag.rule or (was_red and one.level is Level.AMBER):
        return False
    if one.session_id == row.session_id:
        return True
    return one.rule not in REPORTED_EACH_TIME and bool(set(one.evidence) & set(row.evidence))


def _follow_up(enrolment: Enrolment, raised: list[FlagFinding], now: datetime) -> None:
    """Give the lead a task for amber; report red."""
    red = [row for row in raised if row.flag.level == Level.RED]
    amber = [row for row in raised if row.flag.level == Level.AMBER]
    for row in amber:
        lead = lead_for(enrolment, now)
        create_task(
            TaskKind.FOLLOW_UP_ABSENCE,
            to="lead",
            staff_id=lead.staff_id,
            enrolment_id=enrolment.id,
            session_id=row.session_id,
            why=row.explanation,
            due_on=_next_working_day(now),
            now=now,
        )
    if red:
        report(enrolment, red, now=now)


def _next_working_day(now: datetime) -> date:
    return CALENDAR.next_working_day(local_date(now))


def finish_follow_ups(enrolment: Enrolment, how: str, *, actor: Actor, now: datetime) -> None:
    """Finish the lead's follow-up tasks of an enrolment, when the reason for them is gone."""
    finish_tasks(TaskKind.FOLLOW_UP_ABSENCE, how=how, actor=actor, now=now, enrolment_id=enrolment.id)
