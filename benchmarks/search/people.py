"""Invented people in bulk: names as they are in this country, enrolments under way and ended."""

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db, table_of
from programme_tracker.people.finding.rules import caution_terms, mobile_terms, name_terms, reference_terms
from programme_tracker.people.models import Participant, SearchTerm, SeparatedPair
from programme_tracker.people.rules import folded, reference_for
from programme_tracker.referrals.models import Enrolment, Referral

FIRST = (
    *("James", "Mohammed", "John", "David", "Seán", "Łukasz", "Paul", "Mark", "Ryan", "Callum", "Siôn"),
    *("Ann", "Zoë", "Chidi", "Kwame", "Ravi", "Hassan", "Ioan", "Aleksander", "Joanna", "Marek", "Daniel"),
    *("Thomas", "Jack", "Liam", "Connor", "Ahmed", "Tomasz", "Michael", "Robert", "José", "Dan", "Lee", "Li"),
)
LAST = (
    *("Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Robinson"),
    *("O'Brien", "O'Connor", "Łukasz", "Kowalski", "Nowak", "Khan", "Ahmed", "Thompson", "Evans", "Hughes"),
    *("Ó Súilleabháin", "Müller", "Nguyễn", "Okafor", "Begum", "Singh", "MacDonald", "Ng", "Price", "Watson"),
)
SYLLABLES = (
    *("an", "bel", "cor", "dun", "ed", "fal", "gar", "hol", "ing", "jar", "kel", "lan", "mer", "nor", "ost"),
    *("pen", "quar", "ren", "sal", "ton", "und", "ver", "wick", "york", "zel", "ash", "brook", "croft"),
)
STARTED = datetime(2026, 1, 5, 9, tzinfo=UTC)
CASES_EACH = 30
ROWS_AT_ONCE = 5000


def name_of(number: int) -> str:
    """Return the same invented name for the same number: a third have a common family name."""
    choose = random.Random(number)
    first = choose.choice(FIRST)
    if choose.random() < 1 / 3:
        return f"{first} {choose.choice(LAST)}"
    last = "".join(choose.choices(SYLLABLES, k=choose.choice((2, 2, 3)))).capitalize()
    if choose.random() < 0.1:
        last = f"{last}-{choose.choice(LAST)}"
    return f"{first} {last}"


def mobile_of(number: int) -> str:
    """Return a number that nobody has: +999 is no country's."""
    return f"+9997{number * 7919 % 10**9:09d}"


def caution_of(number: int) -> str | None:
    """Return the reference on the caution of one in four."""
    return f"44/{number * 31 % 10**6:06d}/26" if number % 4 == 0 else None


def fill(first: int, last: int) -> None:
    """Add people number ``first`` to ``last``, a referral and an enrolment each, and who leads them."""
    numbers = range(first, last + 1)
    known = (first - 1) // CASES_EACH + 1 if first > 1 else 0
    _put(Staff, (_staff(one) for one in range(known + 1, last // CASES_EACH + 2)))
    _put(Participant, (_person(one) for one in numbers))
    _put(Referral, (_referral(one) for one in numbers))
    _put(Enrolment, (_enrolment(one) for one in numbers))
    terms = sorted((term, one, kind.value) for one in numbers for term, kind in _terms(one))
    _put(SearchTerm, ({"term": t, "participant_id": one, "kind": kind} for t, one, kind in terms))
    if first == 1:
        _put(SeparatedPair, [{"first_id": 1, "second_id": 2, "created_at": STARTED}])
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _terms(number: int) -> set[Any]:
    return (
        name_terms(name_of(number))
        | reference_terms(reference_for(number))
        | mobile_terms(mobile_of(number))
        | caution_terms(caution_of(number))
    )


def _put(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows as quickly as the store takes them."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            _copy(connection, table_of(model), iter(rows))
            connection.connection.commit()
            return
        # Nothing of this has to survive a power cut. Past SQLAlchemy, which would begin a transaction.
        driver: Any = connection.connection
        for pragma in ("synchronous=OFF", "secure_delete=OFF", "cache_size=-500000"):
            driver.execute(f"PRAGMA {pragma}")
        for batch in batched(rows, ROWS_AT_ONCE):
            connection.execute(insert(table_of(model)), list(batch))
        connection.commit()


def _copy(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows, None)
    if first is None:
        return
    names = ", ".join(first)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in chain([first], rows):
            copy.write_row([_plain(value) for value in row.values()])


def _plain(value: Any) -> Any:
    if isinstance(value, Role):
        return value.value
    return json.dumps(value) if isinstance(value, dict | list) else value


def batched(rows: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """Return rows in batches: itertools has this from Python 3.12 on."""
    left = iter(rows)
    while batch := tuple(islice(left, size)):
        yield batch


def _staff(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "username": f"worker{number}",
        "name": f"Worker {number}",
        "role": Role.CASEWORKER,
        "password_hash": "none",
        "must_change_password": False,
        "is_active": True,
        "failed_sign_ins": 0,
        "created_at": STARTED,
        "version": 1,
    }


def _person(number: int) -> dict[str, Any]:
    name = name_of(number)
    return {
        "id": number,
        "reference": reference_for(number),
        "name": name,
        "name_folded": folded(name),
        "born_on": date(1960, 1, 1) + timedelta(days=number % 16000),
        "mobile": mobile_of(number),
        "risk": "medium",
        "is_priority": False,
        "created_at": STARTED,
        "version": 1,
    }


def _referral(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "participant_id": number,
        "programme_code": "radar",
        "status": "accepted",
        "route": "police",
        "referrer_id": 1,
        "caution_reference": caution_of(number),
        "is_mandated": False,
        "answers": {},
        "reasons": [],
        "received_at": STARTED,
    }


def _enrolment(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "referral_id": number,
        "participant_id": number,
        "programme_code": "radar",
        "status": "completed" if number % 5 < 2 else "attending",
        "gate": "granted",
        "is_mandated": False,
        "lead_id": number // CASES_EACH + 1,
        "worker_id": number // (2 * CASES_EACH) + 1,
        "referrer_id": 1,
        "caution_reference": caution_of(number),
        "created_at": STARTED,
        "ended_at": STARTED + timedelta(days=150) if number % 5 < 2 else None,
        "first_contact_step": 0,
        "version": 1,
    }


def searches(people: int, many: int) -> Iterator[tuple[str, str]]:
    """Return what somebody types, and of which sort it is; hardly ever about nobody."""
    choose = random.Random(people)
    for _ in range(many):
        number = choose.randint(1, people)
        first, _, last = name_of(number).partition(" ")
        middle = last[1:5] if len(last) > 4 else last
        yield "first and family name", f"{first} {last}"
        yield "family name, first name", f"{last}, {first}"
        yield "part of a family name", middle
        yield "three letters", last[:3]
        yield "two letters", first[:2]
        yield "first name alone", first
        yield "last four figures of a number", mobile_of(number)[-4:]
        yield "whole number with blanks", f"{mobile_of(number)[:5]} {mobile_of(number)[5:]}"
        yield "reference", reference_for(number)
        yield "part of a caution's reference", f"{number * 31 % 10**6:06d}"
        yield "nobody", "zzqx"
        yield "nothing typed", ""
