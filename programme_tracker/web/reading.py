"""How a request is read: with every character that can be kept, and no address of a row too large for one."""

from collections.abc import Iterable
from typing import Any, cast

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter
from werkzeug.routing.map import Map
from werkzeug.utils import cached_property

#: The largest number of a row: PostgreSQL refuses to look for a larger one.
LARGEST_ID = 2**31 - 1

#: What stands for a NUL byte, which PostgreSQL keeps in no text.
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SENT = "form_as_sent"


class PlainRequest(Request):
    """A request whose fields and parameters hold no NUL byte."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """Return the parameters of the address."""
        return _storable(super().args)

    def _load_form_data(self) -> None:
        """Read the body; Werkzeug calls this once, before the first field is asked for."""
        already = "form" in self.__dict__
        super()._load_form_data()
        if not already:
            self.__dict__[_SENT] = self.__dict__["form"]
            self.__dict__["form"] = _storable(self.__dict__["form"])


def form_as_sent() -> MultiDict[str, str]:
    """Return the fields of the present request byte for byte, as a signature over them needs."""
    cleaned = request.form
    return cast(MultiDict[str, str], request.__dict__.get(_SENT, cleaned))


def _storable(fields: MultiDict[str, str]) -> MultiDict[str, str]:
    pairs: Iterable[tuple[str, str]] = fields.items(multi=True)
    return ImmutableMultiDict(
        (name.replace("\x00", _REPLACEMENT), value.replace("\x00", _REPLACEMENT)) for name, value in pairs
    )


def whole_number(text: str) -> int:
    """Return the number of a row that a field or an address names; raise ValueError for what can be none.

    For ``request.form.get(name, type=whole_number)``: int alone would read numbers that no store
    can look for.
    """
    found = int(text) if len(text) <= len(str(LARGEST_ID)) else LARGEST_ID + 1
    if not 0 <= found <= LARGEST_ID:
        raise ValueError("no row has this number")
    return found


class RowConverter(IntegerConverter):
    """The number of a row in an address; one larger than any store keeps names no page."""

    regex = r"\d{1,10}"

    def __init__(self, map: Map, **given: Any) -> None:
        super().__init__(map, **{"max": LARGEST_ID, **given})
