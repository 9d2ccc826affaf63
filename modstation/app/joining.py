"""Joining a service, and opening what came of it. No window here: the first-run screen and the demo both call this."""

from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.problem import Problem
from modstation.store import meta, vault
from modstation.store.vault import Locks, Vault
from modstation.sync import enrolment
from modstation.sync.enrolment import Enrolment
from modstation.system.clock import Clock

if TYPE_CHECKING:
    from modstation.sync.enrol import Introduction

log = structlog.get_logger(__name__)


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
        _keep_copy(made, enrolment.dump(joined))
    finally:
        made.close()


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
        _keep_copy(opened, kept)
    return enrolment.load(kept)


def _keep_copy(opened: Vault, text: str) -> None:
    """For the day the database is damaged; the station works without it, so a disk that refuses is no problem today."""
    try:
        opened.keep_enrolment(text)
    except OSError as error:
        log.warning("enrolment_copy_not_kept", error=type(error).__name__)


def _kept(opened: Vault) -> str | None:
    reader = opened.reader()
    try:
        return meta.get(reader, enrolment.META_KEY)
    finally:
        reader.close()
