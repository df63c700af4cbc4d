"""Actions that agencies take on a case (product.md §10): noted by whoever took them, told to nobody."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from programme_tracker.escalation.models import Case, CaseAction
from programme_tracker.escalation.rules import ACTIONS_OPEN_TO_ENFORCEMENT, ActionKind
from programme_tracker.escalation.services import add_action
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.workflows.permissions import require

MAY_ACT = (Role.VICTIM_SAFETY, Role.CASEWORKER, Role.ENFORCEMENT, Role.MANAGER)
READS_NOTES = (Role.VICTIM_SAFETY, Role.CASEWORKER, Role.MANAGER)

#: The same from the same person within this time is a button pressed twice.
TWICE = timedelta(minutes=10)


def record_action(
    case_id: int, action: ActionKind, note: str | None, *, actor: Actor, now: datetime
) -> CaseAction | None:
    """Note an action; None where the same person noted the same just before: a button pressed twice.

    Raises RefusedError when something else is not said in words.
    """
    require(actor, *MAY_ACT, why="Ask the caseworker to note this.")
    if action is ActionKind.OTHER and not note:
        raise RefusedError(Code.NOT_ALLOWED, "Say what was done", field="note")
    with transaction():
        case = locked(Case, case_id)
        newest = select(CaseAction).where(CaseAction.case_id == case_id).order_by(CaseAction.id.desc())
        last = db.session.scalars(newest.limit(1)).first()
        same = (action.value, note, actor.staff_id)
        if (
            last is not None
            and (last.action, last.note, last.taken_by) == same
            and now - last.taken_at < TWICE
        ):
            return None
        return add_action(case, action, note, actor=actor, now=now)


def actions_on(case_id: int, actor: Actor) -> Sequence[CaseAction]:
    """Return the actions on a case that this person may read, newest first.

    Enforcement reads its own, and of others those that tell nothing of a partner (domain.md §4).
    """
    found = select(CaseAction).where(CaseAction.case_id == case_id)
    if not actor.has(*READS_NOTES):
        open_kinds = [kind.value for kind in ACTIONS_OPEN_TO_ENFORCEMENT]
        found = found.where(or_(CaseAction.action.in_(open_kinds), CaseAction.taken_by == actor.staff_id))
    return db.session.scalars(found.order_by(CaseAction.id.desc())).all()


def note_for(entry: CaseAction, actor: Actor) -> str:
    """Return an action's note for those who may read it: the case's workers, and whoever wrote it."""
    if actor.has(*READS_NOTES) or entry.taken_by == actor.staff_id:
        return entry.note or ""
    return ""
