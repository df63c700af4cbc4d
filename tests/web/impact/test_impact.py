"""A participant's own IMPACT answers: the caseworker records them, victim safety reads both."""

from collections.abc import Iterator

import pytest
from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import ImpactAnswer
from programme_tracker.referrals.rules import Gate
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows.referring import sign_off
from tests.factories.records import times_audited
from tests.factories.voluntary import Enrolled, enrolled

SAID = "I never thought of it that way <b>"


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled()


def path_of(case: Enrolled, point: str = "") -> str:
    return f"/enrolments/{case.enrolment_id}/impact/{point}"


def answered(case: Enrolled, **given: str) -> dict[str, str]:
    return {"about": str(case.enrolment_id), "respect": "2", "safety": "none", "note": SAID} | given


def test_answers_are_recorded_and_put_right_without_being_rubbed_out(app: Flask, case: Enrolled) -> None:
    lead = case.client(app)
    assert "Not asked yet" in lead.get(path_of(case)).text
    assert "I speak to my partner or former partner with respect" in lead.get(path_of(case, "T0")).text
    page = lead.post(path_of(case, "T0"), data=answered(case), follow_redirects=True).text
    assert (
        "2 of 5" in page
        and "I never thought of it that way &lt;b&gt;" in page
        and "free from abuse:" not in page
    )
    form = lead.get(path_of(case, "T0")).text
    assert "This puts right what was recorded" in form and "I never thought" in form
    lead.post(path_of(case, "T0"), data=answered(case, respect="4"))
    first, second = db.session.scalars(db.select(ImpactAnswer).order_by(ImpactAnswer.id)).all()
    assert (first.answers, second.answers, second.corrects_id) == (
        {"respect": "2"},
        {"respect": "4"},
        first.id,
    )
    assert times_audited("impact.answered", key="T0") == 2


def test_nothing_is_asked_early_or_before_the_sign_off(app: Flask, case: Enrolled) -> None:
    lead = case.client(app)
    assert lead.get(path_of(case, "T4")).status_code == lead.get(path_of(case, "T9")).status_code == 404
    empty = lead.post(path_of(case, "T0"), data={"about": str(case.enrolment_id), "respect": "none"})
    assert empty.status_code == 422 and "Answer at least one question" in empty.text
    other = lead.post(path_of(case, "T0"), data=answered(case, about="99"))
    assert other.status_code == 422 and "about somebody else" in other.text
    sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=case.team.worker, now=clock.now(), reason="hers")
    refused = lead.post(path_of(case, "T0"), data=answered(case))
    assert refused.status_code == 422 and "The sign-off is not granted" in refused.text
    assert not db.session.scalars(db.select(ImpactAnswer)).all()


def test_victim_safety_reads_both_beside_each_other_and_others_read_neither(
    app: Flask, case: Enrolled
) -> None:
    case.client(app).post(path_of(case, "T0"), data=answered(case))
    partner = add_partner(
        case.participant_id, PartnerDetails("Ann Partner"), actor=case.team.worker, now=clock.now()
    )
    worker = case.client(app, "worker")
    worker.post(f"/partners/{partner.id}/open", data={"reason": "contact_due"})
    assert (
        "I speak to my partner or former partner with respect: 2 of 5"
        in worker.get(f"/partners/{partner.id}").text
    )
    assert worker.get(path_of(case)).status_code == 200
    assert worker.get(path_of(case, "T0")).status_code == 404
    for who in ("officer", "facilitator", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(case)).status_code == 404
