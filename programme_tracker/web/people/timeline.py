"""Everything that happened to one enrolment, newest first, as one reader may see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import Mark
from programme_tracker.engagement.models import Contact, Flag, FlagState
from programme_tracker.engagement.rules import RULE_TITLES, Rule
from programme_tracker.escalation.models import Case, CaseDecision, Notice
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.referrals.models import Enrolment, GateDecision, PoliceDecisionEntry, StatusChange
from programme_tracker.referrals.queries import reason_given
from programme_tracker.referrals.rules import Gate
from programme_tracker.scheduling.models import Booking
from programme_tracker.web.people.views import sees_all, session_label, text_seen
from programme_tracker.web.presentation import moment_words, words
from programme_tracker.workflows.visibility import may_see_notice

CONTACT_WORDS = {
    "call": "Telephone call",
    "visit": "Visit",
    "letter": "Letter",
    "message": "Message answered",
    "other": "Contact",
}

REACHED_WORDS = {
    "spoke": "We spoke",
    "no_answer": "No answer",
    "left_message": "Left a message",
    "sent": "Sent",
}

#: Texts that have not gone, or were dropped before they went, are no event yet.
_NO_EVENT = (MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENDING, MessageState.CANCELLED)


@dataclass(frozen=True)
class Entry:
    """One line: ``chip`` is a chip's kind, ``state`` the colour of its marker."""

    at: datetime
    title: str
    detail: str = ""
    chip: str = ""
    by: str = ""
    state: str = "done"
    notice_id: int | None = None
    message_id: int | None = None


class Reader:
    """Who reads the timeline, and the names that stand behind ids."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now = actor, now
        self.works_case = sees_all(actor)
        self.is_safety = actor.has(Role.VICTIM_SAFETY)
        self._names: dict[int, str] = {
            row.id: row.name for row in db.session.execute(select(Staff.id, Staff.name))
        }

    def by(self, staff_id: int | None) -> str:
        """Return a colleague's name, or that it was the system."""
        return self._names.get(staff_id or 0, "the system")


def timeline(enrolment: Enrolment, actor: Actor, now: datetime) -> list[Entry]:
    """Return what happened, newest first.

    Caseworkers and managers see all but victim safety's reasons; victim safety sees no notes of
    registers or contacts. Notices are those this person may read.
    """
    reader = Reader(actor, now)
    sources = (_statuses, _gates, _bookings, _marks, _flags, _contacts, _decisions, _police, _notices)
    entries = [entry for source in sources for entry in source(enrolment, reader)]
    entries += [*_texts(enrolment), *_replies(enrolment, reader)]
    # Reversed first: of what happened at one moment the last comes first.
    return sorted(reversed(entries), key=lambda entry: entry.at, reverse=True)


def _statuses(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = select(StatusChange).where(StatusChange.enrolment_id == enrolment.id).order_by(StatusChange.id)
    for row in db.session.scalars(rows):
        title = "Enrolment began" if row.from_status is None else "Enrolment changed"
        reason = row.reason or "" if reader.works_case else ""
        yield Entry(row.changed_at, title, reason, row.to_status, reader.by(row.changed_by), "next")


def _gates(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = select(GateDecision).where(GateDecision.enrolment_id == enrolment.id).order_by(GateDecision.id)
    for row in db.session.scalars(rows):
        if row.decision == Gate.PENDING:
            continue
        shown = reader.is_safety or row.decision == Gate.NOT_APPLICABLE
        reason = reason_given(row) or "" if shown else ""
        state = "done" if row.decision in {Gate.GRANTED, Gate.NOT_APPLICABLE} else "held"
        chip = f"gate_{row.decision}"
        yield Entry(row.decided_at, "Sign-off decided", reason, chip, reader.by(row.decided_by), state)


def _bookings(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = (
        select(Booking)
        .where(Booking.enrolment_id == enrolment.id)
        .options(joinedload(Booking.session))
        .order_by(Booking.id)
    )
    for row in db.session.scalars(rows):
        about = f"{session_label(row.session)}, {moment_words(row.session.starts_at, reader.now)}"
        yield Entry(row.booked_at, "Booked", about, by=reader.by(row.booked_by), state="next")
        if row.confirmed_at is not None:
            yield Entry(row.confirmed_at, "Confirmed by text", about)
        if row.ended_at is not None:
            why = f"{about}: {row.end_reason}" if row.end_reason else about
            yield Entry(row.ended_at, "Booking given up", why, state="next")


def _marks(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = (
        select(Mark)
        .where(Mark.enrolment_id == enrolment.id)
        .options(joinedload(Mark.session))
        .order_by(Mark.id)
    )
    for row in db.session.scalars(rows):
        about = f"{session_label(row.session)}, {moment_words(row.session.starts_at, reader.now)}"
        title = f"Corrected: {about}" if row.corrects_id else about
        told = [f"Reason offered: {words(row.reason).lower()}." if row.reason else ""]
        told.append(row.note or "" if reader.works_case else "")
        told.append("" if row.is_current else "This mark was corrected later.")
        detail = " ".join(part for part in told if part)
        yield Entry(row.recorded_at, title, detail, row.outcome, reader.by(row.recorded_by), "next")


def _flags(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = (
        select(Flag)
        .where(Flag.enrolment_id == enrolment.id)
        .options(selectinload(Flag.findings))
        .order_by(Flag.id)
    )
    for row in db.session.scalars(rows):
        why = " ".join(f"{finding.explanation.rstrip('.')}." for finding in row.findings)
        detail = f"{why} Policy version {row.policy_version}."
        state = {"red": "late", "amber": "held"}.get(row.level, "next")
        yield Entry(row.raised_at, f"Flag: {flag_title(row)}", detail, row.level, state=state)
        if row.ended_at is not None:
            reason = row.end_reason or ""
            chip = row.state if row.state != FlagState.SUPERSEDED else ""
            yield Entry(row.ended_at, f"Flag ended: {flag_title(row)}", reason, chip, reader.by(row.ended_by))


def flag_title(flag: Flag) -> str:
    """Return a flag's rule in words."""
    return RULE_TITLES[Rule(flag.rule)]


def _contacts(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = select(Contact).where(Contact.enrolment_id == enrolment.id).order_by(Contact.id)
    for row in db.session.scalars(rows):
        told = [f"{REACHED_WORDS.get(row.outcome, row.outcome)}." if row.outcome else ""]
        told.append(row.note or "" if reader.works_case else "")
        title = CONTACT_WORDS.get(row.kind, words(row.kind))
        yield Entry(row.made_at, title, " ".join(filter(None, told)), by=reader.by(row.made_by))


def _decisions(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = (
        select(CaseDecision)
        .join(CaseDecision.case)
        .where(Case.enrolment_id == enrolment.id)
        .order_by(CaseDecision.id)
    )
    for row in db.session.scalars(rows):
        shown = reader.is_safety or reader.actor.has(Role.MANAGER)
        title = f"Victim safety decided: {words(row.decision).lower()}"
        until = f"Until {moment_words(row.hold_until, reader.now)}. " if row.hold_until else ""
        detail = until + (row.reason or "" if shown else "")
        yield Entry(row.decided_at, title, detail.strip(), by=reader.by(row.decided_by))


def _police(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = select(PoliceDecisionEntry).where(PoliceDecisionEntry.enrolment_id == enrolment.id)
    for row in db.session.scalars(rows.order_by(PoliceDecisionEntry.id)):
        told = [f"New expiry {row.caution_expires_on:%d %m %Y}." if row.caution_expires_on else ""]
        told.append(row.note or "" if reader.works_case else "")
        title = f"Police decided: {row.decision}"
        yield Entry(row.decided_at, title, " ".join(filter(None, told)), by=reader.by(row.entered_by))


def _notices(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    rows = select(Notice).where(Notice.enrolment_id == enrolment.id, may_see_notice(reader.actor))
    for row in db.session.scalars(rows.order_by(Notice.id)):
        if row.released_at is None:
            continue
        to = words(row.to_role).lower() + (f", {reader.by(row.staff_id)}" if row.staff_id else "")
        chip = "acknowledged" if row.acknowledged_at else "not_acknowledged" if row.must_acknowledge else ""
        title = f"Notice: {words(row.kind).lower()}"
        yield Entry(row.released_at, title, f"To {to}.", chip, state="now", notice_id=row.id)


def _texts(enrolment: Enrolment) -> Iterator[Entry]:
    rows = select(Message).where(
        Message.enrolment_id == enrolment.id,
        Message.recipient != Recipient.STAFF,
        Message.state.not_in(_NO_EVENT),
    )
    for row in db.session.scalars(rows.order_by(Message.id)):
        seen = text_seen(row)
        detail = f"Not sent: {seen.why}." if seen.why else f"“{row.body}”"
        yield Entry(seen.at, seen.words, detail, seen.chip, state="next", message_id=row.id)


def _replies(enrolment: Enrolment, reader: Reader) -> Iterator[Entry]:
    """Give the person's replies; what may be somebody else's is victim safety's alone, elsewhere."""
    if not reader.works_case:
        return
    rows = select(InboundMessage).where(
        InboundMessage.participant_id == enrolment.participant_id, InboundMessage.is_quarantined.is_(False)
    )
    for row in db.session.scalars(rows.order_by(InboundMessage.id)):
        yield Entry(row.received_at, "Reply by text", f"“{row.body}”", state="next")
