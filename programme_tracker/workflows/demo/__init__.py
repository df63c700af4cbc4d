"""Invented data to try the product with: its staff, and people in every state, made by the workflows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.audit import services as audit
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.templates.services import seed_templates
from programme_tracker.people.models import Participant
from programme_tracker.programmes.services import seed_programmes
from programme_tracker.workflows.demo.cara import tell_cara
from programme_tracker.workflows.demo.days import STORY, demo_days
from programme_tracker.workflows.demo.others import tell_others
from programme_tracker.workflows.demo.radar import tell_radar
from programme_tracker.workflows.demo.staff import PASSWORD, DemoSignIn, demo_sign_ins, give_addresses, hire
from programme_tracker.workflows.demo.stage import MoveOn, Script, Stage

__all__ = [
    "PASSWORD",
    "DemoSignIn",
    "MoveOn",
    "demo_sign_ins",
    "is_empty",
    "is_half_loaded",
    "load_demo",
    "load_if_empty",
]

_BEGUN, _ENDED = "demo.load_begun", "demo.load_ended"


def is_empty() -> bool:
    """Tell whether nobody is in the database, neither staff nor participants."""
    return not any(db.session.scalar(select(model.id).limit(1)) for model in (Staff, Participant))


def is_half_loaded() -> bool:
    """Tell whether a load of the invented data was broken off: it began, and never came to its end."""
    begun, ended = (
        db.session.scalar(select(AuditEntry.sequence).where(AuditEntry.event == event).limit(1))
        for event in (_BEGUN, _ENDED)
    )
    return begun is not None and ended is None


def load_if_empty(*, now: datetime, move_on: MoveOn) -> bool:
    """Load the invented data into an empty database; return whether it was done."""
    if not is_empty():
        return False
    load_demo(now, move_on=move_on)
    return True


def load_demo(now: datetime, *, move_on: MoveOn) -> None:
    """Tell the invented people's stories of the last ten weeks, ending at ``now``.

    ``move_on`` moves a clock and does the due work on the way, so that reminders, notices and
    flags are those the application makes by itself.
    """
    starts_at = now - STORY
    _note(_BEGUN, starts_at)
    seed_programmes(now=starts_at)
    seed_templates(now=starts_at)
    days = demo_days(now)
    stage = Stage(hire(starts_at), SettableClock(starts_at))
    script = Script()
    tell_cara(script, stage, days)
    tell_radar(script, stage, days)
    tell_others(script, stage, days)
    with _without_waiting_for_the_disk():
        script.play(stage, now, move_on)
        give_addresses(now)
        _note(_ENDED, now)


def _note(event: str, at: datetime) -> None:
    """Note in the audit trail how far the load is, so that one broken off is told from a whole one."""
    with transaction():
        audit.record(event, actor=SYSTEM, at=at)


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Let SQLite's hundreds of small commits go on without waiting: invented data can be loaded again."""
    _ask_sqlite("PRAGMA synchronous=OFF")
    try:
        yield
    finally:
        _ask_sqlite("PRAGMA synchronous=FULL")


def _ask_sqlite(pragma: str) -> None:
    """Set up the pool's one connection, outside any transaction, where the pragma would do nothing."""
    if db.engine.dialect.name != "sqlite":
        return
    db.session.close()
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute(pragma)
    finally:
        connection.close()
