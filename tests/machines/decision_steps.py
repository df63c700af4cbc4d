"""Steps that decide: on a case, on a hold, on a correction, on a flag, on monitoring."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from programme_tracker.attendance.models import CorrectionRequest
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, CaseDecision, Decision, Monitoring, Notice
from programme_tracker.escalation.queries import pending_hold
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.workflows import deciding, monitoring, registers
from tests.machines.history import WHICH, chosen
from tests.machines.model import Sitting
from tests.machines.reached import REACHED
from tests.machines.scheduling_steps import SchedulingSteps, said

#: What victim safety does about what waits: lets it go, holds it, asks for a hold; or it is undone.
ANSWERS = st.sampled_from(
    ["signed", "sign", "proceed", "unsigned", "signed", "decline", "undo", "wait", "proceed_with_plan"]
)

OUTCOMES = st.sampled_from(["attended", "absent", "attended", "absent_acceptable", "refused_late"])


class DecisionSteps(SchedulingSteps):
    """What is decided, and by whom."""

    def waiting_cases(self) -> list[int]:
        """Return the enrolments whose open case has a notice that waits, the mandated first."""
        found = (
            select(Case.enrolment_id)
            .join(Notice, Notice.case_id == Case.id)
            .where(Case.closed_at.is_(None), Notice.released_at.is_(None), Notice.cancelled_at.is_(None))
        )
        return sorted(
            set(db.session.scalars(found)), key=lambda one: (not self.account.person(one).is_mandated, one)
        )

    @precondition(lambda self: self.to_come())
    @rule(which=WHICH, how=ANSWERS, hours=st.sampled_from([2, 20, 6, 70]))
    def answer_at_once(self, which: int, how: str, hours: int) -> None:
        """Hold sessions until something waits for victim safety, and have it answered at once."""
        for _ in range(6):
            if self.to_come() and not self.waiting_cases():
                self.hold_next_session(0)
        if not self.waiting_cases():
            return
        if how == "undo":
            self.correct_mark(*self.marked()[which % min(3, len(self.marked()))], "attended", approved=False)
        elif how in ("proceed", "proceed_with_plan"):
            self._proceed(which, Decision(how))
        elif how in ("signed", "unsigned"):
            self._hold(which, hours, signed=how == "signed")
        else:
            self._propose(which, hours, how)

    @precondition(lambda self: self.waiting_cases())
    @rule(which=WHICH, decision=st.sampled_from([Decision.PROCEED, Decision.PROCEED_WITH_PLAN]))
    def proceed(self, which: int, decision: Decision) -> None:
        """Let what waits go out."""
        self._proceed(which, decision)

    def _proceed(self, which: int, decision: Decision) -> None:
        """Decide to go on; first somebody tries who may not."""
        enrolment_id = chosen(which, self.waiting_cases())
        try:
            deciding.decide(enrolment_id, decision, actor=self.team.lead, now=self.now)
        except RefusedError:
            REACHED["decision by the wrong person refused"] += 1
        else:
            raise AssertionError("a caseworker decided for victim safety")
        with self.attempt():
            deciding.decide(enrolment_id, decision, actor=self.team.worker, now=self.now)

    def _hold(self, which: int, hours: int, *, signed: bool) -> None:
        """Hold what waits; only with a manager."""
        with self.attempt():
            try:
                deciding.decide(
                    chosen(which, self.waiting_cases()),
                    Decision.HOLD,
                    reason="not safe today",
                    hold_until=self.now + timedelta(hours=hours),
                    cosigned_by=self.team.manager if signed else None,
                    actor=self.team.worker,
                    now=self.now,
                )
            except RefusedError as refused:
                if refused.code is Code.NEEDS_COSIGNATURE:
                    REACHED["hold without a co-signature refused"] += 1
                raise
            assert signed, "a hold went without a manager"

    def _propose(self, which: int, hours: int, answer: str) -> None:
        """Ask a manager to sign a hold, who does so, or does not, or says nothing yet."""
        with self.attempt():
            entry = deciding.propose_hold(
                chosen(which, self.waiting_cases()),
                reason="not safe today",
                hold_until=self.now + timedelta(hours=hours),
                actor=self.team.worker,
                now=self.now,
            )
            if answer != "wait":
                deciding.cosign_hold(entry.id, agree=answer == "sign", actor=self.team.manager, now=self.now)

    def hold_to_sign(self) -> CaseDecision | None:
        """Return the hold that has waited longest for a signature."""
        waiting = select(CaseDecision).where(pending_hold()).order_by(CaseDecision.id)
        return db.session.scalars(waiting).first()

    @precondition(lambda self: self.hold_to_sign() is not None)
    @rule(agree=st.booleans())
    def answer_hold(self, agree: bool) -> None:
        """Sign or decline the hold that waits longest."""
        entry = self.hold_to_sign()
        if entry is not None:
            with self.attempt():
                deciding.cosign_hold(entry.id, agree=agree, actor=self.team.manager, now=self.now)

    def open_flags(self) -> list[Flag]:
        """Return the flags that stand, oldest first."""
        return list(db.session.scalars(select(Flag).where(Flag.state == "open").order_by(Flag.id)))

    @precondition(lambda self: self.open_flags())
    @rule(which=WHICH)
    def clear_flag(self, which: int) -> None:
        """Clear a flag that stands."""
        with self.attempt():
            flag = chosen(which, self.open_flags())
            deciding.clear(flag.id, "talked it over", actor=self.team.lead, now=self.now)

    def marked(self) -> list[tuple[Sitting, int]]:
        """Return every session and enrolment of which a register speaks, the newest first."""
        return [
            (one, enrolment)
            for one in sorted(self.account.sittings, key=lambda one: one.starts_at, reverse=True)
            if one.submitted
            for enrolment in one.outcomes
        ]

    @precondition(lambda self: self.marked())
    @rule(which=WHICH, outcome=OUTCOMES, approved=st.booleans())
    def correct(self, which: int, outcome: str, approved: bool) -> None:
        """Correct a mark, with or without a second person."""
        self.correct_mark(*chosen(which, self.marked()), outcome, approved=approved)

    @precondition(lambda self: self.reported())
    @rule(which=WHICH, approved=st.sampled_from([True, False, False]))
    def undo_what_was_reported(self, which: int, approved: bool) -> None:
        """Say that somebody came whose absence was reported, with or without a second person."""
        session_id, enrolment_id = chosen(which, self.reported())
        self.correct_mark(self.account.sitting(session_id), enrolment_id, "attended", approved=approved)

    def correct_mark(self, sitting: Sitting, enrolment_id: int, outcome: str, *, approved: bool) -> None:
        """Correct one mark, if that is allowed."""
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

    def reported(self) -> list[tuple[int, int]]:
        """Return (session, enrolment) of what somebody outside was told of and stands."""
        told = select(Notice.session_id, Notice.enrolment_id).where(
            Notice.kind.in_(("breach", "non_engagement")),
            Notice.to_role.in_(("police", "enforcement", "lead")),
            Notice.released_at.is_not(None),
        )
        return [(session or 0, enrolment or 0) for session, enrolment in db.session.execute(told) if session]

    @precondition(lambda self: self.reported())
    @rule(which=WHICH, answer=st.sampled_from(["approve", "refuse", ""]))
    def ask_for_correction(self, which: int, answer: str) -> None:
        """Ask to undo what was reported; a manager approves, refuses or says nothing yet."""
        session_id, enrolment_id = chosen(which, self.reported())
        with self.attempt():
            came_of_it = registers.request_correction(
                session_id,
                enrolment_id,
                said("attended"),
                why="seen wrongly",
                actor=self.team.facilitator,
                now=self.now,
            )
            if isinstance(came_of_it, CorrectionRequest):
                if answer:
                    self._decide(came_of_it, approve=answer == "approve")
            else:
                sitting = self.account.sitting(session_id)
                self.account.write(enrolment_id, sitting, "attended", self.now)

    def request_waiting(self) -> CorrectionRequest | None:
        """Return the correction that waits longest."""
        waiting = select(CorrectionRequest).where(CorrectionRequest.decided_at.is_(None))
        return db.session.scalars(waiting.order_by(CorrectionRequest.id)).first()

    @precondition(lambda self: self.request_waiting() is not None)
    @rule(approve=st.booleans())
    def decide_correction(self, approve: bool) -> None:
        """Approve or refuse the correction that waits longest."""
        request = self.request_waiting()
        assert request is not None
        with self.attempt():
            self._decide(request, approve=approve)

    def _decide(self, request: CorrectionRequest, *, approve: bool) -> None:
        sitting, enrolment_id = self.account.sitting(request.mark.session_id), request.mark.enrolment_id
        outcome, request_id = request.outcome, request.id
        registers.decide_correction(request_id, approve=approve, actor=self.team.manager, now=self.now)
        if approve:
            self.account.write(enrolment_id, sitting, outcome, self.now)

    def running(self) -> list[Monitoring]:
        """Return the monitoring that runs."""
        return list(db.session.scalars(select(Monitoring).where(Monitoring.closed_at.is_(None))))

    @precondition(lambda self: self.running())
    @rule(which=WHICH, what=st.sampled_from(["review", "extend", "close", "review"]))
    def monitor(self, which: int, what: str) -> None:
        """Review, extend or close a monitoring."""
        one = chosen(which, self.running())
        actor, now = self.team.enforcement, self.now
        with self.attempt():
            if what == "review":
                monitoring.record_review(one.id, "quiet", actor=actor, now=now)
            elif what == "extend":
                monitoring.extend(one.id, months=1, actor=actor, now=now)
            else:
                monitoring.close(one.id, "nothing new", actor=actor, now=now)
