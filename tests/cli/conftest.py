"""A command line that starts from an empty folder and an environment without settings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from programme_tracker.cli import main
from programme_tracker.cli.web_server import WebServer

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a function that runs one command from an empty folder, with the settings it is given."""
    for name in [name for name in os.environ if name.startswith("PT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    # A refusal that fails to come must not leave the test serving pages for ever.
    monkeypatch.setattr(WebServer, "run", _must_not_start)

    def run(*arguments: str, text: str | None = None, **settings: str) -> Result:
        return CliRunner().invoke(main, arguments, input=text, env=settings, catch_exceptions=False)

    return run


def _must_not_start(server: WebServer) -> None:
    raise AssertionError("the web server started")
