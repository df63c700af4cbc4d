"""Verbs about a person: who they are, what they text back, what becomes of the texts to them."""

import secrets

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.queries import last_sms_to
from programme_tracker.people.models import Participant
from programme_tracker.people.services import GuardianDetails, NewParticipant, add_participant
from programme_tracker.rehearsal.naming import NotThereError
from programme_tracker.rehearsal.script import GuardianEntry, PartnerEntry, Person
from programme_tracker.rehearsal.stage import OFFICE, Asked, Stage
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows.changing_people import UNSET, PersonChange, change_person
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.replying import receive_reply
from programme_tracker.workflows.suspending import rearrest as record_rearrest


def bring_in(stage: Stage, person: Person) -> None:
    """Put a participant where the file begins: known already, with whatever number the file says.

    A number that no text may go to stays: what the application does with it is worth rehearsing.
    """
    details = NewParticipant(
        name=person.name,
        born_on=person.born,
        mobile=_number(person.mobile),
        risk=person.risk,
        is_priority=person.priority,
        guardian=_guardian(person.guardian) if person.guardian else None,
    )
    with transaction():
        participant = add_participant(details, actor=OFFICE, now=stage.now)
        if person.partner is not None:
            partner = _partner(stage, person.partner)
            add_partner(participant.id, partner, actor=OFFICE, now=stage.now)
    stage.known.people.add(person.name, participant.id)


def _number(written: str | None) -> str | None:
    if written is None:
        return None
    return normalise(written, allow_drama=True).e164 or written


def _guardian(entry: GuardianEntry) -> GuardianDetails:
    return GuardianDetails(entry.name, _number(entry.mobile), entry.consent)


def _partner(stage: Stage, entry: PartnerEntry) -> PartnerDetails:
    worker_id = stage.known.staff.id(entry.worker) if entry.worker else None
    return PartnerDetails(entry.name, _number(entry.mobile), worker_id=worker_id)


def change(stage: Stage, asked: Asked) -> None:
    """Change a person's number, risk, priority or guardian."""
    guardian: GuardianEntry | None = asked.get("guardian")
    changed = PersonChange(
        mobile=asked.get("mobile", UNSET),
        risk=asked.get("risk"),
        is_priority=asked.get("priority"),
        guardian=GuardianDetails(guardian.name, guardian.mobile, guardian.consent) if guardian else None,
    )
    change_person(stage.person_id(asked), changed, actor=OFFICE, now=stage.now)


def reply(stage: Stage, asked: Asked) -> None:
    """Let a text come in from the person's number, or from the guardian's if they have none."""
    person = db.session.get_one(Participant, stage.person_id(asked))
    number = person.mobile or (person.guardian.mobile if person.guardian else None)
    if number is None:
        raise NotThereError(f"{asked['person']} has no number to text from")
    receive_reply(number, asked["body"], now=stage.now, provider_sid=secrets.token_hex(8))


def delivery(stage: Stage, asked: Asked) -> None:
    """Let the provider report on the last text sent to the person."""
    message = last_sms_to(stage.person_id(asked))
    if message is None:
        raise NotThereError(f"no text was sent to {asked['person']}")
    take_report(asked["status"], message_id=message.id, error_code=asked.get("error"), now=stage.now)


def rearrest(stage: Stage, asked: Asked) -> None:
    """Record that the person was arrested again."""
    record_rearrest(stage.person_id(asked), actor=stage.actor(asked["by"]), now=stage.now)
