"""What a phone keeps of the registers its owner is about to take: initials and references, no names."""

import base64
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import SealError, field_keys
from programme_tracker.kernel.working_time import to_local
from programme_tracker.people.rules import initials_of
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.scheduling.models import Session, SessionStaff
from programme_tracker.web.presentation import moment_words, time_words
from programme_tracker.web.registers.views import RegisterPerson, people_on
from programme_tracker.workflows.visibility import may_see_session

#: Registers are kept from a day before their session until two days after it began.
AHEAD, BEHIND = timedelta(hours=24), timedelta(hours=48)

#: More registers than anybody takes in three days.
MOST = 20


def sessions_to_keep(actor: Actor, also: int | None, now: datetime) -> list[Session]:
    """Return the sessions near ``now`` that somebody runs and whose registers are not submitted.

    ``also`` names one more, whose register they have open; it counts only if they may see it and
    it has begun.
    """
    runs = Session.id.in_(select(SessionStaff.session_id).where(SessionStaff.staff_id == actor.staff_id))
    near = runs & (Session.starts_at > now - BEHIND) & (Session.starts_at < now + AHEAD)
    opened = (Session.id == also) & (Session.starts_at <= now)
    found = (
        select(Session)
        .where(
            or_(near, opened),
            may_see_session(actor),
            Session.submitted_at.is_(None),
            Session.cancelled_at.is_(None),
        )
        .order_by(Session.starts_at, Session.id)
        .limit(MOST)
    )
    return list(db.session.scalars(found))


def kept_sheet(session: Session, now: datetime) -> dict[str, Any]:
    """Return one register as a phone keeps it; neither programme nor venue nor anybody is named."""
    ends_at = session.starts_at + timedelta(minutes=session.minutes)
    return {
        "session": session.id,
        "version": session.version,
        "title": moment_words(session.starts_at, now),
        "times": f"{time_words(session.starts_at)} to {time_words(ends_at)}",
        "starts": f"{to_local(session.starts_at):%H:%M}",
        "starts_at": session.starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "grace": programme_policy(session.programme_code, now).late_grace_minutes,
        "people": [_person(one) for one in people_on(session)],
    }


def _person(one: RegisterPerson) -> dict[str, Any]:
    return {
        "id": one.enrolment_id,
        "initials": initials_of(one.name),
        "reference": one.reference,
        "locked": one.locked,
    }


def phone_key(staff_id: int, vault: str, key_id: str | None) -> dict[str, str]:
    """Return the key of what one person's phone keeps; the same again after a new sign-in.

    Bound to the person and to ``vault``, which the phone draws by lot whenever it begins anew, so
    that nobody else who signs in on the phone is given it. ``key_id`` says which of our keys it was
    made from; one that was taken away since gives a new key.
    """
    purpose = f"offline register:{staff_id}:{vault}"
    try:
        made_from, key = field_keys().derived(purpose, key_id)
    except SealError:
        made_from, key = field_keys().derived(purpose)
    return {"id": made_from, "key": base64.b64encode(key).decode()}
