from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_id, stand_in
from programme_tracker.accounts.services import record_leave, set_deputy
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.web.week.away import away_from
from tests.factories import records
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import OwnBrowser, go_to
from tests.factories.voluntary import Enrolled, meet, move_on, wall

TODAY = date(2026, 9, 1)


def away(staff_id: int | None, first: int, last: int, deputy_id: int | None = None) -> None:
    """Note leave in September and who stands in."""
    now = clock.now()
    set_deputy(staff_id or 0, deputy_id, actor=SYSTEM, now=now)
    record_leave(staff_id or 0, date(2026, 9, first), date(2026, 9, last), actor=SYSTEM, now=now)


def test_manager_sees_who_is_away_and_who_covers(app: Flask, case: Enrolled) -> None:
    deputy = make_staff(Role.CASEWORKER, name="Dee O'Deputy")
    meet(case, wall(9, 8))
    away(case.team.lead.staff_id, 7, 11, deputy.id)
    away(deputy.id, 10, 10)
    page = case.client(app, "manager").get("/week/away").text
    for shown in (
        "Kit Lead",
        "Mon 7 Sep</time> to <time",
        "Dee O&#39;Deputy",
        "Nobody named: the whole role",
        "One case, no open tasks.",
        "One session needs",
        f"/week/?of={case.team.lead.staff_id}",
    ):
        assert shown in page


def test_covers_are_those_that_notices_and_tasks_go_to(app: Flask, case: Enrolled) -> None:
    deputy = make_staff(Role.CASEWORKER, name="Dee Deputy")
    lead_id = case.team.lead.staff_id or 0
    away(lead_id, 3, 12, deputy.id)
    away(deputy.id, 5, 6)
    (shown,) = [one for one in away_from(TODAY) if one.staff_id == lead_id]
    for cover in shown.covers:
        for count in range((cover.to_on - cover.from_on).days + 1):
            found = stand_in(lead_id, cover.from_on + timedelta(days=count))
            person = staff_by_id(found) if found is not None else None
            assert (person.name if person else None) == cover.by
    assert [(one.from_on.day, one.to_on.day) for one in shown.covers] == [(3, 4), (5, 6), (7, 12)]


def test_nobody_away_is_a_sentence_and_past_leave_is_gone(app: Flask, case: Enrolled) -> None:
    away(case.team.lead.staff_id, 1, 2)
    go_to(wall(9, 3))
    page = case.client(app, "manager").get("/week/away").text
    assert "Nobody is away in these two weeks." in page


def test_away_is_the_managers_page_alone(app: Flask, case: Enrolled) -> None:
    for who in ("lead", "facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get("/week/away").status_code == 404


def test_flags_notices_and_tasks_of_these_days_go_to_the_deputies(app: Flask, case: Enrolled) -> None:
    app.test_client_class = OwnBrowser
    lead, worker = case.team.lead, case.team.worker
    other_lead = make_staff(Role.CASEWORKER, name="Dee Deputy").actor
    other_worker = make_staff(Role.VICTIM_SAFETY, name="Val Deputy").actor
    met = [meet(case, wall(9, day)) for day in (7, 14, 21)]
    away(lead.staff_id, 6, 25, other_lead.staff_id)
    away(worker.staff_id, 6, 25, other_worker.staff_id)
    for number, day in enumerate((7, 14, 21)):
        move_on(wall(9, day, 11))
        # The deputy is of the team, which sees every session.
        client = client_of(app, db.session.get_one(Staff, other_lead.staff_id))
        client.post(f"/week/sessions/{met[number]}/no-show", data={"token": str(number) * 32})
    assert ("consecutive_absences", "red", "open") in records.flags(case.enrolment_id)
    first, *_ = records.tasks("follow_up_absence", case.enrolment_id)
    assert first.staff_id == other_lead.staff_id
    notice = records.notices(case.enrolment_id, "non_engagement", "victim_safety")[-1]
    assert notice.staff_id == other_worker.staff_id
    assert local_date(notice.released_at or clock.now()) == date(2026, 9, 21)
    page = client_of(app, db.session.get_one(Staff, other_worker.staff_id)).get(f"/notices/{notice.id}")
    assert page.status_code == 200


def test_open_tasks_of_somebody_away_are_their_deputys_too_until_they_are_back(
    app: Flask, case: Enrolled
) -> None:
    deputy = make_staff(Role.CASEWORKER, name="Dee Deputy")
    task = create_task(
        TaskKind.CALL_PARTICIPANT,
        to="lead",
        why="Ring about Monday.",
        due_on=date(2026, 9, 3),
        now=clock.now(),
        staff_id=case.team.lead.staff_id,
        enrolment_id=case.enrolment_id,
    )
    path = f"/tasks/{task.id}"
    assert client_of(app, db.session.get_one(Staff, deputy.id)).get(path).status_code == 404
    away(case.team.lead.staff_id, 2, 4, deputy.id)
    for day, status in ((2, 200), (4, 200), (5, 404)):
        go_to(wall(9, day))
        client = client_of(app, db.session.get_one(Staff, deputy.id))
        assert client.get(path).status_code == status
        assert ("Ring about Monday." in client.get("/today").text) is (status == 200)


def test_number_of_queries_does_not_grow_with_people_away(
    app: Flask, case: Enrolled, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    away(case.team.lead.staff_id, 2, 4)
    client = case.client(app, "manager")
    client.get("/week/away")
    one = queries_of(lambda: client.get("/week/away"))
    for _ in range(2):
        away(make_staff(Role.CASEWORKER).id, 2, 4, case.team.lead.staff_id)
    assert queries_of(lambda: client.get("/week/away")) <= one
