"""Joining a service, and opening what came of it. No window here: the first-run screen and the demo both call this."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.problem import Problem
from modstation.store import meta, vault
from modstation.store.vault import Locks, Vault
from modstation.sync import enrolment
from modstation.sync.enrolment import Enrolment
from modstation.system.clock import Clock
from modstation.system.keyring import KeyringLock, called
from modstation.wire.envelope import fingerprint

if TYPE_CHECKING:
    from modstation.sync.enrol import Introduction


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known before this computer is protected.

    Attributes:
        person: whom the code is for; empty when the service is too old to say.
        until: when the code ends.
        backend: what the keyring is called; empty when there is none that can be used.
        no_keyring: why not.
    """

    person: str
    until: datetime | None
    backend: str
    no_keyring: Problem | None


def look_ahead(met: "Introduction", code: str, clock: Clock, keyring: Callable[[], KeyringLock | None]) -> Prospect:
    """Ask the service that was `met` whether the code is good, and then the keyring. Nothing is written anywhere.

    Raises:
        Problem: what the network or the service say, among it the refusal of a code that can't be used.
    """
    from modstation.sync import enrol  # noqa: PLC0415 - see `join`

    good = enrol.check(met, code, clock)
    person, until = (good.person_name, good.expires_at) if good else ("", None)
    try:
        return Prospect(person, until, _asked(keyring()), None)
    except Problem as problem:
        return Prospect(person, until, "", problem)


def _asked(keyring: KeyringLock | None) -> str:
    """What a keyring that answers is called."""
    if keyring is None:
        raise Problem("keyring.absent", "This computer has no keyring that can be used.")
    keyring.get("probe")
    return called(keyring.backend)


def join(
    folder: Path,
    met: "Introduction",
    code: str,
    device_name: str,
    locks: Locks,
    clock: Clock,
    device_key: Ed25519PrivateKey,
) -> None:
    """Make the vault, then enrol with the service that was `met` and keep the enrolment in it.

    The vault comes first: a keyring that fails must not cost a code. When enrolling fails the vault stays, empty, and
    the next attempt uses it. `device_key` is the one whose fingerprint the person compared.

    Raises:
        Problem: ``vault.exists`` when this station has joined already; what the keyring, the vault, the network or
            the service say.
    """
    from modstation.sync import enrol  # noqa: PLC0415 - once in a station's life; a start does without

    made = vault.open_(folder, locks) if vault.exists(folder) else vault.create(folder, locks)
    try:
        if _kept(made) is not None:
            raise Problem("vault.exists", "This station has joined a service already.", "Close this and open it again.")
        joined = enrol.enrol(met, code, device_name, clock, new_key=lambda: device_key)
        made.writer.run(lambda db: meta.put(db, enrolment.META_KEY, enrolment.dump(joined)))
        made.keep_enrolment(enrolment.dump(joined))
    finally:
        made.close()


def follow(folder: Path, met: "Introduction", locks: Locks) -> bool:
    """Tell a station that has joined where its service, which was `met`, is now. False when it has not joined yet.

    Raises:
        Problem: ``sync.other_service`` when it is not the one that was joined; what the keyring or the vault say.
    """
    from modstation.sync import enrol  # noqa: PLC0415 - see `join`

    opened = vault.open_(folder, locks)
    try:
        text = _kept(opened)
        if text is None:
            return False
        known = enrolment.load(text)
        if enrol.keys_of(met.card) != known.keys:
            raise _other_service(known)
        if known.base_url != met.base_url:
            moved = enrolment.dump(replace(known, base_url=met.base_url))
            opened.writer.run(lambda db: meta.put(db, enrolment.META_KEY, moved))
            opened.keep_enrolment(moved)
    finally:
        opened.close()
    return True


def join_again(opened: Vault, before: Enrolment, code: str, clock: Clock) -> Enrolment:
    """Make a computer that was signed out a device again, in the vault it has; returns what it is now.

    Vault key and device key stay, so that its journal can still be opened and proven; see `sync.rejoin` for the rest.
    Address and fingerprint are those of the enrolment `before`.

    Raises:
        Problem: ``sync.other_service`` when another service answers there, ``enrol.code_of_other`` for a code of
            another person: then nothing has changed here. What the network or the service say.
    """
    from modstation.sync import enrol, rejoin  # noqa: PLC0415 - seldom, if ever, in a station's life

    met = enrol.card(before.base_url, clock)
    if enrol.keys_of(met.card) != before.keys:
        raise _other_service(before)
    key = Ed25519PrivateKey.from_private_bytes(before.device_key)
    joined = enrol.enrol(met, code, computer(), clock, new_key=lambda: key, person_id=before.person_id)
    if joined.person_id != before.person_id:
        title = f"This code was made for {joined.person_name}, and this cache belongs to {before.person_name}."
        raise Problem("enrol.code_of_other", title, "Ask your lead for a code of your own.")
    opened.writer.run(lambda db: rejoin.begin_afresh(db, joined))
    opened.keep_enrolment(enrolment.dump(joined))
    return joined


def _other_service(joined: Enrolment) -> Problem:
    title = f"This cache belongs to {joined.service_name}, and another service answers at its address."
    advice = f"The fingerprint of {joined.service_name} is {fingerprint(joined.signing_key)}. Ask your lead."
    return Problem("sync.other_service", title, advice, joined.base_url)


def computer() -> str:
    """What this computer is called at the service."""
    return platform.node() or "station"


def enrolment_of(opened: Vault) -> Enrolment:
    """The enrolment kept in a vault.

    Raises:
        Problem: ``vault.not_enrolled`` for a vault whose making was interrupted.
    """
    kept = _kept(opened)
    if kept is None:
        raise Problem(
            "vault.not_enrolled", "This station has not joined a service yet.", "Join with a code from your lead."
        )
    if not opened.keeps_enrolment:  # joined before there was a copy of it
        opened.keep_enrolment(kept)
    return enrolment.load(kept)


def _kept(opened: Vault) -> str | None:
    reader = opened.reader()
    try:
        return meta.get(reader, enrolment.META_KEY)
    finally:
        reader.close()
