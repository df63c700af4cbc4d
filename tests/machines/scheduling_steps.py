"""Steps about sessions: made, booked, moved, cancelled; their registers, and corrections of them."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from programme_tracker.attendance.models import CorrectionRequest
from programme_tracker.attendance.queries import marks_of_session
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import booked_on
from programme_tracker.workflows import groups, one_to_ones, registers, sessions
from programme_tracker.workflows.booking import book
from tests.machines.history import WHICH, History, chosen
from tests.machines.model import BANK_HOLIDAYS, Person, Sitting, wall

OUTCOMES = st.sampled_from(
    ["attended", "attended", "absent", "absent", "attended_late", "refused_late", "absent_acceptable"]
)


def said(outcome: str) -> MarkDetails:
    """Return a mark with whatever has to be said with it."""
    if outcome == "absent_acceptable":
        return MarkDetails(Outcome(outcome), reason="medical", evidence="A letter was shown")
    return MarkDetails(Outcome(outcome))


class SchedulingSteps(History):
    """What happens to sessions."""

    @rule(which=WHICH, days=st.sampled_from([3, 8, 15]))
    def place(self, which: int, days: int) -> None:
        """Give somebody something to come to; without a sign-off nothing can be booked."""
        person = self.person(which)
        if person.gate_open:
            with self.attempt():
                self.give_place(person, days)
            return
        try:
            self.give_place(person, days)
        except RefusedError as refused:
            assert refused.code in (Code.GATE_NOT_GRANTED, Code.CLASH_STAFF), refused.code
        else:
            raise AssertionError("something was booked without a sign-off")

    def give_place(self, person: Person, days: int) -> None:
        """Book whatever somebody's programme is made of, from so many days ahead."""
        kinds: dict[str, Callable[[Person, int], None]] = {
            "cara": self._book_workshops,
            "baseline": self._book_one_to_one,
        }
        kinds.get(person.programme, self._join_group)(person, days)

    def _starts(self, days: int, hour: int) -> datetime:
        """Return an hour of the first free day so many days ahead, as London's wall time."""
        day = wall(self.now).date() + timedelta(days=days)
        taken = {wall(sitting.starts_at).date() for sitting in self.account.sittings}
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

    def _book_one_to_one(self, person: Person, days: int) -> None:
        staff = [self.team.facilitator.staff_id or 0]
        plan = sessions.SessionPlan(person.programme, self._starts(days, 14), staff, kind="one_to_one")
        result = one_to_ones.book_one_to_one(plan, person.enrolment_id, actor=self.team.lead, now=self.now)
        self._note(result.booking.session)

    def _join_group(self, person: Person, days: int) -> None:
        if person.programme not in self.groups:
            staff = [self.team.facilitator.staff_id or 0, self.office.deputies["facilitator"].staff_id or 0]
            starts = self._starts(days, 18)
            plan = groups.GroupPlan("Evening", person.programme, starts, staff, sessions=8)
            group = groups.create_group(plan, actor=self.team.lead, now=self.now)
            self.groups[person.programme] = group.id
            for session in group.sessions:
                self._note(session)
        group_id = self.groups[person.programme]
        groups.join_group(person.enrolment_id, group_id, actor=self.team.lead, now=self.now)

    def _note(self, session: Session) -> None:
        self.account.sittings.append(
            Sitting(session.id, session.starts_at, session.minutes, session.programme_code)
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
        """Cancel a session to come."""
        sitting = chosen(which, self.to_come())
        with self.attempt():
            sessions.cancel_session(sitting.session_id, "ill", actor=self.team.lead, now=self.now)
            sitting.cancelled = True
            for mark in marks_of_session(sitting.session_id):
                sitting.outcomes[mark.enrolment_id] = "excused_provider"

    @precondition(lambda self: self.to_come())
    @rule(which=WHICH, days=st.sampled_from([0, 1, 2, 6]))
    def move(self, which: int, days: int) -> None:
        """Move a session by an hour and some days."""
        sitting = chosen(which, self.to_come())
        starts = wall(sitting.starts_at).replace(tzinfo=None) + timedelta(days=days, hours=1)
        with self.attempt():
            sessions.move_session(sitting.session_id, starts, actor=self.team.lead, now=self.now)
            sitting.starts_at = db.session.get_one(Session, sitting.session_id).starts_at
            sitting.version += 1

    @precondition(lambda self: self.to_come())
    @rule(outcome=OUTCOMES, later=st.sampled_from([0, 1, 20, 70]))
    def hold_next(self, outcome: str, later: int) -> None:
        """Let time go by to the end of the next session and so many hours more, and submit its register."""
        sitting = min(self.to_come(), key=lambda one: one.starts_at)
        self.pass_until(sitting.ends_at + timedelta(hours=later))
        self._submit(sitting, outcome)

    @precondition(lambda self: self.to_submit())
    @rule(outcome=OUTCOMES, which=WHICH)
    def submit(self, outcome: str, which: int) -> None:
        """Submit a register that is missing."""
        self._submit(chosen(which, self.to_submit()), outcome)

    def _submit(self, sitting: Sitting, outcome: str) -> None:
        there = [one.enrolment for one in booked_on(sitting.session_id)]
        expected = {one.id for one in there if one.ended_at is None or one.ended_at > sitting.starts_at}
        self.tokens += 1
        with self.attempt():
            registers.submit_register(
                sitting.session_id,
                {enrolment_id: said(outcome) for enrolment_id in expected},
                token=f"token-{self.tokens}",
                actor=self.team.facilitator,
                now=self.now,
            )
            sitting.submitted = True
            for enrolment_id in expected:
                paused = self.account.person(enrolment_id).was_paused(sitting.starts_at)
                what = "excused_suspended" if paused else outcome
                self.account.write(enrolment_id, sitting, what, self.now)

    def marked(self) -> list[tuple[Sitting, int]]:
        """Return every session and enrolment of which a register speaks."""
        return [
            (one, enrolment) for one in self.account.sittings if one.submitted for enrolment in one.outcomes
        ]

    @precondition(lambda self: self.marked())
    @rule(which=WHICH, outcome=OUTCOMES, approved=st.booleans())
    def correct(self, which: int, outcome: str, approved: bool) -> None:
        """Correct a mark, with or without a second person."""
        sitting, enrolment_id = chosen(which, self.marked())
        with self.attempt():
            registers.correct(
                sitting.session_id,
                enrolment_id,
                said(outcome),
                why="seen wrongly",
                actor=self.team.facilitator,
                now=self.now,
                approved_by=self.team.manager if approved else None,
            )
            self.account.write(enrolment_id, sitting, outcome, self.now)

    @precondition(lambda self: self.marked())
    @rule(which=WHICH, outcome=OUTCOMES)
    def ask_for_correction(self, which: int, outcome: str) -> None:
        """Correct a mark at once, or have the correction wait for a manager."""
        sitting, enrolment_id = chosen(which, self.marked())
        with self.attempt():
            came_of_it = registers.request_correction(
                sitting.session_id,
                enrolment_id,
                said(outcome),
                why="seen wrongly",
                actor=self.team.facilitator,
                now=self.now,
            )
            if not isinstance(came_of_it, CorrectionRequest):
                self.account.write(enrolment_id, sitting, outcome, self.now)

    @rule(approve=st.booleans())
    def decide_correction(self, approve: bool) -> None:
        """Approve or refuse the correction that waits longest."""
        waiting = select(CorrectionRequest).where(CorrectionRequest.decided_at.is_(None))
        request = db.session.scalars(waiting.order_by(CorrectionRequest.id)).first()
        if request is None:
            return
        sitting, enrolment_id = self.account.sitting(request.mark.session_id), request.mark.enrolment_id
        outcome, request_id = request.outcome, request.id
        with self.attempt():
            registers.decide_correction(request_id, approve=approve, actor=self.team.manager, now=self.now)
            if approve:
                self.account.write(enrolment_id, sitting, outcome, self.now)
