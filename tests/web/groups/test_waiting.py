"""Who may wait for a place: nobody for a group that will let nobody in."""

from datetime import date

from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import Code
from programme_tracker.workflows.groups import (
    close_group,
    join_group,
    offer_freed_place,
    wait_for_place,
    waiting_list,
)
from programme_tracker.workflows.journeys import withdraw
from tests.factories import records
from tests.factories.cases import Team
from tests.factories.groups import MONDAY, hold, referred, weekly_group


def of_age(team: Team, name: str) -> int:
    """Refer a man of 20 to the young adults' programme."""
    return referred(team, name, programme="young_adults", born_on=date(2006, 3, 1))


def test_begun_group_without_rolling_entry_has_no_waiting_list(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, programme_code="young_adults", capacity=1)
        early, late = of_age(team, "Wim Early"), of_age(team, "Wim Late")
        wait_for_place(early, group_id, actor=team.lead, now=clock.now())
        hold(team, group_id, 1)
        with records.refused(Code.NOT_ALLOWED) as caught:
            wait_for_place(late, group_id, actor=team.lead, now=clock.now())
        assert "has begun and takes nobody new" in caught.value.message
        assert offer_freed_place(group_id, now=clock.now()) is None
        page = team.client(app, "lead").get(f"/groups/{group_id}").text
        assert "Nobody can join this group any more." in page and "1. Wim Early" in page
        for offered in ("Enrol somebody", "Offer the free place", f"waiting/{early}/enrol"):
            assert offered not in page


def test_closed_group_and_another_programmes_have_no_waiting_list(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, now = weekly_group(team, capacity=1), clock.now()
        other, last = of_age(team, "Wim Other"), referred(team, "Wim Last")
        with records.refused(Code.NOT_ALLOWED):
            wait_for_place(other, group_id, actor=team.lead, now=now)
        close_group(group_id, actor=team.lead, now=now)
        with records.refused(Code.NOT_ALLOWED):
            wait_for_place(last, group_id, actor=team.lead, now=now)
        assert waiting_list(group_id) == []


def test_begun_radar_group_lets_people_wait_and_offers_what_frees(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=1)
        ben = referred(team, "Ben Dummy")
        client = team.client(app, "lead")
        client.post(f"/enrolments/{ben}/group/{group_id}", data={"about": str(ben), "first": "1"})
        hold(team, group_id, 1)
        wim = referred(team, "Wim One")
        wait_for_place(wim, group_id, actor=team.lead, now=clock.now())
        withdraw(ben, "moved away", actor=team.lead, now=clock.now())
        (place,) = waiting_list(group_id)
        assert place.offered_at == clock.now()


def test_place_in_one_group_ends_the_wait_for_another_and_passes_its_offer_on(app: Flask, team: Team) -> None:
    with app.app_context():
        wanted, other, now = weekly_group(team, capacity=1), weekly_group(team, MONDAY), clock.now()
        ben, first, second = (referred(team, name) for name in ("Ben Dummy", "Wim One", "Wim Two"))
        join_group(ben, wanted, actor=team.lead, now=now)
        for waiting in (first, second):
            wait_for_place(waiting, wanted, actor=team.lead, now=now)
        withdraw(ben, "moved away", actor=team.lead, now=now)
        today = team.client(app, "lead").get("/today").text
        assert "Wim Two: waits for a place" in today and "Thursday RADAR since " in today
        assert "Wim Two: book RADAR" not in today
        join_group(first, other, actor=team.lead, now=now)
        (place,) = waiting_list(wanted)
        assert (place.enrolment_id, place.offered_at) == (second, now)
        assert len(records.tasks("offer_place", second)) == 1 and records.tasks("offer_place", first) == []
