"""Steps around a case: notices answered by the right people and the wrong ones, leave, time, trouble."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from programme_tracker.accounts.services import record_leave
from programme_tracker.escalation.models import Notice
from programme_tracker.jobs.due import next_due_at
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.providers.signals import ProviderError
from programme_tracker.workflows import deciding, police
from tests.machines.history import WHICH, History, chosen
from tests.machines.model import wall
from tests.machines.reached import REACHED


class CaseSteps(History):
    """What people do about what they are told, and what time does."""

    @rule(by=st.sampled_from([1, 5, 23, 49, 24 * 7]))
    def wait(self, by: int) -> None:
        """Let so many hours go by."""
        self.pass_time(timedelta(hours=by))

    @rule(moments=st.integers(1, 4))
    def wait_for_what_is_due(self, moments: int) -> None:
        """Go on to the next moment at which something is due, some of them one after another."""
        for _ in range(moments):
            due_at = next_due_at(self.now)
            if due_at is not None:
                self.pass_until(due_at)
                self.promises.check(self.now)

    @rule(hours=st.sampled_from([2, 17, 30, 70]))
    def stop_and_restart(self, hours: int) -> None:
        """Have no worker run for so many hours."""
        self.stop_the_worker(timedelta(hours=hours))
        REACHED["the worker was stopped"] += 1

    def unanswered(self) -> list[Notice]:
        """Return the notices that wait for somebody, oldest first."""
        waiting = select(Notice).where(
            Notice.must_acknowledge, Notice.released_at.is_not(None), Notice.acknowledged_at.is_(None)
        )
        return list(db.session.scalars(waiting.order_by(Notice.id)))

    @precondition(lambda self: self.unanswered())
    @rule(which=WHICH)
    def acknowledge(self, which: int) -> None:
        """Answer one of the notices that wait."""
        notice = chosen(which, self.unanswered())
        actor = self.actor(notice.staff_id, notice.to_role)
        deciding.acknowledge_one(notice.id, actor=actor, now=self.now)

    @precondition(lambda self: self.unanswered())
    @rule(which=WHICH, colleague=st.booleans())
    def acknowledge_as_another(self, which: int, colleague: bool) -> None:
        """Have somebody answer who is not asked: refused, unless they were chased about it."""
        notice = chosen(which, self.unanswered())
        everybody = [*vars(self.team).values(), *self.office.deputies.values()]
        others = [one for one in everybody if one.staff_id != notice.staff_id]
        colleagues = [one for one in others if notice.to_role in {role.value for role in one.roles}]
        actor: Actor = chosen(which, colleagues if colleague and colleagues else others)
        same_role = actor in colleagues
        chased = self._was_chased(notice, actor)
        may = same_role and (notice.staff_id is None or chased)
        try:
            deciding.acknowledge_one(notice.id, actor=actor, now=self.now)
        except RefusedError:
            assert not may, "somebody who was asked may not answer"
            REACHED["acknowledgement by the wrong person refused"] += 1
        else:
            assert may, f"notice {notice.id} was answered by somebody it is not for"
            REACHED["acknowledged by a deputy who was chased"] += chased

    def _was_chased(self, notice: Notice, actor: Actor) -> bool:
        """Tell whether somebody was told, by name or with their whole role, that nobody answered."""
        chases = db.session.scalars(
            select(Notice).where(Notice.kind == "chase", Notice.about_id == notice.id)
        )
        roles = {role.value for role in actor.roles}
        return any(
            one.staff_id == actor.staff_id or (one.staff_id is None and one.to_role in roles)
            for one in chases
        )

    @rule(which=WHICH, likely=st.sampled_from([True, False, False]))
    def danger(self, which: int, likely: bool) -> None:
        """Press the button, now and then."""
        if likely:
            with self.attempt():
                police.danger(
                    self.person(which).enrolment_id, "threats made", actor=self.team.lead, now=self.now
                )

    @rule(who=st.sampled_from(["worker", "officer", "lead"]), days=st.integers(0, 9))
    def go_on_leave(self, who: str, days: int) -> None:
        """Be away from today on."""
        self.go_away(who, days)

    def go_away(self, who: str, days: int) -> None:
        """Record leave for so many days more than today."""
        staff_id = getattr(self.team, who).staff_id
        today = wall(self.now).date()
        until = today + timedelta(days=days)
        record_leave(staff_id, today, until, actor=self.team.admin, now=self.now)
        self.account.leave.setdefault(staff_id, []).append((today, until))

    @rule(signal=st.sampled_from(["not_connected", "no_answer", "21211", "429"]))
    def provider_fails(self, signal: str) -> None:
        """Have the provider fail at the next text."""
        self.provider.fail_next(ProviderError(signal))
