"""Transactions: one use case, all of it or none of it, on both stores."""

import multiprocessing
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from programme_tracker.audit import services as audit
from programme_tracker.kernel import transaction as kernel_transaction
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.settings import StoredSetting, read_setting, write_setting
from programme_tracker.kernel.transaction import is_writing, locked, transaction
from tests.bare import NOON, another_connection, bare_app, committed_value, count_up
from tests.stores import Store

pytestmark = pytest.mark.each_store
PROCESSES = 4
#: 500 shows the promise in full; fewer keep the ordinary run short.
ROUNDS = int(os.environ.get("TEST_ROUNDS", "50"))


@pytest.fixture(autouse=True)
def _context(store: Store) -> Iterator[None]:
    with bare_app(store.url):
        yield


class SomethingWentWrongError(Exception):
    """Raised in the middle of a write."""


def write(key: str, value: str) -> None:
    """Write a setting the way a service does, joining whatever transaction there is."""
    with transaction():
        write_setting(key, value, now=NOON)


def test_inner_transaction_joins_the_outer_one(store: Store) -> None:
    with transaction():
        write("a", "1")
        assert is_writing()
        db.session.flush()
        assert committed_value(store.url, "a") is None
    assert not is_writing()
    assert committed_value(store.url, "a") == "1"


def test_failure_after_an_inner_transaction_undoes_both(store: Store) -> None:
    with pytest.raises(SomethingWentWrongError), transaction():
        write("a", "1")
        raise SomethingWentWrongError
    assert committed_value(store.url, "a") is None
    assert read_setting("a", "nothing") == "nothing"
    assert not is_writing()


def test_failure_inside_an_inner_transaction_undoes_the_outer_one(store: Store) -> None:
    with pytest.raises(SomethingWentWrongError), transaction():
        write("a", "1")
        with transaction():
            raise SomethingWentWrongError
    assert committed_value(store.url, "a") is None


def test_transaction_after_a_failed_one_works(store: Store) -> None:
    with pytest.raises(SomethingWentWrongError), transaction():
        write("a", "1")
        raise SomethingWentWrongError
    write("a", "2")
    assert committed_value(store.url, "a") == "2"


def test_what_was_added_before_the_transaction_is_no_part_of_it(store: Store) -> None:
    db.session.add(StoredSetting(key="stray", value="1", changed_at=NOON))
    write("a", "1")
    assert committed_value(store.url, "stray") is None


def test_objects_read_before_the_transaction_are_read_again_inside(store: Store) -> None:
    write("a", "1")
    row = db.session.get_one(StoredSetting, "a")
    assert row.value == "1"
    db.session.commit()  # on SQLite an open read would keep the other writer out
    with another_connection(store.url) as connection:
        connection.execute(text("UPDATE stored_settings SET value = '2'"))
    with transaction():
        assert row.value == "2"
        assert locked(StoredSetting, "a") is row


def test_locked_keeps_what_was_changed_in_the_same_transaction(store: Store) -> None:
    write("a", "1")
    with transaction():
        locked(StoredSetting, "a").value = "2"
        assert locked(StoredSetting, "a").value == "2"


def test_locked_keeps_other_writers_out(store: Store) -> None:
    write("a", "1")
    with transaction():
        locked(StoredSetting, "a")
        with pytest.raises(DBAPIError, match=r"lock"), another_connection(store.url) as connection:
            connection.execute(text("UPDATE stored_settings SET value = '3'"))
    assert committed_value(store.url, "a") == "1"


def test_locked_without_such_a_row(store: Store) -> None:
    with pytest.raises(LookupError, match="StoredSetting missing is not there"), transaction():
        locked(StoredSetting, "missing")


def test_hook_that_fails_before_the_commit_undoes_the_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise SomethingWentWrongError

    monkeypatch.setattr(kernel_transaction, "_before_commit", [fails])
    with pytest.raises(SomethingWentWrongError):
        write("a", "1")
    assert committed_value(store.url, "a") is None


def test_scratch_space_lasts_as_long_as_the_transaction(store: Store) -> None:
    with transaction():
        db.session.info["seen"] = True
        with transaction():
            assert db.session.info["seen"]
    with transaction():
        assert "seen" not in db.session.info


def test_processes_that_count_together_lose_nothing_and_see_no_lock(store: Store) -> None:
    write("count", "0")
    db.session.remove()
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(PROCESSES), context.SimpleQueue()
    processes = [
        context.Process(target=count_up, args=(store.url, ROUNDS, start, answers)) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [answers.get() for _ in processes] == [""] * PROCESSES
    assert committed_value(store.url, "count") == str(PROCESSES * ROUNDS)
    assert audit.verify() is None


def test_audit_is_written_with_the_outermost_commit(store: Store) -> None:
    with transaction():
        write("a", "1")
        audit.record("changed", actor=SYSTEM, at=NOON)
        with another_connection(store.url) as connection:
            assert connection.scalar(text("SELECT count(*) FROM audit_entries")) == 0
    with another_connection(store.url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entries")) == 1
