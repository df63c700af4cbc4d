"""Moving a database between versions of its schema, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from programme_tracker.kernel.assets import migrations_path
from programme_tracker.kernel.database import Base, writing

#: How long a migration waits for a lock before it gives up: longer would queue every other query.
LOCK_TIMEOUT = "5s"
#: Two processes that migrate at once take turns on PostgreSQL by this number.
_TURN = 7_351_202_601


class MigrationError(Exception):
    """A migration could not be made; the database is as it was."""


def head() -> str | None:
    """Return the newest revision this version of the program knows, None before the first."""
    return _scripts().get_current_head()


def current(engine: Engine) -> str | None:
    """Return the revision the database stands at, None when it was never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_newer(engine: Engine) -> bool:
    """Tell whether the database was migrated by a version of the program newer than this one."""
    revision = current(engine)
    return revision is not None and revision not in {
        script.revision for script in _scripts().walk_revisions()
    }


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to ``revision``, all the way or not at all."""
    with _connection(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` for empty), all the way or not at all."""
    with _connection(engine) as connection:
        command.downgrade(_config(connection), revision)


def differences(engine: Engine) -> list[Any]:
    """List where the database's schema differs from the models loaded; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def write_migration(engine: Engine, name: str) -> str:
    """Write a migration from what the database is to what the models loaded say; return its path."""
    with _connection(engine) as connection:
        script = command.revision(_config(connection), message=name, autogenerate=True)
    if script is None or isinstance(script, list):
        raise MigrationError("no migration was written")
    return str(script.path)


def prepare(connection: Connection) -> None:
    """Inside the transaction that migrates: take turns, and never wait long for a lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    """Open one write transaction for a whole migration.

    SQLite changes a table by copying and dropping it, which with foreign keys on would empty the
    tables that refer to it; the pragma only works outside a transaction.
    """
    with engine.connect() as connection:
        token = writing.set(True)
        try:
            _enforce_foreign_keys(connection, False)
            with connection.begin():
                prepare(connection)
                yield connection
                _check_foreign_keys(connection)
        finally:
            writing.reset(token)
            _enforce_foreign_keys(connection, True)


def _enforce_foreign_keys(connection: Connection, enforce: bool) -> None:
    raw = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and raw is not None:
        raw.execute(f"PRAGMA foreign_keys={'ON' if enforce else 'OFF'}")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise MigrationError(f"a row of {broken[0]} would refer to a row of {broken[2]} that is not there")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
