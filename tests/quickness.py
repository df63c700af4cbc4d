"""What thousands of applications on small databases would do over and over, done once a process.

Each test builds the whole application anew. Its templates and its routes compile to the same code
every time, so that code is kept. No test's database need survive a power cut either.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule

from programme_tracker.kernel import database

_compile_route: Callable[..., Any] = Rule._compile_builder
_routes: dict[tuple[object, ...], Any] = {}


class _KeptTemplates(BytecodeCache):
    """Compiled templates by name and source, for the life of the process."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template's code if it was compiled before from the same source."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


def _compile_once(rule: Rule, append_unknown: bool = True) -> Any:
    """Compile what builds a route's addresses; it takes the route as its first argument."""
    if rule.defaults:
        return _compile_route(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _routes:
        _routes[key] = _compile_route(rule, append_unknown)
    return _routes[key]


def pytest_configure(config: pytest.Config) -> None:
    """Make every application of this process quick to build."""
    Flask.jinja_options = ImmutableDict(bytecode_cache=_KeptTemplates())
    setattr(Rule, "_compile_builder", _compile_once)  # noqa: B010 - a method of another's class
    database.SYNCHRONOUS = "OFF"
    if settings.get_current_profile_name() != "ci":
        # As in CI: how long a made-up example takes says more of the machine than of the product.
        settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("here")
