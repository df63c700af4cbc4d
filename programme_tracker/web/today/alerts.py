"""What tells of harm: notices to acknowledge, cases to decide, holds and corrections to sign."""

from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.escalation.models import Case, CaseDecision, Notice, NoticeKind
from programme_tracker.escalation.queries import answerable_by, pending_hold, released_to, to_acknowledge
from programme_tracker.escalation.queries import holds_to_sign as holds_to_sign_at
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.web.notices.wording import title_of, why_of
from programme_tracker.web.presentation import day_words
from programme_tracker.web.today.lines import Harm, Line, Section, address, harm_of, section
from programme_tracker.workflows.visibility import may_see_enrolment

#: Notices that ask nothing; more stand in the inbox.
TO_READ = 5


def to_answer(actor: Actor, _now: datetime) -> Section:
    """List the notices that wait for this person's acknowledgement."""
    return section(
        "To acknowledge",
        [
            Line(
                title=title_of(notice),
                why=why_of(notice),
                deadline=notice.acknowledge_by,
                url=address("notices.show", notice_id=notice.id),
                action="Read notice",
                chips=("risk_high",) if notice.facts.get("risk") == "high" else (),
                harm=harm_of(notice),
            )
            for notice in to_acknowledge(actor)
        ],
    )


def to_read(actor: Actor, _now: datetime) -> Section:
    """List the newest notices that ask nothing and were not opened yet.

    A chase is left out: what it chases stands under "To acknowledge" or "Overdue" already.
    """
    unread = [
        notice
        for notice in released_to(actor)
        if not notice.must_acknowledge and notice.opened_at is None and notice.kind != NoticeKind.CHASE
    ]
    lines = [
        Line(
            title=title_of(notice),
            why=why_of(notice),
            url=address("notices.show", notice_id=notice.id),
            action="Read notice",
        )
        for notice in unread[:TO_READ]
    ]
    return Section("To read", lines, needs_me=False)


def to_decide(actor: Actor, _now: datetime) -> Section:
    """List this worker's open cases of which somebody else is still to be told."""
    release_at = (
        select(func.min(Notice.release_at))
        .where(Notice.case_id == Case.id, Notice.released_at.is_(None), Notice.cancelled_at.is_(None))
        .scalar_subquery()
    )
    told = exists().where(Notice.case_id == Case.id, Notice.released_at.is_not(None), answerable_by(actor))
    asked = exists().where(CaseDecision.case_id == Case.id, pending_hold())
    found = (
        select(Case, release_at, asked)
        .join(Case.enrolment)
        .where(
            Case.closed_at.is_(None),
            release_at.is_not(None),
            may_see_enrolment(actor),
            or_(Enrolment.worker_id == actor.staff_id, Enrolment.worker_id.is_(None), told),
        )
        .options(joinedload(Case.enrolment).joinedload(Enrolment.participant))
    )
    rows = db.session.execute(found).all()
    return section("To decide", [_case_line(case, at, bool(waits)) for case, at, waits in rows])


def _case_line(case: Case, release_at: datetime | None, hold_asked: bool) -> Line:
    enrolment = case.enrolment
    is_high = enrolment.participant.risk == "high"
    others = "Police are" if enrolment.is_mandated else "Others are"
    if case.hold_until is not None:
        why = "On hold. At the review time it goes on without a new decision."
    elif hold_asked:
        why = f"A hold waits for a manager’s signature. Until then every deadline stands: {others.lower()}"
        why += " told by then."
    else:
        why = f"Proceed, proceed with a plan, or hold. {others} told by then without a decision."
    return Line(
        title=enrolment.participant.name,
        why=why,
        deadline=release_at,
        url=address("cases.show", case_id=case.id),
        action="See case" if hold_asked or case.hold_until else "Decide",
        chips=(("held",) if case.hold_until else ()) + (("risk_high",) if is_high else ()),
        harm=Harm.HIGH if is_high else Harm.USUAL,
    )


def holds_to_sign(actor: Actor, now: datetime) -> Section:
    """List the holds that wait for a manager's signature."""
    return section(
        "Holds to sign",
        [
            Line(
                title=entry.case.enrolment.participant.name,
                why="Victim safety asks to hold the notice. Nothing is held before you sign.",
                deadline=entry.hold_until,
                url=address("cases.show", case_id=entry.case_id),
                action="Sign or decline",
            )
            for entry in holds_to_sign_at(now)
        ],
    )


def corrections_to_approve(actor: Actor, now: datetime) -> Section:
    """List the corrections that wait for a second person; never one's own."""
    found = (
        select(CorrectionRequest)
        .where(CorrectionRequest.decided_at.is_(None), CorrectionRequest.requested_by != actor.staff_id)
        .order_by(CorrectionRequest.requested_at)
        .options(
            joinedload(CorrectionRequest.mark).joinedload(Mark.enrolment).joinedload(Enrolment.participant),
            joinedload(CorrectionRequest.mark).joinedload(Mark.session),
        )
    )
    return section(
        "Corrections to approve",
        [_correction_line(request, now) for request in db.session.scalars(found)],
    )


def _correction_line(request: CorrectionRequest, now: datetime) -> Line:
    day = day_words(request.mark.session.starts_at, local_date(now))
    return Line(
        title=f"{request.mark.enrolment.participant.name}, {day}",
        why="A facilitator says that the mark was wrong. Somebody outside was told of it already.",
        url=address("corrections.decide", request_id=request.id),
        action="Look at correction",
    )
