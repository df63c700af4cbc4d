"""Commands that try out the texts' provider."""

import click

from programme_tracker.cli.surroundings import settings_or_demo
from programme_tracker.config import Settings

#: What a test says: nothing that could worry whoever reads it.
TEST_WORDS = "This is a test. No reply is needed."


@click.group()
def sms() -> None:
    """Check the texts' provider and send one text to try it."""


@sms.command()
def check() -> None:
    """Look at the Twilio account and say of each thing that it is in order, or what to do."""
    from programme_tracker.kernel.clock import SystemClock
    from programme_tracker.messaging.providers.twilio_check import TwilioAccount

    findings = list(TwilioAccount(_real_settings()).check(SystemClock().now()))
    for finding in findings:
        click.echo(f"ok    {finding.what}" if finding.is_ok else f"to do {finding.what}: {finding.advice}")
    faults = sum(not finding.is_ok for finding in findings)
    if faults:
        raise click.ClickException(f"{faults} to do; docs/twilio.md says how.")


@sms.command()
@click.argument("number")
def test(number: str) -> None:
    """Send one neutral text to NUMBER, a mobile of your own, and print what came back."""
    from programme_tracker.messaging.numbers import normalise
    from programme_tracker.messaging.providers import ProviderError, provider_for

    settings = _real_settings()
    # Only a stand-in for Twilio takes numbers that ring nowhere.
    to = normalise(number, allow_drama=bool(settings.twilio_base_url))
    if not to.is_textable:
        raise click.ClickException(f"{number} is no mobile that can get texts.")
    click.confirm(f"Send “{TEST_WORDS}” to {to.e164}? It costs one text.", abort=True)
    try:
        answer = provider_for(settings).send(to=to.e164, body=TEST_WORDS, message_id=0, validity_seconds=600)
    except ProviderError as error:
        raise click.ClickException(
            f"Twilio did not take it: {error}. Run programme-tracker sms check."
        ) from error
    click.echo(f"Twilio took it as {answer.sid}, state {answer.state}. Does the phone show it?")


def _real_settings() -> Settings:
    settings = settings_or_demo()
    if settings.demo:
        raise click.ClickException("This is demo mode: no text leaves this machine. Set up Twilio first.")
    return settings
