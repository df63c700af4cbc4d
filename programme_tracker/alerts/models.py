"""How each member of staff wants to be alerted, and which of their addresses fails."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.alerts.rules import Wishes
from programme_tracker.kernel.database import Model


class StaffAlerts(Model):
    """One person's choices; without a row the defaults of ``Wishes`` hold.

    ``email_failed_at`` and ``mobile_failed_at`` say since when nothing arrives there.
    """

    __tablename__ = "staff_alerts"
    __table_args__ = (CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    urgent_by_email: Mapped[bool] = mapped_column(default=True)
    urgent_by_text: Mapped[bool] = mapped_column(default=True)
    digest_hour: Mapped[int | None] = mapped_column(default=9)
    email_failed_at: Mapped[datetime | None]
    mobile_failed_at: Mapped[datetime | None]

    @property
    def wishes(self) -> Wishes:
        """The choices as the rules read them."""
        return Wishes(self.urgent_by_email, self.urgent_by_text, self.digest_hour)
