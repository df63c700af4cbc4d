"""A participant's own IMPACT answers, beside those that their partner gives to victim safety.

Both are asked at the same time points (domain.md §7). A participant's stand with the case; nobody but
victim safety reads the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment, ImpactAnswer
from programme_tracker.referrals.rules import Gate, gate_is_open
from programme_tracker.victim_safety.rules import ImpactPoint, impact_points
from programme_tracker.workflows.partner_files import course_of
from programme_tracker.workflows.permissions import require

#: The six things asked about, as in the partner's own answers.
QUESTIONS = ("respect", "space", "safety", "parenting", "awareness", "childhoods")


@dataclass(frozen=True)
class OwnPoint:
    """One time point of one enrolment: when it falls due, and the answers that stand."""

    point: ImpactPoint
    due_on: date
    is_due: bool
    answer: ImpactAnswer | None = None


def own_points(enrolment: Enrolment, now: datetime) -> list[OwnPoint]:
    """Return every time point of an enrolment that is known, in order."""
    stand = answers_of([enrolment.id])
    today = local_date(now)
    return [
        OwnPoint(point, day, day <= today, stand.get((enrolment.id, point.value)))
        for point, day in impact_points(course_of(enrolment, now)).items()
    ]


def answers_of(enrolment_ids: Sequence[int]) -> dict[tuple[int, str], ImpactAnswer]:
    """Return the answers that stand, by enrolment and time point, in one statement."""
    rows = select(ImpactAnswer).where(ImpactAnswer.enrolment_id.in_(enrolment_ids)).order_by(ImpactAnswer.id)
    return {(row.enrolment_id, row.point): row for row in db.session.scalars(rows)}


def record_own_answers(
    enrolment_id: int,
    point: ImpactPoint,
    answers: Mapping[str, str],
    *,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> ImpactAnswer:
    """Record what a participant answered at a time point; answers given before stay, corrected.

    Raises RefusedError before the point has come, and while the sign-off is not granted: nobody asks
    a participant anything then (product.md §3).
    """
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to record this.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        if not gate_is_open(Gate(enrolment.gate)):
            raise RefusedError(Code.GATE_NOT_GRANTED, "The sign-off is not granted. Ask nothing yet.")
        known = {one.point: one for one in own_points(enrolment, now)}
        if point not in known or not known[point].is_due:
            raise RefusedError(Code.NOT_ALLOWED, "This time point has not come yet.")
        before = known[point].answer
        given = {name: answers[name] for name in QUESTIONS if answers.get(name, "none") != "none"}
        if not given and not note:
            raise RefusedError(
                Code.NOT_ALLOWED, "Answer at least one question, or write what they said.", field="note"
            )
        row = ImpactAnswer(
            enrolment_id=enrolment.id,
            point=point.value,
            answers=given,
            note=note,
            made_at=now,
            made_by=actor.staff_id,
            corrects_id=before.id if before else None,
        )
        db.session.add(row)
        db.session.flush()
        audit.record("impact.answered", row, actor=actor, at=now, enrolment_id=enrolment.id, key=point.value)
        return row
