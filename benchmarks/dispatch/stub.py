"""The provider everybody sends to: takes each text after a fixed time and remembers when it came.

``python -m benchmarks.dispatch.stub PORT`` serves what Twilio's client calls to create and to list
messages, and beside it ``/received``, ``/reset``, ``/latency?ms=20`` and ``/shift?seconds=0`` (its
clock beside the machine's) for the measurement.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit


@dataclass
class Provider:
    """What the stub knows: every text in the order in which it came."""

    latency: float = 0.0
    shift: float = 0.0
    texts: list[tuple[float, str, str]] = field(default_factory=list)
    by_number: dict[str, list[int]] = field(default_factory=dict)

    def take(self, to: str, body: str) -> dict[str, object]:
        """Take one text and answer as Twilio does."""
        self.texts.append((time.time(), to, body))
        self.by_number.setdefault(to, []).append(len(self.texts) - 1)
        return self.message(len(self.texts) - 1)

    def message(self, index: int) -> dict[str, object]:
        """Describe one text as Twilio does."""
        at, to, body = self.texts[index]
        stamp = formatdate(at + self.shift, usegmt=True).replace("GMT", "+0000")
        return {
            "sid": f"SM{index:032x}",
            "account_sid": "AC" + "0" * 32,
            "api_version": "2010-04-01",
            "body": body,
            "date_created": stamp,
            "date_sent": stamp,
            "date_updated": stamp,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": "+441632960001",
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "GBP",
            "status": "queued",
            "subresource_uris": {},
            "to": to,
            "uri": f"/2010-04-01/Accounts/x/Messages/SM{index:032x}.json",
        }

    def listed(self, to: str) -> dict[str, object]:
        """List the texts to one number, newest first, on one page."""
        messages = [self.message(index) for index in reversed(self.by_number.get(to, []))]
        return {"messages": messages, "page": 0, "page_size": 1000, "next_page_uri": None, "uri": "/"}


class Connection(asyncio.Protocol):
    """One kept-alive connection; as little HTTP as the clients here need."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request; the next ones wait in the buffer."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
            }
            length = int(headers.get("content-length", 0))
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length].decode()
            self.buffer = self.buffer[end + 4 + length :]
            method, target, _ = head[0].split(" ", 2)
            self.answer(method, target, body)

    def answer(self, method: str, target: str, body: str) -> None:
        """Do what was asked; only a text waits for the provider's time to pass."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/Messages.json") and method == "POST":
            form = parse_qs(body)
            answer = self.provider.take(form["To"][0], form["Body"][0])
            asyncio.get_running_loop().call_later(self.provider.latency, self.send, 201, answer)
        elif parts.path.endswith("/Messages.json"):
            self.send(200, self.provider.listed(query.get("To", "")))
        elif parts.path == "/received":
            self.send(200, self.provider.texts)
        elif parts.path == "/reset":
            self.provider.texts.clear()
            self.provider.by_number.clear()
            self.send(200, "ok")
        elif parts.path == "/shift":
            self.provider.shift = float(query["seconds"])
            self.send(200, "ok")
        elif parts.path == "/latency":
            self.provider.latency = float(query["ms"]) / 1000
            self.send(200, "ok")
        else:
            self.send(404, {"code": 20404, "message": "absent", "status": 404})

    def send(self, status: int, answer: object) -> None:
        """Write one answer, unless the client is gone."""
        if self.transport is None or self.transport.is_closing():
            return
        payload = json.dumps(answer).encode()
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self.transport.write(head.encode() + payload)


async def serve(port: int) -> None:
    """Serve on loopback until the process is ended."""
    provider = Provider()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(provider), "127.0.0.1", port, backlog=512
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
