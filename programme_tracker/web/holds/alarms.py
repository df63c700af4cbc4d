"""What a manager must see in red wherever they start: that messages or notices do not go out."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.jobs.health import Standing, standing
from programme_tracker.kernel.clock import SystemClock
from programme_tracker.web.presentation import ago_words, moment_words
from programme_tracker.web.today.lines import address

_ASK = "Ask whoever looks after the server whether the worker runs."


@dataclass(frozen=True)
class Alarm:
    """One alarm: what is wrong, what to do, and where."""

    text: str
    follows: str
    link: tuple[str, str | None] | None = None


def alarms(now: datetime) -> list[Alarm]:
    """Return what is wrong with sending at an instant, the gravest first."""
    stands = standing(now)
    return [*_held(stands, now), *_stuck(stands, now), *_silent(stands)]


def _held(stands: Standing, now: datetime) -> list[Alarm]:
    return [
        Alarm(
            "No text or mail goes out: sending is held.",
            f"Since {moment_words(hold.since_at, now)}. {hold.reason}",
            ("Look at it and let sending go on", address("holds.show")),
        )
        for hold in stands.holds
    ]


def _stuck(stands: Standing, now: datetime) -> list[Alarm]:
    found = (
        ("Notices are not going out.", stands.stuck_notice(now)),
        ("Texts and mails are not going out.", stands.stuck_message(now)),
    )
    return [
        Alarm(text, f"The oldest has waited since {moment_words(at, now)} ({ago_words(at, now)}). {_ASK}")
        for text, at in found
        if at is not None
    ]


def _silent(stands: Standing) -> list[Alarm]:
    since = stands.silent_since()
    if since is None:
        return []
    now = SystemClock().now()
    return [
        Alarm(f"No worker has run since {moment_words(since, now)}.", f"Nothing happens by itself. {_ASK}")
    ]
