"""Who hears when a session is moved or cancelled, in the words of the button that does it."""

from datetime import datetime

from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Session
from programme_tracker.web.presentation import length_words, moment_words, time_words
from programme_tracker.workflows.texting import change_text_at


def participants_hear(starts_at: datetime, now: datetime) -> str:
    """Say when participants get the text: "at once", "in 15 minutes", "at 9am", "Mon 7 Sep, 9am"."""
    at = change_text_at(starts_at, now)
    if at <= now:
        return "at once"
    if (at - now).total_seconds() < 3600:
        return f"in {length_words(at - now)}"
    if local_date(at) == local_date(now):
        return f"at {time_words(at)}"
    return moment_words(at, now)


def tell_whom(session: Session, booked: int, now: datetime, new_start: datetime | None = None) -> str:
    """Return the end of the button's sentence; empty when nobody is booked."""
    if not booked:
        return ""
    sooner = min((at for at in (session.starts_at, new_start) if at and at > now), default=session.starts_at)
    return f" and tell victim safety now, participants {participants_hear(sooner, now)}"
