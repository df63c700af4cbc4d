"""The worked timelines: each is played on the real application and must hold."""

from pathlib import Path

import pytest

from programme_tracker.app import create_app
from programme_tracker.rehearsal.reading import read_script
from programme_tracker.rehearsal.report import as_text
from programme_tracker.rehearsal.runner import run_script

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))


def test_scenarios_are_all_there() -> None:
    assert len(SCENARIOS) >= 72


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_holds(path: Path) -> None:
    result = run_script(read_script(str(path)), create_app)
    assert result.held, as_text([result])
