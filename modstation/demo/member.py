"""The demo's station joins the demo's service by itself, and follows it to another port."""

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.app import joining
from modstation.core.problem import Problem
from modstation.demo.process import admin
from modstation.store import header, vault
from modstation.store.vault import Locks
from modstation.sync import enrol
from modstation.system.clock import Clock
from modstation.system.keyring import KeyringLock
from modstation.system.paths import private

PERSON = "heron-12"


def take_part(home: Path, address: str, clock: Clock, keyring: Callable[[], KeyringLock | None]) -> None:
    """Make the station a member of the service at `address`, unless it is one already.

    Whatever an earlier start was cut off in, this one goes on with: a cache that never joined joins now, with a new
    code, and one whose making was cut short is put aside. The demo trusts the service that it has just started itself.

    A cache that has joined and can't be opened is left as it is: the window says what is wrong with it.

    Args:
        home: the demo's folder. Its file ``joined`` names the address that the station knows.
        address: where the service is now.
        clock: the time.
        keyring: gives this session's keyring; asked only if there is something to do.

    Raises:
        Problem: see `joining.join`.
    """
    station, note = private(home / "station"), home / "joined"
    known = note.read_text() if note.exists() and vault.exists(station) else ""
    if known == address:
        return
    if not known and _half_made(station):
        vault.set_aside(station, f"aside-{clock.now():%Y%m%d-%H%M%S}")
    met, locks = enrol.card(address, clock), Locks(keyring=keyring())
    try:
        member = vault.exists(station) and joining.follow(station, met, locks)
    except Problem:
        return
    if not member:
        code = str(admin(home / "service", "enrol-code", PERSON)["code"])
        joining.join(station, met, code, joining.computer(), locks, clock, Ed25519PrivateKey.generate())
    note.write_text(address)


def _half_made(station: Path) -> bool:
    """Whether the making of the vault was cut off just before its end: the database is there, nothing that opens it."""
    return vault.exists(station) and not (station / header.NAME).exists()
