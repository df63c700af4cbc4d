"""Imports go down only, and rules stay pure even through what they import."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT, modules

IMPURE = ("alembic", "apscheduler", "flask", "sqlalchemy", "twilio", "werkzeug", "wtforms")

#: Imports each module in a process that starts clean of the impure ones, and prints what came along.
PROBE = """
import importlib, sys
impure = set(sys.argv[1].split(","))
for name in sys.argv[2:]:
    before = set(sys.modules)
    importlib.import_module(name)
    for loaded in sorted((set(sys.modules) - before) & impure):
        print(f"{name} loads {loaded}")
    for loaded in [each for each in sys.modules if each.split(".")[0] in impure]:
        del sys.modules[loaded]
"""


def test_import_contracts_hold() -> None:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        "pyproject.toml",
    ]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout


def test_rules_load_no_framework() -> None:
    """The contracts do not see that importing ``a.b.rules`` runs ``a/__init__.py``; this does."""
    rules = [name for name in modules() if "rules" in name.split(".")]
    assert rules
    command = [sys.executable, "-c", PROBE, ",".join(IMPURE), *rules]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (outcome.returncode, outcome.stdout) == (0, ""), outcome.stderr


def test_settings_load_nothing_of_the_project() -> None:
    code = (
        "import sys, programme_tracker.config\n"
        "print({'.'.join(name.split('.')[:2]) for name in sys.modules if 'programme_tracker.' in name})"
    )
    outcome = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert outcome.stdout.strip() == "{'programme_tracker.config'}"
