"""The service's two private keys: one signs receipts and replies, the other opens the stations' journals.

They are made once, at the first start, and kept in the data folder, readable by its owner only. Stations know the
public halves; so when the file is gone from beside a database that has seen stations, that is an error to explain,
never a reason to make new ones.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.problem import Problem
from modstation.system.files import write_whole
from modstation.wire import envelope
from modstation.wire.decision import Receipt

FILE_NAME = "service.key"


@dataclass(frozen=True, slots=True)
class Keys:
    """Both key pairs."""

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey

    @property
    def signing_public(self) -> str:
        """The Ed25519 public key, raw, base64."""
        return base64.b64encode(self.signing.public_key().public_bytes_raw()).decode()

    @property
    def sealing_public(self) -> str:
        """The X25519 public key, raw, base64."""
        return base64.b64encode(self.sealing.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """An Ed25519 signature, base64."""
        return base64.b64encode(self.signing.sign(message)).decode()

    def sign_receipt(self, receipt: Receipt) -> Receipt:
        """The receipt with its signature filled in."""
        return msgspec.structs.replace(receipt, signature=self.sign(envelope.receipt_bytes(receipt)))


def open_keys(data_folder: Path, random: Callable[[int], bytes], known_public: str | None) -> Keys:
    """Read the keys, or make them at the first start.

    Args:
        data_folder: holds ``service.key``.
        random: gives that many random bytes.
        known_public: the signing key the database remembers; None at the first start.

    Raises:
        Problem: ``service.keys_missing`` or ``service.keys_foreign`` when the file is not the one the database belongs
            to; ``service.keys_unreadable`` when it is not a key file.
    """
    file = data_folder / FILE_NAME
    if file.exists():
        keys = _read(file)
        if known_public not in {None, keys.signing_public}:
            raise Problem("service.keys_foreign", "The key file does not belong to this database.", _ADVICE, str(file))
        return keys
    if known_public is not None:
        raise Problem("service.keys_missing", "The service's key file is missing.", _ADVICE, str(file))
    keys = Keys(Ed25519PrivateKey.from_private_bytes(random(32)), X25519PrivateKey.from_private_bytes(random(32)))
    _write(file, keys)
    return keys


_ADVICE = "Put the key file back from the backup; stations refuse a service with another key."


def _write(file: Path, keys: Keys) -> None:
    body = {
        "format": 1,
        "signing": base64.b64encode(keys.signing.private_bytes_raw()).decode(),
        "sealing": base64.b64encode(keys.sealing.private_bytes_raw()).decode(),
    }
    write_whole(file, json.dumps(body).encode())


def _read(file: Path) -> Keys:
    try:
        body = json.loads(file.read_text())
        signing, sealing = (base64.b64decode(body[name], validate=True) for name in ("signing", "sealing"))
        return Keys(Ed25519PrivateKey.from_private_bytes(signing), X25519PrivateKey.from_private_bytes(sealing))
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("service.keys_unreadable", "The key file can't be read.", _ADVICE, str(file)) from error
