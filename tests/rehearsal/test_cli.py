"""The command line a person types, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

SCENARIO = Path(__file__).parent / "scenarios" / "01-cara-second-workshop-missed.yaml"
CALL = "from programme_tracker.cli import main; main()"


def rehearse(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", CALL, "rehearse", *arguments]
    return subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)


def test_rehearse_prints_json_alone_and_ends_with_0() -> None:
    done = rehearse(str(SCENARIO), "--json")
    assert done.returncode == 0, done.stderr
    [result] = json.loads(done.stdout)
    assert result["held"] and result["failures"] == [] and result["effects"]


def test_rehearse_ends_with_2_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = rehearse(str(tmp_path / "none.yaml"))
    assert done.returncode == 2
    assert "none.yaml" in done.stderr
