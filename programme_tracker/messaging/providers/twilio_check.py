"""Looking at a Twilio account before anything is sent: each fault with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from programme_tracker.config import Settings
from programme_tracker.messaging.providers.twilio import TIMEOUT_SECONDS

INBOUND_PATH = "/webhooks/twilio/inbound"
_API, _MESSAGING = "https://api.twilio.com", "https://messaging.twilio.com"
_SKEW_ALLOWED = timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    """One line of the check: what was looked at, and what to do where it is not in order."""

    what: str
    advice: str = ""

    @property
    def is_ok(self) -> bool:
        """Tell whether nothing is to be done."""
        return not self.advice


class TwilioAccount:
    """Reads one account by its REST addresses; never changes or sends anything."""

    def __init__(self, settings: Settings, *, api: str = _API, messaging: str = _MESSAGING) -> None:
        self._settings, self._api, self._messaging = settings, api, messaging

    def check(self, now: datetime) -> Iterator[Finding]:
        """Look at settings, credentials, clock, sender and addresses; stop where nothing more can be seen."""
        yield self._public_address()
        answer = self._get(f"{self._api}/2010-04-01/Accounts/{self._settings.twilio_account_sid}.json")
        if isinstance(answer, Finding):
            yield answer
            return
        status = answer.json().get("status")
        asked = "" if status == "active" else f"The account is {status}: see to it in Twilio's console."
        yield Finding("Twilio knows the account and its token", asked)
        yield _clock(answer, now)
        service = self._settings.twilio_messaging_service_sid
        yield from self._service(service) if service else self._number(self._settings.twilio_from)

    def _public_address(self) -> Finding:
        url = self._settings.public_url
        fault = f"PT_PUBLIC_URL is {url}. Twilio only calls back to https: set the address people open."
        return Finding(f"Twilio calls back to {url}", "" if url.startswith("https://") else fault)

    def _get(self, url: str, **asked: str) -> "requests.Response | Finding":
        login = (self._settings.twilio_account_sid, self._settings.twilio_auth_token)
        try:
            answer = requests.get(url, params=asked, auth=login, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            problem = f"{type(error).__name__}: see to the network, a proxy or a firewall."
            return Finding("Twilio can be reached", problem)
        if answer.status_code in (401, 403):
            fault = "Twilio refuses them: copy PT_TWILIO_ACCOUNT_SID and PT_TWILIO_AUTH_TOKEN anew."
            return Finding("Credentials", fault)
        if not answer.ok:
            return Finding(
                f"Twilio answers {answer.status_code}", "Look at the settings, or try again later."
            )
        return answer

    def _number(self, sender: str) -> Iterator[Finding]:
        if not sender.startswith("+"):
            advice = "A name takes no replies and no STOP. Buy a UK mobile number and set PT_TWILIO_FROM."
            yield Finding(f"{sender} can receive", advice)
            return
        sid = self._settings.twilio_account_sid
        url = f"{self._api}/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json"
        answer = self._get(url, PhoneNumber=sender)
        if isinstance(answer, Finding):
            yield answer
            return
        found = answer.json().get("incoming_phone_numbers", [])
        if not found:
            yield Finding(f"{sender} is the account's", "Buy it, or set PT_TWILIO_FROM to one that is.")
            return
        can = bool(found[0].get("capabilities", {}).get("sms"))
        yield Finding(f"{sender} can text and receive", "" if can else "It cannot: buy one with SMS.")
        yield self._inbound(str(found[0].get("sms_url") or ""), "the number's 'A message comes in'")

    def _service(self, sid: str) -> Iterator[Finding]:
        answer = self._get(f"{self._messaging}/v1/Services/{sid}")
        numbers = self._get(f"{self._messaging}/v1/Services/{sid}/PhoneNumbers")
        for failed in (answer, numbers):
            if isinstance(failed, Finding):
                yield failed
                return
        assert not isinstance(answer, Finding) and not isinstance(numbers, Finding)
        service, held = answer.json(), numbers.json().get("phone_numbers", [])
        can = any("SMS" in number.get("capabilities", []) for number in held)
        advice = "It holds no number that takes texts: add a UK long number, or STOP reaches nobody."
        yield Finding("The messaging service can receive", "" if can else advice)
        if not service.get("use_inbound_webhook_on_number"):
            yield self._inbound(str(service.get("inbound_request_url") or ""), "the service's 'Integration'")

    def _inbound(self, there: str, where: str) -> Finding:
        wanted = f"{self._settings.public_url}{INBOUND_PATH}"
        advice = "" if there == wanted else f"Set {where} to {wanted}, method POST."
        return Finding("Replies come to this installation", advice)


def _clock(answer: Any, now: datetime) -> Finding:
    """Compare this machine's clock with Twilio's: signatures and expiry depend on it."""
    said = answer.headers.get("Date")
    apart = abs(parsedate_to_datetime(said) - now) if said else timedelta(0)
    advice = f"They are {apart.total_seconds():.0f} seconds apart: turn on NTP here."
    return Finding("The clock agrees with Twilio's", advice if apart > _SKEW_ALLOWED else "")
