"""Small settings that live in the database because every process must see them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model, db


class StoredSetting(Model):
    """One named value, shared by all processes."""

    __tablename__ = "stored_settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[datetime]


def read_setting(key: str, default: str = "") -> str:
    """Return the value stored under ``key``, or ``default``."""
    row = db.session.get(StoredSetting, key)
    return default if row is None else row.value


def write_setting(key: str, value: str, *, now: datetime) -> None:
    """Store ``value`` under ``key``; the caller holds the transaction."""
    row = db.session.get(StoredSetting, key)
    if row is None:
        db.session.add(StoredSetting(key=key, value=value, changed_at=now))
    else:
        row.value, row.changed_at = value, now
