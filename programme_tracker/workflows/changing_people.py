"""Changing what is known of a participant: number, risk, priority, guardian."""

from dataclasses import dataclass, replace
from datetime import datetime

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.queries import suppression
from programme_tracker.messaging.rules import SuppressionReason
from programme_tracker.messaging.services import lift_suppression
from programme_tracker.people import services as people
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import shares_number, with_number
from programme_tracker.people.rules import is_under_16
from programme_tracker.people.services import GuardianDetails
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import finish_tasks
from programme_tracker.workflows.numbers import check_shared_number, finish_checks, usable_number
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.telling_again import plan_lost_texts
from programme_tracker.workflows.texting import word_anew


class _Unset:
    """Stands for "leave as it is", where None means "none"."""


UNSET = _Unset()


@dataclass(frozen=True)
class PersonChange:
    """What to change; whatever is left out stays. Numbers are as typed."""

    mobile: str | _Unset | None = UNSET
    risk: str | None = None
    is_priority: bool | None = None
    guardian: GuardianDetails | None = None
    language: str | None = None
    guardian_language: str | None = None


def change_person(participant_id: int, change: PersonChange, *, actor: Actor, now: datetime) -> None:
    """Change a participant; texts still to come go by the new facts, looked at when they are sent.

    With another number what came to nothing at the old one, and is still of use, is planned again.

    Raises RefusedError beside the number's field if it may not be used; nothing is changed then.
    """
    require(
        actor,
        Role.CASEWORKER,
        Role.MANAGER,
        Role.VICTIM_SAFETY,
        why="Ask the caseworker to change this.",
    )
    person = db.session.get_one(Participant, participant_id)
    mobile: str | _Unset | None = UNSET
    if not isinstance(change.mobile, _Unset):
        mobile = usable_number(change.mobile, person, actor=actor, now=now)
    guardian = _usable_guardian(change.guardian, person, actor, now)
    with transaction():
        person = locked(Participant, participant_id)
        if not isinstance(mobile, _Unset):
            _set_mobile(person, mobile, actor, now)
        if change.risk is not None or change.is_priority is not None:
            people.change_risk(person, risk=change.risk, is_priority=change.is_priority, actor=actor, now=now)
        if guardian is not None:
            people.set_guardian(person, guardian, actor=actor, now=now)
        _change_languages(person, change, actor, now)
        if guardian is not None:
            plan_lost_texts(person.id, actor=actor, now=now)


def _change_languages(person: Participant, change: PersonChange, actor: Actor, now: datetime) -> None:
    """Set the languages of texts; those planned and not gone yet are worded anew."""
    for language, guardians in ((change.language, False), (change.guardian_language, True)):
        if language is not None:
            people.change_language(person, language, guardians=guardians, actor=actor, now=now)
    if change.language or change.guardian_language:
        word_anew(person, now=now)


def _usable_guardian(
    guardian: GuardianDetails | None, person: Participant, actor: Actor, now: datetime
) -> GuardianDetails | None:
    if guardian is None:
        return None
    mobile = usable_number(guardian.mobile, person, actor=actor, now=now)
    return replace(guardian, mobile=mobile)


def _set_mobile(person: Participant, mobile: str | None, actor: Actor, now: datetime) -> None:
    """Set the number; whoever shared the old one alone with this person no longer shares it."""
    before = with_number(person.mobile) if person.mobile else []
    people.change_mobile(person, mobile, actor=actor, now=now)
    check_shared_number(person, now=now)
    for reached in {person.id, *(sharer.id for sharer in before if not shares_number(sharer))}:
        plan_lost_texts(reached, actor=actor, now=now)
    if len(before) <= 2:
        for sharer in before:
            if sharer.id != person.id or not mobile or len(with_number(mobile)) == 1:
                finish_checks(sharer, "the number is no longer shared", actor=actor, now=now)


def share_number(participant_id: int, because: str, *, actor: Actor, now: datetime) -> None:
    """Allow a number that several have by design, such as brothers with one phone; texts go to each.

    Raises RefusedError when nobody else has it.
    """
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to allow this.")
    with transaction():
        person = locked(Participant, participant_id)
        if not shares_number(person):
            raise RefusedError(Code.NOT_ALLOWED, "Nobody else has this number, or it is allowed already.")
        people.allow_sharing(person, because, actor=actor, now=now)
        for sharer in with_number(person.mobile or ""):
            finish_checks(sharer, "sharing was allowed", actor=actor, now=now)
            plan_lost_texts(sharer.id, actor=actor, now=now)


def lift_number(participant_id: int, because: str, *, actor: Actor, now: datetime) -> None:
    """Let texts go again to a number that could not be delivered to, for a reason.

    After a wrong person's reply only victim safety gives a number back. Raises RefusedError then,
    and when nothing holds it back.
    """
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to do this.")
    with transaction():
        person = locked(Participant, participant_id)
        held = suppression(person.mobile) if person.mobile else None
        if held is None:
            raise RefusedError(Code.NOT_ALLOWED, "Nothing holds this number back.")
        if held.reason is SuppressionReason.WRONG_PERSON:
            raise RefusedError(
                Code.NUMBER_UNUSABLE, "Number unusable. Enter another, or contact victim safety."
            )
        lift_suppression(held.number, actor=actor, now=now, because=because)
        finish_checks(person, "texts may go to it again", actor=actor, now=now)
        plan_lost_texts(participant_id, actor=actor, now=now)


def answer_own_consent(participant_id: int, agrees: bool, *, actor: Actor, now: datetime) -> None:
    """Record what a young person of 16 or over answered about texts in their own name.

    Who agrees gets the texts still to come; who does not is rung instead. Either answer finishes
    the task that asks for it. Raises RefusedError under 16, when texts are the guardian's.
    """
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to record this.")
    with transaction():
        person = locked(Participant, participant_id)
        if is_under_16(person.born_on, local_date(now)):
            raise RefusedError(Code.NOT_ALLOWED, "Under 16 texts go to the guardian. Ask on the birthday.")
        if agrees:
            people.record_own_consent(person, actor=actor, now=now)
            plan_lost_texts(person.id, actor=actor, now=now)
        how = "agreed to texts in their own name" if agrees else "does not want texts: ring instead"
        for enrolment in enrolments_of(participant_id):
            finish_tasks(TaskKind.RECONSENT, how=how, actor=actor, now=now, enrolment_id=enrolment.id)
            plan_next_look(locked(Enrolment, enrolment.id), now)


def agree_to_texts(participant_id: int, because: str, *, actor: Actor, now: datetime) -> None:
    """Let texts go again to somebody who had replied STOP, on consent that staff record (product.md §5).

    Under 16 it is the guardian who agreed. Raises RefusedError without a word on how they agreed.
    """
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Ask the caseworker to record this.")
    if not because.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say how and when they agreed.", field="reason")
    with transaction():
        person = locked(Participant, participant_id)
        if person.opted_out_at is not None:
            people.opt_in(person, actor=actor, now=now, because=because.strip())
