"""A person whom enforcement watches, made through the workflows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Decision, Monitoring
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.rules import Gate
from programme_tracker.workflows import groups
from programme_tracker.workflows.deciding import decide
from programme_tracker.workflows.referring import refer, sign_off
from programme_tracker.workflows.registers import submit_register
from tests.factories.cases import Team, cara_referral, sam

#: London wall time of a group's first session: a Thursday.
FIRST_NIGHT = datetime(2026, 9, 10, 18, 30)  # noqa: DTZ001 - a wall time


@dataclass(frozen=True)
class Watched:
    """A monitoring by its ids, which outlive an application context."""

    id: int
    enrolment_id: int
    case_id: int


def monitored(team: Team, clock: SettableClock, person: NewParticipant | None = None) -> Watched:
    """Have somebody miss two nights of RADAR and victim safety proceed the day after; needs a context."""
    enrolment = refer(
        person or sam(),
        cara_referral(
            team,
            programme_code="radar",
            route="self",
            referrer_id=team.lead.staff_id,
            lead_id=team.lead.staff_id,
            worker_id=team.worker.staff_id,
            caution_reference=None,
            caution_issued_on=None,
            caution_expires_on=None,
        ),
        actor=team.lead,
        now=clock.now(),
    )
    assert enrolment is not None
    enrolment_id = enrolment.id
    sign_off(enrolment_id, Gate.GRANTED, actor=team.worker, now=clock.now())
    nights = max(FIRST_NIGHT, clock.now().replace(tzinfo=None) + timedelta(days=7))
    plan = groups.GroupPlan(
        f"Thursday {enrolment_id}", "radar", nights, [team.facilitator.staff_id or 0], sessions=8
    )
    group_id = groups.create_group(plan, actor=team.lead, now=clock.now()).id
    groups.join_group(enrolment_id, group_id, actor=team.lead, now=clock.now())
    nights_to_miss = [(one.id, one.starts_at) for one in groups.sessions_to_come(group_id, clock.now())[:2]]
    for session_id, starts_at in nights_to_miss:
        advance(clock, starts_at + timedelta(hours=2, minutes=10), RecordingProvider())
        submit_register(
            session_id,
            {enrolment_id: MarkDetails(Outcome.ABSENT)},
            token=f"night {session_id}",
            actor=team.facilitator,
            now=clock.now(),
        )
    advance(clock, clock.now() + timedelta(hours=14), RecordingProvider())
    decide(enrolment_id, Decision.PROCEED, actor=team.worker, now=clock.now())
    found = select(Monitoring).where(Monitoring.enrolment_id == enrolment_id)
    row = db.session.scalars(found).one()
    return Watched(row.id, enrolment_id, row.case_id)
