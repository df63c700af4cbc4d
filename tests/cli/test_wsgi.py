"""``wsgi.py`` serves under any WSGI server, and refuses in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def load(folder: Path, code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Import ``wsgi`` in a process of its own that knows no settings but these."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PT_")}
    return subprocess.run(
        [sys.executable, "-c", f"import wsgi; {code}"],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
    )


def test_wsgi_in_demo_mode_offers_the_application(tmp_path: Path) -> None:
    outcome = load(tmp_path, "print(type(wsgi.app).__name__)", PT_DEMO="1")
    assert (outcome.returncode, outcome.stdout) == (0, "Flask\n"), outcome.stderr


def test_wsgi_without_a_secret_refuses_in_one_sentence(tmp_path: Path) -> None:
    outcome = load(tmp_path, "")
    assert outcome.returncode == 4
    assert outcome.stderr.startswith("PT_SECRET_KEY is not set")
    assert outcome.stderr.count("\n") == 1
