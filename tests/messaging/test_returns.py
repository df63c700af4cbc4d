"""Delivery news, replies, suppressed numbers and threads, on both stores."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted, RetryAt
from programme_tracker.messaging.replies import classify
from programme_tracker.messaging.rules import MessageState, SuppressionReason
from programme_tracker.messaging.services import Inbound
from tests.factories.messaging import MOBILE, NOON, planned, sending

pytestmark = [pytest.mark.each_store, pytest.mark.usefixtures("on_store")]
S = MessageState
VIC = Actor(staff_id=9, name="vic")
Audited = Callable[[], list[tuple[str, dict[str, Any]]]]


def handed_over(sid: str = "SM1", **given: Any) -> int:
    claim = sending(**given)
    services.finish(claim, Accepted(sid), now=NOON)
    return claim.message_id


def state_of(message_id: int) -> MessageState:
    db.session.expire_all()
    return db.session.get_one(Message, message_id).state


def came(body: str, **given: Any) -> Inbound:
    content: dict[str, Any] = {
        "from_address": MOBILE,
        "body": body,
        "received_at": NOON,
        "reply": classify(body),
        "now": NOON,
        "participant_id": 7,
    }
    return services.record_inbound(**(content | given))


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_delivery_news_ends_the_same_in_any_order(order: tuple[str, ...], audited: Audited) -> None:
    message_id = handed_over()
    for status in (*order, *order):
        services.record_delivery(status, sid="SM1", now=NOON)
    assert state_of(message_id) is S.DELIVERED
    assert [event for event, _ in audited()].count("message.delivered") == 1


def test_delivery_news_is_told_once() -> None:
    message_id = handed_over()
    told = services.record_delivery("undelivered", sid="SM1", error_code="30003", now=NOON)
    assert told is not None
    assert (told.id, told.state, told.error_code) == (message_id, S.UNDELIVERED, "30003")
    assert services.record_delivery("undelivered", sid="SM1", error_code="30003", now=NOON) is None
    assert services.record_delivery("sent", sid="SM1", now=NOON) is None


def test_second_copy_is_handed_over_at_its_own_moment(audited: Audited) -> None:
    message_id, later = handed_over(), NOON + timedelta(hours=2)
    told = services.record_delivery("undelivered", sid="SM1", error_code="30003", now=NOON)
    assert told is not None
    with transaction():
        services.plan_again(told, RetryAt(later, "out of reach", "30003"), now=NOON)
    (again,) = services.claim_due(now=later, worker="w1")
    assert services.begin_sending(again, to_address=MOBILE, now=later)
    services.finish(again, Accepted("SM2"), now=later)
    services.record_delivery("delivered", sid="SM1", now=later + timedelta(hours=1))
    message = db.session.get_one(Message, message_id)
    assert (message.state, message.handed_over_at) == (S.DELIVERED, later)
    assert [event for event, _ in audited()].count("message.handed_over") == 2


def test_delivery_news_by_our_own_id_settles_an_unknown_message() -> None:
    claim = sending()
    services.claim_due(now=NOON + services.LEASE, worker="w2")
    assert state_of(claim.message_id) is S.UNKNOWN
    assert services.record_delivery("sent", message_id=claim.message_id, sid="SM7", now=NOON)
    message = db.session.get_one(Message, claim.message_id)
    assert (message.state, message.provider_sid, message.handed_over_at) == (S.SENT, "SM7", NOON)


def test_delivery_news_of_another_attempt_or_nothing_we_know_is_left() -> None:
    message_id = handed_over()
    assert services.record_delivery("failed", message_id=message_id, sid="SM-other", now=NOON) is None
    assert services.record_delivery("delivered", sid="SM-unheard-of", now=NOON) is None
    assert services.record_delivery("delivered", message_id=message_id + 1, now=NOON) is None
    assert services.record_delivery("delivered", now=NOON) is None
    assert services.record_delivery("levitated", sid="SM1", now=NOON) is None
    assert state_of(message_id) is S.ACCEPTED


def test_inbound_text_is_recorded_once(audited: Audited) -> None:
    first = came("Stop", provider_sid="SM-in-1")
    again = came("Stop", provider_sid="SM-in-1")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.message.id == first.message.id
    assert first.message.is_opt_out
    ((event, detail),) = audited()
    assert event == "message.inbound"
    assert detail == {"kind": "stop", "participant_id": 7, "enrolment_id": None}


def test_inbound_texts_without_a_providers_id_are_each_their_own() -> None:
    assert came("1").is_new
    assert came("1").is_new


def test_wrong_person_is_quarantined_and_the_trail_does_not_tell(audited: Audited) -> None:
    inbound = came("STOP this is his ex").message
    assert inbound.is_quarantined
    assert inbound.is_opt_out
    assert inbound.body == ""
    assert queries.said_in_quarantine(inbound) == (MOBILE, "STOP this is his ex")
    ((_, detail),) = audited()
    assert detail["kind"] == "quarantined"
    (line,) = queries.thread_for(participant_id=7)
    assert (line.is_quarantined, line.body) == (True, "")


def test_any_reply_can_be_quarantined() -> None:
    inbound = came("1", is_quarantined=True).message
    assert inbound.is_quarantined
    assert (inbound.from_address, inbound.body) == ("", "")
    assert queries.said_in_quarantine(inbound) == (MOBILE, "1")


def test_suppressed_number_stays_so_until_lifted(audited: Audited) -> None:
    assert not queries.is_suppressed(MOBILE)
    services.suppress_number(MOBILE, SuppressionReason.UNDELIVERABLE, actor=SYSTEM, now=NOON)
    services.suppress_number(MOBILE, SuppressionReason.UNDELIVERABLE, actor=SYSTEM, now=NOON)
    assert queries.is_suppressed(MOBILE)
    assert services.lift_suppression(MOBILE, actor=VIC, now=NOON)
    assert not services.lift_suppression(MOBILE, actor=VIC, now=NOON)
    assert not queries.is_suppressed(MOBILE)
    later = NOON + timedelta(days=1)
    assert services.suppress_number(MOBILE, SuppressionReason.WRONG_PERSON, actor=VIC, now=later)
    assert queries.is_suppressed(MOBILE)
    assert [event for event, _ in audited()] == [
        "number.suppressed",
        "number.suppression_lifted",
        "number.suppressed",
    ]
    assert MOBILE not in str(audited())


def test_wrong_person_outweighs_undeliverable() -> None:
    for reason in (
        SuppressionReason.UNDELIVERABLE,
        SuppressionReason.WRONG_PERSON,
        SuppressionReason.UNDELIVERABLE,
    ):
        services.suppress_number(MOBILE, reason, actor=SYSTEM, now=NOON)
    open_row = queries.suppression(MOBILE)
    assert open_row is not None
    assert open_row.reason is SuppressionReason.WRONG_PERSON


def test_thread_shows_both_sides_in_order_and_nothing_that_did_not_go() -> None:
    handed_over(body="Your appointment is tomorrow 6pm.")
    planned(body="Not gone yet")
    came("ok see you", received_at=NOON + timedelta(minutes=5))
    came("elsewhere", from_address="+447700900199", participant_id=8)
    for thread in (queries.thread_for(number=MOBILE), queries.thread_for(participant_id=7)):
        assert [(line.is_inbound, line.body) for line in thread] == [
            (False, "Your appointment is tomorrow 6pm."),
            (True, "ok see you"),
        ]
    with pytest.raises(ValueError, match="number or a participant"):
        queries.thread_for()


def test_phone_page_groups_by_number_newest_first() -> None:
    handed_over(body="Your appointment is tomorrow 6pm.")
    came("later", from_address="+447700900199", received_at=NOON + timedelta(minutes=1))
    phones = queries.recent_for_phone_page()
    assert [(phone.number, [line.body for line in phone.lines]) for phone in phones] == [
        ("+447700900199", ["later"]),
        (MOBILE, ["Your appointment is tomorrow 6pm."]),
    ]
    assert len(queries.recent_for_phone_page(limit=1)) == 1


def test_last_text_to_a_participant_is_the_last_handed_over() -> None:
    assert queries.last_sms_to(7) is None
    handed_over("SM1")
    last = handed_over("SM2")
    planned()
    found = queries.last_sms_to(7)
    assert found is not None
    assert found.id == last


def test_reminders_before_a_session_are_found_with_what_became_of_them() -> None:
    handed_over("SM1")
    planned(offset_days=3, send_at=NOON - timedelta(days=2))
    planned(session_id=701)
    found = queries.reminders_before(enrolment_id=70, session_id=700)
    assert [(message.offset_days, message.state) for message in found] == [(3, S.PLANNED), (1, S.ACCEPTED)]
