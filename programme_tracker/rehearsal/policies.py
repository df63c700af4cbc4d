"""What a file overrides of policy version 1, checked key by key."""

from collections.abc import Mapping
from typing import Any

from programme_tracker.programmes.rules import DEFAULT_POLICY, Policy, PolicyError, with_overrides
from programme_tracker.rehearsal.places import Item

#: The programmes a rehearsal can speak of.
PROGRAMMES = tuple(DEFAULT_POLICY.programmes)


def read_policy(item: Item | None, *, staffing_checks: bool) -> Policy:
    """Return policy version 1 with the file's overrides. Raises ScriptError naming the key."""
    policy = with_overrides(DEFAULT_POLICY, {"general": {"staffing_checks": staffing_checks}})
    if item is None:
        return policy
    for programme, entry in item.mapping().items():
        policy = _overridden(policy, entry, {programme: {}})
        for key, value in entry.mapping().items():
            policy = _overridden(policy, value, {programme: {key: _plain(value)}})
    return policy


def _overridden(policy: Policy, item: Item, overrides: Mapping[str, Mapping[str, object]]) -> Policy:
    try:
        return with_overrides(policy, overrides)
    except PolicyError as error:
        raise item.fault(str(error)) from error


def _plain(item: Item) -> Any:
    if item.is_mapping:
        raise item.fault("must be a value, not a mapping")
    if item.is_list:
        return [_plain(entry) for entry in item.entries()]
    return None if item.is_empty else item.plain()
