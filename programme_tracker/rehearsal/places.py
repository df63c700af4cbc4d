"""YAML nodes with their place in the file, read as they are written.

YAML 1.1 turns ``18:44`` into 1124 and ``2026-09-01`` into a date; here every scalar stays text
until a field says what it must be.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import yaml

from programme_tracker.rehearsal.script import ScriptError

_TRUE = frozenset({"yes", "on", "true"})
_FALSE = frozenset({"no", "off", "false"})
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,9}\.\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class Item:
    """One node: what it is, and where it stands (file, line and dotted name)."""

    node: yaml.Node
    path: str
    field: str

    @property
    def line(self) -> int:
        """The line in the file, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def fault(self, message: str) -> ScriptError:
        """Make the error that names this place."""
        return ScriptError(self.path, self.line, self.field, message)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is written here."""
        return _is_plain(self.node) and self.node.value in ("", "~", "null", "Null", "NULL")

    @property
    def is_mapping(self) -> bool:
        """Tell whether this is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Tell whether this is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def mapping(self) -> dict[str, "Item"]:
        """Return the entries by name; nothing written is an empty mapping. Raises ScriptError."""
        if self.is_empty:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault(f"must be a mapping, not {_described(self.node)}")
        found: dict[str, Item] = {}
        for key, value in self.node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            here = Item(key, self.path, _under(self.field, name))
            if not isinstance(key, yaml.ScalarNode) or not name:
                raise here.fault("a name here must be plain text")
            if name in found:
                raise here.fault("is given twice")
            found[name] = Item(value, self.path, here.field)
        return found

    def entries(self) -> list["Item"]:
        """Return the entries in order; nothing written is an empty list. Raises ScriptError."""
        if self.is_empty:
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fault(f"must be a list, not {_described(self.node)}")
        return [
            Item(node, self.path, f"{self.field}[{n}]") for n, node in enumerate(self.node.value, start=1)
        ]

    def text(self) -> str:
        """Return the text as written. Raises ScriptError when it is empty or no scalar."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fault(f"must be a single value, not {_described(self.node)}")
        if self.is_empty:
            raise self.fault("is empty")
        return str(self.node.value)

    def choice(self, allowed: Sequence[str]) -> str:
        """Return one of the allowed words. Raises ScriptError that lists them."""
        text = self.text()
        if text not in allowed:
            raise self.fault(f"{text!r} is not one of {', '.join(allowed)}")
        return text

    def boolean(self) -> bool:
        """Return a YAML boolean: yes/no, on/off, true/false. Raises ScriptError."""
        word = self.text().lower()
        if not _is_plain(self.node) or word not in _TRUE | _FALSE:
            raise self.fault(f"{self.node.value!r} is not yes or no")
        return word in _TRUE

    def whole(self, least: int = 0) -> int:
        """Return a whole number. Raises ScriptError when it is none or below ``least``."""
        text = self.text()
        if not _WHOLE.fullmatch(text) or int(text) < least:
            raise self.fault(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    def moment(self) -> datetime:
        """Return a naive London wall time written ``YYYY-MM-DD HH:MM``. Raises ScriptError."""
        text = self.text()
        try:
            if _MOMENT.fullmatch(text):
                return datetime.fromisoformat(text)
        except ValueError:
            pass
        raise self.fault(f"{text!r} is not a date and time such as 2026-09-01 09:00")

    def day(self) -> date:
        """Return a date written ``YYYY-MM-DD``. Raises ScriptError."""
        text = self.text()
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise self.fault(f"{text!r} is not a date such as 2026-09-01")

    def plain(self) -> str | int | float | bool:
        """Return a number or boolean where one is written plainly, else the text."""
        text = self.text()
        if not _is_plain(self.node):
            return text
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text


def load(path: str) -> Item:
    """Read a YAML file into nodes. Raises ScriptError when it cannot be read as one mapping."""
    try:
        with open(path, encoding="utf-8") as file:
            node = yaml.compose(file, Loader=yaml.SafeLoader)
    except OSError as error:
        raise ScriptError(path, None, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScriptError(path, None, "", "cannot be read: it is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ScriptError(path, line, "", f"is not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ScriptError(path, None, "", f"is not YAML: {error}") from error
    except RecursionError as error:
        raise ScriptError(path, None, "", "is nested too deeply") from error
    if not isinstance(node, yaml.MappingNode):
        raise ScriptError(path, 1, "", "must be a mapping with title, start, timeline and so on")
    return Item(node, path, "")


def _under(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _described(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"{node.value!r}"
