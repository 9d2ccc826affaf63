"""Sealed segments: files that the writer can only append to and only the holder of a private key can read.

A segment is a header and records. The header carries a random segment key, sealed once to an X25519 key (HPKE, RFC
9180: X25519, HKDF-SHA256, AES-256-GCM), so a record costs no key exchange. A record is its id in clear, its bytes under
AES-256-GCM with a counting nonce, and a link: SHA-256 over the link before it, the id and the ciphertext. The link
before is authenticated with the record, so none can be moved or taken from another segment.

Pure functions of bytes: the station writes with them, the service reads with them after a loss.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

MAGIC = b"MSSEAL1\n"
_INFO = b"modstation sealed segment v1"
_SEALED_KEY = 32 + 32 + 16  # encapsulated key, segment key, tag
HEADER_BYTES = len(MAGIC) + 2 + _SEALED_KEY
_LINK = 32


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Sealer:
    """Makes the bytes of one segment: first `header`, then `record` after `record`, in that order."""

    def __init__(self, public_key: bytes, entropy: Callable[[int], bytes]) -> None:
        segment_key = entropy(32)
        sealed = _suite().encrypt(segment_key, X25519PublicKey.from_public_bytes(public_key), _INFO)
        self.header = MAGIC + len(sealed).to_bytes(2) + sealed
        self._cipher = AESGCM(segment_key)
        self._link = hashlib.sha256(self.header).digest()
        self._count = 0

    def record(self, record_id: str, record: bytes) -> bytes:
        """The bytes of the next record."""
        name = record_id.encode()
        sealed = self._cipher.encrypt(self._count.to_bytes(12), record, self._link + name)
        self._link = _next_link(self._link, name, sealed)
        self._count += 1
        content = len(name).to_bytes(2) + name + sealed + self._link
        return len(content).to_bytes(4) + content


def record_bytes(record_id: str, record: bytes) -> int:
    """How long a record will be."""
    return 4 + 2 + len(record_id.encode()) + len(record) + 16 + _LINK


def _next_link(link: bytes, name: bytes, sealed: bytes) -> bytes:
    return hashlib.sha256(link + len(name).to_bytes(2) + name + sealed).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as it stands in a segment. `whole` is False when its link does not fit: a byte of it was changed."""

    record_id: str
    sealed: bytes
    before: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """What anyone can see of a segment. `torn` when its last record is incomplete, as after a power cut."""

    entries: tuple[Entry, ...]
    torn: bool


def look(segment: bytes) -> Segment:
    """Read the ids and links of a segment; its end may be torn or padded with zeros.

    Raises:
        ValueError: this is not a segment, or its header is cut.
    """
    if len(segment) < HEADER_BYTES or not segment.startswith(MAGIC):
        raise ValueError("not a sealed segment")
    entries: list[Entry] = []
    link = hashlib.sha256(segment[:HEADER_BYTES]).digest()
    at = HEADER_BYTES
    while at + 4 <= len(segment):
        size = int.from_bytes(segment[at : at + 4])
        if size == 0:
            return Segment(tuple(entries), torn=segment.count(0, at) < len(segment) - at)
        content = segment[at + 4 : at + 4 + size]
        named = int.from_bytes(content[:2])
        if len(content) < size or size < 2 + named + 16 + _LINK:
            return Segment(tuple(entries), torn=True)
        name, sealed, found = content[2 : 2 + named], content[2 + named : -_LINK], content[-_LINK:]
        whole = found == _next_link(link, name, sealed)
        entries.append(Entry(name.decode(errors="replace"), sealed, link, whole))
        link = found  # as written, so that one changed record does not spoil those after it
        at += 4 + size
    return Segment(tuple(entries), torn=at < len(segment))


def recover(segment: bytes, private_key: bytes) -> list[tuple[str, bytes]]:
    """Open a segment: (id, record) of every record that is authentic, in the order written.

    Args:
        segment: the bytes of the file; a torn or damaged end costs only what is torn or damaged.
        private_key: raw X25519 private key, 32 bytes.

    Raises:
        ValueError: this is not a segment, or it was sealed to another key.
    """
    entries = look(segment).entries
    try:
        key = _suite().decrypt(
            segment[len(MAGIC) + 2 : HEADER_BYTES], X25519PrivateKey.from_private_bytes(private_key), _INFO
        )
    except InvalidTag:
        raise ValueError("sealed to another key") from None
    cipher = AESGCM(key)
    found: list[tuple[str, bytes]] = []
    for count, entry in enumerate(entries):
        try:
            record = cipher.decrypt(count.to_bytes(12), entry.sealed, entry.before + entry.record_id.encode())
        except InvalidTag:
            continue
        found.append((entry.record_id, record))
    return found
