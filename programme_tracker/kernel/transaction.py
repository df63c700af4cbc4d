"""Write transactions: one per use case, joined by whatever it calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import func, select

from programme_tracker.kernel.database import Base, db, writing

_before_commit: list[Callable[[], None]] = []

T = TypeVar("T", bound=Base)


def is_writing() -> bool:
    """Tell whether the current context is inside a write transaction."""
    return writing.get()


def before_commit(hook: Callable[[], None]) -> Callable[[], None]:
    """Run ``hook`` inside every write transaction just before its commit."""
    _before_commit.append(hook)
    return hook


@contextmanager
def transaction() -> Iterator[None]:
    """Commit everything written inside at once, or nothing.

    An inner ``transaction()`` joins the outer one. The outermost ends any open read first, so
    that on both stores what is read inside is not older than the write lock; objects loaded
    before are read again when next used. ``db.session.info`` is scratch space that lasts as long
    as the transaction. What an inner one wrote before it failed stays if the outer one goes on
    regardless, so refuse before writing.
    """
    if writing.get():
        yield
        return
    db.session.rollback()
    db.session.info.clear()
    token = writing.set(True)
    try:
        db.session.connection()
        yield
        db.session.flush()
        for hook in _before_commit:
            hook()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        writing.reset(token)


def locked(model: type[T], key: int | str) -> T:
    """Load a row for change, holding it until the transaction ends.

    On PostgreSQL this is ``FOR UPDATE``; on SQLite the immediate transaction already excludes
    other writers. Raises LookupError when there is no such row.
    """
    row = db.session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise LookupError(f"{model.__name__} {key} is not there")
    return row


def serialised(name: str) -> None:
    """Let only one transaction at a time past this point under ``name``, until it ends.

    For checks over many rows, such as clashes, that no single row's lock protects. SQLite has one
    writer at a time anyway.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
