"""Messages as tests want them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.messaging import services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageKind, Recipient
from programme_tracker.messaging.services import Claim

#: 12:00 in London on Tuesday 1 September 2026.
NOON = datetime(2026, 9, 1, 11, tzinfo=UTC)
MOBILE = "+447700900101"
_keys = count(1)


def planned(**given: Any) -> Message:
    """Plan a reminder that is due at noon and of use for a day."""
    content: dict[str, Any] = {
        "key": f"test:{next(_keys)}",
        "kind": MessageKind.REMINDER,
        "recipient": Recipient.PARTICIPANT,
        "body": "Reminder: appointment Wed 2 Sep 6.30pm. Queries 01632 960001.",
        "template_version": 1,
        "send_at": NOON,
        "expires_at": NOON + timedelta(days=1),
        "participant_id": 7,
        "enrolment_id": 70,
        "session_id": 700,
        "session_version": 1,
        "offset_days": 1,
        "actor": SYSTEM,
        "now": NOON - timedelta(days=1),
    }
    return services.put(**(content | given))


def claimed(now: datetime = NOON, **given: Any) -> Claim:
    """Plan a reminder and claim it; nothing else may be due."""
    planned(**given)
    (claim,) = services.claim_due(now=now, worker="w1")
    return claim


def sending(now: datetime = NOON, **given: Any) -> Claim:
    """Plan and claim a reminder and begin to send it."""
    claim = claimed(now, **given)
    assert services.begin_sending(claim, to_address=MOBILE, now=now)
    return claim
