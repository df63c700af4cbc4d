"""Steps about people: referrals, sign-off, suspension, police, leaving; ends are rare."""

from datetime import date, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.rules import Gate, PoliceDecision, SuspensionReason
from programme_tracker.workflows import changing_people, journeys, police, referring, suspending
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.replying import receive_reply
from tests.factories.cases import cara_referral
from tests.machines.history import WHICH, History, chosen
from tests.machines.model import Person, wall
from tests.machines.reached import REACHED

#: How somebody takes part, see ``scheduling_steps.BEHAVIOUR``.
MOODS = ["drops_out", "comes", "mixed", "late", "explains", "drops_out"]

#: A caution lasts so many days here: two workshops fit once, and hardly twice.
LASTS = 48

#: At most so many people in one history, and so many of them suspended.
MOST_PEOPLE, MOST_SUSPENDED = 10, 1

#: A history goes on for so many steps before anybody leaves.
STEPS_BEFORE_AN_END = 12


class PeopleSteps(History):
    """What becomes of people."""

    def refer(self, programme: str, risk: str, *, is_mandated: bool, by_police: bool) -> Person:
        """Refer and accept one more person."""
        by_police = by_police or programme == "cara"
        referrer = self.team.officer if by_police else self.team.lead
        number = len(self.account.people)
        mobile = f"+4477009001{number:02}"
        born_on = date(2004 if programme == "young_adults" else 1990, 1, 31)
        expires_on = wall(self.now).date() + timedelta(days=LASTS)
        enrolment = referring.refer(
            NewParticipant(name=f"Person {number}", born_on=born_on, mobile=mobile, risk=risk),
            cara_referral(
                self.team,
                programme_code=programme,
                route="police" if by_police else "self",
                referrer_id=referrer.staff_id,
                lead_id=self.team.lead.staff_id,
                worker_id=self.team.worker.staff_id,
                is_mandated=is_mandated,
                caution_issued_on=wall(self.now).date() - timedelta(days=4),
                caution_expires_on=expires_on,
            ),
            actor=referrer,
            now=self.now,
        )
        assert enrolment is not None
        person = Person(
            enrolment.id,
            enrolment.participant_id,
            programme,
            is_mandated or programme == "cara",
            mobile,
            risk,
            expires_on=expires_on,
        )
        self.account.people.append(person)
        return person

    def grant(self, person: Person) -> None:
        """Have victim safety sign somebody off."""
        sign_off(person.enrolment_id, Gate.GRANTED, actor=self.team.worker, now=self.now)
        person.gate_open = True

    @precondition(lambda self: self.has_ended() and len(self.account.people) < MOST_PEOPLE)
    @rule(which=WHICH, signed=st.sampled_from([True, True, False]), mood=st.sampled_from(MOODS))
    def refer_another(self, which: int, signed: bool, mood: str) -> None:
        """Have a new referral take the place of somebody who has left."""
        before = chosen(which, self.has_ended())
        person = self.refer(
            before.programme, before.risk, is_mandated=before.is_mandated, by_police=before.is_mandated
        )
        before.replaced, person.mood = True, mood
        REACHED["a new referral took an ended one's place"] += 1
        if signed:
            self.grant(person)
            with self.attempt():
                self.give_place(person, 3)

    def has_ended(self) -> list[Person]:
        """Return who has left or completed and has not been followed by another."""
        over = ("completed", "withdrawn")
        return [
            one for one in self.account.people if not one.replaced and (one.left or self.status(one) in over)
        ]

    def give_place(self, person: Person, days: int) -> None:
        """Book whatever somebody's programme is made of; the steps about sessions know how."""
        raise NotImplementedError

    @rule(which=WHICH, mood=st.sampled_from(MOODS))
    def change_mood(self, which: int, mood: str) -> None:
        """Let somebody take part in another way from now on."""
        self.person(which).mood = mood

    @precondition(lambda self: any(not one.gate_open for one in self.account.alive))
    @rule(which=WHICH)
    def grant_sign_off(self, which: int) -> None:
        """Grant a sign-off that is missing; whoever was never placed gets a place."""
        person = chosen(which, [one for one in self.account.alive if not one.gate_open])
        with self.attempt():
            self.grant(person)
            if person.placed_at is None:
                self.give_place(person, 3)

    @precondition(lambda self: self.may_pause())
    @rule(
        which=WHICH,
        why=st.sampled_from([SuspensionReason.ILLNESS, SuspensionReason.CUSTODY, None, "rearrest"]),
    )
    def suspend(self, which: int, why: SuspensionReason | str | None) -> None:
        """Suspend somebody: for a reason, by taking the sign-off back, or because of a re-arrest."""
        person = self.person(which)
        with self.attempt():
            if why is None:
                self._withdraw_sign_off(person)
            elif why == "rearrest":
                mandated = [one for one in self.account.alive if one.is_mandated]
                self._rearrest(chosen(which, mandated or [person]))
            else:
                suspending.suspend(
                    person.enrolment_id, SuspensionReason(why), actor=self.team.lead, now=self.now
                )
                person.pause(why, self.now)

    def may_pause(self) -> bool:
        """Tell whether few enough are suspended."""
        return sum(person.paused for person in self.account.alive) < MOST_SUSPENDED

    def _withdraw_sign_off(self, person: Person) -> None:
        before = self.status(person)
        sign_off(person.enrolment_id, Gate.WITHDRAWN, actor=self.team.worker, now=self.now, reason="unsafe")
        person.gate_open = False
        if before in suspending.MAY_BE_SUSPENDED:
            person.pause("gate", self.now)

    def _rearrest(self, person: Person) -> None:
        """Record a re-arrest; suspended is who has a caution."""
        suspending.rearrest(person.participant_id, actor=self.team.lead, now=self.now)
        expired = person.expires_on is not None and wall(self.now).date() > person.expires_on
        if expired or not person.is_mandated or self.status(person) != "suspended":
            return
        if not person.paused:
            person.pause("rearrest", self.now)
        person.paused_for = "rearrest"

    @precondition(lambda self: any(one.paused for one in self.account.alive))
    @rule(which=WHICH)
    def resume(self, which: int) -> None:
        """Resume somebody, signed off again where that was why."""
        person = chosen(which, [one for one in self.account.alive if one.paused])
        with self.attempt():
            if not person.gate_open:
                self.grant(person)
            suspending.resume(person.enrolment_id, actor=self.team.lead, now=self.now)
            person.go_on(self.now)

    @precondition(lambda self: self.awaiting_police())
    @rule(which=WHICH, decision=st.sampled_from(["rebooked", "excused", "varied", "charged"]))
    def police_decide(self, which: int, decision: str) -> None:
        """Enter what police decided; whoever is not charged starts anew."""
        person = chosen(which, self.awaiting_police())
        with self.attempt():
            police.police_decision(
                person.enrolment_id, PoliceDecision(decision), actor=self.team.officer, now=self.now
            )
            if decision == "charged":
                person.left = True
                person.go_on(self.now)
                return
            if person.paused_for == "rearrest" and person.gate_open:
                person.go_on(self.now)
            elif person.paused_for == "rearrest":
                person.paused_for = "gate"
            self.give_place(person, 3)

    def awaiting_police(self) -> list[Person]:
        """Return those whom police have to decide about."""
        return [
            one
            for one in self.account.alive
            if one.is_mandated
            and (self.status(one) == "breach_reported" or (one.paused and one.paused_for == "rearrest"))
        ]

    @precondition(lambda self: self.promises.steps > STEPS_BEFORE_AN_END)
    @rule(which=WHICH, how=st.sampled_from(["", "stop", "", "leave", "", "deselect", "stop"]))
    def end(self, which: int, how: str) -> None:
        """End an enrolment, or have somebody reply STOP; mostly nothing of the kind."""
        person = self.person(which)
        if how == "stop":
            receive_reply(person.mobile, "STOP", now=self.now)
            person.opted_out = True
        elif how:
            ending = journeys.withdraw if how == "leave" else journeys.deselect
            with self.attempt():
                ending(person.enrolment_id, "moved away", actor=self.team.lead, now=self.now)
                person.left = True
                person.go_on(self.now)

    @rule(which=WHICH)
    def speak(self, which: int) -> None:
        """Record a contact."""
        person = self.person(which)
        with self.attempt():
            journeys.record_contact(
                person.enrolment_id, "call", "spoke", actor=self.team.lead, now=self.now, outcome="spoke"
            )
            person.spoken_at = self.now

    @rule(which=WHICH, risk=st.sampled_from(["standard", "medium", "high"]))
    def change_risk(self, which: int, risk: str) -> None:
        """Judge somebody's risk anew."""
        person = self.person(which)
        change = changing_people.PersonChange(risk=risk)
        changing_people.change_person(person.participant_id, change, actor=self.team.lead, now=self.now)
        person.risk = risk

    @rule(which=WHICH)
    def complete(self, which: int) -> None:
        """Judge somebody ready, if anybody may be."""
        one_to_one = [one for one in self.account.alive if one.programme == "baseline"]
        if one_to_one:
            with self.attempt():
                journeys.complete(
                    chosen(which, one_to_one).enrolment_id,
                    group_ready=True,
                    actor=self.team.lead,
                    now=self.now,
                )
