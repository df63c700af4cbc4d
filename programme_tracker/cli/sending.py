"""Commands that stop all sending and let it go on."""

import click

from programme_tracker.cli.surroundings import application, require_schema, settings_or_demo


@click.group()
def sending() -> None:
    """Hold all texts and mails, or let them go on."""


@sending.command()
@click.argument("reason")
def hold(reason: str) -> None:
    """Send nothing from now on, until a person releases it; REASON is shown to managers."""
    from programme_tracker.kernel import clock
    from programme_tracker.kernel.actor import SYSTEM
    from programme_tracker.messaging.holds import BY_PERSON
    from programme_tracker.messaging.services import hold_sending

    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        hold_sending(BY_PERSON, reason, actor=SYSTEM, now=clock.now())
    click.echo("Sending is held. What is due waits until somebody releases it.")


@sending.command()
@click.argument("reason")
def release(reason: str) -> None:
    """Let sending go on; REASON says why that is safe."""
    from programme_tracker.kernel import clock
    from programme_tracker.kernel.actor import SYSTEM
    from programme_tracker.messaging.services import release_sending

    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        ended = release_sending(reason, actor=SYSTEM, now=clock.now())
    click.echo("Sending goes on." if ended else "Sending was not held.")


@sending.command()
def show() -> None:
    """Say whether sending is held and why."""
    from programme_tracker.messaging.holds import open_holds

    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        for row in open_holds():
            click.echo(f"Held since {row.since_at:%Y-%m-%d %H:%M} UTC: {row.reason}")
        if not open_holds():
            click.echo("Sending is on.")
