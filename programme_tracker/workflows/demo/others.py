"""Invented people on the other programmes: one-to-ones, young people, young adults, awareness."""

from datetime import date, datetime, time, timedelta
from functools import partial

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.working_time import (
    WorkingCalendar,
    from_local,
    is_english_bank_holiday,
    local_date,
)
from programme_tracker.people.services import GuardianDetails
from programme_tracker.scheduling.models import SessionKind
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.workflows.demo.days import DemoDays
from programme_tracker.workflows.demo.stage import Person, Script, Stage
from programme_tracker.workflows.groups import GroupPlan, create_group, join_group, wait_for_place
from programme_tracker.workflows.one_to_ones import book_one_to_one
from programme_tracker.workflows.sessions import SessionPlan

CALENDAR = WorkingCalendar()

_CAME, _AWAY = Outcome.ATTENDED, Outcome.ABSENT

#: Who meets the caseworker, how their meetings so far went, oldest first, and for how many weeks
#: nothing has been booked since; all the others have their next meeting in the coming days.
BASELINE: tuple[tuple[str, tuple[Outcome, ...], int], ...] = (
    ("Amir Allegory", (_CAME, _CAME, _CAME), 0),
    ("Bogdan Byword", (_CAME, _AWAY, _AWAY, _AWAY), 0),
    ("Craig Cipher", (_CAME,), 0),
    ("Dele Daydream", (_AWAY, _AWAY), 0),
    ("Euan Example-Jones", (), 0),
    ("Farid Figment", (_CAME, _CAME), 0),
    ("Glyn Guess", (_CAME, Outcome.LEFT_EARLY), 0),
    ("Hamza Hypothesis", (_CAME,), 3),
)

#: Young people with their age; those under 16 have a guardian who gets the texts.
LINX = (
    ("Isaac Imaginary", 15),
    ("Jayden Jest", 14),
    ("Kofi Kite", 16),
    ("Leon Lookalike", 13),
    ("Mo Makebelieve", 15),
    ("Nate Notional", 17),
)
YOUNG_ADULTS = ("Ollie Ornament", "Pavel Parable", "Quentin Quip", "Rhys Riddle", "Sol Stand-In")
AWARENESS = ("Tunde Tale", "Usman Utopia", "Vince Vignette", "Will Whimsy")

#: Referrals nobody has decided on, or only just: name, programme, accepted.
REFERRED = (
    ("Xavi Xample", "radar", False),
    ("Yan Yarn", "radar", True),
    ("Zack Zero", "baseline", False),
    ("Aled Anecdote", "baseline", True),
    ("Bilal Bluff", "radar", True),
    ("Cian Chimera", "young_adults", False),
    ("Deji Dummy-Text", "radar", False),
    ("Emeka Emblem", "awareness", True),
    ("Finn Fiction", "young_adults", True),
    ("Gareth Ghost", "radar", True),
    ("Hywel Hearsay", "baseline", False),
    ("Ibrahim Idiom", "radar", True),
    ("Jakub Joke", "young_adults", True),
    ("Kenan Kidding", "awareness", False),
    ("Lloyd Legend-Two", "radar", True),
    ("Marcin Myth", "baseline", True),
)

#: Who is signed off and waits for a place in the RADAR evening group, which is full.
WAITING = frozenset({"Gareth Ghost", "Ibrahim Idiom"})

_FIRST_NUMBER = 130


def tell_others(script: Script, stage: Stage, days: DemoDays) -> None:
    """Plan the stories of everybody who is on neither CARA nor the RADAR evening group."""
    numbers = iter(range(_FIRST_NUMBER, 299))
    for place, (name, outcomes, silent) in enumerate(BASELINE):
        _baseline(script, days, _someone(stage, next(numbers), name), place, outcomes, silent)
    young = [_someone(stage, next(numbers), name, age) for name, age in LINX]
    # One of them turns 16 within the week: then texts pause until consent is asked for.
    soon = local_date(days.now) + timedelta(days=5)
    young[0].born_on = soon.replace(year=soon.year - 16)
    for person, number in zip(young, numbers, strict=False):
        if person.born_on > local_date(days.now).replace(year=local_date(days.now).year - 16):
            person.guardian = GuardianDetails(f"Guardian of {person.name}", f"+447700900{number:03}", True)
    adults = [_someone(stage, next(numbers), name, 20) for name in YOUNG_ADULTS]
    aware = [_someone(stage, next(numbers), name) for name in AWARENESS]
    _group(script, stage, days, "linx", "LINX after school", young, 18, time(16), 12)
    _group(script, stage, days, "young_adults", "Young adults afternoon", adults, 9, time(15, 45), 12)
    _group(script, stage, days, "awareness", "Awareness afternoon", aware, 17, time(15, 30), 2)
    for ago, (name, code, accepted) in enumerate(REFERRED, start=1):
        person = _someone(stage, next(numbers), name, 20 if code == "young_adults" else 34)
        script.at(days.ago(ago, 10, 5), partial(person.refer_to, code))
        if accepted:
            script.at(days.ago(ago, 15, 40), person.accept)
        if name in WAITING:
            script.at(days.ago(ago - 2, 10, 20), person.sign_off, partial(_wait, person))


def _someone(stage: Stage, number: int, name: str, age: int = 34) -> Person:
    """Invent a person of an age, with a birthday some months back."""
    worker = stage.team.safety if number % 2 else stage.team.safety2
    year = stage.now.year - age
    return Person(stage, name, f"07700 900{number:03}", date(year, 1 + number % 6, 11), worker)


def _baseline(
    script: Script, days: DemoDays, person: Person, place: int, outcomes: tuple[Outcome, ...], silent: int
) -> None:
    """Plan weekly meetings with the caseworker, each person at an hour of their own."""
    script.at(days.ago(38, 9, 20), partial(person.refer_to, "baseline"))
    script.at(days.ago(38, 16, 10), person.accept)
    script.at(days.ago(37, 11, 15), person.sign_off)
    coming = CALENDAR.next_working_day(local_date(days.now) + timedelta(days=place % 3))
    first = coming - timedelta(weeks=len(outcomes) + silent)
    for week, outcome in enumerate(outcomes if silent else (*outcomes, None)):
        day = first + timedelta(weeks=week)
        if is_english_bank_holiday(day):
            continue
        starts = datetime.combine(day, time(9 + place))
        key = f"baseline {place}.{week}"
        script.at(from_local(starts) - timedelta(days=5), partial(_meet, person, key, starts))
        if outcome is not None:
            after = from_local(starts) + timedelta(minutes=64)
            script.at(after, partial(_note, person, key, outcome))


def _meet(person: Person, key: str, starts: datetime) -> None:
    stage = person.stage
    plan = SessionPlan(
        programme_code="baseline",
        starts=starts,
        staff_ids=[stage.team.caseworker.staff_id or 0],
        kind=SessionKind.ONE_TO_ONE,
        venue="Room 5, Invented House",
    )
    actor = stage.team.caseworker
    booked = book_one_to_one(plan, person.enrolment_id, actor=actor, now=stage.now)
    stage.sessions[key] = booked.booking.session_id


def _note(person: Person, key: str, outcome: Outcome) -> None:
    note = "Left after ten minutes." if outcome is Outcome.LEFT_EARLY else None
    marks = {person.enrolment_id: MarkDetails(outcome, note=note)}
    person.stage.submit(key, marks, by=person.stage.team.caseworker)


def _group(
    script: Script,
    stage: Stage,
    days: DemoDays,
    code: str,
    name: str,
    people: list[Person],
    started_ago: int,
    at: time,
    count: int,
) -> None:
    """Plan a group that began some days ago; one person misses the newest session held."""
    first = local_date(days.now) - timedelta(days=started_ago)
    while is_english_bank_holiday(first):
        # By whole weeks, so that every group keeps a weekday of its own and its staff stay free.
        first -= timedelta(weeks=1)
    for person in people:
        script.at(days.ago(started_ago + 12, 10, 30), partial(person.refer_to, code), person.accept)
        script.at(days.ago(started_ago + 11, 11, 0), person.sign_off)
    starts = datetime.combine(first, at)
    opened = days.ago(started_ago + 10, 9, 15)
    script.at(opened, partial(_open_group, stage, code, name, starts, count, people))
    held = [
        wall
        for wall in weekly_starts(starts, count, is_english_bank_holiday)
        if from_local(wall) < days.now - timedelta(hours=4)
    ]
    for number, wall in enumerate(held, start=1):
        is_newest = number == len(held)
        submitted_at = from_local(wall) + timedelta(minutes=130)
        script.at(submitted_at, partial(_submit, stage, f"{code} {number}", people[-1], is_newest))


def _open_group(
    stage: Stage,
    code: str,
    name: str,
    starts: datetime,
    count: int,
    people: list[Person],
) -> None:
    actor, now = stage.team.caseworker, stage.now
    plan = GroupPlan(
        name=name,
        programme_code=code,
        starts=starts,
        staff_ids=stage.team.facilitator_ids,
        venue="Room 3, Invented House",
        sessions=count,
    )
    group = create_group(plan, actor=actor, now=now)
    stage.groups[code] = group.id
    for session in group.sessions:
        stage.sessions[f"{code} {session.number}"] = session.id
    for person in people:
        join_group(person.enrolment_id, group.id, actor=actor, now=now)


def _submit(stage: Stage, key: str, last: Person, is_newest: bool) -> None:
    absent = {last.enrolment_id: MarkDetails(Outcome.ABSENT)} if is_newest else {}
    stage.submit(key, absent)


def _wait(person: Person) -> None:
    stage = person.stage
    group_id = stage.groups["radar"]
    wait_for_place(person.enrolment_id, group_id, actor=stage.team.caseworker, now=stage.now)
