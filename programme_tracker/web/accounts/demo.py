"""The invented accounts that demo mode offers on its sign-in page."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.application import current_settings


class DemoSignIn(Protocol):
    """One invented account: who it is, what it is for, and its known password."""

    username: str
    name: str
    role: Role
    password: str
    what_for: str


def demo_accounts() -> Sequence[DemoSignIn]:
    """Return the demo accounts; none outside demo mode."""
    name = "programme_tracker.workflows.demo"
    if not current_settings().demo or find_spec(name) is None:
        return ()
    return cast(Sequence[DemoSignIn], import_module(name).demo_sign_ins())


def demo_account(username: str) -> DemoSignIn | None:
    """Return the demo account of this name; None outside demo mode."""
    return next((account for account in demo_accounts() if account.username == username), None)
