"""The case as a state machine: every step, on people in every programme, from their first week on."""

import hypothesis.strategies as st
from hypothesis.stateful import initialize

from programme_tracker.accounts.services import set_deputy
from tests.machines.case_steps import CaseSteps
from tests.machines.decision_steps import DecisionSteps
from tests.machines.people_steps import MOODS, PeopleSteps

RISKS = st.sampled_from(["medium", "high", "standard"])

#: Who is there when a history begins, and in how many days each starts: a CARA client, RADAR with a
#: voluntary and a mandated man, and one of each of the others. One more waits to be signed off.
BEGINNERS = (
    ("cara", False, 4),
    ("radar", False, 1),
    ("radar", True, 1),
    ("baseline", False, 2),
    ("young_adults", False, 3),
    ("awareness", False, 5),
)


class CaseMachine(DecisionSteps, PeopleSteps, CaseSteps):
    """People on their programmes, the staff around them, and a clock."""

    @initialize(
        risks=st.lists(RISKS, min_size=6, max_size=6),
        moods=st.lists(st.sampled_from(MOODS), min_size=6, max_size=6),
        deputies=st.booleans(),
        away=st.integers(0, 3),
    )
    def begin(self, risks: list[str], moods: list[str], deputies: bool, away: int) -> None:
        """Get everybody going; with deputies for the staff, or without."""
        for field, deputy in self.office.deputies.items() if deputies else ():
            chief = getattr(self.team, field)
            set_deputy(chief.staff_id, deputy.staff_id, actor=self.team.admin, now=self.now)
        for (programme, is_mandated, days), risk, mood in zip(BEGINNERS, risks, moods, strict=True):
            person = self.refer(programme, risk, is_mandated=is_mandated, by_police=is_mandated)
            person.mood = mood
            self.grant(person)
            self.give_place(person, days)
        if away == 3:
            self.go_away("worker", 20)
        waiting = self.refer("cara", "medium", is_mandated=False, by_police=True)
        waiting.mood = "drops_out"
