"""Settling a text nobody knows of: by asking the provider, and where that cannot tell, a person.

No database connection is held while the provider answers. Nothing is sent again before the
provider was asked twice, two minutes apart, and had no such text (sms.md).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Report
from programme_tracker.messaging.providers import Provider, ProviderError
from programme_tracker.messaging.queries import held_for_person, known_sids, twins
from programme_tracker.messaging.rules import MessageState, state_of_status
from programme_tracker.messaging.services import (
    Question,
    ask_later,
    ask_soon,
    begin_asking,
    leave_to_person,
    no_news_yet,
    note_absent,
    note_redacted,
    redact_later,
    send_after_all,
    went_after_all,
)
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.delivering import lock_enrolment, take_report

#: How far the provider's clock may be behind ours.
CLOCKS_APART = timedelta(minutes=1)


def settle(message_id: int, provider: Provider, *, now: datetime) -> MessageState | None:
    """Ask the provider about one message that is due for it, and record what that shows.

    Serves lost answers and messages under way without news. Returns the message's state, None
    when it was not to be asked about. Where the provider does not answer it is asked later.
    """
    question = begin_asking(message_id, now=now)
    db.session.close()
    if question is None:
        return None
    try:
        if question.sid is not None:
            _take_news(question, provider.fetch(question.sid), now)
        else:
            _settle_lost(question, provider.find(question.to, question.since), now)
    except ProviderError:
        ask_later(message_id, now=now)
    return db.session.get_one(Message, message_id).state


def _take_news(question: Question, report: Report | None, now: datetime) -> None:
    """Record what became of a message the provider took; one it no longer has stays without news."""
    with transaction():
        if report is not None:
            take_report(
                report.status,
                now=now,
                message_id=question.message_id,
                sid=report.sid,
                error_code=report.error_code,
            )
        no_news_yet(question.message_id, now=now)


def _settle_lost(question: Question, reports: Sequence[Report], now: datetime) -> None:
    with transaction():
        lock_enrolment(question.message_id)
        message = locked(Message, question.message_id)
        if message.state is not MessageState.UNKNOWN or message.needs_person_at is not None:
            return
        if twins(message, MessageState.SENDING):
            # What the provider shows may be the other one's, whose answer is still on its way.
            ask_soon(message, now=now)
            return
        candidates = _candidates(question, reports)
        sure = [report for report in candidates if report.body == question.body]
        if not candidates:
            if note_absent(message, now=now):
                send_after_all(message, cause="the provider never got it", now=now)
        elif len(sure) == len(candidates) <= 1 + twins(message, MessageState.UNKNOWN):
            # Several of ours that say the same may wait here: which is which makes no difference.
            _found(message, sure[0], now)
        else:
            hold_for_person(message, candidates, now=now)


def _candidates(question: Question, reports: Sequence[Report]) -> list[Report]:
    """Return what could be this message, oldest first: the right words and time, and not another's."""
    taken = known_sids([report.sid for report in reports])
    earliest = question.since - CLOCKS_APART
    fitting = [
        report
        for report in reports
        if report.sid not in taken
        and report.body in ("", question.body)
        and (report.created_at is None or report.created_at >= earliest)
    ]
    return sorted(fitting, key=lambda report: (report.created_at or earliest, report.sid))


def _found(message: Message, report: Report, now: datetime) -> None:
    known = state_of_status(report.status) is not None
    take_report(
        report.status if known else "accepted",
        now=now,
        message_id=message.id,
        sid=report.sid,
        error_code=report.error_code,
    )


def hold_for_person(message: Message, candidates: Sequence[Report], *, now: datetime) -> None:
    """Leave a held message to the manager, with what the provider showed beside it."""
    shown = [
        {
            "sid": report.sid,
            "status": report.status,
            "created_at": report.created_at.isoformat() if report.created_at else None,
            "has_words": bool(report.body),
        }
        for report in candidates
    ]
    leave_to_person(message, shown, now=now)
    create_task(
        TaskKind.SETTLE_TEXT,
        to="manager",
        enrolment_id=message.enrolment_id,
        session_id=message.session_id,
        why="The provider cannot say whether a text went. Look at both, and decide.",
        due_on=local_date(now),
        now=now,
    )


def decide_unknown(
    message_id: int, went: bool, *, actor: Actor, now: datetime, sid: str | None = None
) -> Message:
    """Record a person's decision about a message that is ``unknown``: it went, or it never did.

    ``sid`` names the provider's text that it is, if one of those shown. One that never went is
    sent while it is of use. Raises LookupError when there is no such message, RefusedError when
    it has settled itself meanwhile, or ``sid`` is another message's.
    """
    with transaction():
        lock_enrolment(message_id)
        message = locked(Message, message_id)
        if message.state is not MessageState.UNKNOWN:
            raise RefusedError(Code.NOT_ALLOWED, "This text has been settled meanwhile. Look at it again.")
        if went and sid is not None:
            _recognise(message, sid, now)
        elif went:
            went_after_all(message, now=now, actor=actor)
        else:
            send_after_all(message, cause=f"{actor.name} decided that it never went", now=now, actor=actor)
        _finish_task(message, went, actor, now)
        return message


def _recognise(message: Message, sid: str, now: datetime) -> None:
    shown = {one["sid"]: one["status"] for one in message.candidates or []}
    if sid not in shown or known_sids([sid]):
        raise RefusedError(Code.NOT_ALLOWED, "Choose one of the texts shown.", field="sid")
    _found(message, Report(sid, shown[sid]), now)


def _finish_task(message: Message, went: bool, actor: Actor, now: datetime) -> None:
    about = (message.enrolment_id, message.session_id)
    if any((other.enrolment_id, other.session_id) == about for other in held_for_person()):
        return
    finish_tasks(
        TaskKind.SETTLE_TEXT,
        how="it went" if went else "it never went",
        actor=actor,
        now=now,
        enrolment_id=message.enrolment_id,
        session_id=message.session_id,
    )


def redact(attempt_id: int, sid: str, provider: Provider, *, now: datetime) -> bool:
    """Have the provider forget the words of one text; False when it must be asked again later."""
    db.session.close()
    try:
        provider.redact(sid)
    except ProviderError:
        redact_later(attempt_id, now=now)
        return False
    note_redacted(attempt_id, now=now)
    return True
