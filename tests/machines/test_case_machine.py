"""An unacknowledged notice always moves on; nothing is lost, doubled or sent out of order."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.case_machine import CaseMachine
from tests.machines.reached import MUST_BE_REACHED, REACHED
from tests.machines.tour import tour

#: How many steps to take in all: a few, always the same, unless ``make machine-test`` asks for more.
STEPS = int(os.environ.get("TEST_STEPS", "0"))
STEPS_IN_A_HISTORY = 60

#: Few enough for every day; what chance does not reach, the tour does, before every share.
EVERYDAY_STEPS = 120

#: A long campaign is shared out among processes.
SHARES = 4 if STEPS else 1


@pytest.mark.parametrize("share", range(SHARES))
def test_promises_hold_in_histories_that_reach_what_matters(share: int) -> None:
    steps = STEPS // SHARES or EVERYDAY_STEPS
    REACHED.clear()
    lead_on_tour()
    # Hypothesis ends a history early now and then: a campaign goes on until it has its steps.
    until = REACHED["steps"] + (steps if STEPS else 1)
    while REACHED["steps"] < until:
        take_steps(share, max(until - REACHED["steps"], EVERYDAY_STEPS))
    assert [what for what in MUST_BE_REACHED if not REACHED[what]] == []


def take_steps(share: int, steps: int) -> None:
    """Live through as many histories as hold so many steps, if none of them ends early."""
    run_state_machine_as_test(
        type("Share", (CaseMachine,), {"share": share}),
        settings=settings(
            max_examples=steps // STEPS_IN_A_HISTORY,
            stateful_step_count=STEPS_IN_A_HISTORY,
            deadline=None,
            database=None,
            derandomize=not STEPS,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )


@settings(max_examples=1, deadline=None, database=None, derandomize=True, phases=(Phase.generate,))
@given(nothing=st.none())
def lead_on_tour(nothing: None) -> None:
    """Tell the one history that is no accident; a step may take notes only inside an example."""
    tour()
