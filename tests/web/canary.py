"""A case with a unique token in everything that only victim safety may read, and who looks for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import text

from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.database import Base, db
from programme_tracker.messaging.models import Message
from programme_tracker.referrals.rules import Gate
from programme_tracker.tasks.models import Task
from programme_tracker.victim_safety.rules import EntryKind, ViewReason
from programme_tracker.victim_safety.services import EntryDetails, Looking, PartnerDetails, open_file
from programme_tracker.workflows import partner_files as files
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.replying import receive_reply
from programme_tracker.workflows.safety_words import tell_victim_safety
from tests.factories.cases import CaraCase, cara_case

#: In every secret text; nothing else in the project says it.
TOKEN = "Zqx7Canary"
NUMBER = "+447700900777"
#: However the partner's number may be written.
NUMBERS = ("7700900777", "7700 900777", "7700 900 777")

#: Roles as the team's fields name them.
EVERYBODY = ("officer", "worker", "lead", "facilitator", "manager", "enforcement", "admin")


def found_in(shown: str) -> bool:
    """Tell whether a secret stands in what was shown."""
    return TOKEN.lower() in shown.lower() or any(number in shown for number in NUMBERS)


@dataclass(frozen=True)
class Canary:
    """The case, and the ids that its pages are opened with."""

    case: CaraCase
    partner_id: int
    ids: dict[str, Any]


def hide_canaries(now: datetime) -> Canary:
    """Write the token into every field of a partner's file and everything else that is secret."""
    case = cara_case()
    worker = case.team.worker
    details = PartnerDetails(
        name=f"{TOKEN}Name",
        number=NUMBER,
        safe_times=f"{TOKEN}Times",
        worker_id=worker.staff_id,
        message=f"{TOKEN}Message",
        relationship="former",
        address=f"{TOKEN}Address",
        born_on=date(1991, 7, 7),
    )
    partner_id = files.write_details(case.participant_id, details, actor=worker, now=now).id
    said = {"note": f"{TOKEN}Note"}
    contact = said | {"way": "call", "outcome": "spoke", "explained": ["rights"]}
    wrong = files.record_contact(partner_id, contact, finishes=[], actor=worker, now=now)
    files.record_contact(partner_id, contact, finishes=[], actor=worker, now=now, corrects_id=wrong.id)
    dash = said | {"level": "high", "assessor": f"{TOKEN}Assessor", "form_version": f"{TOKEN}Form"}
    files.record_dash(partner_id, dash | {"assessed_on": "2026-09-01"}, actor=worker, now=now)
    files.write_plan(partner_id, {"plan": f"{TOKEN}Plan"}, actor=worker, now=now)
    files.note_change(partner_id, said | {"what": "new_partner"}, actor=worker, now=now)
    answers = EntryDetails(EntryKind.IMPACT, said | {"safety": "2"}, case.enrolment_id, "T0")
    files.record_impact(partner_id, answers, actor=worker, now=now)
    open_file(partner_id, Looking(ViewReason.OTHER, f"{TOKEN}Reason"), actor=worker, now=now)
    files.break_glass(case.enrolment_id, f"{TOKEN}Glass", None, actor=case.team.manager, now=now)
    tell_victim_safety(case.enrolment_id, "new_partner", f"{TOKEN}Word", actor=case.team.lead, now=now)
    receive_reply(NUMBER, f"{TOKEN}Reply", now=now)
    receive_reply("+447700900101", f"wrong number {TOKEN}Wrong", now=now)
    reason = f"{TOKEN}Gate"
    sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=worker, now=now, reason=reason)
    return Canary(case, partner_id, _ids(case, partner_id))


def _ids(case: CaraCase, partner_id: int) -> dict[str, Any]:
    ids: dict[str, Any] = {
        "partner_id": partner_id,
        "participant_id": case.participant_id,
        "enrolment_id": case.enrolment_id,
        "referral_id": case.referral_id,
        "session_id": case.session_a_id,
        "point": "T0",
        "digits": "07700900101",
        "code": "cara",
        "kind": "reminder",
    }
    for name, model in (("notice_id", Notice), ("task_id", Task), ("message_id", Message)):
        ids[name] = db.session.scalars(db.select(model.id).limit(1)).first() or 1
    db.session.rollback()
    return ids


def pages(app: Flask, canary: Canary) -> Iterator[tuple[str, str]]:
    """Give every page that is read, as (endpoint, address), each parameter with a real id."""
    lists: dict[str, Any] = {"notice_id": Notice, "task_id": Task, "message_id": Message}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.endswith("static"):
            continue
        several = [name for name in lists if name in rule.arguments]
        values = {name: canary.ids.get(name, 1) for name in rule.arguments}
        ids = list(db.session.scalars(db.select(lists[several[0]].id))) if several else [None]
        for one in ids:
            given = values | ({several[0]: one} if several else {})
            with app.test_request_context():
                yield rule.endpoint, app.url_for(rule.endpoint, **given)


def everything_stored() -> str:
    """Return every value of every table, as text."""
    rows = []
    for name in Base.metadata.tables:
        for row in db.session.execute(text(f'SELECT * FROM "{name}"')):
            rows.append(json.dumps([name, *row], default=str, ensure_ascii=False))
    db.session.rollback()
    return "\n".join(rows)
