"""The invented people's partners: a file each, and contacts that say something."""

from datetime import datetime

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.queries import partners_of
from programme_tracker.victim_safety.rules import EntryKind, ImpactPoint
from programme_tracker.victim_safety.services import EntryDetails, PartnerDetails
from programme_tracker.workflows.partner_files import (
    record_contact,
    record_dash,
    record_impact,
    tasks_of,
    write_details,
    write_plan,
)

#: First names that tell nothing; the family name says that they are invented.
NAMES = ("Alex", "Robin", "Jo", "Sam", "Charlie", "Niamh", "Zofia", "Morgan", "Siân", "Aoife", "Kim", "Lee")
TIMES = (
    "Weekdays before 3pm",
    "Tuesday and Thursday mornings",
    "Only while he is at his session",
    "Lunchtimes, by text first",
)
MESSAGES = (
    "Say it is the dentist about an appointment.",
    "No message. Ring again later.",
    "Ask for a call back about the school trip.",
)
NOTES = (
    "She says: calmer this week, he has moved his things to his brother’s. I saw: spoke freely.",
    "She says: he asks what she tells us. We went through what stays private.",
    "They are glad to know his session days. Wants a call again before the next one.",
    "She says: he slept in the car after an argument. No hitting. Plan gone through again.",
)
PLAN = (
    "Bag with papers at her sister’s.\n"
    "Code word with the neighbour: “Is the parcel here?”\n"
    "999 and leave the line open; police have a marker on the address."
)


def open_invented_file(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Put an invented partner on file, with a DASH; a plan where the risk is high."""
    number = enrolment.participant_id
    details = PartnerDetails(
        name=f"{NAMES[number % len(NAMES)]} Invented",
        # Above every invented participant's number, so that no text is stopped by mistake.
        number=f"+44770090{500 + number % 90:04}" if number % 5 else None,
        safe_times=TIMES[number % len(TIMES)],
        worker_id=actor.staff_id,
        message=MESSAGES[number % len(MESSAGES)],
        relationship="former" if number % 3 == 0 else "current",
    )
    partner = write_details(number, details, actor=actor, now=now)
    risk = enrolment.participant.risk
    scores = {"standard": "7", "medium": "11", "high": "16"}
    dash = {
        "level": risk,
        "score": int(scores[risk]),
        "form_version": "SafeLives DASH 24",
        "assessor": actor.name,
        "assessed_on": local_date(now).isoformat(),
    }
    record_dash(partner.id, dash, actor=actor, now=now)
    if number % 4:
        answers = {"respect": "2", "space": "2", "safety": "3", "awareness": "1"}
        intake = EntryDetails(EntryKind.IMPACT, answers, enrolment.id, ImpactPoint.T0.value)
        record_impact(partner.id, intake, actor=actor, now=now)
    if risk == "high":
        write_plan(partner.id, {"plan": PLAN}, actor=actor, now=now)


def speak_with_invented_partner(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Record that the partner was spoken to, and finish every contact that is due."""
    partners = partners_of([enrolment.participant_id])
    if not partners:
        return
    answer = (enrolment.id + now.day) % len(NOTES)
    declined = enrolment.id % 9 == 4
    content = {
        "way": "call",
        "outcome": "declined" if declined else "spoke",
        "explained": ["rights", "what_we_tell"] if declined else ["programme", "no_promise"],
        "note": "Wants no support from us, and knows how to reach us." if declined else NOTES[answer],
    }
    due = [task.id for task in tasks_of(enrolment.participant_id)]
    record_contact(partners[0].id, content, finishes=due, actor=actor, now=now)
