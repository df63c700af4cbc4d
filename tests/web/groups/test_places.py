"""Enrolling from a person's page, the waiting list, and changing to another group."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from programme_tracker.escalation.models import Notice
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.workflows.groups import join_group, wait_for_place
from programme_tracker.workflows.journeys import withdraw
from tests.factories.cases import ODD_NAME, Team
from tests.factories.groups import MONDAY, hold, referred, weekly_group

ESCAPED = "Sam O&#39;Brien-Łukasz"


def start(client: Any, enrolment_id: int, group_id: int, first: str = "1") -> Any:
    data = {"about": str(enrolment_id), "first": first}
    return client.post(f"/enrolments/{enrolment_id}/group/{group_id}", data=data)


def change(client: Any, enrolment_id: int, group_id: int) -> Any:
    page = client.get(f"/enrolments/{enrolment_id}/group/{group_id}").text
    data = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page))
    return client.post(f"/enrolments/{enrolment_id}/group/{group_id}/transfer", data=data)


def statements(client: Any, path: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    assert client.get(path).status_code == 200
    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def live_weeks(enrolment_id: int) -> dict[int | None, int]:
    found = (
        select(Session.group_id)
        .join(Booking, Booking.session_id == Session.id)
        .where(Booking.enrolment_id == enrolment_id, Booking.ended_at.is_(None))
    )
    weeks: dict[int | None, int] = {}
    for group_id in db.session.scalars(found):
        weeks[group_id] = weeks.get(group_id, 0) + 1
    return weeks


def test_choosing_a_group_shows_places_first_session_and_topics_owed(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        hold(team, group_id, 1)
        sam = referred(team, ODD_NAME)
        client = team.client(app, "lead")
        page = client.get(f"/enrolments/{sam}/group").text
        assert ESCAPED in page and "12 of 12 places free" in page
        assert "Next is week 2, Thu 17 Sep, 6.30pm" in page and "Would owe topics 1." in page
        assert "Week 4, Thu 1 Oct: owes 1–3" in client.get(f"/enrolments/{sam}/group/{group_id}").text
        assert start(client, sam, group_id, "4").status_code == 303
        assert start(client, sam, group_id, "4").status_code == 303
        assert live_weeks(sam) == {group_id: 17}


def test_choosing_takes_the_same_queries_with_one_group_and_with_three(app: Flask, team: Team) -> None:
    with app.app_context():
        weekly_group(team)
        path = f"/enrolments/{referred(team)}/group"
        one = statements(team.client(app, "lead"), path)
        for days in (0, 1):
            weekly_group(team, MONDAY + timedelta(days=days))
        three = statements(team.client(app, "lead"), path)
    assert one == three > 0


def test_full_group_offers_its_waiting_list(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=1)
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        sam = referred(team, ODD_NAME)
        client = team.client(app, "lead")
        refused = start(client, sam, group_id)
        assert refused.status_code == 422 and "Every place in the group is taken." in refused.text
        assert "Join the waiting list" in client.get(f"/enrolments/{sam}/group").text
        for _ in range(2):
            assert client.post(f"/enrolments/{sam}/group/{group_id}/wait").status_code == 303
        page = client.get(f"/groups/{group_id}").text
    assert page.count(f"1. {ESCAPED}") == 1 and "No place offered yet" in page


def test_freed_place_is_kept_for_the_first_who_waits(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, now = weekly_group(team, capacity=1), clock.now()
        ben, first, second = (referred(team, name) for name in ("Ben Dummy", "Wim One", "Wim Two"))
        join_group(ben, group_id, actor=team.lead, now=now)
        for waiting in (first, second):
            wait_for_place(waiting, group_id, actor=team.lead, now=now)
        withdraw(ben, "moved away", actor=team.lead, now=now)
        client = team.client(app, "lead")
        page = client.get(f"/groups/{group_id}").text
        assert "1. Wim One" in page and "Offered a place just now" in page
        assert f"/groups/{group_id}/waiting/{first}/enrol" in page
        assert f"/groups/{group_id}/waiting/{second}/enrol" not in page
        overtaking = start(client, second, group_id)
        assert overtaking.status_code == 422 and "offered to somebody who waits" in overtaking.text
        assert client.post(f"/groups/{group_id}/waiting/{first}/enrol").status_code == 303
        assert live_weeks(first) == {group_id: 20} and live_weeks(second) == {}
        offers = db.session.scalars(select(Task).where(Task.kind == TaskKind.OFFER_PLACE)).all()
        assert [task.done_how for task in offers] == ["enrolled"]


def test_taking_off_asks_why_and_passes_the_place_on(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id, now = weekly_group(team, capacity=1), clock.now()
        ben, first, second = (referred(team, name) for name in ("Ben Dummy", "Wim One", "Wim Two"))
        join_group(ben, group_id, actor=team.lead, now=now)
        for waiting in (first, second):
            wait_for_place(waiting, group_id, actor=team.lead, now=now)
        withdraw(ben, "moved away", actor=team.lead, now=now)
        client, path = team.client(app, "lead"), f"/groups/{group_id}/waiting/{first}/take-off"
        assert client.get(path).status_code == 200
        assert "Say why" in client.post(path, data={"about": str(first)}).text
        data = {"about": str(first), "why": "cannot come on Thursdays"}
        assert client.post(path, data=data).status_code == 303
        assert client.post(path, data=data).status_code == 303
        page = client.get(f"/groups/{group_id}").text
    assert (
        "1. Wim Two" in page
        and "Offered a place just now" in page
        and "Wim One" not in page.split("<main")[1].split("Waiting list")[1]
    )


def test_offer_button_keeps_a_free_place(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=1)
        wim = referred(team, "Wim One")
        wait_for_place(wim, group_id, actor=team.lead, now=clock.now())
        client = team.client(app, "lead")
        assert "Offer the free place to the next" in client.get(f"/groups/{group_id}").text
        client.post(f"/groups/{group_id}/waiting/offer")
        assert "The free place is kept for Wim One." in client.get(f"/groups/{group_id}").text
        client.post(f"/groups/{group_id}/waiting/offer")
        assert "No place is free for anybody else who waits." in client.get(f"/groups/{group_id}").text


def test_transfer_names_what_follows_and_does_it_once(app: Flask, team: Team) -> None:
    with app.app_context():
        old, new = weekly_group(team), weekly_group(team, MONDAY)
        sam = referred(team, ODD_NAME, mobile="07700 900101")
        join_group(sam, old, actor=team.lead, now=clock.now())
        assert db.session.scalars(select(Message).where(Message.state == MessageState.PLANNED)).all()
        hold(team, old, 1, **{f"e{sam}": "absent"})
        client = team.client(app, "lead")
        assert "Change to this group" in client.get(f"/enrolments/{sam}/group").text
        page = client.get(f"/enrolments/{sam}/group/{new}").text
        for words in (
            "Victim safety is told the new night now: Mondays, 6pm, from Mon 14 Sep.",
            "19 places in the old group are given up; their reminders are dropped.",
            "Absences so far go on counting",
            "the gap counts for nothing",
        ):
            assert words in page, words
        assert [change(client, sam, new).status_code for _ in range(2)] == [303, 303]
        assert live_weeks(sam) == {old: 1, new: 20}
        told = db.session.scalars(select(Notice.kind).where(Notice.enrolment_id == sam)).all()
        assert told.count("programme_change") == 1 and "transferred" in told
        left = select(Message).join(Session, Session.id == Message.session_id)
        planned = left.where(Session.group_id == old, Message.state == MessageState.PLANNED)
        assert db.session.scalars(planned).all() == []
        assert "In this group" in client.get(f"/enrolments/{sam}/group").text


def test_stale_transfer_shows_the_page_again(app: Flask, team: Team) -> None:
    with app.app_context():
        old, new = weekly_group(team), weekly_group(team, MONDAY)
        sam = referred(team)
        join_group(sam, old, actor=team.lead, now=clock.now())
        data = {"about": str(sam), "seen_version": "0"}
        answer = team.client(app, "lead").post(f"/enrolments/{sam}/group/{new}/transfer", data=data)
        assert answer.status_code == 422 and "Somebody changed this enrolment meanwhile." in answer.text
        assert db.session.get_one(Enrolment, sam).group_id == old


def test_second_group_is_refused_without_a_transfer(app: Flask, team: Team) -> None:
    with app.app_context():
        old, new = weekly_group(team), weekly_group(team, MONDAY)
        sam = referred(team)
        join_group(sam, old, actor=team.lead, now=clock.now())
        answer = start(team.client(app, "lead"), sam, new)
        assert answer.status_code == 422
        assert live_weeks(sam) == {old: 20}


def test_nobody_is_enrolled_before_the_sign_off(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        sam = referred(team, signed_off=False)
        client = team.client(app, "lead")
        page = client.get(f"/enrolments/{sam}/group").text
        assert "Victim safety has not signed this off." in page and "Choose this group" not in page
        assert start(client, sam, group_id).status_code == 422


@pytest.mark.parametrize("who", ["facilitator", "worker", "officer", "enforcement", "admin"])
def test_places_are_given_by_the_team_alone(app: Flask, team: Team, who: str) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        sam = referred(team)
        client = team.client(app, who)
        assert client.get(f"/enrolments/{sam}/group").status_code == 404
        assert start(client, sam, group_id).status_code == 404
        assert client.post(f"/enrolments/{sam}/group/{group_id}/transfer").status_code == 404
        assert client.post(f"/groups/{group_id}/waiting/offer").status_code == 404


def test_programme_without_groups_says_so(app: Flask, team: Team) -> None:
    with app.app_context():
        page = team.client(app, "lead").get(f"/enrolments/{referred(team, programme='baseline')}/group").text
    assert "Baseline is not given in groups." in page
