"""The case as a state machine: every step, on one or two people, from their referral on."""

import hypothesis.strategies as st
from hypothesis.stateful import initialize

from programme_tracker.accounts.services import set_deputy
from tests.machines.case_steps import CaseSteps
from tests.machines.scheduling_steps import SchedulingSteps

PROGRAMMES = st.sampled_from(["cara", "cara", "radar", "baseline", "young_adults"])
PEOPLE = st.lists(
    st.tuples(PROGRAMMES, st.sampled_from(["medium", "high", "standard"]), st.booleans(), st.booleans()),
    min_size=1,
    max_size=2,
)


class CaseMachine(SchedulingSteps, CaseSteps):
    """One or two people on their programmes, the staff around them, and a clock."""

    @initialize(people=PEOPLE, deputies=st.booleans(), granted=st.sampled_from([True, True, True, False]))
    def begin(self, people: list[tuple[str, str, bool, bool]], deputies: bool, granted: bool) -> None:
        """Refer the people and mostly get them going; with deputies for the staff, or without."""
        for field, deputy in self.office.deputies.items() if deputies else ():
            chief = getattr(self.team, field)
            set_deputy(chief.staff_id, deputy.staff_id, actor=self.team.admin, now=self.now)
        for programme, risk, is_mandated, by_police in people:
            self.refer(programme, risk, is_mandated=is_mandated, by_police=by_police)
        for person in self.account.people if granted else ():
            self.grant(person)
            self.give_place(person, days=10)
