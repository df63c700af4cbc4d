"""The web process: gunicorn with threads around the application."""

from contextlib import ExitStack
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from programme_tracker.config import Settings


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn is published without types
    """Serves the application on the host and port of the settings until it is told to stop."""

    def __init__(self, settings: Settings, *, workers: int, threads: int) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "bind": [address_of(settings)],
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "proc_name": "programme-tracker-web",
            "loglevel": "warning",
            "timeout": 60,
            "graceful_timeout": 5,
            "keepalive": 5,
            # A control socket in the home folder would be one more door.
            "control_socket_disable": True,
        }
        self._metrics = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its options; one that its version does not know is left out."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in each worker process by itself."""
        from programme_tracker.app import create_app
        from programme_tracker.jobs.metrics import ports_for, serve_metrics

        app = create_app(self._settings)
        # For as long as the process lives; each takes the next free port after the worker's.
        ports = ports_for(app, first=1, count=self._options["workers"])
        self._metrics.enter_context(serve_metrics(app, ports=ports))
        return app


def address_of(settings: Settings) -> str:
    """Return the address to listen on, as gunicorn reads it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"
