import re
from datetime import date, timedelta

import pytest

from programme_tracker.kernel.assets import templates_path
from tests.web.forms import NOW, drawn, sent, small_app

FIELDS = '{% from "components/fields.html" import form_for, field, error_summary %}'
EVERY_FIELD = (
    FIELDS
    + "{% call form_for(form) %}{{ error_summary(form) }}"
    + '{% for f in form if f.name not in ("about", "seen_version") %}{{ field(f) }}{% endfor %}{% endcall %}'
)


def _ids(page: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', page)


def _pointed_at(page: str) -> set[str]:
    found = re.findall(r'(?:aria-describedby|aria-labelledby|for|href)="#?([^"/]+)"', page)
    return {target for targets in found for target in targets.split()}


def test_field_points_only_at_what_is_there() -> None:
    with sent(name="", dash="", expires_on__day="", starts="soon", officer="sam", mobile="1") as form:
        form.validate()
        page = drawn(EVERY_FIELD, form=form)
    assert _pointed_at(page) <= set(_ids(page))
    assert len(_ids(page)) == len(set(_ids(page)))


def test_field_in_error_keeps_its_hint_and_what_was_typed() -> None:
    with sent(name="x" * 61) as form:
        form.validate()
        page = drawn(FIELDS + "{{ field(form.name) }}", form=form)
    assert "As on the caution." in page
    assert 'aria-describedby="name-hint name-error"' in page
    assert "x" * 61 in page


@pytest.mark.parametrize("name", ["expires_on", "dash", "tools"])
def test_field_of_several_controls_is_a_fieldset(name: str) -> None:
    with sent() as form:
        page = drawn(FIELDS + "{{ field(form[name]) }}", form=form, name=name)
    assert page.count("<fieldset") == page.count("<legend") == 1


def test_field_not_required_is_marked_optional() -> None:
    with sent() as form:
        assert "(optional)" in drawn(FIELDS + "{{ field(form.notes) }}", form=form)
        assert "(optional)" not in drawn(FIELDS + "{{ field(form.name) }}", form=form)


def test_field_escapes_what_was_typed() -> None:
    with sent(officer="<b>Łukasz O'Neill", name="<script>") as form:
        form.validate()
        page = drawn(EVERY_FIELD, form=form)
    assert "<script>" not in page
    assert "<b>" not in page


def test_error_summary_without_errors_is_nothing() -> None:
    with sent() as form:
        assert drawn(FIELDS + "{{ error_summary(form) }}", form=form).strip() == ""


def test_chip_of_an_unknown_kind_shows_its_words() -> None:
    page = drawn('{% from "components/status.html" import chip %}{{ chip("brand_new") }}')
    assert "Brand new" in page


def test_due_chip_says_late_in_red() -> None:
    page = drawn(
        '{% from "components/status.html" import due_chip %}{{ due_chip(at) }}', at=NOW - timedelta(days=3)
    )
    assert "3 days late" in page
    assert "chip-bad" in page


def test_caution_clock_says_the_same_in_words_and_table() -> None:
    page = drawn(
        '{% from "components/pictures.html" import caution_clock %}'
        "{{ caution_clock(issued, expires, expires, expires, parts) }}",
        issued=date(2026, 10, 1),
        expires=date(2027, 1, 31),
        parts=[{"part": "B", "on": date(2026, 12, 12), "state": "booked"}],
    )
    assert page.count('role="img"') == 2
    assert page.count("Part B booked: Sat 12 Dec") == 2
    assert '<th scope="row">Part B booked</th><td><span>Sat 12 Dec</span>' in page
    assert len(_ids(page)) == len(set(_ids(page)))


def test_timeline_says_each_state_in_words() -> None:
    page = drawn(
        '{% from "components/pictures.html" import timeline %}{{ timeline(steps) }}',
        steps=[
            {"title": "Part B missed", "at": NOW, "state": "done"},
            {"title": "Police told", "at": date(2026, 11, 27), "state": "next"},
        ],
    )
    assert "Done: </span>Part B missed" in page
    assert "Still to come: </span>Police told" in page
    assert "Fri 27 Nov" in page


def test_register_row_keeps_marks_and_shows_errors() -> None:
    page = drawn(
        '{% from "components/register.html" import register_row %}'
        '{{ register_row({"name": "Ali O\'Example"}, "m-1", values, errors) }}',
        values={"outcome": "left_early", "note": "Felt <ill>"},
        errors={"note": "Write why Ali O'Example left early"},
    )
    assert 'value="left_early" checked' in page
    assert "Felt &lt;ill&gt;" in page
    assert 'aria-describedby="m-1-note-hint m-1-note-error"' in page
    assert "data-row-more open" in page


def test_register_row_that_needs_no_mark_has_no_controls() -> None:
    page = drawn(
        '{% from "components/register.html" import register_row %}'
        '{{ register_row({"name": "Kim", "locked": "Suspended."}, "m-1") }}'
    )
    assert "<input" not in page
    assert "Suspended." in page


@pytest.mark.parametrize("status", ["403", "404", "413", "422", "429", "500", "error"])
def test_error_page_is_drawn_without_anybody_signed_in(status: str) -> None:
    page = drawn(f'{{% include "errors/{status}.html" %}}')
    assert page.count("<h1>") == 1
    assert "Sign out" not in page


def test_frame_shows_only_what_it_was_given() -> None:
    page = drawn(
        '{% extends "base.html" %}{% block title %}Today{% endblock %}',
        staff_name="Jo Example",
        sign_out_url="/out",
        nav_links=[("Today", "/", True)],
        demo_banner={"time": NOW, "url": None},
    )
    assert '<html lang="en-GB">' in page
    assert "<title>Today – Programme Tracker</title>" in page
    assert 'aria-current="page"' in page
    assert "Wed 25 Nov, 3.02pm" in page
    assert 'role="search"' not in page


def test_frame_of_a_form_with_errors_says_so_in_the_title() -> None:
    with sent(name="") as form:
        form.validate()
        page = drawn('{% extends "base.html" %}{% block title %}Refer{% endblock %}', form=form)
    assert "<title>Error: Refer – Programme Tracker</title>" in page


def test_templates_need_no_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:")
    faults = [
        f"{path.name}: {match[0]}"
        for path in templates_path().rglob("*.html")
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert faults == []


def test_every_template_compiles_alone() -> None:
    environment = small_app().jinja_env
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
