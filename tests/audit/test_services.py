"""The audit trail in the database: with the write or not at all, and tampering shows."""

from collections.abc import Iterator
from contextvars import Context

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from programme_tracker.audit.models import AuditEntry, AuditHead
from programme_tracker.audit.services import record, verify
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.settings import StoredSetting, read_setting, write_setting
from programme_tracker.kernel.transaction import transaction
from tests.bare import NOON, another_connection, bare_app
from tests.stores import Store

KIT = Actor(staff_id=7, name="Kit")


@pytest.fixture(autouse=True)
def _context(store: Store) -> Iterator[None]:
    with bare_app(store.url):
        yield


def change(value: str) -> None:
    """Write a setting as a service does, its audit entry inside."""
    with transaction():
        write_setting("a", value, now=NOON)
        record("setting_changed", db.session.get(StoredSetting, "a"), actor=KIT, at=NOON, value=value)


def change_elsewhere(url: str) -> None:
    """Write the setting as another process would."""
    with bare_app(url):
        change("theirs")


def trail() -> list[AuditEntry]:
    """Return every entry, oldest first."""
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))


def tamper(store: Store, *statements: str) -> None:
    """Change the trail behind the application's back."""
    db.session.commit()  # on SQLite an open read keeps other writers out
    with another_connection(store.url) as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.each_store
def test_entry_says_who_did_what_to_which_and_for_whom(store: Store) -> None:
    with transaction():
        record("first", actor=SYSTEM, at=NOON)
        entry_like = AuditHead(id=2, sequence=0, entry_hash="")
        db.session.add(entry_like)  # has no identity before the flush at the commit
        record("second", entry_like, actor=KIT, at=NOON, enrolment_id=5, why="é", on=NOON.date())
    first, second = trail()
    assert (first.sequence, first.actor_id, first.actor_name) == (1, None, "system")
    assert (first.subject_type, first.subject_id, first.enrolment_id) == ("", None, None)
    assert (second.sequence, second.actor_id, second.event) == (2, 7, "second")
    assert (second.subject_type, second.subject_id, second.enrolment_id) == ("AuditHead", 2, 5)
    assert second.detail == {"why": "é", "on": "2026-09-01"}
    assert (second.at, second.previous_hash) == (NOON, first.entry_hash)


@pytest.mark.each_store
def test_trail_that_nobody_touched_is_whole(store: Store) -> None:
    assert verify() is None
    for value in ("1", "2", "3"):
        change(value)
    assert verify() is None
    assert db.session.get_one(AuditHead, 1).sequence == 3


@pytest.mark.each_store
def test_entry_outside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="setting_changed must be recorded inside a transaction"):
        record("setting_changed", actor=KIT, at=NOON)


@pytest.mark.each_store
def test_entries_of_a_failed_transaction_are_not_kept_for_the_next(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        record("never", actor=KIT, at=NOON)
        raise ZeroDivisionError
    change("1")
    assert [entry.event for entry in trail()] == ["setting_changed"]


@pytest.mark.each_store
def test_write_whose_entry_cannot_be_written_is_undone(store: Store) -> None:
    change("1")
    change("2")
    tamper(store, "UPDATE audit_head SET sequence = 1")  # so that the next entry's number is taken
    with pytest.raises(IntegrityError):
        change("3")
    assert read_setting("a") == "2"
    assert len(trail()) == 2


@pytest.mark.each_store
@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_entries SET actor_name = 'Fay' WHERE sequence = 2"], "entry 2 was changed"),
        (
            ["""UPDATE audit_entries SET detail = '{"value": "9"}' WHERE sequence = 1"""],
            "entry 1 was changed",
        ),
        (
            ["UPDATE audit_entries SET at = '2026-09-02 11:00:00+00' WHERE sequence = 3"],
            "entry 3 was changed",
        ),
        (["DELETE FROM audit_entries WHERE sequence = 1"], "entry 1 is missing"),
        (["DELETE FROM audit_entries WHERE sequence = 2"], "entry 2 is missing"),
        (["DELETE FROM audit_entries WHERE sequence = 4"], "the trail ends at entry 3"),
        (["DELETE FROM audit_entries"], "the trail ends at entry 0"),
        (["DELETE FROM audit_head"], "the trail ends at entry 4 but should end at entry 0"),
        (
            [
                "UPDATE audit_entries SET sequence = 9 WHERE sequence = 2",
                "UPDATE audit_entries SET sequence = 2 WHERE sequence = 3",
                "UPDATE audit_entries SET sequence = 3 WHERE sequence = 9",
            ],
            "entry 2 does not follow",
        ),
        (
            [
                "DELETE FROM audit_entries WHERE sequence = 2",
                "UPDATE audit_entries SET sequence = sequence - 1 WHERE sequence = 3",
                "UPDATE audit_entries SET sequence = sequence - 1 WHERE sequence = 4",
                "UPDATE audit_head SET sequence = 3",
            ],
            "entry 2 does not follow",
        ),
    ],
)
def test_tampering_shows(store: Store, statements: list[str], fault: str) -> None:
    for value in ("1", "2", "3", "4"):
        change(value)
    if "at =" in statements[0] and store.name == "sqlite":
        statements = [statement.replace("+00", ".000000") for statement in statements]
    tamper(store, *statements)
    found = verify()
    assert found is not None
    assert found.startswith(fault)


@pytest.mark.each_store
def test_check_inside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="cannot be checked inside a transaction"), transaction():
        verify()


# SQLite keeps other writers out at these moments, so the last two are PostgreSQL's alone.


def somebody_writes_after(first_statement: str, store: Store) -> list[str]:
    """Let another session change the setting once, right after the next such statement of ours."""
    written: list[str] = []

    def write_meanwhile(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if first_statement in statement and not written:
            written.append(statement)
            Context().run(change_elsewhere, store.url)  # ours is inside a transaction, theirs is not

    event.listen(db.engine, "after_cursor_execute", write_meanwhile)
    return written


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_check_while_somebody_writes_raises_no_false_alarm(store: Store) -> None:
    change("ours")
    written = somebody_writes_after("FROM audit_head", store)
    assert verify() is None
    assert written
    assert verify() is None
    assert len(trail()) == 2


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_first_entries_of_two_writers_at_once_are_chained(store: Store) -> None:
    written = somebody_writes_after("FROM audit_head", store)
    with transaction():
        record("ours", actor=KIT, at=NOON)
    assert written
    assert verify() is None
    assert [entry.event for entry in trail()] == ["setting_changed", "ours"]
