"""What an enrolled computer keeps, apart from how it enrols: a start needs this much and no network."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.ids import DeviceId, PersonId
from modstation.store.keepsake import META_KEY
from modstation.wire.envelope import record_bytes

__all__ = ["META_KEY", "Enrolment", "Keys", "dump", "load"]  # the caller keeps `dump` in `meta` under `META_KEY`


@dataclass(frozen=True, slots=True)
class Keys:
    """The service's public keys, raw, as pinned at enrolment: `signing` Ed25519, `sealing` X25519."""

    signing: bytes
    sealing: bytes


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What makes this computer a device. Secret: `token` and `device_key` (Ed25519 private key, raw)."""

    base_url: str
    service_name: str
    device_id: DeviceId
    person_id: PersonId
    person_name: str
    signing_key: bytes
    sealing_key: bytes
    token: str = field(repr=False)
    device_key: bytes = field(repr=False)

    @property
    def keys(self) -> Keys:
        """The pinned keys of the service."""
        return Keys(self.signing_key, self.sealing_key)

    def signer(self) -> Callable[[str, bytes], bytes]:
        """Signs records of the journal, given their id and their bytes, with the device's key."""
        key = Ed25519PrivateKey.from_private_bytes(self.device_key)
        return lambda record_id, record: key.sign(record_bytes(record_id, record))


def dump(enrolment: Enrolment) -> str:
    """The enrolment as text for the vault's `meta`."""
    return msgspec.json.encode(asdict(enrolment)).decode()


def load(text: str) -> Enrolment:
    """What `dump` made. Raises `msgspec.ValidationError` for anything else: nobody but us writes it."""
    return msgspec.json.decode(text, type=Enrolment)
