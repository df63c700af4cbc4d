"""Commands about secrets: making new ones, and sealing what is stored anew with a new key."""

import click

from programme_tracker.cli.surroundings import application, require_schema, settings_or_demo
from programme_tracker.config import new_secrets


@click.group(invoke_without_command=True)
@click.pass_context
def secrets(context: click.Context) -> None:
    """Print new values for the secrets that a real installation must set.

    With ROTATE: seal everything anew with the first key of PT_FIELD_KEYS.
    """
    if context.invoked_subcommand is None:
        for name, value in new_secrets().items():
            click.echo(f"{name}={value}")


@secrets.command()
@click.option(
    "--index", is_flag=True, help="Make the blind indexes again too, after PT_BLIND_INDEX_KEY changed."
)
@click.option("--check", is_flag=True, help="Only say how much older keys still hold.")
def rotate(index: bool, check: bool) -> None:
    """Seal every sealed value anew with the first key of PT_FIELD_KEYS, while the product serves.

    Run it after the new key stands first everywhere; it can be stopped and run again. When it says
    that nothing is left, the old key may go. The steps are in docs/keys.md.
    """
    from programme_tracker.kernel import rotation
    from programme_tracker.workflows.rotating import rotate_keys

    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        if not check:
            done = rotate_keys(with_indexes=index, told=_tell)
            click.echo(f"{done} values sealed anew with the key {settings.field_keys[0][0]}.")
        left = {table: count for table, count in rotation.still_old().items() if count}
    for table, count in left.items():
        click.echo(f"{table}: {count} values still sealed with an older key.")
    if not left:
        click.echo("No value needs an older key.")


def _tell(table: str, values: int) -> None:
    click.echo(f"{table}: {values}", err=True)
