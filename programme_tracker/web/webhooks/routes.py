"""Twilio's calls: checked, written down, and answered at once; a worker does the rest.

Nobody is signed in here and no form was drawn, so what proves a call is its signature over the
address that Twilio was given and every field as it was sent (sms.md).
"""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types

from programme_tracker.kernel import clock
from programme_tracker.kernel.application import current_settings
from programme_tracker.messaging.models import EventKind
from programme_tracker.messaging.services import keep_event
from programme_tracker.web.access import public
from programme_tracker.web.reading import form_as_sent

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks/twilio")

#: A text of 1,600 characters with every field stays far below this.
LARGEST_CALL = 64 * 1024

FORM = "application/x-www-form-urlencoded"
SIGNATURE = "X-Twilio-Signature"

#: An answer that says nothing to whoever wrote.
EMPTY_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

_LONGEST_KEY_PART = 80


@bp.before_request
def _only_twilio() -> None:
    """Refuse what is not a signed form of a sensible size; fail closed."""
    if request.routing_exception is not None:
        return
    request.max_content_length = LARGEST_CALL
    if (request.content_length or 0) > LARGEST_CALL:
        abort(413)
    if request.mimetype != FORM:
        abort(415)
    if not _is_signed():
        abort(403)


def _is_signed() -> bool:
    """Tell whether Twilio signed this call, by the fixed public address: forwarding headers can be forged."""
    settings = current_settings()
    signature = request.headers.get(SIGNATURE, "")
    # Without a token of ours anybody could compute the signature.
    if settings.sms_provider != "twilio" or not settings.twilio_auth_token or not signature:
        return False
    asked = request.query_string.decode("latin-1")
    address = f"{settings.public_url}{request.path}" + (f"?{asked}" if asked else "")
    validator = RequestValidator(settings.twilio_auth_token)
    return bool(validator.validate(address, form_as_sent(), signature))


@bp.post("/status/<int:message_id>")
@public
def status(message_id: int) -> ResponseReturnValue:
    """Take news of one of our messages; whether we know it is nobody's business."""
    sid, word = _field("MessageSid", "SmsSid"), _field("MessageStatus", "SmsStatus")
    if sid and word:
        _keep(EventKind.STATUS, f"status:{message_id}:{_part(sid)}:{_part(word)}", message_id)
    return Response(status=204)


@bp.post("/inbound")
@public
def inbound() -> ResponseReturnValue:
    """Take a text that came in. No answer goes back by itself."""
    sid = _field("MessageSid", "SmsMessageSid", "SmsSid")
    if not sid or not _field("From"):
        abort(400)
    _keep(EventKind.INBOUND, f"inbound:{_part(sid)}")
    return Response(EMPTY_ANSWER, content_type="text/xml; charset=utf-8")


def _field(*names: str) -> str:
    """Return the first of these fields that says something."""
    return next((text for name in names if (text := request.form.get(name, "").strip())), "")


def _part(text: str) -> str:
    return text[:_LONGEST_KEY_PART]


def _keep(kind: EventKind, key: str, message_id: int | None = None) -> None:
    keep_event(kind, key, request.form.to_dict(), now=clock.now(), message_id=message_id)
