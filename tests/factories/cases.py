"""A whole CARA case, made through the workflows, for tests of pages and chains."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock, current_clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.people.models import Participant
from programme_tracker.people.services import NewParticipant
from programme_tracker.programmes.services import seed_programmes
from programme_tracker.referrals.rules import Gate
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.referring import accept, receive, sign_off
from programme_tracker.workflows.registers import submit_register
from programme_tracker.workflows.sessions import SessionPlan, create_session
from tests.factories.accounts import client_of, make_staff

#: Every question of CARA answered as it must be.
ELIGIBLE = {
    "adult": "yes",
    "intimate_partner": "yes",
    "eligible_offence": "yes",
    "admission": "yes",
    "no_violence_two_years": "yes",
    "not_serving_community_sentence": "yes",
    "dash_level": "medium",
    "victim_agrees": "yes",
}

#: A name that spoils careless pages: an apostrophe, a hyphen and a Ł.
ODD_NAME = "Sam O'Brien-Łukasz"

#: London wall times: a Saturday, and the Saturday four weeks later.
PART_A = datetime(2026, 9, 12, 10)  # noqa: DTZ001 - a wall time
PART_B = datetime(2026, 10, 10, 10)  # noqa: DTZ001 - a wall time


class OwnBrowser(FlaskClient):
    """A browser that forgets who asked last: a test's context outlives its requests, and so would they."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request as whoever is signed in here."""
        if has_app_context():
            g.pop("_login_user", None)
        return super().open(*args, **kwargs)


@dataclass(frozen=True)
class Team:
    """One member of staff of each role, as actors; ids outlive an application context."""

    officer: Actor
    worker: Actor
    lead: Actor
    facilitator: Actor
    manager: Actor
    enforcement: Actor
    admin: Actor

    def client(self, app: Flask, who: str) -> FlaskClient:
        """Give a browser in which ``who`` (a field's name) is signed in; needs a context."""
        app.test_client_class = OwnBrowser
        actor: Actor = getattr(self, who)
        return client_of(app, db.session.get_one(Staff, actor.staff_id))


@dataclass(frozen=True)
class CaraCase:
    """One man's way through CARA, by ids; sessions are None where none were made."""

    team: Team
    participant_id: int
    referral_id: int
    enrolment_id: int
    session_a_id: int | None
    session_b_id: int | None


def make_team(**names: str) -> Team:
    """Add one member of staff of each role and the programmes; ``names`` by field. Needs a context."""
    seed_programmes(now=clock.now())
    roles = {
        "officer": (Role.POLICE, "Pat Officer"),
        "worker": (Role.VICTIM_SAFETY, "Vic Worker"),
        "lead": (Role.CASEWORKER, "Kit Lead"),
        "facilitator": (Role.FACILITATOR, "Fay Facilitator"),
        "manager": (Role.MANAGER, "Mo Manager"),
        "enforcement": (Role.ENFORCEMENT, "Ned Enforcement"),
        "admin": (Role.ADMIN, "Ada Admin"),
    }
    return Team(
        **{
            field: make_staff(role, name=names.get(field, name)).actor
            for field, (role, name) in roles.items()
        }
    )


def cara_referral(team: Team, **given: Any) -> ReferralDetails:
    """Return what the officer says: eligible, issued 28 August 2026, unless ``given`` says otherwise."""
    content: dict[str, Any] = {
        "programme_code": "cara",
        "route": "police",
        "referrer_id": team.officer.staff_id,
        "caution_reference": "C/2026/0117",
        "caution_issued_on": date(2026, 8, 28),
        "caution_expires_on": date(2026, 12, 28),
        "answers": ELIGIBLE,
    }
    return ReferralDetails(**(content | given))


def sam(**given: Any) -> NewParticipant:
    """Return an invented man of 36 with a mobile kept for drama."""
    content: dict[str, Any] = {
        "name": ODD_NAME,
        "born_on": date(1990, 1, 31),
        "mobile": "07700 900101",
        "risk": "medium",
    }
    return NewParticipant(**(content | given))


def make_workshops(
    team: Team, part_a: datetime | None = PART_A, part_b: datetime | None = PART_B
) -> tuple[int | None, int | None]:
    """Make parts A and B at these London wall times, run by the team's facilitator; None leaves one out."""
    made = []
    for part, starts in (("A", part_a), ("B", part_b)):
        plan = SessionPlan("cara", starts, [team.facilitator.staff_id or 0], part=part) if starts else None
        made.append(create_session(plan, actor=team.lead, now=clock.now()).id if plan else None)
    return made[0], made[1]


def cara_case(
    team: Team | None = None,
    *,
    person: NewParticipant | Participant | None = None,
    signed_off: bool = True,
    sessions: tuple[int | None, int | None] | None = None,
    part_a: datetime | None = PART_A,
    part_b: datetime | None = PART_B,
    booked: bool = True,
    **details: Any,
) -> CaraCase:
    """Refer, accept, sign off, make the workshops and book both; needs a context.

    Happens at the clock's present instant. ``sessions`` are used instead of making new ones;
    ``details`` are the referral's (see ``cara_referral``).
    """
    team, now = team or make_team(), clock.now()
    referral = receive(person or sam(), cara_referral(team, **details), actor=team.officer, now=now)
    enrolment = accept(
        referral.id, lead_id=team.lead.staff_id, worker_id=team.worker.staff_id, actor=team.lead, now=now
    )
    case = CaraCase(team, enrolment.participant_id, referral.id, enrolment.id, *(sessions or (None, None)))
    if not signed_off:
        return case
    sign_off(case.enrolment_id, Gate.GRANTED, actor=team.worker, now=now)
    if sessions is None:
        sessions = make_workshops(team, part_a, part_b)
    for session_id in sessions if booked else ():
        if session_id is not None:
            book(session_id, case.enrolment_id, actor=team.lead, now=now)
    return CaraCase(team, case.participant_id, case.referral_id, case.enrolment_id, *sessions)


def go_to(wall: datetime) -> datetime:
    """Move the test clock to a London wall time and return the instant; needs a context."""
    standing = current_clock()
    assert isinstance(standing, SettableClock)
    standing.set(from_local(wall))
    return standing.now()


def attend(case: CaraCase, session_id: int | None, outcome: str, *, after: timedelta | None = None) -> None:
    """Move the clock past a session's end and submit its register with one outcome for this case."""
    session = db.session.get_one(Session, session_id)
    ended_at = session.starts_at + timedelta(minutes=session.minutes) + (after or timedelta(minutes=10))
    standing = current_clock()
    assert isinstance(standing, SettableClock)
    standing.set(ended_at)
    submit_register(
        session.id,
        {case.enrolment_id: MarkDetails(Outcome(outcome))},
        token=f"register-{session.id}",
        actor=case.team.facilitator,
        now=ended_at,
    )
