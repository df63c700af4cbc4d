"""All commands put together, and how a failure is told: one sentence, never a traceback."""

import os
from typing import Any

import click

from programme_tracker import __version__
from programme_tracker.cli.accounts import user
from programme_tracker.cli.database import db, demo
from programme_tracker.cli.keys import secrets
from programme_tracker.cli.processes import run, web, worker
from programme_tracker.cli.records import audit, erasure, rehearse
from programme_tracker.cli.sending import sending
from programme_tracker.cli.sms import sms
from programme_tracker.cli.surroundings import sentence_for
from programme_tracker.config import ConfigError, settings_table


class WrongSettingsError(click.ClickException):
    """A setting is missing or wrong."""

    exit_code = 2


class Commands(click.Group):
    """A group of commands that turns expected failures into one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise WrongSettingsError(str(error)) from error
        except BrokenPipeError:
            # Whoever read the output has seen enough. What is still buffered goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise SystemExit(1) from None
        except Exception as error:
            sentence = sentence_for(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="programme-tracker")
def main() -> None:
    """Run the delivery of domestic-abuse perpetrator programmes.

    Settings come from the environment, with the prefix PT_; README.md lists them.
    """


@main.command()
def settings() -> None:
    """Print every setting with its default and meaning, as the README's table."""
    click.echo(settings_table())


for command in (run, web, worker, db, demo, user, rehearse, audit, erasure, sending, sms, secrets):
    main.add_command(command)
