"""What a phone is given to keep: one's own registers near now, without a name in them."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.referrals.rules import SuspensionReason
from programme_tracker.workflows.suspending import suspend
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import ODD_NAME, PART_A, CaraCase, attend, go_to

ADDRESS = "/offline/registers"


def test_own_registers_near_now_are_kept_without_a_name(app: Flask, case: CaraCase) -> None:
    go_to(PART_A - timedelta(hours=20))
    answer = case.team.client(app, "facilitator").get(ADDRESS)
    told = answer.json
    assert told is not None
    (register,) = told["registers"]
    assert register["session"] == case.session_a_id
    assert register["people"] == [
        {"id": case.enrolment_id, "initials": "S.O.", "reference": "P000001", "locked": None}
    ]
    assert (register["title"], register["times"], register["grace"]) == (
        "Sat 12 Sep, 10am",
        "10am to 3pm",
        0,
    )
    assert answer.headers["Cache-Control"] == "no-store"
    for secret in (ODD_NAME.split()[0], "Łukasz", "CARA", "07700", "workshop", "medium"):
        assert secret.lower() not in answer.text.lower()


@pytest.mark.parametrize(
    ("before", "number"), [(timedelta(hours=25), 0), (timedelta(hours=23), 1), (-timedelta(hours=49), 0)]
)
def test_registers_come_a_day_before_and_go_two_days_after(
    app: Flask, case: CaraCase, before: timedelta, number: int
) -> None:
    go_to(PART_A - before)
    told = case.team.client(app, "facilitator").get(ADDRESS).json
    assert told is not None
    assert len(told["registers"]) == number


def test_an_old_register_that_is_open_is_kept_too(app: Flask, case: CaraCase) -> None:
    go_to(PART_A + timedelta(days=9))
    facilitator = case.team.client(app, "facilitator")
    asked = f"{ADDRESS}?register="
    assert [one["session"] for one in facilitator.get(f"{asked}{case.session_a_id}").json["registers"]] == [  # type: ignore[index]  # is JSON
        case.session_a_id
    ]
    stranger = client_of(app, make_staff(Role.FACILITATOR))
    for other in (f"{asked}{case.session_a_id}", f"{asked}x", f"{asked}{'9' * 30}", ADDRESS):
        assert stranger.get(other).json["registers"] == []  # type: ignore[index]  # is JSON
    assert facilitator.get(f"{asked}{case.session_b_id}").json["registers"] == []  # type: ignore[index]  # to come


def test_submitted_registers_are_not_kept_and_suspended_people_are_locked(app: Flask, case: CaraCase) -> None:
    go_to(PART_A)
    suspend(case.enrolment_id, SuspensionReason.REARREST, actor=case.team.lead, now=clock.now())
    told = case.team.client(app, "facilitator").get(ADDRESS).json
    assert told is not None
    assert told["registers"][0]["people"][0]["locked"] == "Excused: suspended. No mark is needed."
    attend(case, case.session_a_id, "attended")
    told = case.team.client(app, "facilitator").get(ADDRESS).json
    assert told is not None
    assert told["registers"] == []


def test_key_is_the_persons_and_the_phones_and_comes_again(app: Flask, case: CaraCase) -> None:
    def key(who: str, asked: str) -> dict[str, str]:
        told = case.team.client(app, who).get(f"{ADDRESS}?{asked}").json
        assert told is not None
        return dict(told["key"])

    first = key("facilitator", "vault=aa&key=")
    assert key("facilitator", f"vault=aa&key={first['id']}") == first
    assert key("facilitator", "vault=aa&key=taken-away") == first
    others = {key("lead", "vault=aa")["key"], key("facilitator", "vault=bb")["key"], first["key"]}
    assert len(others) == 3


def test_who_fetches_a_register_is_noted_as_its_reader(app: Flask, case: CaraCase) -> None:
    go_to(PART_A)
    case.team.client(app, "facilitator").get(ADDRESS)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "read")).all()
    assert [(one.subject_type, one.subject_id) for one in entries] == [("Session", case.session_a_id)]


def test_worker_and_page_without_signal_are_the_same_for_everybody(app: Flask, case: CaraCase) -> None:
    clients = [app.test_client(), case.team.client(app, "facilitator"), case.team.client(app, "manager")]
    for address in ("/service-worker.js", "/offline/"):
        pages = {client.get(address).text for client in clients}
        assert len(pages) == 1, address
    worker = clients[0].get("/service-worker.js")
    assert worker.mimetype == "text/javascript"
    told = json.loads(worker.text.split("const TOLD = ")[1].split(";\n")[0])
    assert told["page"] == "/offline/"
    for kept in told["keep"]:
        with clients[0].get(kept) as answer:
            assert answer.status_code == 200, kept
            assert "Set-Cookie" not in answer.headers


def test_page_without_signal_names_only_files_that_are_kept(app: Flask, case: CaraCase) -> None:
    client = app.test_client()
    told = json.loads(client.get("/service-worker.js").text.split("const TOLD = ")[1].split(";\n")[0])
    page = client.get("/offline/").text
    named = {part.split('"')[0] for part in page.replace('src="', 'href="').split('href="')[1:]}
    assert {one for one in named if "static" in one} <= set(told["keep"])
    assert f"v={told['build']}" in page


def test_files_named_by_build_are_kept_for_good_and_others_are_not(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/sign-in").text
    address = next(one.split('"')[0] for one in page.split('src="')[1:])
    with client.get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with client.get(address.split("?")[0]) as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
    with client.get(address.split("?")[0] + "?v=000000000000") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
