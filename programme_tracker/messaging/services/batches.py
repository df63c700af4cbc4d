"""The steps that most texts take, for many held rows at once: as many statements for two as for a hundred.

What has to be decided one by one goes through ``dispatch``; both leave the same rows behind.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, insert, literal, null, select, update

from programme_tracker.audit.services import About, record_all
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db, table_of
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import figures, queries
from programme_tracker.messaging.models import Message, MessageAttempt, MessageChange
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.messaging.services.changes import POLL_EVERY, UNASKED, about
from programme_tracker.messaging.services.held import Claim, Handover, HeldMessage, held_claims

#: How long a worker may hold a row; far longer than a provider is given to answer.
LEASE = timedelta(minutes=2)

_S = MessageState
#: In the table None would be a JSON null.
_UNASKED = {**UNASKED, "candidates": null()}
_messages, _changes, _attempts = table_of(Message), table_of(MessageChange), table_of(MessageAttempt)


@dataclass(frozen=True)
class Going:
    """One claimed message that may go now: to which number (E.164) or address, and to whom."""

    message: HeldMessage
    to_address: str
    recipient: Recipient


def move_all(ids: Sequence[int], was: MessageState, to: MessageState, cause: str, *, now: datetime) -> None:
    """Note that held messages went from one state to another; the caller sets the state itself."""
    note_changes(ids, was, to, literal(cause), now=now)


def note_changes(
    ids: Sequence[int], was: MessageState, to: MessageState, cause: ColumnElement[str], *, now: datetime
) -> None:
    """Add each message's row about one change of its state; ``cause`` may name its columns."""
    columns = ["message_id", "from_state", "to_state", "at", "cause"]
    states = [literal(state, _changes.c.to_state.type) for state in (was, to)]
    rows = select(_messages.c.id, *states, literal(now, _changes.c.at.type), cause)
    rows = rows.where(_messages.c.id.in_(ids)).order_by(_messages.c.id)
    db.session.execute(insert(_changes).from_select(columns, rows))


def begin_all(going: Sequence[Going], *, now: datetime, lease: timedelta = LEASE) -> list[Handover]:
    """Note that the provider is about to be called with these claimed messages; what it gets, in order.

    As ``begin`` does for one: the caller's transaction holds the rows and looked at the conditions.
    """
    if not going:
        return []
    ids = [one.message.id for one in going]
    _set(
        ids,
        state=_S.SENDING,
        attempts=_messages.c.attempts + 1,
        attempted_at=now,
        provider_sid=None,
        lease_until=now + lease,
        **_UNASKED,
    )
    _set_each("to_address", [(one.message.id, one.to_address) for one in going])
    others = [one for one in going if one.recipient is not one.message.recipient]
    _set_each("recipient", [(one.message.id, one.recipient) for one in others])
    note_changes(ids, _S.CLAIMED, _S.SENDING, "attempt " + cast(_messages.c.attempts, String), now=now)
    _count([one.message for one in going], _S.SENDING)
    return [handover_of(one.message, one.to_address, now) for one in going]


def handover_of(message: HeldMessage | Message, to_address: str, now: datetime) -> Handover:
    """Return what the provider gets of a message that goes now."""
    validity = max(1, int((message.expires_at - now).total_seconds()))
    return Handover(to_address, message.body, message.id, validity)


def finish_accepted(accepted: Mapping[Claim, Accepted], *, now: datetime) -> set[Claim]:
    """Note at once that the provider has these; return those done. The rest finish one by one.

    The rest are those of which more is known than that the provider took them just now. Leaves what
    somebody else is looking at, so that it never waits while it holds rows.
    """
    with transaction():
        held = held_claims(accepted, wait=False)
        known = queries.known_sids([answer.sid for answer in accepted.values()])
        taken = {
            accepted[claim].sid: (claim, message)
            for claim, message in held.items()
            if message.state is _S.SENDING
            and message.handed_over_at is None
            and accepted[claim].state is _S.ACCEPTED
            and accepted[claim].sid not in known
        }
        if taken:
            _take_over([message for _, message in taken.values()], list(taken), now)
            for is_kept in (False, True):
                _keep([m.id for c, m in taken.values() if accepted[c].is_kept is is_kept], is_kept, now)
    return {claim for claim, _ in taken.values()}


def _take_over(messages: Sequence[HeldMessage], sids: Sequence[str], now: datetime) -> None:
    """Move messages from ``sending`` to ``accepted``, each under its id with the provider."""
    ids = [message.id for message in messages]
    values = {"state": _S.ACCEPTED, "handed_over_at": now, "delivery_unknown_at": None}
    _set(ids, lease_until=None, lease_token=None, **values, **_UNASKED)
    _set_each("provider_sid", list(zip(ids, sids, strict=True)))
    move_all(ids, _S.SENDING, _S.ACCEPTED, "taken by the provider", now=now)
    rows = [About(message.id, message.enrolment_id, about(message)) for message in messages]
    record_all("message.handed_over", Message, rows, actor=SYSTEM, at=now)
    _count(messages, _S.ACCEPTED)
    for message in messages:
        late = max(0.0, (now - message.send_at).total_seconds())
        figures.LATENESS.labels(message.channel).observe(late)


def _keep(ids: Sequence[int], is_kept: bool, now: datetime) -> None:
    """Note what the provider has of messages, and when it is asked about those that it keeps."""
    if not ids:
        return
    values = {
        "state": literal(_S.ACCEPTED, _attempts.c.state.type),
        "known_at": literal(now, _attempts.c.known_at.type),
        "is_kept": literal(is_kept),
        "redact_tries": literal(0),
    }
    rows = select(_messages.c.id, _messages.c.provider_sid, *values.values())
    rows = rows.where(_messages.c.id.in_(ids)).order_by(_messages.c.id)
    db.session.execute(insert(_attempts).from_select(["message_id", "provider_sid", *values], rows))
    if is_kept:
        _set(ids, settle_at=now + POLL_EVERY)


def _set(ids: Collection[int], **values: Any) -> None:
    db.session.execute(update(_messages).where(_messages.c.id.in_(ids)).values(**values))


def _set_each(column: str, values: Sequence[tuple[int, object]]) -> None:
    """Give each of these messages its own value in one column."""
    if not values:
        return
    change = update(_messages).where(_messages.c.id == bindparam("of")).values({column: bindparam("value")})
    # On the connection: the session would take many values for an update by the mapper.
    db.session.connection().execute(change, [{"of": of, "value": value} for of, value in values])


def _count(messages: Sequence[HeldMessage], state: MessageState) -> None:
    for channel, number in Counter(message.channel for message in messages).items():
        figures.MESSAGES.labels(channel, state).inc(number)
