"""Nothing ends without a named person, and nothing that waits is forgotten (promise R4)."""

from datetime import datetime

from sqlalchemy import or_, select

from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, CaseDecision, Monitoring, Notice
from programme_tracker.kernel.database import db
from programme_tracker.tasks.models import Task
from tests.machines.model import Account


def check_ends(account: Account, now: datetime) -> None:
    """See that whatever ended was ended by somebody, and that whatever waits has a next moment."""
    _ended_by_somebody()
    _waiting_moves_on(account, now)


def _ended_by_somebody() -> None:
    nameless = select(Flag.id).where(
        Flag.state.in_(("cleared", "recorded_in_error")),
        or_(Flag.ended_by.is_(None), Flag.end_reason.is_(None)),
    )
    assert not db.session.scalars(nameless).all(), "a flag ended without a name or a reason"
    closed = select(Case.id).where(
        Case.closed_at.is_not(None), or_(Case.closed_by.is_(None), Case.close_reason.is_(None))
    )
    assert not db.session.scalars(closed).all(), "a case ended without a name or a reason"
    over = select(Monitoring.id).where(Monitoring.closed_at.is_not(None), Monitoring.closed_by.is_(None))
    assert not db.session.scalars(over).all(), "monitoring ended by itself"
    answered = select(Notice.id).where(Notice.acknowledged_at.is_not(None), Notice.acknowledged_by.is_(None))
    assert not db.session.scalars(answered).all(), "a notice was answered by nobody"
    signed = select(CaseDecision.id).where(
        CaseDecision.cosigned_at.is_not(None), CaseDecision.cosigned_by.is_(None)
    )
    assert not db.session.scalars(signed).all(), "a hold was signed by nobody"


def _waiting_moves_on(account: Account, now: datetime) -> None:
    """See that each notice that waits goes by itself, or stands with a manager who is asked."""
    asked = set(
        db.session.scalars(
            select(Task.enrolment_id).where(Task.kind == "decide_hold", Task.done_at.is_(None))
        )
    )
    waiting = select(Notice).where(Notice.released_at.is_(None), Notice.cancelled_at.is_(None))
    for notice in db.session.scalars(waiting):
        if notice.release_at is not None:
            assert account.at_work(notice.release_at) >= now, f"notice {notice.id} should have gone"
        else:
            assert notice.enrolment_id in asked, f"notice {notice.id} waits and nobody is asked"
    reviewed = select(Monitoring).where(Monitoring.closed_at.is_(None))
    for one in db.session.scalars(reviewed):
        assert one.review_at is not None, f"monitoring {one.id} is never looked at again"
        assert account.at_work(one.review_at) >= now, f"the review of monitoring {one.id} was missed"
