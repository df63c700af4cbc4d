"""The ledger of absences: each is open, closed by a named catch-up, or waived by a manager."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import CatchUp, Mark
from programme_tracker.attendance.rules import OUTCOMES, AbsenceState, NamedCatchUp, Outcome, absence_state
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Booking, Session, SessionKind
from programme_tracker.web.groups.topics import credits_of
from programme_tracker.web.sessions.wording import KIND_WORDS, programme_titles

_NOT_ATTENDED = [outcome.value for outcome, kind in OUTCOMES.items() if not kind.attended]
_PARTS = frozenset({"A", "B"})

Key = tuple[int, int]


@dataclass(frozen=True)
class Absence:
    """One missed session of one person, and how it stands in the ledger.

    ``is_neutral`` is a session that counts for nothing: we cancelled it, or the person was suspended.
    """

    enrolment_id: int
    session_id: int
    label: str
    starts_at: datetime
    outcome: Outcome
    part: str | None
    state: AbsenceState
    catch_up_id: int | None = None
    catch_up_label: str = ""
    catch_up_at: datetime | None = None
    waived_because: str | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done about it."""
        return self.state is AbsenceState.OPEN

    @property
    def is_neutral(self) -> bool:
        """Tell whether it counts for nothing and only its topic is owed."""
        return self.outcome.kind.neutral


@dataclass(frozen=True)
class _Background:
    """What is known of the sessions that might close an absence."""

    closings: Mapping[Key, CatchUp]
    sessions: Mapping[int, Session]
    outcomes: Mapping[Key, Outcome]
    booked: Collection[Key]
    credits: Mapping[int, frozenset[int]]
    titles: Mapping[str, str]


def absences_of(enrolment_ids: Collection[int], now: datetime) -> dict[int, list[Absence]]:
    """Return every absence of these enrolments, oldest first, in a fixed number of queries.

    A session we cancelled whose topic was covered since is left out: nothing is owed for it.
    """
    marks = _marks(enrolment_ids)
    background = _background(enrolment_ids, now)
    found: dict[int, list[Absence]] = {enrolment_id: [] for enrolment_id in enrolment_ids}
    for mark in marks:
        if not _is_covered(mark, background):
            found[mark.enrolment_id].append(_absence(mark, background))
    return found


def _marks(enrolment_ids: Collection[int]) -> Sequence[Mark]:
    return db.session.scalars(
        select(Mark)
        .join(Mark.session)
        .where(Mark.enrolment_id.in_(enrolment_ids), Mark.is_current, Mark.outcome.in_(_NOT_ATTENDED))
        .order_by(Session.starts_at, Session.id)
        .options(joinedload(Mark.session).joinedload(Session.group))
    ).all()


def _background(enrolment_ids: Collection[int], now: datetime) -> _Background:
    entries = db.session.scalars(
        select(CatchUp).where(CatchUp.enrolment_id.in_(enrolment_ids)).order_by(CatchUp.id)
    ).all()
    booked = db.session.execute(
        select(Booking.enrolment_id, Booking.session_id)
        .join(Booking.session)
        .where(Booking.enrolment_id.in_(enrolment_ids), Booking.ended_at.is_(None))
    ).all()
    outcomes = db.session.execute(
        select(Mark.enrolment_id, Mark.session_id, Mark.outcome).where(
            Mark.enrolment_id.in_(enrolment_ids), Mark.is_current
        )
    ).all()
    held = {(enrolment_id, session_id) for enrolment_id, session_id in booked}
    known = {(who, where): Outcome(outcome) for who, where, outcome in outcomes}
    wanted = {entry.session_id for entry in entries if entry.session_id} | _part_sessions(held | set(known))
    return _Background(
        closings={(entry.enrolment_id, entry.missed_session_id): entry for entry in entries},
        sessions=_sessions(wanted),
        outcomes=known,
        booked=held,
        credits=credits_of(enrolment_ids),
        titles=programme_titles(now),
    )


def _part_sessions(keys: Collection[Key]) -> set[int]:
    ids = {session_id for _, session_id in keys}
    return set(db.session.scalars(select(Session.id).where(Session.id.in_(ids), Session.part.is_not(None))))


def _sessions(ids: Collection[int]) -> dict[int, Session]:
    found = select(Session).where(Session.id.in_(ids)).options(joinedload(Session.group))
    return {session.id: session for session in db.session.scalars(found)}


def _is_covered(mark: Mark, background: _Background) -> bool:
    """Tell whether a session that counts for nothing was made up for without being named."""
    topic = mark.session.topic or str(mark.session.number or "")
    return (
        Outcome(mark.outcome).kind.neutral
        and topic.isdigit()
        and int(topic) in background.credits[mark.enrolment_id]
    )


def _absence(mark: Mark, background: _Background) -> Absence:
    session, key = mark.session, (mark.enrolment_id, mark.session_id)
    entry = background.closings.get(key)
    named = background.sessions.get(entry.session_id) if entry and entry.session_id else None
    state = absence_state(
        is_waived=entry is not None and entry.waived_because is not None,
        catch_up=_named(mark.enrolment_id, named, background),
    )
    if entry is None and session.part in _PARTS:
        state, named = _repeated(mark, background)
    return Absence(
        enrolment_id=mark.enrolment_id,
        session_id=session.id,
        label=label_of(session, background.titles),
        starts_at=session.starts_at,
        outcome=Outcome(mark.outcome),
        part=session.part,
        state=state,
        catch_up_id=named.id if named else None,
        catch_up_label=label_of(named, background.titles) if named else "",
        catch_up_at=named.starts_at if named else None,
        waived_because=entry.waived_because if entry else None,
        closed_at=entry.closed_at if entry else None,
    )


def _named(enrolment_id: int, session: Session | None, background: _Background) -> NamedCatchUp | None:
    if session is None:
        return None
    key = (enrolment_id, session.id)
    return NamedCatchUp(
        is_cancelled=session.cancelled_at is not None,
        is_booked=key in background.booked,
        outcome=background.outcomes.get(key),
    )


def _repeated(mark: Mark, background: _Background) -> tuple[AbsenceState, Session | None]:
    """Tell how far a missed workshop is repeated: both parts after a miss, else the part itself.

    Missing one part undoes the pair (product.md §2); a part we cancelled is booked anew alone.
    """
    parts = {mark.session.part} if Outcome(mark.outcome).kind.neutral else _PARTS
    later: dict[str, tuple[AbsenceState, Session]] = {}
    for session in background.sessions.values():
        if session.part not in parts or session.starts_at <= mark.session.starts_at:
            continue
        state = absence_state(is_waived=False, catch_up=_named(mark.enrolment_id, session, background))
        if state is not AbsenceState.OPEN:
            later[session.part or ""] = (state, session)
    if later.keys() != parts:
        return AbsenceState.OPEN, None
    states = {state for state, _ in later.values()}
    state = AbsenceState.CAUGHT_UP if states == {AbsenceState.CAUGHT_UP} else AbsenceState.NAMED
    return state, min((session for _, session in later.values()), key=lambda session: session.starts_at)


def label_of(session: Session, titles: Mapping[str, str]) -> str:
    """Name a session: "CARA part A", "Thursday RADAR, week 7", "RADAR catch-up, topic 7"."""
    title = titles.get(session.programme_code, session.programme_code)
    if session.part:
        return f"{title} part {session.part}"
    if session.group is not None and session.number:
        return f"{session.group.name}, week {session.number}"
    name = f"{title} {KIND_WORDS[SessionKind(session.kind)]}"
    return f"{name}, topic {session.topic}" if session.topic else name
