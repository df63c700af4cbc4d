"""Twilio's own description of its messages, as far as it can be held against a call and its answer."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATH = Path(__file__).parent.parent / "contracts" / "twilio-messages.openapi.json"
_FORM = "application/x-www-form-urlencoded"


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_rfc_2822(text: str) -> bool:
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True


#: Formats of the description → whether a text has it.
FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_instant,
    "date-time-rfc-2822": _is_rfc_2822,
    "phone-number": lambda text: re.fullmatch(r"\+\d{7,15}|[A-Za-z0-9 ]{1,11}", text) is not None,
    # Twilio's own pages name each other without the host.
    "uri": lambda text: text.startswith("/") or bool(urlsplit(text).scheme and urlsplit(text).netloc),
    "int64": lambda text: text.isdecimal(),
}


class Contract:
    """Finds what a call or an answer has against the description; an empty list means nothing."""

    def __init__(self) -> None:
        self._document: dict[str, Any] = json.loads(PATH.read_text())

    def operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, str]] | None:
        """Return the operation that a call is, with what stands in its path."""
        for template, item in self._document["paths"].items():
            names = re.findall(r"{(\w+)}", template)
            pattern = re.sub(r"{\w+}", "([^/.]+)", template.replace(".", r"\."))
            found = re.fullmatch(pattern, path)
            if found and method.lower() in item:
                return item[method.lower()], dict(zip(names, found.groups(), strict=True))
        return None

    def faults_of_call(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]
    ) -> list[str]:
        """Say what is wrong with a call."""
        found = self.operation(method, path)
        if found is None:
            return [f"{method} {path} is no operation"]
        operation, in_path = found
        given = {"path": in_path, "query": dict(query)}
        faults: list[str] = []
        known: set[tuple[str, str]] = set()
        for parameter in operation.get("parameters", []):
            place, name = parameter["in"], parameter["name"]
            known.add((place, name))
            if name in given[place]:
                faults += self._faults(name, given[place][name], parameter["schema"], is_text=True)
            elif parameter.get("required"):
                faults.append(f"{name} is missing")
        faults += [f"{name} is unknown" for name in query if ("query", name) not in known]
        return faults + self._faults_of_form(operation, form)

    def _faults_of_form(self, operation: dict[str, Any], form: Mapping[str, str]) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return [f"{name} is not asked for" for name in form]
        schema = content[_FORM]["schema"]
        faults = [f"{name} is missing" for name in schema.get("required", []) if name not in form]
        for name, text in form.items():
            if name not in schema["properties"]:
                faults.append(f"{name} is unknown")
            else:
                faults += self._faults(name, text, schema["properties"][name], is_text=True)
        return faults

    def faults_of_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Say what is wrong with an answer; refusals are not described."""
        found = self.operation(method, path)
        answer = found[0]["responses"].get(str(status)) if found else None
        if answer is None or status >= 400:
            return []
        content = answer.get("content", {}).get("application/json")
        if content is None:
            return [] if body in (None, b"") else ["there should be no body"]
        return self._faults("answer", body, content["schema"], is_text=False)

    def _faults(self, name: str, value: Any, schema: dict[str, Any], *, is_text: bool) -> list[str]:
        schema = self._resolved(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{name} is null"]
        kind = schema.get("type")
        if is_text and kind in {"integer", "number"}:
            return [] if re.fullmatch(r"-?\d+(\.\d+)?", value) else [f"{name} is no number: {value}"]
        expected: dict[str, Any] = {
            "string": str,
            "integer": int,
            "number": (int, float),
            "boolean": bool,
            "object": dict,
            "array": list,
        }
        if not is_text and kind in expected and not isinstance(value, expected[kind]):
            return [f"{name} is not of type {kind}"]
        if kind == "object" and "properties" in schema:
            return self._faults_of_object(name, value, schema)
        if kind == "array" and not is_text:
            return [
                fault
                for item in value
                for fault in self._faults(f"{name}[]", item, schema["items"], is_text=False)
            ]
        return self._faults_of_text(name, value, schema)

    def _faults_of_object(self, name: str, value: dict[str, Any], schema: dict[str, Any]) -> list[str]:
        faults = [f"{name}.{key} is unknown" for key in value if key not in schema["properties"]]
        faults += [f"{name}.{key} is missing" for key in schema["properties"] if key not in value]
        for key, part in schema["properties"].items():
            if key in value:
                faults += self._faults(f"{name}.{key}", value[key], part, is_text=False)
        return faults

    def _faults_of_text(self, name: str, value: Any, schema: dict[str, Any]) -> list[str]:
        faults = []
        if "enum" in schema and value not in schema["enum"]:
            faults.append(f"{name} is none of its values: {value}")
        if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
            faults.append(f"{name} does not fit its pattern: {value}")
        if schema.get("format") in FORMATS and not FORMATS[schema["format"]](str(value)):
            faults.append(f"{name} is no {schema['format']}: {value}")
        return faults

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in schema:
            return schema
        part: Any = self._document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            part = part[step]
        resolved: dict[str, Any] = part
        return resolved
