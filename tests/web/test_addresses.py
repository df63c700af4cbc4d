from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.web.addresses import safe_next


@pytest.mark.parametrize(
    "target", ["/", "/cases/7", "/people?q=O%27Brien&page=2", "/a//b", "/caf%C3%A9", "/ł"]
)
def test_safe_next_lets_own_paths_through(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "cases/7",
        "https://evil.com",
        "https:///evil.com",
        "https:evil.com",
        "//evil.com",
        "///evil.com",
        "////evil.com",
        "/\\evil.com",
        "\\/evil.com",
        "\\\\evil.com",
        "/\t/evil.com",
        "/\n/evil.com",
        "\t//evil.com",
        " //evil.com",
        "/ /evil.com",
        "javascript:alert(1)",
        "/a\r\nLocation: https://evil.com",
        "/" + "a" * 600,
    ],
)
def test_safe_next_refuses_what_could_lead_elsewhere(target: str | None) -> None:
    assert safe_next(target) is None


@given(st.text(alphabet="/\\:.@ahtps\t\n\r ?#%", max_size=12))
def test_safe_next_never_leaves_this_server(target: str) -> None:
    safe = safe_next(target)
    if safe is not None:
        # As browsers read it: control characters dropped, backslashes as slashes.
        seen = "".join(sign for sign in safe if sign > "\x20").replace("\\", "/")
        assert urlsplit(urljoin("https://tracker.example/page", seen)).netloc == "tracker.example"
