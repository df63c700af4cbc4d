"""Tasks: things a person or a role has to do by a day."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model


class TaskKind(StrEnum):
    """What has to be done."""

    FOLLOW_UP_ABSENCE = "follow_up_absence"
    SUBMIT_REGISTER = "submit_register"
    CALL_PARTICIPANT = "call_participant"
    PARTNER_CONTACT = "partner_contact"
    SIGN_OFF = "sign_off"
    RECONSENT = "reconsent"
    REVIEW_MONITORING = "review_monitoring"
    BOOK_CATCH_UP = "book_catch_up"
    FIRST_CONTACT = "first_contact"
    CHECK_NUMBER = "check_number"
    STAFFING = "staffing"
    DECIDE_HOLD = "decide_hold"
    OFFER_PLACE = "offer_place"
    CHECK_STAFF_ADDRESS = "check_staff_address"
    SETTLE_TEXT = "settle_text"
    SENDING_FAULT = "sending_fault"
    PARTNER_ASSESSMENT = "partner_assessment"


class Task(Model):
    """One thing to do. ``to_role`` may also be ``lead``; ``staff_id`` empty means the whole role."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_open", "to_role", "staff_id", "done_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    to_role: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(index=True)
    enrolment_id: Mapped[int | None] = mapped_column(index=True)
    session_id: Mapped[int | None] = mapped_column(index=True)
    participant_id: Mapped[int | None]
    #: The member of staff it is about.
    about_staff_id: Mapped[int | None] = mapped_column(index=True)
    why: Mapped[str]
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None]
    done_how: Mapped[str | None]
