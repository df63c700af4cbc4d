"""The texts of a demonstration as phones show them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.queries import ThreadLine, recent_for_phone_page, thread_for
from programme_tracker.messaging.replies import ReplyKind
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant

#: What the application makes of a reply.
FOLLOWS: Mapping[ReplyKind, str] = {
    ReplyKind.STOP: "Taken as STOP: no text goes to them any more, and the lead is asked to ring.",
    ReplyKind.CONFIRM: "Taken as yes: the next session is marked as confirmed.",
    ReplyKind.CALL_ME: "Taken as a wish to be rung: the lead is asked to ring today.",
    ReplyKind.WRONG_PERSON: "Taken as somebody else’s: nothing goes to that number any more, and victim "
    "safety is told. Nobody else reads the words.",
}
OTHERWISE = "It goes to the lead."

_STATES = {MessageState.ACCEPTED: "sent", MessageState.UNKNOWN: "sending"}


@dataclass(frozen=True)
class PhoneSeen:
    """One phone with its texts as the component draws them, and whose it is."""

    number: str
    messages: list[dict[str, Any]]
    owner: str | None

    @property
    def digits(self) -> str:
        """The number as an address holds it."""
        return self.number.removeprefix("+")


def every_phone() -> list[PhoneSeen]:
    """Return the phones that got or sent a text, the newest text first."""
    found = recent_for_phone_page()
    names = _owners([one.number for one in found])
    return [PhoneSeen(one.number, _drawn(one.lines), names.get(one.number)) for one in found]


def one_phone(digits: str) -> PhoneSeen | None:
    """Return the phone of a number written in digits alone, None when no text went there."""
    number = f"+{digits}"
    lines = thread_for(number=number) if digits.isdigit() else []
    return PhoneSeen(number, _drawn(lines), _owners([number]).get(number)) if lines else None


def _drawn(lines: list[ThreadLine]) -> list[dict[str, Any]]:
    return [
        {
            "text": line.body or "Kept for victim safety alone.",
            "at": line.at,
            "incoming": line.is_inbound,
            "state": _STATES.get(line.state, line.state) if line.state else None,
            "reason": "",
        }
        for line in lines
    ]


def _owners(numbers: Collection[str]) -> dict[str, str]:
    found = select(Participant.mobile, Participant.name).where(Participant.mobile.in_(numbers))
    names: dict[str, str] = {}
    for number, name in db.session.execute(found.order_by(Participant.id)):
        names[number or ""] = f"{names[number]}, {name}" if number in names else name
    return names
