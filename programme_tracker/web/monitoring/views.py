"""What the monitoring pages show, of those whom the reader was told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.escalation.models import Case, Monitoring, MonitoringEntry
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.presentation import day_words, words
from programme_tracker.workflows.monitoring import has_ended
from programme_tracker.workflows.visibility import may_see_case

MOST = 200
TITLES = {"reviewed": "Reviewed", "extended": "Extended", "closed": "Closed"}


@dataclass(frozen=True)
class MonitoringLine:
    """One monitoring in the list; ``deadline`` is its next review, or its end when that is past."""

    monitoring_id: int
    name: str
    programme: str
    risk: str
    why: str
    deadline: datetime | date | None
    closed_at: datetime | None


@dataclass(frozen=True)
class Step:
    """One thing that happened, or comes next, as the timeline draws it."""

    title: str
    at: datetime | date | None
    detail: str
    state: str


@dataclass(frozen=True)
class MonitoringPage:
    """One monitoring with what was done about it."""

    monitoring: Monitoring
    name: str
    facts: list[tuple[str, str]]
    steps: list[Step]
    must_decide: bool


def monitoring_for(actor: Actor, monitoring_id: int) -> Monitoring | None:
    """Return a monitoring if this person may see its case; None alike when there is none."""
    found = _seen_by(actor).where(Monitoring.id == monitoring_id)
    row = db.session.execute(found).first()
    return row[0] if row else None


def lists_of(actor: Actor, now: datetime) -> tuple[list[MonitoringLine], list[MonitoringLine]]:
    """Return what is watched, the soonest due first, and what was closed, the newest first."""
    running = _seen_by(actor).where(Monitoring.closed_at.is_(None))
    closed = _seen_by(actor).where(Monitoring.closed_at.is_not(None))
    rows = db.session.execute(running.order_by(Monitoring.review_at, Monitoring.id).limit(MOST))
    past = db.session.execute(closed.order_by(Monitoring.closed_at.desc()).limit(MOST))
    lines = sorted((_line(*row, now) for row in rows), key=lambda line: _soonest(line.deadline))
    return lines, [_line(*row, now) for row in past]


def _seen_by(actor: Actor) -> Select[Monitoring, Enrolment]:
    return (
        select(Monitoring, Enrolment)
        .join(Case, Case.id == Monitoring.case_id)
        .join(Enrolment, Enrolment.id == Monitoring.enrolment_id)
        .where(may_see_case(actor))
        .options(joinedload(Enrolment.participant), joinedload(Enrolment.programme))
    )


def _soonest(deadline: datetime | date | None) -> datetime:
    """Return what a list is in order of: the end of a day stands for the whole of it."""
    if isinstance(deadline, datetime):
        return deadline
    return datetime.combine(deadline or date.max, time(23, 59), UTC)


def _line(monitoring: Monitoring, enrolment: Enrolment, now: datetime) -> MonitoringLine:
    today = local_date(now)
    ended = has_ended(monitoring, now)
    until = day_words(monitoring.ends_on, today)
    why = f"Watched since {day_words(monitoring.starts_on, today)}, until {until}."
    if monitoring.closed_at is not None:
        why = f"Closed: {monitoring.close_reason}"
    elif ended:
        why = f"Its time ended on {until}. Extend or close it."
    return MonitoringLine(
        monitoring_id=monitoring.id,
        name=enrolment.participant.name,
        programme=enrolment.programme.name,
        risk=enrolment.participant.risk,
        why=why,
        deadline=monitoring.ends_on if ended else monitoring.review_at,
        closed_at=monitoring.closed_at,
    )


def monitoring_page(monitoring: Monitoring, now: datetime) -> MonitoringPage:
    """Return everything the page of a monitoring shows."""
    enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
    person, today = enrolment.participant, local_date(now)
    facts = [
        ("Programme", enrolment.programme.name),
        ("Risk", words(person.risk) + (", priority" if person.is_priority else "")),
        ("Since", day_words(monitoring.starts_on, today)),
        ("Until", day_words(monitoring.ends_on, today)),
        ("Reviewed", _rhythm(enrolment, now)),
    ]
    return MonitoringPage(
        monitoring=monitoring,
        name=person.name,
        facts=facts,
        steps=_steps(monitoring, now),
        must_decide=monitoring.closed_at is None and has_ended(monitoring, now),
    )


def _rhythm(enrolment: Enrolment, now: datetime) -> str:
    """Say how often it is reviewed at the person's present risk."""
    general, person = policy_at(now).general, enrolment.participant
    if person.risk == "high" or person.is_priority:
        return f"every {general.review_high_days} days"
    months = general.review_medium_months
    return "every month" if months == 1 else f"every {months} months"


def _steps(monitoring: Monitoring, now: datetime) -> list[Step]:
    """Return what was done, in order of time, and what comes next."""
    entries = _entries(monitoring.id)
    steps = [Step("Monitoring began", monitoring.starts_on, "Enforcement was told of a red flag.", "done")]
    steps += [_step(entry, name, now) for entry, name in entries]
    if monitoring.closed_at is None and has_ended(monitoring, now):
        steps.append(
            Step("Extend or close", monitoring.ends_on, "It goes on until somebody decides.", "late")
        )
    elif monitoring.closed_at is None and monitoring.review_at is not None:
        late = monitoring.review_at < now
        steps.append(Step("Next review", monitoring.review_at, "", "late" if late else "next"))
        steps.append(Step("Extend or close", monitoring.ends_on, "", "next"))
    return steps


def _entries(monitoring_id: int) -> Sequence[tuple[MonitoringEntry, str | None]]:
    found = (
        select(MonitoringEntry, Staff.name)
        .outerjoin(Staff, Staff.id == MonitoringEntry.made_by)
        .where(MonitoringEntry.monitoring_id == monitoring_id)
        .order_by(MonitoringEntry.id)
    )
    return [(entry, name) for entry, name in db.session.execute(found)]


def _step(entry: MonitoringEntry, name: str | None, now: datetime) -> Step:
    title = TITLES.get(entry.kind, words(entry.kind))
    if entry.ends_on is not None:
        title += f" until {day_words(entry.ends_on, local_date(now))}"
    detail = f"By {name or 'somebody'}." + (f" {entry.note}" if entry.note else "")
    return Step(title, entry.made_at, detail, "done")
