"""Everything that happened to one enrolment, in words, as one reader may see it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from programme_tracker.attendance.models import CatchUp, Mark
from programme_tracker.engagement.models import Contact, Flag, FlagState
from programme_tracker.engagement.rules import RULE_TITLES, Rule
from programme_tracker.escalation.models import CaseAction, CaseDecision, MonitoringEntry, Notice
from programme_tracker.escalation.rules import ACTION_TITLES
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.referrals.models import GateDecision, PoliceDecisionEntry, StatusChange
from programme_tracker.referrals.queries import reason_given
from programme_tracker.referrals.rules import Gate
from programme_tracker.scheduling.models import Booking, Session, SessionMove
from programme_tracker.web.access import may_open
from programme_tracker.web.notices.wording import ROLES, kind_title
from programme_tracker.web.people.views import session_label, text_seen
from programme_tracker.web.presentation import day_words, moment_words, words
from programme_tracker.workflows.timeline import Happening, Sort, Timeline, works_case

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

#: Sessions with one person alone, which are recorded on a page of their own.
_ALONE = ("one_to_one", "assessment")


@dataclass(frozen=True)
class Entry:
    """One line: ``chip`` is a chip's kind, ``state`` the colour of its marker, ``url`` where it leads."""

    at: datetime
    title: str
    detail: str = ""
    chip: str = ""
    by: str = ""
    state: str = "done"
    url: str | None = None


@dataclass(frozen=True)
class _Reader:
    """Who reads, when, and the names that stand behind ids."""

    actor: Actor
    now: datetime
    timeline: Timeline

    def by(self, staff_id: int | None) -> str:
        """Return a colleague's name, or that it was the system."""
        return self.timeline.by(staff_id)

    @property
    def works_case(self) -> bool:
        """Tell whether colleagues' notes are for this reader."""
        return works_case(self.actor)

    @property
    def is_safety(self) -> bool:
        """Tell whether victim safety's reasons are for this reader."""
        return self.actor.has(Role.VICTIM_SAFETY)

    def may_read_note(self, noted_by: int | None) -> bool:
        """Tell whether a note is for this reader: the case's workers read all, others their own."""
        return self.works_case or (noted_by is not None and noted_by == self.actor.staff_id)


def entries_of(timeline: Timeline, actor: Actor, now: datetime) -> list[Entry]:
    """Return a page of what happened, in words, newest first.

    Caseworkers and managers read all but victim safety's reasons; victim safety reads no notes of
    registers or contacts; a facilitator reads their own notes.
    """
    reader = _Reader(actor, now, timeline)
    return [_WORDS[one.sort](one, one.row, reader) for one in timeline.happenings]


def flag_title(flag: Flag) -> str:
    """Return a flag's rule in words."""
    return RULE_TITLES[Rule(flag.rule)]


def _joined(parts: Iterable[str | None]) -> str:
    return " ".join(part for part in parts if part)


def _address(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if may_open(endpoint) else None


def _register(session: Session) -> str | None:
    """Return where a session is recorded, for those who may record it."""
    door = "appointment_records.show" if session.kind in _ALONE else "registers.show"
    return _address(door, session_id=session.id) or _address("registers.show", session_id=session.id)


def _about(session: Session, reader: _Reader) -> str:
    return f"{session_label(session)}, {moment_words(session.starts_at, reader.now)}"


def _status(one: Happening, row: StatusChange, reader: _Reader) -> Entry:
    title = "Enrolment began" if row.from_status is None else "Enrolment changed"
    reason = row.reason or "" if reader.works_case else ""
    return Entry(one.at, title, reason, row.to_status, reader.by(row.changed_by), "next")


def _gate(one: Happening, row: GateDecision, reader: _Reader) -> Entry:
    shown = reader.is_safety or row.decision == Gate.NOT_APPLICABLE
    state = "done" if row.decision in {Gate.GRANTED, Gate.NOT_APPLICABLE} else "held"
    return Entry(
        one.at,
        "Sign-off decided",
        reason_given(row) or "" if shown else "",
        f"gate_{row.decision}",
        reader.by(row.decided_by),
        state,
        _address("gate.show", enrolment_id=row.enrolment_id),
    )


def _booked(one: Happening, row: Booking, reader: _Reader) -> Entry:
    leads_to = _address("sessions.show", session_id=row.session_id)
    many, about = _many(one, reader), _about(row.session, reader)
    title, detail = (f"Booked on {many} sessions", f"The first: {about}.") if many > 1 else ("Booked", about)
    return Entry(one.at, title, detail, by=reader.by(row.booked_by), state="next", url=leads_to)


def _many(one: Happening, reader: _Reader) -> int:
    """Return how many bookings were made or given up with this one."""
    return reader.timeline.together.get((one.sort, one.at), 1)


def _confirmed(one: Happening, row: Booking, reader: _Reader) -> Entry:
    leads_to = _address("sessions.show", session_id=row.session_id)
    return Entry(one.at, "Confirmed by text", _about(row.session, reader), url=leads_to)


def _given_up(one: Happening, row: Booking, reader: _Reader) -> Entry:
    many, about = _many(one, reader), _about(row.session, reader)
    title = f"{many} bookings given up" if many > 1 else "Booking given up"
    detail = f"The first: {about}" if many > 1 else about
    why = f"{detail}: {row.end_reason}" if row.end_reason and reader.works_case else detail
    return Entry(one.at, title, why, state="next")


def _moved(one: Happening, row: SessionMove, reader: _Reader) -> Entry:
    times = f"From {moment_words(row.from_at, reader.now)} to {moment_words(row.to_at, reader.now)}."
    asked = f"Asked by {row.asked_by}." if row.asked_by and reader.works_case else ""
    why = row.why if reader.works_case else ""
    leads_to = _address("sessions.show", session_id=row.session_id)
    detail = _joined((times, asked, why))
    return Entry(one.at, "Session moved", detail, by=reader.by(row.moved_by), state="next", url=leads_to)


def _mark(one: Happening, row: Mark, reader: _Reader) -> Entry:
    about = _about(row.session, reader)
    own = reader.may_read_note(row.recorded_by)
    detail = _joined(
        (
            f"Reason offered: {words(row.reason).lower()}."
            if row.reason and (own or reader.is_safety)
            else "",
            row.note if own else "",
            "" if row.is_current else "This mark was corrected later.",
        )
    )
    return Entry(
        one.at,
        f"Corrected: {about}" if row.corrects_id else about,
        detail,
        row.outcome,
        reader.by(row.recorded_by),
        "next",
        _register(row.session),
    )


def _catch_up(one: Happening, row: CatchUp, reader: _Reader) -> Entry:
    waived = row.waived_because is not None
    title = "Absence waived" if waived else "Absence caught up"
    detail = row.waived_because or "" if reader.works_case else ""
    missed = _address("sessions.show", session_id=row.missed_session_id)
    return Entry(one.at, title, detail, by=reader.by(row.closed_by), url=missed)


def _flag(one: Happening, row: Flag, _reader: _Reader) -> Entry:
    why = _joined(f"{finding.explanation.rstrip('.')}." for finding in row.findings)
    state = {"red": "late", "amber": "held"}.get(row.level, "next")
    return Entry(
        one.at,
        f"Flag: {flag_title(row)}",
        f"{why} Policy version {row.policy_version}.",
        row.level,
        state=state,
        url=_flag_page(row),
    )


def _flag_page(flag: Flag) -> str | None:
    return _address("people.flag", enrolment_id=flag.enrolment_id, flag_id=flag.id)


def _flag_ended(one: Happening, row: Flag, reader: _Reader) -> Entry:
    chip = row.state if row.state != FlagState.SUPERSEDED else ""
    title = f"Flag ended: {flag_title(row)}"
    return Entry(one.at, title, row.end_reason or "", chip, reader.by(row.ended_by), url=_flag_page(row))


def _contact(one: Happening, row: Contact, reader: _Reader) -> Entry:
    reached = f"{REACHED_WORDS.get(row.outcome, row.outcome)}." if row.outcome else ""
    detail = _joined((reached, row.note if reader.works_case else ""))
    return Entry(one.at, CONTACT_WORDS.get(row.kind, words(row.kind)), detail, by=reader.by(row.made_by))


def _decision(one: Happening, row: CaseDecision, reader: _Reader) -> Entry:
    shown = reader.is_safety or reader.actor.has(Role.MANAGER)
    until = f"Until {moment_words(row.hold_until, reader.now)}." if row.hold_until else ""
    return Entry(
        one.at,
        f"Victim safety decided: {words(row.decision).lower()}",
        _joined((until, row.reason if shown else "")),
        by=reader.by(row.decided_by),
        url=_case_page(row.case_id),
    )


def _case_page(case_id: int) -> str | None:
    return _address("cases.show", case_id=case_id)


def _action(one: Happening, row: CaseAction, reader: _Reader) -> Entry:
    title = f"Action taken: {ACTION_TITLES.get(row.action, words(row.action))}"
    return Entry(one.at, title, row.note or "", by=reader.by(row.taken_by), url=_case_page(row.case_id))


def _police(one: Happening, row: PoliceDecisionEntry, reader: _Reader) -> Entry:
    expiry = day_words(row.caution_expires_on, local_date(reader.now)) if row.caution_expires_on else ""
    note = row.note if reader.works_case else ""
    detail = _joined((f"New expiry {expiry}." if expiry else "", note))
    return Entry(one.at, f"Police decided: {row.decision}", detail, by=reader.by(row.entered_by))


def _monitoring(one: Happening, row: MonitoringEntry, reader: _Reader) -> Entry:
    until = f"Until {day_words(row.ends_on, local_date(reader.now))}." if row.ends_on else ""
    leads_to = _address("monitoring.show", monitoring_id=row.monitoring_id)
    note = row.note if reader.actor.has(Role.MANAGER) else ""
    title, detail = f"Monitoring: {words(row.kind).lower()}", _joined((until, note))
    return Entry(one.at, title, detail, by=reader.by(row.made_by), url=leads_to)


def _notice(one: Happening, row: Notice, reader: _Reader) -> Entry:
    to = ROLES.get(row.to_role, words(row.to_role).lower())
    to += f", {reader.by(row.staff_id)}" if row.staff_id else ""
    kind = kind_title(row.kind)
    chip = "acknowledged" if row.acknowledged_at else "not_acknowledged" if row.must_acknowledge else ""
    case = _case_page(row.case_id) if row.case_id is not None else None
    leads_to = case or _address("notices.show", notice_id=row.id)
    title = f"Notice: {kind[:1].lower()}{kind[1:]}"
    return Entry(one.at, title, f"To {to}.", chip, state="now", url=leads_to)


def _text(one: Happening, row: Message, _reader: _Reader) -> Entry:
    seen = text_seen(row)
    detail = f"Not sent: {seen.why}." if seen.why else f"“{row.body}”"
    leads_to = _address("message.show", message_id=row.id)
    return Entry(one.at, seen.words, detail, seen.chip, state="next", url=leads_to)


def _reply(one: Happening, row: InboundMessage, _reader: _Reader) -> Entry:
    thread = _address("texts.person", participant_id=row.participant_id)
    return Entry(one.at, "Reply by text", f"“{row.body}”", state="next", url=thread)


_WORDS: Mapping[Sort, Callable[[Happening, Any, _Reader], Entry]] = {
    Sort.STATUS: _status,
    Sort.GATE: _gate,
    Sort.BOOKED: _booked,
    Sort.CONFIRMED: _confirmed,
    Sort.GIVEN_UP: _given_up,
    Sort.MOVED: _moved,
    Sort.MARK: _mark,
    Sort.CATCH_UP: _catch_up,
    Sort.FLAG: _flag,
    Sort.FLAG_ENDED: _flag_ended,
    Sort.CONTACT: _contact,
    Sort.DECISION: _decision,
    Sort.ACTION: _action,
    Sort.POLICE: _police,
    Sort.MONITORING: _monitoring,
    Sort.NOTICE: _notice,
    Sort.TEXT: _text,
    Sort.REPLY: _reply,
}
