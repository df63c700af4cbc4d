"""Texts when the clock is stepped or nothing ran for days: none missed, none doubled, none at night."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.messaging import services
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.rules import MessageState, inside_window
from tests import ready
from tests.factories.cases import CaraCase
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

S = MessageState
HOUR = timedelta(hours=1)
FIRST_REMINDER = wall("2026-09-05 10:00")


def work(provider: RecordingProvider, now: datetime) -> None:
    """Do everything that is due as a worker's tick does."""
    while run_due(provider, now=now):
        pass


def check(provider: RecordingProvider, sent: int) -> None:
    """See that so many went, each once, and all by day."""
    db.session.rollback()
    assert len(provider.sent) == sent
    assert set(Counter(text.message_id for text in provider.sent).values()) <= {1}
    began = db.session.scalars(select(MessageChange.at).where(MessageChange.to_state == S.SENDING))
    assert [to_local(at) for at in began if not inside_window(at)] == []


def test_three_days_without_a_worker_lose_and_double_nothing(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    work(provider, clock.now())
    check(provider, 2)
    work(provider, wall("2026-09-05 22:30"))
    check(provider, 2)  # the first reminder was due at ten: it waits for the morning
    work(provider, wall("2026-09-06 09:00"))
    check(provider, 3)
    work(provider, wall("2026-09-11 10:01"))
    # The second and the third reminder of part A fell due while nothing ran; part B's first is later.
    check(provider, 5)
    work(provider, wall("2026-09-12 10:01"))
    check(provider, 5)
    states = db.session.scalars(
        select(Message.state).where(Message.session_id == case.session_a_id, Message.kind == "reminder")
    )
    assert set(states) == {S.ACCEPTED}


def test_reminder_that_an_outage_made_useless_never_goes(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    work(provider, clock.now())
    work(provider, wall("2026-09-12 12:00"))
    check(provider, 2)
    states = db.session.scalars(
        select(Message.state).where(Message.session_id == case.session_a_id, Message.kind == "reminder")
    )
    assert set(states) == {S.EXPIRED}


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_clock_that_is_stepped_between_ticks_doubles_nothing(
    case: CaraCase, clock: SettableClock, step: timedelta
) -> None:
    provider = RecordingProvider()
    work(provider, clock.now())
    for now in (FIRST_REMINDER, FIRST_REMINDER + step, FIRST_REMINDER, FIRST_REMINDER + 2 * HOUR):
        work(provider, now)
    check(provider, 3)


def test_clock_stepped_while_a_text_is_on_its_way_doubles_nothing(
    case: CaraCase, clock: SettableClock
) -> None:
    """Another worker, an hour ahead, believes the lease over: it asks instead of sending."""
    provider = RecordingProvider()
    now = clock.now()
    (claim, *_) = services.claim_due(now=now, limit=1, worker="slow")
    handover = services.begin_sending(claim, to_address="+447700900101", now=now)
    assert handover is not None
    work(provider, now + HOUR)
    accepted = provider.send(**vars(handover))
    assert services.finish(claim, accepted, now=now) is S.ACCEPTED
    work(provider, now + HOUR + timedelta(minutes=5))
    check(provider, 2)


def test_worker_whose_clock_is_an_hour_ahead_sends_nothing_after_eight(
    case: CaraCase, clock: SettableClock
) -> None:
    provider = RecordingProvider()
    work(provider, wall("2026-09-01 20:30"))
    check(provider, 0)
    work(provider, wall("2026-09-01 19:30"))
    check(provider, 0)
    work(provider, wall("2026-09-02 09:00"))
    check(provider, 2)
