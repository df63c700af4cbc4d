"""Alerts to staff: planned with their cause, counted when they leave, never lost unseen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.alerts.models import StaffAlerts
from programme_tracker.alerts.rules import Wishes
from programme_tracker.alerts.services import choose
from programme_tracker.config import MailSettings
from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.application import current_settings, set_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import ProviderError, RecordingProvider
from programme_tracker.messaging.rules import Channel, MessageKind, MessageState
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.alerting import change_addresses, reset_codes
from programme_tracker.workflows.deciding import acknowledge
from tests import ready
from tests.factories.accounts import make_staff
from tests.factories.cases import CaraCase, attend
from tests.factories.records import is_whole, tasks
from tests.mail_server import MailServer, mail_server

case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

S = MessageState


@pytest.fixture
def provider() -> RecordingProvider:
    return RecordingProvider()


def reach(actor: Actor, now: datetime, *, email: str | None = None, mobile: str | None = None) -> None:
    change_addresses(actor.staff_id or 0, email=email, mobile=mobile, actor=SYSTEM, now=now)


def alerts(actor: Actor | None = None, channel: Channel | None = None) -> list[Message]:
    """Return the alerts, oldest first, to somebody by a channel where given."""
    db.session.rollback()
    found = select(Message).where(Message.kind == MessageKind.ALERT).order_by(Message.id)
    if actor is not None:
        found = found.where(Message.staff_id == actor.staff_id)
    if channel is not None:
        found = found.where(Message.channel == channel)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


@contextmanager
def real_mail() -> Iterator[MailServer]:
    """Let mail go to a server on loopback instead of a page."""
    before = current_settings()
    with mail_server() as server:
        mail = MailSettings(host="127.0.0.1", port=server.port, security="none", sender="tracker@example.org")
        set_settings(current_app, replace(before, mail=mail))
        yield server
    set_settings(current_app, before)


def miss_a_workshop(case: CaraCase, clock: SettableClock) -> datetime:
    attend(case, case.session_a_id, "absent")
    return clock.now()


@pytest.mark.each_store
def test_red_notice_alerts_by_mail_and_text_at_once_and_names_nobody(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org", mobile="07700 900950")
    with real_mail() as server:
        now = miss_a_workshop(case, clock)  # ends on a Saturday afternoon, outside working hours
        assert [one.state for one in alerts(case.team.worker)] == [S.PLANNED, S.PLANNED]
        run_due(provider, now=now)
        (letter,) = server.taken
    assert b"Subject: You have 1 new notice\r\n" in letter
    text = next(one for one in provider.sent if one.to == "+447700900950")
    assert text.body == "You have 1 new notice.\nSign in to read it: http://localhost/"
    for told in (letter.decode(), text.body):
        assert "Sam" not in told and "CARA" not in told
    assert {one.state for one in alerts(case.team.worker)} == {S.ACCEPTED}
    assert is_whole()


def test_text_about_a_red_notice_goes_at_night(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), mobile="07700 900950")
    attend(case, case.session_a_id, "absent", after=timedelta(hours=14))
    run_due(provider, now=clock.now())
    assert [one.to for one in provider.sent if one.to.endswith("950")] == ["+447700900950"]


@pytest.mark.each_store
def test_three_notices_that_wait_make_one_alert(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.lead, clock.now(), email="kit@example.org")
    for number in range(3):
        create_task(
            TaskKind.CALL_PARTICIPANT,
            to="lead",
            staff_id=case.team.lead.staff_id,
            session_id=number,
            why="Ring.",
            due_on=clock.now().date(),
            now=clock.now(),
        )
    planned = alerts(case.team.lead)
    nine_tomorrow = ready.wall("2026-09-02 09:00")
    assert {one.send_at for one in planned} == {nine_tomorrow}
    with real_mail() as server:
        run_due(provider, now=nine_tomorrow)
        run_due(provider, now=nine_tomorrow)
        assert len(server.taken) == 1
    first, *others = alerts(case.team.lead)
    assert first.body.startswith(f"You have {len(planned)} new tasks.")
    assert {one.state for one in others} == {S.CANCELLED}
    assert {one.carried_by_id for one in others} == {first.id}
    assert is_whole()


def test_everybody_of_a_role_is_alerted_once_each(case: CaraCase, clock: SettableClock) -> None:
    second = make_staff(Role.ENFORCEMENT, name="Nell Enforcement").actor
    make_staff(Role.ENFORCEMENT, name="Gone", is_active=False)
    for number, actor in enumerate((case.team.enforcement, second)):
        reach(actor, clock.now(), email=f"e{number}@example.org")
    create_task(TaskKind.STAFFING, to="enforcement", why="x", due_on=clock.now().date(), now=clock.now())
    create_task(TaskKind.STAFFING, to="enforcement", why="x", due_on=clock.now().date(), now=clock.now())
    assert [one.staff_id for one in alerts()] == [case.team.enforcement.staff_id, second.staff_id]


def test_notice_that_was_acknowledged_meanwhile_is_not_told_again(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    now = miss_a_workshop(case, clock)
    acknowledge(case.enrolment_id, actor=case.team.worker, now=now)
    run_due(provider, now=now)
    (alert,) = alerts(case.team.worker)
    assert (alert.state, alert.blocked_reason) == (S.BLOCKED, "already_read")


def disable(case: CaraCase) -> None:
    db.session.get_one(Staff, case.team.worker.staff_id).is_active = False


def forget_address(case: CaraCase) -> None:
    db.session.get_one(Staff, case.team.worker.staff_id).email = None


@pytest.mark.parametrize(
    ("happens", "reason"), [(disable, "account_disabled"), (forget_address, "no_address")]
)
def test_alert_that_cannot_go_says_why(
    case: CaraCase,
    clock: SettableClock,
    provider: RecordingProvider,
    happens: Callable[[CaraCase], None],
    reason: str,
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    now = miss_a_workshop(case, clock)
    with transaction():
        happens(case)
    run_due(provider, now=now)
    assert [one.blocked_reason for one in alerts(case.team.worker)] == [reason]


@pytest.mark.each_store
def test_refused_address_becomes_one_task_and_the_alert_goes_another_way(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    worker = case.team.worker
    reach(worker, clock.now(), email="gone@example.org", mobile="07700 900950")
    choose(worker.staff_id or 0, Wishes(urgent_by_text=False), actor=worker, now=clock.now())
    with real_mail() as server:
        server.answers["RCPT"] = "550 nobody here"
        now = miss_a_workshop(case, clock)
        run_due(provider, now=now)
        run_due(provider, now=now + timedelta(seconds=5))
    assert [one.state for one in alerts(worker)] == [S.FAILED, S.ACCEPTED]
    assert [one.to for one in provider.sent if one.to.endswith("950")] == ["+447700900950"]
    (task,) = tasks("check_staff_address")
    assert (task.to_role, task.about_staff_id) == ("manager", worker.staff_id)
    assert "Vic Worker by email" in task.why
    row = db.session.get_one(StaffAlerts, worker.staff_id)
    assert row.email_failed_at == now

    reach(worker, now, email="vic@example.org", mobile="07700 900950")
    assert db.session.get_one(StaffAlerts, worker.staff_id).email_failed_at is None
    assert db.session.get_one(Task, task.id).done_at == now
    assert is_whole()


@pytest.mark.each_store
def test_mail_whose_answer_was_lost_is_unknown_first_and_then_copied_once(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    with real_mail() as server:
        server.answers["."] = "drop"
        now = miss_a_workshop(case, clock)
        run_due(provider, now=now)
        (alert,) = alerts(case.team.worker)
        assert alert.state is S.UNKNOWN
        run_due(provider, now=now + timedelta(minutes=1))
        assert len(server.taken) == 1
        for minutes in (2, 5, 30):
            run_due(provider, now=now + timedelta(minutes=minutes))
        assert len(server.taken) == 2
    (alert,) = alerts(case.team.worker)
    assert b"Message-ID: <alert.%d@example.org>" % alert.id in server.taken[1]
    assert (alert.state, alert.attempts) == (S.UNKNOWN, 2)
    assert len(tasks("check_staff_address")) == 1


def test_mail_server_that_is_away_is_tried_again(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    with real_mail() as server:
        server.answers["CONNECT"] = "421 busy"
        now = miss_a_workshop(case, clock)
        run_due(provider, now=now)
        (alert,) = alerts(case.team.worker)
        assert (alert.state, alert.send_at) == (S.PLANNED, now + timedelta(minutes=1))
        server.answers.clear()
        run_due(provider, now=now + timedelta(minutes=1))
        assert len(server.taken) == 1
    assert tasks("check_staff_address") == []


def test_text_that_is_refused_goes_by_mail(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org", mobile="07700 900950")
    choose(case.team.worker.staff_id or 0, Wishes(urgent_by_email=False), actor=SYSTEM, now=clock.now())
    run_due(provider, now=clock.now())
    now = miss_a_workshop(case, clock)
    provider.fail_next(ProviderError("21614"))
    run_due(provider, now=now)
    first = alerts(case.team.worker)[0]
    assert (first.channel, first.state) == (Channel.SMS, S.FAILED)
    assert alerts(case.team.worker, Channel.EMAIL)


def test_those_who_must_hear_cannot_switch_both_off(case: CaraCase, clock: SettableClock) -> None:
    silent = Wishes(urgent_by_email=False, urgent_by_text=False, digest_hour=None)
    with pytest.raises(RefusedError, match="must reach you"):
        choose(case.team.worker.staff_id or 0, silent, actor=SYSTEM, now=clock.now())
    choose(case.team.facilitator.staff_id or 0, silent, actor=SYSTEM, now=clock.now())
    assert db.session.get_one(StaffAlerts, case.team.facilitator.staff_id).wishes == silent


def test_address_that_can_be_none_is_refused(case: CaraCase, clock: SettableClock) -> None:
    with pytest.raises(RefusedError, match="Enter an email address"):
        reach(case.team.worker, clock.now(), email="vic at example.org")


@pytest.mark.each_store
def test_reset_of_codes_is_told_at_once_by_every_channel_whatever_was_wished(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    lead, now = case.team.lead, clock.now()
    reach(lead, now, email="kit@example.org", mobile="07700 900951")
    choose(lead.staff_id or 0, Wishes(False, False, None), actor=lead, now=now)
    reset_codes(lead.staff_id or 0, actor=SYSTEM, now=now)
    with real_mail() as server:
        run_due(provider, now=now)
        (letter,) = server.taken
    assert b"Subject: Your sign-in codes were reset" in letter
    (text,) = [one for one in provider.sent if one.to == "+447700900951"]
    assert text.body.startswith("Your sign-in codes were reset.\nIf you did not ask")
    for told in (letter.decode(), text.body):
        assert lead.name.split()[0] not in told and "new" not in told
    assert is_whole()


def test_reset_of_codes_and_a_notice_go_in_one_alert(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), mobile="07700 900952")
    now = miss_a_workshop(case, clock)
    reset_codes(case.team.worker.staff_id or 0, actor=SYSTEM, now=now)
    run_due(provider, now=now)
    (text,) = [one for one in provider.sent if one.to == "+447700900952"]
    assert "codes were reset" in text.body
    assert text.body.endswith("You have 1 new notice.")


def test_nobody_is_alerted_of_codes_whose_account_is_closed(case: CaraCase, clock: SettableClock) -> None:
    gone = make_staff(Role.ENFORCEMENT, name="Gone")
    reach(gone.actor, clock.now(), mobile="07700 900953")
    gone.is_active = False
    db.session.commit()
    reset_codes(gone.id, actor=SYSTEM, now=clock.now())
    assert alerts(gone.actor) == []


def test_alert_that_could_not_leave_for_a_day_has_somebody_rung(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    now = miss_a_workshop(case, clock) + timedelta(hours=25)
    run_due(provider, now=now)
    assert [one.state for one in alerts(case.team.worker)] == [S.EXPIRED]
    (task,) = tasks(TaskKind.CHECK_STAFF_ADDRESS)
    assert case.team.worker.name in task.why
    assert "Ring them" in task.why
    assert is_whole()


def test_alert_of_what_was_read_expires_without_a_word(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    reach(case.team.worker, clock.now(), email="vic@example.org")
    now = miss_a_workshop(case, clock)
    acknowledge(case.enrolment_id, actor=case.team.worker, now=now)
    run_due(provider, now=now + timedelta(hours=25))
    assert tasks(TaskKind.CHECK_STAFF_ADDRESS) == []
