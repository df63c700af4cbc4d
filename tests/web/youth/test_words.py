import re
from pathlib import Path

import pytest
from flask import Flask

from programme_tracker.kernel.assets import templates_path
from programme_tracker.programmes.services import seed_programmes
from programme_tracker.web import youth
from programme_tracker.web.youth.words import person_word

#: Everything that puts words on a page.
PLACES = [
    *sorted(templates_path().rglob("*.html")),
    *sorted(templates_path().rglob("*.txt")),
    *sorted(Path(str(youth.__file__)).parents[1].rglob("*.py")),
]


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path.name)
def test_page_never_names_a_person_by_what_they_did(path: Path) -> None:
    found = re.findall(r"(?i)perpetrator|offender|abuser", path.read_text())
    assert found == []


def test_word_is_the_policys(app: Flask) -> None:
    with app.app_context():
        from programme_tracker.kernel import clock

        seed_programmes(now=clock.now())
        assert person_word("linx") == "young person"
        assert person_word("radar") == "participant"
        assert person_word("unheard_of") == "participant"
        assert app.jinja_env.globals["person_word"] is person_word
