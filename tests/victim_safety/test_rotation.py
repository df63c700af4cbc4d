"""A new key takes over while others write: nothing is lost, and no value needs the old key."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import SealError
from programme_tracker.kernel.rotation import rotate, sealed_columns, still_old
from programme_tracker.referrals.models import GateDecision
from programme_tracker.referrals.queries import gate_history, reason_given
from programme_tracker.referrals.rules import Gate
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import partners_of, read_details, read_file
from programme_tracker.victim_safety.rules import EntryKind
from programme_tracker.victim_safety.services import (
    EntryDetails,
    PartnerDetails,
    add_entry,
    add_partner,
    partners_with_number,
)
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.rotating import rotate_keys
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import events, is_whole, times_audited
from tests.processes import quick_context
from tests.stores import Store

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

OLD, NEW, INDEX, OTHER = (base64.b64encode(bytes([n]) * 32).decode() for n in range(4))
NUMBER = "+447700900777"


@contextmanager
def keyed(url: str, folder: Path, keys: str, index: str = INDEX) -> Iterator[Flask]:
    """Open the application with these keys, the first writing."""
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": url,
        "PT_INSTANCE_PATH": str(folder),
        "PT_FIELD_KEYS": keys,
        "PT_BLIND_INDEX_KEY": index,
    }
    app = create_app(load_settings(environ), SettableClock(ready.START))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def fill(case: CaraCase, now: datetime, partners: int = 3) -> None:
    """Write something into every sealed column but that of views."""
    for number in range(partners):
        details = PartnerDetails(f"Ana {number}", NUMBER, "Mornings", None, "Say the dentist", "ex", "1 Road")
        partner = add_partner(case.participant_id, details, actor=case.team.worker, now=now)
        note = EntryDetails(EntryKind.CONTACT, {"note": f"Note {number}"})
        add_entry(partner.id, note, actor=case.team.worker, now=now)
    sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=case.team.worker, now=now, reason="She asked")


def test_new_key_takes_over_and_the_old_one_may_go(
    store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path
) -> None:
    with keyed(store.url, tmp_path, f"old:{OLD}"):
        fill(case, clock.now())
    with keyed(store.url, tmp_path, f"new:{NEW},old:{OLD}"):
        assert sum(still_old().values()) > 10
        assert rotate_keys() > 10
        assert sum(still_old().values()) == 0
        assert rotate_keys() == 0
        assert times_audited("secrets.rotated", key="new") == 2
    with keyed(store.url, tmp_path, f"new:{NEW}"):
        found = partners_of([case.participant_id])
        assert [read_details(partner).name for partner in found] == ["Ana 0", "Ana 1", "Ana 2"]
        assert {entry.content.get("note") for entry in read_file(found[1]).of_kind(EntryKind.CONTACT)} == {
            "Note 1"
        }
        assert reason_given(gate_history(case.enrolment_id)[0]) == "She asked"
        assert len(partners_with_number(NUMBER)) == 3
        assert is_whole()


def test_run_cut_off_is_run_again(store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path) -> None:
    with keyed(store.url, tmp_path, f"old:{OLD}"):
        fill(case, clock.now())

    def stop(_table: str, _values: int) -> None:
        raise KeyboardInterrupt

    with keyed(store.url, tmp_path, f"new:{NEW},old:{OLD}"):
        before = sum(still_old().values())
        with pytest.raises(KeyboardInterrupt):
            rotate(batch=1, told=stop)
        assert 0 < sum(still_old().values()) < before
        rotate(batch=1)
        assert sum(still_old().values()) == 0


def test_value_that_no_key_opens_stops_it_and_stays(
    store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path
) -> None:
    with keyed(store.url, tmp_path, f"lost:{OTHER}"):
        fill(case, clock.now(), partners=1)
    with keyed(store.url, tmp_path, f"new:{NEW},old:{OLD}"):
        before = db.session.execute(text("SELECT name_sealed FROM partners")).scalar_one()
        db.session.rollback()
        with pytest.raises(SealError):
            rotate()
        assert db.session.execute(text("SELECT name_sealed FROM partners")).scalar_one() == before


def write_on(url: str, folder: str, case: CaraCase, partner_id: int, entries: int) -> None:
    """Add entries and change details, in a process of its own that knows both keys."""
    with keyed(url, Path(folder), f"new:{NEW},old:{OLD}"):
        for number in range(entries):
            note = EntryDetails(EntryKind.CONTACT, {"note": f"meanwhile {number}"})
            add_entry(partner_id, note, actor=case.team.worker, now=ready.START)


def test_others_write_while_it_runs(
    store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path
) -> None:
    with keyed(store.url, tmp_path, f"old:{OLD}"):
        fill(case, clock.now(), partners=12)
        partner_id = db.session.scalars(db.select(Partner.id)).first() or 0
    writer = quick_context().Process(target=write_on, args=(store.url, str(tmp_path), case, partner_id, 25))
    writer.start()
    with keyed(store.url, tmp_path, f"new:{NEW},old:{OLD}"):
        rotate(batch=1)
        writer.join(120)
        assert writer.exitcode == 0
        assert sum(still_old().values()) == 0
    with keyed(store.url, tmp_path, f"new:{NEW}"):
        file = read_file(db.session.get_one(Partner, partner_id))
        assert len(file.of_kind(EntryKind.CONTACT)) == 26
        assert events("partner.entry_added").count("partner.entry_added") >= 26
        assert is_whole()


def test_new_index_key_finds_the_number_again(
    store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path
) -> None:
    with keyed(store.url, tmp_path, f"old:{OLD}"):
        fill(case, clock.now(), partners=2)
    with keyed(store.url, tmp_path, f"old:{OLD}", index=OTHER):
        assert partners_with_number(NUMBER) == []
        rotate_keys(with_indexes=True)
        assert len(partners_with_number(NUMBER)) == 2


def test_reasons_that_were_kept_open_are_sealed(
    store: Store, case: CaraCase, clock: SettableClock, tmp_path: Path
) -> None:
    with keyed(store.url, tmp_path, f"old:{OLD}"):
        row = GateDecision(
            enrolment_id=case.enrolment_id, decision="refused", reason="What she said", decided_at=clock.now()
        )
        db.session.add(row)
        db.session.commit()
        rotate_keys()
        stored = db.session.execute(text("SELECT reason FROM gate_decisions WHERE reason IS NOT NULL")).all()
        assert stored == []
        assert reason_given(gate_history(case.enrolment_id)[0]) == "What she said"


def test_every_sealed_column_says_so_by_name(case: CaraCase) -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in db.metadatas[None].sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    marked = {f"{table.name}.{one.name}" for table, found in sealed_columns().items() for one in found}
    assert marked == named
    assert len(marked) >= 10
