"""A flag says in plain words which sessions led to it, under which rule and policy version."""

from datetime import date, timedelta

import pytest
from flask import Flask, render_template_string
from sqlalchemy import event, select

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.engagement.models import FlagFinding
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.rules import MessageState
from programme_tracker.web.explained_flags import explain_flags
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.policies import make_version
from programme_tracker.workflows.registers import correct
from tests.factories.cases import CaraCase, attend, cara_case, make_team
from tests.factories.monitoring import monitored

DRAWN = '{% from "components/flag.html" import explained_flag %}{{ explained_flag(flag) }}'


@pytest.fixture
def missed(app: Flask, clock: SettableClock) -> CaraCase:
    """Give a case whose part A was missed after three reminders, one of them known to have arrived."""
    with app.app_context():
        case = cara_case()
        advance(clock, clock.now() + timedelta(days=10, hours=2), RecordingProvider())
        sent = select(Message.id).where(Message.kind == "reminder", Message.state == MessageState.ACCEPTED)
        first = db.session.scalars(sent.order_by(Message.id)).first()
        take_report("delivered", message_id=first, now=clock.now())
        attend(case, case.session_a_id, "absent")
        return case


def test_flag_names_its_rule_its_session_and_its_reminders(app: Flask, missed: CaraCase) -> None:
    with app.app_context():
        (flag,) = explain_flags(missed.enrolment_id, clocks.now())
    assert (flag.title, flag.level, flag.chip, flag.is_open) == (
        "Mandated session missed",
        "red",
        "red",
        True,
    )
    assert flag.sentences == ("Mandated session missed: Sat 12 Sep (rule: any miss, whatever the reason)",)
    (session,) = flag.sessions
    assert (session.label, session.outcome) == ("CARA part A", "absent")
    assert session.reminders.startswith("1 delivered, 2 sent, delivery not confirmed")


@pytest.mark.parametrize(
    ("may", "said"),
    [(True, '<a href="/policies/1">policy version 1</a>'), (False, "under policy version 1.")],
)
def test_managers_follow_the_policy_version_and_others_read_it(
    app: Flask, missed: CaraCase, monkeypatch: pytest.MonkeyPatch, may: bool, said: str
) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "may_open", lambda _endpoint: may)
    with app.app_context():
        (flag,) = explain_flags(missed.enrolment_id, clocks.now())
    with app.test_request_context("/"):
        text = render_template_string(DRAWN, flag=flag)
    assert said in text
    assert "1 delivered" in text and "Absent" in text


def test_flag_keeps_the_version_that_raised_it(app: Flask, missed: CaraCase, clock: SettableClock) -> None:
    with app.app_context():
        change = {"cara": {"capacity": 10}}
        make_version(
            change, from_on=date(2026, 9, 20), note="smaller", actor=missed.team.manager, now=clock.now()
        )
        clock.advance(timedelta(days=30))
        (flag,) = explain_flags(missed.enrolment_id, clock.now())
        assert flag.policy_version == 1


def test_streak_names_every_session_behind_it(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        watched = monitored(make_team(), clock)
        flags = explain_flags(watched.enrolment_id, clock.now())
    red, amber = flags
    assert (red.title, amber.title) == ("Unexplained absences in a row", "Unexplained absence")
    assert [one.label[-6:] for one in red.sessions] == ["week 1", "week 2"]
    assert len(amber.sessions) == 1


def test_corrected_flag_says_so_and_still_shows_what_led_to_it(
    app: Flask, missed: CaraCase, clock: SettableClock
) -> None:
    with app.app_context():
        correct(
            missed.session_a_id or 0,
            missed.enrolment_id,
            MarkDetails(Outcome.ATTENDED),
            why="was there",
            actor=missed.team.facilitator,
            now=clock.now(),
            approved_by=missed.team.manager,
        )
        (flag,) = explain_flags(missed.enrolment_id, clock.now())
    assert (flag.chip, flag.end_reason, len(flag.sessions)) == ("recorded_in_error", "corrected", 1)


def test_reader_told_of_nothing_sees_nothing(app: Flask, missed: CaraCase) -> None:
    with app.app_context():
        told = list(db.session.scalars(select(FlagFinding.id)))
        assert len(explain_flags(missed.enrolment_id, clocks.now(), findings=told)) == 1
        assert explain_flags(missed.enrolment_id, clocks.now(), findings=[]) == []


def test_flags_take_as_many_questions_for_two_as_for_one(app: Flask, clock: SettableClock) -> None:
    def statements(enrolment_id: int, findings: list[int] | None = None) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            explain_flags(enrolment_id, clock.now(), findings=findings)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    with app.app_context():
        watched = monitored(make_team(), clock)
        statements(watched.enrolment_id)
        red = list(db.session.scalars(select(FlagFinding.id).where(FlagFinding.flag_id == 2)))
        one = statements(watched.enrolment_id, red)
        assert statements(watched.enrolment_id) <= one
