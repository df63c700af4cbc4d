"""Signs of life of the workers."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from programme_tracker.jobs.models import WorkerBeat
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction

#: How often a worker gives a sign, and from when on one that gives none counts as gone.
EVERY = timedelta(seconds=30)
GONE_AFTER = timedelta(minutes=2)

_FORGOTTEN_AFTER = timedelta(days=1)


def beat(worker: str, *, at: datetime) -> None:
    """Note that a worker runs; ``at`` is by the machine's clock."""
    with transaction():
        row = db.session.get(WorkerBeat, worker)
        if row is None:
            db.session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < at - _FORGOTTEN_AFTER))
            row = WorkerBeat(worker=worker, started_at=at)
            db.session.add(row)
        row.beat_at = at


def last_beat() -> datetime | None:
    """Return when a worker last gave a sign of life, None when none ever did."""
    return db.session.scalar(select(func.max(WorkerBeat.beat_at)))
