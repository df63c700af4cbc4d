"""Every page, with whatever anybody can write into its address."""

import os
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.web.fuzz.trial import faults
from tests.web.fuzz.values import NASTY, TOKEN, value
from tests.web.fuzz.world import World
from tests.web.policy.cells import address, arguments, candidates
from tests.web.policy.scene import Person
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "1"))
IS_LONG = EXAMPLES > 20
PAGES = [row for row in rows() if row.method == "GET" and not row.endpoint.endswith("static")]

#: Parameters that some page reads.
PARAMETERS = (
    *("q", "next", "since", "until", "page", "when", "programme", "on", "of", "whose", "signal", "said"),
    *("corrects", "word", "kind", "language", "code", "title", "like", "radar.sessions", "general.x", "text"),
    *("role", "status", "action", "about", "from", "to", "object"),
    *("register", "vault", "key", "settled"),
)


def parameters() -> st.SearchStrategy[dict[str, str]]:
    short = value().filter(lambda text: len(text) < 3000)
    return st.dictionaries(st.sampled_from(PARAMETERS), short, max_size=4)


def somebody(world: World, row: Row, target: Target) -> Person | None:
    """Return one who may open the page on this record."""
    for person in world.scene.people:
        cell = row.cells[person.role]
        if cell == "all" or (cell == "own" and world.scene.relation(person, row.kind, target) == "own"):
            return person
    return None


def opened(world: World, row: Row) -> tuple[Person, Target] | None:
    """Return somebody and a record for which the page is there."""
    for target in (candidates(world.scene, row) if arguments(row) else [Target({})])[:400]:
        person = somebody(world, row, target)
        if person and world.ask(person, "GET", address(row, target))[0].status_code != 404:
            return person, target
    return None


@pytest.mark.parametrize("room", sorted({row.endpoint.split(".")[0] for row in PAGES}))
def test_whatever_an_address_asks_is_answered_and_shown_as_words(world: World, room: str) -> None:
    found: dict[str, None] = {}
    for row in PAGES:
        if row.endpoint.split(".")[0] != room:
            continue
        pair = opened(world, row)
        if pair is not None:
            found.update(dict.fromkeys(f"{row.name}: {one}" for one in tried(world, row, *pair)))
    assert not found, "\n".join(found)


def tried(world: World, row: Row, person: Person, target: Target) -> list[str]:
    found: list[str] = []

    def sent(given_parameters: dict[str, str]) -> None:
        path = f"{address(row, target)}?{urlencode(given_parameters)}"
        found.extend(faults(*world.ask(person, "GET", path)))

    sent(dict.fromkeys(PARAMETERS, TOKEN))
    odd = {name: ("a\x00b", "9" * 30)[turn % 2] for turn, name in enumerate(PARAMETERS)}
    sent(odd)
    if not IS_LONG:
        return found
    sent({name: "9" * 30 if "\x00" in text else "a\x00b" for name, text in odd.items()})
    run = given(parameters())(sent)
    settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(run)()
    return found


def test_whatever_stands_for_a_record_is_answered(world: World) -> None:
    found: dict[str, None] = {}
    numbers = ["0", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 5000, "-1", "٣"]
    for row in rows():
        if not arguments(row) or row.endpoint.endswith("static"):
            continue
        person = next(one for one in world.scene.people if row.cells[one.role] != "–")
        words = numbers if "<int:" in row.address else [*NASTY[:12], *numbers[3:5]]
        for word in words if IS_LONG else words[2:5]:
            path = address(row, Target(dict.fromkeys(arguments(row), quote(word[:3000], safe=""))))
            answer, seen = world.ask(person, row.method, path)
            found.update(dict.fromkeys(f"{row.name} {word[:20]!r}: {one}" for one in faults(answer, seen)))
    assert not found, "\n".join(found)
