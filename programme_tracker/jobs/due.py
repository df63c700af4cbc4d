"""Due work: what is due now, done once each, and when the next is due.

Every kind of due work is an indexed column. Doing an item starts by locking its row and looking
again whether it is still due, so any number of workers may run, and one that is killed leaves the
item as it was.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from programme_tracker.escalation.models import Monitoring, Notice
from programme_tracker.jobs.asking import ask_due
from programme_tracker.jobs.console import report_deliveries
from programme_tracker.jobs.dispatch import SEND, Dispatch
from programme_tracker.jobs.failures import (
    clear_failure,
    clear_failures,
    failed_items,
    note_failure,
)
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SystemClock
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging.models import Message, ProviderEvent
from programme_tracker.messaging.providers import Provider
from programme_tracker.messaging.queries import OPEN_STATES, is_anything_due
from programme_tracker.messaging.queries import next_due_at as next_message_at
from programme_tracker.messaging.services import claim_due, give_turns_back, reserve_turns
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows.alerting import send_lost_mails_again
from programme_tracker.workflows.deciding import chase_due, release_due
from programme_tracker.workflows.monitoring import review_due
from programme_tracker.workflows.reassessing import reassess
from programme_tracker.workflows.register_tasks import register_due
from programme_tracker.workflows.replying import take_event
from programme_tracker.workflows.staffing import staffing_due

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DueKind:
    """One kind of due work: the column that says when, and what to do with a row."""

    name: str
    model: type[Base]
    column: InstrumentedAttribute[datetime | None]
    perform: Callable[[int, datetime], None]
    #: The enrolment column of a row that belongs to one: the enrolment is locked before the row,
    #: as every workflow does, so that two never wait for each other.
    enrolment: InstrumentedAttribute[Any] | None = None


def _look_again(enrolment_id: int, now: datetime) -> None:
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    reassess(enrolment, now=now, actor=SYSTEM)


def _release(notice_id: int, now: datetime) -> None:
    release_due(db.session.get_one(Notice, notice_id), now=now)


def _chase(notice_id: int, now: datetime) -> None:
    chase_due(db.session.get_one(Notice, notice_id), now=now)


def _register(session_id: int, now: datetime) -> None:
    register_due(db.session.get_one(Session, session_id), now=now)


def _staffing(session_id: int, now: datetime) -> None:
    staffing_due(db.session.get_one(Session, session_id), now=now)


def _review(monitoring_id: int, now: datetime) -> None:
    review_due(db.session.get_one(Monitoring, monitoring_id), now=now)


#: In the order in which they are done when several are due at one moment.
KINDS: tuple[DueKind, ...] = (
    # First: a STOP that has come in is heeded before anything else goes out.
    DueKind("provider_call", ProviderEvent, ProviderEvent.due_at, take_event),
    DueKind("reassess", Enrolment, Enrolment.reassess_at, _look_again, Enrolment.id),
    DueKind("release", Notice, Notice.release_at, _release, Notice.enrolment_id),
    DueKind("chase", Notice, Notice.chase_at, _chase, Notice.enrolment_id),
    DueKind("register", Session, Session.register_due_at, _register),
    DueKind("staffing", Session, Session.staffing_due_at, _staffing),
    DueKind("review", Monitoring, Monitoring.review_at, _review, Monitoring.enrolment_id),
)


def next_due_at(after: datetime) -> datetime | None:
    """Return the earliest moment at which anything is due; it may be past. None when nothing is.

    Items that failed and wait for another try are left out until then.
    """
    failed = {
        kind: [item for item, retry_at in items.items() if retry_at > after]
        for kind, items in failed_items().items()
    }
    moments = [next_message_at(), *_earliest(failed)]
    return min((moment for moment in moments if moment is not None), default=None)


def _earliest(waiting: Mapping[str, Collection[int]]) -> Sequence[datetime | None]:
    """Return for each kind the moment at which the first is due, by one statement.

    Left out is what waits for another try, by kind.
    """
    firsts = []
    for kind in KINDS:
        found = select(func.min(kind.column)).where(kind.column.is_not(None))
        if left_out := waiting.get(kind.name):
            found = found.where(_key(kind).not_in(left_out))
        firsts.append(found.scalar_subquery())
    return tuple(db.session.execute(select(*firsts)).one())


def run_due(
    provider: Provider,
    *,
    now: datetime,
    limit: int = 50,
    worker: str = "worker",
    dispatch: Dispatch | None = None,
    is_paced: bool = False,
) -> int:
    """Do what is due at ``now``, at most ``limit`` of each kind; return how many were done.

    An item that fails is logged, tried again later with a growing delay, and shown to the
    manager; it holds up nothing else. ``dispatch`` hands the texts over, one after another unless
    it is given; ``is_paced`` keeps to the rate that all workers share, by the machine's clock.
    """
    done = 0
    failed = failed_items()
    firsts = _earliest({})
    db.session.rollback()
    for kind, first in zip(KINDS, firsts, strict=True):
        # What was done just now may have made more due.
        if done or kind.name in failed or (first is not None and first <= now):
            for key in _due_keys(kind, failed.get(kind.name, {}), now, limit):
                done += _perform(kind, key, now)
    if SEND in failed:
        _failed_and_open(SEND, failed[SEND], Message.id, Message.state.in_(OPEN_STATES))
    done += ask_due(provider, now=now, limit=limit)
    done += send_lost_mails_again(now=now)
    done += _send(dispatch or Dispatch(provider), now, limit, worker, is_paced)
    return done + report_deliveries(provider, now=now)


def _send(dispatch: Dispatch, now: datetime, limit: int, worker: str, is_paced: bool) -> int:
    """Send what is due; a text that fails for our own fault is set aside and holds up no other."""
    limit = dispatch.at_once(limit)
    if not is_paced:
        claims = claim_due(now=now, limit=limit, worker=worker)
        dispatch.send(claims, now=now)
        return len(claims)
    if not is_anything_due(now):
        db.session.rollback()
        dispatch.finish(now=now)
        return 0
    with transaction():
        turns = reserve_turns(limit, now=SystemClock().now())
        claims = claim_due(now=now, limit=len(turns), worker=worker) if turns else []
        give_turns_back(len(turns) - len(claims))
    dispatch.send(claims, now=now, turns=turns[: len(claims)], go_on=bool(claims))
    return len(claims)


def _failed_and_open(
    kind: str,
    failed: Mapping[int, datetime],
    key: InstrumentedAttribute[int],
    is_open: ColumnElement[bool],
) -> dict[int, datetime]:
    """Return what failed and when it is tried again; forget what is no longer asked for."""
    still_open = set(db.session.scalars(select(key).where(key.in_(failed), is_open)))
    if settled := failed.keys() - still_open:
        clear_failures(kind, settled)
    return {item: retry_at for item, retry_at in failed.items() if item in still_open}


def _key(kind: DueKind) -> InstrumentedAttribute[int]:
    key: InstrumentedAttribute[int] = kind.model.id  # type: ignore[attr-defined]  # every kind's model has an id
    return key


def _due_keys(kind: DueKind, failed: Mapping[int, datetime], now: datetime, limit: int) -> list[int]:
    waiting = []
    if failed:
        still_open = _failed_and_open(kind.name, failed, _key(kind), kind.column <= now)
        waiting = [item for item, retry_at in still_open.items() if retry_at > now]
    found = select(_key(kind)).where(kind.column <= now).order_by(kind.column).limit(limit)
    if waiting:
        found = found.where(_key(kind).not_in(waiting))
    keys = list(db.session.scalars(found))
    db.session.rollback()
    return keys


def _lock_enrolment(kind: DueKind, key: int) -> None:
    if kind.enrolment is None:
        return
    enrolment_id = db.session.scalar(select(kind.enrolment).where(_key(kind) == key))
    if enrolment_id is not None:
        locked(Enrolment, enrolment_id)


def _perform(kind: DueKind, key: int, now: datetime) -> int:
    try:
        with transaction():
            _lock_enrolment(kind, key)
            still_due = (
                select(_key(kind))
                .where(_key(kind) == key, kind.column <= now)
                .with_for_update(skip_locked=True)
            )
            if db.session.scalar(still_due) is None:
                return 0
            db.session.expire_all()
            kind.perform(key, now)
            clear_failure(kind.name, key)
        return 1
    except Exception as error:
        log.exception("due work failed", extra={"kind": kind.name, "item": key})
        note_failure(kind.name, key, error, now=now)
        return 0
