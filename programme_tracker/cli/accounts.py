"""Commands about accounts: for the first administrator, and for when nobody can sign in."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from programme_tracker.cli.surroundings import application, require_schema, settings_or_demo
from programme_tracker.kernel.actor import SYSTEM, Role

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Add, disable and reset staff accounts."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name, as colleagues see it.")
@click.option("--role", required=True, type=ROLES)
@click.option("--also-role", type=ROLES, help="Facilitators may be caseworkers too, and the other way round.")
@click.option("--email")
@click.option("--mobile")
def add(
    username: str, name: str, role: str, also_role: str | None, email: str | None, mobile: str | None
) -> None:
    """Add an account called USERNAME and print its one-time password."""
    with _accounts():
        from programme_tracker.accounts.passwords import one_time_password
        from programme_tracker.accounts.services import add_staff
        from programme_tracker.kernel import clock

        password = one_time_password()
        add_staff(
            username=username,
            name=name,
            role=Role(role),
            also_role=Role(also_role) if also_role else None,
            password=password,
            email=email,
            mobile=mobile,
            actor=SYSTEM,
            now=clock.now(),
        )
    click.echo(f"{username} may sign in once with {password} and then chooses a password.")


@user.command()
@click.argument("username")
def disable(username: str) -> None:
    """Stop USERNAME from signing in and end their sessions; the account stays for the record."""
    with _accounts():
        from programme_tracker.accounts.services import disable_staff
        from programme_tracker.kernel import clock

        disable_staff(_staff_id(username), actor=SYSTEM, now=clock.now())
    click.echo(f"{username} can no longer sign in.")


@user.command()
@click.argument("username")
def reset(username: str) -> None:
    """Give USERNAME a new one-time password and end their sessions."""
    with _accounts():
        from programme_tracker.accounts.services import reset_password
        from programme_tracker.kernel import clock

        password = reset_password(_staff_id(username), actor=SYSTEM, now=clock.now())
    click.echo(f"{username} may sign in once with {password} and then chooses a password.")


@user.command("reset-codes")
@click.argument("username")
def reset_codes(username: str) -> None:
    """Take away the app that makes USERNAME's sign-in codes; they set up another."""
    with _accounts():
        from programme_tracker.kernel import clock
        from programme_tracker.workflows.alerting import reset_codes

        reset_codes(_staff_id(username), actor=SYSTEM, now=clock.now())
    click.echo(f"{username} signs in with the password alone once, and sets up an app at once.")


@contextmanager
def _accounts() -> Iterator[None]:
    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        yield


def _staff_id(username: str) -> int:
    from programme_tracker.accounts.queries import staff_by_username

    staff = staff_by_username(username)
    if staff is None:
        raise click.ClickException(f"There is no account called {username}.")
    return staff.id
