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
from modstation.ui.text import tr, trn
from modstation.ui.window.again import Again
from modstation.ui.window.joining import Joining

if TYPE_CHECKING:
    from modstation.ui.screens.problem import ProblemScreen
    from modstation.ui.screens.unlock import Unlock

KEYRING, PASSPHRASE = "keyring", "passphrase"
"""What opens a vault."""

ASKING = frozenset({"vault.wrong_key", "vault.needs_passphrase", "vault.no_keyring"})
"""Problems that another passphrase may solve; the others keep the station closed and are told on their own screen."""

UNREAD = frozenset({"vault.damaged", "vault.key_missing"})
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
        unlock_wanted(str): open the vault with this passphrase; empty for the keyring.
        set_aside_wanted(): keep the cache that can't be opened beside, and join again.
        rebuild_wanted(): put an empty cache in the place of the damaged one, which is kept beside.
        changed(): another screen is up.

    Attributes:
        joining: the first run.
        again: joining again, after the service has signed this computer out.
    """

    unlock_wanted = Signal(str)
    set_aside_wanted = Signal()
    rebuild_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blank = QWidget()
        self._rebuilds = False
        self.joining = Joining(self, self._put)
        self.again = Again(self, self._put)
        self._ways = frozenset({KEYRING})
        self.addWidget(self.blank)

    @cached_property
    def unlock(self) -> "Unlock":
        """The lock."""
        from modstation.ui.screens.unlock import Unlock  # noqa: PLC0415 - see the top

        screen = Unlock()
        screen.unlock_wanted.connect(self.unlock_wanted)
        screen.keyring_wanted.connect(lambda: self.unlock_wanted.emit(""))
        screen.lost.connect(self._passphrase_lost)
        return screen

    @cached_property
    def problem(self) -> "ProblemScreen":
        """What keeps the station from opening."""
        from modstation.ui.screens.problem import ProblemScreen  # noqa: PLC0415 - see the top

        screen = ProblemScreen()
        screen.step_wanted.connect(self._step)
        screen.other_wanted.connect(self.set_aside_wanted)
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
        self.joining.forget()
        self.again.forget()

    def show_lock(
        self, ways: frozenset[str], saved_here: int, given_back: int | None = None, problem: Problem | None = None
    ) -> None:
        """The vault was closed: `ways` open it again (`KEYRING`, `PASSPHRASE`); so many decisions wait to be sent.

        At the end of a shift so many items were given back; `problem` is what went wrong with that.
        """
        self._ways = ways
        self.unlock.forget()
        told = trn(
            "{n} decision is saved here and will be sent.", "{n} decisions are saved here and will be sent.", saved_here
        )
        facts = [Fact("saved", told)] if saved_here else []
        if given_back is not None:
            words = trn("{n} item was given back.", "{n} items were given back.", given_back)
            facts.insert(0, Fact("accepted", tr("Your shift is over. {given}", given=words)))
        self.unlock.show_facts(facts)
        self._ask(problem)

    def show_locked(self, problem: Problem, ways: frozenset[str]) -> None:
        """The vault did not open: ask for what opens it, or say why nothing will; `ways` as in `show_lock`."""
        if problem.code.startswith("vault.") and problem.code not in ASKING:
            self.show_problem(problem)
            return
        self._ways = ways or self._ways
        # Being asked for a passphrase is nothing that went wrong.
        self._ask(None if problem.code == "vault.needs_passphrase" else problem)

    def show_problem(self, problem: Problem, safe: Sequence[str] = ()) -> None:
        """Tell a problem that keeps the station from opening; `safe` says what is not lost."""
        here = tr("Nothing on this computer was changed.")
        unread = problem.code in UNREAD  # what can't be opened is not called kept
        kept = (
            (tr("Nothing was deleted."), here) if unread else (tr("Everything decided here is kept, encrypted."), here)
        )
        other = tr("Keep the cache aside and join again") if problem.code in SET_ASIDE else ""
        self._rebuilds = problem.code == "vault.damaged"
        step = tr("Rebuild the cache") if self._rebuilds else tr("Try again")
        self.problem.show_problem(problem, safe or kept, step, other)
        self._put(self.problem)

    def _step(self) -> None:
        if self._rebuilds:
            self.rebuild_wanted.emit()
        else:
            self.unlock_wanted.emit("")

    def _passphrase_lost(self) -> None:
        self.show_problem(
            Problem(
                "vault.passphrase_lost",
                tr("Without its passphrase this cache stays closed."),
                tr("Nobody can look it up. Keep the cache aside and join again with a new code from your lead."),
            )
        )

    def _ask(self, problem: Problem | None) -> None:
        self.unlock.busy(False)
        self.unlock.show_ways(keyring=KEYRING in self._ways, passphrase=PASSPHRASE in self._ways)
        self._put(self.unlock)
        if problem is not None:
            # What is wrong, and beneath it what to do: run together, the last word stands alone in a second line.
            self.unlock.show_problem("\n".join(filter(None, (problem.title, problem.advice))))

    def _has(self, screen: str) -> bool:
        return screen in vars(self)  # where a cached property keeps what it made

    def _put(self, screen: QWidget) -> None:
        if self.indexOf(screen) < 0:
            self.addWidget(screen)
        self.setCurrentWidget(screen)
        self.changed.emit()
        screen.setFocus()
