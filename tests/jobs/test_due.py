"""Due work: done once, whoever does it; what fails is tried again and holds up nothing else."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Notice
from programme_tracker.jobs import dispatch
from programme_tracker.jobs.due import next_due_at, run_due
from programme_tracker.jobs.failures import failures, retry_after
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.workflows import deciding, sending
from programme_tracker.workflows.registers import submit_register
from tests import ready
from tests.factories.cases import CaraCase, attend, cara_case, sam
from tests.factories.records import enrolment, events, is_whole, notice, notices, texts
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

DEADLINE = wall("2026-09-14 17:00")


@pytest.fixture
def provider() -> RecordingProvider:
    return RecordingProvider()


def untell_victim_safety(enrolment_id: int, released_at: object = None) -> None:
    """Make releasing this enrolment's police notice fail: it must not go before victim safety's."""
    with transaction():
        db.session.execute(
            update(Notice)
            .where(Notice.enrolment_id == enrolment_id, Notice.to_role == "victim_safety")
            .values(released_at=released_at)
        )


def another(case: CaraCase) -> CaraCase:
    """Book a second person on the same workshops."""
    sessions = (case.session_a_id, case.session_b_id)
    return cara_case(case.team, person=sam(name="Lee Invented", mobile="07700 900102"), sessions=sessions)


def nobody_came(session_id: int | None, *cases: CaraCase, clock: SettableClock) -> None:
    """Submit a register of absences just after part A ended."""
    clock.set(wall("2026-09-12 15:10"))
    absent = {one.enrolment_id: MarkDetails(Outcome.ABSENT) for one in cases}
    team = cases[0].team
    submit_register(session_id or 0, absent, token="nobody", actor=team.facilitator, now=clock.now())


def test_nothing_due_does_nothing(case: CaraCase, clock: SettableClock, provider: RecordingProvider) -> None:
    run_due(provider, now=clock.now())
    before = events()
    assert run_due(provider, now=clock.now()) == 0
    assert events() == before


def test_next_due_is_the_earliest_of_everything(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    assert next_due_at(clock.now()) == clock.now(), "the booked texts"
    run_due(provider, now=clock.now())
    assert next_due_at(clock.now()) == wall("2026-09-05 10:00"), "the first reminder"


def test_item_that_fails_is_logged_shown_and_holds_up_nothing_else(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    attend(case, case.session_a_id, "absent")
    untell_victim_safety(case.enrolment_id)
    clock.set(DEADLINE)
    with caplog.at_level(logging.ERROR):
        run_due(provider, now=clock.now())
    assert "due work failed" in caplog.text
    (failure,) = failures()
    assert (failure.kind, failure.error, failure.attempts) == ("release", "NoticeOrderError", 1)
    assert notice(case.enrolment_id, "breach", "police").released_at is None
    assert notice(case.enrolment_id, "breach", "lead").released_at == DEADLINE
    assert enrolment(case.enrolment_id).status == "enrolled", "nothing of the failed release stays"


def test_item_that_fails_is_tried_again_with_a_growing_delay_until_it_succeeds(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    attend(case, case.session_a_id, "absent")
    told_at = clock.now()
    untell_victim_safety(case.enrolment_id)
    clock.set(DEADLINE)
    tried = []
    for _ in range(4):
        run_due(provider, now=clock.now())
        (failure,) = failures()
        tried.append(failure.retry_at - clock.now())
        clock.set(failure.retry_at - timedelta(seconds=1))
        run_due(provider, now=clock.now())
        assert failures()[0].attempts == len(tried), "not before its time"
        clock.advance(timedelta(seconds=1))
    assert tried == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    untell_victim_safety(case.enrolment_id, released_at=told_at)
    run_due(provider, now=clock.now())
    assert notice(case.enrolment_id, "breach", "police").released_at == clock.now()
    assert failures() == []


def test_delay_grows_to_an_hour() -> None:
    assert [retry_after(attempts).total_seconds() for attempts in (1, 2, 7, 8, 50)] == [
        30,
        60,
        1920,
        3600,
        3600,
    ]


def test_failure_of_what_is_no_longer_asked_for_is_forgotten(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    attend(case, case.session_a_id, "absent")
    untell_victim_safety(case.enrolment_id)
    clock.set(DEADLINE)
    run_due(provider, now=clock.now())
    assert len(failures()) == 1
    with transaction():
        db.session.execute(update(Notice).where(Notice.to_role == "police").values(release_at=None))
    clock.advance(timedelta(hours=2))
    run_due(provider, now=clock.now())
    assert failures() == []


def test_text_that_fails_for_our_own_fault_holds_up_no_other(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    first, second = texts(case.session_a_id, "booked") + texts(case.session_b_id, "booked")
    first_id, second_id = first.id, second.id
    with transaction():
        db.session.execute(update(Message).where(Message.id == first_id).values(enrolment_id=999))
    run_due(provider, now=clock.now())
    assert [text.message_id for text in provider.sent] == [second_id]
    (failure,) = failures()
    assert (failure.kind, failure.item_id) == ("send", first_id)
    clock.set(failure.retry_at)
    run_due(provider, now=clock.now())
    assert failures()[0].attempts == 2
    with transaction():
        db.session.execute(
            update(Message).where(Message.id == first_id).values(enrolment_id=case.enrolment_id)
        )
    clock.set(failures()[0].retry_at)
    run_due(provider, now=clock.now())
    assert [text.message_id for text in provider.sent] == [second_id, first_id]
    run_due(provider, now=clock.now())
    assert failures() == []


def test_fault_in_the_providers_own_code_leaves_the_text_unknown_and_the_rest_going(
    case: CaraCase, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, provider: RecordingProvider
) -> None:
    def breaks_once(**_given: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(provider, "send", breaks_once)
    run_due(provider, now=clock.now())
    assert len(provider.sent) == 1
    clock.advance(timedelta(minutes=3))
    run_due(provider, now=clock.now())
    states = sorted(text.state.value for text in db.session.query(Message).filter_by(kind="booked"))
    assert states == ["accepted", "unknown"], "it may have gone, so it is never sent again unasked"
    assert len(provider.sent) == 1


def test_slow_provider_does_not_make_time_stand_still(
    case: CaraCase, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, provider: RecordingProvider
) -> None:
    """The first text takes ten minutes, in which the hours for texts end."""
    seconds, send = [0.0], provider.send

    def takes_ten_minutes(**given: Any) -> Accepted:
        seconds[0] += 600
        return send(**given)

    monkeypatch.setattr(provider, "send", takes_ten_minutes)
    for module in (dispatch, sending):
        monkeypatch.setattr(module, "monotonic", lambda: seconds[0])
    run_due(provider, now=wall("2026-09-01 19:55"))
    assert len(provider.sent) == 1
    left = [text for text in texts(case.session_b_id, "booked") if text.handed_over_at is None]
    assert [text.send_at for text in left] == [wall("2026-09-02 09:00")]


def test_limit_is_kept_and_the_rest_follows(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    nobody_came(case.session_a_id, case, another(case), clock=clock)
    clock.set(DEADLINE)
    done = []
    while some := run_due(provider, now=clock.now(), limit=1):
        done.append(some)
    assert len(done) == 4, "two notices each for two people"
    assert all(one.released_at for one in db.session.query(Notice).filter_by(kind="breach"))
    assert is_whole()


def test_notice_decided_on_meanwhile_is_not_released_again(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    attend(case, case.session_a_id, "absent")
    deciding.acknowledge(case.enrolment_id, actor=case.team.worker, now=clock.now())
    clock.set(DEADLINE)
    run_due(provider, now=clock.now())
    run_due(provider, now=clock.now())
    assert [one.to_role for one in notices(case.enrolment_id, "breach") if one.released_at == DEADLINE] == [
        "police",
        "lead",
    ]
    assert notices(case.enrolment_id, "chase") == []
    assert is_whole()
