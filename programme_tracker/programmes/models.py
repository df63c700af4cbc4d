"""Programmes and the versions of their policy, held as data."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model


class Programme(Model):
    """A programme by its code; what it does is in the policy version."""

    __tablename__ = "programmes"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class PolicyVersion(Model):
    """All thresholds of all programmes from an instant on."""

    __tablename__ = "policy_versions"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    in_force_at: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
