"""What a manager, enforcement and the administrator are shown first."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.accounts.queries import all_staff
from programme_tracker.escalation.models import Monitoring, Notice
from programme_tracker.escalation.queries import overdue
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.notices.wording import kind_title, recipient_words
from programme_tracker.web.presentation import counted, day_words
from programme_tracker.web.today.lines import Line, Section, address, section
from programme_tracker.workflows.visibility import may_see_enrolment

#: Late notices shown here; all of them stand on the page of what is overdue.
MOST_LATE = 8


def late_notices(actor: Actor, now: datetime) -> Section:
    """List the notices that are late, unreleased or unacknowledged; the latest first."""
    found = overdue(now)
    lines = [_late_line(notice) for notice in found]
    made = section("Overdue", lines)
    return Section(made.title, made.lines[:MOST_LATE])


def _late_line(notice: Notice) -> Line:
    told = recipient_words(notice)
    who = notice.facts.get("name") or "Somebody"
    if notice.released_at is None:
        why, deadline = f"{told[:1].upper()}{told[1:]} should have been told.", notice.deadline_at
    else:
        why, deadline = f"{told[:1].upper()}{told[1:]} has not acknowledged it.", notice.acknowledge_by
    kind = kind_title(notice.kind)
    return Line(
        title=f"{who}: {kind[:1].lower()}{kind[1:]}",
        why=why,
        deadline=deadline,
        url=address("cases.show", case_id=notice.case_id) if notice.case_id else address("overdue.show"),
        action="See case" if notice.case_id else "See what is overdue",
    )


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
            why=f"Monitored until {day_words(monitoring.ends_on, now.date())}.",
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
            title=counted(len(active), "active account"),
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
