"""Records to try addresses on: a few of every kind, in as many states as there are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select, true

from programme_tracker.accounts.models import SignInSession, Staff, StaffLeave
from programme_tracker.attendance.models import CatchUp, CorrectionRequest, Mark, RegisterSubmission
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, CaseDecision, Monitoring, Notice
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import now
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking, Group, Session, WaitingPlace
from programme_tracker.tasks.models import Task
from programme_tracker.victim_safety.models import Partner, PartnerEntry
from programme_tracker.victim_safety.queries import read_file
from programme_tracker.victim_safety.rules import EntryKind, ImpactPoint

#: What an argument of an address names, as docs/policy.md calls it.
KINDS = {
    "enrolment_id": "enrolment",
    "session_id": "session",
    "group_id": "group",
    "referral_id": "referral",
    "notice_id": "notice",
    "case_id": "case",
    "task_id": "task",
    "monitoring_id": "monitoring",
    "submission_id": "register",
    "leave_id": "leave",
    "sign_in_id": "sign-in",
    "participant_id": "participant",
    "partner_id": "partner",
}


@dataclass(frozen=True)
class Target:
    """The arguments of an address."""

    args: dict[str, Any]
    #: What a form must send before the route looks at the record.
    sent: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, int]:
        """The records that the arguments name, by kind."""
        return {KINDS[name]: value for name, value in self.args.items() if name in KINDS}


def _rows(*columns: Any, names: Sequence[str]) -> list[Target]:
    found = db.session.execute(select(*columns).order_by(*columns)).all()
    return [Target(dict(zip(names, row, strict=True))) for row in found]


def _made(names: Sequence[str], values: Iterable[Sequence[Any]]) -> list[Target]:
    return [Target(dict(zip(names, row, strict=True))) for row in values]


def _diverse(model: Any, name: str, state: Callable[[Any], object]) -> list[Target]:
    """Return the rows of a table, those of different states first."""
    seen: dict[object, int] = {}
    ranked = []
    for row in db.session.scalars(select(model).order_by(model.id)):
        rank = seen.get(state(row), 0)
        seen[state(row)] = rank + 1
        ranked.append((rank, row.id))
    return [Target({name: key}) for _, key in sorted(ranked)]


def targets() -> dict[tuple[str, ...], list[Target]]:
    """Return what each combination of arguments may be; needs a context."""
    codes = ("cara", "radar", "baseline", "linx")
    return {
        ("enrolment_id",): _diverse(
            Enrolment, "enrolment_id", lambda one: (one.programme_code, one.status, one.gate)
        ),
        ("session_id",): _sessions(),
        ("group_id",): _diverse(Group, "group_id", lambda one: one.programme_code),
        ("referral_id",): _diverse(Referral, "referral_id", lambda one: (one.programme_code, one.status)),
        ("notice_id",): _diverse(Notice, "notice_id", lambda one: (one.to_role, one.kind, one.staff_id)),
        ("case_id",): _diverse(Case, "case_id", lambda one: one.closed_at is None),
        ("task_id",): _diverse(Task, "task_id", lambda one: (one.kind, one.to_role, one.done_at is None)),
        ("monitoring_id",): _diverse(Monitoring, "monitoring_id", lambda one: one.closed_at is None),
        ("submission_id",): _rows(RegisterSubmission.id, names=("submission_id",)),
        ("request_id",): _rows(CorrectionRequest.id, names=("request_id",)),
        ("booking_id",): _diverse(Booking, "booking_id", lambda one: one.ended_at is None),
        ("leave_id",): _rows(StaffLeave.id, names=("leave_id",)),
        ("sign_in_id",): _rows(SignInSession.id, names=("sign_in_id",)),
        ("staff_id",): _rows(Staff.id, names=("staff_id",)),
        ("participant_id",): _people(),
        ("message_id",): _messages(),
        ("inbound_id",): _rows(InboundMessage.id, names=("inbound_id",))[::-1],
        ("enrolment_id", "flag_id"): _rows(Flag.enrolment_id, Flag.id, names=("enrolment_id", "flag_id")),
        ("case_id", "decision_id"): _rows(
            CaseDecision.case_id, CaseDecision.id, names=("case_id", "decision_id")
        ),
        ("enrolment_id", "session_id"): _marks(),
        ("enrolment_id", "group_id"): [*_waiting(), *_choices()],
        ("enrolment_id", "point"): _own_points(),
        ("partner_id",): _rows(Partner.id, names=("partner_id",)),
        ("participant_id", "partner_id"): _pairs(),
        ("enrolment_id", "partner_id", "point"): _points(),
        ("code",): _made(("code",), [(code,) for code in codes]),
        ("number",): _made(("number",), [(1,)]),
        ("section",): _made(
            ("section",), [(one,) for one in ("flags", "deadlines", "radar", "cara", "working")]
        ),
        ("role",): _made(("role",), [(one.value,) for one in Role]),
        ("digits",): _made(("digits",), [("447700900101",)]),
    }


def _sessions() -> list[Target]:
    """Return sessions, those first whose register can be taken now, then those of every state."""
    waits = (
        select(Session.id)
        .join(Booking, Booking.session_id == Session.id)
        .where(
            Session.submitted_at.is_(None),
            Session.cancelled_at.is_(None),
            Session.starts_at <= now(),
            Booking.ended_at.is_(None),
        )
        .distinct()
        .order_by(Session.id)
    )
    first = [Target({"session_id": one}) for one in db.session.scalars(waits)][:8]
    others = _diverse(Session, "session_id", _session_state)
    return [*first, *(one for one in others if one not in first)]


def _people() -> list[Target]:
    """Return participants, those first whose text waits for an answer."""
    waits = select(InboundMessage.participant_id).where(
        InboundMessage.participant_id.is_not(None),
        InboundMessage.waiting_since_at.is_not(None),
        InboundMessage.is_quarantined.is_(False),
    )
    first = [Target({"participant_id": one}) for one in dict.fromkeys(db.session.scalars(waits))]
    others = _rows(Participant.id, names=("participant_id",))
    return [*first, *(one for one in others if one not in first)]


def _messages() -> list[Target]:
    """Return texts, those first that wait for somebody's decision, then those that have not gone."""
    waits = select(Message.id).where(Message.state.in_((MessageState.UNKNOWN, MessageState.PLANNED)))
    found = db.session.scalars(waits.order_by(Message.needs_person_at.is_(None), Message.id.desc()))
    first = [Target({"message_id": one}) for one in found]
    others = _diverse(Message, "message_id", lambda one: (one.kind, one.state))
    return [*first[:20], *(one for one in others if one not in first[:20])]


def _session_state(session: Session) -> tuple[object, ...]:
    return (
        session.group_id is None,
        session.part,
        session.cancelled_at is None,
        session.submitted_at is None,
        session.capacity == 1,
    )


def _pairs() -> list[Target]:
    """Return participants with partners of others, those first whom a file says to be the same."""
    found = [
        tuple(row) for row in db.session.execute(select(Participant.id, Partner.id).join(Partner, true()))
    ]
    links = select(PartnerEntry).where(PartnerEntry.kind == EntryKind.LINK.value)
    linked = [
        (int(entry.content["participant_id"]), partner.id)
        for partner in partners_with(links)
        for entry in read_file(partner).of_kind(EntryKind.LINK)
    ]
    return _made(("participant_id", "partner_id"), [*linked, *found])


def partners_with(entries: Select[PartnerEntry]) -> Iterable[Partner]:
    """Return the partners in whose file such an entry stands."""
    ids = {entry.partner_id for entry in db.session.scalars(entries)}
    return db.session.scalars(select(Partner).where(Partner.id.in_(ids))).all()


def _points() -> list[Target]:
    joined = select(Enrolment.id, Partner.id).join(
        Partner, Partner.participant_id == Enrolment.participant_id
    )
    found = [tuple(row) for row in db.session.execute(joined)]
    return _made(
        ("enrolment_id", "partner_id", "point"), [(*row, point) for row in found for point in ImpactPoint]
    )


def _own_points() -> list[Target]:
    found = db.session.scalars(select(Enrolment.id).order_by(Enrolment.id))
    return _made(("enrolment_id", "point"), [(one, point) for one in found for point in ("T0", "T1")])


def _marks() -> list[Target]:
    """Return who was marked where, those first whose absence nothing has closed."""
    closed = {(one.enrolment_id, one.missed_session_id) for one in db.session.scalars(select(CatchUp))}
    under_way = set(db.session.scalars(select(Enrolment.id).where(Enrolment.ended_at.is_(None))))
    marks = list(db.session.scalars(select(Mark).where(Mark.is_current).order_by(Mark.id)))
    marks.sort(
        key=lambda one: (
            not one.outcome.startswith("absent"),
            (one.enrolment_id, one.session_id) in closed,
            one.enrolment_id not in under_way,
            -one.id,
        )
    )
    return _made(("enrolment_id", "session_id"), [(one.enrolment_id, one.session_id) for one in marks])


def _waiting() -> list[Target]:
    places = db.session.scalars(select(WaitingPlace).order_by(WaitingPlace.ended_at.is_not(None)))
    return _made(("enrolment_id", "group_id"), [(one.enrolment_id, one.group_id) for one in places])


def _choices() -> list[Target]:
    pairs = select(Enrolment.id, Group.id).join(Group, Group.programme_code == Enrolment.programme_code)
    return _made(("enrolment_id", "group_id"), [tuple(row) for row in db.session.execute(pairs)])
