"""The audit trail read as effects."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Channel, MessageKind, MessageState, Recipient
from programme_tracker.rehearsal.effects import Effect
from programme_tracker.rehearsal.naming import Known, NameTakenError, NotThereError
from programme_tracker.rehearsal.trail import Trail
from programme_tracker.workflows.tables import load_models
from tests.bare import bare_app

MOMENT = datetime(2026, 9, 1, 8, 0, 30, tzinfo=UTC)
NINE = datetime.fromisoformat("2026-09-01 09:00")


@pytest.fixture
def known() -> Known:
    known = Known()
    known.staff.add("vic", 1)
    known.people.add("sam", 2)
    known.enrolments.add("sam-cara", 3)
    known.sessions.add("G/1", 4)
    return known


@pytest.fixture
def trail(known: Known) -> Iterator[Trail]:
    load_models()
    with bare_app("sqlite://"):
        db.create_all()
        yield Trail(known)


def wrote(event: str, enrolment_id: int | None = None, subject: Message | None = None, **detail: Any) -> None:
    with transaction():
        if subject is not None:
            db.session.add(subject)
            db.session.flush()
        record(event, subject, actor=SYSTEM, at=MOMENT, enrolment_id=enrolment_id, **detail)


def text_message() -> Message:
    return Message(
        key="k",
        channel=Channel.SMS,
        kind=MessageKind.BOOKED,
        recipient=Recipient.PARTICIPANT,
        participant_id=2,
        body="Booked: Sat 12 Sep 10am.",
        template_version=1,
        state=MessageState.ACCEPTED,
        send_at=MOMENT,
        expires_at=MOMENT + timedelta(days=1),
        created_at=MOMENT,
    )


@pytest.mark.parametrize(
    ("event", "detail", "kind", "value", "fields"),
    [
        ("gate.changed", {"gate": "granted"}, "gate", "granted", {}),
        ("enrolment.status", {"status": "attending"}, "status", "attending", {}),
        ("flag.raised", {"rule": "lateness", "level": "amber"}, "flag", "lateness", {"level": "amber"}),
        ("flag.ended", {"rule": "lateness", "why": "cleared"}, "unflag", "lateness", {"why": "cleared"}),
        (
            "notice.released",
            {"kind": "chase", "to": "manager", "staff_id": 1, "about": "breach"},
            "notice",
            "chase",
            {"to": "manager", "staff": "vic", "about": "breach"},
        ),
        (
            "notice.cancelled",
            {"kind": "breach", "to": "police", "staff_id": 1},
            "cancelled_notice",
            "breach",
            {"to": "police"},
        ),
        (
            "task.created",
            {"kind": "sign_off", "to": "lead", "staff_id": None, "session_id": 4, "due": "2026-09-02"},
            "task",
            "sign_off",
            {"to": "lead", "session": "G/1", "due": "2026-09-02"},
        ),
        ("credit.given", {"credit": "A", "session_id": 4}, "credit", "A", {"session": "G/1"}),
    ],
)
def test_trail_tells_each_event_in_the_words_of_a_file(
    trail: Trail, event: str, detail: dict[str, Any], kind: str, value: str, fields: dict[str, str]
) -> None:
    wrote(event, enrolment_id=3, **detail)
    assert trail.new_effects() == [Effect(NINE, kind, value, {"enrolment": "sam-cara", **fields})]


def test_trail_tells_a_text_with_its_words(trail: Trail) -> None:
    wrote(
        "message.handed_over",
        3,
        text_message(),
        kind="booked",
        recipient="participant",
        participant_id=2,
        session_id=4,
    )
    [effect] = trail.new_effects()
    body = "Booked: Sat 12 Sep 10am."
    assert effect.as_data() == {
        "at": "2026-09-01 09:00",
        "sms": "booked",
        "to": "sam",
        "session": "G/1",
        "enrolment": "sam-cara",
        "body": body,
    }


@pytest.mark.parametrize(("event", "reason"), [("message.blocked", "gate"), ("message.expired", "expired")])
def test_trail_tells_a_guardians_text_that_was_held_back(trail: Trail, event: str, reason: str) -> None:
    wrote(event, 3, kind="reminder", recipient="guardian", participant_id=2, session_id=4, reason=reason)
    wanted = {"to": "guardian:sam", "reason": reason, "session": "G/1"}
    assert trail.new_effects() == [Effect(NINE, "blocked", "reminder", wanted)]


def test_trail_passes_over_what_goes_to_staff_and_what_is_no_effect(trail: Trail) -> None:
    wrote("message.handed_over", kind="alert", recipient="staff", participant_id=None)
    wrote("session.moved", session_id=4)
    assert trail.new_effects() == []


def test_trail_reads_on_where_it_stopped(trail: Trail) -> None:
    wrote("gate.changed", 3, gate="pending")
    wrote("gate.changed", 3, gate="granted")
    assert [effect.value for effect in trail.new_effects()] == ["pending", "granted"]
    wrote("gate.changed", 3, gate="withdrawn")
    assert [effect.value for effect in trail.new_effects()] == ["withdrawn"]


def test_known_gives_a_number_to_what_the_file_never_named(known: Known) -> None:
    assert known.sessions.name(9) == "#9"


def test_known_refuses_a_name_that_is_taken_or_not_there(known: Known) -> None:
    with pytest.raises(NameTakenError, match="session named G/1"):
        known.sessions.add("G/1", 5)
    with pytest.raises(NotThereError, match="no session G/2"):
        known.sessions.id("G/2")
