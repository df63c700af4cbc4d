"""A caseworker's request in a process of its own, for two people after one place."""

from datetime import datetime
from pathlib import Path
from typing import Any

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.workflows.groups import join_group
from tests.processes import PATIENCE_SECONDS, write_line
from tests.ready import open_app


def join(
    url: str, folder: Path, now: datetime, group_id: int, enrolment_id: int, actor: Actor, *, start: Any
) -> None:
    """Enrol one person as soon as everybody is ready, and note the answer given."""
    with open_app(url, folder, SettableClock(now)):
        start.wait(PATIENCE_SECONDS)
        try:
            join_group(enrolment_id, group_id, actor=actor, now=now)
            write_line(folder / "answers", "enrolled")
        except RefusedError as refused:
            write_line(folder / "answers", refused.code.value)
