"""Sealed columns: AES-GCM bound to their place, and a keyed blind index for equality."""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from programme_tracker.kernel.application import current_settings

NONCE_BYTES = 12

#: Marks a column whose values are sealed, as ``mapped_column(info=SEALED)``: rotation finds it by this.
SEALED: dict[Any, Any] = {"sealed": True}


class SealError(ValueError):
    """A sealed value cannot be opened: wrong key, wrong place, or changed."""


@dataclass(frozen=True, repr=False)
class FieldKeys:
    """Encryption keys by id (the first seals, all open) and the key of the blind index."""

    keys: dict[str, bytes]
    index_key: bytes

    @property
    def sealing_id(self) -> str:
        """Return the id of the key that seals new values."""
        return next(iter(self.keys))

    def seal(self, text: str, place: str) -> str:
        """Seal ``text`` for ``place`` ("table:row:column"); it opens nowhere else."""
        key_id = self.sealing_id
        nonce = os.urandom(NONCE_BYTES)
        body = AESGCM(self.keys[key_id]).encrypt(nonce, text.encode(), place.encode())
        return f"{key_id}.{base64.urlsafe_b64encode(nonce + body).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Open a value sealed for ``place``; raise SealError if it was not, or was changed."""
        key_id, _, encoded = sealed.partition(".")
        key = self.keys.get(key_id)
        if key is None:
            raise SealError(f"There is no key {key_id!r} for the value at {place}.")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise SealError(f"The value at {place} cannot be opened.") from None

    def derived(self, purpose: str, key_id: str | None = None) -> tuple[str, bytes]:
        """Return a 32-byte key for one purpose alone, and the id of the key it was made from.

        The newest key unless ``key_id`` names another; raises SealError for an id that is not there.
        """
        key_id = key_id or self.sealing_id
        key = self.keys.get(key_id)
        if key is None:
            raise SealError(f"There is no key {key_id!r}.")
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
        return key_id, made.derive(key)

    def index(self, text: str) -> str:
        """Return a keyed digest of ``text``: equal texts have equal digests, nothing else shows."""
        return hmac.new(self.index_key, text.encode(), hashlib.sha256).hexdigest()


def field_keys() -> FieldKeys:
    """Return the keys of the running application."""
    settings = current_settings()
    return FieldKeys(keys=dict(settings.field_keys), index_key=settings.blind_index_key)


def seal(text: str, table: str, row: int, column: str) -> str:
    """Seal a text for one column of one row with the newest key."""
    return field_keys().seal(text, f"{table}:{row}:{column}")


def unseal(sealed: str, table: str, row: int, column: str) -> str:
    """Open a value of one column of one row; raise SealError if it was made for another place."""
    return field_keys().open(sealed, f"{table}:{row}:{column}")
