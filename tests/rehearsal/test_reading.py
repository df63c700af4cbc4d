"""Reading rehearsal files: what is taken, and that every error names file, line and field."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from programme_tracker.kernel.actor import Role
from programme_tracker.rehearsal.fields import MarkEntry
from programme_tracker.rehearsal.reading import read_script
from programme_tracker.rehearsal.script import GuardianEntry, PartnerEntry, Script, ScriptError
from programme_tracker.rehearsal.vocabulary import EFFECTS, VERBS
from tests.rehearsal.files import HEAD, HEAD_LINES, timeline, write

#: A naive London wall time as it is written.
wall = datetime.fromisoformat
SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))
SESSION = (
    "at: 2026-09-01 09:00, session: {as: A, programme: cara, part: A, starts: 2026-09-12 10:00, staff: [fay]}"
)


def read(folder: Path, text: str) -> Script:
    return read_script(write(folder, text))


def fault(folder: Path, text: str) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        read(folder, text)
    return caught.value


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_reading_takes_every_worked_timeline(path: Path) -> None:
    script = read_script(str(path))
    assert script.timeline and script.expect and script.never


def test_reading_keeps_times_as_written(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        timeline(SESSION, "at: 2026-09-12 15:10, mark: {session: A, by: fay, outcomes: {sam-cara: 18:44}}"),
    )
    assert script.start == wall("2026-09-01 09:00")
    assert script.timeline[1].asked["starts"] == wall("2026-09-12 10:00")
    assert script.timeline[2].asked["outcomes"] == {"sam-cara": MarkEntry(None, arrived=time(18, 44))}


def test_reading_orders_the_timeline_by_time_and_keeps_one_moment_in_file_order(tmp_path: Path) -> None:
    later = "at: 2026-09-03 09:00, contact: {enrolment: sam-cara, by: kit}"
    first = "at: 2026-09-02 09:00, contact: {enrolment: sam-cara, by: kit}"
    second = "at: 2026-09-02 09:00, contact: {enrolment: sam-cara, by: vic}"
    script = read(tmp_path, timeline(later, first, second))
    assert [step.asked["by"] for step in script.timeline] == ["oic", "kit", "vic", "kit"]
    assert script.timeline[-1].line == HEAD_LINES + 3


def test_reading_fills_in_what_a_person_leaves_out(tmp_path: Path) -> None:
    sam = read(tmp_path, HEAD).people["sam"]
    assert (sam.born, sam.risk, sam.priority, sam.guardian) == (date(1985, 1, 1), "medium", False, None)


def test_reading_takes_a_person_in_full(tmp_path: Path) -> None:
    full = (
        "  kai: {born: 2011-01-09, mobile: 07700900115, risk: high, priority: yes,\n"
        "        guardian: {name: Gran, mobile: '07700 900116', consent: on},\n"
        "        partner: {name: Ana, mobile: '07700 900111', worker: vic}}\n"
    )
    kai = read(tmp_path, HEAD + full).people["kai"]
    assert kai.mobile == "07700900115"
    assert kai.guardian == GuardianEntry("Gran", "07700 900116", True)
    assert kai.partner == PartnerEntry("Ana", "07700 900111", "vic")


def test_reading_takes_two_roles_that_go_together(tmp_path: Path) -> None:
    script = read(tmp_path, HEAD.replace("{role: facilitator}", "{role: [facilitator, caseworker]}"))
    assert set(script.cast["fay"].roles) == {Role.FACILITATOR, Role.CASEWORKER}


def test_reading_leaves_staffing_checks_off_unless_asked(tmp_path: Path) -> None:
    assert not read(tmp_path, HEAD).policy.general.staffing_checks
    assert read(tmp_path, HEAD + "staffing_checks: on\n").policy.general.staffing_checks


def test_reading_overrides_the_policy(tmp_path: Path) -> None:
    text = "policy: {radar: {late_grace_minutes: 10, consecutive_absences: 3, lateness: off}}\n"
    radar = read(tmp_path, HEAD + text).policy.programmes["radar"]
    assert (radar.late_grace_minutes, radar.consecutive_absences, radar.lateness) == (10, 3, None)


def test_reading_turns_answers_into_those_of_the_questions(tmp_path: Path) -> None:
    text = HEAD + (
        "timeline:\n"
        "  - {at: 2026-09-01 09:00, refer: {person: sam, programme: cara, as: x, by: oic,"
        " answers: {admission: no, dash: high, partner_agrees: not known, offence: yes}}}\n"
    )
    assert read(tmp_path, text).timeline[0].asked["answers"] == {
        "admission": "no",
        "dash_level": "high",
        "victim_agrees": "unknown",
        "eligible_offence": "yes",
    }


def test_reading_takes_an_outcome_with_its_reason(tmp_path: Path) -> None:
    line = "{outcome: absent_acceptable, reason: medical, evidence: letter}"
    mark = f"at: 2026-09-12 15:10, mark: {{session: A, by: fay, outcomes: {{sam-cara: {line}}}}}"
    script = read(tmp_path, timeline(SESSION, mark))
    assert script.timeline[2].asked["outcomes"]["sam-cara"] == MarkEntry(
        "absent_acceptable", reason="medical", evidence="letter"
    )


def test_reading_takes_any_value_and_bounds_in_expectations(tmp_path: Path) -> None:
    text = timeline() + (
        'expect:\n  - {at: "*", sms: "*", to: "guardian:sam", after: 2026-09-01 09:00, count: 2}\n'
        "never:\n  - {task: call_participant, due: 2026-09-02, before: 2026-09-03 00:00}\n"
    )
    script = read(tmp_path, text)
    [wanted], [unwanted] = script.expect, script.never
    assert (wanted.at, wanted.value, wanted.count) == (None, "*", 2)
    assert wanted.after == wall("2026-09-01 09:00")
    assert unwanted.fields == {"due": "2026-09-02"}


VALUES = {
    "person": "sam",
    "enrolment": "sam-cara",
    "programme": "radar",
    "as": "new",
    "by": "kit",
    "lead": "kit",
    "worker": "vic",
    "cosigned_by": "kit",
    "approved_by": "kit",
    "starts": "2026-09-20 10:00",
    "caution_issued": "2026-08-31",
    "caution_expires": "2026-12-31",
    "mandated": "yes",
    "answers": "{admission: yes}",
    "venue": "Hall",
    "sessions": "3",
    "capacity": "4",
    "part": "B",
    "topic": "3",
    "minutes": "90",
    "group": "G",
    "from_session": "G/2",
    "session": "A",
    "missed": "A",
    "outcomes": "{}",
    "outcome": "absent",
    "evidence": "letter",
    "later_too": "true",
    "body": "STOP",
    "error": "30003",
    "until": "2026-09-20 10:00",
    "mobile": '"07700 900105"',
    "risk": "high",
    "priority": "yes",
    "guardian": "{name: Gran, mobile: '07700 900116', consent: true}",
    "rule": "lateness",
    "group_ready": "true",
    "from": "2026-09-20",
    "kind": "one_to_one",
}
SPECIAL = {
    ("sign_off", "decision"): "granted",
    ("decide", "decision"): "hold",
    ("police_decision", "decision"): "varied",
    ("suspend", "reason"): "illness",
    ("resume", "reason"): "other",
    ("delivery", "status"): "failed",
    ("move", "to"): "2026-09-20 10:00",
    ("leave", "to"): "2026-09-21",
    ("leave", "staff"): "fay",
}


@pytest.mark.parametrize("verb", VERBS)
def test_reading_takes_every_field_of_every_verb(tmp_path: Path, verb: str) -> None:
    group = "at: 2026-09-01 09:00, group: {as: G, programme: radar, starts: 2026-09-12 18:30, staff: [fay]}"
    given = {
        name: SPECIAL.get((verb, name)) or VALUES.get(name) or {"staff": "[fay]", "reason": "because"}[name]
        for name in VERBS[verb]
    }
    asked = ", ".join(f"{name}: {value}" for name, value in given.items())
    script = read(tmp_path, timeline(SESSION, group, f"at: 2026-09-02 09:00, {verb}: {{{asked}}}"))
    assert script.timeline[-1].asked.keys() == given.keys()


@pytest.mark.parametrize("kind", EFFECTS)
def test_reading_takes_every_field_of_every_effect(tmp_path: Path, kind: str) -> None:
    words = EFFECTS[kind]
    given = "".join(f', {name}: "*"' for name in words.fields)
    lines = "".join(f"  - {{{kind}: {value}{given}}}\n" for value in words.values or ["A"])
    script = read(tmp_path, HEAD + "expect:\n" + lines + "never:\n" + lines)
    assert len(script.expect) == len(script.never) == len(words.values or ["A"])


CONTACT = "at: 2026-09-02 09:00, contact: {enrolment: sam-cara, by: kit}"


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("at: 2026-09-02 09:00, abolish: {enrolment: sam-cara}", "timeline[2].abolish", "unknown verb"),
        (CONTACT.replace("by", "who"), "timeline[2].contact.who", "unknown field"),
        (CONTACT.replace(", by: kit", ""), "timeline[2].contact.by", "is missing"),
        (CONTACT.replace("kit", "kat"), "timeline[2].contact.by", "'kat' is not among the cast"),
        (CONTACT.replace("sam-cara", "sam"), "timeline[2].contact.enrolment", "is not among the enrolments"),
        (CONTACT.replace("2026-09-02 09:00", "2026-09-02"), "timeline[2].at", "not a date and time"),
        (CONTACT.replace("2026-09-02 09:00", "2026-13-02 09:00"), "timeline[2].at", "not a date and time"),
        (CONTACT.replace("2026-09-02 09:00", "2026-09-02 09:00:30"), "timeline[2].at", "not a date and time"),
        (CONTACT.replace("2026-09-02", "2026-08-31"), "timeline[2].at", "before start"),
        (CONTACT.replace("2026-09-02", "2026-10-31"), "timeline[2].at", "after until"),
        (CONTACT + ", at: 2026-09-02 09:00", "timeline[2].at", "given twice"),
        (CONTACT.replace("by: kit", "by: kit, by: vic"), "timeline[2].contact.by", "given twice"),
        (CONTACT.replace("kit", "[kit]"), "timeline[2].contact.by", "must be a single value"),
        (CONTACT.replace("kit", ""), "timeline[2].contact.by", "is empty"),
        (CONTACT.replace("at: 2026-09-02 09:00, ", ""), "timeline[2].at", "is missing"),
        ("at: 2026-09-02 09:00", "timeline[2]", "must have one verb, not 0"),
        (f"{CONTACT}, rearrest: {{person: sam, by: kit}}", "timeline[2]", "must have one verb, not 2"),
        ("at: 2026-09-02 09:00, contact: sam-cara", "timeline[2].contact", "must be a mapping"),
        ("at: 2026-09-02 09:00, reply: {person: pam, body: Stop}", "timeline[2].reply.person", "the people"),
        ("at: 2026-09-02 09:00, change: {person: sam}", "timeline[2].change", "changes nothing"),
        ("at: 2026-09-02 09:00, change: {person: sam, risk: huge}", "timeline[2].change.risk", "not one of"),
        (
            "at: 2026-09-02 09:00, change: {person: sam, priority: 2}",
            "timeline[2].change.priority",
            "yes or no",
        ),
        (
            "at: 2026-09-02 09:00, book: {enrolment: sam-cara, session: Z, by: kit}",
            "timeline[2].book.session",
            "'Z'",
        ),
        ("at: 2026-09-02 09:00, enrol: {enrolment: sam-cara, group: G}", "timeline[2].enrol.group", "'G'"),
        (
            "at: 2026-09-02 09:00, leave: {staff: kit, from: 2026-09-02 09:00, to: 2026-09-03}",
            "timeline[2].leave.from",
            "not a date such",
        ),
        (SESSION.replace("part: A", "part: C"), "timeline[2].session.part", "not one of A, B"),
        (SESSION.replace("[fay]", "fay"), "timeline[2].session.staff", "must be a list"),
        (SESSION.replace("[fay]", "[fay, fred]"), "timeline[2].session.staff[2]", "'fred'"),
        (
            SESSION.replace("programme: cara", "programme: help"),
            "timeline[2].session.programme",
            "not one of",
        ),
        (SESSION.replace("part: A", "minutes: long"), "timeline[2].session.minutes", "whole number"),
        (SESSION.replace("part: A", "minutes: 0"), "timeline[2].session.minutes", "whole number"),
    ],
)
def test_reading_names_file_line_and_field_of_a_wrong_line(
    tmp_path: Path, line: str, field: str, words: str
) -> None:
    error = fault(tmp_path, timeline(line))
    assert error.field == field
    assert words in error.message
    assert str(error).startswith(f"{tmp_path}/test.yaml:{HEAD_LINES + 3}: {field}: ")


@pytest.mark.parametrize(
    ("outcomes", "field", "words"),
    [
        ("{pam-cara: attended}", "pam-cara", "is not among the enrolments"),
        ("{sam-cara: asleep}", "sam-cara", "not one of"),
        ('{sam-cara: "25:00"}', "sam-cara", "not a time of day"),
        ("{sam-cara: {reason: medical}}", "sam-cara.outcome", "is missing"),
        ("{sam-cara: {outcome: absent, mood: sad}}", "sam-cara.mood", "unknown field"),
    ],
)
def test_reading_refuses_a_wrong_register(tmp_path: Path, outcomes: str, field: str, words: str) -> None:
    mark = f"at: 2026-09-12 15:10, mark: {{session: A, by: fay, outcomes: {outcomes}}}"
    error = fault(tmp_path, timeline(SESSION, mark))
    assert error.field == f"timeline[3].mark.outcomes.{field}"
    assert words in error.message


def test_reading_refuses_a_name_used_before_it_is_made(tmp_path: Path) -> None:
    early = "at: 2026-09-01 09:00, book: {enrolment: sam-cara, session: A, by: kit}"
    error = fault(tmp_path, timeline(early, SESSION))
    assert error.field == "timeline[2].book.session"


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("{sms: reminded}", "sms", "not one of"),
        ("{colour: red}", "colour", "unknown effect"),
        ("{sms: booked, colour: red}", "colour", "unknown field"),
        ("{sms: booked, flag: lateness}", "", "must name one effect, not 2"),
        ("{count: 2}", "", "must name one effect, not 0"),
        ("{sms: booked, to: pam}", "to", "neither a person nor"),
        ("{sms: booked, session: Z}", "session", "'Z'"),
        ("{sms: booked, count: many}", "count", "whole number"),
        ("{sms: booked, at: noon}", "at", "not a date and time"),
        ("{sms: booked, after: 2026-09-01}", "after", "not a date and time"),
        ("{task: follow_up_absence, due: 2026-09-01 09:00}", "due", "not a date such"),
        ("{flag: lateness, level: green}", "level", "not one of amber, red"),
        ("{notice: breach, staff: pam}", "staff", "the cast"),
        ("{refused: book, code: because}", "code", "not one of"),
        ("{refused: jump}", "refused", "not one of"),
        ("sms", "", "must be a mapping"),
    ],
)
def test_reading_refuses_a_wrong_expectation(tmp_path: Path, line: str, field: str, words: str) -> None:
    error = fault(tmp_path, timeline() + f"expect:\n  - {line}\n")
    assert error.field == ("expect[1]." + field).rstrip(".")
    assert error.line == HEAD_LINES + 4
    assert words in error.message


def test_reading_refuses_a_count_in_never(tmp_path: Path) -> None:
    assert fault(tmp_path, HEAD + "never:\n  - {sms: booked, count: 1}\n").field == "never[1].count"


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (HEAD + "budget: 3\n", "budget", "unknown key"),
        (HEAD + "title: again\n", "title", "given twice"),
        (HEAD + "timeline: soon\n", "timeline", "must be a list"),
        (HEAD + "staffing_checks: maybe\n", "staffing_checks", "yes or no"),
        (HEAD + "policy: {rader: {}}\n", "policy.rader", "no programme rader"),
        (HEAD + "policy: {radar: {grace: 1}}\n", "policy.radar.grace", "no grace"),
        (HEAD + "policy: {radar: {lateness: often}}\n", "policy.radar.lateness", "whole number"),
        (HEAD + "policy: {radar: 3}\n", "policy.radar", "must be a mapping"),
        (HEAD + "  pam: {born: 1990}\n", "people.pam.born", "not a date"),
        (HEAD + "  pam: {age: 30}\n", "people.pam.age", "unknown field"),
        (HEAD + "  pam: {partner: {name: Ana, worker: zoe}}\n", "people.pam.partner.worker", "the cast"),
        (HEAD + "  sam: {}\n", "people.sam", "given twice"),
        (HEAD.replace("police", "wizard"), "cast.oic.role", "not one of"),
        (
            HEAD.replace("{role: police}", "{role: [police, manager]}"),
            "cast.oic.role",
            "facilitator and caseworker",
        ),
        (HEAD.replace("{role: police}", "{}"), "cast.oic.role", "is missing"),
        (HEAD.replace("{role: police}", "{role: police, deputy: zoe}"), "cast.oic.deputy", "the cast"),
        (HEAD.replace("{role: police}", "{role: police, deputy: oic}"), "cast.oic", "their own deputy"),
        (HEAD.replace("start: 2026-09-01 09:00\n", ""), "start", "is missing"),
        (HEAD.replace("until: 2026-09-30 09:00\n", ""), "until", "is missing"),
        (HEAD.replace("until: 2026-09-30", "until: 2026-08-30"), "until", "is before start"),
    ],
)
def test_reading_refuses_a_wrong_head(tmp_path: Path, text: str, field: str, words: str) -> None:
    error = fault(tmp_path, text)
    assert error.field == field
    assert error.line is not None
    assert words in error.message


@pytest.mark.parametrize(
    "text",
    ["", "- a list\n", "title: [unclosed\n", "title: *nobody\n", "a: 1\n---\nb: 2\n", "title: 'open\n"],
)
def test_reading_refuses_what_is_no_mapping_of_yaml(tmp_path: Path, text: str) -> None:
    assert f"{tmp_path}/test.yaml" in str(fault(tmp_path, text))


def test_reading_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"none\.yaml: cannot be read"):
        read_script(str(tmp_path / "none.yaml"))


def test_reading_refuses_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_bytes(b"title: \xff\xfe\n")
    with pytest.raises(ScriptError, match="not UTF-8"):
        read_script(str(path))
