from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.jobs.console import report_deliveries
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import ConsoleProvider, RecordingProvider
from programme_tracker.messaging.providers.console import DELIVERED_AFTER
from programme_tracker.messaging.rules import MessageState
from tests.factories.cases import cara_case


def wall(month: int, day: int, hour: int) -> datetime:
    return at_local(date(2026, month, day), time(hour))


def handed_over() -> list[datetime | None]:
    gone = select(Message.handed_over_at).where(Message.handed_over_at.is_not(None))
    return list(db.session.scalars(gone.order_by(Message.handed_over_at)))


def states() -> set[MessageState]:
    gone = select(Message.state).where(Message.handed_over_at.is_not(None))
    return set(db.session.scalars(gone))


def test_clock_moved_past_reminders_sends_each_at_its_own_moment(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        cara_case()
        moved = advance(clock, wall(9, 12, 9), RecordingProvider())
        assert moved.is_complete and moved.to_at == clock.now() == wall(9, 12, 9)
        assert handed_over()[-3:] == [wall(9, day, 10) for day in (5, 9, 11)]


def test_clock_moved_back_or_too_far_stays_where_it_was(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        before = clock.now()
        for length in (timedelta(seconds=-1), timedelta(days=401)):
            with pytest.raises(ValueError, match="at most 400 days"):
                advance(clock, before + length, RecordingProvider())
        assert clock.now() == before


def test_too_much_on_the_way_stops_at_the_last_moment_done(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        cara_case()
        moved = advance(clock, wall(10, 1, 9), RecordingProvider(), most_rounds=2)
        assert not moved.is_complete
        assert clock.now() == moved.to_at < wall(10, 1, 9)


def test_nothing_due_on_the_way_just_moves(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        until = clock.now() + timedelta(days=3)
        assert advance(clock, until, RecordingProvider()).is_complete
        assert clock.now() == until


def test_console_reports_its_texts_as_delivered_some_seconds_later(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        cara_case()
        provider = ConsoleProvider(delivers=True)
        run_due(provider, now=clock.now())
        assert states() == {MessageState.ACCEPTED}
        run_due(provider, now=clock.now() + DELIVERED_AFTER - timedelta(seconds=1))
        assert states() == {MessageState.ACCEPTED}
        run_due(provider, now=clock.now() + DELIVERED_AFTER)
        assert states() == {MessageState.DELIVERED}
        assert set(
            db.session.scalars(select(Message.delivered_at).where(Message.delivered_at.is_not(None)))
        ) == {clock.now() + DELIVERED_AFTER}
        assert report_deliveries(provider, now=clock.now() + timedelta(days=1)) == 0, "once each"


def test_console_reports_nothing_where_it_was_not_asked_to(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        cara_case()
        for provider in (ConsoleProvider(), RecordingProvider()):
            run_due(provider, now=clock.now())
            assert report_deliveries(provider, now=clock.now() + timedelta(hours=1)) == 0
