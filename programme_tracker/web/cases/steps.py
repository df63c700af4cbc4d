"""A case as a line of steps: what was done, what is late, what comes next and when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from programme_tracker.escalation.models import Case, CaseDecision, Decision, Monitoring, Notice
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.web.cases.findings import FlagSeen
from programme_tracker.web.notices.wording import ROLES, kind_title
from programme_tracker.web.presentation import due_words, moment_words, words

State = Literal["done", "now", "next", "late", "held", "cancelled"]

DECISIONS: Mapping[str, str] = {
    Decision.PROCEED: "Victim safety decided: proceed",
    Decision.PROCEED_WITH_PLAN: "Victim safety decided: proceed with a plan",
    Decision.HOLD: "Victim safety asked for a hold",
}

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """One step as the timeline draws it."""

    title: str
    at: datetime | None
    detail: str
    state: State


@dataclass(frozen=True)
class Told:
    """What the steps are made from, for one reader."""

    case: Case
    flags: Sequence[FlagSeen]
    notices: Sequence[Notice]
    decisions: Sequence[CaseDecision]
    monitoring: Monitoring | None
    name_of: Callable[[int | None], str]
    reads_reasons: bool
    now: datetime


def steps_of(told: Told) -> list[Step]:
    """Return the steps in order of time; what has no time yet comes last."""
    steps = [*_flags(told), *_notices(told), *_decisions(told), *_ahead(told), *_end(told)]
    return sorted(steps, key=lambda step: step.at or _LAST)


def _flags(told: Told) -> Iterator[Step]:
    for flag in reversed(told.flags):
        detail = " ".join(f"{sentence}." for sentence in flag.explanations)
        yield Step(f"{words(flag.level)} flag: {flag.title.lower()}", flag.raised_at, detail, "done")


def _notices(told: Told) -> Iterator[Step]:
    for notice in told.notices:
        yield _telling(notice, told)
        if notice.must_acknowledge and notice.released_at is not None:
            yield _answer(notice, told)


def _who(notice: Notice) -> str:
    role = ROLES.get(notice.to_role, words(notice.to_role))
    return role[:1].upper() + role[1:]


def _telling(notice: Notice, told: Told) -> Step:
    """Tell whether somebody was told, is to be told, or is not told after all."""
    who = _who(notice)
    name = notice.staff.name if notice.staff is not None else "everybody of that role"
    if notice.cancelled_at is not None:
        return Step(
            f"{who} not told", notice.cancelled_at, "The notice was cancelled before it went.", "cancelled"
        )
    if notice.released_at is not None:
        title = f"{who} chased" if notice.kind == "chase" else f"{who} told"
        return Step(title, notice.released_at, f"{kind_title(notice.kind)}. To {name}.", "done")
    if notice.release_at is None:
        return Step(f"{who} not told yet", None, "A manager decides: the hold has ended.", "late")
    if told.case.hold_until is not None:
        return Step(f"{who} to be told at the review time", notice.release_at, f"On hold. To {name}.", "held")
    late = notice.release_at < told.now
    detail = f"By itself, or earlier when victim safety decides. To {name}."
    return Step(f"{who} to be told", notice.release_at, detail, "late" if late else "next")


def _answer(notice: Notice, told: Told) -> Step:
    who = ROLES.get(notice.to_role, words(notice.to_role))
    if notice.acknowledged_at is not None:
        by = told.name_of(notice.acknowledged_by)
        return Step(f"Acknowledged by {who}", notice.acknowledged_at, f"By {by}.", "done")
    late = notice.acknowledge_by is not None and notice.acknowledge_by < told.now
    title = f"Not acknowledged by {who}" if late else f"To be acknowledged by {who}"
    due = due_words(notice.acknowledge_by, told.now)
    return Step(title, notice.acknowledge_by, f"{due[:1].upper()}{due[1:]}.", "late" if late else "now")


def _decisions(told: Told) -> Iterator[Step]:
    for entry in told.decisions:
        reason = f" {entry.reason}" if entry.reason and told.reads_reasons else ""
        yield Step(
            DECISIONS.get(entry.decision, words(entry.decision)),
            entry.decided_at,
            f"By {told.name_of(entry.decided_by)}.{reason}",
            "done",
        )
        if entry.decision == Decision.HOLD:
            yield _signature(entry, told)


def _signature(entry: CaseDecision, told: Told) -> Step:
    until = moment_words(entry.hold_until, told.now)
    if entry.cosigned_at is not None:
        by = told.name_of(entry.cosigned_by)
        return Step("Hold signed", entry.cosigned_at, f"By {by}. Until {until}.", "done")
    if entry.declined_at is not None:
        return Step("Hold declined", entry.declined_at, "Every deadline stands.", "cancelled")
    if entry.id != max(other.id for other in told.decisions):
        return Step(
            "Hold not signed", entry.decided_at, "Victim safety decided otherwise since.", "cancelled"
        )
    return Step("A manager signs or declines the hold", None, f"Asked for until {until}.", "now")


def _ahead(told: Told) -> Iterator[Step]:
    """Say what a person decides next."""
    case, waiting = told.case, [one for one in told.notices if one.released_at is None]
    open_waiting = [one for one in waiting if one.cancelled_at is None]
    asked = any(_is_pending(one) for one in list(told.decisions)[-1:])
    if case.closed_at is None and open_waiting and not asked:
        yield Step("Victim safety decides", None, "Proceed, proceed with a plan, or hold.", "now")
    if case.closed_at is None and case.enrolment.status == EnrolmentStatus.BREACH_REPORTED:
        yield Step("Police decide", None, "Excused, varied, rebooked or charged.", "next")


def _is_pending(entry: CaseDecision) -> bool:
    return entry.decision == Decision.HOLD and not (entry.cosigned_at or entry.declined_at)


def _end(told: Told) -> Iterator[Step]:
    monitoring = told.monitoring
    if monitoring is not None and monitoring.closed_at is None and monitoring.review_at is not None:
        late = monitoring.review_at < told.now
        yield Step("Review of monitoring", monitoring.review_at, "", "late" if late else "next")
    if told.case.closed_at is not None:
        reason = told.case.close_reason or ""
        yield Step("Case closed", told.case.closed_at, f"{words(reason)}." if reason else "", "done")
