"""Planning messages and taking them back, on both stores."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted, Unknown
from programme_tracker.messaging.rules import BlockedReason, MessageKind, MessageState
from tests.factories.messaging import NOON, claimed, planned, sending

pytestmark = [pytest.mark.each_store, pytest.mark.usefixtures("on_store")]
S = MessageState
KIT = Actor(staff_id=3, name="kit")
Audited = Callable[[], list[tuple[str, dict[str, Any]]]]


def state_of(message_id: int) -> MessageState:
    db.session.expire_all()
    return db.session.get_one(Message, message_id).state


def cancel(message_id: int) -> bool:
    message = db.session.get_one(Message, message_id)
    return services.cancel(message, cause="booking taken back", actor=KIT, now=NOON)


def test_put_plans_once_for_a_key(audited: Audited) -> None:
    first = planned(key="k").id
    again = planned(key="k", body="other words", send_at=NOON + timedelta(hours=1))
    assert (again.id, again.send_at, again.state) == (first, NOON, S.PLANNED)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    ((event, detail),) = audited()
    assert event == "message.planned"
    assert detail["enrolment_id"] == 70
    assert "body" not in detail


def test_put_is_undone_with_its_cause() -> None:
    with pytest.raises(RuntimeError, match="cause"), transaction():
        planned(key="k")
        raise RuntimeError("the cause failed")
    assert queries.message_by_key("k") is None


def test_put_plans_a_cancelled_message_anew() -> None:
    first = planned(key="k").id
    assert cancel(first)
    later = NOON + timedelta(hours=2)
    again = planned(key="k", body="other words", send_at=later)
    assert (again.id, again.state, again.body, again.send_at) == (first, S.PLANNED, "other words", later)
    states = [(change.from_state, change.to_state) for change in queries.changes_of(first)]
    assert states == [(None, S.PLANNED), (S.PLANNED, S.CANCELLED), (S.CANCELLED, S.PLANNED)]


def test_put_never_plans_again_what_was_sent_or_blocked() -> None:
    sent = sending(key="sent")
    services.finish(sent, Accepted("SM1"), now=NOON)
    blocked = claimed(key="blocked")
    services.block(blocked, BlockedReason.GATE, now=NOON)
    assert planned(key="sent").state is S.ACCEPTED
    assert planned(key="blocked").state is S.BLOCKED


def test_cancel_takes_back_a_planned_and_a_claimed_message(audited: Audited) -> None:
    waiting = planned(send_at=NOON + timedelta(days=1)).id
    claim = claimed()
    assert cancel(waiting)
    assert cancel(claim.message_id)
    assert (state_of(waiting), state_of(claim.message_id)) == (S.CANCELLED, S.CANCELLED)
    assert not services.begin_sending(claim, to_address="+447700900101", now=NOON)
    assert [event for event, _ in audited()].count("message.cancelled") == 2


def test_cancel_says_cancelled_twice_but_records_it_once(audited: Audited) -> None:
    message = planned().id
    assert cancel(message)
    assert cancel(message)
    assert [event for event, _ in audited()].count("message.cancelled") == 1


def test_cancel_is_too_late_once_sending_began() -> None:
    claim = sending()
    assert not cancel(claim.message_id)
    services.finish(claim, Unknown("answer lost"), now=NOON)
    assert not cancel(claim.message_id)
    services.finish(claim, Accepted("SM1"), now=NOON)
    assert not cancel(claim.message_id)


def test_cancel_planned_takes_back_what_fits_everything_given() -> None:
    mine = planned(enrolment_id=1, session_id=10)
    other_session = planned(enrolment_id=1, session_id=11)
    other_kind = planned(enrolment_id=1, session_id=10, kind=MessageKind.CHANGED)
    other_person = planned(enrolment_id=2, session_id=10)
    ids = [row.id for row in (mine, other_session, other_kind, other_person)]
    taken = services.cancel_planned(
        cause="moved", actor=SYSTEM, now=NOON, enrolment_id=1, session_id=10, kinds=[MessageKind.REMINDER]
    )
    assert taken == 1
    assert [state_of(row) for row in ids] == [S.CANCELLED, S.PLANNED, S.PLANNED, S.PLANNED]


def test_cancel_planned_by_keys_leaves_what_is_going() -> None:
    planned(key="b", send_at=NOON + timedelta(days=1))
    claim = sending(key="a")
    assert services.cancel_planned(cause="stop", actor=SYSTEM, now=NOON, keys=["a", "b", "c"]) == 1
    assert state_of(claim.message_id) is S.SENDING


def test_cancel_planned_must_be_told_whose() -> None:
    with pytest.raises(ValueError, match="whose"):
        services.cancel_planned(cause="all", actor=SYSTEM, now=NOON)
