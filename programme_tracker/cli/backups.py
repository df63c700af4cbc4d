"""Copying the database while it is used, and checking a copy before it is put in its place."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, func, select, text

from programme_tracker.cli.surroundings import (
    application,
    opened_engine,
    require_schema,
    settings_or_demo,
    sqlite_path,
)
from programme_tracker.config import Settings
from programme_tracker.kernel import migration
from programme_tracker.kernel.database import Base

HELD = (
    "The database comes from a backup. Texts and mails that it still wants to send may have gone after"
    " the backup was made."
)


@dataclass(frozen=True)
class Contents:
    """What a database holds, by figures: what a copy is compared by."""

    migration: str | None
    rows: dict[str, int]
    audit_sequence: int
    audit_hash: str


def back_up(settings: Settings, target: Path) -> Contents:
    """Copy the SQLite database to ``target`` and its figures beside it; raise ClickException if it cannot.

    Whoever starts on the copy sends nothing until a person releases it: the copy says so itself.
    """
    source = sqlite_path(settings)
    if source is None:
        raise click.ClickException(
            "This copies SQLite. On PostgreSQL use pg_dump, and after a restore, before the worker"
            ' starts: programme-tracker sending hold "restored".'
        )
    if target.exists():
        raise click.ClickException(f"{target} is there already: choose another name.")
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    copied = replace(settings, database_url=f"sqlite:///{target.absolute()}")
    with opened_engine(copied) as engine:
        contents = contents_of(engine)
    _hold(copied)
    figures_file(target).write_text(json.dumps(vars(contents), indent=1))
    return contents


def figures_file(target: Path) -> Path:
    """Return the file beside a copy in which its figures stand."""
    return target.with_name(f"{target.name}.json")


def contents_of(engine: Engine) -> Contents:
    """Count every table's rows and read where migrations and the audit trail stand."""
    from programme_tracker.audit.models import AuditHead

    tables = [table for table in Base.metadata.sorted_tables if table.name != "sending_holds"]
    with engine.connect() as connection:
        rows = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }
        head: Any = connection.execute(select(AuditHead.sequence, AuditHead.entry_hash)).first()
    sequence, entry_hash = head or (0, "")
    return Contents(migration.current(engine), rows, sequence, entry_hash)


def _hold(copied: Settings) -> None:
    """Write the hold into the copy; not into its audit trail, which stays that of the original."""
    from programme_tracker.kernel import clock
    from programme_tracker.kernel.database import db
    from programme_tracker.kernel.transaction import transaction
    from programme_tracker.messaging.holds import RESTORED, open_holds
    from programme_tracker.messaging.models import SendingHold

    with application(copied), transaction():
        if not any(row.cause == RESTORED for row in open_holds()):
            db.session.add(SendingHold(cause=RESTORED, reason=HELD, since_at=clock.now()))


def damage_of(engine: Engine) -> list[str]:
    """List what the store itself finds wrong; PostgreSQL checks as it reads."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA integrity_check")).scalars()
        damage = [f"damage: {line}" for line in found if line != "ok"]
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    return damage + [f"reference: a row of {row[0]} refers to a missing row of {row[2]}" for row in orphans]


def faults_of(settings: Settings, damage: list[str], expected: Contents | None) -> list[str]:
    """List what is wrong with a restored database: damage, migration, counts, audit trail, sending."""
    from programme_tracker.audit.services import verify
    from programme_tracker.messaging.holds import is_held

    with opened_engine(settings) as engine:
        found = contents_of(engine)
    faults = list(damage)
    if found.migration != migration.head():
        faults.append(f"migration: it stands at {found.migration}, not at {migration.head()}")
    if expected is not None:
        faults += _differences(found, expected)
    with application(settings):
        broken = verify()
        if broken is not None:
            faults.append(f"audit trail: {broken}")
        if not is_held():
            faults.append("sending: it is not held; run programme-tracker sending hold REASON")
    return faults


def _differences(found: Contents, expected: Contents) -> list[str]:
    faults = [
        f"counts: {name} has {found.rows.get(name, 0)} rows, the backup had {count}"
        for name, count in expected.rows.items()
        if found.rows.get(name, 0) != count
    ]
    if (found.audit_sequence, found.audit_hash) != (expected.audit_sequence, expected.audit_hash):
        faults.append(f"audit head: it is entry {found.audit_sequence}, not {expected.audit_sequence}")
    return faults


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE while it is in use, and its figures to FILE.json."""
    settings = settings_or_demo()
    require_schema(settings)
    contents = back_up(settings, file)
    click.echo(f"{sum(contents.rows.values())} rows copied to {file}; the audit trail ends at entry")
    click.echo(f"{contents.audit_sequence}. Keep {figures_file(file)} in another place than the copy.")


@click.command("verify-restore")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--figures", type=click.Path(path_type=Path, exists=True), help="FILE.json of the backup.")
def verify_restore(file: Path | None, figures: Path | None) -> None:
    """Check a restored database, FILE or the one of the settings, before anybody works on it."""
    settings = settings_or_demo()
    if file is not None:
        settings = replace(settings, database_url=f"sqlite:///{file.absolute()}")
    if figures is None and file is not None and figures_file(file).exists():
        figures = figures_file(file)
    expected = Contents(**json.loads(figures.read_text())) if figures else None
    with opened_engine(settings) as engine:
        damage = damage_of(engine)
    faults = damage if damage else faults_of(settings, damage, expected)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.ClickException(f"The restored database has {len(faults)} faults.")
    compared = "and what the backup counted" if expected else "(no figures to compare counts with)"
    click.echo(f"The restored database is whole: integrity, migration, audit trail {compared}.")
    click.echo("Sending is held until a manager releases it, or programme-tracker sending release REASON.")
