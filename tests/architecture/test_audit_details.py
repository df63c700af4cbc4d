"""The trail holds codes and ids, never words that somebody typed: every key written is on this list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import programme_tracker

ROOT = Path(programme_tracker.__file__).parent

#: What any entry may say beside who, when, what and about which row. Reviewed: none holds typed words.
CODES = {
    *("after", "approved", "asked", "at", "before", "carried_by", "cause", "caution_expires_on", "changed"),
    *("channel", "code", "corrects", "credit", "decision", "deputy_id", "due", "entry_id", "error_code"),
    *("files", "from_at", "from_on", "gate", "has_consented", "has_number", "hold_until", "in_force_at"),
    *("indexed", "is_barred", "is_priority", "kept_reference", "key", "kind", "language", "level", "like"),
    *("missed_session_id", "number", "offset_days", "order_id", "order_waived", "outcome", "page"),
    *("participant_id", "per_second", "phrase", "policy_version", "questions", "reason", "recipient"),
    *("reference", "release_at", "risk", "roles", "rule", "session_id", "signal", "sought", "staff_id"),
    *(
        "staff_ids",
        "starts_at",
        "status",
        "to",
        "to_at",
        "to_on",
        "until",
        "values",
        "view_id",
        "was",
        "what",
    ),
    *("why", "word", "about", "approved_by", "state", "candidates", "replaces", "action"),
}

#: Expanded mappings, by the name that is expanded: each was looked at.
EXPANDED = {"vars(wishes)", "details", "about", "{**about(message), **detail}"}

#: Arguments of the function itself.
OWN = {"actor", "at", "enrolment_id", "subject"}


def entries() -> Iterator[tuple[str, str | None, str]]:
    """Yield where, under which key and from what each detail of an entry is written."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"record", "note"} and node.args:
                for word in node.keywords:
                    if word.arg not in OWN | {"now"}:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", word.arg, ast.unparse(word.value)


def test_only_reviewed_keys_are_written_to_the_trail() -> None:
    found = list(entries())
    assert len(found) > 50
    strange = [one for one in found if (one[1] or "") not in CODES and one[2] not in EXPANDED]
    assert strange == [], "words that somebody typed belong beside the person, where they can be erased"


def test_no_detail_is_what_somebody_typed() -> None:
    typed = {"note", "words", "because", "how", "body", "mobile", "text", "answers", "facts"}
    last = [(where, said) for where, _, said in entries() if said.split(".")[-1] in typed]
    assert last == []
