"""An unacknowledged notice always moves on; nothing is lost, doubled or sent out of order."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.case_machine import CaseMachine

#: How many steps to take in all: a few, always the same, unless ``make machine-test`` asks for more.
STEPS = int(os.environ.get("TEST_STEPS", "0"))
STEPS_IN_A_HISTORY = 50

#: A long campaign is shared out among processes.
SHARES = 4 if STEPS else 1


@pytest.mark.parametrize("share", range(SHARES))
def test_promises_hold_in_histories_made_up(share: int) -> None:
    steps = STEPS // SHARES or 300
    run_state_machine_as_test(
        CaseMachine,
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
