"""Reading a page's forms: where each sends what, and what stands in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Control:
    """One field of a form: its name, its kind, and the values that may be chosen."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page."""

    method: str
    path: str
    controls: dict[str, Control] = field(default_factory=dict)

    def add(self, control: Control) -> None:
        """Add a field; further boxes or buttons of the same name add their choices."""
        known = self.controls.setdefault(control.name, control)
        if control.value and control.value not in known.choices:
            known.choices.append(control.value)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: Control | None = None
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            path = urlsplit(urljoin(self.page, given.get("action") or self.page))
            target = f"{path.path}?{path.query}" if path.query else path.path
            self._open = Form(given.get("method", "get").upper(), target)
            self.forms.append(self._open)
            if given.get("id"):
                self.by_id[given["id"]] = self._open
        elif tag == "option" and self._select is not None:
            if given.get("value"):
                self._select.choices.append(given["value"])
        elif tag in {"input", "select", "textarea", "button"}:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self.by_id.get(given["form"]) if given.get("form") else self._open
        if form is None or not given.get("name"):
            return
        kind = given.get("type", tag) if tag != "select" else "select"
        control = Control(given["name"], kind, given.get("value", ""))
        form.add(control)
        if tag == "select":
            self._select = form.controls[control.name]
        if tag == "textarea":
            self._area = form.controls[control.name]

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None


def forms(html: str, page: str) -> list[Form]:
    """Return the forms of a page that was found at the address ``page``."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.forms
