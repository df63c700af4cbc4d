"""Verbs that make, book, move and cancel sessions."""

from programme_tracker.kernel.database import db
from programme_tracker.rehearsal.stage import Asked, Stage
from programme_tracker.scheduling.models import Group
from programme_tracker.workflows import booking, groups, sessions


def group(stage: Stage, asked: Asked) -> None:
    """Make a group; its sessions are named ``AS/1`` and so on in order of date."""
    name = asked["as"]
    stage.known.groups.check_free(name)
    plan = groups.GroupPlan(
        name=name,
        programme_code=asked["programme"],
        starts=asked["starts"],
        staff_ids=_staff(stage, asked),
        venue=asked.get("venue"),
        sessions=asked.get("sessions"),
        capacity=asked.get("capacity"),
    )
    made = groups.create_group(plan, actor=stage.actor(None), now=stage.now)
    stage.known.groups.add(name, made.id)
    for number, session in enumerate(db.session.get_one(Group, made.id).sessions, start=1):
        stage.known.sessions.add(f"{name}/{number}", session.id)


def session(stage: Stage, asked: Asked) -> None:
    """Make one session."""
    name = asked["as"]
    stage.known.sessions.check_free(name)
    plan = sessions.SessionPlan(
        programme_code=asked["programme"],
        starts=asked["starts"],
        staff_ids=_staff(stage, asked),
        kind=asked.get("kind"),
        part=asked.get("part"),
        topic=asked.get("topic"),
        venue=asked.get("venue"),
        minutes=asked.get("minutes"),
    )
    made = sessions.create_session(plan, actor=stage.actor(None), now=stage.now)
    stage.known.sessions.add(name, made.id)


def _staff(stage: Stage, asked: Asked) -> list[int]:
    return [stage.known.staff.id(name) for name in asked["staff"]]


def enrol(stage: Stage, asked: Asked) -> None:
    """Join a group, from its next session or a later one."""
    first = asked.get("from_session")
    groups.join_group(
        stage.enrolment_id(asked),
        stage.known.groups.id(asked["group"]),
        from_session=None if first is None else int(first.rpartition("/")[2]),
        actor=stage.actor(asked.get("by")),
        now=stage.now,
    )


def book(stage: Stage, asked: Asked) -> None:
    """Book one session."""
    actor = stage.actor(asked["by"])
    booking.book(stage.session_id(asked), stage.enrolment_id(asked), actor=actor, now=stage.now)


def cancel(stage: Stage, asked: Asked) -> None:
    """Cancel a session on the provider's behalf."""
    actor = stage.actor(asked["by"])
    sessions.cancel_session(stage.session_id(asked), asked.get("reason"), actor=actor, now=stage.now)


def move(stage: Stage, asked: Asked) -> None:
    """Move a session, and the later ones of its group if asked."""
    sessions.move_session(
        stage.session_id(asked),
        asked["to"],
        later_too=asked.get("later_too", False),
        actor=stage.actor(asked["by"]),
        now=stage.now,
    )
