"""Verbs that submit and correct registers."""

import secrets

from programme_tracker.attendance.rules import Outcome, Reason, outcome_for_arrival
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.rehearsal.fields import MarkEntry
from programme_tracker.rehearsal.stage import Asked, Stage
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows import registers


def mark(stage: Stage, asked: Asked) -> None:
    """Submit the register of a session."""
    session_id = stage.session_id(asked)
    session = db.session.get_one(Session, session_id)
    entries: dict[str, MarkEntry] = asked["outcomes"]
    marks = {
        stage.known.enrolments.id(name): _details(stage, session, entry) for name, entry in entries.items()
    }
    registers.submit_register(
        session_id,
        marks,
        token=secrets.token_hex(16),
        actor=stage.actor(asked["by"]),
        now=stage.now,
    )


def _details(stage: Stage, session: Session, entry: MarkEntry) -> MarkDetails:
    arrived_at = None
    if entry.arrived is not None:
        arrived_at = at_local(local_date(session.starts_at), entry.arrived)
        grace = programme_policy(session.programme_code, stage.now).late_grace_minutes
        outcome = outcome_for_arrival(session.starts_at, arrived_at, grace)
    else:
        outcome = Outcome(entry.outcome or "")
    return MarkDetails(outcome, entry.reason, entry.evidence, entry.note, arrived_at)


def correct(stage: Stage, asked: Asked) -> None:
    """Correct one mark; a second person may have approved."""
    registers.correct(
        stage.session_id(asked),
        stage.enrolment_id(asked),
        _corrected(asked),
        why=asked.get("reason", "corrected"),
        actor=stage.actor(asked["by"]),
        now=stage.now,
        approved_by=stage.actor(asked["approved_by"]) if "approved_by" in asked else None,
    )


def _corrected(asked: Asked) -> MarkDetails:
    """Return what stands now. The one ``reason`` says why the absence is acceptable, or why it changed."""
    outcome, said = Outcome(asked["outcome"]), asked.get("reason")
    reason = said if said in set(Reason) else None
    if outcome.kind.needs_reason and said and reason is None:
        reason = Reason.OTHER.value
    note = said if outcome.kind.needs_note else None
    return MarkDetails(outcome, reason, asked.get("evidence"), note)
