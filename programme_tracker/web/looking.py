"""Noting who reads what about somebody: every page whose address names something of theirs."""

from flask import Flask, Response, request

from programme_tracker.attendance.models import CorrectionRequest, RegisterSubmission
from programme_tracker.escalation.models import Case, Monitoring, Notice
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import Base
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking, Group, Session
from programme_tracker.tasks.models import Task
from programme_tracker.web.identity import current_person
from programme_tracker.workflows.looking import note_read

#: What an argument of an address names; of several in one address the first here is noted. A new
#: page is noted by its address alone, so that none can be forgotten.
SUBJECTS: dict[str, type[Base]] = {
    "enrolment_id": Enrolment,
    "case_id": Case,
    "notice_id": Notice,
    "referral_id": Referral,
    "participant_id": Participant,
    "session_id": Session,
    "submission_id": RegisterSubmission,
    "booking_id": Booking,
    "request_id": CorrectionRequest,
    "monitoring_id": Monitoring,
    "task_id": Task,
    "message_id": Message,
    "inbound_id": InboundMessage,
    "group_id": Group,
}

#: A partner's file notes each view itself, with the reason that was given.
NOTED_BY_ITSELF = "partner_id"

#: A page shown, and one shown again with what is wrong in its form.
SHOWN = {200, 422}


def note_every_read(app: Flask) -> None:
    """Note each page about somebody before it is answered; when that fails, so does the request."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    named = request.view_args or {}
    name = next((one for one in SUBJECTS if one in named), None)
    if response.status_code not in SHOWN or name is None or NOTED_BY_ITSELF in named:
        return response
    person = current_person()
    if person is not None:
        note_read(SUBJECTS[name], named[name], str(request.endpoint), actor=person.actor, now=clock.now())
    return response
