"""Replies that wait, conversations, and answers, as their readers meet them."""

import re

import pytest
from flask import Flask
from sqlalchemy import event, select

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.rules import MessageKind, MessageState
from programme_tracker.people.models import Participant, TextConsent
from programme_tracker.people.services import keep_apart
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.replying import receive_reply
from tests import ready
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import is_whole, times_audited

case, sqlite_template = ready.case, ready.sqlite_template

MOBILE = "+447700900101"
ESCAPED = "Sam O&#39;Brien-Łukasz"


def came(body: str, clock: SettableClock, number: str = MOBILE) -> InboundMessage:
    return receive_reply(number, body, now=clock.now())


def page_of(case: CaraCase) -> str:
    return f"/messages/people/{case.participant_id}"


def answers() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == MessageKind.ANSWER)))


def typed(page: str, **fields: str) -> dict[str, str]:
    """Return the form of a page as a browser sends it back, with what somebody typed."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: hidden.get(name, "") for name in ("token", "seen_version")} | fields


def test_inbox_lists_ones_own_first_then_the_teams_then_strangers(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    came("I will be <b>late</b>", clock)
    came("who pays the bus fare?", clock, "+447700900555")
    lead, manager = case.team.client(app, "lead"), case.team.client(app, "manager")
    text = lead.get("/messages/").text
    assert text.index("Your participants") < text.index("From numbers we do not know")
    assert ESCAPED in text and "“I will be &lt;b&gt;late&lt;/b&gt;”" in text and "07700 900555" in text
    assert "The team’s participants" in manager.get("/messages/").text


@pytest.mark.parametrize("who", ["facilitator", "officer", "worker", "enforcement", "admin"])
def test_inbox_is_not_there_for_others(app: Flask, case: CaraCase, clock: SettableClock, who: str) -> None:
    inbound = came("hello", clock)
    client = case.team.client(app, who)
    for path in ("/messages/", page_of(case), f"/messages/numbers/{inbound.id}"):
        assert client.get(path).status_code == 404
    assert client.post(f"{page_of(case)}/dealt-with").status_code == 404


def test_text_set_apart_shows_nowhere(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    inbound = came("he left, this is his ex", clock)
    lead = case.team.client(app, "lead")
    for path in ("/messages/", page_of(case), f"/enrolments/{case.enrolment_id}", "/today"):
        assert "his ex" not in lead.get(path).text
    assert "No reply waits" in lead.get("/messages/").text
    assert lead.get(f"/messages/numbers/{inbound.id}").status_code == 404


def test_dealing_with_it_takes_only_what_was_on_the_screen(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    first = came("one", clock)
    lead = case.team.client(app, "lead")
    came("two", clock)
    assert lead.post(f"{page_of(case)}/dealt-with", data={"seen": str(first.id)}).status_code == 303
    db.session.expire_all()
    waiting = list(db.session.scalars(select(InboundMessage.waiting_since_at).order_by(InboundMessage.id)))
    assert [moment is None for moment in waiting] == [True, False]
    dealt = db.session.get_one(InboundMessage, first.id)
    assert dealt.dealt_with_by == case.team.lead.staff_id
    assert times_audited("message.dealt_with") == 1
    for seen in ("", "x", "9" * 30):
        assert lead.post(f"{page_of(case)}/dealt-with", data={"seen": seen}).status_code == 303
    assert times_audited("message.dealt_with") == 1


def test_answer_goes_by_the_outbox_once_and_deals_with_the_thread(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    provider = RecordingProvider()
    run_due(provider, now=clock.now())
    came("can I come late", clock)
    lead = case.team.client(app, "lead")
    form = typed(lead.get(page_of(case)).text, body="Thank you. We will ring you today.")
    for _ in range(2):
        assert lead.post(page_of(case), data=form).status_code == 303
    (planned,) = answers()
    assert (planned.state, planned.send_at, planned.session_id) == (MessageState.PLANNED, clock.now(), None)
    assert "Not dealt with" not in lead.get(page_of(case)).text
    run_due(provider, now=clock.now())
    assert provider.sent[-1].body == "Thank you. We will ring you today."
    assert provider.sent[-1].to == MOBILE
    assert "Sent" in lead.get(page_of(case)).text
    assert is_whole()


def test_answer_in_the_evening_waits_for_the_morning(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    clock.set(ready.wall("2026-09-03 21:00"))
    lead = case.team.client(app, "lead")
    answer = lead.post(
        page_of(case), data=typed(lead.get(page_of(case)).text, body="We will ring."), follow_redirects=True
    )
    assert "It goes Fri 4 Sep, 9am" in answer.text
    assert answers()[0].send_at == ready.wall("2026-09-04 09:00")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Write what to answer."),
        ("See you at the domestic abuse workshop", "It must not say “workshop”."),
        ("Look at https://evil.example.org", "It must not hold a link."),
        ("x" * 161, "It is longer than one text."),
        ("See you then 👍", "It holds a character that doubles its length"),
        ("a\x00b", "It holds a character that doubles its length"),
    ],
)
def test_wording_that_may_not_go_is_refused_and_stays_typed(
    app: Flask, case: CaraCase, body: str, said: str
) -> None:
    lead = case.team.client(app, "lead")
    answer = lead.post(page_of(case), data=typed(lead.get(page_of(case)).text, body=body))
    assert answer.status_code == 422
    assert said in answer.text
    assert answers() == []


def test_preview_shows_length_and_words_and_sends_nothing(app: Flask, case: CaraCase) -> None:
    lead = case.team.client(app, "lead")
    fields = typed(lead.get(page_of(case)).text, body="x" * 161, do="preview")
    text = lead.post(page_of(case), data=fields).text
    assert "161 characters, 2 texts." in text and "It is longer than one text." in text
    assert answers() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"opted_out_at": ready.START}, "They asked for no more texts. Ring them."),
        ({"mobile": None}, "There is no mobile number to text."),
        ({"own_consent_at": None}, "Nobody has agreed to texts at this number yet."),
    ],
)
def test_person_whom_no_text_may_reach_gets_no_answer(
    app: Flask, case: CaraCase, changed: dict[str, object], said: str
) -> None:
    with transaction():
        for name, value in changed.items():
            setattr(db.session.get_one(Participant, case.participant_id), name, value)
    lead = case.team.client(app, "lead")
    assert said in lead.get(page_of(case)).text
    answer = lead.post(page_of(case), data={"body": "We will ring.", "token": "t", "seen_version": "0"})
    assert answer.status_code == 422
    assert answers() == []


def test_stop_after_the_answer_was_planned_blocks_it_and_asks_to_ring(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    provider = RecordingProvider()
    run_due(provider, now=clock.now())
    lead = case.team.client(app, "lead")
    lead.post(page_of(case), data=typed(lead.get(page_of(case)).text, body="We will ring."))
    came("STOP", clock)
    run_due(provider, now=clock.now())
    (planned,) = answers()
    assert (planned.state, planned.blocked_reason) == (MessageState.BLOCKED, "opted_out")
    assert "Blocked" in lead.get(page_of(case)).text


def test_consent_told_to_staff_brings_texts_back(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    came("STOP", clock)
    lead = case.team.client(app, "lead")
    assert "They want texts again" in lead.get(page_of(case)).text
    path = f"{page_of(case)}/consent"
    assert lead.post(path, data={"how": " "}).status_code == 422
    assert lead.post(path, data={"how": "On the telephone"}).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Participant, case.participant_id).opted_out_at is None
    assert db.session.scalars(select(TextConsent.how)).all() == ["On the telephone"]
    assert times_audited("participant.opted_in") == 1


def test_shared_number_leads_to_each_of_its_people(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    cara_case(case.team, person=sam(name="His Brother"), sessions=(case.session_a_id, case.session_b_id))
    inbound = came("which of us?", clock)
    lead = case.team.client(app, "lead")
    assert f"{ESCAPED} or His Brother" in lead.get("/messages/").text
    text = lead.get(f"/messages/numbers/{inbound.id}").text
    assert "Several people have this number." in text and "which of us?" in text
    lead.post(f"/messages/numbers/{inbound.id}/dealt-with", data={"seen": str(inbound.id)})
    assert "No reply waits" in lead.get("/messages/").text


def test_list_costs_the_same_for_one_and_for_many(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    lead = case.team.client(app, "lead")

    def queries() -> int:
        counted: list[str] = []
        db.session.rollback()
        db.session.expunge_all()

        def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
            counted.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        lead.get("/messages/")
        event.remove(db.engine, "before_cursor_execute", count)
        return len(counted)

    came("one", clock)
    lead.get("/messages/")
    one = queries()
    for number in range(3):
        came("more", clock, f"+44770090055{number}")
        came("again", clock)
    assert queries() == one


def test_reply_of_the_other_side_is_not_in_the_inbox(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    other = cara_case(case.team, person=sam(name="Other Side", mobile="07700 900199"), signed_off=False)
    row = db.session.get_one(Enrolment, other.enrolment_id)
    row.lead_id, row.worker_id = None, None
    db.session.commit()
    keep_apart(case.participant_id, other.participant_id, actor=case.team.worker, now=clock.now())
    came("May I come later?", clock, "+447700900199")
    assert "Other Side" not in case.team.client(app, "lead").get("/messages/").text
    assert "Other Side" in case.team.client(app, "manager").get("/messages/").text
