import re
from collections.abc import Iterator

import pytest
from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.people.services import GuardianDetails
from programme_tracker.workflows.groups import join_group
from tests.factories import records
from tests.factories.cases import go_to
from tests.factories.groups import weekly_group
from tests.factories.voluntary import Enrolled, enrolled, move_on, wall, young_person

SHOWN = "Kim O&#39;Brien-Łukasz"


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled("linx", person=young_person())


def path_of(case: Enrolled, more: str = "") -> str:
    return f"/enrolments/{case.enrolment_id}/guardian/{more}"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen_version" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def typed(case: Enrolled, seen: str, **given: str) -> dict[str, str]:
    content = {
        "about": str(case.enrolment_id),
        "seen_version": seen,
        "name": "Gil Łukasz-O'Neill",
        "mobile": "07700 900112",
        "language": "en",
        "has_consented": "y",
    }
    return content | given


def person(case: Enrolled) -> Participant:
    db.session.rollback()
    return db.session.get_one(Participant, case.participant_id, populate_existing=True)


def test_page_says_who_gets_texts_and_from_when_that_changes(app: Flask, case: Enrolled) -> None:
    page = case.client(app).get(path_of(case)).text
    for shown in (
        SHOWN,
        "LINX, 15 years old",
        "Texts go to Gil Guardian until Tue 20 Oct.",
        "ask the young person for consent of their own",
        "07700 900111",
    ):
        assert shown in page
    assert "participant" not in page.split('id="main"')[1].split("</main>")[0].lower()
    assert path_of(case) in case.client(app).get(f"/enrolments/{case.enrolment_id}").text


def test_guardian_is_changed_and_what_follows_is_said(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    seen = seen_in(client.get(path_of(case)).text)
    answer = client.post(path_of(case), data=typed(case, seen), follow_redirects=True).text
    assert "Texts go to Gil Łukasz-O&#39;Neill until Tue 20 Oct." in answer
    guardian = person(case).guardian
    assert guardian is not None
    assert (guardian.name, guardian.mobile, guardian.has_consented) == (
        "Gil Łukasz-O'Neill",
        "+447700900112",
        True,
    )


def test_barring_needs_its_reason_and_stops_texts(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    seen = seen_in(client.get(path_of(case)).text)
    answer = client.post(path_of(case), data=typed(case, seen, is_barred="y"))
    assert answer.status_code == 422
    assert "Say why nothing may go to this guardian" in answer.text
    assert "Gil Łukasz-O&#39;Neill" in answer.text
    sent = typed(case, seen, is_barred="y", barred_because="court order of May")
    answer = client.post(path_of(case), data=sent, follow_redirects=True)
    assert "The guardian is barred. No text goes to anybody: ring instead." in answer.text
    assert "court order of May" in answer.text
    guardian = person(case).guardian
    assert guardian is not None
    assert (guardian.is_barred, guardian.barred_because) == (True, "court order of May")
    seen = seen_in(answer.text)
    client.post(path_of(case), data=typed(case, seen, barred_because="court order of May"))
    guardian = person(case).guardian
    assert guardian is not None
    assert (guardian.is_barred, guardian.barred_because) == (False, None)


def test_stale_save_shows_both_and_changes_nothing(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    seen = seen_in(client.get(path_of(case)).text)
    client.post(path_of(case), data=typed(case, seen))
    answer = client.post(path_of(case), data=typed(case, seen, name="Mia Mother"))
    assert answer.status_code == 422
    assert "Somebody changed this meanwhile." in answer.text
    assert "Mia Mother" in answer.text
    assert "Gil Łukasz-O&#39;Neill" in answer.text
    again = client.post(path_of(case), data=typed(case, seen_in(answer.text), name="Mia Mother"))
    assert again.status_code == 303


def test_guardian_is_texted_in_their_own_language(app: Flask, case: Enrolled) -> None:
    group_id = weekly_group(case.team, wall(9, 9, 16, 30), programme_code="linx", name="Wednesday LINX")
    join_group(case.enrolment_id, group_id, actor=case.team.lead, now=clock.now())
    client = case.client(app)
    page = client.get(path_of(case)).text
    assert '<option selected value="en">English</option>' in page
    client.post(path_of(case), data=typed(case, seen_in(page), language="cy"))
    sent = move_on(wall(9, 9, 12)).sent
    assert sent and all("apwyntiad" in text.body for text in sent)
    client = case.client(app)
    assert '<option selected value="cy">Welsh</option>' in client.get(path_of(case)).text
    refused = client.post(
        path_of(case), data=typed(case, seen_in(client.get(path_of(case)).text), language="xx")
    )
    assert refused.status_code == 422
    assert "Choose the language of the guardian’s texts" in refused.text


def test_number_that_is_none_is_refused_beside_it(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    seen = seen_in(client.get(path_of(case)).text)
    answer = client.post(path_of(case), data=typed(case, seen, mobile="12"))
    assert answer.status_code == 422
    assert "possibly not a telephone number" in answer.text


def test_own_consent_is_not_taken_before_sixteen(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    sent = {"about": str(case.enrolment_id), "agrees": "yes"}
    answer = client.post(path_of(case, "own-consent"), data=sent)
    assert answer.status_code == 422
    assert "Under 16 texts go to the guardian." in answer.text
    assert person(case).own_consent_at is None


@pytest.mark.parametrize(("agrees", "given"), [("yes", True), ("no", False)])
def test_answer_at_sixteen_finishes_the_task(app: Flask, case: Enrolled, agrees: str, given: bool) -> None:
    move_on(wall(10, 20, 10))
    (task,) = records.tasks("reconsent", case.enrolment_id)
    client = case.client(app)
    assert path_of(case) in client.get(f"/tasks/{task.id}").text
    page = client.get(path_of(case)).text
    assert "16 now, and they have not been asked for consent of their own." in page
    empty = client.post(path_of(case, "own-consent"), data={"about": str(case.enrolment_id)})
    assert empty.status_code == 422
    sent = {"about": str(case.enrolment_id), "agrees": agrees}
    answer = client.post(path_of(case, "own-consent"), data=sent, follow_redirects=True).text
    assert "Answer saved." in answer
    assert (person(case).own_consent_at is not None) is given
    assert records.tasks("reconsent", case.enrolment_id) == []
    assert len(records.tasks("reconsent", case.enrolment_id, done=True)) == 1


@pytest.mark.parametrize(
    ("guardian", "said"),
    [
        (None, "Under 16, and no guardian is named."),
        (GuardianDetails("Gil", None, has_consented=True), "The guardian has no mobile number."),
        (GuardianDetails("Gil", "07700 900111", has_consented=False), "The guardian has not consented."),
    ],
)
def test_page_says_why_nobody_gets_texts(app: Flask, guardian: GuardianDetails | None, said: str) -> None:
    with app.app_context():
        case = enrolled("linx", person=young_person(guardian=guardian))
        page = case.client(app).get(path_of(case)).text
        assert f"{said} No text goes to anybody: ring instead." in page


def test_page_is_absent_for_adults_and_for_others(app: Flask, case: Enrolled) -> None:
    adult = enrolled(team=case.team)
    assert case.client(app).get(path_of(adult)).status_code == 404
    assert path_of(adult) not in case.client(app).get(f"/enrolments/{adult.enrolment_id}").text
    for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(case)).status_code == 404
        assert case.client(app, who).post(path_of(case, "own-consent")).status_code == 404
    go_to(wall(9, 2))
    assert case.client(app).get("/enrolments/999/guardian/").status_code == 404
