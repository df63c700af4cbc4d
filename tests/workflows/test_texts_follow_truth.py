"""Texts planned with what they speak of: moves, cancellations, and what is told again."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers.recording import RecordingProvider
from programme_tracker.messaging.rules import MessageKind, MessageState
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.messaging.templates.services import save_template, seed_templates
from programme_tracker.people.models import Participant
from programme_tracker.referrals.rules import Gate, SuspensionReason
from programme_tracker.scheduling.models import Group
from programme_tracker.scheduling.queries import live_booking
from programme_tracker.workflows import booking, journeys, sessions, suspending
from programme_tracker.workflows.answering import give_back, record_consent
from programme_tracker.workflows.changing_people import PersonChange, change_person
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.groups import join_group
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.replying import receive_reply
from tests.factories.cases import make_team, sam
from tests.factories.groups import referred, weekly_group
from tests.factories.records import is_whole, texts
from tests.factories.voluntary import Enrolled, enrolled, meet, move_on, wall

pytestmark = pytest.mark.each_store

#: The meeting everything below is about: Thursday 17 September, 2pm; made on the first at 9am.
MEETING = wall(9, 17, 14)
LATER = wall(9, 18, 15)


@pytest.fixture
def provider() -> RecordingProvider:
    return RecordingProvider()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def case(context: None) -> Enrolled:
    return enrolled()


def move(case: Enrolled, session_id: int, to: datetime) -> None:
    sessions.move_session(session_id, to, actor=case.team.lead, now=clock.now())


def change(case: Enrolled, mobile: str | None) -> None:
    change_person(case.participant_id, PersonChange(mobile=mobile), actor=case.team.lead, now=clock.now())


def bodies(provider: RecordingProvider, since: int = 0) -> list[str]:
    return [sent.body for sent in provider.sent[since:]]


def told(session_id: int, kind: str) -> list[tuple[int | None, MessageState]]:
    return [(text.session_version, text.state) for text in texts(session_id, kind)]


def test_two_moves_in_a_minute_make_one_text_from_what_they_were_told(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, wall(9, 16, 11))
    move(case, session_id, LATER)
    move_on(wall(9, 2, 18), provider)
    assert len(provider.sent) == 2
    assert provider.sent[1].body.startswith("Your appointment on Thu 17 Sep 2pm has moved to Fri 18 Sep 3pm.")
    assert told(session_id, "changed") == [(2, MessageState.CANCELLED), (3, MessageState.ACCEPTED)]
    assert is_whole()


def test_move_there_and_back_makes_no_text_and_keeps_the_reminder(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    move(case, session_id, MEETING)
    move_on(wall(9, 17, 13), provider)
    assert [body.split()[0] for body in bodies(provider)] == ["Your", "Reminder:"]
    assert "Thu 17 Sep 2pm" in provider.sent[1].body


def test_move_back_after_its_text_went_is_told(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 1, 9, 30), provider)
    move(case, session_id, LATER)
    move_on(wall(9, 1, 18), provider)
    move(case, session_id, MEETING)
    move_on(wall(9, 1, 19), provider)
    assert "on Fri 18 Sep 3pm has moved to Thu 17 Sep 2pm" in provider.sent[-1].body


def test_move_before_the_booking_was_told_makes_it_a_booking_of_the_new_time(
    case: Enrolled, provider: RecordingProvider
) -> None:
    move_on(wall(9, 1, 21), provider)
    session_id = meet(case, MEETING)
    move(case, session_id, LATER)
    move_on(wall(9, 2, 12), provider)
    assert [body[:38] for body in bodies(provider)] == ["Your appointment is Fri 18 Sep 3pm. Re"]


def test_unknown_text_counts_as_told(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    pending = texts(session_id, "changed")[0]
    pending.state = MessageState.UNKNOWN
    db.session.commit()
    move(case, session_id, MEETING)
    assert "on Fri 18 Sep 3pm has moved to Thu 17 Sep 2pm" in texts(session_id, "changed")[1].body


def test_move_after_a_text_that_failed_names_no_time_they_may_not_know(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 1, 9, 30), provider)
    move(case, session_id, LATER)
    move_on(wall(9, 1, 18), provider)
    take_report("failed", now=clock.now(), message_id=texts(session_id, "changed")[0].id)
    move(case, session_id, MEETING)
    move_on(wall(9, 1, 19), provider)
    assert provider.sent[-1].body.startswith("Your appointment has moved to Thu 17 Sep 2pm.")


def test_cancellation_names_the_time_they_were_told(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    sessions.cancel_session(session_id, "ill", actor=case.team.lead, now=clock.now())
    move_on(wall(9, 20), provider)
    assert bodies(provider, 1) == [
        "Your appointment on Thu 17 Sep 2pm is not going ahead. Queries 01632 960001."
    ]


def test_whole_group_moves_and_each_hears_of_their_own_next_night(
    context: None, provider: RecordingProvider
) -> None:
    team = make_team()
    group_id = weekly_group(team)
    early = referred(team, "Ben Dummy", mobile="07700 900131")
    late = referred(team, "Seán O'Brien-Łukasz", mobile="07700 900132")
    join_group(early, group_id, actor=team.lead, now=clock.now())
    join_group(late, group_id, from_session=3, actor=team.lead, now=clock.now())
    move_on(wall(9, 2), provider)
    first = db.session.get_one(Group, group_id).sessions[0]
    sessions.move_session(first.id, wall(9, 11, 19), later_too=True, actor=team.lead, now=clock.now())
    move_on(wall(9, 2, 18), provider)
    assert sorted((sent.to, sent.body[:66]) for sent in provider.sent[2:]) == [
        ("+447700900131", "Your appointment on Thu 10 Sep 6.30pm has moved to Fri 11 Sep 7pm."),
        ("+447700900132", "Your appointment on Thu 24 Sep 6.30pm has moved to Fri 25 Sep 7pm."),
    ]


def test_corrected_number_is_told_what_was_blocked(context: None, provider: RecordingProvider) -> None:
    case = enrolled(person=sam(mobile=None))
    session_id = meet(case, MEETING)
    move_on(wall(9, 1, 12), provider)
    assert told(session_id, "booked") == [(1, MessageState.BLOCKED)]
    change(case, "07700 900140")
    move_on(wall(9, 1, 13), provider)
    assert [(sent.to, sent.body[:34]) for sent in provider.sent] == [
        ("+447700900140", "Your appointment is Thu 17 Sep 2pm")
    ]
    assert told(session_id, "booked") == [(1, MessageState.BLOCKED), (1, MessageState.ACCEPTED)]
    change(case, "07700 900141")
    move_on(wall(9, 1, 14), provider)
    assert len(provider.sent) == 1


def test_reminder_that_failed_goes_to_the_corrected_number_once(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 16, 10, 5), provider)
    take_report("undelivered", now=clock.now(), message_id=texts(session_id, "reminder")[-1].id)
    change(case, "07700 900141")
    change(case, "07700 900142")
    move_on(wall(9, 17, 13), provider)
    assert [(sent.to, sent.body[:9]) for sent in provider.sent[2:]] == [("+447700900142", "Reminder:")]


def test_who_wants_texts_again_is_told_what_stop_held_back(
    case: Enrolled, provider: RecordingProvider
) -> None:
    receive_reply("+447700900101", "STOP", now=clock.now())
    session_id = meet(case, MEETING)
    move_on(wall(9, 1, 12), provider)
    assert told(session_id, "booked") == [(1, MessageState.BLOCKED)]
    record_consent(case.participant_id, "He rang.", actor=case.team.lead, now=clock.now())
    move_on(wall(9, 1, 13), provider)
    assert [sent.body[:34] for sent in provider.sent] == ["Your appointment is Thu 17 Sep 2pm"]


def test_number_that_was_his_after_all_is_told_what_was_held_back(
    case: Enrolled, provider: RecordingProvider
) -> None:
    doubted_id = receive_reply("+447700900101", "wrong number?", now=clock.now()).id
    session_id = meet(case, MEETING)
    move_on(wall(9, 1, 12), provider)
    assert told(session_id, "booked") == [(1, MessageState.BLOCKED)]
    give_back(doubted_id, actor=case.team.worker, now=clock.now())
    move_on(wall(9, 1, 13), provider)
    assert [sent.body[:34] for sent in provider.sent] == ["Your appointment is Thu 17 Sep 2pm"]


def test_number_corrected_too_late_plans_nothing(context: None, provider: RecordingProvider) -> None:
    case = enrolled(person=sam(mobile=None))
    meet(case, MEETING)
    move_on(wall(9, 17, 15), provider)
    change(case, "07700 900140")
    move_on(wall(9, 18), provider)
    assert provider.sent == []


def test_brothers_texts_go_once_the_number_is_no_longer_shared(
    case: Enrolled, provider: RecordingProvider
) -> None:
    brother = enrolled(team=case.team, person=sam(name="His Brother"))
    meet(case, MEETING)
    move_on(wall(9, 1, 12), provider)
    assert provider.sent == []
    change(brother, "07700 900150")
    move_on(wall(9, 1, 13), provider)
    assert [sent.body[:19] for sent in provider.sent] == ["Your appointment is"]


def test_move_during_a_suspension_is_told_on_resuming(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    suspending.suspend(case.enrolment_id, SuspensionReason.ILLNESS, actor=case.team.lead, now=clock.now())
    move(case, session_id, LATER)
    move_on(wall(9, 3), provider)
    assert told(session_id, "changed") == [(2, MessageState.BLOCKED)]
    suspending.resume(case.enrolment_id, actor=case.team.lead, now=clock.now())
    move_on(wall(9, 3, 11), provider)
    assert bodies(provider, 1)[0].startswith("Your appointment has moved to Fri 18 Sep 3pm.")
    assert len(provider.sent) == 2


def test_reminder_missed_while_suspended_is_not_sent_late(
    case: Enrolled, provider: RecordingProvider
) -> None:
    meet(case, MEETING)
    move_on(wall(9, 16, 9), provider)
    suspending.suspend(case.enrolment_id, SuspensionReason.CUSTODY, actor=case.team.lead, now=clock.now())
    move_on(wall(9, 16, 12), provider)
    suspending.resume(case.enrolment_id, actor=case.team.lead, now=clock.now())
    move_on(wall(9, 17, 13), provider)
    assert len(provider.sent) == 1


def test_sign_off_withdrawn_stops_every_text(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=case.team.worker, now=clock.now())
    change(case, "07700 900140")
    move_on(wall(9, 20), provider)
    assert len(provider.sent) == 1


def test_leaving_drops_every_text(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    journeys.withdraw(case.enrolment_id, "moved away", actor=case.team.lead, now=clock.now())
    assert {text.state for text in texts(session_id)} == {MessageState.ACCEPTED, MessageState.CANCELLED}
    move_on(wall(9, 20), provider)
    assert len(provider.sent) == 1


def test_booking_taken_back_and_made_again_is_told_once(case: Enrolled, provider: RecordingProvider) -> None:
    session_id = meet(case, MEETING)
    held = live_booking(session_id, case.enrolment_id)
    assert held is not None
    booking.unbook(held.id, "asked", actor=case.team.lead, now=clock.now())
    booking.book(session_id, case.enrolment_id, actor=case.team.lead, now=clock.now())
    move_on(wall(9, 17, 13), provider)
    assert [body.split()[0] for body in bodies(provider)] == ["Your", "Reminder:"]


def test_texts_still_to_come_are_worded_anew_in_another_language(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    move(case, session_id, LATER)
    change_person(case.participant_id, PersonChange(language="cy"), actor=case.team.lead, now=clock.now())
    move_on(wall(9, 18, 14), provider)
    assert [body[:64] for body in bodies(provider, 1)] == [
        "Symudwyd eich apwyntiad ar Iau 17 Medi 2yh i Gwe 18 Medi 3yh. At",
        "Nodyn atgoffa: apwyntiad Gwe 18 Medi 3yh. Atebwch 1 os ydych yn ",
    ]


def test_text_knows_the_version_it_was_made_from(case: Enrolled) -> None:
    seed_templates(now=clock.now())
    place = Place(MessageKind.BOOKED, "baseline")
    own = save_template(
        place, "Come {when}.", "Shorter", seen_number=0, actor=case.team.manager, now=clock.now()
    )
    session_id = meet(case, MEETING)
    (text,) = texts(session_id, "booked")
    assert (text.body, text.template_version, text.template_id) == ("Come Thu 17 Sep 2pm.", 1, own.id)


def test_stop_leaves_what_is_planned_to_be_refused_when_it_would_go(
    case: Enrolled, provider: RecordingProvider
) -> None:
    session_id = meet(case, MEETING)
    move_on(wall(9, 2), provider)
    person = db.session.get_one(Participant, case.participant_id)
    person.opted_out_at = clock.now()
    db.session.commit()
    move(case, session_id, LATER)
    change(case, "07700 900140")
    move_on(wall(9, 18, 14), provider)
    assert len(provider.sent) == 1
    assert {text.state for text in texts(session_id)} == {
        MessageState.ACCEPTED,
        MessageState.BLOCKED,
        MessageState.CANCELLED,
    }
