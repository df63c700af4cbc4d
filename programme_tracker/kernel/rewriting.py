"""Writing a database's files anew, so that what was deleted or changed is not left in them.

SQLite overwrites what is deleted (``secure_delete``), but not every copy that moving rows within a page
leaves; PostgreSQL keeps old rows until their space is used again, and samples of columns for its planner.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import is_writing

log = logging.getLogger(__name__)


def is_quick() -> bool:
    """Tell whether rewriting holds nobody up for long: one file, beside this process."""
    return db.engine.dialect.name == "sqlite"


def rewrite(tables: Sequence[str]) -> None:
    """Rewrite the whole file on SQLite, these tables and their statistics on PostgreSQL.

    Raises RuntimeError inside a transaction.
    """
    if is_writing():
        raise RuntimeError("a database cannot be rewritten inside a transaction")
    db.session.rollback()
    if is_quick():
        _rewrite_file()
    else:
        _rewrite_tables(tables)


def _rewrite_file() -> None:
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        raw.close()


def _rewrite_tables(tables: Sequence[str]) -> None:
    quote = db.engine.dialect.identifier_preparer.quote
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {quote(table)}"))
        try:
            # The planner's samples of what stood in the columns.
            connection.execute(text("VACUUM (FULL) pg_catalog.pg_statistic"))
            connection.execute(text("CHECKPOINT"))
        except ProgrammingError:
            log.warning("the planner's samples were not rewritten: run the command as the database's owner")
