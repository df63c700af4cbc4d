"""Keeping track of due work that failed."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from programme_tracker.jobs.models import DueFailure
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)


def retry_after(attempts: int) -> timedelta:
    """Return how long to wait after the ``attempts``-th failure: 30 seconds, doubling to an hour."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_RETRY)


def waiting_failures(kind: str, now: datetime) -> list[int]:
    """Return the items of a kind that failed and are not to be tried yet."""
    return list(
        db.session.scalars(
            select(DueFailure.item_id).where(DueFailure.kind == kind, DueFailure.retry_at > now)
        )
    )


def failed_items() -> dict[str, dict[int, datetime]]:
    """Return by kind the items that failed, each with when it is tried again; mostly nothing."""
    failed: dict[str, dict[int, datetime]] = {}
    rows = db.session.execute(select(DueFailure.kind, DueFailure.item_id, DueFailure.retry_at))
    for kind, item_id, retry_at in rows:
        failed.setdefault(kind, {})[item_id] = retry_at
    return failed


def note_failure(kind: str, item_id: int, error: Exception, *, now: datetime) -> datetime:
    """Remember that an item failed; return when to try again. The error's text stays out of it."""
    with transaction():
        row = db.session.scalars(
            select(DueFailure).where(DueFailure.kind == kind, DueFailure.item_id == item_id)
        ).first()
        if row is None:
            row = DueFailure(kind=kind, item_id=item_id, attempts=0, error="", first_failed_at=now)
            db.session.add(row)
        row.attempts += 1
        row.error = type(error).__name__
        row.retry_at = now + retry_after(row.attempts)
        return row.retry_at


def clear_failure(kind: str, item_id: int) -> None:
    """Forget an earlier failure of an item that has now been done."""
    clear_failures(kind, [item_id])


def clear_failures(kind: str, item_ids: Collection[int]) -> None:
    """Forget earlier failures of items that are done, or no longer asked for."""
    with transaction():
        db.session.execute(
            delete(DueFailure).where(DueFailure.kind == kind, DueFailure.item_id.in_(item_ids))
        )


def failures() -> list[DueFailure]:
    """Return what fails at present, longest first, for the manager's page."""
    return list(db.session.scalars(select(DueFailure).order_by(DueFailure.first_failed_at)))
