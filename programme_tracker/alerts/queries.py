"""Reading who is alerted and how."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from programme_tracker.accounts.models import Staff
from programme_tracker.alerts.models import StaffAlerts
from programme_tracker.alerts.rules import Reach, Wishes, role_of
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.numbers import normalise
from programme_tracker.messaging.rules import Channel


def choices_of(staff_id: int) -> StaffAlerts | None:
    """Return somebody's choices, None when they never chose and nothing failed."""
    return db.session.get(StaffAlerts, staff_id)


def wishes_of(staff_id: int) -> Wishes:
    """Return how somebody wants to be alerted."""
    row = choices_of(staff_id)
    return row.wishes if row else Wishes()


def addressed(to_role: str, staff_id: int | None) -> Sequence[tuple[Staff, StaffAlerts | None]]:
    """Return who is meant, with their choices: the one named, or everybody active of the role."""
    found = select(Staff, StaffAlerts).outerjoin(StaffAlerts, StaffAlerts.staff_id == Staff.id)
    if staff_id is not None:
        found = found.where(Staff.id == staff_id)
    else:
        role = role_of(to_role)
        found = found.where(or_(Staff.role == role, Staff.also_role == role))
    rows = db.session.execute(found.where(Staff.is_active).order_by(Staff.id))
    return [(person, choices) for person, choices in rows]


def mail_is_carried() -> bool:
    """Tell whether this installation sends mail, or shows it on a page."""
    settings = current_settings()
    return settings.demo or settings.mail is not None


def address_of(staff: Staff, channel: Channel) -> str:
    """Return where somebody is reached by a channel, empty when they are not."""
    if channel is Channel.EMAIL:
        return staff.email if staff.email and mail_is_carried() else ""
    if not staff.mobile:
        return ""
    number = normalise(staff.mobile, allow_drama=current_settings().demo)
    return number.e164 if number.is_textable else ""


def reach_of(staff: Staff, choices: StaffAlerts | None) -> Reach:
    """Return what somebody can be reached by, and what of it fails."""
    there = frozenset(channel for channel in Channel if address_of(staff, channel))
    failing = set()
    if choices is not None and choices.email_failed_at is not None:
        failing.add(Channel.EMAIL)
    if choices is not None and choices.mobile_failed_at is not None:
        failing.add(Channel.SMS)
    return Reach(there, frozenset(failing) & there)
