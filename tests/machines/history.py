"""A history: the office, our own account of it, and the clock; the steps are in the files beside it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.referring import refer
from tests.factories.cases import cara_referral
from tests.machines.model import CAUTION_EXPIRES_ON, Account, Person
from tests.machines.office import WatchedProvider, office
from tests.machines.promises import Promises

T = TypeVar("T")

#: Picks one of however many there are.
WHICH = st.integers(0, 7)


class History(RuleBasedStateMachine):
    """One history of one office. A step that is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.office = office()
        self.office.open()
        self.team = self.office.team
        self.account = Account()
        self.promises = Promises(self.account)
        self.provider = WatchedProvider(lambda message: self.promises.watch(message, self.now))
        self.groups: dict[str, int] = {}
        self.tokens = 0

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.office.clock.now()

    def teardown(self) -> None:
        """Look at the whole trail, whatever came before."""
        try:
            self.promises.check_end()
        finally:
            self.office.shut()

    @invariant()
    def promises_hold(self) -> None:
        """Look at every promise after every step."""
        self.promises.check(self.now)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Do something that may be refused; what follows it in the block is then not done."""
        try:
            yield
        except RefusedError as refused:
            note(f"refused: {refused.code.value}: {refused.message}")

    def pass_until(self, moment: datetime) -> None:
        """Let time go by; whatever falls due on the way happens at its own moment."""
        moved = advance(self.office.clock, max(moment, self.now), self.provider)
        assert moved.is_complete, "something makes itself due for ever"

    def pass_time(self, by: timedelta) -> None:
        """Let so much time go by."""
        self.pass_until(self.now + by)

    def person(self, which: int) -> Person:
        """Pick one of the people."""
        return self.account.people[which % len(self.account.people)]

    def status(self, person: Person) -> str:
        """Return where somebody stands."""
        return db.session.get_one(Enrolment, person.enrolment_id).status

    def actor(self, staff_id: int | None, role: str) -> Actor:
        """Return the member of staff, or whoever stands for a whole role."""
        field = {"victim_safety": "worker", "police": "officer"}.get(role, role)
        whole_role: Actor = getattr(self.team, field)
        return whole_role if staff_id is None else self.office.staff[staff_id]

    def refer(self, programme: str, risk: str, *, is_mandated: bool, by_police: bool) -> None:
        """Refer and accept one more person."""
        by_police = by_police or programme == "cara"
        referrer = self.team.officer if by_police else self.team.lead
        mobile = f"+4477009001{len(self.account.people):02}"
        born_on = date(2004 if programme == "young_adults" else 1990, 1, 31)
        enrolment = refer(
            NewParticipant(
                name=f"Person {len(self.account.people)}", born_on=born_on, mobile=mobile, risk=risk
            ),
            cara_referral(
                self.team,
                programme_code=programme,
                route="police" if by_police else "self",
                referrer_id=referrer.staff_id,
                lead_id=self.team.lead.staff_id,
                worker_id=self.team.worker.staff_id,
                is_mandated=is_mandated,
                caution_expires_on=CAUTION_EXPIRES_ON,
            ),
            actor=referrer,
            now=self.now,
        )
        assert enrolment is not None
        self.account.people.append(
            Person(
                enrolment.id,
                enrolment.participant_id,
                programme,
                is_mandated or programme == "cara",
                mobile,
                risk,
            )
        )


def chosen(which: int, rows: Sequence[T]) -> T:
    """Pick one of several; there is at least one."""
    return rows[which % len(rows)]
