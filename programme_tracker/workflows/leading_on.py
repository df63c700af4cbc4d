"""From one-to-ones to a group programme: a linked enrolment with a sign-off of its own."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import ReferralDetails, has_left, is_over
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.referring import MAY_TRIAGE, refer


def leads_on_to(enrolment_id: int) -> Enrolment | None:
    """Return the enrolment that followed from this one, the newest; None while there is none."""
    found = select(Enrolment).where(Enrolment.previous_id == enrolment_id).order_by(Enrolment.id.desc())
    return db.session.scalars(found.limit(1)).first()


def refer_on(enrolment_id: int, programme_code: str, *, actor: Actor, now: datetime) -> Enrolment:
    """Refer somebody on from one-to-ones to a group programme (product.md §3).

    The new enrolment waits for a sign-off of its own; the one-to-ones close when it starts. Asked
    for twice it is one referral. Raises RefusedError for who has left or is on that programme.
    """
    require(actor, *MAY_TRIAGE, why="Ask the caseworker to refer this person on.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        known = leads_on_to(enrolment.id)
        if known is not None and not has_left(known):
            return known
        _refuse(enrolment, programme_code, now)
        details = ReferralDetails(
            programme_code=programme_code,
            route="other",
            # Whoever referred to the one-to-ones did not ask for this, so it is not theirs to see.
            referrer_id=actor.staff_id or enrolment.referrer_id,
            lead_id=enrolment.lead_id,
            worker_id=enrolment.worker_id,
        )
        made = refer(enrolment.participant, details, actor=actor, now=now)
        if made is None:
            raise RefusedError(Code.NOT_ALLOWED, "Something is not known yet. Refer this person by the form.")
        made.previous_id = enrolment.id
        return made


def _refuse(enrolment: Enrolment, programme_code: str, now: datetime) -> None:
    if programme_policy(enrolment.programme_code, now).form is not Form.ONE_TO_ONE:
        raise RefusedError(Code.NOT_ALLOWED, "Only one-to-ones lead on to a group.")
    if has_left(enrolment):
        raise RefusedError(Code.NOT_ALLOWED, "This enrolment has ended. Make a new referral.")
    others = enrolments_of(enrolment.participant_id)
    if any(one.programme_code == programme_code and not is_over(one) for one in others):
        raise RefusedError(Code.NOT_ALLOWED, "This person is on that programme already.")
