"""A colleague's word to victim safety about what may raise the risk: read by victim safety alone.

A new partner or new contact with a child asks for a new assessment (domain.md §5). Whoever works with
the participant hears of it first; what they write may speak of a partner, so it is sealed at once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import seal, unseal
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.victim_safety.models import SafetyWord
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.recipients import victim_safety_for

CALENDAR = WorkingCalendar()

#: What may have changed. The task says none of it.
WHAT = {
    "new_partner": "They have a new partner",
    "child_contact": "New contact with a child",
    "moved": "Somebody has moved",
    "other": "Something else that may raise the risk",
}


@dataclass(frozen=True)
class Told:
    """One word from a colleague, opened: what, in which words, who said it and when."""

    what: str
    words: str | None
    at: datetime
    by: str


def tell_victim_safety(
    enrolment_id: int, what: str, words: str | None, *, actor: Actor, now: datetime
) -> SafetyWord:
    """Seal what a colleague says and ask victim safety to assess again, by the next working day."""
    require(actor, Role.CASEWORKER, Role.MANAGER, why="Tell the caseworker.")
    if what not in WHAT:
        raise RefusedError(Code.NOT_ALLOWED, "Choose what has changed.", field="what")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        word = SafetyWord(
            participant_id=enrolment.participant_id,
            enrolment_id=enrolment.id,
            what=what,
            said_at=now,
            said_by=actor.staff_id,
        )
        db.session.add(word)
        db.session.flush()
        word.words_sealed = seal(words, "safety_words", word.id, "words") if words else None
        audit.record("safety_word.said", word, actor=actor, at=now, enrolment_id=enrolment.id)
        create_task(
            TaskKind.PARTNER_ASSESSMENT,
            to="victim_safety",
            staff_id=victim_safety_for(enrolment, now).staff_id,
            enrolment_id=enrolment.id,
            why="A colleague told you something. Read it, and assess the risk again.",
            due_on=CALENDAR.next_working_day(local_date(now)),
            now=now,
        )
        return word


def told_about(participant_id: int) -> list[Told]:
    """Open what colleagues told victim safety about a participant, newest first."""
    rows = (
        select(SafetyWord, Staff.name)
        .outerjoin(Staff, Staff.id == SafetyWord.said_by)
        .where(SafetyWord.participant_id == participant_id)
        .order_by(SafetyWord.id.desc())
    )
    return [
        Told(
            WHAT.get(row.what, row.what),
            unseal(row.words_sealed, "safety_words", row.id, "words") if row.words_sealed else None,
            row.said_at,
            name or "the system",
        )
        for row, name in db.session.execute(rows)
    ]
