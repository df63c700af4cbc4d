"""Nothing that only victim safety may read shows anywhere else: a token in it, and everything searched.

What may show it is the literal list below.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from programme_tracker.cli import main
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.victim_safety.models import Partner
from programme_tracker.web.partners import routes
from tests.factories.records import is_whole
from tests.stores import Store
from tests.web.canary import (
    EVERYBODY,
    NUMBER,
    TOKEN,
    Canary,
    everything_stored,
    found_in,
    hide_canaries,
    pages,
)

#: Reviewed: the pages that show what a partner said, and to whom. Everybody else's show nothing.
ALLOWED = {
    "worker": {
        "partners.show",
        "partner_files.contact",
        "partner_files.dash",
        "partner_files.plan",
        "partner_files.changed",
        "partner_files.impact",
        "partner_files.details",
        "partner_files.also",
        "partner_files.erase",
        # Victim safety's own reason for a sign-off.
        "gate.show",
        "people.enrolment",
        # What a colleague told victim safety.
        "partners.of_enrolment",
        # Texts that came from somebody else.
        "set_apart.show",
    },
}

#: Of these, the pages that are no partner's file.
WITHOUT_A_REASON = {"gate.show", "people.enrolment", "partners.of_enrolment", "set_apart.show"}

#: What a manager reads once the glass is broken in this very sign-in.
THROUGH_BROKEN_GLASS = {"partners.show"}


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def canary(app: Flask, clock: SettableClock) -> Canary:
    """Give the case with its secrets."""
    return hide_canaries(clock.now())


def showing(app: Flask, canary: Canary, who: str, *, reason: bool = False) -> set[str]:
    """Return the endpoints whose page shows a secret to ``who``; no page may fail."""
    client = canary.case.team.client(app, who)
    if reason:
        client.post(f"/partners/{canary.partner_id}/open", data={"reason": "alert"})
        glass = f"/enrolments/{canary.case.enrolment_id}/partners/"
        client.post(glass, data={"words": "Now"})
    shown = set()
    for endpoint, address in list(pages(app, canary)):
        response = client.get(address)
        assert response.status_code < 500, address
        answer = response.get_data(as_text=True) + str(response.headers)
        if found_in(answer):
            shown.add(endpoint)
    return shown


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "worker"])
def test_no_page_shows_a_secret_to_others(
    app: Flask, canary: Canary, who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert showing(app, canary, who) == set()
    logged = capsys.readouterr()
    assert not found_in(logged.err + logged.out)


def test_victim_safety_reads_them_on_the_allowed_pages_alone(app: Flask, canary: Canary) -> None:
    assert showing(app, canary, "worker") == WITHOUT_A_REASON
    assert showing(app, canary, "worker", reason=True) == ALLOWED["worker"]


def test_manager_reads_the_file_through_broken_glass_alone(app: Flask, canary: Canary) -> None:
    assert showing(app, canary, "manager", reason=True) == THROUGH_BROKEN_GLASS


def test_nobody_signed_in_is_shown_anything(app: Flask, canary: Canary) -> None:
    client = app.test_client()
    assert not [one for _, one in pages(app, canary) if found_in(client.get(one).get_data(as_text=True))]


@pytest.mark.parametrize("who", EVERYBODY)
def test_search_and_its_counts_find_nothing(app: Flask, canary: Canary, who: str) -> None:
    client = canary.case.team.client(app, who)
    for secret, nonsense in ((TOKEN[:6], "Wvu3Xy"), ("900777", "900776"), ("07700 900777", "07700 900776")):
        found, nothing = (
            client.get("/people/", query_string={"q": text}).text for text in (secret, nonsense)
        )
        assert found.replace(secret, "") == nothing.replace(nonsense, "")


@pytest.mark.each_store
def test_nothing_stored_shows_a_secret(store: Store, canary: Canary, tmp_path: Path) -> None:
    stored = everything_stored()
    assert not found_in(stored)
    assert "restricted" not in stored and is_whole()
    if store.name == "sqlite":
        files = list(tmp_path.glob("*.sqlite3*"))
        assert files
        raw = b"".join(file.read_bytes() for file in files)
        assert TOKEN.encode() not in raw and NUMBER[1:].encode() not in raw


def test_broken_page_and_its_log_show_nothing(
    app: Flask, canary: Canary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_partner: Partner) -> None:
        name = f"{TOKEN}Name"
        raise RuntimeError(f"{name} {NUMBER}")

    client = canary.case.team.client(app, "worker")
    client.post(f"/partners/{canary.partner_id}/open", data={"reason": "alert"})
    monkeypatch.setattr(routes, "read_file", fail)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    page = client.get(f"/partners/{canary.partner_id}")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    logged = capsys.readouterr()
    assert "RuntimeError" in logged.err
    assert not found_in(page.text + str(page.headers) + logged.err + logged.out)


def test_address_of_somebody_unknown_is_refused_without_the_secret(
    app: Flask, canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    lead = canary.case.team.client(app, "lead")
    path = f"/enrolments/{canary.case.enrolment_id}/details"
    page = lead.post(path, data={"about": str(canary.case.enrolment_id), "mobile": "07700 900777"})
    assert TOKEN not in page.text
    logged = capsys.readouterr()
    assert not found_in(logged.err + logged.out)


def test_commands_show_nothing(store: Store, canary: Canary, tmp_path: Path) -> None:
    db.session.rollback()
    environ = {"PT_DEMO": "1", "PT_DATABASE_URL": store.url, "PT_INSTANCE_PATH": str(tmp_path / "instance")}
    for command in (["audit", "verify"], ["user", "list"], ["db", "check"], ["secrets", "rotate", "--check"]):
        result = CliRunner().invoke(main, command, env=environ)
        assert not found_in(result.output), command


REHEARSAL = f"""
title: A canary
start: 2026-11-02 09:00
cast:
  vic: {{role: victim_safety}}
  kit: {{role: caseworker}}
people:
  rob: {{mobile: "07700 900110", partner: {{name: {TOKEN}Name, mobile: "07700 900777", worker: vic}}}}
timeline:
  - at: 2026-11-02 09:00
    refer: {{person: rob, programme: baseline, as: one, by: kit, lead: kit, worker: vic}}
until: 2026-11-06 13:00
expect:
  - {{at: 2026-11-03 09:00, notice: number_conflict, to: victim_safety, staff: vic}}
"""


def test_rehearsal_shows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "canary.yaml"
    file.write_text(REHEARSAL)
    for options in ([], ["--json"]):
        result = CliRunner().invoke(main, ["rehearse", *options, str(file)])
        assert result.exit_code == 1 and "number_conflict" in result.output
        assert not found_in(result.output)
