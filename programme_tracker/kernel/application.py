"""What the running application carries for every room: its settings."""

from typing import cast

from flask import Flask, current_app

from programme_tracker.config import Settings

_SETTINGS = "programme_tracker.settings"


def set_settings(app: Flask, settings: Settings) -> None:
    """Give the application its settings."""
    app.extensions[_SETTINGS] = settings


def current_settings() -> Settings:
    """Return the current application's settings."""
    return cast(Settings, current_app.extensions[_SETTINGS])
