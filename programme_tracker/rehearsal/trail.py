"""The audit trail read as effects: each write of the application in the words of a rehearsal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.rehearsal.effects import Effect, wall_time
from programme_tracker.rehearsal.naming import Known


@dataclass(frozen=True)
class _Translation:
    """The kind of effect an event is, the detail that holds its value, and its other fields."""

    kind: str
    value: str
    fields: tuple[str, ...]


_EVENTS: Mapping[str, _Translation] = {
    "gate.changed": _Translation("gate", "gate", ("enrolment",)),
    "enrolment.status": _Translation("status", "status", ("enrolment",)),
    "flag.raised": _Translation("flag", "rule", ("enrolment", "level")),
    "flag.ended": _Translation("unflag", "rule", ("enrolment", "why")),
    "notice.released": _Translation("notice", "kind", ("to", "staff", "enrolment", "about")),
    "notice.cancelled": _Translation("cancelled_notice", "kind", ("to", "enrolment")),
    "task.created": _Translation("task", "kind", ("to", "staff", "enrolment", "session", "due")),
    "credit.given": _Translation("credit", "credit", ("enrolment", "session")),
    "message.handed_over": _Translation("sms", "kind", ("to", "session", "enrolment", "body")),
    "message.blocked": _Translation("blocked", "kind", ("to", "reason", "session")),
    "message.expired": _Translation("blocked", "kind", ("to", "reason", "session")),
}


class Trail:
    """Reads on where it stopped, so that effects come in the order in which they came about."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._read_to = 0

    def new_effects(self) -> list[Effect]:
        """Return what came about since the last call."""
        unread = select(AuditEntry).where(AuditEntry.sequence > self._read_to).order_by(AuditEntry.sequence)
        entries = list(db.session.scalars(unread))
        if entries:
            self._read_to = entries[-1].sequence
        return list(self._translated(entries))

    def _translated(self, entries: Iterable[AuditEntry]) -> Iterable[Effect]:
        for entry in entries:
            words = _EVENTS.get(entry.event)
            if words is None or _is_to_staff(entry):
                continue
            detail = self._named(entry)
            fields = {name: str(detail[name]) for name in words.fields if detail.get(name) is not None}
            yield Effect(wall_time(entry.at), words.kind, str(detail[words.value]), fields)

    def _named(self, entry: AuditEntry) -> dict[str, Any]:
        """Return the entry's detail with names in place of ids."""
        ids = {**entry.detail, "enrolment_id": entry.enrolment_id or entry.detail.get("enrolment_id")}
        detail = {**entry.detail, **self._known.names_of(ids)}
        if entry.event.startswith("message."):
            detail["to"] = self._addressee(entry.detail)
            detail["body"] = _body(entry.subject_id)
        return detail

    def _addressee(self, detail: Mapping[str, Any]) -> str | None:
        name = self._known.people.name(detail.get("participant_id"))
        return f"guardian:{name}" if detail.get("recipient") == "guardian" else name


def _is_to_staff(entry: AuditEntry) -> bool:
    return entry.event.startswith("message.") and entry.detail.get("participant_id") is None


def _body(message_id: int | None) -> str | None:
    message = None if message_id is None else db.session.get(Message, message_id)
    return None if message is None else message.body
