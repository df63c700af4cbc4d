"""One history told on purpose, through every state that matters: chance alone may miss a rare one."""

from collections.abc import Iterator
from typing import Any

from hypothesis.stateful import RULE_MARKER

from tests.machines.case_machine import CaseMachine

Step = tuple[str, dict[str, Any]]


def tour() -> None:
    """Lead an office through everything, looking at every promise after each step."""
    machine = CaseMachine()
    try:
        machine.begin(
            risks=["medium", "medium", "medium", "high", "standard", "high"],
            moods=["drops_out", "mixed", "drops_out", "explains", "late", "drops_out"],
            deputies=True,
            away=3,
        )
        for name, arguments in _steps():
            step = getattr(machine, name)
            if all(is_met(machine) for is_met in getattr(step, RULE_MARKER).preconditions):
                step(**arguments)
                machine.promises_hold()
    finally:
        machine.teardown()


def _steps() -> Iterator[Step]:
    yield from _groups()
    yield from _answers()
    yield from _police()
    yield from _moods()
    yield from _corrections()
    yield from _endings()


def _groups() -> Iterator[Step]:
    yield "answer_at_once", {"which": 0, "how": "signed", "hours": 2}
    yield "wait", {"by": 5}
    yield "transfer", {"which": 1, "towards": 1}
    yield "transfer", {"which": 1, "towards": 0}
    yield "transfer", {"which": 0, "towards": 0}
    yield "wait_for_what_is_due", {"moments": 3}
    for which in range(3):
        yield "move", {"which": which, "days": 0}
    for which in range(6):
        yield "book_assessment", {"which": which}
    yield "hold_some_days", {"days": 4}
    yield "stop_and_restart", {"hours": 30}
    for which in range(6):
        yield "book_assessment", {"which": which}
    yield "hold_some_days", {"days": 4}
    yield "cancel", {"which": 0}


def _answers() -> Iterator[Step]:
    for how in (
        "signed",
        "signed",
        "undo",
        "proceed",
        "sign",
        "unsigned",
        "decline",
        "proceed_with_plan",
        "signed",
    ):
        yield "answer_at_once", {"which": 0, "how": how, "hours": 2}
        yield "acknowledge_as_another", {"which": 0, "colleague": False}
        yield "wait", {"by": 23}
        yield "acknowledge_as_another", {"which": 0, "colleague": True}
        yield "acknowledge", {"which": 0}


def _police() -> Iterator[Step]:
    for decision in ("excused", "varied", "rebooked"):
        yield "suspend", {"which": 0, "why": "rearrest"}
        yield "police_decide", {"which": 0, "decision": decision}
        yield "hold_a_week", {}
        yield "wait", {"by": 49}


def _moods() -> Iterator[Step]:
    for which, mood in enumerate(("drops_out", "explains", "late", "comes", "comes", "comes")):
        yield "change_mood", {"which": which, "mood": mood}
    yield "hold_a_week", {}
    yield "danger", {"which": 1, "likely": True}
    yield "wait", {"by": 168}


def _corrections() -> Iterator[Step]:
    yield "undo_what_was_reported", {"which": 0, "approved": False}
    yield "undo_what_was_reported", {"which": 0, "approved": True}
    yield "ask_for_correction", {"which": 1, "answer": "refuse"}
    yield "ask_for_correction", {"which": 2, "answer": "approve"}
    yield "correct", {"which": 0, "outcome": "absent_acceptable", "approved": False}
    yield "clear_flag", {"which": 0}
    for what in ("review", "extend", "close"):
        yield "monitor", {"which": 0, "what": what}


def _endings() -> Iterator[Step]:
    yield "hold_a_week", {}
    yield "complete", {"which": 0}
    yield "end", {"which": 1, "how": "leave"}
    yield "refer_another", {"which": 0, "signed": True, "mood": "comes"}
    for which in range(4):
        yield "end", {"which": which, "how": "stop"}
    for _ in range(3):
        yield "hold_a_week", {}
    yield "suspend", {"which": 0, "why": "rearrest"}
    yield "police_decide", {"which": 0, "decision": "charged"}
