"""What every command finds out first: settings, database, schema."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from programme_tracker.config import Settings, demo_by_default, load_settings
from programme_tracker.kernel import migration
from programme_tracker.kernel.database import prepare_engine
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.workflows.tables import load_models

if TYPE_CHECKING:
    from flask import Flask


def environment() -> dict[str, str]:
    """Return the environment, with demo mode on when nothing of a real installation is set."""
    environ = dict(os.environ)
    if demo_by_default(environ):
        environ["PT_DEMO"] = "1"
    return environ


def settings_or_demo() -> Settings:
    """Read the settings for a command that a person runs by hand."""
    return load_settings(environment())


def service_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings for a process in service: never demo mode unless it is asked for."""
    return load_settings(environ)


def sqlite_path(settings: Settings) -> Path | None:
    """Return the database's file, None on PostgreSQL."""
    prefix = "sqlite:///"
    is_file = settings.database_url.startswith(prefix)
    return Path(settings.database_url.removeprefix(prefix)) if is_file else None


@contextmanager
def opened_engine(settings: Settings) -> Iterator[Engine]:
    """Open the database by itself, without the application."""
    path = sqlite_path(settings)
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    load_models()
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def application(settings: Settings) -> Iterator["Flask"]:
    """Open the whole application, inside its context, and close its database afterwards."""
    from programme_tracker.app import create_app
    from programme_tracker.kernel.database import db

    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def refuse_newer(engine: Engine) -> None:
    """Refuse a database that a newer version of the program has migrated."""
    if migration.is_newer(engine):
        raise click.ClickException(
            f"The database {_shown(engine)} was made by a newer version of Programme Tracker"
            f" (its schema is {migration.current(engine)}): install that version, or restore a backup"
            " made by this one."
        )


def require_schema(settings: Settings) -> None:
    """Refuse a database whose schema is not the one this program was made for."""
    with opened_engine(settings) as engine:
        refuse_newer(engine)
        revision = migration.current(engine)
        if revision is None or revision != migration.head():
            raise click.ClickException(
                f"The database {_shown(engine)} is not up to date: run programme-tracker db upgrade."
            )


def sentence_for(error: Exception) -> str | None:
    """Say an expected failure in one sentence, or None for one that nobody expected."""
    if isinstance(error, RefusedError | migration.MigrationError):
        return str(error)
    if isinstance(error, DBAPIError):
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
        return f"The database cannot be used: {reason}."
    if isinstance(error, SQLAlchemyError):
        return f"PT_DATABASE_URL cannot be used: {str(error).splitlines()[0]}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be used: {error.strerror}."
    return None


def _shown(engine: Engine) -> str:
    url = make_url(engine.url)
    return (
        str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )
