"""Claims, leases and fenced attempts, on both stores."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from programme_tracker.kernel.database import db
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted, Failed, Outcome, RetryAt, Unknown
from programme_tracker.messaging.rules import BlockedReason, MessageState
from programme_tracker.messaging.services import LEASE, Claim, Handover, MessageStateError
from programme_tracker.messaging.services.changes import move
from tests.factories.messaging import MOBILE, NOON, claimed, planned, sending

pytestmark = [pytest.mark.each_store, pytest.mark.usefixtures("on_store")]
S = MessageState
LATER = NOON + LEASE
Audited = Callable[[], list[tuple[str, dict[str, Any]]]]


def row(claim: Claim) -> Message:
    db.session.expire_all()
    return db.session.get_one(Message, claim.message_id)


def events(audited: Audited) -> list[str]:
    return [event for event, _ in audited() if event != "message.planned"]


def test_claim_takes_what_is_due_oldest_first_and_no_more_than_asked() -> None:
    second = planned(send_at=NOON).id
    first = planned(send_at=NOON - timedelta(hours=1)).id
    third = planned(send_at=NOON).id
    planned(send_at=NOON + timedelta(seconds=1))
    taken = services.claim_due(now=NOON, limit=2, worker="w1")
    assert [claim.message_id for claim in taken] == [first, second]
    assert [claim.message_id for claim in services.claim_due(now=NOON, worker="w2")] == [third]
    assert services.claim_due(now=NOON, worker="w3") == []


def test_claim_whose_lease_ran_out_is_taken_by_another() -> None:
    old = claimed()
    assert services.claim_due(now=LATER - timedelta(seconds=1), worker="w2") == []
    (new,) = services.claim_due(now=LATER, worker="w2")
    assert new.message_id == old.message_id
    assert not services.begin_sending(old, to_address=MOBILE, now=LATER)
    assert services.begin_sending(new, to_address=MOBILE, now=LATER)
    assert services.finish(old, Accepted("SM-old"), now=LATER) is None
    assert services.finish(new, Accepted("SM-new"), now=LATER) is S.ACCEPTED


def test_attempt_whose_lease_ran_out_is_unknown_and_not_sent_again(audited: Audited) -> None:
    claim = sending()
    assert services.claim_due(now=LATER, worker="w2") == []
    assert row(claim).state is S.UNKNOWN
    assert services.claim_due(now=LATER + timedelta(days=1), worker="w2") == []
    assert events(audited) == ["message.unknown"]


def test_slow_attempt_settles_its_own_unknown() -> None:
    claim = sending()
    services.claim_due(now=LATER, worker="w2")
    assert services.finish(claim, Accepted("SM1"), now=LATER) is S.ACCEPTED
    assert row(claim).provider_sid == "SM1"


def test_provider_is_given_what_the_row_said_when_sending_began() -> None:
    claim = claimed(body="Your appointment is tomorrow.", expires_at=NOON + timedelta(minutes=5))
    handover = services.begin_sending(claim, to_address=MOBILE, now=NOON)
    assert handover == Handover(MOBILE, "Your appointment is tomorrow.", claim.message_id, 300)


def test_looking_for_work_leaves_no_transaction_open() -> None:
    assert services.claim_due(now=NOON, worker="w1") == []
    assert not db.session().in_transaction()


def test_accepted_message_is_handed_over_once(audited: Audited) -> None:
    claim = sending()
    assert services.finish(claim, Accepted("SM1", S.SENT), now=NOON) is S.SENT
    assert services.finish(claim, Accepted("SM1", S.SENT), now=NOON) is None
    message = row(claim)
    assert (message.handed_over_at, message.to_address, message.attempts) == (NOON, MOBILE, 1)
    assert (message.lease_token, message.lease_until) == (None, None)
    assert events(audited) == ["message.handed_over", "message.sent"]
    (handed_over,) = [detail for event, detail in audited() if event == "message.handed_over"]
    assert handed_over["kind"] == "reminder"
    assert handed_over["recipient"] == "participant"
    assert (handed_over["session_id"], handed_over["participant_id"]) == (700, 7)
    assert handed_over["enrolment_id"] == 70


@pytest.mark.parametrize(
    ("outcome", "state", "event"),
    [
        (Failed("21211", "no such number"), S.FAILED, "message.failed"),
        (Unknown("answer lost"), S.UNKNOWN, "message.unknown"),
        (RetryAt(NOON + timedelta(minutes=1), "busy", "429"), S.PLANNED, "message.retried"),
        (RetryAt(NOON + timedelta(days=1), "busy", "429"), S.EXPIRED, "message.expired"),
    ],
)
def test_attempt_that_did_not_go_says_how_it_ended(
    outcome: Outcome, state: MessageState, event: str, audited: Audited
) -> None:
    claim = sending()
    assert services.finish(claim, outcome, now=NOON) is state
    message = row(claim)
    assert message.handed_over_at is None
    assert message.lease_until is None
    assert events(audited) == [event]


def test_retry_goes_at_its_time_and_only_then() -> None:
    then = NOON + timedelta(minutes=1)
    claim = sending()
    services.finish(claim, RetryAt(then, "busy"), now=NOON)
    assert queries.next_due_at() == then
    assert services.claim_due(now=NOON, worker="w1") == []
    (again,) = services.claim_due(now=then, worker="w1")
    assert services.begin_sending(again, to_address=MOBILE, now=then)
    assert row(again).attempts == 2


def test_retry_for_a_fault_of_ours_spends_no_attempt() -> None:
    claim = sending()
    services.finish(claim, RetryAt(NOON + timedelta(minutes=15), "set-up", spends_attempt=False), now=NOON)
    assert row(claim).attempts == 0


def test_callback_quicker_than_the_answer_is_not_set_back(audited: Audited) -> None:
    claim = sending()
    assert services.record_delivery("delivered", message_id=claim.message_id, sid="SM1", now=NOON)
    assert services.finish(claim, Accepted("SM1"), now=NOON) is S.DELIVERED
    assert events(audited) == ["message.handed_over", "message.delivered"]


@pytest.mark.parametrize("outcome", [Unknown("answer lost"), Failed("x", "x"), RetryAt(NOON, "x")])
def test_callback_outweighs_an_attempt_that_heard_nothing(outcome: Outcome) -> None:
    claim = sending()
    services.record_delivery("sent", message_id=claim.message_id, sid="SM1", now=NOON)
    assert services.finish(claim, outcome, now=NOON) is S.SENT


def test_blocked_message_says_why_once(audited: Audited) -> None:
    claim = claimed()
    assert services.block(claim, BlockedReason.OPTED_OUT, now=NOON)
    assert not services.block(claim, BlockedReason.GATE, now=NOON)
    assert (row(claim).state, row(claim).blocked_reason) == (S.BLOCKED, BlockedReason.OPTED_OUT)
    ((_, detail),) = [pair for pair in audited() if pair[0] == "message.blocked"]
    assert (detail["reason"], detail["kind"], detail["recipient"]) == ("opted_out", "reminder", "participant")
    assert (detail["session_id"], detail["participant_id"]) == (700, 7)


def test_expired_message_goes_nowhere(audited: Audited) -> None:
    claim = claimed()
    assert services.expire(claim, now=NOON)
    assert not services.expire(claim, now=NOON)
    assert row(claim).state is S.EXPIRED
    assert events(audited) == ["message.expired"]


def test_message_put_back_waits_for_its_new_moment() -> None:
    claim = claimed()
    morning = NOON + timedelta(hours=20)
    assert services.put_back(claim, send_at=morning, cause="outside the hours", now=NOON)
    assert not services.put_back(claim, send_at=morning, cause="outside the hours", now=NOON)
    assert not services.begin_sending(claim, to_address=MOBILE, now=NOON)
    assert queries.next_due_at() == morning


def test_life_of_a_message_is_kept_with_times_and_causes() -> None:
    claim = sending()
    services.finish(claim, Accepted("SM1"), now=NOON + timedelta(seconds=1))
    services.record_delivery("delivered", sid="SM1", now=NOON + timedelta(seconds=9))
    life = [(c.to_state, c.at - NOON, c.cause) for c in queries.changes_of(claim.message_id)]
    assert life == [
        (S.PLANNED, timedelta(days=-1), "planned"),
        (S.CLAIMED, timedelta(0), "claimed by w1"),
        (S.SENDING, timedelta(0), "attempt 1"),
        (S.ACCEPTED, timedelta(seconds=1), "taken by the provider"),
        (S.DELIVERED, timedelta(seconds=9), "reported delivered"),
    ]


def test_step_that_the_life_cycle_does_not_have_is_refused() -> None:
    message = planned()
    with pytest.raises(MessageStateError, match="planned to unknown"):
        move(message, S.UNKNOWN, cause="", now=NOON)
    db.session.rollback()


def test_next_due_is_the_earliest_of_sendings_and_leases() -> None:
    assert queries.next_due_at() is None
    planned(send_at=NOON + timedelta(days=3))
    claimed()
    assert queries.next_due_at() == LATER
    assert [message.state for message in queries.due_messages_at(LATER)] == [S.CLAIMED]
    assert queries.counts() == {S.PLANNED: 1, S.CLAIMED: 1, S.SENDING: 0, S.UNKNOWN: 0}
