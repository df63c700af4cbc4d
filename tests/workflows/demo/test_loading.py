from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import CorrectionRequest
from programme_tracker.audit.services import verify
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import CaseDecision, Notice
from programme_tracker.jobs.failures import failures
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Session, WaitingPlace
from programme_tracker.tasks.models import Task
from programme_tracker.workflows.demo import demo_sign_ins, is_half_loaded, load_if_empty

MOVE_ON = partial(advance, provider=ConsoleProvider())

#: A Monday evening after the group, and the night of a bank holiday in another kind of week.
MOMENTS = [datetime(2026, 9, 7, 20, 15, tzinfo=UTC), datetime(2027, 1, 1, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize("now", MOMENTS)
def test_demo_loaded_on_any_day_shows_every_state_once(app: Flask, now: datetime) -> None:
    with app.app_context():
        assert load_if_empty(now=now, move_on=MOVE_ON)
        assert states() >= {"waitlisted", "enrolled", "attending", "completed", "breach_reported"}
        assert set(db.session.scalars(select(Referral.status))) == {
            "received",
            "accepted",
            "information_requested",
            "rejected",
        }
        assert {"police", "victim_safety", "enforcement"} <= waiting_for_acknowledgement()
        assert {"first_contact", "call_participant", "sign_off", "decide_hold"} <= open_tasks()
        assert count(Session.id, Session.starts_at < now, Session.submitted_at.is_(None)) >= 1
        assert count(CaseDecision.id, CaseDecision.decision == "hold") == 1
        assert count(CorrectionRequest.id, CorrectionRequest.decided_at.is_(None)) == 1
        assert count(Message.id, Message.state == MessageState.UNDELIVERED) >= 1
        assert count(Participant.id) >= 55
        codes = set(db.session.scalars(select(Enrolment.programme_code)))
        assert codes == {"radar", "cara", "baseline", "linx", "young_adults", "awareness"}
        ahead = (Session.kind == "one_to_one") & (Session.starts_at > now)
        assert count(Session.id, ahead) >= 6, "people meet their caseworker in the coming days"
        assert count(WaitingPlace.id, WaitingPlace.ended_at.is_(None)) == 2
        assert {"amber", "red"} <= set(db.session.scalars(select(Flag.level)))
        assert failures() == []
        assert not is_half_loaded()
        assert verify() is None
        assert count(Staff.id) == len(demo_sign_ins())
        assert not load_if_empty(now=now, move_on=MOVE_ON)


def test_load_that_was_broken_off_is_told_from_a_whole_one_and_from_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        assert not is_half_loaded()
        monkeypatch.setattr("programme_tracker.workflows.demo.tell_cara", broken_off)
        with pytest.raises(KeyboardInterrupt):
            load_if_empty(now=MOMENTS[0], move_on=MOVE_ON)
        assert is_half_loaded()


def broken_off(*_told: object) -> None:
    raise KeyboardInterrupt


def count(column: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count(column)).where(*conditions)) or 0


def states() -> set[str]:
    return set(db.session.scalars(select(Enrolment.status)))


def waiting_for_acknowledgement() -> set[str]:
    return set(
        db.session.scalars(
            select(Notice.to_role).where(
                Notice.must_acknowledge, Notice.released_at.is_not(None), Notice.acknowledged_at.is_(None)
            )
        )
    )


def open_tasks() -> set[str]:
    return set(db.session.scalars(select(Task.kind).where(Task.done_at.is_(None))))
