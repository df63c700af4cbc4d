"""A couple on the system on both sides: kept apart, and known to victim safety alone.

They share no staff, venue or day, neither search reveals the other, and each sign-off is decided
anew (product.md §9, domain.md §5). The pair of ids is all that other rooms read, without a reason.
"""

from datetime import datetime

from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import born_on_of, separated_from, with_number
from programme_tracker.people.services import join_again, keep_apart
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.rules import Gate, gate_is_open
from programme_tracker.referrals.services import is_over, set_gate
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import partners_like
from programme_tracker.victim_safety.rules import EntryKind, identity_of
from programme_tracker.victim_safety.services import EntryDetails, PartnerDetails, add_entry
from programme_tracker.workflows.escalating import inform
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.recipients import victim_safety_for

CALENDAR = WorkingCalendar()
SAID = "Somebody close to this participant may be on the system too. Look at the partner’s file."


def note_partner(partner: Partner, details: PartnerDetails, *, now: datetime) -> None:
    """Keep apart a participant and a partner who is a participant too, as soon as it is known."""
    for person in _participants_like(details):
        if person.id != partner.participant_id:
            _link(partner, person.id, actor=SYSTEM, now=now)


def _participants_like(details: PartnerDetails) -> list[Participant]:
    found = {person.id: person for person in with_number(details.number)} if details.number else {}
    if details.born_on is not None:
        known = identity_of(details.name, details.born_on)
        for person in born_on_of(details.born_on):
            if identity_of(person.name, person.born_on) == known:
                found[person.id] = person
    return list(found.values())


def note_enrolment(enrolment: Enrolment, *, now: datetime) -> None:
    """Look, when somebody is taken on, whether they are a participant's partner."""
    person = enrolment.participant
    for partner in partners_like(person.name, person.born_on, person.mobile):
        if partner.participant_id != person.id:
            _link(partner, person.id, actor=SYSTEM, now=now)
    if others := separated_from(person.id):
        _decide_anew(person.id, sorted(others), now)


def _link(partner: Partner, participant_id: int, *, actor: Actor, now: datetime) -> None:
    """Keep two people apart, once; the link itself is sealed in the partner's file."""
    if participant_id in separated_from(partner.participant_id):
        return
    with transaction():
        keep_apart(partner.participant_id, participant_id, actor=actor, now=now)
        content = {"participant_id": participant_id, "by_hand": not actor.is_system}
        add_entry(partner.id, EntryDetails(EntryKind.LINK, content), actor=actor, now=now)
        if actor.is_system:
            _tell(partner.participant_id, now)
        _decide_anew(participant_id, [partner.participant_id], now)


def mark_also_participant(partner_id: int, reference: str, *, actor: Actor, now: datetime) -> None:
    """Say that a partner is on the system as a participant; ``reference`` is that participant's.

    Raises RefusedError beside the field when nobody has that reference, or it is the same person.
    """
    require(actor, Role.VICTIM_SAFETY, why="Ask victim safety.")
    partner = db.session.get_one(Partner, partner_id)
    wanted = db.select(Participant).where(Participant.reference == reference.strip().upper())
    person = db.session.scalars(wanted).first()
    if person is None or person.id == partner.participant_id:
        raise RefusedError(Code.NOT_ALLOWED, "Check the reference: it looks like P000012.", field="reference")
    _link(partner, person.id, actor=actor, now=now)


def unmark(partner_id: int, participant_id: int, why: str, *, actor: Actor, now: datetime) -> None:
    """Say that a partner is not that participant after all; the file keeps both answers."""
    require(actor, Role.VICTIM_SAFETY, why="Ask victim safety.")
    with transaction():
        partner = db.session.get_one(Partner, partner_id)
        join_again(partner.participant_id, participant_id, actor=actor, now=now)
        content = {"participant_id": participant_id, "ended": True, "note": why}
        add_entry(partner.id, EntryDetails(EntryKind.LINK, content), actor=actor, now=now)


def _tell(participant_id: int, now: datetime) -> None:
    """Tell the victim-safety worker of the known side, and nobody else."""
    live = _live(participant_id) or enrolments_of(participant_id)
    for enrolment in live[-1:]:
        facts = {"name": enrolment.participant.name, "explanations": [SAID]}
        details = NoticeDetails(kind="restricted", enrolment_id=enrolment.id, facts=facts)
        inform(details, [victim_safety_for(enrolment, now)], now=now)


def _live(participant_id: int) -> list[Enrolment]:
    return [enrolment for enrolment in enrolments_of(participant_id) if not is_over(enrolment)]


def _decide_anew(newer_id: int, others: list[int], now: datetime) -> None:
    """Ask for every live sign-off again, once both are on the system, and part their staff."""
    newer = _live(newer_id)
    known = [enrolment for other in others for enrolment in _live(other)]
    if not newer or not known:
        return
    workers, leads = {one.worker_id for one in known}, {one.lead_id for one in known}
    for enrolment in newer:
        if enrolment.worker_id in workers:
            enrolment.worker_id = None
        if enrolment.lead_id is not None and enrolment.lead_id in leads:
            enrolment.lead_id = None
            _ask_for_lead(enrolment, now)
    for enrolment in [*known, *newer]:
        if gate_is_open(Gate(enrolment.gate)):
            set_gate(enrolment, Gate.PENDING, actor=SYSTEM, now=now)
            _ask_again(enrolment, now)


def _ask_again(enrolment: Enrolment, now: datetime) -> None:
    create_task(
        TaskKind.SIGN_OFF,
        to="victim_safety",
        staff_id=victim_safety_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        why="This sign-off has to be decided again. Nothing goes to the participant until then.",
        due_on=CALENDAR.next_working_day(local_date(now)),
        now=now,
    )


def _ask_for_lead(enrolment: Enrolment, now: datetime) -> None:
    create_task(
        TaskKind.STAFFING,
        to="manager",
        enrolment_id=enrolment.id,
        why="This enrolment needs another lead.",
        due_on=CALENDAR.next_working_day(local_date(now)),
        now=now,
    )
