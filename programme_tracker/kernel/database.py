"""The database: declarative base, column types, and how each store is set up."""

import sqlite3
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, Table, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

#: True while the current context is inside a write transaction (kernel.transaction sets it).
writing: ContextVar[bool] = ContextVar("writing", default=False)

#: First SQLite in which the write-ahead log is safe with several connections.
SAFE_WAL = (3, 51, 3)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Only aware datetimes go in; UTC comes out on both stores."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored instant must carry its time zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table's base. ``Mapped[datetime]`` is a UTC instant."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it as written


db = SQLAlchemy(metadata=Base.metadata)

#: What every table's class is made from.
Model = Base


def table_of(model: type[Base]) -> Table:
    """Return a model's bare table: for many rows at once, past the session's book-keeping.

    Objects of these rows that the session has loaded do not learn what is written through it.
    """
    return cast(Table, model.__table__)


#: How surely SQLite has written a commit before it says so: FULL survives a power cut.
SYNCHRONOUS = "FULL"


def journal_mode() -> str:
    """Name the SQLite journal that is safe here: WAL from 3.51.3, the rollback journal before."""
    return "wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "delete"


def prepare_engine(engine: Engine) -> None:
    """Set up connections: on SQLite pragmas and immediate write transactions.

    Without ``BEGIN IMMEDIATE`` two writers on SQLite silently lose updates.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON",
            "busy_timeout=30000",
            f"journal_mode={journal_mode()}",
            f"synchronous={SYNCHRONOUS}",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def init_database(app: Flask, url: str) -> None:
    """Bind the application to its database at ``url``."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    options = dict(app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {}))
    if url.startswith("postgresql"):
        options.setdefault("pool_pre_ping", True)
        options.setdefault("connect_args", {"connect_timeout": 10})
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
