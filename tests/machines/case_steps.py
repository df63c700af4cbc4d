"""Steps about a case: sign-off, suspension, notices, decisions, holds, flags, leave, and plain time."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from programme_tracker.accounts.services import record_leave
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import CaseDecision, Decision, Notice
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers.signals import ProviderError
from programme_tracker.referrals.rules import Gate, PoliceDecision, SuspensionReason
from programme_tracker.workflows import changing_people, deciding, journeys, police, suspending
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.replying import receive_reply
from tests.machines.history import WHICH, History, chosen
from tests.machines.model import CAUTION_EXPIRES_ON, Person, wall


class CaseSteps(History):
    """What people do about one another."""

    @rule(by=st.sampled_from([1, 5, 23, 49, 24 * 7]))
    def wait(self, by: int) -> None:
        """Let so many hours go by."""
        self.pass_time(timedelta(hours=by))

    def grant(self, person: Person) -> None:
        """Have victim safety sign somebody off."""
        sign_off(person.enrolment_id, Gate.GRANTED, actor=self.team.worker, now=self.now)
        person.gate_open = True

    @rule(which=WHICH)
    def grant_sign_off(self, which: int) -> None:
        """Grant the sign-off, again perhaps."""
        with self.attempt():
            self.grant(self.person(which))

    @rule(which=WHICH)
    def withdraw_sign_off(self, which: int) -> None:
        """Take the sign-off back: whoever is under way is suspended."""
        person = self.person(which)
        before = self.status(person)
        with self.attempt():
            sign_off(
                person.enrolment_id, Gate.WITHDRAWN, actor=self.team.worker, now=self.now, reason="unsafe"
            )
            person.gate_open = False
            if before in suspending.MAY_BE_SUSPENDED:
                person.pause("gate", self.now)

    @rule(which=WHICH, reason=st.sampled_from([SuspensionReason.ILLNESS, SuspensionReason.CUSTODY]))
    def suspend(self, which: int, reason: SuspensionReason) -> None:
        """Suspend somebody."""
        person = self.person(which)
        with self.attempt():
            suspending.suspend(person.enrolment_id, reason, actor=self.team.lead, now=self.now)
            person.pause(reason.value, self.now)

    @rule(which=WHICH)
    def resume(self, which: int) -> None:
        """Resume somebody."""
        person = self.person(which)
        with self.attempt():
            suspending.resume(person.enrolment_id, actor=self.team.lead, now=self.now)
            person.go_on(self.now)

    @rule(which=WHICH)
    def rearrest(self, which: int) -> None:
        """Record a re-arrest."""
        person = self.person(which)
        with self.attempt():
            suspending.rearrest(person.participant_id, actor=self.team.lead, now=self.now)
            expired = wall(self.now).date() > CAUTION_EXPIRES_ON
            if expired or not person.is_mandated or self.status(person) != "suspended":
                return
            if not person.paused:
                person.pause("rearrest", self.now)
            person.paused_for = "rearrest"

    @rule(which=WHICH, decision=st.sampled_from(list(PoliceDecision)))
    def police_decide(self, which: int, decision: PoliceDecision) -> None:
        """Enter what police decided."""
        person = self.person(which)
        with self.attempt():
            police.police_decision(person.enrolment_id, decision, actor=self.team.officer, now=self.now)
            if decision is PoliceDecision.CHARGED:
                person.left = True
                person.go_on(self.now)
            elif person.paused_for == "rearrest" and person.gate_open:
                person.go_on(self.now)
            elif person.paused_for == "rearrest":
                person.paused_for = "gate"

    @rule(which=WHICH)
    def leave_the_programme(self, which: int) -> None:
        """End an enrolment."""
        person = self.person(which)
        with self.attempt():
            journeys.withdraw(person.enrolment_id, "moved away", actor=self.team.lead, now=self.now)
            person.left = True
            person.go_on(self.now)

    @rule(which=WHICH)
    def acknowledge(self, which: int) -> None:
        """Answer one of the notices that wait."""
        waiting = select(Notice).where(
            Notice.must_acknowledge, Notice.released_at.is_not(None), Notice.acknowledged_at.is_(None)
        )
        notices = db.session.scalars(waiting.order_by(Notice.id)).all()
        if not notices:
            return
        notice = chosen(which, notices)
        actor = self.actor(notice.staff_id, notice.to_role)
        deciding.acknowledge_one(notice.id, actor=actor, now=self.now)

    @rule(which=WHICH, decision=st.sampled_from([Decision.PROCEED, Decision.PROCEED_WITH_PLAN]))
    def proceed(self, which: int, decision: Decision) -> None:
        """Let what waits go out."""
        with self.attempt():
            deciding.decide(self.person(which).enrolment_id, decision, actor=self.team.worker, now=self.now)

    @rule(which=WHICH, hours=st.sampled_from([1, 6, 20, 70]), signed=st.booleans())
    def hold(self, which: int, hours: int, signed: bool) -> None:
        """Hold what waits; only with a manager."""
        with self.attempt():
            deciding.decide(
                self.person(which).enrolment_id,
                Decision.HOLD,
                reason="not safe today",
                hold_until=self.now + timedelta(hours=hours),
                cosigned_by=self.team.manager if signed else None,
                actor=self.team.worker,
                now=self.now,
            )
            assert signed, "a hold went without a manager"

    @rule(which=WHICH, hours=st.sampled_from([2, 20, 70]))
    def propose_hold(self, which: int, hours: int) -> None:
        """Ask a manager to sign a hold."""
        with self.attempt():
            deciding.propose_hold(
                self.person(which).enrolment_id,
                reason="not safe today",
                hold_until=self.now + timedelta(hours=hours),
                actor=self.team.worker,
                now=self.now,
            )

    @rule(agree=st.booleans())
    def answer_hold(self, agree: bool) -> None:
        """Sign or decline the hold that waits longest."""
        waiting = select(CaseDecision).where(
            CaseDecision.decision == Decision.HOLD.value,
            CaseDecision.cosigned_at.is_(None),
            CaseDecision.declined_at.is_(None),
        )
        entry = db.session.scalars(waiting.order_by(CaseDecision.id)).first()
        if entry is not None:
            with self.attempt():
                deciding.cosign_hold(entry.id, agree=agree, actor=self.team.manager, now=self.now)

    @rule(which=WHICH)
    def clear_flag(self, which: int) -> None:
        """Clear a flag that stands."""
        flags = db.session.scalars(select(Flag).where(Flag.state == "open").order_by(Flag.id)).all()
        if flags:
            with self.attempt():
                deciding.clear(chosen(which, flags).id, "talked it over", actor=self.team.lead, now=self.now)

    @rule(which=WHICH)
    def danger(self, which: int) -> None:
        """Press the button."""
        with self.attempt():
            police.danger(self.person(which).enrolment_id, "threats made", actor=self.team.lead, now=self.now)

    @rule(which=WHICH)
    def speak(self, which: int) -> None:
        """Record a contact."""
        with self.attempt():
            journeys.record_contact(
                self.person(which).enrolment_id, "call", "spoke", actor=self.team.lead, now=self.now
            )

    @rule(which=WHICH)
    def reply_stop(self, which: int) -> None:
        """Have somebody reply STOP."""
        person = self.person(which)
        receive_reply(person.mobile, "STOP", now=self.now)
        person.opted_out = True

    @rule(which=WHICH, risk=st.sampled_from(["standard", "medium", "high"]))
    def change_risk(self, which: int, risk: str) -> None:
        """Judge somebody's risk anew."""
        person = self.person(which)
        change = changing_people.PersonChange(risk=risk)
        changing_people.change_person(person.participant_id, change, actor=self.team.lead, now=self.now)
        person.risk = risk

    @rule(who=st.sampled_from(["worker", "officer", "lead"]), days=st.integers(0, 9))
    def go_on_leave(self, who: str, days: int) -> None:
        """Be away from today on."""
        staff_id = getattr(self.team, who).staff_id
        today = wall(self.now).date()
        until = today + timedelta(days=days)
        record_leave(staff_id, today, until, actor=self.team.admin, now=self.now)
        self.account.leave.setdefault(staff_id, []).append((today, until))

    @rule(signal=st.sampled_from(["not_connected", "no_answer", "21211", "429"]))
    def provider_fails(self, signal: str) -> None:
        """Have the provider fail at the next text."""
        self.provider.fail_next(ProviderError(signal))
