"""The real application, served on a free port of this machine from the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from programme_tracker.accounts.models import Staff
from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.clock import SettableClock, SystemClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.messaging.providers import ConsoleProvider


@dataclass(frozen=True)
class Installation:
    """The application as people reach it, with the clock of its work."""

    app: Flask
    clock: SettableClock
    address: str

    def username_of(self, who: Actor) -> str:
        """Return the name somebody signs in with."""
        with self.app.app_context():
            return db.session.get_one(Staff, who.staff_id).username

    def move_to(self, wall: str) -> None:
        """Move the clock to a London wall time, "2026-09-12 15:10", doing what falls due on the way."""
        with self.app.app_context():
            moved = advance(self.clock, from_local(datetime.fromisoformat(wall)), ConsoleProvider())
        assert moved.is_complete


class _Silent(WSGIRequestHandler):
    """Answers without telling the terminal."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def make_application(url: str, folder: Path, clock: SettableClock) -> Flask:
    """Put the application together on a database that is there; sign-ins go by the machine's clock.

    Nothing of it is switched off: forms carry their tokens, as in service.
    """
    environ = {"PT_DEMO": "1", "PT_DATABASE_URL": url, "PT_INSTANCE_PATH": str(folder / "instance")}
    return create_app(load_settings(environ), clock, SystemClock())


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve an application until the end of the block, and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(app: Flask, clock: SettableClock) -> Iterator[Installation]:
    """Serve the product until the end of the block."""
    try:
        with listening(app) as address:
            yield Installation(app, clock, address)
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
