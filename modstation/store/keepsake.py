"""``enrolment.sealed``: what makes this computer a device, beside the database, for the day the database is damaged.

AES-256-GCM under a key derived from the vault's, and bound to the vault's id. Without it a rebuilt cache would have to
ask a person for a code.
"""

from collections.abc import Callable
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from modstation.system.files import write_whole

META_KEY = "enrolment"
"""Where the database keeps the same text, in `meta`."""

_NONCE_BYTES = 12
_log = structlog.get_logger(__name__)


def write(path: Path, key: bytes, vault_id: str, text: str, entropy: Callable[[int], bytes]) -> None:
    """Keep `text`.

    Raises:
        OSError: the file before it is untouched then.
    """
    nonce = entropy(_NONCE_BYTES)
    write_whole(path, nonce + _cipher(key).encrypt(nonce, text.encode(), vault_id.encode()))


def read(path: Path, key: bytes, vault_id: str) -> str | None:
    """What was kept; None when there is nothing, or it is damaged."""
    try:
        kept = path.read_bytes()
        return _cipher(key).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], vault_id.encode()).decode()
    except FileNotFoundError:
        return None
    except (InvalidTag, ValueError):  # a file of less than a nonce is a ValueError
        _log.warning("keepsake_damaged")
        return None


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"modstation enrolment v1").derive(key))
