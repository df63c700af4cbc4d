"""The words of a rehearsal: every verb with its fields, every effect with its values and fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.errors import Code
from programme_tracker.rehearsal import fields as f
from programme_tracker.rehearsal.answers import read_answers
from programme_tracker.rehearsal.fields import Field
from programme_tracker.rehearsal.places import Item

RISKS = ("standard", "medium", "high")
GATE_DECISIONS = ("granted", "refused", "withdrawn", "not_applicable")

RULES = (
    "first_absence",
    "acceptable_absences",
    "lateness",
    "consecutive_absences",
    "absences_in_window",
    "absence_at_high_risk",
    "disengaged",
    "no_contact",
    "mandated_session_missed",
    "cannot_complete_in_time",
    "assessment_missed",
)

NOTICES = (
    "non_engagement",
    "breach",
    "cannot_complete",
    "correction",
    "chase",
    "programme_change",
    "started",
    "completed",
    "suspended",
    "withdrawn",
    "transferred",
    "rearrest",
    "number_conflict",
    "wrong_person",
    "danger",
)

RECIPIENTS = ("victim_safety", "police", "enforcement", "lead", "referrer", "manager")

TASKS = (
    "follow_up_absence",
    "submit_register",
    "call_participant",
    "partner_contact",
    "sign_off",
    "reconsent",
    "review_monitoring",
    "book_catch_up",
    "first_contact",
    "check_number",
    "staffing",
    "decide_hold",
    "settle_text",
    "sending_fault",
)

TEXTS = ("booked", "reminder", "changed", "cancelled")

BLOCK_REASONS = (
    "gate",
    "suspended",
    "session_changed",
    "outcome_recorded",
    "number_invalid",
    "number_shared",
    "number_unusable",
    "opted_out",
    "reconsent",
    "expired",
    "in_custody",
)

STATUSES = (
    "waitlisted",
    "enrolled",
    "attending",
    "completed",
    "suspended",
    "withdrawn",
    "transferred",
    "breach_reported",
    "breach_decided",
)

_REASONS_TO_SUSPEND = ("custody", "illness", "safety", "other")


def _from_session(item: Item, names: f.Names) -> str:
    """Name a session of the group, or give its number."""
    return item.text() if item.text().isdecimal() else f.session(item, names)


def _optional(read: f.Reader) -> Field:
    return Field(read, required=False)


def _suspension(*, required: bool) -> Mapping[str, Field]:
    return {
        "enrolment": Field(f.enrolment),
        "by": Field(f.staff),
        "reason": Field(f.one_of(*_REASONS_TO_SUSPEND), required=required),
    }


VERBS: Mapping[str, Mapping[str, Field]] = {
    "refer": {
        "person": Field(f.person),
        "programme": Field(f.programme),
        "as": Field(f.new_enrolment),
        "by": Field(f.staff),
        "lead": _optional(f.staff),
        "worker": _optional(f.staff),
        "caution_issued": _optional(f.day),
        "caution_expires": _optional(f.day),
        "mandated": _optional(f.yes_or_no),
        "answers": _optional(lambda item, names: read_answers(item)),
    },
    "sign_off": {
        "enrolment": Field(f.enrolment),
        "decision": Field(f.one_of(*GATE_DECISIONS)),
        "by": Field(f.staff),
    },
    "group": {
        "as": Field(f.new_group),
        "programme": Field(f.programme),
        "starts": Field(f.moment),
        "staff": Field(f.some_staff),
        "venue": _optional(f.text),
        "sessions": _optional(f.positive),
        "capacity": _optional(f.positive),
    },
    "session": {
        "as": Field(f.new_session),
        "programme": Field(f.programme),
        "starts": Field(f.moment),
        "staff": Field(f.some_staff),
        "part": _optional(f.one_of("A", "B")),
        "kind": _optional(f.one_of("one_to_one", "assessment", "catch_up")),
        "topic": _optional(f.text),
        "venue": _optional(f.text),
        "minutes": _optional(f.positive),
    },
    "enrol": {
        "enrolment": Field(f.enrolment),
        "group": Field(f.group),
        "by": _optional(f.staff),
        "from_session": _optional(_from_session),
    },
    "book": {"enrolment": Field(f.enrolment), "session": Field(f.session), "by": Field(f.staff)},
    "mark": {"session": Field(f.session), "by": Field(f.staff), "outcomes": Field(f.outcomes)},
    "correct": {
        "session": Field(f.session),
        "enrolment": Field(f.enrolment),
        "outcome": Field(f.one_of(*f.OUTCOMES)),
        "by": Field(f.staff),
        "reason": _optional(f.text),
        "evidence": _optional(f.text),
        "approved_by": _optional(f.staff),
    },
    "catch_up": {
        "enrolment": Field(f.enrolment),
        "missed": Field(f.session),
        "session": Field(f.session),
    },
    "cancel": {"session": Field(f.session), "by": Field(f.staff), "reason": _optional(f.text)},
    "move": {
        "session": Field(f.session),
        "to": Field(f.moment),
        "by": Field(f.staff),
        "later_too": _optional(f.yes_or_no),
    },
    "transfer": {"enrolment": Field(f.enrolment), "group": Field(f.group), "by": Field(f.staff)},
    "reply": {"person": Field(f.person), "body": Field(f.text)},
    "delivery": {
        "person": Field(f.person),
        "status": Field(f.one_of("delivered", "undelivered", "failed")),
        "error": _optional(f.text),
    },
    "acknowledge": {"enrolment": Field(f.enrolment), "by": Field(f.staff)},
    "decide": {
        "enrolment": Field(f.enrolment),
        "by": Field(f.staff),
        "decision": Field(f.one_of("proceed", "proceed_with_plan", "hold")),
        "until": _optional(f.moment),
        "cosigned_by": _optional(f.staff),
        "reason": _optional(f.text),
    },
    "contact": {"enrolment": Field(f.enrolment), "by": Field(f.staff)},
    "change": {
        "person": Field(f.person),
        "mobile": _optional(f.number_or_none),
        "risk": _optional(f.one_of(*RISKS)),
        "priority": _optional(f.yes_or_no),
        "guardian": _optional(f.guardian),
    },
    "suspend": _suspension(required=True),
    "resume": _suspension(required=False),
    "rearrest": {"person": Field(f.person), "by": Field(f.staff)},
    "police_decision": {
        "enrolment": Field(f.enrolment),
        "decision": Field(f.one_of("excused", "varied", "rebooked", "charged")),
        "caution_expires": _optional(f.day),
        "by": Field(f.staff),
    },
    "leave": {"staff": Field(f.staff), "from": Field(f.day), "to": Field(f.day)},
    "danger": {"enrolment": Field(f.enrolment), "by": Field(f.staff), "reason": Field(f.text)},
    "clear": {
        "enrolment": Field(f.enrolment),
        "rule": Field(f.one_of(*RULES)),
        "by": Field(f.staff),
        "reason": Field(f.text),
    },
    "complete": {
        "enrolment": Field(f.enrolment),
        "by": Field(f.staff),
        "group_ready": _optional(f.yes_or_no),
    },
}


@dataclass(frozen=True)
class EffectWords:
    """The values of one kind of effect (None: any text) and how its other fields are read."""

    values: tuple[str, ...] | None
    fields: Mapping[str, f.Reader]


def _text_recipient(item: Item, names: f.Names) -> str:
    """Name a person, or ``guardian:NAME``."""
    written = item.text()
    if written.removeprefix("guardian:") not in names.people:
        raise item.fault(f"{written!r} is neither a person nor guardian:PERSON")
    return written


_TASK_ROLES = tuple(dict.fromkeys((*(role.value for role in Role), "lead", "referrer")))

EFFECTS: Mapping[str, EffectWords] = {
    "sms": EffectWords(
        TEXTS, {"to": _text_recipient, "session": f.session, "enrolment": f.enrolment, "body": f.text}
    ),
    "blocked": EffectWords(
        TEXTS, {"to": _text_recipient, "reason": f.one_of(*BLOCK_REASONS), "session": f.session}
    ),
    "flag": EffectWords(RULES, {"enrolment": f.enrolment, "level": f.one_of("amber", "red")}),
    "unflag": EffectWords(RULES, {"enrolment": f.enrolment, "why": f.one_of("recorded_in_error", "cleared")}),
    "notice": EffectWords(
        NOTICES,
        {
            "to": f.one_of(*RECIPIENTS),
            "staff": f.staff,
            "enrolment": f.enrolment,
            "about": f.one_of(*NOTICES),
        },
    ),
    "cancelled_notice": EffectWords(NOTICES, {"to": f.one_of(*RECIPIENTS), "enrolment": f.enrolment}),
    "task": EffectWords(
        TASKS,
        {
            "to": f.one_of(*_TASK_ROLES),
            "staff": f.staff,
            "enrolment": f.enrolment,
            "session": f.session,
            "due": lambda item, names: item.day().isoformat(),
        },
    ),
    "status": EffectWords(STATUSES, {"enrolment": f.enrolment}),
    "gate": EffectWords(("pending", *GATE_DECISIONS), {"enrolment": f.enrolment}),
    "credit": EffectWords(None, {"enrolment": f.enrolment, "session": f.session}),
    "refused": EffectWords(
        tuple(VERBS),
        {
            "code": f.one_of(*(code.value for code in Code)),
            "enrolment": f.enrolment,
            "person": f.person,
        },
    ),
}
