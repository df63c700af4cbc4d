"""How sessions are called on pages."""

from datetime import datetime

from flask import g

from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.scheduling.models import Session, SessionKind
from programme_tracker.web.presentation import day_words, moment_words

KIND_WORDS = {
    SessionKind.GROUP: "group session",
    SessionKind.WORKSHOP: "workshop",
    SessionKind.ONE_TO_ONE: "one-to-one",
    SessionKind.ASSESSMENT: "assessment",
    SessionKind.CATCH_UP: "catch-up",
}


def programme_titles(now: datetime) -> dict[str, str]:
    """Return every programme's title by its code, under the policy in force."""
    # A list names many sessions at one instant: the policy is looked up once.
    known: dict[datetime, dict[str, str]] = g.setdefault("programme_titles", {})
    if now not in known:
        known[now] = {code: rules.title for code, rules in policy_at(now).programmes.items()}
    return known[now]


def session_label(session: Session, now: datetime) -> str:
    """Name a session: "CARA part A", "Thursday RADAR, week 7", "Baseline one-to-one"."""
    title = programme_titles(now).get(session.programme_code, session.programme_code)
    if session.part:
        return f"{title} part {session.part}"
    if session.group is not None and session.number:
        return f"{session.group.name}, week {session.number}"
    return f"{title} {KIND_WORDS[SessionKind(session.kind)]}"


def session_heading(session: Session, now: datetime) -> str:
    """Name a session with its day: "CARA part A, Sat 12 Dec"."""
    return f"{session_label(session, now)}, {day_words(session.starts_at, local_date(now))}"


def session_moment(session: Session, now: datetime) -> str:
    """Name a session with its day and hour: "CARA part A, Sat 12 Dec, 10am"."""
    return f"{session_label(session, now)}, {moment_words(session.starts_at, now)}"
