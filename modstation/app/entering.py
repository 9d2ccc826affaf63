"""Joining for the first time, screen by screen: the address, the code, the fingerprints, what protects the vault."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.app import joining
from modstation.app.mending import OffScreen
from modstation.core.problem import Problem
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.system.clock import Clock
from modstation.system.keyring import KeyringLock
from modstation.ui.window.shell import Shell
from modstation.wire.envelope import fingerprint

if TYPE_CHECKING:
    from modstation.sync.enrol import Introduction


class Entering:
    """Lives on the screen's thread.

    Attributes:
        just_joined: the vault that opens next has only just joined.

    Args:
        folder: the station's folder.
        clock: the time.
        shell: the window.
        keyring: the keyring of this session, or None; asked on the worker.
        locks: what a passphrase opens, or the keyring when it is empty.
        off_screen: runs what takes time.
        unlock: opens the vault that has joined.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        shell: Shell,
        keyring: Callable[[], KeyringLock | None],
        locks: Callable[[str], Locks],
        off_screen: OffScreen,
        unlock: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._screens = shell.entrance.joining
        self._keyring = keyring
        self._locks = locks
        self._off_screen = off_screen
        self._unlock = unlock
        self._device_key = Ed25519PrivateKey.generate()
        self._met: Introduction | None = None
        self._code = ""
        self._made: str | None = None  # what protects a vault that has not joined yet: a passphrase, or "": the keyring
        self.just_joined = False
        self._screens.address_entered.connect(self._meet)
        self._screens.join_wanted.connect(self._join)
        self._screens.protect_wanted.connect(self._protect)

    def begin(self) -> None:
        """Ask for a service."""
        self._screens.begin()

    def go_on(self, passphrase: str) -> None:
        """Joining was interrupted: the vault that this opens is there, and has not joined."""
        self._made = passphrase
        self.begin()

    def begin_anew(self) -> None:
        """The vault that was there is kept aside: the next one is protected afresh."""
        self._made = None

    def _meet(self, address: str) -> None:
        def met(introduction: "Introduction") -> None:
            self._met = introduction
            ours = fingerprint(self._device_key.public_key().public_bytes_raw())
            self._screens.show_service(introduction.base_url, introduction.card.name, introduction.fingerprint, ours)

        self._off_screen(lambda: _introduction(address, self._clock), met, self._screens.show_no_service)

    def _join(self, code: str) -> None:
        met, self._code = self._met, code
        if self._made is not None:
            self._protect(self._made)  # chosen already; only the code was not taken
        elif met is not None:
            self._off_screen(
                lambda: joining.look_ahead(met, code, self._clock, self._keyring),
                lambda told: self._screens.show_protect(told.backend, told.no_keyring, told.person, told.until),
                self._screens.show_problem,
            )

    def _protect(self, passphrase: str) -> None:
        met, code = self._met, self._code
        if met is None:
            return

        def joined(_: None) -> None:
            self.just_joined = True
            self._made, self._code = None, ""
            self._unlock(passphrase)

        def failed(problem: Problem) -> None:
            if vault.exists(self._folder):
                self._made = passphrase
                self._screens.show_not_joined(problem)
            else:
                self._screens.show_problem(problem)

        self._off_screen(
            lambda: joining.join(
                self._folder, met, code, joining.computer(), self._locks(passphrase), self._clock, self._device_key
            ),
            joined,
            failed,
        )


def _introduction(address: str, clock: Clock) -> "Introduction":
    from modstation.sync import enrol  # noqa: PLC0415 - once in a station's life; a start does without

    return enrol.card(address, clock)
