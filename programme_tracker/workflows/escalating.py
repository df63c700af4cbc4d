"""From red flags to notices: victim safety at once, enforcement when its time comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from programme_tracker.alerts.services import tell
from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import mark_of
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.engagement.models import FlagFinding
from programme_tracker.engagement.queries import open_flags
from programme_tracker.engagement.rules import Level
from programme_tracker.escalation.models import Case, Notice
from programme_tracker.escalation.queries import has_standing_finding, unreleased, was_corrected
from programme_tracker.escalation.rules import (
    Addressee,
    CaseFacts,
    acknowledge_by,
    cannot_wait,
    each_once,
    notice_kind,
    told_on_release,
)
from programme_tracker.escalation.services import (
    NoticeDetails,
    cancel_notice,
    change_facts,
    close_case,
    ensure_case,
    notices_reporting,
    open_case,
    plan_notice,
    release,
)
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows.recipients import today_for, victim_safety_for
from programme_tracker.workflows.reminder_record import reminders_before

CALENDAR = WorkingCalendar()


def report(enrolment: Enrolment, found: Sequence[FlagFinding], *, now: datetime) -> Case:
    """Tell victim safety of new red findings now, and plan who is told next (product.md §8).

    Findings of one transaction share one notice per recipient. Everybody after victim safety is
    told on its decision, or by itself at 17:00 on the next working day.
    """
    case = ensure_case(enrolment.id, now=now)
    details = _details(enrolment, case, found)
    first = plan_notice(details, victim_safety_for(enrolment, now), release_at=None, now=now)
    release_notice(first, now=now)
    deadline = CALENDAR.end_of_next_working_day(now)
    for addressee in told_on_release(case_facts(enrolment)):
        plan_notice(details, addressee, release_at=deadline, deadline_at=deadline, now=now)
    return case


def _details(enrolment: Enrolment, case: Case, found: Sequence[FlagFinding]) -> NoticeDetails:
    sessions = [finding.session_id for finding in found if finding.session_id is not None]
    mark = mark_of(sessions[-1], enrolment.id) if sessions else None
    facts = person_facts(enrolment) | (mark_facts(mark) if mark else {})
    facts["explanations"] = [finding.explanation for finding in found]
    return NoticeDetails(
        kind=notice_kind({finding.flag.rule for finding in found}),
        enrolment_id=enrolment.id,
        facts=facts,
        case_id=case.id,
        session_id=sessions[-1] if sessions else None,
        finding_ids=tuple(finding.id for finding in found),
    )


def case_facts(enrolment: Enrolment) -> CaseFacts:
    """Return who stands around an enrolment, as the rules of order read it."""
    person = enrolment.participant
    return CaseFacts(
        is_mandated=enrolment.is_mandated,
        risk=person.risk,
        is_priority=person.is_priority,
        officer_id=enrolment.officer_id,
        lead_id=enrolment.lead_id,
        referrer_id=enrolment.referrer_id,
    )


def person_facts(enrolment: Enrolment) -> dict[str, Any]:
    """Return the facts about the person that some recipient may be told."""
    return {
        "name": enrolment.participant.name,
        "programme": enrolment.programme.name,
        "risk": enrolment.participant.risk,
        "caution_reference": enrolment.caution_reference,
    }


def session_facts(session: Session) -> dict[str, Any]:
    """Return when a session is and what it is called, for those who may know."""
    label = f"workshop {session.part}" if session.part else f"session {session.number or ''}".strip()
    return {"session_on": local_date(session.starts_at).isoformat(), "session_label": label}


def mark_facts(mark: Mark) -> dict[str, Any]:
    """Return the facts about one missed session that some recipient may be told."""
    kind = OUTCOMES[Outcome(mark.outcome)]
    refused = mark.outcome in {Outcome.REFUSED_LATE, Outcome.SENT_HOME}
    attendance = "refused" if refused else "attended" if kind.attended else "not attended"
    return session_facts(mark.session) | {
        "outcome": mark.outcome,
        "attendance": attendance,
        "reason_offered": mark.reason,
        "reminders": reminders_before(mark.session_id, mark.enrolment_id),
    }


def release_notice(
    notice: Notice,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
    about: str | None = None,
    out_of_order: bool = False,
) -> None:
    """Release a notice to whoever answers for its addressee today, and start its clock."""
    staff_id = today_for(Addressee(notice.to_role, notice.staff_id), now)
    risk = notice.enrolment.participant.risk if notice.enrolment else "medium"
    chase_at = None
    if notice.must_acknowledge:
        chase_at = acknowledge_by(notice.to_role, now, risk, policy_at(now).general, CALENDAR)
    release(
        notice,
        staff_id=staff_id,
        chase_at=chase_at,
        now=now,
        actor=actor,
        about=about,
        out_of_order=out_of_order,
    )
    urgent = cannot_wait(notice.kind, notice.to_role)
    tell(notice.to_role, staff_id, f"notice:{notice.id}", urgent=urgent, now=now, actor=actor)


def inform(
    details: NoticeDetails,
    addressees: Sequence[Addressee],
    *,
    now: datetime,
    actor: Actor = SYSTEM,
    about: str | None = None,
    out_of_order: bool = False,
) -> list[Notice]:
    """Tell several people now, victim safety first, each person once."""
    told = []
    for addressee in each_once(addressees):
        notice = plan_notice(details, addressee, release_at=None, now=now)
        release_notice(notice, now=now, actor=actor, about=about, out_of_order=out_of_order)
        told.append(notice)
    return told


def undo_notices(finding_ids: Sequence[int], *, actor: Actor, now: datetime) -> list[Notice]:
    """Take back what was told of findings recorded in error (product.md §6).

    A notice not yet released is cancelled; a released one is followed by a correction to the
    same person, victim safety first. A notice that still reports a finding which stands is left,
    and nothing is corrected twice. Returns the released notices that were corrected.
    """
    corrected = []
    for notice in notices_without_ground(finding_ids):
        if cancel_notice(notice, actor=actor, now=now):
            continue
        if notice.released_at is None or was_corrected(notice.id):
            continue
        notice.chase_at = None
        _correct(notice, actor=actor, now=now)
        corrected.append(notice)
    return corrected


def close_groundless_case(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Close the open case of an enrolment on which no red flag stands any more.

    It stays open while a mandated miss that somebody cleared is still on its way to police.
    """
    case = open_case(enrolment.id)
    red = [flag for flag in open_flags(enrolment.id) if flag.level == Level.RED]
    if case is None or red:
        return
    waiting = unreleased(case.id)
    due = [notice for notice in waiting if enrolment.is_mandated and has_standing_finding(notice.id)]
    for notice in waiting:
        if notice not in due:
            cancel_notice(notice, actor=actor, now=now)
    if not due:
        close_case(case, "no red flag stands", actor=actor, now=now)


def bring_up_to_date(mark: Mark, *, actor: Actor, now: datetime) -> None:
    """Give the notices about a corrected mark that have not gone what it says now."""
    case = open_case(mark.enrolment_id)
    for notice in unreleased(case.id) if case else []:
        if notice.session_id == mark.session_id:
            change_facts(notice, mark_facts(mark), actor=actor, now=now)


def notices_without_ground(finding_ids: Sequence[int]) -> list[Notice]:
    """Return the notices of these findings that no standing finding supports any more."""
    return [notice for notice in notices_reporting(finding_ids) if not has_standing_finding(notice.id)]


def _correct(notice: Notice, *, actor: Actor, now: datetime) -> None:
    facts = dict(notice.facts)
    if notice.session_id is not None and notice.enrolment_id is not None:
        mark = mark_of(notice.session_id, notice.enrolment_id)
        facts |= mark_facts(mark) if mark else {}
    facts["explanations"] = ["What was reported here was recorded in error and no longer stands."]
    details = NoticeDetails(
        kind="correction",
        enrolment_id=notice.enrolment_id,
        facts=facts,
        case_id=notice.case_id,
        session_id=notice.session_id,
        about_id=notice.id,
    )
    follow_up = plan_notice(details, Addressee(notice.to_role, notice.staff_id), release_at=None, now=now)
    release_notice(follow_up, now=now, actor=actor, about=notice.kind)
