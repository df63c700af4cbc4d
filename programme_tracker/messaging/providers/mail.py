"""Alerts by mail, handed to a mail server by SMTP (RFC 5321)."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate

from programme_tracker.config import MailSettings
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers.signals import ProviderError, SignalKind, SignalRow

#: For each step of the conversation; all of them together stay below a lease.
TIMEOUT_SECONDS = 10.0

_NOBODY_REPLIES = "This address takes no replies. On your account page you choose when you get these mails."


def _minutes(*counts: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=count) for count in counts)


def _row(kind: SignalKind, meaning: str, *waits: int, ours: bool = False) -> SignalRow:
    return SignalRow(kind, frozenset(), meaning, delays=_minutes(*waits), spends_attempt=not ours)


_UNREACHABLE = _row(SignalKind.SAFE, "the mail server could not be reached", 1, 5, 15, 60)
_LATER = _row(SignalKind.PASSING, "the mail server asks to try again later", 1, 5, 15, 60)
_OURS = _row(SignalKind.CONFIGURATION, "the mail server does not let us send", 15, ours=True)
_ADDRESS = _row(SignalKind.NUMBER, "the mail server refuses the address")
_LETTER = _row(SignalKind.PERMANENT, "the mail server refuses the mail")
_LOST = _row(SignalKind.AMBIGUOUS, "the mail server's answer was lost")


class MailError(ProviderError):
    """A mail server did not take a mail, or may have and did not say so.

    ``signal`` is the server's reply code, or the kind of failure where there was none.
    """

    def __init__(self, row: SignalRow, signal: str) -> None:
        super().__init__(signal, detail=row.meaning)
        self.row = row

    def row_by(self, table: Mapping[str, SignalKind]) -> SignalRow:
        """Return what follows; the table speaks of texts alone."""
        return self.row


class MailProvider:
    """Hands each mail to one server over a connection of its own."""

    def __init__(
        self,
        settings: MailSettings,
        *,
        timeout: float = TIMEOUT_SECONDS,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._timeout = timeout
        self._context = context or ssl.create_default_context()

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Hand one mail over. Raises MailError; its kind says whether it may have gone.

        The first line of ``body`` is the subject too. Every attempt at one message carries the
        same Message-ID, so that a second copy can be known for what it is.
        """
        letter = self._letter(to, body, message_id)
        with self._connection() as connection:
            _ask(_OURS, connection.mail, self._settings.sender)
            _ask(_ADDRESS, connection.rcpt, to)
            _hand_over(connection, letter.as_bytes(policy=SMTP_POLICY))
        return Accepted(sid=str(letter["Message-ID"]))

    def _letter(self, to: str, body: str, message_id: int) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = body.partition("\n")[0].rstrip(".")
        letter["From"] = self._settings.sender
        letter["To"] = to
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<alert.{message_id}@{self._settings.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(body.replace("\n", "\n\n") + f"\n\n{_NOBODY_REPLIES}\n")
        return letter

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Open a connection that may send; whatever fails before it may, nothing has gone."""
        try:
            connection = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(_temporary(error.smtp_code, _OURS), str(error.smtp_code)) from error
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            raise MailError(_OURS, type(error).__name__) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(_UNREACHABLE, type(error).__name__) from error
        try:
            yield connection
        finally:
            # What was taken stays taken, however the goodbye goes.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=self._timeout, context=self._context
            )
        else:
            connection = smtplib.SMTP(settings.host, settings.port, timeout=self._timeout)
        try:
            if settings.security == "starttls":
                connection.starttls(context=self._context)
            if settings.username:
                connection.login(settings.username, settings.password)
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection


def _temporary(code: int, otherwise: SignalRow) -> SignalRow:
    return _LATER if 400 <= code < 500 else otherwise


def _ask(refused: SignalRow, step: Callable[[str], tuple[int, bytes]], address: str) -> None:
    """Name the sender or the recipient; the mail itself has not gone yet."""
    try:
        code, _ = step(address)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(_UNREACHABLE, type(error).__name__) from error
    if code not in (250, 251):
        raise MailError(_temporary(code, refused), str(code))


def _hand_over(connection: smtplib.SMTP, letter: bytes) -> None:
    """Send the mail itself. From here on silence means that it may have been taken."""
    try:
        code, _ = connection.data(letter)
    except smtplib.SMTPDataError as error:
        raise MailError(_temporary(error.smtp_code, _LETTER), str(error.smtp_code)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(_LOST, type(error).__name__) from error
    if code != 250:
        raise MailError(_temporary(code, _LETTER), str(code))
