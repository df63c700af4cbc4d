"""Verbs along a person's way through a programme: referral, sign-off, suspension, completion."""

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.referrals.rules import Gate, SuspensionReason
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.rehearsal.answers import all_answers
from programme_tracker.rehearsal.stage import Asked, Stage
from programme_tracker.workflows import journeys, referring, suspending


def refer(stage: Stage, asked: Asked) -> None:
    """Refer a person; the enrolment gets its name when the referral is accepted.

    A referral that waits for an answer not known is neither accepted nor refused.
    """
    name = asked["as"]
    stage.known.enrolments.check_free(name)
    stage.known.person_of[name] = asked["person"]
    person = db.session.get_one(Participant, stage.person_id(asked))
    details = _details(stage, asked, person)
    enrolment = referring.refer(person, details, actor=stage.actor(asked["by"]), now=stage.now)
    if enrolment is None:
        return
    stage.known.enrolments.add(name, enrolment.id)


def _details(stage: Stage, asked: Asked, person: Participant) -> ReferralDetails:
    referrer = stage.actor(asked["by"])
    expires_on = asked.get("caution_expires")
    return ReferralDetails(
        programme_code=asked["programme"],
        route="police" if referrer.has(Role.POLICE) else "other",
        referrer_id=stage.known.staff.id(asked["by"]),
        lead_id=stage.staff_id(asked, "lead"),
        worker_id=stage.staff_id(asked, "worker"),
        officer_id=referrer.staff_id if referrer.has(Role.POLICE) else None,
        is_mandated=asked.get("mandated", False),
        caution_reference=asked["as"] if expires_on else None,
        caution_issued_on=asked.get("caution_issued"),
        caution_expires_on=expires_on,
        answers=all_answers(asked.get("answers", {}), person.risk),
    )


def sign_off(stage: Stage, asked: Asked) -> None:
    """Write the gate."""
    decision = Gate(asked["decision"])
    referring.sign_off(stage.enrolment_id(asked), decision, actor=stage.actor(asked["by"]), now=stage.now)


def suspend(stage: Stage, asked: Asked) -> None:
    """Suspend an enrolment."""
    reason = SuspensionReason(asked["reason"])
    suspending.suspend(stage.enrolment_id(asked), reason, actor=stage.actor(asked["by"]), now=stage.now)


def resume(stage: Stage, asked: Asked) -> None:
    """Resume a suspended enrolment."""
    suspending.resume(stage.enrolment_id(asked), actor=stage.actor(asked["by"]), now=stage.now)


def contact(stage: Stage, asked: Asked) -> None:
    """Record a contact with the participant."""
    actor = stage.actor(asked["by"])
    journeys.record_contact(stage.enrolment_id(asked), "call", None, actor=actor, now=stage.now)


def catch_up(stage: Stage, asked: Asked) -> None:
    """Name the catch-up that closes an absence."""
    sessions = stage.known.sessions
    missed, instead = sessions.id(asked["missed"]), sessions.id(asked["session"])
    actor = stage.actor(None)
    journeys.name_catch_up(stage.enrolment_id(asked), missed, instead, actor=actor, now=stage.now)


def transfer(stage: Stage, asked: Asked) -> None:
    """Move a person to another group of the programme."""
    group_id = stage.known.groups.id(asked["group"])
    journeys.transfer(stage.enrolment_id(asked), group_id, actor=stage.actor(asked["by"]), now=stage.now)


def complete(stage: Stage, asked: Asked) -> None:
    """Judge that a programme is complete."""
    journeys.complete(
        stage.enrolment_id(asked),
        group_ready=asked.get("group_ready", False),
        actor=stage.actor(asked["by"]),
        now=stage.now,
    )
