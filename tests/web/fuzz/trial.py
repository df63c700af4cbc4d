"""Sending one example, and saying what was wrong with the answer."""

import io
import json
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from programme_tracker.web import identity
from programme_tracker.web.accounts import codes
from tests.web.fuzz.surfaces import JSON_OF, Surface
from tests.web.fuzz.values import PRODUCT, TOKEN, Example
from tests.web.fuzz.world import TWILIO_TOKEN, Seen, World

_SUM = re.compile(rf"zq{PRODUCT}qz|\${{?{PRODUCT}}}?qz")


def body_of(example: Example) -> dict[str, Any]:
    """Return how an example is sent, as the arguments of a test client."""
    pairs = [(name, value) for name, values in example.fields.items() for value in values]
    match example.kind:
        case "multipart":
            return {"data": MultiDict(pairs), "content_type": "multipart/form-data"}
        case "files":
            files = [(name, (io.BytesIO(text.encode()), "zq.txt")) for name, text in pairs]
            return {"data": MultiDict(files), "content_type": "multipart/form-data"}
        case "json":
            return {"data": json.dumps(example.raw), "content_type": "application/json"}
        case "json text":
            return {"data": json.dumps(dict(pairs)), "content_type": "application/json"}
        case "broken json":
            return {"data": b'{"a": ', "content_type": "application/json"}
        case "bytes":
            sent = urlencode(pairs).encode() + b"&\xff=%ff%fe\xc3&about=%ED%A0%80&&=&a"
            return {"data": sent, "content_type": "application/x-www-form-urlencoded"}
        case "xml":
            return {"data": b"<!DOCTYPE a><a/>", "content_type": "text/xml"}
        case _:
            return {
                "data": urlencode(pairs).encode(),
                "content_type": "application/x-www-form-urlencoded",
            }


@contextmanager
def asking_for_codes() -> Iterator[None]:
    """Ask for codes as in service, although the data is a demonstration's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "asks_for_codes", lambda: True)
        patch.setattr(codes, "asks_for_codes", lambda: True)
        yield


def send(world: World, surface: Surface, example: Example) -> tuple[TestResponse, Seen]:
    """Send an example as the surface's person; the provider's calls are signed."""
    if surface.row.endpoint in JSON_OF and example.kind in {"form", "multipart"}:
        example = replace(example, kind="json text")
    how = body_of(example)
    if not surface.row.endpoint.startswith("webhooks."):
        return world.ask(surface.person, "POST", surface.path, **how)
    fields = {name: values[0] for name, values in example.fields.items() if values}
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(f"http://localhost{surface.path}", fields)
    with world.with_twilio():
        if example.kind == "form":
            how["data"] = urlencode(fields).encode()
        return world.ask(None, "POST", surface.path, headers={"X-Twilio-Signature": signature}, **how)


def faults(answer: TestResponse, seen: Seen) -> list[str]:
    """Say what was wrong with an answer."""
    found = list(seen.faults)
    if seen.exceptions or answer.status_code >= 500:
        told = [_where(one) for one in seen.exceptions] or [str(answer.status_code)]
        found += [f"server error: {one}" for one in told]
    shown = answer.get_data(as_text=True)
    if TOKEN in shown or "<script>alert(" in shown:
        start = shown.find(TOKEN)
        found.append(f"echoed as it came: …{shown[max(0, start - 80) : start + 20]}…")
    if _SUM.search(shown):
        found.append("worked out what was typed")
    return found


def _where(exception: BaseException) -> str:
    ours = [
        one for one in traceback.extract_tb(exception.__traceback__) if "programme_tracker/" in one.filename
    ]
    last = f"{ours[-1].filename.split('programme_tracker/')[-1]}:{ours[-1].lineno}" if ours else "?"
    return f"{type(exception).__name__}: {str(exception)[:160]} at {last}"
