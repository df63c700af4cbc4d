"""Commands about the database: migrations and invented data."""

from dataclasses import replace
from functools import partial

import click

from programme_tracker.cli.backups import backup, damage_of, verify_restore
from programme_tracker.cli.surroundings import (
    application,
    opened_engine,
    refuse_newer,
    require_schema,
    settings_or_demo,
    sqlite_path,
)
from programme_tracker.config import ConfigError, Settings
from programme_tracker.kernel import migration


@click.group()
def db() -> None:
    """Migrate and check the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version, all the way or not at all."""
    prepare_database(settings_or_demo(), with_demo_data=False)
    click.echo(f"The database is up to date ({migration.head()}).")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to REVISION; "base" removes every table and everything in them."""
    if revision == "base":
        click.confirm("This deletes everything in the database. Go on?", abort=True)
    with opened_engine(settings_or_demo()) as engine:
        refuse_newer(engine)
        migration.downgrade(engine, revision)
        click.echo(f"The database is at {migration.current(engine) or 'base'}.")


@db.command()
def check() -> None:
    """Check that the database is whole and has the schema of this version."""
    settings = settings_or_demo()
    require_schema(settings)
    with opened_engine(settings) as engine:
        faults = [
            *(f"schema: {difference}" for difference in migration.differences(engine)),
            *damage_of(engine),
        ]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.ClickException(f"The database has {len(faults)} faults.")
    click.echo(f"The database is whole and up to date ({migration.head()}).")


@db.command()
@click.argument("name")
def write(name: str) -> None:
    """Write a migration called NAME from the models; for development, from a checkout."""
    if not name.strip():
        raise click.ClickException('A migration needs a name: make migration NAME="add the thing".')
    with opened_engine(settings_or_demo()) as engine:
        refuse_newer(engine)
        migration.upgrade(engine)
        click.echo(migration.write_migration(engine, name.strip()))


db.add_command(backup)
db.add_command(verify_restore)


@click.group()
def demo() -> None:
    """Load invented data to try the product with."""


@demo.command()
def load() -> None:
    """Load the invented data, if the database is empty."""
    settings = settings_or_demo()
    if not settings.demo:
        raise ConfigError("PT_DEMO", "is off: invented people do not belong in a database of real ones.")
    loaded = prepare_database(settings, with_demo_data=True)
    click.echo("The invented data is loaded." if loaded else "The database holds data: nothing was loaded.")


def prepare_database(settings: Settings, *, with_demo_data: bool) -> bool:
    """Make the database if there is none, migrate it and put in what every installation has.

    Returns whether demo data was loaded: only when asked for, and into an empty database.
    """
    path = sqlite_path(settings)
    if path is None or path.exists() or not with_demo_data:
        return _prepare(settings, with_demo_data=with_demo_data)
    # Made aside and put in its place when whole: a start that is broken off leaves nothing half-loaded.
    click.echo("Making the database and its invented data; the first time takes some seconds.")
    draft = path.with_name(f"{path.name}.new")
    for left_over in path.parent.glob(f"{draft.name}*"):
        left_over.unlink()
    _prepare(replace(settings, database_url=f"sqlite:///{draft}"), with_demo_data=True)
    draft.rename(path)
    return True


def _prepare(settings: Settings, *, with_demo_data: bool) -> bool:
    with opened_engine(settings) as engine:
        refuse_newer(engine)
        migration.upgrade(engine)
    from programme_tracker.jobs.timeline import advance
    from programme_tracker.kernel import clock
    from programme_tracker.messaging.providers import ConsoleProvider
    from programme_tracker.messaging.templates.services import seed_templates
    from programme_tracker.programmes.services import seed_programmes

    with application(settings):
        seed_programmes(now=clock.now())
        seed_templates(now=clock.now())
        if not with_demo_data:
            return False
        from programme_tracker.workflows import demo as demo_data

        if demo_data.is_half_loaded():
            raise click.ClickException(
                "Loading the invented data was broken off, so only half of it is there."
                " Make the database anew, empty, and start again."
            )
        move_on = partial(advance, provider=ConsoleProvider())
        return demo_data.load_if_empty(now=clock.now(), move_on=move_on)
