"""Partner records: encrypted, in this room alone."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model


class Partner(Model):
    """A participant's partner or ex-partner. Every fact is sealed; the number also has a blind index."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    name_sealed: Mapped[str]
    number_sealed: Mapped[str | None]
    number_index: Mapped[str | None] = mapped_column(index=True)
    safe_times_sealed: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class PartnerContact(Model):
    """One contact with a partner; what was said is sealed."""

    __tablename__ = "partner_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    note_sealed: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class PartnerView(Model):
    """Somebody opened a partner record, and why."""

    __tablename__ = "partner_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str]
    viewed_at: Mapped[datetime]
