"""Actions taken on a case, noted on its page; and the picture of its steps."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from programme_tracker.escalation.models import CaseAction
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.web.cases.picture import NARROW, WIDE, draw_case
from programme_tracker.web.cases.steps import Step
from tests.factories.cases import CaraCase, attend, cara_case
from tests.factories.records import times_audited

PAGE, ACT = "/cases/1", "/cases/1/act"
NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)


@pytest.fixture
def case(app: Flask) -> CaraCase:
    """Give a case whose part A was missed."""
    with app.app_context():
        case = cara_case()
        attend(case, case.session_a_id, "absent")
        return case


@pytest.mark.parametrize("who", ["worker", "lead", "manager"])
def test_action_is_noted_without_leaving_the_page(app: Flask, case: CaraCase, who: str) -> None:
    with app.app_context():
        client = case.team.client(app, who)
        typed = {"about": "1", "action": "dvpn", "note": "Sought by the <night> team"}
        page = client.post(ACT, data=typed, follow_redirects=True)
        assert "Action noted." in page.text
        assert "Protection notice or order (DVPN, DVPO) sought" in page.text
        assert "Sought by the &lt;night&gt; team" in page.text
        assert times_audited("case.acted", action="dvpn") == 1


def test_pressed_twice_is_noted_once_and_later_again(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    with app.app_context():
        client = case.team.client(app, "worker")
        for _ in range(2):
            client.post(ACT, data={"about": "1", "action": "marac"})
        assert db.session.query(CaseAction).count() == 1
        clock.advance(timedelta(minutes=11))
        client.post(ACT, data={"about": "1", "action": "marac"})
        assert db.session.query(CaseAction).count() == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"action": ""}, "Choose what was done"),
        ({"action": "arrest"}, "what was done"),
        ({"action": "other", "note": " "}, "Say what was done"),
    ],
)
def test_what_is_missing_is_asked_for(app: Flask, case: CaraCase, typed: dict[str, str], said: str) -> None:
    with app.app_context():
        page = case.team.client(app, "lead").post(ACT, data={"about": "1", **typed})
        assert page.status_code == 422
        assert said in page.text
        assert db.session.query(CaseAction).count() == 0


@pytest.mark.parametrize("who", ["facilitator", "officer", "admin", "enforcement"])
def test_others_cannot_act(app: Flask, case: CaraCase, who: str) -> None:
    with app.app_context():
        assert case.team.client(app, who).post(ACT, data={"about": "1", "action": "iom"}).status_code == 404


def test_form_about_another_case_is_not_taken(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        case.team.client(app, "lead").post(ACT, data={"about": "2", "action": "iom"})
        assert db.session.query(CaseAction).count() == 0


def step(title: str, hours: float | None, state: str) -> Step:
    return Step(title, None if hours is None else NOW + timedelta(hours=hours), "", state)  # type: ignore[arg-type]  # a test's own


def test_steps_of_one_moment_share_a_stop_and_now_lies_before_what_comes() -> None:
    steps = [
        step("Flag", -2, "done"),
        step("Told", -2, "done"),
        step("Answer", 2, "now"),
        step("Police", 8, "next"),
        step("Decision", None, "now"),
    ]
    picture = draw_case(steps, NOW, WIDE)
    assert picture is not None
    assert [stop.numbers for stop in picture.stops] == ["1–2", "3", "4", "5"]
    assert [stop.state for stop in picture.stops] == ["done", "now", "next", "now"]
    assert picture.stops[-1].lines == ("no time", "set")
    assert picture.now is not None
    assert picture.stops[0].x < picture.now[0] < picture.stops[1].x


def test_a_long_case_runs_over_rows_and_a_short_one_has_no_picture() -> None:
    steps = [step(str(number), number, "done") for number in range(7)]
    picture = draw_case(steps, NOW + timedelta(days=3), NARROW)
    assert picture is not None
    assert len({stop.y for stop in picture.stops}) == 3
    assert max(stop.x for stop in picture.stops) < picture.width
    assert picture.now is None
    assert draw_case(steps[:1], NOW, WIDE) is None
