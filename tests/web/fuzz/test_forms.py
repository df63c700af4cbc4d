"""Every form and every body, with whatever anybody can send.

The ordinary run sends a few bodies to every route; ``make fuzz-test`` sends 200 and more to each.
"""

import os
from collections import Counter
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.web.fuzz.surfaces import Surface, reach
from tests.web.fuzz.trial import asking_for_codes, faults, send
from tests.web.fuzz.values import Example, examples, filled
from tests.web.fuzz.world import World
from tests.web.policy.table import Row, rows

EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "1"))
UNSAFE = [row for row in rows() if row.method != "GET"]
ROOMS = sorted({row.endpoint.split(".")[0] for row in UNSAFE})


def of_room(room: str) -> list[Row]:
    return [row for row in UNSAFE if row.endpoint.split(".")[0] == room]


@pytest.mark.parametrize("room", ROOMS)
def test_whatever_is_sent_is_answered_and_shown_as_words(world: World, room: str) -> None:
    found: list[str] = []
    for row in of_room(room):
        with asking_for_codes() if row.endpoint.startswith("codes.") else nullcontext():
            surface = reach(world, row, is_thorough=EXAMPLES > 20)
            if surface is None:
                found.append(f"{row.name}: nothing in the data reaches it")
                continue
            found += [f"{row.name}: {fault}" for fault in tried(world, surface)]
    assert not found, "\n".join(found)


def tried(world: World, surface: Surface) -> list[str]:
    """Send examples to one route; say what went wrong, each thing once."""
    good = filled(surface.controls)
    found: dict[str, None] = {}
    answers: Counter[int] = Counter()

    def sent(example: Example) -> None:
        answer, seen = send(world, surface, example)
        answers[answer.status_code] += 1
        found.update(dict.fromkeys(f"{fault} ({example.kind})" for fault in faults(answer, seen)))

    sent(Example("form", good))
    sent(Example("files", good))
    run = given(examples(good, list(surface.controls)))(sent)
    settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(run)()
    if set(answers) <= {403, 404}:
        found[f"never got past {dict(answers)}"] = None
    return list(found)


def test_every_unsafe_route_of_the_application_is_tried(world: World) -> None:
    unsafe = {
        (rule.rule, method)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert unsafe == {(row.address, row.method) for row in UNSAFE}
