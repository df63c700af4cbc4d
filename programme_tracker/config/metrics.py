"""Where figures about the running processes are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from programme_tracker.config.words import Setting, whole_number

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PT_METRICS_PORT",
        "off",
        "Port on which the worker answers Prometheus; the web process takes the next one",
    ),
    Setting("PT_METRICS_HOST", "`127.0.0.1`", "Address the metrics listen on; they need no sign-in"),
)


@dataclass(frozen=True)
class MetricsSettings:
    """The address of the metrics; ``port`` 0 means none."""

    port: int = 0
    host: str = "127.0.0.1"


def read_metrics(environ: Mapping[str, str]) -> MetricsSettings:
    """Read where metrics are to be had. Raises ConfigError."""
    port = environ.get("PT_METRICS_PORT") or "0"
    number = whole_number("PT_METRICS_PORT", port, least=0, most=65534)
    return MetricsSettings(number, environ.get("PT_METRICS_HOST") or "127.0.0.1")
