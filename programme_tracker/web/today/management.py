"""What a manager, enforcement and the administrator are shown first."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.accounts.queries import all_staff
from programme_tracker.escalation.models import Monitoring
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.overdue import late
from programme_tracker.web.presentation import counted, day_words
from programme_tracker.web.today.lines import Line, Section, address
from programme_tracker.workflows.visibility import may_see_enrolment

#: Late notices shown here; all of them stand on the page of what is overdue.
MOST_LATE = 8


def late_notices(actor: Actor, now: datetime) -> Section:
    """List the notices that are late, unreleased or unacknowledged, the gravest first."""
    return Section("Overdue", late.notices(now)[:MOST_LATE])


def ended_holds(actor: Actor, now: datetime) -> Section:
    """List the holds that have ended while somebody is still to be told."""
    return Section("Holds that ended", late.holds(now))


def late_registers(actor: Actor, now: datetime) -> Section:
    """List the registers that nobody submitted by noon of the next working day."""
    return Section("Registers overdue", late.registers(now)[:MOST_LATE])


def monitorings(actor: Actor, now: datetime) -> Section:
    """List the monitoring that runs on people this person may see, the next review first."""
    found = (
        select(Monitoring, Participant.name)
        .join(Enrolment, Enrolment.id == Monitoring.enrolment_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Monitoring.closed_at.is_(None), may_see_enrolment(actor))
        .order_by(Monitoring.review_at, Monitoring.id)
    )
    lines = [
        Line(
            title=name,
            why=f"Monitored until {day_words(monitoring.ends_on, local_date(now))}.",
            deadline=monitoring.review_at,
            url=address("cases.show", case_id=monitoring.case_id),
            action="See case",
        )
        for monitoring, name in db.session.execute(found)
    ]
    return Section("Monitoring", lines, needs_me=False)


def accounts(actor: Actor, now: datetime) -> Section:
    """Say how many accounts there are and which of them wait for something."""
    staff = all_staff()
    active = [one for one in staff if one.is_active]
    lines = [
        Line(
            title=counted(len(active), "active account").capitalize(),
            why=f"{counted(len(staff) - len(active), 'account')} disabled.".capitalize(),
            url=address("staff.index"),
            action="See accounts",
        )
    ]
    locked = [one for one in active if one.locked_until is not None and one.locked_until > now]
    lines += [
        Line(
            title=one.name,
            why="Several wrong passwords in a row: signing in waits. Ring before you reset the password.",
            url=address("staff.show", staff_id=one.id),
            action="See account",
        )
        for one in locked
    ]
    return Section("Accounts", lines, needs_me=bool(locked))
