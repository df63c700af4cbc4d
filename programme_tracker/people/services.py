"""Writing participants: who they are and where their texts go."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import delete, select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.finding import services as finding
from programme_tracker.people.models import Guardian, NumberSharing, Participant, SeparatedPair, TextConsent
from programme_tracker.people.rules import folded, is_under_16, reference_for


@dataclass(frozen=True)
class GuardianDetails:
    """The adult who gets a child's texts; ``mobile`` is E.164. Why one is barred is for the team alone."""

    name: str
    mobile: str | None
    has_consented: bool
    is_barred: bool = False
    barred_because: str | None = None


@dataclass(frozen=True)
class NewParticipant:
    """What is known of somebody when they are first referred; ``mobile`` is E.164."""

    name: str
    born_on: date
    mobile: str | None = None
    risk: str = "medium"
    is_priority: bool = False
    guardian: GuardianDetails | None = None


def add_participant(details: NewParticipant, *, actor: Actor, now: datetime) -> Participant:
    """Make a participant with a neutral reference."""
    with transaction():
        person = Participant(
            reference="",
            name=details.name,
            name_folded=folded(details.name),
            born_on=details.born_on,
            mobile=details.mobile,
            risk=details.risk,
            is_priority=details.is_priority,
            created_at=now,
            own_consent_at=None if is_under_16(details.born_on, local_date(now)) else now,
        )
        db.session.add(person)
        person.reference = f"new-{uuid4()}"
        db.session.flush()
        person.reference = reference_for(person.id)
        finding.find_by_all(person)
        if details.guardian is not None:
            set_guardian(person, details.guardian, actor=actor, now=now)
        audit.record("participant.added", person, actor=actor, at=now, risk=details.risk)
        return person


def set_guardian(person: Participant, details: GuardianDetails, *, actor: Actor, now: datetime) -> None:
    """Name the adult who gets this child's texts, or change what is known of them."""
    with transaction():
        guardian = person.guardian or Guardian(participant=person)
        guardian.name, guardian.mobile = details.name, details.mobile
        guardian.has_consented, guardian.is_barred = details.has_consented, details.is_barred
        guardian.barred_because = details.barred_because if details.is_barred else None
        db.session.add(guardian)
        audit.record(
            "guardian.changed",
            person,
            actor=actor,
            at=now,
            has_consented=details.has_consented,
            is_barred=details.is_barred,
        )


def change_mobile(person: Participant, mobile: str | None, *, actor: Actor, now: datetime) -> None:
    """Give a participant another number (E.164) or none; the caller has checked it may be used."""
    with transaction():
        person = locked(Participant, person.id)
        person.mobile = mobile
        finding.find_by_mobile(person)
        audit.record("participant.number_changed", person, actor=actor, at=now, has_number=bool(mobile))


def change_risk(
    person: Participant,
    *,
    actor: Actor,
    now: datetime,
    risk: str | None = None,
    is_priority: bool | None = None,
) -> None:
    """Set a participant's risk level or priority; past flags stay as they were raised."""
    with transaction():
        person = locked(Participant, person.id)
        if risk is not None:
            person.risk = risk
        if is_priority is not None:
            person.is_priority = is_priority
        audit.record(
            "participant.risk_changed",
            person,
            actor=actor,
            at=now,
            risk=person.risk,
            is_priority=person.is_priority,
        )


def change_language(
    person: Participant,
    language: str,
    *,
    guardians: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the language of a participant's texts, or with ``guardians`` of those to the guardian."""
    with transaction():
        person = locked(Participant, person.id)
        reader = person.guardian if guardians else person
        if reader is None or reader.language == language:
            return
        reader.language = language
        audit.record("participant.language_changed", person, actor=actor, at=now, language=language)


def opt_out(person: Participant, *, actor: Actor, now: datetime) -> None:
    """Stop every text to this person; only consent recorded by staff brings them back."""
    with transaction():
        person = locked(Participant, person.id)
        if person.opted_out_at is None:
            person.opted_out_at = now
            audit.record("participant.opted_out", person, actor=actor, at=now)


def opt_in(person: Participant, *, actor: Actor, now: datetime, because: str | None = None) -> None:
    """Record that the person agreed to texts again, to a member of staff; ``because`` says how."""
    with transaction():
        person = locked(Participant, person.id)
        person.opted_out_at = None
        if because:
            consent = TextConsent(participant_id=person.id, how=because, at=now, recorded_by=actor.staff_id)
            db.session.add(consent)
        audit.record("participant.opted_in", person, actor=actor, at=now)


def allow_sharing(person: Participant, because: str, *, actor: Actor, now: datetime) -> None:
    """Allow texts to a number to all who have it now, for a reason a person gave.

    Whoever gets the number later is asked about anew.
    """
    with transaction():
        person = locked(Participant, person.id)
        number = person.mobile
        if number is None:
            return
        known = select(NumberSharing.participant_id).where(NumberSharing.number == number)
        allowed = set(db.session.scalars(known))
        sharers = select(Participant.id).where(Participant.mobile == number).order_by(Participant.id)
        for sharer in db.session.scalars(sharers).all():
            if sharer not in allowed:
                db.session.add(
                    NumberSharing(
                        number=number,
                        participant_id=sharer,
                        because=because,
                        allowed_at=now,
                        allowed_by=actor.staff_id,
                    )
                )
        audit.record("participant.sharing_allowed", person, actor=actor, at=now)


def record_own_consent(person: Participant, *, actor: Actor, now: datetime) -> None:
    """Record that the young person agreed to texts in their own name."""
    with transaction():
        person = locked(Participant, person.id)
        person.own_consent_at = now
        audit.record("participant.own_consent", person, actor=actor, at=now)


def remove_double(double: Participant, known: Participant, *, actor: Actor, now: datetime) -> None:
    """Remove a participant made by mistake for somebody known; nothing may hang on the double any more.

    The double's number is kept where the known person has none.
    """
    with transaction():
        if known.mobile is None and double.mobile is not None:
            change_mobile(known, double.mobile, actor=actor, now=now)
        audit.record(
            "participant.double_removed", double, actor=actor, at=now, kept_reference=known.reference
        )
        db.session.execute(delete(NumberSharing).where(NumberSharing.participant_id == double.id))
        if double.guardian is not None:
            db.session.delete(double.guardian)
        finding.lose(double.id)
        db.session.delete(double)
        db.session.flush()


def keep_apart(one_id: int, other_id: int, *, actor: Actor, now: datetime) -> None:
    """Let two participants never meet from now on; neither the rows nor the trail say why."""
    with transaction():
        first, second = sorted((one_id, other_id))
        known = select(SeparatedPair).where(
            SeparatedPair.first_id == first, SeparatedPair.second_id == second
        )
        if db.session.scalars(known).first() is None:
            pair = SeparatedPair(first_id=first, second_id=second, created_at=now)
            db.session.add(pair)
            db.session.flush()
            audit.record("participants.kept_apart", pair, actor=actor, at=now)


def join_again(one_id: int, other_id: int, *, actor: Actor, now: datetime) -> None:
    """Let two participants meet again who were kept apart by mistake."""
    with transaction():
        first, second = sorted((one_id, other_id))
        known = select(SeparatedPair).where(
            SeparatedPair.first_id == first, SeparatedPair.second_id == second
        )
        pair = db.session.scalars(known).first()
        if pair is not None:
            audit.record("participants.joined_again", pair, actor=actor, at=now)
            db.session.delete(pair)
