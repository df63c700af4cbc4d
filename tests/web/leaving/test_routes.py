from collections.abc import Iterator

import pytest
from flask import Flask

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.referrals.rules import Gate
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.workflows.leading_on import leads_on_to
from programme_tracker.workflows.registers import submit_register
from tests.factories import records
from tests.factories.cases import cara_case, go_to, sam
from tests.factories.groups import weekly_group
from tests.factories.voluntary import Enrolled, enrolled, meet, wall

SHOWN = "Sam O&#39;Brien-Łukasz"
#: What no paper that a participant may show anybody says.
TELLING = ("baseline", "programme", "radar", "abuse", "risk", "victim", "police", "tracker", "ready")


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled()


def path_of(case: Enrolled, way: str = "") -> str:
    return f"/enrolments/{case.enrolment_id}/leaving/{way}"


def attend_days(case: Enrolled, *days: int, outcome: Outcome = Outcome.ATTENDED) -> None:
    """Meet on these days of September and submit each register."""
    for day in days:
        session_id = meet(case, wall(9, day))
        now = go_to(wall(9, day, 11))
        marks = {case.enrolment_id: MarkDetails(outcome, note="left")}
        submit_register(session_id, marks, token=f"t{session_id}", actor=case.team.lead, now=now)


@pytest.mark.parametrize(
    ("way", "status", "happened"),
    [("withdraw", "withdrawn", "they left"), ("deselect", "deselected", "we ended it")],
)
def test_leaving_names_its_consequences_and_tells_victim_safety(
    app: Flask, case: Enrolled, way: str, status: str, happened: str
) -> None:
    meet(case, wall(9, 7))
    client = case.client(app)
    page = client.get(path_of(case, way)).text
    assert "Victim safety is told first, then the referrer." in page
    assert "One coming appointment given up, two texts dropped." in page
    sent = {"about": str(case.enrolment_id), "reason": "moved to Łódź"}
    answer = client.post(path_of(case, way), data=sent, follow_redirects=True).text
    assert f"Enrolment ended: {happened}." in answer
    assert records.enrolment(case.enrolment_id).status == status
    assert live_bookings(case.enrolment_id) == []
    assert records.notices(case.enrolment_id, "withdrawn", "victim_safety")
    again = client.post(path_of(case, way), data=sent, follow_redirects=True).text
    assert "This enrolment has ended already." in again


def test_leaving_needs_a_reason_and_the_right_person(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for sent, said in (
        ({"about": str(case.enrolment_id), "reason": " "}, "Say why the enrolment ends"),
        ({"about": "999", "reason": "moved to Łódź"}, "about somebody else"),
    ):
        answer = client.post(path_of(case, "withdraw"), data=sent)
        assert answer.status_code == 422
        assert said in answer.text
        assert sent["reason"].strip() in answer.text
    assert records.enrolment(case.enrolment_id).status == "waitlisted"


def test_completion_waits_for_six_and_a_judgement(app: Flask, case: Enrolled) -> None:
    attend_days(case, 2, 3, 4, 7, 8)
    client = case.client(app)
    page = client.get(path_of(case)).text
    assert "At least 6 attended: 5 so far" in page
    assert "Something is missing, so it cannot be completed yet." in page
    assert path_of(case, "complete") not in page
    assert client.get(path_of(case, "complete")).status_code == 303
    attend_days(case, 9)
    client = case.client(app)
    assert path_of(case, "complete") in client.get(path_of(case)).text
    unjudged = client.post(path_of(case, "complete"), data={"about": str(case.enrolment_id)})
    assert unjudged.status_code == 422
    assert "Tick this when you judge them ready." in unjudged.text
    sent = {"about": str(case.enrolment_id), "group_ready": "y"}
    assert "Completed." in client.post(path_of(case, "complete"), data=sent, follow_redirects=True).text
    assert records.enrolment(case.enrolment_id).status == "completed"
    assert records.notices(case.enrolment_id, "completed", "victim_safety")


def test_certificate_holds_name_and_dates_and_nothing_else(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    assert client.get(path_of(case, "certificate")).status_code == 404
    attend_days(case, 2, 3)
    attend_days(case, 4, outcome=Outcome.ABSENT)
    attend_days(case, 7, outcome=Outcome.LEFT_EARLY)
    page = case.client(app).get(path_of(case, "certificate")).text
    for shown in (SHOWN, "attended two appointments on", "2 September 2026", "3 September 2026"):
        assert shown in page
    assert "4 September" not in page
    assert "7 September" not in page
    paper = page[page.index("<title>") :].lower().replace(SHOWN.lower(), "")
    for word in TELLING:
        assert word not in paper.replace("/static/", "")


def test_refer_on_makes_a_linked_enrolment_with_a_sign_off_of_its_own(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for _ in range(2):
        answer = client.post(path_of(case, "refer-on"), follow_redirects=True).text
        assert "Referred on to RADAR." in answer
    after = leads_on_to(case.enrolment_id)
    assert after is not None
    assert (after.programme_code, after.gate, after.previous_id) == ("radar", "pending", case.enrolment_id)
    assert len(records.tasks("sign_off", after.id)) == 1
    assert records.times_audited("referral.received") == 2
    there, back = f'href="/enrolments/{after.id}"', f'href="/enrolments/{case.enrolment_id}"'
    for path in (path_of(case), f"/enrolments/{case.enrolment_id}"):
        page = client.get(path).text
        assert "Leads on to" in page
        assert there in page
    for path in (f"/enrolments/{after.id}/leaving/", f"/enrolments/{after.id}"):
        page = client.get(path).text
        assert "Came from" in page
        assert back in page


def test_one_to_ones_close_when_the_group_starts(app: Flask, case: Enrolled) -> None:
    from programme_tracker.workflows.groups import join_group
    from programme_tracker.workflows.referring import sign_off

    case.client(app).post(path_of(case, "refer-on"))
    after = leads_on_to(case.enrolment_id)
    assert after is not None
    after_id, now = after.id, go_to(wall(9, 2))
    group_id = weekly_group(case.team)
    sign_off(after_id, Gate.GRANTED, actor=case.team.worker, now=now)
    session = join_group(after_id, group_id, actor=case.team.lead, now=now)[0]
    session_id, now = session.id, go_to(wall(9, 10, 21))
    assert records.enrolment(case.enrolment_id).ended_at is None
    submit_register(session_id, {}, token="first", actor=case.team.facilitator, now=now)
    assert records.enrolment(case.enrolment_id).status == "transferred"


def test_who_has_left_is_not_referred_on(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    client.post(path_of(case, "withdraw"), data={"about": str(case.enrolment_id), "reason": "moved"})
    assert "Refer on to RADAR" not in client.get(path_of(case)).text
    answer = client.post(path_of(case, "refer-on"), follow_redirects=True).text
    assert "This enrolment has ended. Make a new referral." in answer
    assert leads_on_to(case.enrolment_id) is None


def test_group_programmes_name_topics_and_parts(app: Flask, case: Enrolled) -> None:
    radar = enrolled("radar", team=case.team, person=sam(name="Ted Example", mobile=None))
    page = case.client(app).get(path_of(radar)).text
    assert "16 of 20 attended: 0 so far" in page
    assert "Every topic covered: missing 1, 2, 3" in page
    assert "Refer on" not in page
    made = cara_case(case.team, person=sam(name="Una Example", mobile=None))
    page = case.client(app).get(f"/enrolments/{made.enrolment_id}/leaving/").text
    assert "Part A attended" in page
    assert "Part B attended" in page


@pytest.mark.parametrize("way", ["", "withdraw", "deselect", "complete", "certificate"])
def test_leaving_is_absent_for_others(app: Flask, case: Enrolled, way: str) -> None:
    for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(case, way)).status_code == 404
    assert case.client(app).get(f"/enrolments/999/leaving/{way}").status_code == 404
    assert case.client(app, "worker").post(path_of(case, "refer-on")).status_code == 404
