"""Keeping and erasing, as a manager meets it, and what is left of somebody's page."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Erasure, Participant
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows.journeys import withdraw
from tests.factories.records import is_whole
from tests.factories.voluntary import Enrolled, enrolled

SHOWN = "Sam O&#39;Brien-Łukasz"
LATER = datetime(2033, 10, 3, 9, tzinfo=UTC)


@pytest.fixture
def case(app: Flask, clock: SettableClock) -> Iterator[Enrolled]:
    with app.app_context():
        made = enrolled()
        withdraw(made.enrolment_id, "moved away", actor=made.team.lead, now=clock.now())
        with transaction():
            db.session.execute(update(Message).values(state=MessageState.EXPIRED))
        yield made


def page_of(case: Enrolled, deed: str = "") -> str:
    return f"/keeping/{case.participant_id}{deed}"


def sent(case: Enrolled, because: str, **more: str) -> dict[str, str]:
    return {"about": str(case.participant_id), "because": because} | more


def test_manager_sees_until_when_and_erases_when_it_is_over(
    app: Flask, case: Enrolled, clock: SettableClock
) -> None:
    manager = case.client(app, "manager")
    page = manager.get(page_of(case)).text
    assert "They are kept until 1 September 2033." in page and "Erase Sam" not in page
    assert "Nobody’s time is over." in manager.get("/keeping/").text
    refused = manager.post(page_of(case, "/erase"), data=sent(case, "Enough."))
    assert refused.status_code == 422 and "They are kept until" in refused.text
    clock.set(LATER)
    manager = case.client(app, "manager")
    assert SHOWN in manager.get("/keeping/").text
    assert f"Erase {SHOWN} for good" in manager.get(page_of(case)).text
    named = manager.post(page_of(case, "/erase"), data=sent(case, "O'Brien asked us."))
    assert named.status_code == 422 and "Leave their name out" in named.text and "asked us" in named.text
    done = manager.post(page_of(case, "/erase"), data=sent(case, "Time over."), follow_redirects=True).text
    assert "Nothing of them is left" in done and "Time over." in done and SHOWN not in done
    erasure = db.session.scalars(db.select(Erasure)).one()
    assert erasure.rewritten_at == LATER and is_whole()


def test_erased_person_is_found_by_nobody_and_their_page_says_so(
    app: Flask, case: Enrolled, clock: SettableClock
) -> None:
    clock.set(LATER)
    case.client(app, "manager").post(page_of(case, "/erase"), data=sent(case, "Time over."))
    for who in ("manager", "lead", "worker"):
        client = case.client(app, who)
        page = client.get(f"/enrolments/{case.enrolment_id}").text
        assert "nothing is kept of who they were" in page and "1900" not in page
        for words in ("Erased", "Sam", "P000001", "900101"):
            assert "Nobody was found" in client.get("/people/", query_string={"q": words}).text
    again = case.client(app, "manager").post(page_of(case, "/erase"), data=sent(case, "Again."))
    assert again.status_code == 422


def test_order_keeps_somebody_until_it_ends(app: Flask, case: Enrolled, clock: SettableClock) -> None:
    clock.set(LATER)
    manager = case.client(app, "manager")
    assert manager.post(page_of(case, "/keep"), data=sent(case, " ")).status_code == 422
    manager.post(page_of(case, "/keep"), data=sent(case, "The review of a death."))
    assert "The review of a death." in manager.get("/keeping/").text
    assert "There is an order to keep them." in manager.get(page_of(case)).text
    assert manager.post(page_of(case, "/erase"), data=sent(case, "Over.")).status_code == 422
    manager.post(page_of(case, "/keep/end"), data=sent(case, "It is over."))
    assert manager.post(page_of(case, "/erase"), data=sent(case, "Over.")).status_code == 303


def test_form_of_another_tab_erases_nobody(app: Flask, case: Enrolled, clock: SettableClock) -> None:
    clock.set(LATER)
    answer = case.client(app, "manager").post(
        page_of(case, "/erase"), data=sent(case, "Over.") | {"about": "99"}
    )
    assert answer.status_code == 422 and "about somebody else" in answer.text
    assert db.session.get_one(Participant, case.participant_id).erased_at is None


def test_victim_safety_erases_a_file_when_the_partner_asks(
    app: Flask, case: Enrolled, clock: SettableClock
) -> None:
    partner_id = add_partner(
        case.participant_id, PartnerDetails("Ann Partner"), actor=case.team.worker, now=clock.now()
    ).id
    worker = case.client(app, "worker")
    worker.post(f"/partners/{partner_id}/open", data={"reason": "they_rang"})
    path = f"/partners/{partner_id}/erase"
    assert "Nobody can bring it back" in worker.get(path).text or "cannot be undone" in worker.get(path).text
    form = {"about": str(partner_id), "because": "She asked."}
    kept = worker.post(path, data=form | {"why": "over"})
    assert kept.status_code == 422 and "unless the partner asks" in kept.text
    done = worker.post(path, data=form | {"why": "asked"}, follow_redirects=True)
    assert "File erased." in done.text and "No partner or former partner is on file yet." in done.text
    assert db.session.get(Partner, partner_id) is None
    assert case.client(app, "manager").get(f"/partners/{partner_id}").status_code == 404
