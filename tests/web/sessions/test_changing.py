from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.scheduling.models import Session
from tests.factories.cases import PART_A, CaraCase, attend, cara_case, go_to

EARLIER = PART_A - timedelta(days=1)


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    with app.app_context():
        yield cara_case()


def to(starts: datetime, version: int = 1, **more: str) -> dict[str, str]:
    return {
        "seen_version": str(version),
        "on-day": str(starts.day),
        "on-month": str(starts.month),
        "on-year": str(starts.year),
        "starts": f"{starts:%H:%M}",
    } | more


def the_session(case: CaraCase) -> Session:
    db.session.expire_all()
    return db.session.get_one(Session, case.session_a_id)


def test_move_asks_once_naming_who_hears(app: Flask, case: CaraCase) -> None:
    client, path = case.team.client(app, "lead"), f"/sessions/{case.session_a_id}/move"
    assert 'value="12"' in client.get(path).text
    asked = client.post(path, data=to(EARLIER, why="Venue <closed>"))
    assert "Move it to Fri 11 Sep, 10am?" in asked.text
    assert "Move the session and tell victim safety now, participants in 15 minutes" in asked.text
    assert "Venue &lt;closed&gt;" in asked.text
    assert the_session(case).starts_at == from_local(PART_A)
    done = client.post(path, data=to(EARLIER, confirmed="yes"), follow_redirects=True)
    assert "Session moved to Fri 11 Sep, 10am." in done.text
    assert "Victim safety was told. Participants get a text" in done.text
    assert the_session(case).starts_at == from_local(EARLIER)
    # The same form again: the session is where it was asked to be.
    again = client.post(path, data=to(EARLIER, confirmed="yes"), follow_redirects=True)
    assert "Somebody changed this" not in again.text
    assert the_session(case).version == 2


def test_move_of_a_session_changed_meanwhile_is_not_done(app: Flask, case: CaraCase) -> None:
    client, path = case.team.client(app, "lead"), f"/sessions/{case.session_a_id}/move"
    client.post(path, data=to(EARLIER, confirmed="yes"))
    late = client.post(path, data=to(PART_A + timedelta(days=2), confirmed="yes"), follow_redirects=True)
    assert "Somebody changed this session meanwhile" in late.text
    assert the_session(case).starts_at == from_local(EARLIER)


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (PART_A - timedelta(days=15), "Choose a time still to come"),
        (PART_A + timedelta(days=104), "That day is a bank holiday"),
        (PART_A + timedelta(days=91), "Both parts must fit before the caution expires"),
    ],
)
def test_move_that_cannot_be_says_why_before_asking(
    app: Flask, case: CaraCase, starts: datetime, said: str
) -> None:
    response = case.team.client(app, "lead").post(f"/sessions/{case.session_a_id}/move", data=to(starts))
    assert response.status_code == 422
    assert said in response.text
    assert f'value="{starts:%H:%M}"' in response.text


def test_cancel_tells_victim_safety_and_says_so(app: Flask, case: CaraCase) -> None:
    client, path = case.team.client(app, "lead"), f"/sessions/{case.session_a_id}/cancel"
    assert (
        "Cancel the session and tell victim safety now, participants in 15 minutes" in client.get(path).text
    )
    empty = client.post(path, data={"seen_version": "1"})
    assert empty.status_code == 422
    assert "Say why it is cancelled" in empty.text
    data = {"seen_version": "1", "reason": "Facilitator ill"}
    done = client.post(path, data=data, follow_redirects=True)
    assert "Session cancelled." in done.text
    assert "Cancelled: Facilitator ill" in done.text
    notice = db.session.scalars(select(Notice).where(Notice.kind == "programme_change")).one()
    assert notice.to_role == "victim_safety"
    again = client.post(path, data=data, follow_redirects=True)
    assert "Somebody changed" not in again.text
    texts = db.session.scalars(select(Message).where(Message.kind == MessageKind.CANCELLED)).all()
    assert len(texts) == 1


def test_cancel_soon_before_says_at_once(app: Flask, case: CaraCase) -> None:
    go_to(PART_A - timedelta(minutes=30))
    page = case.team.client(app, "facilitator").get(f"/sessions/{case.session_a_id}/cancel").text
    assert "tell victim safety now, participants at once" in page


def test_session_that_is_over_cannot_be_cancelled(app: Flask, case: CaraCase) -> None:
    attend(case, case.session_a_id, "attended")
    client = case.team.client(app, "lead")
    response = client.post(
        f"/sessions/{case.session_a_id}/cancel", data={"seen_version": "1", "reason": "Late"}
    )
    assert response.status_code == 422
    assert "over or cancelled already" in response.text
