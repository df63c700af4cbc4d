"""What comes back through the provider's calls: done by a worker, once, whatever happens on the way."""

from typing import Any

import pytest

from programme_tracker.jobs.due import KINDS, next_due_at, run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import queries
from programme_tracker.messaging.models import EventKind, InboundMessage, ProviderEvent
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.replies import ReplyKind
from programme_tracker.messaging.rules import MessageState
from programme_tracker.messaging.services import keep_event, list_phrase
from programme_tracker.people.models import Participant
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows import replying
from programme_tracker.workflows.replying import receive_reply
from tests import ready
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import is_whole, notices, tasks, times_audited

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

MOBILE = "+447700900101"
HERS = "+447700900777"


def called_in(clock: SettableClock, sid: str = "SM9", **fields: str) -> bool:
    content = {"MessageSid": sid, "From": MOBILE, "Body": "Hello", "NumMedia": "0"} | fields
    return keep_event(EventKind.INBOUND, f"inbound:{sid}", content, now=clock.now())


def called_back(clock: SettableClock, message_id: int, status: str, sid: str = "SM1", **fields: str) -> None:
    content = {"MessageSid": sid, "MessageStatus": status} | fields
    key = f"status:{message_id}:{sid}:{status}"
    keep_event(EventKind.STATUS, key, content, now=clock.now(), message_id=message_id)


def inbound() -> list[InboundMessage]:
    return list(db.session.scalars(db.select(InboundMessage).order_by(InboundMessage.id)))


def person_of(case: CaraCase) -> Participant:
    return db.session.get_one(Participant, case.participant_id)


def test_call_is_due_at_once_done_once_and_then_forgotten(case: CaraCase, clock: SettableClock) -> None:
    assert KINDS[0].model is ProviderEvent, "a STOP is heeded before anything goes out"
    assert called_in(clock) and not called_in(clock)
    assert next_due_at(clock.now()) == clock.now()
    for _ in range(2):
        run_due(RecordingProvider(), now=clock.now())
    (text,) = inbound()
    assert (text.body, text.participant_id, text.waiting_since_at) == (
        "Hello",
        case.participant_id,
        clock.now(),
    )
    event = db.session.scalars(db.select(ProviderEvent)).one()
    assert (event.due_at, event.done_at, event.fields_sealed) == (None, clock.now(), None)
    assert times_audited("message.inbound") == 1
    assert is_whole()


def test_call_that_fails_half_way_leaves_nothing_and_is_done_later(
    case: CaraCase, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    called_in(clock, Body="STOP")

    def killed(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(f"{replying.__name__}.event_done", killed)
    run_due(RecordingProvider(), now=clock.now())
    assert inbound() == [] and person_of(case).opted_out_at is None
    monkeypatch.undo()
    clock.advance(ready.wall("2026-09-01 09:05") - clock.now())
    run_due(RecordingProvider(), now=clock.now())
    assert len(inbound()) == 1 and person_of(case).opted_out_at == clock.now()
    assert inbound()[0].received_at == ready.START, "it came when it was called in"


def test_same_text_called_in_twice_is_one_text(case: CaraCase, clock: SettableClock) -> None:
    called_in(clock, Body="2")
    keep_event(
        EventKind.INBOUND, "another", {"MessageSid": "SM9", "From": MOBILE, "Body": "2"}, now=clock.now()
    )
    run_due(RecordingProvider(), now=clock.now())
    assert len(inbound()) == 1
    assert len(tasks("call_participant", case.enrolment_id)) == 1


def test_news_out_of_order_never_moves_a_message_back(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    run_due(provider, now=clock.now())
    (gone, *_) = provider.sent
    for status in ("delivered", "sent", "queued", "undelivered", "a new word"):
        called_back(clock, gone.message_id, status, sid=gone.sid)
    run_due(provider, now=clock.now())
    message = queries.message(gone.message_id)
    assert message is not None and message.state is MessageState.DELIVERED
    assert [one.to_state.value for one in queries.changes_of(gone.message_id)][-1] == "delivered"


def test_failed_news_makes_a_call_once(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    run_due(provider, now=clock.now())
    gone = provider.sent[0]
    called_back(clock, gone.message_id, "failed", sid=gone.sid, ErrorCode="30005")
    called_back(clock, gone.message_id, "undelivered", sid=gone.sid, ErrorCode="30005")
    run_due(provider, now=clock.now())
    assert len(tasks("call_participant", case.enrolment_id)) == 1


def test_news_of_a_message_nobody_knows_changes_nothing(case: CaraCase, clock: SettableClock) -> None:
    called_back(clock, 999_999, "delivered")
    assert run_due(RecordingProvider(), now=clock.now()) >= 1
    assert db.session.scalars(db.select(ProviderEvent)).one().done_at is not None


@pytest.mark.parametrize(
    "sender", ["60777", "Vodafone", "whatsapp:+447700900101", "+1", "07700 900 9999999999"]
)
def test_sender_that_is_no_number_waits_for_the_team(
    case: CaraCase, clock: SettableClock, sender: str
) -> None:
    called_in(clock, From=sender, Body="STOP")
    run_due(RecordingProvider(), now=clock.now())
    (text,) = inbound()
    assert (text.participant_id, text.waiting_since_at) == (None, clock.now())
    assert person_of(case).opted_out_at is None


def test_number_written_in_another_way_is_the_same_number(case: CaraCase, clock: SettableClock) -> None:
    called_in(clock, From="07700 900101", Body="stop please")
    run_due(RecordingProvider(), now=clock.now())
    assert person_of(case).opted_out_at == clock.now()


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"Body": "1"}, False),
        ({"Body": "2"}, False),
        ({"Body": "STOP"}, False),
        ({"Body": "HELP"}, True),
        ({"Body": "start"}, True),
        ({"Body": ""}, True),
        ({"Body": "", "NumMedia": "2"}, True),
        ({"Body": "I will be late, sorry"}, True),
    ],
)
def test_reply_waits_for_a_reader_unless_it_was_acted_on(
    case: CaraCase, clock: SettableClock, fields: dict[str, str], waits: bool
) -> None:
    called_in(clock, **fields)
    run_due(RecordingProvider(), now=clock.now())
    (text,) = inbound()
    assert (text.waiting_since_at is not None) is waits
    assert text.media_count == int(fields.get("NumMedia", "0"))


def test_yes_with_nothing_booked_waits_for_a_reader(case: CaraCase, clock: SettableClock) -> None:
    called_in(clock, Body="1")
    clock.set(ready.wall("2026-12-01 12:00"))
    assert live_bookings(case.enrolment_id)
    run_due(RecordingProvider(), now=clock.now())
    assert inbound()[0].waiting_since_at is not None


def test_start_after_stop_asks_the_lead_and_brings_no_text_back(case: CaraCase, clock: SettableClock) -> None:
    for body in ("STOP", "START", "yes", "unstop"):
        receive_reply(MOBILE, body, now=clock.now())
    assert person_of(case).opted_out_at == clock.now()
    assert len(tasks("call_participant", case.enrolment_id)) == 1
    assert [text.waiting_since_at for text in inbound()] == [None] * 4


def test_stop_that_the_provider_alone_understood_counts(case: CaraCase, clock: SettableClock) -> None:
    called_in(clock, Body="ARRET", OptOutType="STOP")
    run_due(RecordingProvider(), now=clock.now())
    assert person_of(case).opted_out_at == clock.now()
    assert inbound()[0].kind is ReplyKind.STOP


def test_start_that_the_provider_alone_understood_is_not_one(case: CaraCase, clock: SettableClock) -> None:
    receive_reply(MOBILE, "STOP", now=clock.now())
    called_in(clock, Body="hello again", OptOutType="START")
    run_due(RecordingProvider(), now=clock.now())
    assert person_of(case).opted_out_at is not None
    assert inbound()[-1].kind is ReplyKind.OTHER


def test_text_from_a_partners_number_is_victim_safetys_alone(case: CaraCase, clock: SettableClock) -> None:
    with transaction():
        add_partner(case.participant_id, PartnerDetails("P", HERS), actor=case.team.worker, now=clock.now())
    for sid, body in (("SM1", "1"), ("SM2", "he is on his way here"), ("SM3", "2")):
        called_in(clock, sid, From=HERS, Body=body)
    run_due(RecordingProvider(), now=clock.now())
    assert all(text.is_quarantined and text.participant_id is None for text in inbound())
    told = notices(case.enrolment_id, "number_conflict")
    assert {(one.to_role, one.staff_id) for one in told} == {("victim_safety", case.team.worker.staff_id)}
    assert "way here" not in str([one.facts for one in told])
    assert tasks("call_participant") == [] and tasks("check_number") == []
    assert [one.confirmed_at for one in live_bookings(case.enrolment_id)] == [None, None]


def test_partners_number_that_is_his_too_speaks_not_for_him(case: CaraCase, clock: SettableClock) -> None:
    with transaction():
        add_partner(case.participant_id, PartnerDetails("P", MOBILE), actor=case.team.worker, now=clock.now())
    called_in(clock, Body="1")
    run_due(RecordingProvider(), now=clock.now())
    assert [one.confirmed_at for one in live_bookings(case.enrolment_id)] == [None, None]
    assert [one.why for one in tasks("check_number")] == ["Number unusable. Ask for another."]


def test_stop_on_a_shared_number_stops_both(case: CaraCase, clock: SettableClock) -> None:
    other = cara_case(
        case.team, person=sam(name="His Brother"), sessions=(case.session_a_id, case.session_b_id)
    )
    called_in(clock, Body="STOP")
    run_due(RecordingProvider(), now=clock.now())
    for one in (case, other):
        assert person_of(one).opted_out_at == clock.now()
        assert "replied STOP" in str([task.why for task in tasks("call_participant", one.enrolment_id)])
    assert inbound()[0].participant_id is None


def test_manager_adds_and_takes_off_wrong_person_phrases(case: CaraCase, clock: SettableClock) -> None:
    manager = case.team.manager
    assert "his ex" in queries.phrases_in_force()
    list_phrase("Who's  this?", False, actor=manager, now=clock.now())
    list_phrase("nid fi yw hwn", True, actor=manager, now=clock.now())
    receive_reply(MOBILE, "whos this", now=clock.now())
    assert inbound()[-1].kind is ReplyKind.OTHER
    receive_reply(MOBILE, "Helo, nid FI yw hwn", now=clock.now())
    assert inbound()[-1].kind is ReplyKind.WRONG_PERSON
    list_phrase("WHOS THIS", True, actor=manager, now=clock.now())
    assert len(set(queries.phrases_in_force())) == len(queries.phrases_in_force())
    receive_reply(MOBILE, "who's this", now=clock.now())
    assert inbound()[-1].kind is ReplyKind.WRONG_PERSON
    with pytest.raises(ValueError, match="word"):
        list_phrase("?!", True, actor=manager, now=clock.now())
    assert is_whole()
