"""Due work that failed: kept until it succeeds, so that a manager sees it."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model


class DueFailure(Model):
    """An item of due work that failed and is tried again at ``retry_at``."""

    __tablename__ = "due_failures"
    __table_args__ = (UniqueConstraint("kind", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    item_id: Mapped[int]
    attempts: Mapped[int]
    error: Mapped[str]
    first_failed_at: Mapped[datetime]
    retry_at: Mapped[datetime]


class WorkerBeat(Model):
    """A worker's sign of life. One that stopped for good is forgotten after a day."""

    __tablename__ = "worker_beats"

    worker: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime] = mapped_column(index=True)
