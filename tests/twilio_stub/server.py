"""The stub's server: four calls over HTTP, each held against Twilio's own description."""

import json
import math
import secrets
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types

from tests.twilio_stub.behaviour import Behaviour, Misstep
from tests.twilio_stub.contract import Contract

ACCOUNT = "AC" + "0" * 32
TOKEN = "secret-token"
_BASE = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
_FINAL = {"delivered", "undelivered", "failed", "canceled", "read"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed has nobody to be told of it."""


class TwilioStub:
    """One account. ``script`` the next answers, or set ``behave`` for all that follow.

    ``messages`` holds every text it took, by its id; ``calls`` every call; ``faults`` what calls and
    answers had against the contract. ``clock`` gives its time.
    """

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.callback_urls: dict[str, str] = {}
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.faults: list[str] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.behave: Callable[[dict[str, str]], Behaviour] = lambda _form: Behaviour()
        #: What is answered to everything but creating, if set: a status and a code.
        self.refuses_questions: tuple[int, int] | None = None
        #: Texts that its lists do not show yet.
        self.unlisted: set[str] = set()
        self.page_limit = 1000
        self._scripted: deque[Behaviour] = deque()
        self._lock = Lock()
        self._released = Event()
        self._contract = Contract()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "TwilioStub":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def script(self, *behaviours: Behaviour) -> None:
        """Answer the next creating calls so, in order."""
        self._scripted.extend(behaviours)

    def progress(self, sid: str, status: str, error_code: int | None = None) -> None:
        """Let a text come on in the network."""
        message = self.messages[sid]
        message["status"], message["error_code"] = status, error_code
        message["date_updated"] = self._now()

    def callback(
        self, sid: str, status: str, error_code: int | None = None
    ) -> tuple[str, dict[str, str], str]:
        """Return a status callback as Twilio would send it: address, fields and signature."""
        message = self.messages[sid]
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": ACCOUNT,
            "To": message["to"],
            "From": message["from"] or "",
            "ApiVersion": "2010-04-01",
        }
        if error_code is not None:
            fields["ErrorCode"] = str(error_code)
        url = self.callback_urls[sid]
        return url, fields, RequestValidator(TOKEN).compute_signature(url, fields)

    def bodies_to(self, number: str) -> list[str]:
        """Return what it took for a number, in order."""
        return [message["body"] for message in self.messages.values() if message["to"] == number]

    def _now(self) -> str:
        return format_datetime(self.clock())

    def create(self, form: dict[str, str]) -> tuple[Behaviour, int, Any]:
        """Take a text or not, as scripted; return how to answer."""
        with self._lock:
            behaviour = self._scripted.popleft() if self._scripted else self.behave(form)
            if behaviour.code:
                return behaviour, behaviour.status, _refusal(behaviour.code, behaviour.status)
            message = self._made(form)
            if behaviour.takes:
                self.messages[message["sid"]] = message
                self.callback_urls[message["sid"]] = form.get("StatusCallback", "")
        return behaviour, 201, dict(message)

    def _made(self, form: dict[str, str]) -> dict[str, Any]:
        sid, service = "SM" + secrets.token_hex(16), form.get("MessagingServiceSid")
        now, body = self._now(), form.get("Body", "")
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": "" if form.get("ContentRetention") == "discard" else body,
            "date_created": now,
            "date_sent": now,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": None if service else form.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else str(max(1, math.ceil(len(body) / 160))),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{_BASE}/{sid}/Media.json"},
            "to": form.get("To"),
            "uri": f"{_BASE}/{sid}.json",
        }

    def listed(self, query: dict[str, str]) -> tuple[int, Any]:
        """Return one page of the texts that fit, newest first."""
        since = datetime.fromisoformat(query["DateSent>"]) if "DateSent>" in query else None
        size = min(int(query.get("PageSize", "50")), self.page_limit)
        page = int(query.get("Page", "0"))
        with self._lock:
            fitting = [
                dict(message)
                for sid, message in reversed(self.messages.items())
                if sid not in self.unlisted
                and message["to"] == query.get("To", message["to"])
                and (since is None or _instant(message["date_sent"]) >= since)
            ]
        some = fitting[page * size : (page + 1) * size]
        rest = {name: text for name, text in query.items() if name != "Page"}
        following = None
        if len(fitting) > (page + 1) * size:
            following = f"{_BASE}.json?{urlencode({**rest, 'Page': page + 1})}"
        return 200, {
            "messages": some,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(0, len(some) - 1),
            "uri": f"{_BASE}.json",
            "first_page_uri": f"{_BASE}.json",
            "previous_page_uri": None,
            "next_page_uri": following,
        }

    def one(self, method: str, sid: str, form: dict[str, str]) -> tuple[int, Any]:
        """Fetch, update or delete one text."""
        with self._lock:
            message = self.messages.get(sid)
            if message is None:
                return 404, _refusal(20404, 404)
            if method == "DELETE":
                del self.messages[sid]
                return 204, None
            if method == "POST" and "Body" in form:
                if message["status"] not in _FINAL:
                    return 400, _refusal(20009, 400)
                message["body"] = form["Body"]
            return 200, dict(message)

    def answer(self, method: str, path: str, query: dict[str, str], form: dict[str, str]) -> Any:
        """Answer one call: status and body, or the misstep in their place."""
        with self._lock:
            self.calls.append((method, path, form or query))
            self.faults += self._contract.faults_of_call(method, path, query, form)
        behaviour = Behaviour()
        if method == "POST" and path == f"{_BASE}.json":
            behaviour, status, body = self.create(form)
        elif self.refuses_questions is not None:
            status, code = self.refuses_questions
            body = _refusal(code, status)
        elif path == f"{_BASE}.json":
            status, body = self.listed(query)
        else:
            status, body = self.one(method, path.rpartition("/")[2].removesuffix(".json"), form)
        self.faults += self._contract.faults_of_answer(method, path, status, body)
        if behaviour.seconds:
            self._released.wait(behaviour.seconds)
        if behaviour.misstep is Misstep.HANG:
            self._released.wait(30)
        return _spoilt(behaviour.misstep, status, body)


def _instant(text: str) -> datetime:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text)


def _refusal(code: int, status: int) -> dict[str, Any]:
    return {"code": code, "message": "Refused", "more_info": "https://www.twilio.com/docs", "status": status}


def _spoilt(misstep: Misstep, status: int, body: Any) -> tuple[int, bytes] | None:
    if misstep in (Misstep.DROP, Misstep.HANG):
        return None
    if misstep is Misstep.SERVER_FAULT:
        return 500, json.dumps(_refusal(20500, 500)).encode()
    if misstep is Misstep.GARBAGE:
        return 201, b"<html>gateway</html>"
    if misstep is Misstep.NO_ID:
        return 201, b'{"status": "queued"}'
    return status, b"" if body is None else json.dumps(body).encode()


def _handler(stub: TwilioStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever called was killed in the middle of it: nothing was asked for.
                self.close_connection = True
                return
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            answer = stub.answer(self.command, parts.path, query, form)
            if answer is None:
                self.close_connection = True
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    return Handler
