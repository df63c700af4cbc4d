"""A weekly RADAR group of six invented people, five weeks in, with every place taken."""

from datetime import date, datetime, timedelta
from functools import partial

from programme_tracker.attendance.rules import Outcome, Reason
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Decision
from programme_tracker.kernel.working_time import from_local, is_english_bank_holiday
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import finish_tasks
from programme_tracker.workflows import deciding, registers
from programme_tracker.workflows.demo.days import GROUP_STARTS, DemoDays
from programme_tracker.workflows.demo.stage import Person, Script, Stage
from programme_tracker.workflows.groups import GroupPlan, create_group, join_group
from programme_tracker.workflows.journeys import record_contact, waive_absence

NAMES = ("Ben Dummy", "Kwame Demo", "Stefan Fable", "Arjun Legend", "Tomasz Story", "Neil Novel")
GROUP_NAME = "RADAR evening group"
SESSIONS = 20

#: What was not "attended", by how many sessions before the last one held and place in ``NAMES``.
_OTHERWISE: dict[tuple[int, int], MarkDetails] = {
    (3, 1): MarkDetails(Outcome.ATTENDED_LATE),
    (2, 2): MarkDetails(
        Outcome.ABSENT_ACCEPTABLE, reason=Reason.MEDICAL.value, evidence="Saw the hospital letter."
    ),
    (2, 4): MarkDetails(Outcome.ABSENT),
    (1, 1): MarkDetails(Outcome.ATTENDED_LATE),
    (1, 3): MarkDetails(Outcome.ABSENT),
}

#: Whose absence the manager waived, as in ``_OTHERWISE``: how many sessions before the last, and who.
_WAIVED = (2, 4)

#: Whose last attendance turns out to have been an absence.
_MISMARKED = 3


def tell_radar(script: Script, stage: Stage, days: DemoDays) -> None:
    """Plan the group's story."""
    people = [_person(stage, place, name) for place, name in enumerate(NAMES)]
    for person in people:
        script.at(days.ago(47, 10, 0), person.refer_to_radar, person.accept)
        script.at(days.ago(45, 11, 30), person.sign_off)
    script.at(days.ago(43, 9, 30), partial(_start_group, stage, days, people))
    held = _held(days)
    for number, starts in enumerate(held, start=1):
        submitted_at = from_local(starts) + timedelta(minutes=128)
        script.at(submitted_at, partial(_submit, stage, number, len(held) - number, people))
        script.at(submitted_at + timedelta(hours=16), partial(_follow_up, stage, people))
    if len(held) > _WAIVED[0]:
        script.at(days.before_now(hours=30), partial(_waive, stage, people[_WAIVED[1]], len(held)))
    if len(held) > 1:
        _tell_mistake(script, stage, days, people[_MISMARKED], len(held))


def _person(stage: Stage, place: int, name: str) -> Person:
    worker = stage.team.safety if place % 2 else stage.team.safety2
    return Person(stage, name, f"07700 900{120 + place}", date(1984 + place, 6, 3), worker)


def _held(days: DemoDays) -> list[datetime]:
    """Return the wall times of the sessions before the day of loading; that day's own is left open."""
    first = datetime.combine(days.group_from_on, GROUP_STARTS)
    today = days.group_from_on + timedelta(weeks=5)
    starts = weekly_starts(first, SESSIONS, is_english_bank_holiday)
    return [wall for wall in starts if wall.date() < today]


def _start_group(stage: Stage, days: DemoDays, people: list[Person]) -> None:
    actor, now = stage.team.caseworker, stage.now
    plan = GroupPlan(
        name=GROUP_NAME,
        programme_code="radar",
        starts=datetime.combine(days.group_from_on, GROUP_STARTS),
        staff_ids=stage.team.facilitator_ids,
        venue="Room 2, Invented House",
        sessions=SESSIONS,
        capacity=len(people),
    )
    group = create_group(plan, actor=actor, now=now)
    stage.groups["radar"] = group.id
    for session in group.sessions:
        stage.sessions[f"radar {session.number}"] = session.id
    for person in people:
        join_group(person.enrolment_id, group.id, actor=actor, now=now)


def _submit(stage: Stage, number: int, before_last: int, people: list[Person]) -> None:
    marks = {
        people[place].enrolment_id: details
        for (before, place), details in _OTHERWISE.items()
        if before == before_last
    }
    stage.submit(f"radar {number}", marks)


def _follow_up(stage: Stage, people: list[Person]) -> None:
    """Let the caseworker ring everybody, and victim safety their partners."""
    for person in people:
        actor, now = stage.team.caseworker, stage.now
        record_contact(person.enrolment_id, "call", "Comes next week.", actor=actor, now=now)
        finish_tasks(
            TaskKind.FOLLOW_UP_ABSENCE,
            how="Rang him; he comes next week.",
            actor=actor,
            now=now,
            enrolment_id=person.enrolment_id,
        )
        person.speak_to_partner()


def _waive(stage: Stage, man: Person, held: int) -> None:
    missed = stage.sessions[f"radar {held - _WAIVED[0]}"]
    because = "Went through the topic with him on the telephone."
    waive_absence(man.enrolment_id, missed, because, actor=stage.team.manager, now=stage.now)


def _tell_mistake(script: Script, stage: Stage, days: DemoDays, man: Person, last: int) -> None:
    """Tell of a mark put right: two absences in a row come to light, and victim safety lets them go on."""
    script.at(
        days.before_now(hours=5),
        lambda: registers.correct(
            stage.sessions[f"radar {last}"],
            man.enrolment_id,
            MarkDetails(Outcome.ABSENT),
            why="Marked in the wrong line last week.",
            actor=stage.team.facilitator2,
            now=stage.now,
        ),
    )
    script.at(
        days.before_now(hours=4),
        lambda: deciding.decide(man.enrolment_id, Decision.PROCEED, actor=man.worker, now=stage.now),
    )
