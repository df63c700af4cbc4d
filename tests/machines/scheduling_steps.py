"""Steps about sessions: made, joined, moved, cancelled; their registers."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from programme_tracker.attendance.queries import marks_of_session
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.scheduling.models import Group, Session
from programme_tracker.scheduling.queries import booked_on, live_bookings
from programme_tracker.workflows import groups, journeys, one_to_ones, registers, sessions
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.group_places import members_of
from tests.machines.history import WHICH, History, chosen
from tests.machines.model import BANK_HOLIDAYS, Person, Sitting, wall

#: What the registers say of somebody, one session after another, over and over.
BEHAVIOUR = {
    "comes": ("attended",),
    "drops_out": ("absent", "absent", "refused_late"),
    "late": ("attended_late", "attended_late", "attended"),
    "explains": ("absent_acceptable", "attended"),
    "mixed": ("attended", "absent", "attended_late", "absent", "attended", "absent_acceptable"),
}

GROUPS = {"radar": 9, "young_adults": 8, "awareness": 3}


def said(outcome: str) -> MarkDetails:
    """Return a mark with whatever has to be said with it."""
    if outcome == "absent_acceptable":
        return MarkDetails(Outcome(outcome), reason="medical", evidence="A letter was shown")
    return MarkDetails(Outcome(outcome))


class SchedulingSteps(History):
    """What happens to sessions."""

    @precondition(lambda self: self.unplaced())
    @rule(which=WHICH, days=st.sampled_from([3, 8]))
    def place(self, which: int, days: int) -> None:
        """Give somebody something to come to; without a sign-off nothing can be booked."""
        person = chosen(which, self.unplaced())
        was_open, before = person.gate_open, person.placed_at
        with self.attempt():
            self.give_place(person, days)
        assert was_open or person.placed_at == before, "something was booked without a sign-off"

    def unplaced(self) -> list[Person]:
        """Return those who have nothing to come to."""
        ahead = {one.session_id for one in self.to_come()}
        rows = {booking.enrolment_id for session in ahead for booking in booked_on(session)}
        return [one for one in self.account.alive if one.enrolment_id not in rows]

    def give_place(self, person: Person, days: int) -> None:
        """Book whatever somebody's programme is made of, from so many days ahead."""
        kinds: dict[str, Callable[[Person, int], None]] = {
            "cara": self._book_workshops,
            "baseline": self._book_one_to_ones,
        }
        kinds.get(person.programme, self._join_group)(person, days)

    def _placed(self, person: Person) -> None:
        person.placed_at = person.placed_at or self.now
        for booking in live_bookings(person.enrolment_id):
            self.account.sitting(booking.session_id).booked.add(person.enrolment_id)

    def _starts(self, days: int, hour: int) -> datetime:
        """Return an hour of the first free day so many days ahead, as London's wall time."""
        day = wall(self.now).date() + timedelta(days=days)
        taken = {wall(one.starts_at).date() for one in self.account.sittings if not one.cancelled}
        while day in taken | BANK_HOLIDAYS:
            day += timedelta(days=1)
        return datetime.combine(day, time(hour))

    def _book_workshops(self, person: Person, days: int) -> None:
        first = self._starts(days, 10)
        for part, starts in (("A", first), ("B", first + timedelta(days=28))):
            plan = sessions.SessionPlan("cara", starts, [self.team.facilitator.staff_id or 0], part=part)
            session = sessions.create_session(plan, actor=self.team.lead, now=self.now)
            self._note(session)
            book(session.id, person.enrolment_id, actor=self.team.lead, now=self.now)
            self._placed(person)

    def _book_one_to_ones(self, person: Person, days: int) -> None:
        plan = sessions.SessionPlan(
            person.programme,
            self._starts(days, 14),
            [self.office.deputies["lead"].staff_id or 0],
            kind="one_to_one",
        )
        booked = one_to_ones.book_weekly(plan, person.enrolment_id, 6, actor=self.team.lead, now=self.now)
        for result in booked:
            self._note(result.booking.session)
        self._placed(person)

    @precondition(lambda self: any(one.gate_open for one in self.account.alive))
    @rule(which=WHICH)
    def book_assessment(self, which: int) -> None:
        """Book somebody on an assessment."""
        person = chosen(which, [one for one in self.account.alive if one.gate_open])
        plan = sessions.SessionPlan(
            person.programme,
            self._starts(1, 12),
            [self.office.deputies["facilitator"].staff_id or 0],
            kind="assessment",
        )
        with self.attempt():
            result = one_to_ones.book_one_to_one(
                plan, person.enrolment_id, actor=self.team.lead, now=self.now
            )
            self._note(result.booking.session)
            self._placed(person)

    def _join_group(self, person: Person, days: int) -> None:
        made = self.groups.setdefault(person.programme, [])
        if not any(self._is_joinable(group_id) for group_id in made):
            if person.programme == "radar":
                self._make_group(person.programme, days + 1, capacity=1)
            self._make_group(person.programme, days, capacity=12)
        group_id = next(one for one in made if self._is_joinable(one))
        groups.join_group(person.enrolment_id, group_id, actor=self.team.lead, now=self.now)
        self._placed(person)

    def _is_joinable(self, group_id: int) -> bool:
        group = db.session.get_one(Group, group_id)
        is_full = members_of(group_id) >= group.capacity
        return not is_full and bool(groups.sessions_to_come(group_id, self.now))

    def _make_group(self, programme: str, days: int, capacity: int) -> None:
        staff = [self.team.facilitator.staff_id or 0, self.office.deputies["facilitator"].staff_id or 0]
        plan = groups.GroupPlan(
            f"{programme} {len(self.groups[programme])}",
            programme,
            self._starts(days, 18),
            staff,
            sessions=GROUPS[programme],
            capacity=capacity,
        )
        group = groups.create_group(plan, actor=self.team.lead, now=self.now)
        self.groups[programme].append(group.id)
        for session in group.sessions:
            self._note(session)

    @precondition(lambda self: self.in_groups())
    @rule(which=WHICH, towards=st.integers(0, 1))
    def transfer(self, which: int, towards: int) -> None:
        """Move somebody to another group of the programme, or have them wait for a place there."""
        person = chosen(which, self.in_groups())
        made = self.groups[person.programme]
        group_id = made[(len(made) - 1 - towards) % len(made)]
        before = self.now
        with self.attempt():
            try:
                journeys.transfer(person.enrolment_id, group_id, actor=self.team.lead, now=before)
                person.transferred = True
            except RefusedError as refused:
                if refused.code is not Code.FULL:
                    raise
                groups.wait_for_place(person.enrolment_id, group_id, actor=self.team.lead, now=before)

    def in_groups(self) -> list[Person]:
        """Return those who may be in a group of several."""
        return [one for one in self.account.alive if len(self.groups.get(one.programme, ())) > 1]

    def _note(self, session: Session) -> None:
        self.account.sittings.append(
            Sitting(
                session.id,
                session.starts_at,
                session.minutes,
                session.programme_code,
                is_assessment=session.kind == "assessment",
            )
        )

    def to_come(self) -> list[Sitting]:
        """Return the sessions that have not begun and are on."""
        return [one for one in self.account.sittings if one.starts_at > self.now and not one.cancelled]

    def to_submit(self) -> list[Sitting]:
        """Return the sessions that have begun and whose register is missing, longest ago first."""
        waiting = [
            one
            for one in self.account.sittings
            if one.starts_at <= self.now and not one.cancelled and not one.submitted
        ]
        return sorted(waiting, key=lambda one: one.starts_at)

    @precondition(lambda self: self.to_come())
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        """Cancel one of the next sessions."""
        soonest = sorted(self.to_come(), key=lambda one: one.starts_at)[:4]
        sitting = chosen(which, soonest)
        with self.attempt():
            sessions.cancel_session(sitting.session_id, "ill", actor=self.team.lead, now=self.now)
            sitting.cancelled = True
            for mark in marks_of_session(sitting.session_id):
                sitting.outcomes[mark.enrolment_id] = "excused_provider"

    @precondition(lambda self: self.to_come())
    @rule(which=WHICH, days=st.sampled_from([0, 1, 2, 6]))
    def move(self, which: int, days: int) -> None:
        """Move one of the next sessions by an hour and some days."""
        sitting = chosen(which, sorted(self.to_come(), key=lambda one: one.starts_at)[:6])
        starts = wall(sitting.starts_at).replace(tzinfo=None) + timedelta(days=days, hours=1)
        with self.attempt():
            sessions.move_session(sitting.session_id, starts, actor=self.team.lead, now=self.now)
            sitting.starts_at = db.session.get_one(Session, sitting.session_id).starts_at
            sitting.version += 1

    @precondition(lambda self: self.to_come())
    @rule(later=st.sampled_from([0, 0, 1, 20, 70]))
    def hold_next(self, later: int) -> None:
        """Let time go by to the end of the next session and so many hours more, and submit its register."""
        self.hold_next_session(later)

    def hold_next_session(self, later: int) -> None:
        """Do so."""
        sitting = min(self.to_come(), key=lambda one: one.starts_at)
        self.pass_until(sitting.ends_at + timedelta(hours=later))
        self._submit(sitting)

    @precondition(lambda self: self.to_come())
    @rule(days=st.sampled_from([4, 7]))
    def hold_some_days(self, days: int) -> None:
        """Let some days go by, and submit every register as soon as its session is over."""
        self._hold_until(self.now + timedelta(days=days))

    @precondition(lambda self: self.to_come())
    @rule()
    def hold_a_week(self) -> None:
        """Let a week go by in the same way: registers are what there is most of."""
        self._hold_until(self.now + timedelta(days=7))

    def _hold_until(self, until: datetime) -> None:
        while (coming := self.to_come()) and min(one.ends_at for one in coming) < until:
            sitting = min(coming, key=lambda one: one.starts_at)
            self.pass_until(sitting.ends_at)
            self._submit(sitting)
            self.promises.check(self.now)

    @precondition(lambda self: self.to_submit())
    @rule(which=WHICH)
    def submit(self, which: int) -> None:
        """Submit a register that is missing."""
        self._submit(chosen(which, self.to_submit()))

    def _submit(self, sitting: Sitting) -> None:
        there = [one.enrolment for one in booked_on(sitting.session_id)]
        expected = {one.id for one in there if one.ended_at is None or one.ended_at > sitting.starts_at}
        outcomes = {enrolment_id: self._behaves(enrolment_id) for enrolment_id in sorted(expected)}
        self.tokens += 1
        with self.attempt():
            registers.submit_register(
                sitting.session_id,
                {enrolment_id: said(outcome) for enrolment_id, outcome in outcomes.items()},
                token=f"token-{self.tokens}",
                actor=self.team.facilitator,
                now=self.now,
            )
            sitting.submitted = True
            for enrolment_id, outcome in outcomes.items():
                paused = self.account.person(enrolment_id).was_paused(sitting.starts_at)
                what = "excused_suspended" if paused else outcome
                self.account.write(enrolment_id, sitting, what, self.now)

    def _behaves(self, enrolment_id: int) -> str:
        person = self.account.person(enrolment_id)
        way = BEHAVIOUR[person.mood]
        return way[len(self.account.attended_by(enrolment_id)) % len(way)]
