"""Partner records: encrypted, in this room alone.

A column marked ``SEALED`` holds ciphertext bound to its table, row and column.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model
from programme_tracker.kernel.encryption import SEALED


class Partner(Model):
    """A participant's partner or former partner, as last known. Every fact is sealed.

    ``number_index`` and ``identity_index`` are keyed digests: equal facts meet, nothing else shows.
    """

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    name_sealed: Mapped[str] = mapped_column(info=SEALED)
    number_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    number_index: Mapped[str | None] = mapped_column(index=True)
    safe_times_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    message_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    relationship_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    address_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    born_on_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    identity_index: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as written


class PartnerEntry(Model):
    """One thing written in a partner's file; rows are only added.

    ``kind`` is an EntryKind. ``corrects_id`` names the entry that this one puts right. ``point``
    is the IMPACT time point of answers. Everything that was said stands in ``content_sealed``.
    """

    __tablename__ = "partner_entries"
    __table_args__ = (Index("ix_partner_entries_file", "partner_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    kind: Mapped[str]
    point: Mapped[str | None]
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id"))
    content_sealed: Mapped[str] = mapped_column(info=SEALED)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("partner_entries.id"), unique=True)


class SafetyWord(Model):
    """What a colleague told victim safety that may raise the risk: a new partner, contact with a child.

    ``what`` is a code; the colleague's words may speak of a partner, so they are sealed. Victim safety
    alone reads them.
    """

    __tablename__ = "safety_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    what: Mapped[str]
    words_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    said_at: Mapped[datetime]
    said_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class PartnerView(Model):
    """Leave to look into one partner's file for a while of one sign-in, and why it was asked.

    ``reason`` is a ViewReason; words that somebody typed are sealed beside it.
    """

    __tablename__ = "partner_views"
    __table_args__ = (Index("ix_partner_views_open", "partner_id", "staff_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    sign_in_id: Mapped[int | None]
    reason: Mapped[str]
    words_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    viewed_at: Mapped[datetime]
    ends_at: Mapped[datetime]
