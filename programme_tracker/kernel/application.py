"""What the running application carries for every room: its settings and keys."""

from typing import cast

from flask import Flask, current_app

from programme_tracker.config import Settings
from programme_tracker.kernel.encryption import FieldKeys

_SETTINGS = "programme_tracker.settings"


def set_settings(app: Flask, settings: Settings) -> None:
    """Give the application its settings."""
    app.extensions[_SETTINGS] = settings


def current_settings() -> Settings:
    """Return the current application's settings."""
    return cast(Settings, current_app.extensions[_SETTINGS])


def field_keys() -> FieldKeys:
    """Return the keys that seal the current application's sensitive columns."""
    settings = current_settings()
    return FieldKeys(keys=dict(settings.field_keys), index_key=settings.blind_index_key)
