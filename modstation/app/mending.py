"""What is done when a cache can't be opened or trusted: rebuild it, keep it aside, and tell what was found again.

Nothing is ever deleted here. A damaged cache is rebuilt under its own key, and its journal finds the decisions again;
one without its key is kept aside, and its journal goes up after joining again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.store import checkup, header, vault
from modstation.store.vault import Locks, Vault
from modstation.system.clock import Clock
from modstation.ui.text import tr, trn
from modstation.ui.window.entrance import ASKING
from modstation.ui.window.shell import Shell

DAMAGED = "vault.damaged"


class OffScreen(Protocol):
    """Runs a job on the worker; exactly one of the other two follows on the screen's thread."""

    def __call__(self, job: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Problem], None]) -> None:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """What the station does for it.

    Attributes:
        locks: what a passphrase opens, or the keyring when it is empty.
        opened: goes on with a vault that is open.
        stop: closes the vault, if it is open, and shows something.
        begin_to_join: asks for a service.
    """

    off_screen: OffScreen
    locks: Callable[[str], Locks]
    opened: Callable[[Vault, str], None]
    stop: Callable[[Callable[[], None]], None]
    begin_to_join: Callable[[], None]


class Mending:
    """Lives on the screen's thread."""

    def __init__(self, folder: Path, clock: Clock, shell: Shell, hands: Hands) -> None:
        self._folder = folder
        self._clock = clock
        self._shell = shell
        self._hands = hands
        self._passphrase = ""  # kept only from a cache that would not open to its rebuilding
        self._rebuilds = False
        self._told = SyncStatus()

    def unlock(self, passphrase: str) -> bool:
        """A passphrase was given: whether it was asked for to rebuild, which begins then."""
        if self._rebuilds:
            self._passphrase = passphrase
            self.rebuild()
            return True
        return False

    def refused(self, problem: Problem, passphrase: str) -> None:
        """The vault did not open."""
        self._passphrase = passphrase if problem.code == DAMAGED else ""
        self._shell.entrance.show_locked(problem, header.ways(self._folder))

    def failed(self, problem: Problem) -> None:
        """Something went wrong at work: a damaged vault is closed at once, anything else is only told."""
        if problem.code == checkup.MENDED and self._shell.workplace is not None:
            self._shell.workplace.notice(f"{problem.title} {problem.advice}")
        elif problem.code == DAMAGED:
            self._hands.stop(lambda: self._shell.entrance.show_problem(problem))
        else:
            self._shell.show_failed(problem)

    def heard(self, status: SyncStatus) -> None:
        """How things stand with the service; tells in numbers what was found again."""
        if status.problem is not None and status.problem.code == DAMAGED:
            self.failed(status.problem)
            return
        self._shell.show_status(status)
        before, self._told = self._told, status
        place = self._shell.workplace
        if place is None:
            return
        # That it is being done, and how far it is, the strip says by itself.
        if status.rechecking is None and before.rechecking is not None:
            if status.recovered or not status.unprovable:
                place.notice(_found(status.recovered, others=bool(status.unprovable)))
            if status.unprovable:
                self._shell.show_failed(_unprovable(status.unprovable))

    def rebuild(self) -> None:
        """Put an empty cache in the place of the damaged one."""
        name, passphrase = self._name(), self._passphrase

        def job() -> tuple[Vault, int]:
            made = vault.rebuild(self._folder, self._hands.locks(passphrase), name)
            return made, len(made.journal_ids())

        def done(rebuilt: tuple[Vault, int]) -> None:
            self._rebuilds, self._passphrase = False, ""
            self._told = SyncStatus()
            made, in_journal = rebuilt
            self._hands.opened(made, passphrase)
            self._shell.show_failed(_rebuilt(in_journal, self._folder / name))

        def failed(problem: Problem) -> None:
            self._rebuilds = problem.code in ASKING
            self._passphrase = ""
            if self._rebuilds:
                self._shell.entrance.show_locked(problem, header.ways(self._folder))
            else:
                self._shell.entrance.show_problem(problem)

        self._hands.off_screen(job, done, failed)

    def set_aside(self) -> None:
        """Keep a cache that nothing opens beside, and join again."""
        name = self._name()
        self._rebuilds = False

        def job() -> Path:
            try:
                return vault.set_aside(self._folder, name)
            except OSError as error:
                raise _not_written(error) from error

        self._hands.off_screen(job, lambda _: self._hands.begin_to_join(), self._shell.entrance.show_problem)

    def _name(self) -> str:
        return f"aside-{self._clock.now():%Y%m%d-%H%M%S}"


def _rebuilt(in_journal: int, aside: Path) -> Problem:
    title = tr("The cache was rebuilt.")
    if in_journal:
        title = trn(
            "Cache rebuilt: {n} decision was sent for recovery.",
            "Cache rebuilt: {n} decisions were sent for recovery.",
            in_journal,
        )
    where = tr(
        "Nothing was deleted: the damaged cache is kept in {folder}. Your items were asked for again.", folder=aside
    )
    return Problem("vault.rebuilt", title, where)


def _found(recovered: int, *, others: bool) -> str:
    if not recovered:
        return tr("The service knows every decision.")
    if others:
        return trn("{n} other decision was found again.", "{n} other decisions were found again.", recovered)
    return trn("{n} decision was found again.", "{n} decisions were found again.", recovered)


def _unprovable(count: int) -> Problem:
    title = trn("{n} decision could not be proven.", "{n} decisions could not be proven.", count)
    advice = trn(
        "Nobody can prove any more what it said. What is left of its safety copy stays on this computer. Tell your"
        " lead.",
        "Nobody can prove any more what they said. What is left of their safety copies stays on this computer. Tell"
        " your lead.",
        count,
    )
    return Problem("recovery.unprovable", title, advice)


def _not_written(error: OSError) -> Problem:
    return Problem(
        "vault.not_written",
        tr("The disk did not take the new cache."),
        tr("Free some space, then try again. Nothing was deleted."),
        type(error).__name__,
    )
