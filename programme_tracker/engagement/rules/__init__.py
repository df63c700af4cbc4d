"""The engagement rules: outcomes and time in, findings out; pure throughout (product.md §7)."""

from programme_tracker.engagement.rules.by_outcome import absence_streak, findings
from programme_tracker.engagement.rules.by_time import next_moment, silence_counts_at, time_finding
from programme_tracker.engagement.rules.facts import Finding, Level, Risk, Rule, Sitting, Standing
from programme_tracker.engagement.rules.wording import RULE_TITLES, explain

__all__ = [
    "RULE_TITLES",
    "Finding",
    "Level",
    "Risk",
    "Rule",
    "Sitting",
    "Standing",
    "absence_streak",
    "explain",
    "findings",
    "next_moment",
    "silence_counts_at",
    "time_finding",
]
