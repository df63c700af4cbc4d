"""The list of absences that nothing has closed yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.rules import OUTCOMES
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.catch_ups.views import Absence, absences_of
from programme_tracker.workflows.visibility import may_see_enrolment

MOST = 200

_NOT_ATTENDED = [outcome.value for outcome, kind in OUTCOMES.items() if not kind.attended]


@dataclass(frozen=True)
class OpenAbsence:
    """An absence to be closed, and whose it is."""

    absence: Absence
    name: str
    lead: str


def open_absences(actor: Actor, now: datetime, *, mine: bool) -> Sequence[OpenAbsence]:
    """Return the open absences of enrolments under way, oldest first, at most 200; ``mine``: as lead."""
    missed = select(Mark.enrolment_id).where(Mark.is_current, Mark.outcome.in_(_NOT_ATTENDED))
    found = select(Enrolment).where(
        Enrolment.ended_at.is_(None), Enrolment.id.in_(missed), may_see_enrolment(actor)
    )
    if mine:
        found = found.where(Enrolment.lead_id == actor.staff_id)
    people = db.session.scalars(
        found.options(joinedload(Enrolment.participant), joinedload(Enrolment.lead))
    ).all()
    absences = absences_of([one.id for one in people], now)
    listed = [
        OpenAbsence(absence, one.participant.name, one.lead.name if one.lead else "the whole team")
        for one in people
        for absence in absences[one.id]
        if absence.is_open
    ]
    return sorted(listed, key=lambda one: (one.absence.starts_at, one.name))[:MOST]
