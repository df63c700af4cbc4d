"""How stores are set up, and that an instant is the same on both."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from programme_tracker.kernel.database import db, journal_mode
from programme_tracker.kernel.settings import StoredSetting
from programme_tracker.kernel.transaction import transaction
from tests.bare import NOON, bare_app
from tests.stores import Store

pytestmark = pytest.mark.each_store
LONDON = ZoneInfo("Europe/London")
BEFORE = datetime(2026, 10, 25, 0, 59, 59, 999999, tzinfo=UTC)  # 01:59 in London, for the first time
AFTER = BEFORE + timedelta(minutes=30)  # 01:29, half an hour later


@pytest.fixture(autouse=True)
def _context(store: Store) -> Iterator[None]:
    with bare_app(store.url):
        yield


def stored(key: str, moment: datetime) -> None:
    """Store an instant."""
    with transaction():
        db.session.add(StoredSetting(key=key, value="", changed_at=moment))


@pytest.mark.parametrize("moment", [NOON, BEFORE, AFTER, NOON.astimezone(LONDON)])
def test_instant_comes_back_as_the_same_instant_in_utc(store: Store, moment: datetime) -> None:
    stored("a", moment)
    db.session.expire_all()
    back = db.session.get_one(StoredSetting, "a").changed_at
    assert back == moment
    assert back.tzinfo is UTC


def test_instants_sort_and_compare_across_a_clock_change(store: Store) -> None:
    stored("after", AFTER.astimezone(LONDON))
    stored("before", BEFORE.astimezone(LONDON))
    in_order = db.session.scalars(select(StoredSetting.key).order_by(StoredSetting.changed_at)).all()
    assert in_order == ["before", "after"]
    due = select(StoredSetting.key).where(StoredSetting.changed_at <= BEFORE.astimezone(LONDON))
    assert db.session.scalars(due).all() == ["before"]


def test_instant_without_a_time_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="must carry its time zone"):
        stored("a", NOON.replace(tzinfo=None))
    assert db.session.get(StoredSetting, "a") is None


def test_sqlite_connections_are_set_up_for_several_processes(store: Store) -> None:
    if db.engine.dialect.name != "sqlite":
        assert db.session.scalar(text("SHOW transaction_isolation")) == "read committed"
        return
    settings = {
        name: db.session.scalar(text(f"PRAGMA {name}"))
        for name in ("foreign_keys", "busy_timeout", "secure_delete", "journal_mode")
    }
    assert settings == {
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "secure_delete": 1,
        "journal_mode": journal_mode(),
    }


def test_sqlite_in_service_has_written_what_it_says_is_committed() -> None:
    # In a process of its own: these tests' databases do not wait for the disk.
    program = (
        "from sqlalchemy import create_engine; "
        "from programme_tracker.kernel.database import prepare_engine; "
        "engine = create_engine('sqlite://'); prepare_engine(engine); "
        "print(engine.connect().exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["2"]
