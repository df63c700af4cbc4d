"""Wordings as rows: which counts, what is refused, and that no version is ever changed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.languages import DATE_STYLES, FIGURES, WELSH
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.templates import queries, services
from programme_tracker.messaging.templates.rules import Place, chain
from programme_tracker.messaging.texts import gsm7_segments, is_gsm7
from programme_tracker.messaging.wording import (
    DATE_WORDS,
    first_templates,
    longest,
    placeholders,
    template_problems,
)
from tests.factories.records import times_audited

REMINDER = Place(MessageKind.REMINDER)
WELSH_REMINDER = Place(MessageKind.REMINDER, "", "cy")


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        services.seed_templates(now=clock.now())
        yield


def save(place: Place, text: str, seen_number: int = 0) -> int:
    row = services.save_template(
        place, text, "Shorter", seen_number=seen_number, actor=SYSTEM, now=clock.now()
    )
    return row.id


@pytest.mark.parametrize("style", DATE_STYLES)
def test_every_word_of_a_date_is_in_the_short_alphabet(style: str) -> None:
    words = DATE_STYLES[style]
    assert is_gsm7("".join((*words.days, *words.months, words.noon, words.midnight, words.on)))


def test_dates_are_said_in_each_language() -> None:
    moment = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
    assert WELSH.day_and_time(moment) == "Iau 26 Tach 6.30yh"
    assert FIGURES.day_and_time(moment) == "26/11 18:30"
    assert WELSH.day_and_time(moment.replace(hour=12, minute=0)) == "Iau 26 Tach hanner dydd"


@pytest.mark.parametrize("first", first_templates(), ids=lambda one: f"{one.kind}-{one.name}-{one.language}")
def test_wording_that_comes_with_the_product_is_one_text_at_its_longest(first: object) -> None:
    one = first
    assert isinstance(one, type(first_templates()[0]))
    filled = one.template.text.format(**longest(DATE_WORDS[one.language]))
    assert is_gsm7(filled)
    assert gsm7_segments(filled) == 1
    assert template_problems(one.template.text, one.kind, DATE_WORDS[one.language]) == []


def test_every_kind_comes_in_english_and_welsh() -> None:
    found = {(one.kind, one.name, one.language) for one in first_templates()}
    assert {(kind, name, "cy") for kind, name, _ in found} <= found
    assert {(kind, name, "en") for kind, name, _ in found} <= found


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("Your appointment is {when}. It is about your caution.", MessageKind.BOOKED, "“caution”"),
        ("Appointment {when}. See https://t.example", MessageKind.BOOKED, "link"),
        ("Apwyntiad {when}, mewn tŷ ar y dŵr", MessageKind.BOOKED, "doubles its length"),
        ("Appointment {when}" + " please" * 30, MessageKind.BOOKED, "longer than one text"),
        ("Ring {callback}", MessageKind.BOOKED, "It must say when"),
        ("Moved{moved_from} to {when}", MessageKind.BOOKED, "no placeholder {moved_from}"),
        ("Come {when}", MessageKind.ANSWER, "no placeholder {when}"),
        ("Come {when", MessageKind.BOOKED, "not closed"),
        ("Come {when!r}", MessageKind.BOOKED, "no placeholder"),
        ("Come {when.year}", MessageKind.BOOKED, "no placeholder"),
        ("Come {0}", MessageKind.BOOKED, "no placeholder"),
        ("Come {}", MessageKind.BOOKED, "no placeholder"),
    ],
)
def test_wording_that_may_not_go_is_refused_in_words(text: str, kind: MessageKind, says: str) -> None:
    assert says in " ".join(template_problems(text, kind))


def test_only_a_change_says_what_it_moved_from() -> None:
    assert "moved_from" in placeholders(MessageKind.CHANGED)
    assert "moved_from" not in placeholders(MessageKind.REMINDER)


def test_the_best_fit_counts_and_what_is_taken_back_falls_back(context: None) -> None:
    welsh, programmes = WELSH_REMINDER, Place(MessageKind.REMINDER, "radar", "cy")
    assert [(one.programme_code, one.language) for one in chain(programmes)] == [
        ("radar", "cy"),
        ("", "cy"),
        ("radar", "en"),
        ("", "en"),
    ]
    assert queries.template_for(programmes).place == welsh
    own = save(programmes, "Apwyntiad {when}.")
    assert queries.template_for(programmes).row_id == own
    assert queries.template_for(Place(MessageKind.REMINDER, "cara", "cy")).place == welsh
    services.take_back_template(programmes, "not needed", actor=SYSTEM, now=clock.now())
    services.take_back_template(welsh, "not needed", actor=SYSTEM, now=clock.now())
    assert queries.template_for(programmes).place == REMINDER
    assert [row.number for row in queries.versions_of(programmes)] == [2, 1]


def test_without_rows_the_files_count(app: Flask) -> None:
    with app.app_context():
        chosen = queries.template_for(Place(MessageKind.BOOKED, "radar", "cy"))
        assert (chosen.row_id, chosen.template.version) == (None, 1)
        assert chosen.template.text.startswith("Eich apwyntiad")
        assert queries.template_for(Place(MessageKind.BOOKED, "radar", "xx")).words is DATE_WORDS["en"]


def test_versions_are_kept_and_a_stale_save_is_refused(context: None) -> None:
    save(REMINDER, "Reminder: {when}.", seen_number=1)
    assert [row.text[:9] for row in queries.versions_of(REMINDER)] == ["Reminder:", "Reminder:"]
    with pytest.raises(RefusedError, match="meanwhile"):
        save(REMINDER, "Come {when}.", seen_number=1)
    with pytest.raises(RefusedError, match="already"):
        save(REMINDER, "Reminder: {when}.", seen_number=2)
    assert times_audited("template.version_made", kind="reminder", number=2) == 1


def test_wording_everybody_falls_back_on_stays(context: None) -> None:
    with pytest.raises(RefusedError, match="needed"):
        services.take_back_template(REMINDER, "why", actor=SYSTEM, now=clock.now())


def test_seeding_again_adds_nothing(context: None) -> None:
    before = len(queries.present_versions())
    services.seed_templates(now=clock.now())
    assert len(queries.present_versions()) == before == len(first_templates())


def test_language_is_added_once_with_a_code_of_its_own(context: None) -> None:
    polish = services.add_language("Polish", "figures", actor=SYSTEM, now=clock.now())
    easy = services.add_language("English, easy words", "english", actor=SYSTEM, now=clock.now())
    assert (polish.code, easy.code) == ("polish", "english-easy-words")
    with pytest.raises(RefusedError, match="of this name"):
        services.add_language(" polish ", "figures", actor=SYSTEM, now=clock.now())
    save(Place(MessageKind.REMINDER, "", "polish"), "Spotkanie {when}. Tel. {callback}")
    assert queries.template_for(Place(MessageKind.REMINDER, "radar", "polish")).words is FIGURES


def test_banned_word_is_refused_from_then_on_until_allowed(context: None) -> None:
    row = services.add_banned_word("Elm House", "A venue people know", actor=SYSTEM, now=clock.now())
    assert services.problems_with(REMINDER, "Come to Elm House {when}") == ["It must not say “Elm House”."]
    with pytest.raises(RefusedError, match="already"):
        services.add_banned_word("elm-house", "again", actor=SYSTEM, now=clock.now())
    services.remove_banned_word(row.id, "moved away", actor=SYSTEM, now=clock.now())
    assert services.problems_with(REMINDER, "Come to Elm House {when}") == []
    assert queries.added_banned_words() == []


def test_word_that_a_wording_says_cannot_be_banned(context: None) -> None:
    with pytest.raises(RefusedError, match="booked wording in English says this"):
        services.add_banned_word("appointment", "why", actor=SYSTEM, now=clock.now())
    with pytest.raises(RefusedError, match="already"):
        services.add_banned_word("police", "comes with the product", actor=SYSTEM, now=clock.now())


def test_answers_come_in_the_persons_language(context: None) -> None:
    assert any(text.startswith("Diolch") for text in queries.answer_texts("radar", "cy", "01632 960001"))
    assert all("{" not in text for text in queries.answer_texts("", "en", "01632 960001"))
