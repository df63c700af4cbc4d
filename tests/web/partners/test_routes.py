"""Partners' files by browser: a reason first, every look written down, tasks finished by contacts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import read_details, read_file
from programme_tracker.victim_safety.rules import EntryKind
from programme_tracker.victim_safety.services import PartnerDetails, add_partner, partners_with_number
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import notice, tasks

NUMBER = "+447700900777"
DETAILS = {"name": "Ana Ó’Token", "relationship": "current", "number": "07700 900777"}


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def case() -> CaraCase:
    return cara_case()


@pytest.fixture
def partner_id(case: CaraCase, clock: SettableClock) -> int:
    """Give a partner on file, whom nobody has looked at yet."""
    details = PartnerDetails(
        "Ana Ó’Token", NUMBER, "Before <3pm>", case.team.worker.staff_id, "Say the dentist"
    )
    return add_partner(case.participant_id, details, actor=case.team.worker, now=clock.now()).id


@pytest.fixture
def worker(app: Flask, case: CaraCase) -> FlaskClient:
    return case.team.client(app, "worker")


def give_reason(client: FlaskClient, partner_id: int, **typed: str) -> str:
    data = {"reason": "contact_due", "about": str(partner_id)} | typed
    return client.post(f"/partners/{partner_id}/open", data=data, follow_redirects=True).text


def looks() -> list[dict[str, object]]:
    found = select(AuditEntry.detail).where(AuditEntry.event == "partner.viewed")
    return list(db.session.scalars(found.order_by(AuditEntry.sequence)))


def file_of(partner_id: int) -> list[dict[str, object]]:
    db.session.rollback()
    return [
        entry.content
        for entry in read_file(db.session.get_one(Partner, partner_id)).of_kind(EntryKind.CONTACT)
    ]


def test_file_opens_once_a_reason_is_given(worker: FlaskClient, partner_id: int) -> None:
    asked = worker.get(f"/partners/{partner_id}").text
    assert "Why do you open this file?" in asked
    assert "Ana" not in asked and "900777" not in asked
    page = give_reason(worker, partner_id)
    for fact in (
        "Ana Ó’Token",
        "07700 900777",
        "Before &lt;3pm&gt;",
        "Say the dentist",
        "Open to you until 9.15am",
    ):
        assert fact in page
    assert [(look["reason"], look["page"]) for look in looks()] == [("contact_due", "partners.show")]


def test_reason_lasts_a_while_for_this_file_and_this_sign_in(
    app: Flask, case: CaraCase, worker: FlaskClient, partner_id: int, clock: SettableClock
) -> None:
    give_reason(worker, partner_id)
    other = add_partner(case.participant_id, PartnerDetails("Ex"), actor=case.team.worker, now=clock.now()).id
    assert "Why do you open" in worker.get(f"/partners/{other}").text
    assert "Why do you open" in case.team.client(app, "worker").get(f"/partners/{partner_id}").text
    clock.advance(timedelta(minutes=14))
    assert "900777" in worker.get(f"/partners/{partner_id}").text
    clock.advance(timedelta(minutes=1))
    assert "900777" not in worker.get(f"/partners/{partner_id}").text
    assert "900777" not in worker.get(f"/partners/{partner_id}/details", follow_redirects=True).text


def test_another_reason_needs_words_that_stay_in_the_file(worker: FlaskClient, partner_id: int) -> None:
    assert "Say why you open this file" in give_reason(worker, partner_id, reason="other")
    page = give_reason(worker, partner_id, reason="other", words="She <rang> me")
    assert "She &lt;rang&gt; me" in page
    assert "rang" not in str(looks())


def test_closed_file_asks_again(worker: FlaskClient, partner_id: int) -> None:
    give_reason(worker, partner_id)
    assert worker.post(f"/partners/{partner_id}/close").status_code == 303
    assert "Why do you open" in worker.get(f"/partners/{partner_id}").text


def test_contact_finishes_what_was_due(case: CaraCase, worker: FlaskClient, partner_id: int) -> None:
    (due,) = tasks("partner_contact")
    give_reason(worker, partner_id)
    path = f"/partners/{partner_id}/contact"
    assert "Contact before the first workshop." in worker.get(path).text
    typed = {"about": str(partner_id), "way": "call", "finishes": str(due.id)}
    worker.post(path, data=typed | {"outcome": "attempted"})
    assert tasks("partner_contact") != []
    refused = worker.post(path, data=typed | {"outcome": "declined"})
    assert refused.status_code == 422 and "clear information" in refused.text
    said = worker.post(
        path,
        data=typed | {"outcome": "declined", "explained": "rights", "note": "No <b>"},
        follow_redirects=True,
    )
    assert "Contact saved." in said.text and "No &lt;b&gt;" in said.text
    assert tasks("partner_contact") == []
    (done,) = tasks("partner_contact", done=True)
    assert done.done_how == "Recorded in the partner’s file."
    assert [one["outcome"] for one in file_of(partner_id)] == ["declined", "attempted"]


def test_correction_stands_beside_the_original(worker: FlaskClient, partner_id: int) -> None:
    give_reason(worker, partner_id)
    path = f"/partners/{partner_id}/contact"
    first = {"about": str(partner_id), "way": "call", "outcome": "spoke", "note": "Wrong"}
    worker.post(path, data=first)
    (entry,) = read_file(db.session.get_one(Partner, partner_id)).of_kind(EntryKind.CONTACT)
    assert "Wrong" in worker.get(f"{path}?corrects={entry.id}").text
    page = worker.post(
        f"{path}?corrects={entry.id}", data=first | {"note": "Right"}, follow_redirects=True
    ).text
    assert "Wrong" in page and "Right" in page and "Corrected later" in page
    assert worker.get(f"{path}?corrects={entry.id}").status_code == 404
    assert worker.get(f"{path}?corrects=999").status_code == 404


def test_dash_keeps_its_history_and_asks_why_judgement_departs(worker: FlaskClient, partner_id: int) -> None:
    give_reason(worker, partner_id)
    path = f"/partners/{partner_id}/dash"
    typed = {
        "about": str(partner_id),
        "level": "high",
        "score": "9",
        "form_version": "SafeLives DASH 24",
        "assessor": "Vic Worker",
        "assessed_on-day": "1",
        "assessed_on-month": "9",
        "assessed_on-year": "2026",
    }
    assert "Say why you judge it high" in worker.post(path, data=typed).text
    worker.post(path, data=typed | {"note": "Strangled her"})
    page = worker.post(path, data=typed | {"level": "medium", "score": "11"}, follow_redirects=True).text
    assert "Strangled her" in page and page.count("SafeLives DASH 24") >= 2
    assert "Medium, 11" in page


def test_change_asks_for_a_new_assessment_that_a_dash_finishes(
    case: CaraCase, worker: FlaskClient, partner_id: int
) -> None:
    give_reason(worker, partner_id)
    typed = {"about": str(partner_id), "what": "new_partner", "note": "Called Bo"}
    worker.post(f"/partners/{partner_id}/changed", data=typed)
    (task,) = tasks("partner_assessment")
    assert (task.staff_id, task.enrolment_id) == (case.team.worker.staff_id, case.enrolment_id)
    assert "Bo" not in task.why
    assert "assess again" in worker.get("/partners/").text
    dash = {"about": str(partner_id), "level": "high", "form_version": "x", "assessor": "y"}
    day = {"assessed_on-day": "1", "assessed_on-month": "9", "assessed_on-year": "2026"}
    worker.post(f"/partners/{partner_id}/dash", data=dash | day)
    assert tasks("partner_assessment") == []


def test_plan_and_impact_keep_every_version(case: CaraCase, worker: FlaskClient, partner_id: int) -> None:
    give_reason(worker, partner_id)
    about = {"about": str(partner_id)}
    worker.post(f"/partners/{partner_id}/plan", data=about | {"plan": "Go to Mum"})
    worker.post(f"/partners/{partner_id}/plan", data=about | {"plan": "Go to Dad"})
    path = f"/partners/{partner_id}/impact/{case.enrolment_id}/T0"
    assert worker.post(path, data=about).status_code == 422
    page = worker.post(path, data=about | {"safety": "2", "note": "Sometimes"}, follow_redirects=True).text
    for kept in ("Go to Mum", "Go to Dad", "I feel safe, and free from abuse: 2 of 5.", "Sometimes"):
        assert kept in page
    assert worker.get(f"/partners/{partner_id}/impact/{case.enrolment_id}/T9").status_code == 404


def test_partner_is_added_and_changed_without_losing_what_was(
    case: CaraCase, worker: FlaskClient, clock: SettableClock
) -> None:
    path = f"/partners/of/{case.enrolment_id}/add"
    assert worker.post(path, data={"about": str(case.enrolment_id)}).status_code == 422
    typed = DETAILS | {"about": str(case.enrolment_id), "worker": str(case.team.worker.staff_id)}
    assert "Partner added." in worker.post(path, data=typed, follow_redirects=True).text
    partner = db.session.scalars(select(Partner)).one()
    assert read_details(partner).number == NUMBER
    give_reason(worker, partner.id)
    change = f"/partners/{partner.id}/details"
    changed = typed | {"about": str(partner.id), "name": "Ana New", "seen_version": str(partner.version)}
    page = worker.post(change, data=changed, follow_redirects=True).text
    assert "Ana New" in page and "Ana Ó’Token" in page
    assert "meanwhile" in worker.post(change, data=changed | {"name": "Stale"}).text


def test_number_that_is_a_participants_too_is_told_when_it_is_saved(
    case: CaraCase, worker: FlaskClient, clock: SettableClock
) -> None:
    theirs = db.session.get_one(Participant, case.participant_id).mobile or ""
    path = f"/partners/of/{case.enrolment_id}/add"
    typed = DETAILS | {"about": str(case.enrolment_id), "worker": str(case.team.worker.staff_id)}
    said = worker.post(path, data=typed | {"number": theirs}, follow_redirects=True).text
    assert "A participant has this number too: no text goes to it." in said
    partner = db.session.scalars(select(Partner)).one()
    assert partners_with_number(theirs) == [partner]


def test_nobody_to_contact_takes_no_free_words(case: CaraCase, worker: FlaskClient) -> None:
    page = worker.get(f"/partners/of/{case.enrolment_id}").text
    assert "<textarea" not in page and "No partner or former partner is on file yet." in page
    path = f"/partners/of/{case.enrolment_id}/nobody"
    assert worker.post(path, data={"why": "She said so"}).status_code == 422
    assert worker.post(path, data={"why": "nobody_known"}).status_code == 303
    assert tasks("partner_contact") == []


def test_form_about_another_file_saves_nothing(worker: FlaskClient, partner_id: int) -> None:
    give_reason(worker, partner_id)
    typed = {"about": "99", "way": "call", "outcome": "spoke"}
    page = worker.post(f"/partners/{partner_id}/contact", data=typed)
    assert page.status_code == 422 and "somebody else" in page.text
    assert file_of(partner_id) == []


@pytest.mark.parametrize("who", ["officer", "lead", "facilitator", "enforcement", "admin", "manager"])
def test_files_are_absent_for_everybody_else(app: Flask, case: CaraCase, partner_id: int, who: str) -> None:
    client = case.team.client(app, who)
    for path in ("", "/contact", "/dash", "/plan", "/changed", "/details", "/also-participant"):
        there, absent = client.get(f"/partners/{partner_id}{path}"), client.get(f"/partners/99{path}")
        assert (there.status_code, there.text) == (404, absent.text)
    assert client.post(f"/partners/{partner_id}/open", data={"reason": "alert"}).status_code == 404
    for path in ("/partners/", f"/partners/of/{case.enrolment_id}", f"/partners/of/{case.enrolment_id}/add"):
        assert client.get(path).status_code == 404
    assert looks() == []


def test_glass_broken_by_a_manager_tells_victim_safety_at_once(
    app: Flask, case: CaraCase, partner_id: int, clock: SettableClock
) -> None:
    manager, path = case.team.client(app, "manager"), f"/enrolments/{case.enrolment_id}/partners/"
    asked = manager.get(path).text
    assert "is told at once that you opened it" in asked and "Vic Worker" in asked and "Ana" not in asked
    assert manager.post(path, data={"words": " "}).status_code == 422
    page = manager.post(path, data={"words": "Police are <here>"}, follow_redirects=True).text
    assert "Victim safety was told just now." in page
    shown = manager.get(f"/partners/{partner_id}").text
    assert "07700 900777" in shown and "Record a contact" not in shown
    told = notice(case.enrolment_id, "break_glass", "victim_safety")
    assert told.released_at == clock.now() and told.staff_id == case.team.worker.staff_id
    assert told.must_acknowledge and "Mo Manager" in str(told.facts) and "Police" not in str(told.facts)
    assert manager.get(f"/notices/{told.id}").status_code == 404
    assert "Police are &lt;here&gt;" in give_reason(case.team.client(app, "worker"), partner_id)
    assert manager.post(f"/partners/{partner_id}/contact", data={}).status_code == 404
    assert case.team.client(app, "manager").get(f"/partners/{partner_id}").status_code == 404
    clock.advance(timedelta(minutes=8))
    assert manager.get(f"/partners/{partner_id}").status_code == 200
    clock.advance(timedelta(minutes=7))
    assert manager.get(f"/partners/{partner_id}").status_code == 404


@pytest.mark.parametrize("who", ["officer", "lead", "facilitator", "enforcement", "admin", "worker"])
def test_nobody_else_breaks_the_glass(app: Flask, case: CaraCase, partner_id: int, who: str) -> None:
    client, path = case.team.client(app, who), f"/enrolments/{case.enrolment_id}/partners/"
    assert client.get(path).status_code == 404
    assert client.post(path, data={"words": "x"}).status_code == 404


def test_list_puts_harm_first(app: Flask, case: CaraCase, worker: FlaskClient) -> None:
    grave = sam(name="Zed High", mobile="07700 900102", risk="high")
    cara_case(case.team, person=grave, sessions=(None, None))
    page = worker.get("/partners/").text
    assert page.index("Zed High") < page.index("Łukasz")
    colleague = client_of(app, make_staff(Role.VICTIM_SAFETY))
    assert "No contact with a partner is due." in colleague.get("/partners/").text
