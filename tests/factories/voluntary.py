"""People on programmes other than CARA, made through the workflows, and time moved on as a worker would."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel import clock
from programme_tracker.kernel.clock import SettableClock, current_clock
from programme_tracker.kernel.working_time import from_local
from programme_tracker.messaging.providers.recording import RecordingProvider
from programme_tracker.people.services import GuardianDetails, NewParticipant
from programme_tracker.referrals.rules import Gate
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.workflows.one_to_ones import book_one_to_one
from programme_tracker.workflows.referring import refer, sign_off
from programme_tracker.workflows.sessions import SessionPlan
from tests.factories.cases import Team, make_team, sam

#: The birth date of somebody who turns 16 on 20 October 2026.
BORN_FOR_OCTOBER = date(2010, 10, 20)


def wall(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Return a London wall time of 2026; months after the twelfth are of 2027."""
    year, month = (2026, month) if month <= 12 else (2027, month - 12)
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall time


@dataclass(frozen=True)
class Enrolled:
    """One person on one programme, by ids."""

    team: Team
    participant_id: int
    enrolment_id: int

    def client(self, app: Flask, who: str = "lead") -> FlaskClient:
        """Give a browser in which ``who`` (a field of the team) has just signed in."""
        return self.team.client(app, who)


def enrolled(
    programme: str = "baseline",
    *,
    team: Team | None = None,
    person: NewParticipant | None = None,
    signed_off: bool = True,
    **details: Any,
) -> Enrolled:
    """Refer, accept and sign off, at the clock's present instant; needs a context."""
    team, now = team or make_team(), clock.now()
    content: dict[str, Any] = {
        "programme_code": programme,
        "route": "self",
        "referrer_id": team.lead.staff_id,
        "lead_id": team.lead.staff_id,
        "worker_id": team.worker.staff_id,
    }
    enrolment = refer(person or sam(), ReferralDetails(**(content | details)), actor=team.lead, now=now)
    assert enrolment is not None
    if signed_off:
        sign_off(enrolment.id, Gate.GRANTED, actor=team.worker, now=now)
    return Enrolled(team, enrolment.participant_id, enrolment.id)


def young_person(**given: Any) -> NewParticipant:
    """Return an invented girl of 15 whose guardian consents; she turns 16 on 20 October 2026."""
    content: dict[str, Any] = {
        "name": "Kim O'Brien-Łukasz",
        "born_on": BORN_FOR_OCTOBER,
        "mobile": "07700 900110",
        "guardian": GuardianDetails("Gil Guardian", "07700 900111", has_consented=True),
    }
    return NewParticipant(**(content | given))


def meet(case: Enrolled, wall: datetime, **given: Any) -> int:
    """Book a one-to-one that the lead runs at a London wall time; return the session's id."""
    plan = SessionPlan("baseline", wall, [case.team.lead.staff_id or 0], kind="one_to_one", **given)
    made = book_one_to_one(plan, case.enrolment_id, actor=case.team.lead, now=clock.now())
    return made.booking.session_id


def move_on(wall: datetime, provider: RecordingProvider | None = None) -> RecordingProvider:
    """Move the clock to a London wall time, doing what falls due on the way; return what was sent."""
    standing = current_clock()
    assert isinstance(standing, SettableClock)
    provider = provider or RecordingProvider()
    assert advance(standing, from_local(wall), provider).is_complete
    return provider
