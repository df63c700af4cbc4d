"""Commands that look back or ahead: the audit trail, and rehearsals of timelines."""

import sys
from pathlib import Path

import click

from programme_tracker.cli.surroundings import application, require_schema, settings_or_demo


@click.group()
def audit() -> None:
    """Check the audit trail."""


@audit.command()
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False),
    help="File with the anchored heads; PT_AUDIT_ANCHOR's own when that is a file.",
)
def verify(anchor: str | None) -> None:
    """Check that no entry of the audit trail was changed, removed, moved or cut off."""
    from programme_tracker.audit.anchors import anchored_lines, fault_of_anchors
    from programme_tracker.audit.services import verify as fault_of_trail

    settings = settings_or_demo()
    require_schema(settings)
    own = settings.audit_anchor
    path = anchor or (own if own and "://" not in own and Path(own).exists() else None)
    lines = anchored_lines(path) if path else []
    with application(settings):
        fault = fault_of_trail() or fault_of_anchors(lines)
    if fault is not None:
        raise click.ClickException(f"The audit trail is broken: {fault}.")
    held = f" It holds all {len(lines)} anchored heads." if lines else ""
    click.echo("The audit trail is whole." + held)


@click.group()
def erasure() -> None:
    """Finish what managers and victim safety erased."""


@erasure.command("rewrite")
def rewrite_files() -> None:
    """Rewrite the database's files, so that nothing is left in them of whoever was erased.

    On PostgreSQL every table with people in it is locked while it is rewritten: choose a quiet hour,
    and run it as the database's owner.
    """
    from programme_tracker.kernel import clock
    from programme_tracker.workflows.erasing import rewrite

    settings = settings_or_demo()
    require_schema(settings)
    with application(settings):
        done = rewrite(now=clock.now())
    click.echo(f"Rewritten after {done} erasures." if done else "Nothing waits to be rewritten.")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON and nothing else.")
def rehearse(files: tuple[str, ...], as_json: bool) -> None:
    """Play timelines against the real rules and say where they do not hold.

    Exit status 0: everything expected held; 1: something did not; 2: a file cannot be read.
    """
    from programme_tracker.app import create_app
    from programme_tracker.rehearsal.command import rehearse_files

    sys.exit(rehearse_files(files, as_json=as_json, make_app=create_app))
