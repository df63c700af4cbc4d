"""Whether a participant or a partner's file may be erased now, and if not, why."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.escalation.models import Case, Monitoring, Notice
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.queries import OPEN_STATES
from programme_tracker.people.models import KeepingOrder, Participant
from programme_tracker.people.rules import Keeping, kept_until
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import ReferralStatus
from programme_tracker.referrals.services import is_over
from programme_tracker.victim_safety.queries import partners_of
from programme_tracker.workflows.erasing.scope import enrolments_of


@dataclass(frozen=True)
class Standing:
    """How somebody stands before an erasure.

    ``under_way`` are sentences about what has not ended. ``ended_on`` and ``keep_until`` are London
    dates; None while anything is under way.
    """

    under_way: list[str]
    ended_on: date | None = None
    keep_until: date | None = None
    order: KeepingOrder | None = None
    has_partner_file: bool = False

    def is_kept_on(self, day: date) -> bool:
        """Tell whether the time to keep them is not over on a London date."""
        return self.keep_until is not None and day < self.keep_until


def standing_of(person: Participant, now: datetime) -> Standing:
    """Return what stands between a participant and their erasure."""
    under_way = [*_engagement(person, now), *_escalation(person.id), *_unsettled(person.id)]
    ended_on = None if under_way else _ended_on(person.id)
    return Standing(
        under_way,
        ended_on,
        _keep_until(person, ended_on, now) if ended_on else None,
        order_on(person.id),
        bool(partners_of([person.id])),
    )


def order_on(participant_id: int) -> KeepingOrder | None:
    """Return the order by which somebody is kept longer, if there is one now."""
    found = select(KeepingOrder).where(
        KeepingOrder.participant_id == participant_id, KeepingOrder.ended_at.is_(None)
    )
    return db.session.scalars(found.order_by(KeepingOrder.id)).first()


def _engagement(person: Participant, now: datetime) -> list[str]:
    """Say which referral, programme or caution goes on."""
    found = []
    waiting = {ReferralStatus.RECEIVED, ReferralStatus.INFORMATION_REQUESTED}
    for referral in db.session.scalars(select(Referral).where(Referral.participant_id == person.id)):
        if ReferralStatus(referral.status) in waiting:
            found.append(f"Their referral to {referral.programme.name} is not decided.")
    for enrolment in db.session.scalars(select(Enrolment).where(Enrolment.participant_id == person.id)):
        name = enrolment.programme.name
        if not is_over(enrolment):
            mandated = ", and must attend" if enrolment.is_mandated else ""
            found.append(f"They are still on {name}{mandated}.")
        if enrolment.caution_expires_on and enrolment.caution_expires_on >= local_date(now):
            found.append(f"The caution of their time on {name} has not expired.")
    return found


def _escalation(participant_id: int) -> list[str]:
    """Say which case, monitoring, notice or correction is open."""
    mine = enrolments_of(participant_id)
    unanswered = Notice.must_acknowledge & Notice.acknowledged_at.is_(None) & Notice.cancelled_at.is_(None)
    asked = select(Mark.id).where(Mark.enrolment_id.in_(mine))
    open_things = (
        ("A case about them is open.", Case.id, Case.enrolment_id.in_(mine) & Case.closed_at.is_(None)),
        (
            "They are monitored.",
            Monitoring.id,
            Monitoring.enrolment_id.in_(mine) & Monitoring.closed_at.is_(None),
        ),
        (
            "A notice about them is not acknowledged.",
            Notice.id,
            Notice.enrolment_id.in_(mine) & unanswered,
        ),
        (
            "A correction about them waits for a second person.",
            CorrectionRequest.id,
            CorrectionRequest.mark_id.in_(asked) & CorrectionRequest.decided_at.is_(None),
        ),
    )
    return [
        said
        for said, key, condition in open_things
        if db.session.scalar(select(key).where(condition).limit(1)) is not None
    ]


def _unsettled(participant_id: int) -> list[str]:
    mine = enrolments_of(participant_id)
    theirs = or_(Message.participant_id == participant_id, Message.enrolment_id.in_(mine))
    waiting = select(Message.id).where(theirs, Message.state.in_(OPEN_STATES))
    if db.session.scalar(waiting.limit(1)) is None:
        return []
    return ["A text to them waits, or nobody knows whether it went."]


def _ended_on(participant_id: int) -> date | None:
    """Return the London date on which the last thing about somebody ended."""
    mine = enrolments_of(participant_id)
    moments: list[datetime | None] = []
    for column, condition in (
        (Enrolment.ended_at, Enrolment.participant_id == participant_id),
        (Case.closed_at, Case.enrolment_id.in_(mine)),
        (Monitoring.closed_at, Monitoring.enrolment_id.in_(mine)),
        (Referral.decided_at, Referral.participant_id == participant_id),
        (Participant.created_at, Participant.id == participant_id),
    ):
        moments += db.session.scalars(select(column).where(condition))
    return local_date(max(moment for moment in moments if moment is not None))


def _keep_until(person: Participant, ended_on: date, now: datetime) -> date:
    general = policy_at(now).general
    keeping = Keeping(general.keep_adult_years, general.keep_youth_until_age, general.keep_rejected_years)
    was_taken = db.session.scalar(enrolments_of(person.id).limit(1)) is not None
    return kept_until(ended_on, person.born_on, keeping, was_taken=was_taken)
