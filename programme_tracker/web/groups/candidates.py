"""Who may be enrolled in a group: accepted, signed off, and waiting for its programme."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate
from programme_tracker.scheduling.models import Group
from programme_tracker.workflows.group_places import refuse_group, standings
from programme_tracker.workflows.visibility import may_see_enrolment

_OPEN_GATES = (Gate.GRANTED.value, Gate.NOT_APPLICABLE.value)


@dataclass(frozen=True)
class Candidate:
    """Somebody who waits for a group's programme; ``refusal`` says why this group does not take them."""

    enrolment_id: int
    name: str
    accepted_at: datetime
    lead: str | None
    refusal: str | None
    is_full: bool


def candidates_for(group: Group, actor: Actor, now: datetime) -> list[Candidate]:
    """Return whom this person may enrol in a group, whoever waits longest first."""
    found = (
        select(Enrolment)
        .where(
            Enrolment.programme_code == group.programme_code,
            Enrolment.status == EnrolmentStatus.WAITLISTED,
            Enrolment.gate.in_(_OPEN_GATES),
            may_see_enrolment(actor),
        )
        .options(joinedload(Enrolment.participant), joinedload(Enrolment.lead))
        .order_by(Enrolment.created_at, Enrolment.id)
    )
    rules = programme_policy(group.programme_code, now)
    standing = standings([group.id], now)[group.id]
    weighed = []
    for one in db.session.scalars(found):
        refused = None
        try:
            refuse_group(group, one, now, standing, rules)
        except RefusedError as error:
            refused = error
        weighed.append(
            Candidate(
                enrolment_id=one.id,
                name=one.participant.name,
                accepted_at=one.created_at,
                lead=one.lead.name if one.lead else None,
                refusal=refused.message if refused else None,
                is_full=refused is not None and refused.code is Code.FULL,
            )
        )
    return weighed
