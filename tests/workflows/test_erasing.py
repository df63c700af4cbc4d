"""After an erasure nothing in the database's files says who somebody was; what may not be erased stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Column, Date, String, Table, select, text, update
from sqlalchemy.engine import make_url

from programme_tracker.audit.models import AuditEntry
from programme_tracker.escalation.models import Case, Monitoring, Notice
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import InboundMessage, Message, SuppressedNumber
from programme_tracker.messaging.queries import is_suppressed
from programme_tracker.messaging.rules import MessageState, SuppressionReason
from programme_tracker.people.models import Erasure, Participant, SeparatedPair
from programme_tracker.people.services import keep_apart
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.models import Partner, PartnerEntry
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows import erasing
from programme_tracker.workflows.erasing.columns import (
    BY_HAND,
    CHANGED,
    DELETED,
    OF_NOBODY,
    OF_PARTNERS,
)
from tests import ready
from tests.factories.cases import CaraCase, attend, cara_case, sam
from tests.factories.everything import BORN_ON, NUMBER, TOKEN, fill, rows_about, stamp
from tests.factories.records import is_whole, refused
from tests.stores import Store

case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

#: Eight years after the case: an adult is kept for seven.
LATER = datetime(2034, 12, 1, 9, tzinfo=UTC)
BECAUSE = "The time to keep them is over."


def words(column: Column[Any]) -> bool:
    return isinstance(column.type, String | JSON | Date)


def personal() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of words that must be empty of the person afterwards."""
    by_hand = [name.split(".") for name in BY_HAND if not name.startswith("suppressed")]
    for name, column in [(t, c) for t, columns in CHANGED.items() for c in columns] + by_hand:
        table = Base.metadata.tables[name]
        if words(table.columns[column]):
            yield table, table.columns[column]
    for name in DELETED:
        if name != "keeping_orders":
            yield from (
                (Base.metadata.tables[name], c)
                for c in Base.metadata.tables[name].columns
                if words(c) and not c.foreign_keys
            )


def ended(case: CaraCase) -> None:
    """Let everything about somebody be over, as it is years later."""
    with transaction():
        for model, values in (
            (Enrolment, {"status": "completed", "ended_at": datetime(2026, 12, 1, tzinfo=UTC)}),
            (Case, {"closed_at": datetime(2026, 12, 1, tzinfo=UTC)}),
            (Monitoring, {"closed_at": datetime(2026, 12, 1, tzinfo=UTC)}),
            (
                Notice,
                {"acknowledged_at": datetime(2026, 12, 1, tzinfo=UTC), "chase_at": None, "release_at": None},
            ),
        ):
            db.session.execute(update(model).values(**values))
        db.session.execute(update(Enrolment).values(caution_expires_on=date(2026, 12, 28)))
        db.session.execute(
            update(Message)
            .where(Message.state.in_((MessageState.PLANNED, MessageState.UNKNOWN)))
            .values(state=MessageState.EXPIRED)
        )
        db.session.execute(text("UPDATE correction_requests SET decided_at = requested_at"))


def life(case: CaraCase) -> int:
    """Fill every table with something about the participant that a scan would find."""
    other = cara_case(case.team, person=sam(name="Another Man", mobile="07700 900102"), signed_off=False)
    keep_apart(case.participant_id, other.participant_id, actor=case.team.worker, now=ready.START)
    attend(case, case.session_a_id, "absent")
    one = db.session.scalars(select(Enrolment).where(Enrolment.id == case.enrolment_id)).one()
    others: dict[str, set[Any]] = {
        "staff": {case.team.lead.staff_id},
        "sessions": {case.session_a_id},
        "groups": {1},
        "programmes": {one.programme_code},
        "policy_versions": {1},
    }
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO groups (id, programme_code, name, capacity, created_at)"
                " VALUES (1, 'cara', 'A group', 12, '2026-09-01 08:00:00+00:00')"
            )
        )
    fill(
        case.participant_id,
        others,
        {*OF_PARTNERS, *OF_NOBODY, "keeping_orders", "erasures", "due_failures", "separated_pairs"},
    )
    ended(case)
    written = stamp(case.participant_id, personal())
    with transaction():
        person = db.session.get_one(Participant, case.participant_id)
        person.name, person.mobile, person.born_on = f"{TOKEN} Surname", NUMBER, BORN_ON
        person.name_folded = f"{TOKEN.lower()} surname"
        message = db.session.scalars(select(Message).where(Message.participant_id == person.id)).first()
        assert message is not None
        message.to_address = NUMBER
        db.session.add(
            SuppressedNumber(number=NUMBER, reason=SuppressionReason.WRONG_PERSON, since_at=ready.START)
        )
        db.session.execute(
            update(InboundMessage)
            .where(InboundMessage.participant_id == person.id)
            .values(from_address=NUMBER)
        )
    return written


def bytes_of(store: Store) -> bytes:
    """Return what the database's files hold: on PostgreSQL every relation's, the planner's samples too."""
    db.session.remove()
    if store.name == "sqlite":
        path = Path(make_url(store.url).database or "")
        beside = [path.with_name(path.name + end) for end in ("-journal", "-wal")]
        return b"".join(one.read_bytes() for one in (path, *beside) if one.exists())
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        held = connection.scalars(
            text(
                "SELECT pg_read_binary_file(pg_relation_filepath(oid), true) FROM pg_class"
                " WHERE relkind IN ('r', 'i', 't', 'm') AND pg_relation_filepath(oid) IS NOT NULL"
            )
        )
        return b"".join(bytes(one) for one in held if one is not None)


def traces(store: Store) -> set[str]:
    found = bytes_of(store)
    signs = {"words": TOKEN.encode(), "folded": TOKEN.lower().encode(), "number": NUMBER[3:].encode()}
    if store.name == "sqlite":
        signs["birth date"] = BORN_ON.isoformat().encode()
    return {name for name, sign in signs.items() if sign in found}


@pytest.mark.each_store
def test_nothing_of_a_person_is_left_in_the_files(
    app: Flask, case: CaraCase, store: Store, clock: SettableClock
) -> None:
    assert life(case) > 60
    if store.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    before = {
        name: len(keys) for name, keys in rows_about(case.participant_id).items() if name not in DELETED
    }
    assert traces(store) >= {"words", "folded", "number"}
    clock.set(LATER)
    erasing.erase_participant(case.participant_id, BECAUSE, actor=case.team.manager, now=LATER)
    assert erasing.unwritten() == 1
    assert erasing.rewrite(now=LATER) == 1
    assert traces(store) == set()
    # What is counted is still there.
    after = {name: len(keys) for name, keys in rows_about(case.participant_id).items() if name not in DELETED}
    assert after == before
    assert db.session.scalars(select(Erasure.rewritten_at)).all() == [LATER]
    assert is_suppressed(NUMBER)
    assert is_whole()
    assert db.session.scalars(select(SeparatedPair)).all() == []
    assert db.session.scalars(select(Participant.name).order_by(Participant.id)).all()[1:] == ["Another Man"]


def test_trail_never_said_who_they_were(app: Flask, case: CaraCase) -> None:
    life(case)
    told = [str(detail) for detail in db.session.scalars(select(AuditEntry.detail))]
    assert not [one for one in told if TOKEN in one or "07700" in one or "O'Brien" in one or "447700" in one]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("UPDATE enrolments SET status = 'attending', ended_at = NULL", "still on CARA, and must attend"),
        ("UPDATE enrolments SET caution_expires_on = '2040-01-01'", "has not expired"),
        ("UPDATE cases SET closed_at = NULL", "A case about them is open"),
        ("UPDATE monitorings SET closed_at = NULL", "They are monitored"),
        ("UPDATE notices SET must_acknowledge = TRUE, acknowledged_at = NULL", "not acknowledged"),
        ("UPDATE correction_requests SET decided_at = NULL", "waits for a second person"),
        ("UPDATE messages SET state = 'unknown'", "A text to them waits"),
        ("UPDATE referrals SET status = 'received'", "is not decided"),
        ("UPDATE enrolments SET ended_at = '2030-01-01 00:00:00'", "They are kept until 1 January 2037"),
    ],
)
def test_erasure_is_refused_while_anything_goes_on(app: Flask, case: CaraCase, spoil: str, says: str) -> None:
    life(case)
    with transaction():
        db.session.execute(text(spoil))
    with refused(Code.NOT_ALLOWED) as caught:
        erasing.erase_participant(case.participant_id, BECAUSE, actor=case.team.manager, now=LATER)
    assert says in caught.value.message


def test_orders_files_names_and_roles_stand_in_the_way(app: Flask, case: CaraCase) -> None:
    life(case)
    manager, worker = case.team.manager, case.team.worker

    def says(because: str = BECAUSE, actor: Any = manager) -> str:
        with refused(Code.NOT_ALLOWED) as caught:
            erasing.erase_participant(case.participant_id, because, actor=actor, now=LATER)
        return caught.value.message

    assert "Leave their name out" in says(f"{TOKEN.lower()} asked")
    assert "Say why" in says(" ")
    assert "Only a manager" in says(actor=worker)
    erasing.keep_longer(case.participant_id, "The review of a death asked.", actor=manager, now=LATER)
    assert "order to keep them" in says()
    erasing.end_order(case.participant_id, "The review is over.", actor=manager, now=LATER)
    partner = add_partner(case.participant_id, PartnerDetails("Ann Partner"), actor=worker, now=LATER)
    assert "Victim safety still keeps" in says()
    erasing.erase_partner_file(partner.id, "Its time is over.", was_asked=False, actor=worker, now=LATER)
    erasing.erase_participant(case.participant_id, BECAUSE, actor=manager, now=LATER)
    assert "already" in says()


@pytest.mark.each_store
def test_partners_file_goes_whole_and_never_while_the_participant_is_here(
    app: Flask, case: CaraCase, store: Store
) -> None:
    worker = case.team.worker
    partner = add_partner(
        case.participant_id, PartnerDetails("Ann Partner", NUMBER), actor=worker, now=ready.START
    )
    key = partner.id

    def erase(because: str, *, was_asked: bool, now: datetime = LATER) -> None:
        erasing.erase_partner_file(key, because, was_asked=was_asked, actor=worker, now=now)

    with pytest.raises(RefusedError, match="still on CARA"):
        erase("They asked.", was_asked=True)
    ended(case)
    with pytest.raises(RefusedError, match="every name out"):
        erase("Ann asked.", was_asked=True)
    soon = datetime(2027, 6, 1, 9, tzinfo=UTC)
    with pytest.raises(RefusedError, match="unless the partner asks"):
        erase("Over.", was_asked=False, now=soon)
    with pytest.raises(RefusedError, match="Ask victim safety"):
        erasing.erase_partner_file(key, "Over.", was_asked=True, actor=case.team.manager, now=soon)
    index = partner.number_index
    assert index and index.encode() in bytes_of(store)
    erase("They asked.", was_asked=True, now=soon)
    erasing.rewrite(now=soon)
    assert not db.session.scalars(select(Partner)).all()
    assert not db.session.scalars(select(PartnerEntry)).all()
    assert index.encode() not in bytes_of(store)
    assert is_whole()
