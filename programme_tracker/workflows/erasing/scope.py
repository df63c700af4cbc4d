"""Which rows are about one participant: in every table, as conditions of a statement."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, or_, select

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import CatchUp, CorrectionRequest, Mark
from programme_tracker.engagement.models import Contact, Flag, FlagFinding
from programme_tracker.escalation.models import (
    Case,
    CaseAction,
    CaseDecision,
    Monitoring,
    MonitoringEntry,
    Notice,
)
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage, Message, ProviderEvent
from programme_tracker.people.models import (
    Guardian,
    KeepingOrder,
    NumberSharing,
    Participant,
    SearchTerm,
    SeparatedPair,
    TextConsent,
)
from programme_tracker.referrals.models import (
    Enrolment,
    GateDecision,
    ImpactAnswer,
    NeutralSpan,
    PoliceDecisionEntry,
    Referral,
    StatusChange,
)
from programme_tracker.scheduling.models import Booking, Session, SessionMove, WaitingPlace
from programme_tracker.tasks.models import Task
from programme_tracker.victim_safety.models import SafetyWord

Conditions = Mapping[str, ColumnElement[bool]]


def rows_of(participant_id: int, numbers: set[str]) -> Conditions:
    """Return for each table which of its rows are this participant's.

    ``numbers`` (E.164) are those that were theirs and are nobody else's now.
    """
    return {
        **_person(participant_id, numbers),
        **_journey(participant_id),
        **_sittings(participant_id),
        **_case(participant_id),
        **_texts(participant_id, numbers),
    }


def enrolments_of(participant_id: int) -> Select[int]:
    """Select the enrolments of a participant."""
    return select(Enrolment.id).where(Enrolment.participant_id == participant_id)


def _person(participant_id: int, numbers: set[str]) -> Conditions:
    pair = or_(SeparatedPair.first_id == participant_id, SeparatedPair.second_id == participant_id)
    shared = or_(NumberSharing.participant_id == participant_id, NumberSharing.number.in_(numbers))
    return {
        "participants": Participant.id == participant_id,
        "guardians": Guardian.participant_id == participant_id,
        "number_sharings": shared,
        "separated_pairs": pair,
        "text_consents": TextConsent.participant_id == participant_id,
        "safety_words": SafetyWord.participant_id == participant_id,
        "keeping_orders": KeepingOrder.participant_id == participant_id,
        "search_terms": SearchTerm.participant_id == participant_id,
    }


def _journey(participant_id: int) -> Conditions:
    mine = enrolments_of(participant_id)
    return {
        "referrals": Referral.participant_id == participant_id,
        "enrolments": Enrolment.participant_id == participant_id,
        "gate_decisions": GateDecision.enrolment_id.in_(mine),
        "status_changes": StatusChange.enrolment_id.in_(mine),
        "police_decisions": PoliceDecisionEntry.enrolment_id.in_(mine),
        "impact_answers": ImpactAnswer.enrolment_id.in_(mine),
        "neutral_spans": NeutralSpan.enrolment_id.in_(mine),
    }


def _alone(participant_id: int) -> Select[int]:
    """Select the sessions outside groups to which nobody else was ever booked."""
    mine = enrolments_of(participant_id)
    others = select(Booking.session_id).where(Booking.enrolment_id.not_in(mine))
    return (
        select(Session.id)
        .join(Booking, Booking.session_id == Session.id)
        .where(Session.group_id.is_(None), Booking.enrolment_id.in_(mine), Session.id.not_in(others))
    )


def _sittings(participant_id: int) -> Conditions:
    mine, alone = enrolments_of(participant_id), _alone(participant_id)
    marks = select(Mark.id).where(Mark.enrolment_id.in_(mine))
    return {
        # Asked of the bookings, which are changed after them.
        "sessions": Session.id.in_(alone),
        "session_moves": SessionMove.session_id.in_(alone),
        "bookings": Booking.enrolment_id.in_(mine),
        "waiting_places": WaitingPlace.enrolment_id.in_(mine),
        "marks": Mark.enrolment_id.in_(mine),
        "correction_requests": CorrectionRequest.mark_id.in_(marks),
        "catch_ups": CatchUp.enrolment_id.in_(mine),
        "contacts": Contact.enrolment_id.in_(mine),
    }


def _case(participant_id: int) -> Conditions:
    mine = enrolments_of(participant_id)
    flags = select(Flag.id).where(Flag.enrolment_id.in_(mine))
    cases = select(Case.id).where(Case.enrolment_id.in_(mine))
    watched = select(Monitoring.id).where(Monitoring.enrolment_id.in_(mine))
    about = select(Notice.id).where(or_(Notice.enrolment_id.in_(mine), Notice.case_id.in_(cases)))
    return {
        "flags": Flag.enrolment_id.in_(mine),
        "flag_findings": FlagFinding.flag_id.in_(flags),
        "cases": Case.enrolment_id.in_(mine),
        "case_decisions": CaseDecision.case_id.in_(cases),
        "case_actions": CaseAction.case_id.in_(cases),
        "notices": or_(Notice.id.in_(about), Notice.about_id.in_(about)),
        "monitorings": Monitoring.enrolment_id.in_(mine),
        "monitoring_entries": MonitoringEntry.monitoring_id.in_(watched),
        "tasks": or_(Task.enrolment_id.in_(mine), Task.participant_id == participant_id),
    }


def _texts(participant_id: int, numbers: set[str]) -> Conditions:
    mine = enrolments_of(participant_id)
    theirs = or_(Message.participant_id == participant_id, Message.enrolment_id.in_(mine))
    unknown = InboundMessage.participant_id.is_(None) & InboundMessage.from_address.in_(numbers)
    return {
        "messages": theirs,
        "inbound_messages": or_(InboundMessage.participant_id == participant_id, unknown),
        "provider_events": ProviderEvent.message_id.in_(select(Message.id).where(theirs)),
    }


def numbers_of(participant_id: int) -> set[str]:
    """Return every number (E.164) that was theirs or their guardian's and is nobody else's now."""
    mine = enrolments_of(participant_id)
    found: set[str | None] = set()
    for column, condition in (
        (Participant.mobile, Participant.id == participant_id),
        (Guardian.mobile, Guardian.participant_id == participant_id),
        (NumberSharing.number, NumberSharing.participant_id == participant_id),
        (Message.to_address, or_(Message.participant_id == participant_id, Message.enrolment_id.in_(mine))),
        (InboundMessage.from_address, InboundMessage.participant_id == participant_id),
    ):
        found |= set(db.session.scalars(select(column).where(condition)))
    known = {number for number in found if number and number.startswith("+")}
    return known - _used_by_others(participant_id, known)


def _used_by_others(participant_id: int, numbers: set[str]) -> set[str | None]:
    found: set[str | None] = set()
    for column, condition in (
        (Participant.mobile, Participant.id != participant_id),
        (Guardian.mobile, Guardian.participant_id != participant_id),
        (Staff.mobile, Staff.id.is_not(None)),
    ):
        found |= set(db.session.scalars(select(column).where(column.in_(numbers), condition)))
    return found
