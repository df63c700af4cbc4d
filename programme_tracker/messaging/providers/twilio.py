"""Texts through Twilio, by its own library (facts in sms.md)."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import urllib3
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # has no types
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # has no types
from twilio.rest import Client  # type: ignore[import-untyped]  # has no types

from programme_tracker.messaging.outcomes import Accepted, Report
from programme_tracker.messaging.providers.signals import NO_ANSWER, NOT_CONNECTED, ProviderError
from programme_tracker.messaging.rules import NEWS, MessageState, state_of_status

#: The library's own default is to wait for ever.
TIMEOUT_SECONDS = 10.0

#: Twilio's bounds of ``validity_period``.
_VALIDITY = (1, 36_000)

#: How far Twilio's clock may be behind ours, and how coarsely it keeps time.
_CLOCKS_APART = timedelta(minutes=1)

#: As many as Twilio gives on one page, and the most that are looked at for one number.
_PAGE, _MOST = 1000, 5000

_GONE = 404

_DISCARDED = {"content_retention": "discard", "address_retention": "obfuscate"}

#: Path of delivery news below the public address; our message id follows it.
STATUS_PATH = "/webhooks/twilio/status"

# The library's logger writes addresses and parameters at INFO; ours lets none of it through.
_quiet = logging.getLogger("programme_tracker.messaging.twilio_http")
_quiet.setLevel(logging.WARNING)


class TwilioProvider:
    """Sends by a messaging service or from a number that can receive."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        from_number: str = "",
        messaging_service_sid: str = "",
        public_url: str = "",
        base_url: str = "",
        timeout: float = TIMEOUT_SECONDS,
        discard: bool = False,
    ) -> None:
        http = TwilioHttpClient(timeout=timeout, max_retries=0, logger=_quiet)
        self._client = Client(account_sid, auth_token, http_client=http)
        if base_url:
            self._client.api.base_url = base_url
        _look_around_once(http.session, self._client.api.base_url)
        self._sender = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": from_number}
        )
        # An account must be allowed to leave the words out, and Twilio then has none to match or redact.
        self._retention = _DISCARDED if discard else {}
        # Twilio cannot call back to an address that only this machine knows.
        self._callback = f"{public_url}{STATUS_PATH}" if public_url.startswith("https://") else ""

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Hand one text to Twilio. Raises ProviderError; its kind says whether it may have gone.

        ``message_id`` 0 is a text that no row stands for: nothing is called back about it.
        """
        least, most = _VALIDITY
        optional: dict[str, Any] = {**self._sender, **self._retention}
        if self._callback and message_id:
            optional["status_callback"] = f"{self._callback}/{message_id}"
        try:
            answer = self._client.messages.create(
                to=to, body=body, validity_period=max(least, min(validity_seconds, most)), **optional
            )
            return _accepted(answer.sid, answer.status)
        except Exception as error:
            raise _understood(error) from error

    def find(self, to: str, since: datetime) -> list[Report]:
        """Ask for all texts to a number, all pages. Raises ProviderError."""
        try:
            rows = self._client.messages.list(
                to=to, date_sent_after=_utc(since - _CLOCKS_APART), page_size=_PAGE, limit=_MOST
            )
            return [_report(row) for row in rows]
        except Exception as error:
            raise _understood(error) from error

    def fetch(self, sid: str) -> Report | None:
        """Ask for one text. Raises ProviderError."""
        try:
            return _report(self._client.messages(sid).fetch())
        except Exception as error:
            _pass_if_gone(error)
            return None

    def redact(self, sid: str) -> None:
        """Empty the words that Twilio keeps. Raises ProviderError."""
        try:
            self._client.messages(sid).update(body="")
        except Exception as error:
            _pass_if_gone(error)


def _look_around_once(session: requests.Session, url: str) -> None:
    """Take proxy and certificates from the environment now: for each text it costs a quarter of the call."""
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = dict(found["proxies"]), found["verify"]
    session.trust_env = False


def _utc(moment: datetime) -> datetime:
    """Return the instant as the library writes it down: without looking at its zone."""
    return moment.astimezone(UTC)


def _pass_if_gone(error: Exception) -> None:
    if isinstance(error, TwilioRestException) and error.status == _GONE:
        return
    raise _understood(error) from error


def _report(row: Any) -> Report:
    """Read one of Twilio's messages; one without an id makes the whole answer a lost one."""
    if not isinstance(row.sid, str) or not row.sid:
        raise ProviderError(NO_ANSWER, detail="a message had no id")
    created = row.date_created
    return Report(
        sid=row.sid,
        status=str(row.status or ""),
        body=row.body or "",
        created_at=created.astimezone(UTC) if isinstance(created, datetime) else None,
        error_code=str(row.error_code) if row.error_code else None,
    )


def _accepted(sid: object, status: object) -> Accepted:
    """Read Twilio's answer; anything but a message with an id is a lost answer."""
    if not isinstance(sid, str) or not sid:
        raise ProviderError(NO_ANSWER, detail="the answer held no message id")
    state = state_of_status(str(status or ""))
    return Accepted(sid, state if state in NEWS else MessageState.ACCEPTED, is_kept=True)


def _understood(error: Exception) -> ProviderError:
    """Name what went wrong. What is not certainly unsent counts as perhaps sent."""
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, TwilioRestException):
        signal = str(error.code) if error.code else str(error.status)
        return ProviderError(signal, http_status=error.status)
    if _never_connected(error):
        return ProviderError(NOT_CONNECTED, detail=type(error).__name__)
    return ProviderError(NO_ANSWER, detail=type(error).__name__)


def _never_connected(error: Exception) -> bool:
    """Tell whether the connection failed before anything was written."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    if not isinstance(error, requests.ConnectionError):
        return False
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)
