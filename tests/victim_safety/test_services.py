"""Partner records: sealed where they lie, and known to other rooms by yes or no."""

import pytest
from sqlalchemy import text

from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import SealError, field_keys
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.services import (
    PartnerDetails,
    add_partner,
    partners_with_number,
)
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import is_whole

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

NUMBER = "+447700900777"


@pytest.fixture
def partner(case: CaraCase, clock: SettableClock) -> Partner:
    details = PartnerDetails("Token Name", NUMBER, "Tuesday token", worker_id=case.team.worker.staff_id)
    return add_partner(case.participant_id, details, actor=case.team.worker, now=clock.now())


def test_no_fact_lies_open_in_the_row_or_the_trail(partner: Partner) -> None:
    assert is_whole()
    rows = [
        str(row)
        for table in ("partners", "audit_entries")
        for row in db.session.execute(text(f"SELECT * FROM {table}"))
    ]
    for fact in ("Token", NUMBER, NUMBER[1:], "Tuesday"):
        assert not [row for row in rows if fact in row]


def test_facts_open_in_their_own_place_alone(partner: Partner) -> None:
    keys = field_keys()
    assert keys.open(partner.name_sealed, f"partners:{partner.id}:name") == "Token Name"
    with pytest.raises(SealError):
        keys.open(partner.name_sealed, f"partners:{partner.id + 1}:name")
    with pytest.raises(SealError):
        keys.open(partner.number_sealed or "", f"partners:{partner.id}:name")


def test_number_is_found_by_its_blind_index(partner: Partner) -> None:
    assert [found.id for found in partners_with_number(NUMBER)] == [partner.id]
    assert partners_with_number("+447700900778") == []


def test_partner_without_a_number_is_found_by_none(case: CaraCase, clock: SettableClock) -> None:
    add_partner(case.participant_id, PartnerDetails("Nobody"), actor=case.team.worker, now=clock.now())
    assert partners_with_number("") == []
