"""Texts nobody knows of: found by asking, sent again when twice absent, or left to a person."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message, MessageAttempt
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.rules import MessageState
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.settling import decide_unknown
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import tasks
from tests.twilio_stub import Behaviour, Misstep, TwilioStub, fixtures

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template
stub, twilio = fixtures.stub, fixtures.twilio

S = MessageState
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOST, NEVER_CAME = Behaviour(misstep=Misstep.DROP), Behaviour(takes=False, misstep=Misstep.DROP)


def texts() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.kind == "booked").order_by(Message.id)))


def states() -> list[MessageState]:
    return [text.state for text in texts()]


def work(twilio: TwilioProvider, clock: SettableClock, after: timedelta = timedelta(0)) -> None:
    clock.advance(after)
    while run_due(twilio, now=clock.now()):
        pass


def test_lost_answer_is_found_and_nothing_goes_twice(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.script(LOST)
    work(twilio, clock)
    assert sorted(states()) == [S.ACCEPTED, S.UNKNOWN]
    work(twilio, clock, 2 * MINUTE)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert {text.provider_sid for text in texts()} == set(stub.messages)
    assert len(stub.messages) == 2


def test_text_that_never_came_goes_again_after_it_was_absent_twice(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.script(NEVER_CAME, NEVER_CAME)
    work(twilio, clock)
    work(twilio, clock, MINUTE)
    assert states() == [S.UNKNOWN, S.UNKNOWN]
    work(twilio, clock, MINUTE + timedelta(seconds=59))
    assert stub.messages == {}, "two minutes lie between the two times"
    work(twilio, clock, timedelta(seconds=1))
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert len(stub.messages) == 2
    life = [change.to_state for change in queries.changes_of(texts()[0].id)]
    assert life == [S.PLANNED, S.CLAIMED, S.SENDING, S.UNKNOWN, S.PLANNED, S.CLAIMED, S.SENDING, S.ACCEPTED]


def test_text_that_the_list_shows_late_is_found_the_second_time(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.script(LOST)
    work(twilio, clock)
    stub.unlisted.update(stub.messages)
    work(twilio, clock, MINUTE)
    stub.unlisted.clear()
    work(twilio, clock, 2 * MINUTE)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert len(stub.messages) == 2


def test_text_that_is_of_no_more_use_is_not_sent_after_all(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.script(NEVER_CAME)
    work(twilio, clock)
    ((lost_id, expires_at),) = [(one.id, one.expires_at) for one in texts() if one.state is S.UNKNOWN]
    stub.refuses_questions = (500, 20500)
    work(twilio, clock, 10 * HOUR)
    stub.refuses_questions = None
    clock.set(expires_at)
    work(twilio, clock)
    work(twilio, clock, 3 * MINUTE)
    assert db.session.get_one(Message, lost_id).state is S.EXPIRED


def test_provider_that_does_not_answer_is_asked_later_and_seldomer(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.script(LOST)
    work(twilio, clock)
    stub.refuses_questions = (500, 20500)
    asked = []
    for _ in range(3):
        (due_at,) = [text.settle_at for text in texts() if text.state is S.UNKNOWN]
        assert due_at is not None
        asked.append(due_at)
        clock.set(due_at)
        work(twilio, clock)
    assert [later - sooner for sooner, later in pairwise(asked)] == [MINUTE, 2 * MINUTE]
    stub.refuses_questions = None
    work(twilio, clock, HOUR)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert len(stub.messages) == 2


def test_two_lost_texts_that_say_the_same_are_each_found(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    for text in texts():
        text.body = "Reminder: appointment. Queries 01632 960001."
    db.session.commit()
    stub.script(LOST, LOST)
    work(twilio, clock)
    work(twilio, clock, 5 * MINUTE)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert {text.provider_sid for text in texts()} == set(stub.messages)


def test_one_of_two_that_say_the_same_is_found_and_the_other_sent(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    for text in texts():
        text.body = "Reminder: appointment. Queries 01632 960001."
    db.session.commit()
    stub.script(LOST, NEVER_CAME)
    work(twilio, clock)
    for _ in range(4):
        work(twilio, clock, 2 * MINUTE)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert len(stub.messages) == 2


def held_with_two_shown(stub: TwilioStub, twilio: TwilioProvider, clock: SettableClock) -> Message:
    """Lose an answer, and have the provider show two texts that could be it."""
    stub.script(LOST)
    work(twilio, clock)
    ((lost_id, body),) = [(one.id, one.body) for one in texts() if one.state is S.UNKNOWN]
    twilio.send(to="+447700900101", body=body, message_id=0, validity_seconds=60)
    work(twilio, clock, 2 * MINUTE)
    return db.session.get_one(Message, lost_id)


def test_several_that_could_be_it_are_left_to_a_person_who_names_one(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    held = held_with_two_shown(stub, twilio, clock)
    held_id = held.id
    assert held.state is S.UNKNOWN
    assert [one.id for one in queries.held_for_person()] == [held.id]
    assert held.candidates is not None
    shown = [one["sid"] for one in held.candidates]
    assert len(shown) == 2
    (task,) = tasks("settle_text", case.enrolment_id)
    assert task.to_role == "manager"
    work(twilio, clock, 10 * HOUR)
    assert db.session.get_one(Message, held_id).state is S.UNKNOWN, "nothing happens without the person"
    with pytest.raises(RefusedError):
        decide_unknown(held_id, True, sid="SM" + "f" * 32, actor=case.team.manager, now=clock.now())
    decided = decide_unknown(held_id, True, sid=shown[0], actor=case.team.manager, now=clock.now())
    assert (decided.state, decided.provider_sid) == (S.ACCEPTED, shown[0])
    assert tasks("settle_text", case.enrolment_id) == []
    with pytest.raises(RefusedError):
        decide_unknown(held_id, False, actor=case.team.manager, now=clock.now())


@pytest.mark.parametrize(("went", "state"), [(True, S.SENT), (False, S.ACCEPTED)])
def test_person_says_whether_it_went(
    case: CaraCase,
    clock: SettableClock,
    stub: TwilioStub,
    twilio: TwilioProvider,
    went: bool,
    state: MessageState,
) -> None:
    held_id = held_with_two_shown(stub, twilio, clock).id
    taken = len(stub.messages)
    decide_unknown(held_id, went, actor=case.team.manager, now=clock.now())
    work(twilio, clock)
    db.session.rollback()
    assert db.session.get_one(Message, held_id).state is state
    assert len(stub.messages) == taken + (not went)
    last = queries.changes_of(held_id)
    assert any(case.team.manager.name in change.cause for change in last)


def test_callback_settles_what_a_person_was_asked(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    held_id = held_with_two_shown(stub, twilio, clock).id
    sid = next(iter(stub.messages))
    take_report("delivered", message_id=held_id, sid=sid, now=clock.now())
    db.session.rollback()
    settled = db.session.get_one(Message, held_id)
    assert (settled.state, settled.needs_person_at, settled.candidates) == (S.DELIVERED, None, None)
    assert tasks("settle_text", case.enrolment_id) == []


def test_worker_lost_while_sending_is_settled_the_same_way(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    (claim, *_) = services.claim_due(now=clock.now(), limit=1, worker="dies")
    handover = services.begin_sending(claim, to_address="+447700900101", now=clock.now())
    assert handover is not None
    twilio.send(**vars(handover))
    work(twilio, clock, 3 * MINUTE)
    work(twilio, clock, 2 * MINUTE)
    assert states() == [S.ACCEPTED, S.ACCEPTED]
    assert len(stub.messages) == 2


def test_text_without_news_is_asked_about_hourly_and_given_up_after_three_days(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    work(twilio, clock)
    first, second = (text.provider_sid or "" for text in texts())
    stub.progress(first, "delivered")
    work(twilio, clock, HOUR)
    assert states() == [S.DELIVERED, S.ACCEPTED]
    fetched = len([call for call in stub.calls if call[0] == "GET"])
    work(twilio, clock, 30 * MINUTE)
    assert len([call for call in stub.calls if call[0] == "GET"]) == fetched, "not before its hour"
    work(twilio, clock, timedelta(hours=72))
    given_up = texts()[1]
    assert (given_up.state, given_up.delivery_unknown_at) == (S.ACCEPTED, clock.now())
    assert given_up.settle_at is None
    take_report("delivered", sid=second, now=clock.now())
    late = texts()[1]
    assert (late.state, late.delivery_unknown_at) == (S.DELIVERED, None)


def test_failure_that_is_only_learnt_by_asking_follows_the_table(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    work(twilio, clock)
    for sid in list(stub.messages):
        stub.progress(sid, "undelivered", 30005)
    work(twilio, clock, HOUR)
    assert states() == [S.UNDELIVERED, S.UNDELIVERED]
    assert queries.is_suppressed("+447700900101")


def test_words_are_redacted_when_a_text_is_done_and_asked_again_when_that_fails(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    work(twilio, clock)
    first, second = (text.provider_sid or "" for text in texts())
    take_report("delivered", sid=first, now=clock.now())
    stub.progress(second, "delivered")
    take_report("delivered", sid=second, now=clock.now())
    work(twilio, clock)
    assert (stub.messages[first]["body"] == "", stub.messages[second]["body"]) == (False, "")
    stub.progress(first, "delivered")
    work(twilio, clock, 5 * MINUTE)
    assert stub.messages[first]["body"] == ""
    db.session.rollback()
    assert all(db.session.scalars(select(MessageAttempt.redacted_at)))
