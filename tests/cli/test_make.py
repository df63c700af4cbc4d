"""``make`` says in one sentence what the machine lacks, before it makes anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def refusal(checkout: Path, python: str) -> str:
    """Return what ``make run`` says with ``python``, without make's own last word."""
    outcome = subprocess.run(
        ["make", "--no-print-directory", "run", f"PYTHON={python}"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode != 0
    assert not (checkout / ".venv").exists()
    return outcome.stdout + "".join(
        line for line in outcome.stderr.splitlines() if not line.startswith("make")
    )


def python_that(checkout: Path, script: str) -> str:
    """Make an interpreter that behaves as ``script`` says."""
    path = checkout / "python-of-the-test"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return "./python-of-the-test"


def test_old_python_is_told_in_one_sentence(checkout: Path) -> None:
    told = refusal(checkout, python_that(checkout, "exit 1"))
    assert told.startswith("Programme Tracker needs Python 3.11 or newer")
    assert told.count(". ") == 0


def test_missing_python_is_told_in_one_sentence(checkout: Path) -> None:
    assert refusal(checkout, "python-nowhere").startswith("Programme Tracker needs Python 3.11 or newer")


def test_missing_venv_package_is_told_in_one_sentence(checkout: Path) -> None:
    without = 'case "$2" in *ensurepip*) exit 1;; esac'
    assert "apt-get install python3-venv" in refusal(checkout, python_that(checkout, without))
