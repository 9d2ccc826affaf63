"""What stands before the desk: joining, unlocking, or a problem that keeps the station from opening.

A station that opens by itself shows none of this: every screen is loaded and built when it is first put up.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from modstation.core.problem import Problem
from modstation.ui.pieces.facts import Fact
from modstation.ui.screens.step import FirstRunStep
from modstation.ui.text import tr

if TYPE_CHECKING:
    from modstation.ui.screens.firstrun import FirstRun
    from modstation.ui.screens.problem import ProblemScreen
    from modstation.ui.screens.unlock import Unlock

ASKING = frozenset({"vault.wrong_key", "vault.needs_passphrase", "vault.no_keyring"})
"""Problems that another passphrase may solve; the others keep the station closed and are told on their own screen."""

SET_ASIDE = frozenset(
    {
        "vault.passphrase_lost",
        "vault.damaged",
        "vault.key_missing",
        "vault.key_mismatch",
        "vault.header_missing",
        "vault.header_damaged",
    }
)
"""Problems that leave one way on: keep the cache as it is, beside, and join again."""


class Entrance(QStackedWidget):
    """The screens before the desk.

    Signals:
        address_entered(str), join_wanted(str), protect_wanted(str): joining; the last two give code and passphrase.
        unlock_wanted(str): open the vault with this passphrase; empty for the keyring.
        set_aside_wanted(): keep the cache that can't be opened beside, and join again.
        stopped(): the fingerprints differ: leave.
        passed(): joined, and the person wants the desk.
        changed(): another screen is up.
    """

    address_entered = Signal(str)
    join_wanted = Signal(str)
    protect_wanted = Signal(str)
    unlock_wanted = Signal(str)
    set_aside_wanted = Signal()
    stopped = Signal()
    passed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blank = QWidget()
        self._by_keyring = True
        self.addWidget(self.blank)

    @cached_property
    def first_run(self) -> "FirstRun":
        """Joining, step by step."""
        from modstation.ui.screens.firstrun import FirstRun  # noqa: PLC0415 - see the top

        screen = FirstRun()
        screen.address_entered.connect(self.address_entered)
        screen.join_wanted.connect(self._join)
        screen.protect_wanted.connect(self._protect)
        screen.stopped.connect(self.stopped)
        screen.finished.connect(self.passed)
        self.addWidget(screen)
        return screen

    @cached_property
    def unlock(self) -> "Unlock":
        """The lock."""
        from modstation.ui.screens.unlock import Unlock  # noqa: PLC0415 - see the top

        screen = Unlock()
        screen.unlock_wanted.connect(self.unlock_wanted)
        screen.keyring_wanted.connect(lambda: self.unlock_wanted.emit(""))
        screen.lost.connect(self._passphrase_lost)
        self.addWidget(screen)
        return screen

    @cached_property
    def problem(self) -> "ProblemScreen":
        """What keeps the station from opening."""
        from modstation.ui.screens.problem import ProblemScreen  # noqa: PLC0415 - see the top

        screen = ProblemScreen()
        screen.step_wanted.connect(lambda: self.unlock_wanted.emit(""))
        screen.other_wanted.connect(self.set_aside_wanted)
        self.addWidget(screen)
        return screen

    def show_nothing(self) -> None:
        """The vault is closed, and nothing of it stays in the window."""
        self._put(self.blank)

    def show_opening(self) -> None:
        """The vault is being opened: what is up waits, rather than something that flashes by."""
        if self._has("unlock"):
            self.unlock.busy(True)

    def forget(self) -> None:
        """The vault is open: no passphrase stays in a field."""
        if self._has("unlock"):
            self.unlock.forget()
            self.unlock.busy(False)
        if self._has("first_run"):
            self.first_run.protect_page.forget()

    def show_lock(self, *, by_keyring: bool) -> None:
        """The vault was closed; `by_keyring` says what opens it again."""
        self._by_keyring = by_keyring
        self.unlock.forget()
        self.show_locked(None)

    def show_locked(self, problem: Problem | None) -> None:
        """Ask for the vault to be opened; `problem` says why it could not be."""
        if problem is not None and problem.code.startswith("vault.") and problem.code not in ASKING:
            self.show_problem(problem)
            return
        if problem is not None and problem.code == "vault.needs_passphrase":
            self._by_keyring = False
            problem = None  # nothing went wrong: it is only asked for
        self.unlock.busy(False)
        self.unlock.show_keyring(self._by_keyring)
        self.unlock.show_facts([Fact("lock", tr("Everything on this computer is encrypted and closed."))])
        self._put(self.unlock)
        if self._by_keyring:
            self.unlock.keyring.setFocus()
        if problem is not None:
            self.unlock.show_problem(_words(problem))

    def show_problem(self, problem: Problem, safe: Sequence[str] = ()) -> None:
        """Tell a problem that keeps the station from opening; `safe` says what is not lost."""
        kept = (tr("Everything decided here is kept, encrypted."), tr("Nothing on this computer was changed."))
        other = tr("Keep it aside and join again") if problem.code in SET_ASIDE else ""
        self.problem.show_problem(problem, safe or kept, tr("Try again"), other)
        self._put(self.problem)

    def show_first_run(self) -> None:
        """Ask to join a service."""
        self.first_run.go_to(FirstRunStep.JOIN)
        self._put(self.first_run)

    def show_service(self, address: str, name: str, fingerprint: str, device_fingerprint: str) -> None:
        """Who answers at the address that was typed, and who this computer would be."""
        from modstation.ui.screens.join import ServiceCardView  # noqa: PLC0415 - see the top

        self.first_run.show_card(ServiceCardView(name, fingerprint, address.startswith("https")))
        self.first_run.show_device_fingerprint(device_fingerprint)

    def show_no_service(self, problem: Problem) -> None:
        """Why nobody could be asked at the address that was typed."""
        self.first_run.show_card(None, _words(problem))

    def show_join_problem(self, problem: Problem) -> None:
        """Why joining did not work; everything typed stays."""
        self.first_run.busy(False)
        self.first_run.show_problem(_words(problem))

    def show_code_problem(self, problem: Problem) -> None:
        """The service did not take the code: back to it; everything typed stays."""
        self.first_run.busy(False)
        self.first_run.go_to(FirstRunStep.JOIN)
        self.first_run.busy(False)
        self.first_run.show_problem(_words(problem))
        self._put(self.first_run)

    def show_protect(self, backend: str, problem: Problem | None) -> None:
        """Ask how this computer protects the vault; `backend` names its keyring, `problem` says why there is none."""
        self.first_run.busy(False)
        self.first_run.show_keyring(problem is None, backend, problem.title if problem else "")
        self.first_run.go_to(FirstRunStep.PROTECT)

    def show_joined(self, person: str) -> None:
        """Joined: greet, and wait for the person to begin."""
        self.first_run.busy(False)
        self.first_run.show_person(person)
        self.first_run.go_to(FirstRunStep.DONE)
        self._put(self.first_run)

    def _passphrase_lost(self) -> None:
        self.show_problem(
            Problem(
                "vault.passphrase_lost",
                tr("Without its passphrase this cache stays closed."),
                tr("Nobody can look it up. Keep the cache aside and join again with a new code from your lead."),
            )
        )

    def _join(self, _address: str, code: str) -> None:
        self.first_run.busy(True)
        self.join_wanted.emit(code)

    def _protect(self, passphrase: str) -> None:
        self.first_run.busy(True)
        self.protect_wanted.emit(passphrase)

    def _has(self, screen: str) -> bool:
        return screen in vars(self)  # where a cached property keeps what it made

    def _put(self, screen: QWidget) -> None:
        self.setCurrentWidget(screen)
        self.changed.emit()
        screen.setFocus()


def _words(problem: Problem) -> str:
    return " ".join(filter(None, (problem.title, problem.advice)))
