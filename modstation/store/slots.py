"""How the database key is locked away: wrapped by a key in the keyring, by a passphrase, or by both.

Each way is a slot in the vault's header; any one of them opens the vault. The database key itself is never written.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modstation.core.problem import Problem
from modstation.system.keyring import KeyringLock


@dataclass(frozen=True, slots=True)
class Locks:
    """What the person or the machine offers to lock or unlock a vault with; at least one."""

    keyring: KeyringLock | None = None
    passphrase: str | None = field(default=None, repr=False)


class KeyringSlot(msgspec.Struct, frozen=True, tag_field="lock", tag="keyring", forbid_unknown_fields=True):
    """Wrapped by 32 random bytes kept in the keyring `backend` under `name`."""

    backend: str
    name: str
    nonce: bytes
    wrapped: bytes


class PassphraseSlot(msgspec.Struct, frozen=True, tag_field="lock", tag="passphrase", forbid_unknown_fields=True):
    """Wrapped by Argon2id of a passphrase. Bounds keep a forged header from eating the machine's memory."""

    salt: bytes
    nonce: bytes
    wrapped: bytes
    time_cost: Annotated[int, msgspec.Meta(ge=1, le=20)] = 4
    memory_kib: Annotated[int, msgspec.Meta(ge=8 * 1024, le=1024 * 1024)] = 96 * 1024
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2


Slot = KeyringSlot | PassphraseSlot


def make(locks: Locks, vault_id: str, key: bytes, entropy: Callable[[int], bytes]) -> tuple[Slot, ...]:
    """Wrap the database key in every way `locks` offers.

    Raises:
        Problem: ``vault.no_lock`` when it offers none; what the keyring raises.
    """
    slots: list[Slot] = []
    if locks.keyring is not None:
        wrapping, nonce, name = entropy(32), entropy(12), f"vault/{vault_id}"
        locks.keyring.put(name, wrapping)
        wrapped = AESGCM(wrapping).encrypt(nonce, key, _bound(vault_id, "keyring"))
        slots.append(KeyringSlot(locks.keyring.backend, name, nonce, wrapped))
    if locks.passphrase is not None:
        blank = PassphraseSlot(entropy(16), entropy(12), b"")
        wrapping = _stretch(locks.passphrase, blank)
        wrapped = AESGCM(wrapping).encrypt(blank.nonce, key, _bound(vault_id, "passphrase"))
        slots.append(msgspec.structs.replace(blank, wrapped=wrapped))
    if not slots:
        raise Problem(
            "vault.no_lock",
            "There is nothing to lock the cache with: this computer offers no keyring.",
            "Choose a passphrase.",
        )
    return tuple(slots)


def open_slots(slots: tuple[Slot, ...], locks: Locks, vault_id: str) -> bytes:
    """The database key, by the passphrase when one is given and can be used, else by the keyring.

    Raises:
        Problem: ``vault.wrong_key``, ``vault.needs_passphrase``, ``vault.key_missing``, ``vault.key_mismatch``,
            ``vault.unsafe_keyring``, ``vault.no_keyring``, or what the keyring raises.
    """
    by_passphrase = next((slot for slot in slots if isinstance(slot, PassphraseSlot)), None)
    by_keyring = next((slot for slot in slots if isinstance(slot, KeyringSlot)), None)
    if by_passphrase is not None and locks.passphrase is not None:
        return _by_passphrase(by_passphrase, locks.passphrase, vault_id)
    if by_keyring is None:
        raise Problem("vault.needs_passphrase", "The cache is locked with a passphrase.", "Enter it.")
    try:
        return _by_keyring(by_keyring, locks.keyring, vault_id)
    except Problem as problem:
        if by_passphrase is None:
            raise
        raise Problem(problem.code, problem.title, "Enter the passphrase instead.", problem.place) from problem


def _by_passphrase(slot: PassphraseSlot, passphrase: str, vault_id: str) -> bytes:
    try:
        return AESGCM(_stretch(passphrase, slot)).decrypt(slot.nonce, slot.wrapped, _bound(vault_id, "passphrase"))
    except InvalidTag:
        raise Problem(
            "vault.wrong_key", "This is not the passphrase of this cache.", "Try again; nothing was changed."
        ) from None


def _by_keyring(slot: KeyringSlot, keyring: KeyringLock | None, vault_id: str) -> bytes:
    if keyring is None:
        raise Problem(
            "vault.no_keyring",
            "The key of the cache is in a keyring that can't be reached.",
            "Log in to the desktop session that the cache was made in.",
            slot.backend,
        )
    if keyring.backend != slot.backend:
        raise Problem(
            "vault.unsafe_keyring",
            "The key of the cache is in another keyring than the one this computer offers now.",
            f"Make {slot.backend} available again; it is {keyring.backend} now.",
            slot.backend,
        )
    wrapping = keyring.get(slot.name)
    if wrapping is None:
        raise Problem(
            "vault.key_missing",
            "The keyring does not hold the key of the cache any more.",
            "Restore the keyring, or join again with a new code.",
            slot.name,
        )
    try:
        return AESGCM(wrapping).decrypt(slot.nonce, slot.wrapped, _bound(vault_id, "keyring"))
    except (InvalidTag, ValueError):
        raise Problem(
            "vault.key_mismatch",
            "The keyring holds another key under the name of this cache.",
            "Restore the keyring, or join again with a new code.",
            slot.name,
        ) from None


def _stretch(passphrase: str, slot: PassphraseSlot) -> bytes:
    # Here, not above: a start by the keyring does without.
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415

    text = unicodedata.normalize("NFC", passphrase)
    return hash_secret_raw(text.encode(), slot.salt, slot.time_cost, slot.memory_kib, slot.lanes, 32, Type.ID)


def _bound(vault_id: str, way: str) -> bytes:
    return f"modstation vault v1|{vault_id}|{way}".encode()
