"""What the pages of corrections show: marks through time, what waits, and who was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.attendance.queries import corrections_asked, history_of, waiting_corrections
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Notice, NoticeKind
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.web.registers.receipt import remarks_of, staff_names
from programme_tracker.web.sessions.wording import session_heading

_ABOUT_A_MARK = tuple(
    kind.value
    for kind in (
        NoticeKind.NON_ENGAGEMENT,
        NoticeKind.BREACH,
        NoticeKind.CANNOT_COMPLETE,
        NoticeKind.CORRECTION,
        NoticeKind.CHASE,
    )
)


@dataclass(frozen=True)
class PastMark:
    """One thing that was ever marked, or asked for, of one person at one session."""

    outcome: str
    at: datetime
    by: str
    remarks: tuple[str, ...]
    why: str | None
    approved_by: str | None
    state: str


@dataclass(frozen=True)
class AskedCorrection:
    """A correction that waits: what was marked, what is asked for, by whom."""

    request_id: int
    enrolment_id: int
    session_id: int
    name: str
    session: str
    marked: str
    wanted: str
    remarks: tuple[str, ...]
    why: str
    asked_by: str
    asked_at: datetime
    is_own: bool
    is_overtaken: bool


@dataclass(frozen=True)
class Told:
    """One notice that has gone out because of a mark."""

    role: str
    name: str | None
    kind: str
    at: datetime
    must_acknowledge: bool
    acknowledged_at: datetime | None


def history_of_marks(session_id: int, enrolment_id: int) -> list[PastMark]:
    """Return every mark and every correction kept or refused, the newest first."""
    marks = history_of(session_id, enrolment_id)
    requests = [ask for ask in corrections_asked(session_id, enrolment_id) if not ask.was_approved]
    people: list[int | None] = [ask.requested_by for ask in requests]
    for mark in marks:
        people += [mark.recorded_by, mark.approved_by]
    names = staff_names([*people, *(ask.decided_by for ask in requests)])
    past = [_past_mark(mark, names) for mark in marks] + [_past_request(ask, names) for ask in requests]
    return sorted(past, key=lambda one: (one.at, one.state == "waiting"), reverse=True)


def _past_mark(mark: Mark, names: dict[int, str]) -> PastMark:
    return PastMark(
        outcome=mark.outcome,
        at=mark.recorded_at,
        by=names.get(mark.recorded_by or 0, "the system"),
        remarks=remarks_of(mark),
        why=mark.why,
        approved_by=names.get(mark.approved_by or 0),
        state="stands" if mark.is_current else "corrected",
    )


def _past_request(ask: CorrectionRequest, names: dict[int, str]) -> PastMark:
    return PastMark(
        outcome=ask.outcome,
        at=ask.requested_at,
        by=names.get(ask.requested_by, "the system"),
        remarks=tuple(text for text in (ask.evidence, ask.note) if text),
        why=ask.why,
        approved_by=names.get(ask.decided_by or 0),
        state="waiting" if ask.decided_at is None else "refused",
    )


def waiting_list(actor: Actor, now: datetime) -> list[AskedCorrection]:
    """Return the corrections that wait for a second person, the longest waiting first."""
    waiting = waiting_corrections()
    names = staff_names([ask.requested_by for ask in waiting])
    return [_asked(ask, names, actor, session_heading(ask.mark.session, now)) for ask in waiting]


def asked_correction(request_id: int, actor: Actor, now: datetime) -> AskedCorrection | None:
    """Return one correction that still waits; None alike when it was decided or never was."""
    ask = db.session.get(CorrectionRequest, request_id)
    if ask is None or ask.decided_at is not None:
        return None
    names = staff_names([ask.requested_by])
    return _asked(ask, names, actor, session_heading(ask.mark.session, now))


def _asked(ask: CorrectionRequest, names: dict[int, str], actor: Actor, session: str) -> AskedCorrection:
    mark = ask.mark
    wanted = MarkDetails(Outcome(ask.outcome), ask.reason, ask.evidence, ask.note)
    return AskedCorrection(
        request_id=ask.id,
        enrolment_id=mark.enrolment_id,
        session_id=mark.session_id,
        name=mark.enrolment.participant.name,
        session=session,
        marked=mark.outcome,
        wanted=wanted.outcome.value,
        remarks=remarks_of(wanted),
        why=ask.why,
        asked_by=names.get(ask.requested_by, "somebody"),
        asked_at=ask.requested_at,
        is_own=ask.requested_by == actor.staff_id,
        is_overtaken=not mark.is_current,
    )


def told_of(session_id: int, enrolment_id: int) -> Sequence[Told]:
    """Return who was told because of one person's mark, in the order in which they were."""
    found = (
        select(Notice)
        .where(
            Notice.session_id == session_id,
            Notice.enrolment_id == enrolment_id,
            Notice.released_at.is_not(None),
            Notice.kind.in_(_ABOUT_A_MARK),
        )
        .order_by(Notice.released_at, Notice.id)
        .options(joinedload(Notice.staff))
    )
    return [_told(notice) for notice in db.session.scalars(found)]


def _told(notice: Notice) -> Told:
    assert notice.released_at is not None
    return Told(
        role=notice.to_role,
        name=notice.staff.name if notice.staff else None,
        kind=notice.kind,
        at=notice.released_at,
        must_acknowledge=notice.must_acknowledge,
        acknowledged_at=notice.acknowledged_at,
    )


def roles_in_words(told: Sequence[Told]) -> str:
    """Name those told, each once: "victim safety, then police and the lead"."""
    words = {"police": "the officer", "lead": "the lead", "referrer": "the referrer"}
    others = dict.fromkeys(
        words.get(one.role, one.role.replace("_", " "))
        for one in told
        # A chase is about a notice, not about the mark: nothing in it is corrected.
        if one.role != "victim_safety" and one.kind != NoticeKind.CHASE
    )
    if not others:
        return "victim safety"
    *most, last = others
    return f"victim safety, then {', '.join(most)} and {last}" if most else f"victim safety, then {last}"
