"""Figures about messages for Prometheus: counts of one process, with nothing personal in a label."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

MESSAGES = Counter(
    "programme_tracker_messages",
    "Changes of messages' states, as this process wrote them.",
    ["channel", "state"],
    registry=REGISTRY,
)
BLOCKED = Counter(
    "programme_tracker_messages_blocked",
    "Messages that did not go because a condition did not hold.",
    ["reason"],
    registry=REGISTRY,
)
LATENESS = Histogram(
    "programme_tracker_message_lateness_seconds",
    "How long after the moment at which it was to go a message was handed over.",
    ["channel"],
    buckets=(1, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400),
    registry=REGISTRY,
)
