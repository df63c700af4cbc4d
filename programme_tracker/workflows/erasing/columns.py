"""What is personal, column by column: what an erasure puts in its place, and what stays and why.

A column of words, dates or lists that stands in none of these fails a test, so that a new one is
thought about before it is used.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import null

#: What stands for a name, for words and for a birth date that are no longer known.
NOBODY = "Erased person"
ERASED = "Erased"
NO_BIRTH_DATE = date(1900, 1, 1)

#: Tables of which every row about the person goes.
DELETED = (
    "guardians",
    "number_sharings",
    "separated_pairs",
    "text_consents",
    "keeping_orders",
    "impact_answers",
    "safety_words",
    "search_terms",
)

#: What the columns of the rows about the person are set to.
CHANGED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "participants": {
            "name": NOBODY,
            "name_folded": "",
            "born_on": NO_BIRTH_DATE,
            "mobile": None,
            "language": "en",
            "opted_out_at": None,
            "own_consent_at": None,
        },
        "referrals": {
            "caution_reference": None,
            "caution_issued_on": None,
            "caution_expires_on": None,
            "answers": {},
            "reasons": [],
            "request_key": None,
        },
        "enrolments": {
            "caution_reference": None,
            "caution_issued_on": None,
            "caution_expires_on": None,
            "suspension_reason": None,
            "partner_contact_due_on": None,
            "reassess_at": None,
        },
        "gate_decisions": {"reason": None, "reason_sealed": None},
        "status_changes": {"reason": None},
        "police_decisions": {"note": None, "caution_expires_on": None},
        "neutral_spans": {"why": ERASED},
        "sessions": {"topic": None, "cancel_reason": None},
        "session_moves": {"asked_by": None, "why": None},
        "bookings": {"end_reason": None},
        "waiting_places": {"end_reason": None},
        "marks": {"reason": None, "evidence": None, "note": None, "why": None, "arrived_at": None},
        "correction_requests": {"reason": None, "evidence": None, "note": None, "why": ERASED},
        "contacts": {"outcome": None, "note": None},
        "flags": {"end_reason": None},
        "flag_findings": {"explanation": ERASED, "since_on": None},
        "cases": {"close_reason": None},
        "case_decisions": {"reason": None},
        "case_actions": {"note": None},
        "notices": {"facts": {}},
        "monitorings": {"close_reason": None},
        "monitoring_entries": {"note": None},
        "tasks": {"why": ERASED, "done_how": None},
        "messages": {"body": "", "to_address": None, "candidates": null(), "error_code": None},
        "inbound_messages": {"from_address": "", "from_sealed": None, "body": "", "body_sealed": None},
        "provider_events": {"fields_sealed": None},
    }
)

#: What other functions take care of: that an absence was waived stays, its reason goes; a number that
#: nothing may go to is kept as a keyed digest, which protects whoever has the number now.
BY_HAND = ("catch_ups.waived_because", "suppressed_numbers.number", "suppressed_numbers.lifted_because")

#: Partners' tables: a file goes whole, by victim safety's own hand, before the person may.
OF_PARTNERS = ("partners", "partner_entries", "partner_views")

_CODE = "a code of ours"
_NEWS = "the provider's or our own id or code, in which nobody stands"
_STAFF = "about staff, or the work as a whole"
_COUNTED = "counted in reports: it tells nobody from others"

#: What stays in rows about a person, and why.
KEPT: Mapping[str, str] = MappingProxyType(
    {
        "participants.reference": "a number that tells nothing, under which marks are counted",
        "participants.risk": _COUNTED,
        "referrals.status": _COUNTED,
        "referrals.route": _COUNTED,
        "enrolments.status": _COUNTED,
        "enrolments.gate": _COUNTED,
        "enrolments.status_before_suspension": _CODE,
        "enrolments.police_decision": _COUNTED,
        "gate_decisions.decision": _COUNTED,
        "status_changes.from_status": _COUNTED,
        "status_changes.to_status": _COUNTED,
        "police_decisions.decision": _COUNTED,
        "sessions.kind": _CODE,
        "sessions.part": _CODE,
        "register_submissions.token": _NEWS,
        "marks.outcome": _COUNTED,
        "correction_requests.outcome": _COUNTED,
        "contacts.kind": _COUNTED,
        "flags.rule": _COUNTED,
        "flags.level": _COUNTED,
        "flags.state": _COUNTED,
        "flag_findings.evidence": "numbers of sessions",
        "case_decisions.decision": _COUNTED,
        "case_actions.action": _COUNTED,
        "notices.kind": _COUNTED,
        "notices.to_role": _CODE,
        "monitorings.starts_on": _COUNTED,
        "monitorings.ends_on": _COUNTED,
        "monitoring_entries.kind": _CODE,
        "monitoring_entries.ends_on": _COUNTED,
        "tasks.kind": _COUNTED,
        "tasks.to_role": _CODE,
        "tasks.due_on": _COUNTED,
        "messages.key": _NEWS,
        "messages.channel": _CODE,
        "messages.kind": _COUNTED,
        "messages.recipient": _CODE,
        "messages.state": _COUNTED,
        "messages.lease_token": _NEWS,
        "messages.provider_sid": "until the provider has forgotten the text: asked for by this id",
        "messages.blocked_reason": _COUNTED,
        "message_attempts.provider_sid": "until the provider has forgotten the text: asked for by this id",
        "message_attempts.state": _CODE,
        "message_attempts.error_code": _NEWS,
        "message_changes.from_state": _CODE,
        "message_changes.to_state": _CODE,
        "message_changes.cause": "sentences of ours and names of staff",
        "inbound_messages.provider_sid": _NEWS,
        "inbound_messages.kind": _COUNTED,
        "provider_events.key": _NEWS,
        "provider_events.kind": _CODE,
        "suppressed_numbers.reason": _CODE,
        "erasures.subject": _CODE,
        "erasures.because": "a manager's reason, refused when it names the person",
        "audit_entries.detail": "codes and ids alone: a test holds every key that is written",
        "audit_entries.event": _CODE,
        "audit_entries.subject_type": _CODE,
        "audit_entries.actor_name": _STAFF,
        "audit_entries.previous_hash": _NEWS,
        "audit_entries.entry_hash": _NEWS,
        "due_failures.kind": _CODE,
        "due_failures.error": "the name of a kind of error",
    }
)

#: Tables that hold nothing about a participant.
OF_NOBODY: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (
            "staff",
            "staff_leave",
            "staff_alerts",
            "calendar_feeds",
            "sign_in_sessions",
            "sign_in_addresses",
            "code_sources",
            "recovery_codes",
            "programmes",
            "policy_versions",
            "venues",
            "groups",
            "session_staff",
            "template_versions",
            "text_languages",
            "banned_words",
            "notice_findings",
            "sending_control",
            "sending_holds",
            "signal_rules",
            "wrong_person_phrases",
            "stored_settings",
            "audit_head",
            "worker_beats",
        ),
        _STAFF,
    )
)
