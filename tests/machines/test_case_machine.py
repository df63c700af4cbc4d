"""An unacknowledged notice always moves on; nothing is lost, doubled or sent out of order."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.case_machine import CaseMachine

#: How many steps to take; ``make machine-test`` asks for 10,000 and more.
STEPS = int(os.environ.get("MACHINE_STEPS", "0"))
STEPS_IN_A_HISTORY = 50


def _settings(steps: int, *, derandomize: bool) -> settings:
    return settings(
        max_examples=max(1, steps // STEPS_IN_A_HISTORY),
        stateful_step_count=STEPS_IN_A_HISTORY,
        deadline=None,
        database=None,
        derandomize=derandomize,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )


def test_promises_hold_in_histories_made_up() -> None:
    run_state_machine_as_test(CaseMachine, settings=_settings(STEPS or 500, derandomize=not STEPS))
