"""Settings: read once from the environment, described once as data, then frozen.

The lowest floor: it imports nothing else of the project.
"""

from programme_tracker.config.mail import MailSettings
from programme_tracker.config.metrics import MetricsSettings
from programme_tracker.config.settings import (
    DEMO_CALLBACK_NUMBER,
    KEY_BYTES,
    SETTINGS,
    Settings,
    SmsProvider,
    demo_by_default,
    load_settings,
    new_secrets,
    settings_table,
)
from programme_tracker.config.words import PREFIX, ConfigError, Setting

__all__ = [
    "DEMO_CALLBACK_NUMBER",
    "KEY_BYTES",
    "PREFIX",
    "SETTINGS",
    "ConfigError",
    "MailSettings",
    "MetricsSettings",
    "Setting",
    "Settings",
    "SmsProvider",
    "demo_by_default",
    "load_settings",
    "new_secrets",
    "settings_table",
]
