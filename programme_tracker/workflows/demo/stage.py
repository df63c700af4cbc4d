"""What the invented people do, each deed through the real workflow at the story's own time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Notice
from programme_tracker.escalation.services import note_opened
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Channel, MessageState
from programme_tracker.people.services import GuardianDetails, NewParticipant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import CARA_QUESTIONS, YES, Gate, add_months
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.victim_safety.queries import partners_of
from programme_tracker.workflows import (
    booking,
    deciding,
    delivering,
    referring,
    registers,
    replying,
    sessions,
)
from programme_tracker.workflows.demo.partners import open_invented_file, speak_with_invented_partner
from programme_tracker.workflows.demo.staff import DemoTeam, staff_id

#: Moves a clock on to an instant and does what falls due on the way.
MoveOn = Callable[[SettableClock, datetime], object]

#: Every question of CARA answered as it must be.
ELIGIBLE = {question.key: "medium" if question.by_level else YES for question in CARA_QUESTIONS}

CAUTION_MONTHS = 4


@dataclass
class Stage:
    """The installation while the stories are told: its team, its clock, and what was made so far."""

    team: DemoTeam
    clock: SettableClock
    sessions: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        """The story's present instant."""
        return self.clock.now()

    def make_workshop(self, key: str, part: str, day: date, venue: str) -> None:
        """Make a workshop that both facilitators run."""
        plan = sessions.SessionPlan(
            programme_code="cara",
            starts=datetime.combine(day, time(10)),
            staff_ids=self.team.facilitator_ids,
            part=part,
            venue=venue,
        )
        self.sessions[key] = sessions.create_session(plan, actor=self.team.caseworker, now=self.now).id

    def submit(self, key: str, marks: Mapping[int, MarkDetails], by: Actor | None = None) -> None:
        """Submit a register: everybody attended but those marked, by enrolment."""
        actor = by or self.team.facilitator
        registers.submit_register(self.sessions[key], marks, token=str(uuid4()), actor=actor, now=self.now)

    def deliver(self) -> None:
        """Let the provider report on every text it has taken: delivered soon, or not to a lost phone."""
        taken = select(Message).where(Message.state == MessageState.ACCEPTED, Message.channel == Channel.SMS)
        with transaction():
            for message in db.session.scalars(taken).all():
                lost = message.to_address in self.unreachable
                delivering.take_report(
                    "undelivered" if lost else "delivered",
                    message_id=message.id,
                    error_code="30005" if lost else None,
                    now=(message.handed_over_at or self.now) + timedelta(seconds=20),
                )

    def read_inboxes(self) -> None:
        """Let everybody open what they were told for information days ago."""
        unread = select(Notice).where(
            Notice.released_at < self.now - timedelta(days=3),
            Notice.opened_at.is_(None),
            Notice.must_acknowledge.is_(False),
            Notice.staff_id.is_not(None),
        )
        for notice in db.session.scalars(unread.options(joinedload(Notice.staff))).all():
            if notice.staff is not None:
                note_opened(notice, actor=notice.staff.actor, now=self.now)

    def lose_phone(self, number: str) -> None:
        """Let no further text reach a number (E.164)."""
        self.unreachable.add(number)


@dataclass
class Person:
    """One invented man on his way through a programme."""

    stage: Stage
    name: str
    mobile: str
    born_on: date
    worker: Actor
    risk: str = "medium"
    answers: dict[str, str] = field(default_factory=dict)
    guardian: GuardianDetails | None = None
    referral_id: int = 0
    enrolment_id: int = 0

    @property
    def e164(self) -> str:
        """The number as texts use it."""
        return "+44" + self.mobile.replace(" ", "").removeprefix("0")

    def refer_to_cara(self, issued_on: date) -> None:
        """Let the officer refer him, with a caution of four months."""
        team = self.stage.team
        self._refer(
            ReferralDetails(
                programme_code="cara",
                route="police",
                referrer_id=staff_id(team.officer),
                caution_reference=f"CC/{issued_on:%y%m}/{self.mobile[-3:]}",
                caution_issued_on=issued_on,
                caution_expires_on=add_months(issued_on, CAUTION_MONTHS),
                answers=ELIGIBLE | self.answers,
            ),
            team.officer,
        )

    def refer_to_radar(self) -> None:
        """Let the caseworker take his own referral."""
        self.refer_to("radar")

    def refer_to(self, code: str) -> None:
        """Let the caseworker take a referral to a programme without a mandate."""
        team = self.stage.team
        details = ReferralDetails(programme_code=code, route="self", referrer_id=staff_id(team.caseworker))
        self._refer(details, team.caseworker)

    def _refer(self, details: ReferralDetails, actor: Actor) -> None:
        person = NewParticipant(self.name, self.born_on, self.mobile, risk=self.risk, guardian=self.guardian)
        self.referral_id = referring.receive(person, details, actor=actor, now=self.stage.now).id

    def accept(self) -> None:
        """Let the caseworker take him on."""
        team = self.stage.team
        enrolment = referring.accept(
            self.referral_id,
            lead_id=staff_id(team.caseworker),
            worker_id=staff_id(self.worker),
            actor=team.caseworker,
            now=self.stage.now,
        )
        self.enrolment_id = enrolment.id

    def sign_off(self) -> None:
        """Let his victim-safety worker grant the sign-off, the partner having been spoken to."""
        now = self.stage.now
        self.know_partner()
        referring.sign_off(self.enrolment_id, Gate.GRANTED, actor=self.worker, now=now)
        self.speak_to_partner()

    def know_partner(self) -> None:
        """Let his victim-safety worker open his partner's file, with a DASH and a plan."""
        if not partners_of([self.enrolment.participant_id]):
            open_invented_file(self.enrolment, actor=self.worker, now=self.stage.now)

    def speak_to_partner(self) -> None:
        """Finish the contacts with his partner that are due, by recording one."""
        speak_with_invented_partner(self.enrolment, actor=self.worker, now=self.stage.now)

    def book(self, *keys: str) -> None:
        """Let the caseworker book him on sessions."""
        for key in keys:
            booking.book(
                self.stage.sessions[key],
                self.enrolment_id,
                actor=self.stage.team.caseworker,
                now=self.stage.now,
            )

    def reply(self, text: str) -> None:
        """Let him answer a text."""
        replying.receive_reply(self.e164, text, now=self.stage.now)

    def acknowledge(self, actor: Actor | None = None) -> None:
        """Let somebody acknowledge what they were told of him; his victim-safety worker unless named."""
        deciding.acknowledge(self.enrolment_id, actor=actor or self.worker, now=self.stage.now)

    def mark(self, outcome: Outcome) -> dict[int, MarkDetails]:
        """Return his line of a register."""
        note = "Had to be asked to leave." if outcome is Outcome.SENT_HOME else None
        return {self.enrolment_id: MarkDetails(outcome, note=note)}

    @property
    def referral(self) -> Referral:
        """The referral as it stands."""
        return db.session.get_one(Referral, self.referral_id)

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment as it stands."""
        return db.session.get_one(Enrolment, self.enrolment_id)


@dataclass
class Script:
    """Deeds with their instants; those after the end are left out."""

    deeds: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def at(self, moment: datetime, *deeds: Callable[[], object]) -> None:
        """Plan deeds for an instant, in this order."""
        self.deeds += [(moment, deed) for deed in deeds]

    def play(self, stage: Stage, until: datetime, move_on: MoveOn) -> None:
        """Do everything in order of time, and what falls due in between, and stand at ``until``."""
        for moment, deed in sorted(self.deeds, key=lambda planned: planned[0]):
            if moment <= until:
                if moment > stage.now:
                    move_on(stage.clock, moment)
                    stage.deliver()
                deed()
        move_on(stage.clock, until)
        stage.deliver()
        stage.read_inboxes()
