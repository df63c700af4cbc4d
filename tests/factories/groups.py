"""Weekly groups and the people in them, made through the workflows."""

from datetime import date, datetime, timedelta
from typing import Any

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.rules import Gate
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.scheduling.models import Group
from programme_tracker.workflows.groups import GroupPlan, create_group
from programme_tracker.workflows.referring import accept, receive, sign_off
from programme_tracker.workflows.registers import submit_register
from tests.factories.cases import Team, go_to

#: London wall times: a Thursday and the Monday of the same week, after the tests' first of September.
THURSDAY = datetime(2026, 9, 10, 18, 30)  # noqa: DTZ001 - a wall time
MONDAY = datetime(2026, 9, 14, 18)  # noqa: DTZ001 - a wall time


def weekly_group(team: Team, starts: datetime = THURSDAY, **given: Any) -> int:
    """Make a RADAR group run by the team's facilitator and return its id; needs a context."""
    content: dict[str, Any] = {
        "name": f"{starts:%A} RADAR",
        "programme_code": "radar",
        "starts": starts,
        "staff_ids": [team.facilitator.staff_id],
    }
    return create_group(GroupPlan(**(content | given)), actor=team.lead, now=clock.now()).id


def referred(
    team: Team,
    name: str = "Ben Dummy",
    *,
    programme: str = "radar",
    mobile: str | None = None,
    signed_off: bool = True,
    born_on: date = date(1990, 1, 31),
) -> int:
    """Refer, accept and sign off a man of 36; return his enrolment's id."""
    now = clock.now()
    person = NewParticipant(name, born_on, mobile, risk="medium")
    details = ReferralDetails(programme_code=programme, route="self", referrer_id=team.lead.staff_id or 0)
    referral = receive(person, details, actor=team.lead, now=now)
    enrolment = accept(
        referral.id, lead_id=team.lead.staff_id, worker_id=team.worker.staff_id, actor=team.lead, now=now
    )
    if signed_off:
        sign_off(enrolment.id, Gate.GRANTED, actor=team.worker, now=now)
    return enrolment.id


def hold(team: Team, group_id: int, number: int, **outcomes: str) -> None:
    """Go to the end of a group's session and submit its register: all attended but those named.

    ``outcomes`` are by "e" and the enrolment's id: ``e7="absent"``.
    """
    session = next(one for one in db.session.get_one(Group, group_id).sessions if one.number == number)
    ended_at = session.starts_at + timedelta(minutes=session.minutes)
    go_to(to_local(ended_at).replace(tzinfo=None))
    marks = {int(key[1:]): MarkDetails(Outcome(outcome)) for key, outcome in outcomes.items()}
    submit_register(
        session.id, marks, token=f"register-{session.id}", actor=team.facilitator, now=clock.now()
    )
