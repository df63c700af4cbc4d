"""Dealing with what people texted: reading it, answering it, and what was set apart for victim safety."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.answers import BY_HAND, measured
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.queries import said_in_quarantine
from programme_tracker.messaging.rules import BlockedReason, MessageKind, Recipient, next_inside
from programme_tracker.messaging.services import cancel, lift_suppression, put
from programme_tracker.messaging.templates.queries import banned_now
from programme_tracker.people.models import Participant
from programme_tracker.people.rules import is_under_16
from programme_tracker.people.services import opt_in
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import is_over
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import finish_tasks
from programme_tracker.victim_safety.services import guards_of
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.sending import texting_now
from programme_tracker.workflows.telling_again import plan_lost_texts

#: Those who answer texts.
MAY_ANSWER = (Role.CASEWORKER, Role.MANAGER)

#: An answer that could not go for so long is of no more use.
OF_USE_FOR = timedelta(days=1)

#: Why no text may go now, and what to do instead.
WHY_NOT = {
    BlockedReason.GATE: "The sign-off is not granted, so nothing may go to them.",
    BlockedReason.SUSPENDED: "They are suspended or have left, so no text may go.",
    BlockedReason.IN_CUSTODY: "They are in custody, so no text may go.",
    BlockedReason.RECONSENT: "Nobody has agreed to texts at this number yet. Ask, and record the answer.",
    BlockedReason.OPTED_OUT: "They asked for no more texts. Ring them.",
    BlockedReason.NUMBER_INVALID: "There is no mobile number to text. Ring, or ask for one.",
    BlockedReason.NUMBER_UNUSABLE: "The number is unusable. Reach them another way.",
    BlockedReason.NUMBER_SHARED: "Another participant has this number too. Check it before you text.",
}


def answered_as(participant_id: int, now: datetime) -> tuple[Enrolment | None, str, str | None]:
    """Return the enrolment an answer belongs to, the number it goes to, and why it may not go.

    Of several enrolments the newest counts to which a text may go.
    """
    live = [one for one in enrolments_of(participant_id) if not is_over(one)]
    why: str | None = "They are on no programme now, so no text may go."
    number = ""
    for enrolment in reversed(live):
        number, reason = texting_now(enrolment, now)
        if reason is None:
            return enrolment, number, None
        why = WHY_NOT.get(reason, "No text may go to them now.")
    return (live[-1] if live else None), number, why


def answer(
    participant_id: int, body: str, *, token: str, seen_up_to: int, actor: Actor, now: datetime
) -> Message:
    """Plan an answer to what somebody texted, and deal with the thread; once per ``token``.

    It goes by the outbox, under every condition of a text, inside the hours for texts. Raises
    RefusedError beside ``body`` for a wording or a person that no text may go to.
    """
    require(actor, *MAY_ANSWER, why="Ask the caseworker to answer.")
    problems = measured(body, banned_now()).problems if body.strip() else ("Write what to answer.",)
    if problems:
        raise RefusedError(Code.NOT_ALLOWED, " ".join(problems), field="body")
    with transaction():
        enrolment, _, why = answered_as(participant_id, now)
        if enrolment is None or why:
            raise RefusedError(Code.NOT_ALLOWED, why or "", field="body")
        general = policy_at(now).general
        send_at = next_inside(now, general.text_opens, general.text_closes)
        to_guardian = is_under_16(enrolment.participant.born_on, local_date(send_at))
        message = put(
            key=f"answer:{participant_id}:{token}",
            kind=MessageKind.ANSWER,
            recipient=Recipient.GUARDIAN if to_guardian else Recipient.PARTICIPANT,
            body=body,
            template_version=BY_HAND,
            send_at=send_at,
            expires_at=send_at + OF_USE_FOR,
            participant_id=participant_id,
            enrolment_id=enrolment.id,
            actor=actor,
            now=now,
        )
        deal_with_person(participant_id, seen_up_to=seen_up_to, actor=actor, now=now)
        return message


def deal_with_person(participant_id: int, *, seen_up_to: int, actor: Actor, now: datetime) -> int:
    """Mark what a person texted as dealt with, up to the text that was on the screen; return how many."""
    require(actor, *MAY_ANSWER, why="Ask the caseworker to deal with this.")
    return _deal_with([InboundMessage.participant_id == participant_id], seen_up_to, actor, now)


def deal_with_number(number: str, *, seen_up_to: int, actor: Actor, now: datetime) -> int:
    """Mark what came from a number that is nobody's alone as dealt with; as above."""
    require(actor, *MAY_ANSWER, why="Ask the caseworker to deal with this.")
    whose = [InboundMessage.from_address == number, InboundMessage.participant_id.is_(None)]
    return _deal_with(whose, seen_up_to, actor, now)


def _deal_with(whose: list[ColumnElement[bool]], seen_up_to: int, actor: Actor, now: datetime) -> int:
    found = (
        select(InboundMessage)
        .where(
            *whose,
            InboundMessage.is_quarantined.is_(False),
            InboundMessage.waiting_since_at.is_not(None),
            InboundMessage.id <= seen_up_to,
        )
        .order_by(InboundMessage.id)
        .with_for_update()
    )
    with transaction():
        waiting = db.session.scalars(found).all()
        for inbound in waiting:
            _dealt_with(inbound, actor, now)
    return len(waiting)


def _dealt_with(inbound: InboundMessage, actor: Actor, now: datetime) -> None:
    inbound.waiting_since_at = None
    inbound.dealt_with_at, inbound.dealt_with_by = now, actor.staff_id
    audit.record("message.dealt_with", inbound, actor=actor, at=now, participant_id=inbound.participant_id)


@dataclass(frozen=True)
class SetApart:
    """A text that was set apart, opened: who wrote what; ``is_protected`` is a partner's number."""

    inbound: InboundMessage
    number: str
    words: str
    is_protected: bool


def open_set_apart(inbound_id: int, *, actor: Actor, now: datetime) -> SetApart:
    """Open a text that was set apart; every reading is in the trail (product.md §5, §9)."""
    require(actor, Role.VICTIM_SAFETY, why="Only victim safety reads this.")
    with transaction():
        inbound = locked(InboundMessage, inbound_id)
        if not inbound.is_quarantined:
            raise RefusedError(Code.NOT_ALLOWED, "This text is not set apart.")
        audit.record("message.set_apart_read", inbound, actor=actor, at=now)
        number, words = said_in_quarantine(inbound)
        return SetApart(inbound, number, words, bool(guards_of(number)))


def deal_with_set_apart(inbound_id: int, *, actor: Actor, now: datetime) -> None:
    """Say that a text set apart was read and acted on; it stays apart, and the number stays silent."""
    require(actor, Role.VICTIM_SAFETY, why="Only victim safety decides this.")
    with transaction():
        inbound = locked(InboundMessage, inbound_id)
        if inbound.is_quarantined and inbound.waiting_since_at is not None:
            _dealt_with(inbound, actor, now)


def give_back(inbound_id: int, *, actor: Actor, now: datetime) -> None:
    """Say that a text set apart was the participant's own after all: it goes to the lead.

    Texts may go to the number again. Raises RefusedError for a protected number, which stays
    silent whoever wrote.
    """
    require(actor, Role.VICTIM_SAFETY, why="Only victim safety decides this.")
    with transaction():
        inbound = locked(InboundMessage, inbound_id)
        if not inbound.is_quarantined:
            return
        number, words = said_in_quarantine(inbound)
        if guards_of(number):
            raise RefusedError(Code.NUMBER_UNUSABLE, "This number is protected. The text stays apart.")
        inbound.is_quarantined, inbound.waiting_since_at = False, now
        inbound.from_address, inbound.from_sealed = number, None
        inbound.body, inbound.body_sealed = words, None
        audit.record("message.given_back", inbound, actor=actor, at=now)
        lift_suppression(number, actor=actor, now=now)
        _finish_checks(inbound, actor, now)
        if inbound.participant_id is not None:
            plan_lost_texts(inbound.participant_id, actor=actor, now=now)


def _finish_checks(inbound: InboundMessage, actor: Actor, now: datetime) -> None:
    if inbound.participant_id is None:
        return
    for enrolment in enrolments_of(inbound.participant_id):
        finish_tasks(
            TaskKind.CHECK_NUMBER, how="the number is theirs", actor=actor, now=now, enrolment_id=enrolment.id
        )


def record_consent(participant_id: int, how: str, *, actor: Actor, now: datetime) -> None:
    """Record that somebody who had stopped texts wants them again, and how they said so (product.md §5)."""
    require(actor, *MAY_ANSWER, why="Ask the caseworker to record this.")
    with transaction():
        person = locked(Participant, participant_id)
        if person.opted_out_at is None:
            return
        opt_in(person, actor=actor, now=now, because=how)
        plan_lost_texts(participant_id, actor=actor, now=now)


def take_back(message_id: int, *, actor: Actor, now: datetime) -> bool:
    """Take a text back by hand: True when it has not gone and will not, False when it is too late."""
    require(actor, *MAY_ANSWER, why="Ask the caseworker to take this text back.")
    with transaction():
        message = locked(Message, message_id)
        return cancel(message, cause="taken back by hand", actor=actor, now=now)
