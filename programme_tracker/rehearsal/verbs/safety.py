"""Verbs about what is told to whom: acknowledging, deciding, clearing, danger, leave."""

from programme_tracker.engagement.queries import open_flags
from programme_tracker.escalation.models import Decision
from programme_tracker.kernel.working_time import from_local
from programme_tracker.referrals.rules import PoliceDecision
from programme_tracker.rehearsal.naming import NotThereError
from programme_tracker.rehearsal.stage import OFFICE, Asked, Stage
from programme_tracker.workflows import being_away, deciding, police


def acknowledge(stage: Stage, asked: Asked) -> None:
    """Acknowledge the open notices addressed to this member of staff or their role."""
    deciding.acknowledge(stage.enrolment_id(asked), actor=stage.actor(asked["by"]), now=stage.now)


def decide(stage: Stage, asked: Asked) -> None:
    """Write victim safety's decision on the open case."""
    deciding.decide(
        stage.enrolment_id(asked),
        Decision(asked["decision"]),
        reason=asked.get("reason"),
        hold_until=from_local(asked["until"]) if "until" in asked else None,
        cosigned_by=stage.actor(asked["cosigned_by"]) if "cosigned_by" in asked else None,
        actor=stage.actor(asked["by"]),
        now=stage.now,
    )


def police_decision(stage: Stage, asked: Asked) -> None:
    """Enter what police decided after a breach report."""
    police.police_decision(
        stage.enrolment_id(asked),
        PoliceDecision(asked["decision"]),
        caution_expires_on=asked.get("caution_expires"),
        actor=stage.actor(asked["by"]),
        now=stage.now,
    )


def danger(stage: Stage, asked: Asked) -> None:
    """Press the imminent-danger button."""
    actor = stage.actor(asked["by"])
    police.danger(stage.enrolment_id(asked), asked["reason"], actor=actor, now=stage.now)


def clear(stage: Stage, asked: Asked) -> None:
    """Clear the open flag of a rule."""
    standing = [flag for flag in open_flags(stage.enrolment_id(asked)) if flag.rule == asked["rule"]]
    if not standing:
        raise NotThereError(f"there is no open flag {asked['rule']}")
    deciding.clear(standing[0].id, asked["reason"], actor=stage.actor(asked["by"]), now=stage.now)


def leave(stage: Stage, asked: Asked) -> None:
    """Note that a member of staff is away, both days included."""
    staff_id = stage.known.staff.id(asked["staff"])
    being_away.record_leave(staff_id, asked["from"], asked["to"], actor=OFFICE, now=stage.now)
