"""What every page's frame shows: my name, my links, the demo banner, the idle warning."""

from typing import Any

from flask import Flask, current_app, url_for

from programme_tracker.kernel import clock
from programme_tracker.kernel.application import current_settings
from programme_tracker.web.access import may_open
from programme_tracker.web.identity import current_person, idle_limit
from programme_tracker.web.navigation import nav_links


def give_frame(app: Flask) -> None:
    """Give every template the variables that ``base.html`` names."""
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    shown: dict[str, Any] = {"demo_banner": _demo_banner()}
    person = current_person()
    if person is None:
        return shown
    shown.update(
        staff_name=person.name,
        staff_id=person.staff_id,
        account_url=url_for("own_account.show"),
        help_url=url_for("help.own") if not person.step else None,
        sign_out_url=url_for("accounts.sign_out"),
        nav_links=[] if person.step else nav_links(person.roles),
        idle_seconds=int(idle_limit().total_seconds()),
        stay_url=url_for("accounts.stay"),
        # Whose phone keeps registers; the scripts do nothing more for others.
        registers_url=None if person.step else _address("offline.registers"),
        search_url=None if person.step else _address("people.search"),
    )
    return shown


def _address(endpoint: str) -> str | None:
    return url_for(endpoint) if may_open(endpoint) else None


def _demo_banner() -> dict[str, Any] | None:
    if not current_settings().demo:
        return None
    can_move = "demo.clock" in current_app.view_functions
    return {"time": clock.now(), "url": url_for("demo.clock") if can_move else None}
