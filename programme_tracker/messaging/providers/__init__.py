"""Who carries texts: Twilio in service, the console in demonstrations, a recorder in rehearsals."""

from programme_tracker.config import Settings
from programme_tracker.messaging.outcomes import Accepted, Report
from programme_tracker.messaging.providers.base import Carrier, Provider
from programme_tracker.messaging.providers.console import ConsoleProvider
from programme_tracker.messaging.providers.recording import RecordingProvider, SentText
from programme_tracker.messaging.providers.signals import (
    ProviderError,
    SignalKind,
    after_refusal,
    classify,
    outcome_of,
)

__all__ = [
    "Accepted",
    "Carrier",
    "ConsoleProvider",
    "Provider",
    "ProviderError",
    "RecordingProvider",
    "Report",
    "SentText",
    "SignalKind",
    "after_refusal",
    "classify",
    "mailer_for",
    "outcome_of",
    "provider_for",
]


def provider_for(settings: Settings) -> Provider:
    """Return the provider the settings name."""
    if settings.sms_provider == "console":
        return ConsoleProvider(delivers=True)
    # Loaded only where it is used: the library is large.
    from programme_tracker.messaging.providers.twilio import TwilioProvider

    return TwilioProvider(
        settings.twilio_account_sid,
        settings.twilio_auth_token,
        from_number=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        public_url=settings.public_url,
        discard=settings.twilio_discard,
        base_url=settings.twilio_base_url,
    )


def mailer_for(settings: Settings) -> Carrier:
    """Return who carries mail: the mail server of the settings, in a demonstration nobody."""
    if settings.mail is None:
        return ConsoleProvider()
    from programme_tracker.messaging.providers.mail import MailProvider

    return MailProvider(settings.mail)
