"""Calendar addresses: kept as a hash, one live at a time, counted, audited."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.accounts.feeds import (
    READS_AN_HOUR,
    ReadTooOftenError,
    live_feed,
    make_feed,
    reader_of,
    revoke_feed,
)
from programme_tracker.accounts.models import CalendarFeed, Staff
from programme_tracker.accounts.services import disable_staff, enable_staff
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.database import db
from tests.factories.accounts import make_staff

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def staff(app: Flask) -> Iterator[Staff]:
    """Give a caseworker, inside the application's context."""
    with app.app_context():
        yield make_staff()


def events() -> list[str]:
    """Return what the trail says of calendars."""
    found = select(AuditEntry.event).where(AuditEntry.event.startswith("calendar_feed"))
    return list(db.session.scalars(found.order_by(AuditEntry.sequence)))


def test_secret_is_long_and_only_its_hash_is_kept(staff: Staff) -> None:
    secret = make_feed(staff.id, actor=staff.actor, now=NOW)
    assert len(secret) >= 43
    (row,) = db.session.scalars(select(CalendarFeed)).all()
    assert secret not in str(vars(row))
    assert len(row.secret_hash) == 64
    trail = db.session.scalars(select(AuditEntry)).all()
    assert not [entry for entry in trail if secret in str(entry.detail)]


def test_new_address_ends_the_old_one(staff: Staff) -> None:
    first = make_feed(staff.id, actor=staff.actor, now=NOW)
    second = make_feed(staff.id, actor=staff.actor, now=NOW)
    assert first != second
    assert reader_of(first, now=NOW) is None
    reader = reader_of(second, now=NOW)
    assert reader is not None
    assert reader.id == staff.id
    assert events() == ["calendar_feed_made", "calendar_feed_made"]


def test_revoked_address_opens_nothing_and_revoking_twice_is_one(staff: Staff) -> None:
    secret = make_feed(staff.id, actor=staff.actor, now=NOW)
    assert revoke_feed(staff.id, actor=staff.actor, now=NOW)
    assert not revoke_feed(staff.id, actor=staff.actor, now=NOW)
    assert reader_of(secret, now=NOW) is None
    assert live_feed(staff.id) is None
    assert events() == ["calendar_feed_made", "calendar_feed_revoked"]


def test_address_of_a_disabled_account_opens_nothing(staff: Staff) -> None:
    secret = make_feed(staff.id, actor=staff.actor, now=NOW)
    disable_staff(staff.id, actor=staff.actor, now=NOW)
    assert reader_of(secret, now=NOW) is None
    enable_staff(staff.id, actor=staff.actor, now=NOW)
    assert reader_of(secret, now=NOW) is not None


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "ł" * 4000])
def test_unknown_secret_opens_nothing(staff: Staff, secret: str) -> None:
    make_feed(staff.id, actor=staff.actor, now=NOW)
    assert reader_of(secret, now=NOW) is None


def test_reading_too_often_is_refused_until_the_hour_is_over(staff: Staff) -> None:
    secret = make_feed(staff.id, actor=staff.actor, now=NOW)
    for second in range(READS_AN_HOUR):
        assert reader_of(secret, now=NOW + timedelta(seconds=second)) is not None
    with pytest.raises(ReadTooOftenError):
        reader_of(secret, now=NOW + timedelta(minutes=59))
    feed = live_feed(staff.id)
    assert feed is not None
    assert feed.last_read_at == NOW + timedelta(seconds=READS_AN_HOUR - 1)
    assert reader_of(secret, now=NOW + timedelta(hours=1)) is not None
