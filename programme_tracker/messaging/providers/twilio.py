"""Texts through Twilio, by its own library (facts in sms.md)."""

import logging
from typing import Any

import requests
import urllib3
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # has no types
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # has no types
from twilio.rest import Client  # type: ignore[import-untyped]  # has no types

from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers.signals import NO_ANSWER, NOT_CONNECTED, ProviderError
from programme_tracker.messaging.rules import NEWS, MessageState, state_of_status

#: The library's own default is to wait for ever.
TIMEOUT_SECONDS = 10.0

#: Twilio's bounds of ``validity_period``.
_VALIDITY = (1, 36_000)

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
    ) -> None:
        http = TwilioHttpClient(timeout=timeout, max_retries=0, logger=_quiet)
        self._client = Client(account_sid, auth_token, http_client=http)
        if base_url:
            self._client.api.base_url = base_url
        self._sender = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": from_number}
        )
        # Twilio cannot call back to an address that only this machine knows.
        self._callback = f"{public_url}{STATUS_PATH}" if public_url.startswith("https://") else ""

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Hand one text to Twilio. Raises ProviderError; its kind says whether it may have gone."""
        least, most = _VALIDITY
        optional: dict[str, Any] = dict(self._sender)
        if self._callback:
            optional["status_callback"] = f"{self._callback}/{message_id}"
        try:
            answer = self._client.messages.create(
                to=to, body=body, validity_period=max(least, min(validity_seconds, most)), **optional
            )
            return _accepted(answer.sid, answer.status)
        except Exception as error:
            raise _understood(error) from error


def _accepted(sid: object, status: object) -> Accepted:
    """Read Twilio's answer; anything but a message with an id is a lost answer."""
    if not isinstance(sid, str) or not sid:
        raise ProviderError(NO_ANSWER, detail="the answer held no message id")
    state = state_of_status(str(status or ""))
    return Accepted(sid, state if state in NEWS else MessageState.ACCEPTED)


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
