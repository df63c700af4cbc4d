"""The web process: gunicorn with threads around the application."""

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
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its options; one that its version does not know is left out."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in each worker process by itself."""
        from programme_tracker.app import create_app

        return create_app(self._settings)


def address_of(settings: Settings) -> str:
    """Return the address to listen on, as gunicorn reads it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"
