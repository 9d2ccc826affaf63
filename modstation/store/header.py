"""``vault.json``: what must be known of a vault before its key is."""

import hashlib
import hmac
from pathlib import Path
from typing import Annotated

import msgspec

from modstation.core.problem import Problem
from modstation.store.slots import Slot
from modstation.system.files import write_whole

FORMAT = 1
NAME = "vault.json"


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header.

    Attributes:
        format: of the whole vault folder.
        schema: steps the database has seen (`migrations`).
        cipher: how the database is encrypted, for whoever has the key and another program.
        check: HMAC-SHA256 of the vault's id under the database key: tells a wrong key from a damaged database.
    """

    format: int
    vault_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    schema: Annotated[int, msgspec.Meta(ge=0)]
    cipher: str
    check: bytes
    slots: tuple[Slot, ...]


class _Glimpse(msgspec.Struct):
    """The part of a header that every version will have."""

    format: int
    schema: int


def key_check(key: bytes, vault_id: str) -> bytes:
    """See `Header.check`."""
    return hmac.new(key, f"modstation vault check|{vault_id}".encode(), hashlib.sha256).digest()


def write(path: Path, header: Header) -> None:
    """Replace the header file, wholly or not at all."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(header)) + b"\n")


def read(path: Path, newest_schema: int) -> Header:
    """Read a header.

    Raises:
        Problem: ``vault.header_damaged``, ``vault.from_future``.
    """
    text = path.read_bytes()
    try:
        glimpse = msgspec.json.decode(text, type=_Glimpse)
        if glimpse.format > FORMAT or glimpse.schema > newest_schema:
            raise from_future()
        return msgspec.json.decode(text, type=Header)
    except msgspec.DecodeError as error:
        raise damaged(str(error)) from None


def ways(folder: Path) -> frozenset[str]:
    """What opens the vault in `folder`: ``keyring``, ``passphrase`` or both; nothing when its header can't be read."""
    try:
        found = msgspec.json.decode((folder / NAME).read_bytes(), type=Header)
    except (OSError, msgspec.DecodeError):
        return frozenset()
    return frozenset(str(slot.__struct_config__.tag) for slot in found.slots)


def damaged(place: str) -> Problem:
    """The header can't be what was written."""
    return Problem(
        "vault.header_damaged",
        "The file that describes the cache is damaged.",
        "Restore vault.json from a copy, or join again with a new code.",
        place,
    )


def from_future() -> Problem:
    """The vault was written by a newer ModStation."""
    return Problem(
        "vault.from_future",
        "This cache was written by a newer ModStation.",
        "Update ModStation.",
    )
