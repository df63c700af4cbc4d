"""A mail server on loopback that does what a test tells it, the wrong things too."""

import datetime
import io
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """Takes mail at ``port`` and keeps it; ``answers`` replaces its replies to these commands.

    The answer ``drop`` closes the connection instead, and ``hang`` says nothing at all. The
    command ``.`` is the end of a mail, and ``CONNECT`` the greeting.
    """

    port: int
    certificate: Path | None = None
    key: Path | None = None
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        """Answer one client after another until told to stop."""
        while not self.stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(10)
            with suppress(OSError), connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        """Hold one conversation; it goes on inside itself once it is encrypted."""
        if self._say(connection, "CONNECT", "220 ready"):
            self._listen(connection)

    def _listen(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            while line := lines.readline():
                command = line.decode().strip().split(" ")[0].split(":")[0].upper()
                self.heard.append(command)
                if not self._say(connection, command, self._usual(command)) or command == "QUIT":
                    return
                if command == "STARTTLS" and self.certificate and self.key:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(self.certificate, self.key)
                    with context.wrap_socket(connection, server_side=True) as encrypted:
                        self._listen(encrypted)
                    return
                if command == "DATA" and not self._take(connection, lines):
                    return

    def _take(self, connection: socket.socket, lines: io.BufferedReader) -> bool:
        if "DATA" in self.answers:
            return True
        letter = bytearray()
        while (part := lines.readline()) not in (b".\r\n", b""):
            letter += part
        # Taken before it is answered: an answer that is lost changes nothing here.
        if not self.answers.get(".", "250").startswith(("4", "5")):
            self.taken.append(bytes(letter))
        return self._say(connection, ".", "250 taken")

    def _usual(self, command: str) -> str:
        if command == "EHLO":
            offers = ["mail.test", *(["STARTTLS"] if self.certificate else []), "AUTH PLAIN", "SIZE"]
            return "\r\n".join(f"250{'-' if one != offers[-1] else ' '}{one}" for one in offers)
        return {"DATA": "354 go on", "STARTTLS": "220 go on", "QUIT": "221 bye", "AUTH": "235 in"}.get(
            command, "250 fine"
        )

    def _say(self, connection: socket.socket, command: str, usual: str) -> bool:
        answer = self.answers.get(command, usual)
        if answer == "drop":
            return False
        if answer == "hang":
            self.stopping.wait(10)
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return True


@contextmanager
def mail_server(folder: Path | None = None) -> Iterator[MailServer]:
    """Run a mail server; with a folder for its certificate it offers STARTTLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        certificate, key = _certificate(folder) if folder else (None, None)
        server = MailServer(listener.getsockname()[1], certificate, key)
        thread = threading.Thread(target=server.serve, args=[listener])
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for ``localhost`` that only this test believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "mail.crt", folder / "mail.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file
