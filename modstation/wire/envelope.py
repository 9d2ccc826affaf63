"""How a message is proven to come from our service, and how two sides compare what they hold.

Every reply carries ``ModStation-Signature``: Ed25519 over a domain word, the request's ``ModStation-Nonce`` and the
SHA-256 of the body as sent (after compression). A captive portal, a proxy page or a replayed answer can't make it.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from modstation.wire.decision import Receipt

NONCE_HEADER = "ModStation-Nonce"
SIGNATURE_HEADER = "ModStation-Signature"
PROTOCOL_HEADER = "ModStation-Protocol"


def reply_bytes(nonce: str, status: int, body: bytes) -> bytes:
    """What the service signs of a reply: nonce as sent by the station, HTTP status, body as sent."""
    return b"modstation reply v1\0" + nonce.encode() + b"\0%d\0" % status + hashlib.sha256(body).digest()


def receipt_bytes(receipt: Receipt) -> bytes:
    """What the service signs of a receipt: all fields but the signature."""
    unsigned = msgspec.structs.replace(receipt, signature="")
    return b"modstation receipt v1\0" + msgspec.json.encode(unsigned, order="deterministic")


def record_bytes(record_id: str, body: bytes) -> bytes:
    """What the device signs of a record in its journal: the record's id, and its bytes as saved."""
    return b"modstation journal v1\0" + record_id.encode() + b"\0" + body


def digest(held: Iterable[tuple[str, int, int]]) -> str:
    """XOR of SHA-256(``item_id|lease_gen|rev``) over (item_id, lease_gen, rev); order does not matter."""
    total = 0
    for item_id, lease_gen, rev in held:
        total ^= held_hash(item_id, lease_gen, rev)
    return f"{total:064x}"


def held_hash(item_id: str, lease_gen: int, rev: int) -> int:
    """One held item's part in `digest`, for who keeps a running one."""
    return int.from_bytes(hashlib.sha256(f"{item_id}|{lease_gen}|{rev}".encode()).digest())


def fingerprint(key: bytes) -> str:
    """A public key as six groups of four hex digits, to be compared by eye: the first 96 bits of its SHA-256."""
    text = hashlib.sha256(key).hexdigest()[:24].upper()
    return " ".join(text[n : n + 4] for n in range(0, 24, 4))
