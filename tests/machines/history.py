"""A history: the office, our own account of it, and the clock; the steps are in the files beside it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from tests.machines.model import Account, Person
from tests.machines.office import WatchedProvider, office
from tests.machines.promises import Promises
from tests.machines.reached import REACHED, count_what_was_reached, note_what_was_reached

T = TypeVar("T")

#: Picks one of however many there are.
WHICH = st.integers(0, 11)


class History(RuleBasedStateMachine):
    """One history of one office. A step that is refused changes nothing."""

    #: Which share of a campaign this is part of.
    share: ClassVar[object] = "tour"

    def __init__(self) -> None:
        super().__init__()
        self.office = office()
        self.office.open()
        self.team = self.office.team
        self.account = Account()
        self.promises = Promises(self.account)
        self.provider = WatchedProvider(lambda message: self.promises.watch(message, self.now))
        self.groups: dict[str, list[int]] = {}
        self.tokens = 0

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.office.clock.now()

    def teardown(self) -> None:
        """Look at the whole trail, whatever came before, and count what was reached."""
        try:
            self.promises.check_end()
            count_what_was_reached()
            note_what_was_reached(self.share)
        finally:
            self.office.shut()

    @invariant()
    def promises_hold(self) -> None:
        """Look at every promise after every step."""
        REACHED["steps"] += 1
        self.promises.check(self.now)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Do something that may be refused; what follows it in the block is then not done."""
        try:
            yield
        except RefusedError as refused:
            REACHED[f"refused: {refused.code.value}"] += 1
            note(f"refused: {refused.code.value}: {refused.message}")

    def pass_until(self, moment: datetime) -> None:
        """Let time go by; whatever falls due on the way happens at its own moment."""
        moved = advance(self.office.clock, max(moment, self.now), self.provider)
        assert moved.is_complete, "something makes itself due for ever"

    def pass_time(self, by: timedelta) -> None:
        """Let so much time go by."""
        self.pass_until(self.now + by)

    def stop_the_worker(self, by: timedelta) -> None:
        """Let time go by with nobody to do what falls due, and start the worker again."""
        stopped_at = self.now
        self.office.clock.set(stopped_at + by)
        self.account.outages.append((stopped_at, self.now))
        self.pass_until(self.now)

    def person(self, which: int) -> Person:
        """Pick one of those who have not left; if all have, one who has."""
        return chosen(which, self.account.alive or self.account.people)

    def status(self, person: Person) -> str:
        """Return where somebody stands."""
        return db.session.get_one(Enrolment, person.enrolment_id).status

    def actor(self, staff_id: int | None, role: str) -> Actor:
        """Return the member of staff, or whoever stands for a whole role."""
        field = {"victim_safety": "worker", "police": "officer"}.get(role, role)
        whole_role: Actor = getattr(self.team, field)
        return whole_role if staff_id is None else self.office.staff[staff_id]


def chosen(which: int, rows: Sequence[T]) -> T:
    """Pick one of several; there is at least one."""
    return rows[which % len(rows)]
